"""Companies that are broken at random, to hold the laws to: what `coco simulate` makes is too complete.

Stores go unmapped or by another code, rules hold for a part of the time, files, rows and cells are lost, repeated or
changed, and documents lose and change what they say. Whatever comes, the warehouse builds and the laws hold.

    python tests/python/broken_companies.py 100 120

builds the companies 100 to 119 on DuckDB, some 20 seconds each, and says of each which tests fail.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from cases import Kit
from warehouses import PROJECT, RUN_FOLDER, DbtRun, Warehouse

from coco_warehouse.simulate import simulate

ORDERS = 300
FAULTS = 0.05
# Of the 42 days that the sample has.
FIRST_DAY = "2026-09-20"

# Seeds of rules that may be missing. Where there has to be a rule for each store or day, the seed's own test says so.
OPTIONAL_RULES = (
    *("billing_routes", "dispute_windows", "tolerances", "cancellation_rules", "funding_sources", "line_break_classes"),
    *("statement_charge_types", "statement_line_types", "deposit_descriptions", "matching_passes", "calendar_holidays"),
)

# What may be another number from some day of the sample on.
CHANGING_TERMS = (
    *(("fee_schedules", "commission_rate_bps"), ("fee_schedules", "processing_fixed_cents")),
    *(("pay_cycles", "payday_offset_days"), ("pay_cycles", "bank_lag_days")),
)

# A warning of this law says that a platform's own summary is not the sum of its lines, which a lost row makes true.
WARNED_OF = {"payout_lines_sum_to_payout_summary"}

# Of each kind of thing the share that is broken, from little to much.
SHARES = (0.02, 0.1, 0.4)

Json = Any


@dataclass(frozen=True)
class BrokenCompany:
    """A company's raw files and the copy of the project that its seeds are in."""

    raw: Path
    project: Path


def break_company(folder: Path, seed: int) -> BrokenCompany:
    """Make the company of a number in an empty folder, the same each time."""
    random = Random(seed)
    raw, project = folder / "sample" / "raw", folder / "project"
    simulate(folder / "sample", orders=ORDERS, seed=seed, faults=FAULTS, project_dir=PROJECT)
    Kit().write_project(project)
    break_store_map(random, project / "seeds")
    for name in OPTIONAL_RULES:
        break_rules(random, project / "seeds" / f"{name}.csv")
    change_payees(random, project / "seeds" / "payee_accounts.csv")
    for name, column in CHANGING_TERMS:
        change_terms(random, project / "seeds" / f"{name}.csv", column)
    break_tables(random, sorted((raw / "statements").glob("*/*.csv")))
    break_tables(random, sorted((raw / "bank").glob("*.csv")))
    break_documents(random, sorted((raw / "order_documents").iterdir()))
    return BrokenCompany(raw, project)


def laws_broken(run: DbtRun) -> list[str]:
    """The nodes of a build that failed, less what is only warned of."""
    assert run.results is not None, run.output
    failed = [result.node.name for result in run.results if str(result.status) in ("error", "fail")]
    return sorted(set(failed) - WARNED_OF)


def read_table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write_table(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def break_store_map(random: Random, seeds: Path) -> None:
    """Lose some stores in all seeds, and map others by another code or in another time zone.

    A store that is mapped by several rows stays as it is: a gap between them would stop the build.
    """
    share = random.choice(SHARES)
    header, *rows = read_table(seeds / "store_map.csv")
    column = {name: header.index(name) for name in header}
    row_counts = Counter((row[column["platform"]], row[column["platform_store_id"]]) for row in rows)
    kept = []
    for row in rows:
        is_only_row = row_counts[row[column["platform"]], row[column["platform_store_id"]]] == 1
        drawn = random.random() if is_only_row else 1
        if drawn < share / 2:
            continue
        if drawn < share:
            row[column["partner_store_code"]] += " moved"
        elif drawn < share * 1.2:
            row[column["time_zone"]] = random.choice(["Asia/Tokyo", "Pacific/Honolulu", "UTC"])
        kept.append(row)
    write_table(seeds / "store_map.csv", [header, *kept])
    known = {(row[column["platform"]], row[column["platform_store_id"]]) for row in kept}
    for path in seeds.glob("*.csv"):
        header, *rows = read_table(path)
        if "platform_store_id" in header:
            platform, store = header.index("platform"), header.index("platform_store_id")
            of_known = [row for row in rows if not row[store] or (row[platform], row[store]) in known]
            write_table(path, [header, *of_known])


def break_rules(random: Random, path: Path) -> None:
    """Lose some rows of a seed, and let others begin or end within the sample."""
    share = random.choice(SHARES) / 2
    header, *rows = read_table(path)
    kept = []
    for row in rows:
        drawn = random.random()
        if drawn < share:
            continue
        if drawn < share * 2 and "valid_to" in header and not row[header.index("valid_to")]:
            bound = random.choice(["valid_from", "valid_to"])
            row[header.index(bound)] = f"2026-{random.choice(['09', '10'])}-{random.randint(1, 28):02d}"
        kept.append(row)
    write_table(path, [header, *kept])


def change_payees(random: Random, path: Path) -> None:
    """Let platforms and stores be paid into another account in dollars, in other books, from some day on."""
    share = random.choice(SHARES)
    header, *rows = read_table(path)
    column = {name: header.index(name) for name in header}
    in_dollars = [row for row in rows if row[column["currency_code"]] == "USD"]
    changed = []
    for row in rows:
        changed.append(row)
        if row in in_dollars and random.random() < share:
            ended, begun = day_and_next(random)
            other = random.choice(in_dollars)
            later = row.copy()
            for name in ("bank_account_id", "legal_entity", "merchant_of_record"):
                later[column[name]] = other[column[name]]
            row[column["valid_to"]], later[column["valid_from"]] = ended, begun
            changed.append(later)
    write_table(path, [header, *changed])


def change_terms(random: Random, path: Path, name: str) -> None:
    """Let some rows of a seed end within the sample, and others with another number follow them."""
    share = random.choice(SHARES) / 2
    header, *rows = read_table(path)
    column = {name: header.index(name) for name in header}
    changed = []
    for row in rows:
        changed.append(row)
        if random.random() < share and not row[column["valid_to"]] and row[column["valid_from"]] < FIRST_DAY:
            ended, begun = day_and_next(random)
            later = row.copy()
            later[0] += f"-{random.randrange(10**6)}"
            later[column[name]] = str(max(0, int(row[column[name]]) + random.choice([-1, 1, 2])))
            row[column["valid_to"]], later[column["valid_from"]] = ended, begun
            changed.append(later)
    write_table(path, [header, *changed])


def day_and_next(random: Random) -> tuple[str, str]:
    """A day of the sample and the day after it."""
    ended = date.fromisoformat(FIRST_DAY) + timedelta(days=random.randrange(42))
    return ended.isoformat(), (ended + timedelta(days=1)).isoformat()


def break_tables(random: Random, paths: list[Path]) -> None:
    """Lose some files; of the others lose and repeat rows and change cells, a cell a row."""
    share = random.choice(SHARES)
    for path in paths:
        if random.random() < share / 2:
            path.unlink()
            continue
        rows = read_table(path)
        # Titles may stand before the header, which is the first row as wide as any.
        width = max(map(len, rows))
        first = next(number for number, row in enumerate(rows) if len(row) == width) + 1
        head, body = rows[:first], rows[first:]
        changed = []
        for row in body:
            drawn = random.random()
            if drawn < share / 4:
                continue
            if drawn < share / 2:
                changed.append(row)
            if drawn < share and row:
                number = random.randrange(len(row))
                row = [*row[:number], other_cell(random, row[number], random.choice(body)), *row[number + 1 :]]
            changed.append(row)
        write_table(path, head + changed)


def other_cell(random: Random, cell: str, other_row: list[str]) -> str:
    """Another text for a cell: of its own kind, of none, or one of another row."""
    if re.fullmatch(r"-?\$?-?\d+\.\d\d", cell):
        return random.choice(["", "0.00", "x", "1.234", f"{random.randint(-9999, 9999) / 100:.2f}"])
    if re.match(r"\d{4}-\d\d-\d\d", cell):
        return random.choice(["", "yesterday", "2025-01-01", "2099-01-01", f"2026-10-0{random.randint(1, 9)}"])
    if re.fullmatch(r"[A-Za-z]{3}", cell):
        return random.choice(["", "EUR", "SEK", "GBP", cell.swapcase()])
    return random.choice(["", "1.00", "2026-10-05", cell + "z", cell.swapcase(), random.choice(other_row)])


def break_documents(random: Random, paths: list[Path]) -> None:
    """Lose some files of order documents, and change what a share of the other documents say."""
    share = random.choice(SHARES)
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    external_ids = sorted(set(re.findall(r'externalId\\?": ?\\?"([^"\\]+)', " ".join(texts.values()))))
    for path, text in texts.items():
        if random.random() < share / 5:
            path.unlink()
            continue
        lines = []
        for line in text.splitlines():
            received = json.loads(line)
            if random.random() >= share:
                lines.append(line)
            elif isinstance(received.get("body"), str):
                lines.append(json.dumps(received | {"body": other_document(random, received["body"], external_ids)}))
            else:
                lines.append(other_document(random, line, external_ids))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def other_document(random: Random, text: str, external_ids: list[str]) -> str:
    """The text of a document that says some things otherwise: still JSON, with the same id and version."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    for _ in range(random.randint(1, 4)):
        change = random.choice(["financials", "store", "status", "cancellation", "external_id", *["leaf"] * 5])
        if change == "financials":
            document.pop("rawPlatformFinancials", None)
        elif change == "store":
            document["store"] = (document.get("store") or {}) | {"externalId": random.choice(["nowhere", None, ""])}
        elif change == "status":
            document["status"] = random.choice(["cancelled", "finished", "new", "rejected", "nothing", None])
        elif change == "cancellation":
            document["cancellation"] = {"by": random.choice(["merchant", "platform", "nobody", None]), "reason": None}
        elif change == "external_id":
            document["details"] = (document.get("details") or {}) | {"externalId": random.choice(external_ids)}
        else:
            change_leaf(random, document)
    return json.dumps(document)


def change_leaf(random: Random, document: Json) -> None:
    """Change one leaf of a document: another value of its type, null, or nothing at all."""
    holder, key = random.choice(list(leaves(document)))
    value = holder[key]
    if holder is document and key in ("id", "updatedAt"):
        return
    if key == "currencyCode":
        holder[key] = random.choice([None, "EUR", "SEK", "usd", ""])
    elif isinstance(value, bool):
        holder[key] = random.choice([None, not value])
    elif isinstance(value, int):
        holder[key] = random.choice([None, 0, -value, value + 1, value * 100])
    elif isinstance(value, str):
        holder[key] = random.choice([None, "", value + "q", value.swapcase()])
    else:
        holder[key] = random.choice(["x", 1])
    if isinstance(holder, dict) and random.random() < 0.3:
        del holder[key]


def leaves(value: Json) -> Iterator[tuple[Json, Any]]:
    """Each leaf of a document as the object or array that holds it and its name or place there."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        if isinstance(member, dict | list):
            yield from leaves(member)
        else:
            yield value, key


def main(first: int, last: int) -> None:
    parent = Path(tempfile.mkdtemp(prefix="broken-companies-"))
    os.environ[RUN_FOLDER] = str(parent)
    print(f"Kept where tests fail: {parent}", flush=True)
    for seed in range(first, last):
        folder = parent / str(seed)
        folder.mkdir()
        company = break_company(folder, seed)
        shutil.copy(PROJECT / "profiles.example.yml", folder / "profiles.yml")
        path = {"COCO_DUCKDB_PATH": str(folder / "warehouse.duckdb")}
        warehouse = Warehouse("duckdb", folder, path, company.project)
        warehouse.load(company.raw)
        run = warehouse.dbt("build")
        (folder / "output.txt").write_text(run.output, encoding="utf-8")
        failed = laws_broken(run)
        print(seed, ", ".join(failed) or "all laws hold", flush=True)
        if not failed:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
