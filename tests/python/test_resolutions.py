"""Resolutions of exceptions: right rows settle what they name, and nothing else changes whatever a file holds."""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agreement import assert_same_mart, marts_of
from openpyxl import Workbook
from resolving import (
    COLUMNS,
    RESOLVED_AT,
    Row,
    amount,
    build,
    exceptions,
    open_of_period,
    records,
    resolution,
    write_csv,
)
from warehouses import PROJECT, Warehouse, environment, run_command

ENGINES = ["duckdb", "postgres"]
MARTS = [
    *("exception_items", "reconciliation_exceptions", "exception_history", "exception_movements"),
    *("recoverable_queue", "reconciliation_rollforward"),
]

Copies = Callable[[str], Warehouse]


def load(warehouse: Warehouse, *paths: Path) -> Any:
    return warehouse.load(*paths, loaded_at=RESOLVED_AT)


def landed(warehouse: Warehouse) -> int:
    ((count,),) = warehouse.rows("select count(*) from finance.exception_resolutions")
    return int(count)


def test_each_code_does_what_it_says(built_copy: Copies, tmp_path: Path) -> None:
    seen = {}
    for engine in ENGINES:
        warehouse = built_copy(engine)
        before = exceptions(warehouse)
        chosen = open_of_period(warehouse)[:6]
        assigned, disputed, recovered, accepted, corrected, written_off = chosen
        rows = [
            resolution(assigned, resolution_code="assigned", owner="B. Keeper"),
            resolution(disputed, resolution_code="disputed"),
            resolution(recovered, resolution_code="recovered"),
            resolution(accepted, owner="C. Third"),
            resolution(corrected, resolution_code="corrected"),
            resolution(written_off, resolution_code="written_off", reason="a few cents"),
        ]
        report = load(warehouse, write_csv(tmp_path / "codes.csv", rows))
        assert [(file.status, file.row_count, file.rejected_rows) for file in report.files] == [("landed", 6, [])]
        build(warehouse).assert_succeeded()

        after = exceptions(warehouse)
        told = {row["exception_id"]: (after[row["exception_id"]]["status"], row["open_cents"]) for row in chosen}
        assert [status for status, _ in told.values()] == [
            *("open", "in_dispute", "resolved", "resolved", "resolved", "written_off")
        ]
        assert after[assigned["exception_id"]]["owner"] == "B. Keeper"
        for row in (recovered, accepted, corrected):
            now = after[row["exception_id"]]
            assert (now["open_cents"], now["resolved_cents"]) == (0, row["open_cents"])
        now = after[written_off["exception_id"]]
        assert (now["open_cents"], now["written_off_cents"]) == (0, written_off["open_cents"])
        assert now["resolution_reason"] == "a few cents"
        touched = {row["exception_id"] for row in chosen}
        assert {key: row for key, row in after.items() if key not in touched} == {
            key: row for key, row in before.items() if key not in touched
        }
        names = ("exception_id", "resolved_by", "reason", "evidence_reference", "source_file_name", "source_row_number")
        names += ("resolution_date", "loaded_at")
        history = records(warehouse, f"select {', '.join(names)} from coco_marts.exception_history", *names)
        assert sorted(row["source_row_number"] for row in history) == [2, 3, 4, 5, 6, 7]
        assert {row["resolved_by"] for row in history} == {"A. Controller"}
        # What is loaded in November for October counts for the last day of October.
        assert {str(row["resolution_date"]) for row in history} == {"2026-10-31"}
        seen[engine] = warehouse
    for name in MARTS:
        assert assert_same_mart(seen["duckdb"], seen["postgres"], marts_of(seen["duckdb"])[name]), name


def test_the_rollforward_shows_what_was_settled_and_when(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    query = """
        select period_month_date, sum(new_cents), sum(cleared_cents), sum(written_off_cents), sum(closing_cents)
        from coco_marts.reconciliation_rollforward where currency_code = 'USD' group by 1
    """
    before = {str(month): tuple(map(int, amounts)) for month, *amounts in warehouse.rows(query)}
    cleared, given_up = [row for row in open_of_period(warehouse) if row["currency_code"] == "USD"][:2]
    rows = [resolution(cleared), resolution(given_up, resolution_code="written_off")]
    load(warehouse, write_csv(tmp_path / "two.csv", rows))
    build(warehouse).assert_succeeded()
    after = {str(month): tuple(map(int, amounts)) for month, *amounts in warehouse.rows(query)}
    assert after["2026-09-01"] == before["2026-09-01"]
    new, won_back, _, closing = before["2026-10-01"]
    settled = cleared["open_cents"] + given_up["open_cents"]
    expected = (new, won_back + cleared["open_cents"], given_up["open_cents"], closing - settled)
    assert after["2026-10-01"] == expected


def change_claim(warehouse: Warehouse, exception: Row, cents: int) -> None:
    """Let one of the claims of an exception come to some cents more, as a later document or statement would."""
    ((item,), *_) = warehouse.rows(
        "select exception_item_id from coco_marts.exception_items "
        f"where exception_id = '{exception['exception_id']}' order by 1"
    )
    warehouse.execute(
        f"update coco_marts.reconciliation_claims set claimed_cents = claimed_cents + {cents} where claim_id = '{item}'"
    )


def remake(warehouse: Warehouse) -> None:
    """Make the exceptions anew, and look at those laws that claims changed by hand leave whole."""
    models = ["exception_items", "int_exception_resolutions", *MARTS[1:]]
    left_out = "exceptions_hold_what_is_reviewed"
    warehouse.dbt("build", "--select", *models, "--exclude", left_out).assert_succeeded()


def of_claims(warehouse: Warehouse) -> list[Row]:
    claimed = {
        key
        for (key,) in warehouse.rows(
            "select exception_id from coco_marts.exception_items as items "
            "inner join coco_marts.reconciliation_claims as claims on items.exception_item_id = claims.claim_id"
        )
    }
    return [row for row in open_of_period(warehouse) if row["exception_id"] in claimed]


def test_an_amount_that_changes_reopens_what_was_settled(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    resolved, written_off, vanished, given_up = of_claims(warehouse)[:4]
    rows = [
        *(resolution(row, resolution_code="accepted") for row in (resolved, vanished)),
        *(resolution(row, resolution_code="written_off") for row in (written_off, given_up)),
    ]
    assert load(warehouse, write_csv(tmp_path / "four.csv", rows)).files[0].row_count == 4
    change_claim(warehouse, resolved, -200)
    change_claim(warehouse, written_off, 55)
    for row in (vanished, given_up):
        warehouse.execute(
            "delete from coco_marts.reconciliation_claims where claim_id in (select exception_item_id "
            f"from coco_marts.exception_items where exception_id = '{row['exception_id']}')"
        )
    remake(warehouse)
    after = exceptions(warehouse)
    now = after[resolved["exception_id"]]
    assert (now["status"], now["open_cents"], now["resolved_cents"]) == ("reopened", -200, resolved["open_cents"])
    now = after[written_off["exception_id"]]
    assert (now["status"], now["open_cents"], now["written_off_cents"]) == ("reopened", 55, written_off["open_cents"])
    # Nothing is left to work of the one; of the other, what was written off and should not have been.
    now = after[vanished["exception_id"]]
    assert (now["status"], now["exception_cents"], now["open_cents"]) == ("resolved", 0, 0)
    now = after[given_up["exception_id"]]
    assert (now["status"], now["open_cents"]) == ("reopened", -given_up["open_cents"])

    difference = resolution(after[resolved["exception_id"]], reason="the rest of it")
    assert load(warehouse, write_csv(tmp_path / "rest.csv", [difference])).files[0].row_count == 1
    remake(warehouse)
    now = exceptions(warehouse)[resolved["exception_id"]]
    assert (now["status"], now["open_cents"], now["resolved_cents"]) == ("resolved", 0, resolved["open_cents"] - 200)


def change_item(warehouse: Warehouse, exception: str, is_won_back: bool, cents: int) -> None:
    """Let what was taken, or what was won back of it, come to some cents more."""
    warehouse.execute(
        f"update coco_marts.reconciliation_claims set claimed_cents = claimed_cents + {cents} where claim_id = ("
        "select min(exception_item_id) from coco_marts.exception_items "
        f"where exception_id = '{exception}' and is_won_back = {is_won_back})"
    )


def test_what_is_won_back_takes_the_place_of_what_was_settled(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    found = {key: row["won_back_cents"] for key, row in exceptions(warehouse).items() if row["won_back_cents"]}
    in_part, whole, given_up = sorted(found)[:3]
    change_item(warehouse, in_part, True, -100)
    # As it was before the reversals came.
    warehouse.execute(
        "create table kept as select * from coco_intermediate.int_won_back_lines",
        "delete from coco_intermediate.int_won_back_lines",
    )
    remake(warehouse)
    before = exceptions(warehouse)
    codes = {in_part: "recovered", whole: "disputed", given_up: "written_off"}
    assert {key: before[key]["open_cents"] for key in codes} == {key: -found[key] for key in codes}
    rows = [resolution(before[key], resolution_code=code) for key, code in codes.items()]
    assert load(warehouse, write_csv(tmp_path / "settled.csv", rows)).files[0].row_count == 3

    warehouse.execute(
        "insert into coco_intermediate.int_won_back_lines select * from kept",
        "update coco_marts.statement_lines set first_loaded_at = timestamp '2026-11-01 09:00:00' "
        "where statement_line_id in (select statement_line_id from kept)",
    )
    remake(warehouse)
    amounts = ("status", "exception_cents", "open_cents", "resolved_cents", "written_off_cents")
    after = exceptions(warehouse)
    assert {key: tuple(after[key][name] for name in amounts) for key in codes} == {
        in_part: ("resolved", -100, 0, -100, 0),
        whole: ("resolved", 0, 0, 0, 0),
        # What was given up and came back after all is undone by a person.
        given_up: ("reopened", 0, found[given_up], 0, -found[given_up]),
    }
    # What is taken after that is open, and neither it nor what settles it touches what was settled before.
    change_item(warehouse, in_part, False, -300)
    remake(warehouse)
    now = exceptions(warehouse)[in_part]
    assert (now["status"], now["open_cents"], now["resolved_cents"]) == ("reopened", -300, -100)
    rest = resolution(now, reason="the rest of it")
    assert load(warehouse, write_csv(tmp_path / "rest.csv", [rest])).files[0].row_count == 1
    remake(warehouse)
    now = exceptions(warehouse)[in_part]
    assert (now["status"], now["open_cents"], now["resolved_cents"]) == ("resolved", 0, -400)


def test_a_mistake_is_undone_and_done_right(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    mistaken = open_of_period(warehouse)[0]
    first = resolution(mistaken, resolution_code="written_off")
    # The period as a spreadsheet saves it in a CSV.
    changes = {"resolution_code": "reopened", "reason": "the wrong line", "period": "Oct-26"}
    undo = resolution(mistaken, open_amount="0.00", **changes)
    for number, (row, status, open_cents) in enumerate(
        [(first, "written_off", 0), (undo, "reopened", mistaken["open_cents"]), (first, "written_off", 0)]
    ):
        report = load(warehouse, write_csv(tmp_path / f"step-{number}.csv", [row], COLUMNS[: 8 - number // 2]))
        assert report.files[0].row_count == 1, report.files[0].reason
        build(warehouse).assert_succeeded()
        now = exceptions(warehouse)[mistaken["exception_id"]]
        assert (now["status"], now["open_cents"]) == (status, open_cents)
        if not number:
            # The row that settled it, with another code alone.
            refused = load(warehouse, write_csv(tmp_path / "the same row.csv", [resolution(mistaken, **changes)]))
            assert "to reopen it, write 0.00 as open_amount" in refused.files[0].reason
    effects = warehouse.rows("select written_off_cents from coco_marts.exception_history order by resolution_number")
    cents = mistaken["open_cents"]
    assert effects == [(cents,), (-cents,), (cents,)]


# What is changed in a right row, and what must be said of it.
WRONG: dict[str, tuple[Row, str]] = {
    "unknown id": ({"exception_id": "0" * 32}, "There is no exception"),
    "no id": ({"exception_id": ""}, "There is no exception"),
    "an id of another form": ({"exception_id": "'; drop table exceptions; --"}, "There is no exception"),
    "a formula as an id": ({"exception_id": "=A1"}, "There is no exception"),
    "unknown code": ({"resolution_code": "forgiven"}, "the codes are assigned, disputed"),
    "no code": ({"resolution_code": " "}, "resolution_code is blank"),
    "a formula as a code": ({"resolution_code": "=accepted"}, "resolution_code begins with “=”"),
    "a formula in the reason": ({"reason": '=HYPERLINK("http://x","y")'}, "reason begins with “=”"),
    "a formula behind a tab": ({"reason": "\t=1+1"}, "reason begins with"),
    "a formula in full width": ({"reason": " \uff1d1+1"}, "reason begins with"),
    "a pipe": ({"owner": "|x"}, "owner begins with “|”"),
    "a plus": ({"reason": "+1"}, "reason begins with “+”"),
    "a minus": ({"evidence_reference": "-cmd|x"}, "evidence_reference begins with “-”"),
    "an at": ({"resolved_by": "@SUM(1)"}, "resolved_by begins with “@”"),
    "no reason": ({"reason": ""}, "reason is blank: say why"),
    "nobody": ({"resolved_by": ""}, "resolved_by is blank: say who"),
    "a long text": ({"reason": "x" * 100_000}, "reason has 100,000 characters"),
    "a control character": ({"reason": "a\x1b[2Jb"}, "control character"),
    "a text of two ways": ({"reason": "a\u202eb"}, "control character"),
    "no owner to assign": ({"resolution_code": "assigned", "owner": ""}, "say whom it is assigned to"),
    "an earlier period": ({"period": "2026-08"}, "2026-08, which is before it"),
    "a period to come": ({"period": "2031-01"}, "has not begun"),
    "no period": ({"period": ""}, "write the month as YYYY-MM"),
    "a period of thirteen months": ({"period": "2026-13"}, "write the month as YYYY-MM"),
    "no amount": ({"open_amount": ""}, "is no amount"),
    "a word for an amount": ({"open_amount": "all"}, "is no amount"),
    "three decimals": ({"open_amount": "1.001"}, "is no amount"),
    "an amount past all bounds": ({"open_amount": "9" * 5000}, "is no amount"),
    "nothing to reopen": ({"resolution_code": "reopened"}, "never resolved"),
}


def test_wrong_rows_change_nothing_and_say_why(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    chosen = open_of_period(warehouse)
    october = [row for row in chosen if f"{row['posting_date']:%Y-%m}" == "2026-10"]
    paths = []
    for number, (what, (changes, _)) in enumerate(WRONG.items()):
        exception = october[number % len(october)]
        paths.append(write_csv(tmp_path / f"{what}.csv", [resolution(exception, **changes)]))
    cent = resolution(october[0], open_amount=amount(october[0]["open_cents"] + 1))
    paths.append(write_csv(tmp_path / "a cent.csv", [cent]))
    sign = resolution(october[1], open_amount=amount(-october[1]["open_cents"]))
    paths.append(write_csv(tmp_path / "the other sign.csv", [sign]))
    before = exceptions(warehouse)
    # A part that arises after the month of the file.
    grown = october[2]["exception_id"]
    posted = "update coco_marts.exception_items set posting_date = date '{}' where exception_id = '{}'"
    warehouse.execute(posted.format("2026-11-01", grown))
    paths.append(write_csv(tmp_path / "a later part.csv", [resolution(october[2])]))

    report = load(warehouse, *paths)
    warehouse.execute(posted.format(october[2]["posting_date"], grown))
    told = {outcome.path.stem: outcome for outcome in report.files}
    for what, (_, reason) in WRONG.items():
        assert told[what].status == "refused", what
        assert told[what].reason.startswith("Row 2: "), what
        assert reason in told[what].reason, (what, told[what].reason)
        assert len(told[what].reason) < 1000, what
        assert "\x1b" not in told[what].reason
    for what in ("a cent", "the other sign"):
        assert f"{amount(0).replace('0.00', '')} is open" in told[what].reason
    assert "is of 2026-11, after 2026-10: resolve it in that month's workbook" in told["a later part"].reason
    assert landed(warehouse) == 0
    build(warehouse).assert_succeeded()
    assert exceptions(warehouse) == before


def test_right_rows_of_a_file_land_beside_wrong_ones(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    chosen = open_of_period(warehouse)
    right, cent, twice, blank, other = chosen[:5]
    rows = [
        resolution(right),
        resolution(cent, open_amount=amount(cent["open_cents"] - 1)),
        resolution(twice),
        resolution(twice, resolution_code="written_off"),
        resolution(blank, resolution_code="", reason="", resolved_by="", evidence_reference=""),
        resolution(other, period="2026-11"),
    ]
    path = write_csv(tmp_path / "mixed.csv", rows)
    coco = ["coco", "load", "--target", warehouse.target, "--profiles-dir", str(warehouse.folder)]
    coco += ["--project-dir", str(PROJECT), "--loaded-at", f"{RESOLVED_AT:%Y-%m-%d %H:%M:%S}", str(path)]
    shown = run_command(*coco, folder=tmp_path, COLUMNS="200", **warehouse.environment)
    assert shown.returncode == 1, shown.stderr
    output = " ".join(shown.stdout.split())
    for number, reason in [(3, "is open: the exception has changed"), (4, "stands in 2 rows"), (7, "of one period")]:
        assert f"mixed.csv │ {number} │" in output
        assert reason in output
    assert "1 rows that resolve nothing passed over" in output
    assert landed(warehouse) == 1
    build(warehouse).assert_succeeded()
    after = exceptions(warehouse)
    settled = [key for key, row in after.items() if row["status"] != "open" and not row["won_back_cents"]]
    assert settled == [right["exception_id"]]

    again = load(warehouse, path)
    assert [file.status for file in again.files] == ["already loaded"]
    # Mended, it is loaded again: what landed is passed over, what was wrong lands.
    mended = [rows[0], resolution(cent), rows[2]]
    report = load(warehouse, write_csv(tmp_path / "mended.csv", mended))
    assert report.files[0].rejected_rows == []
    assert report.files[0].skipped == {"rows that were loaded before": 1}
    assert report.files[0].row_count == 2


def test_what_is_resolved_is_not_resolved_again(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    first, second, third = open_of_period(warehouse)[:3]
    one = write_csv(tmp_path / "1.csv", [resolution(first), resolution(second)])
    two = write_csv(tmp_path / "2.csv", [resolution(first, reason="once more"), resolution(third)])
    report = load(warehouse, one, two)
    assert [file.row_count for file in report.files] == [2, 1]
    ((number, reason),) = report.files[1].rejected_rows
    assert number == 2
    assert "resolved already, by A. Controller (1.csv, row 2)" in reason

    waiting = load(warehouse, write_csv(tmp_path / "3.csv", [resolution(second, reason="again")]))
    assert "which is not built yet" in waiting.files[0].reason
    build(warehouse).assert_succeeded()
    settled = load(warehouse, write_csv(tmp_path / "4.csv", [resolution(second, reason="again", open_amount="0")]))
    assert "It is resolved already, by A. Controller (1.csv, row 3)" in settled.files[0].reason
    assert landed(warehouse) == 3


def workbook_of(path: Path, rows: list[Row], sheet: str = "exceptions", columns: list[str] = COLUMNS) -> Path:
    book = Workbook()
    book.active.title = sheet
    book.active.append(["a note that somebody put above the table"])
    book.active.append([column.replace("_", " ").capitalize() for column in columns])
    for row in rows:
        book.active.append([row[column] for column in columns])
    book.save(path)
    return path


def test_a_workbook_is_read_like_a_csv(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    right, formula, typed = open_of_period(warehouse)[:3]
    rows = [
        resolution(right, open_amount=right["open_cents"] / 100),
        resolution(formula, reason="=1+1", open_amount=formula["open_cents"] / 100),
        resolution(typed, open_amount="=1.00"),
    ]
    report = load(warehouse, workbook_of(tmp_path / "book.xlsx", rows))
    (outcome,) = report.files
    assert (outcome.status, outcome.row_count) == ("landed", 1)
    assert [number for number, _ in outcome.rejected_rows] == [4, 5]
    assert "reason is a formula (=1+1)" in outcome.rejected_rows[0][1]
    assert "which is no amount" in outcome.rejected_rows[1][1]
    assert warehouse.rows("select source_row_number, amount_cents from finance.exception_resolutions") == [
        (3, right["open_cents"])
    ]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: workbook_of(path, [], sheet="Sheet1"), "has no sheet “exceptions”"),
        (lambda path: workbook_of(path, [], columns=["period", "reason"]), "has the columns"),
        (lambda path: workbook_of(path, [], columns=[*COLUMNS, "reason"]), "stands twice"),
        (lambda path: workbook_of(path, [], columns=COLUMNS[:4]), "lacks reason, resolved_by, evidence_reference"),
        (lambda path: path.write_bytes(b"PK\x03\x04 and nothing more"), "cannot be read as one"),
        (lambda path: path.write_bytes(b"not a workbook"), "cannot be read as one"),
    ],
)
def test_a_workbook_that_is_none_is_refused(
    built_copy: Copies, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "book.xlsx"
    make(path)
    (outcome,) = load(built_copy("duckdb"), path).files
    assert outcome.status == "refused"
    assert reason in outcome.reason


def test_without_marts_nothing_can_be_checked(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    row = resolution({"exception_id": hashlib.md5(b"any").hexdigest(), "open_cents": 1})
    path = write_csv(tmp_path / "early.csv", [row])
    for engine in ENGINES:
        warehouse = new_warehouse(engine)
        (outcome,) = load(warehouse, path).files
        assert outcome.status == "refused"
        assert "are not built" in outcome.reason
        assert f"dbt build --target {warehouse.target}" in outcome.reason


def test_the_history_only_grows(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    query = "select * from finance.exception_resolutions order by resolution_id"
    seen: list[tuple[Any, ...]] = []
    for number, row in enumerate(itertools.islice(open_of_period(warehouse), 3)):
        moment = RESOLVED_AT + timedelta(minutes=number)
        warehouse.load(write_csv(tmp_path / f"{number}.csv", [resolution(row)]), loaded_at=moment)
        now = warehouse.rows(query)
        assert set(seen) < set(now)
        seen = now
    with environment(warehouse.environment):
        files = {name for (name,) in warehouse.rows("select source_file_name from coco_load.loaded_files")}
    assert {f"{number}.csv" for number in range(3)} <= files


def test_the_codes_are_those_that_people_are_told() -> None:
    with (PROJECT / "seeds" / "resolution_codes.csv").open(encoding="utf-8", newline="") as text:
        codes = {row["resolution_code"]: row["outcome"] for row in csv.DictReader(text)}
    text = (PROJECT / "docs" / "exceptions.md").read_text(encoding="utf-8")
    assert set(codes.values()) == {"none", "in_dispute", "resolved", "written_off", "reopened"}
    assert [code for code in codes if f"`{code}`" not in text] == []
