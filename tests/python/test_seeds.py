"""The reference seeds hold together: names exist, validity does not overlap, formats are complete."""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
NO_END = "9999-12-31"

# Columns of each export as its platform documents it, optional ones of its variants apart.
DOCUMENTED_HEADERS = {
    "doordash_detailed": 41,
    "doordash_simplified": 27,
    "doordash_payout_summary": 25,
    "doordash_error_charges": 17,
    "ubereats_payment_details": 48,
    "ubereats_payment_details_items": 60,
    "ubereats_payouts": 36,
    "grubhub_transactions": 43,
    "stripe_payouts_itemized": 15,
}
# Headers that only a variant of the export has: they stand in no documented position.
VARIANT_HEADERS = {"doordash_detailed": 3}
# Documented headers that a variant of the export lacks.
DOCUMENTED_OPTIONAL = {
    ("ubereats_payment_details", "Marketplace Facilitator Tax Adjustment"),
    ("ubereats_payment_details_items", "Marketplace Facilitator Tax Adjustment"),
    ("ubereats_payouts", "Marketplace Facilitator Tax Adjustment"),
}

# Stands for what a line's components leave of its stated net; no export has such a header.
REMAINDER = "(remainder)"

# Columns whose every value must stand in a column of another seed.
REFERENCES = [
    ("platform_terms", "platform", [
        "billing_routes", "cancellation_rules", "deposit_descriptions", "fee_schedules", "pay_cycles",
        "payee_accounts", "statement_formats",
        "store_aliases", "store_map", "tax_facilitation",
    ]),
    ("statement_formats", "statement_format", [
        "statement_charge_types", "statement_columns", "statement_line_types",
    ]),
    ("charge_types", "charge_type", ["billing_routes", "statement_charge_types"]),
]  # fmt: skip

# The key within which the validity windows of rows must not overlap.
VALIDITY_KEYS = {
    "billing_routes": ["platform", "platform_store_id", "charge_type"],
    "dispute_windows": ["platform", "break_class"],
    "fee_schedules": ["platform", "platform_store_id", "fulfilment", "commission_type"],
    "tax_facilitation": ["platform", "platform_store_id"],
    "pay_cycles": ["platform"],
    "payee_accounts": ["platform", "platform_store_id"],
    "store_map": ["platform", "platform_store_id"],
    "store_aliases": ["platform", "store_name"],
    "tolerances": ["platform"],
}


def rows_of(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seed_names() -> list[str]:
    return sorted(file.stem for file in SEEDS.glob("*.csv"))


def overlaps(rows: list[dict[str, str]], key: list[str]) -> list[str]:
    """Rows of one key whose validity (both days counted) meets that of the row before them."""
    by_key: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[column] for column in key), []).append(row)
    found = []
    for values, windows in by_key.items():
        windows.sort(key=lambda row: row["valid_from"])
        for earlier, later in pairwise(windows):
            if later["valid_from"] <= (earlier["valid_to"] or NO_END):
                found.append(f"{values}: {earlier['valid_from']}, {later['valid_from']}")
    return found


@pytest.mark.parametrize("seed", seed_names())
def test_no_text_that_an_engine_misreads(seed):
    # Spark breaks on apostrophes, eats backslashes and turns the word null into the text None.
    wrong = [
        f"row {number}, {column}: {value}"
        for number, row in enumerate(rows_of(seed), start=2)
        for column, value in row.items()
        if "'" in value or "\\" in value or value.strip().lower() == "null"
    ]
    assert not wrong


@pytest.mark.parametrize("seed", seed_names())
def test_rows_are_whole_and_distinct(seed):
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        header, *records = list(csv.reader(file))
    assert records, "a seed without rows"
    assert len(set(header)) == len(header)
    assert [number for number, record in enumerate(records, start=2) if len(record) != len(header)] == []
    assert [record for record, count in Counter(map(tuple, records)).items() if count > 1] == []
    padded = [value for record in [header, *records] for value in record if value != value.strip()]
    # A header of a statement is kept as the platform spells it, white space folded as docs/raw.md says.
    assert padded == []


@pytest.mark.parametrize(
    ("owner", "column", "seed"),
    [(owner, column, seed) for owner, column, seeds in REFERENCES for seed in seeds],
)
def test_a_name_exists_in_the_seed_it_comes_from(owner, column, seed):
    known = {row[column] for row in rows_of(owner)}
    assert {row[column] for row in rows_of(seed)} - known == set()


def test_every_platform_has_its_terms():
    platforms = {row["platform"] for row in rows_of("platform_terms")}
    for seed in ("fee_schedules", "tax_facilitation", "pay_cycles", "payee_accounts"):
        for_every_store = {row["platform"] for row in rows_of(seed) if not row.get("platform_store_id")}
        assert platforms - for_every_store == set(), f"{seed} has no row for every store of these platforms"
    cancelled_by = {(row["platform"], row["cancelled_by"]) for row in rows_of("cancellation_rules")}
    assert {
        (platform, by) for platform in platforms for by in ("platform", "merchant", "system")
    } - cancelled_by == set()


@pytest.mark.parametrize("seed", ["fee_schedules", "tax_facilitation", "payee_accounts", "store_aliases"])
def test_a_store_stands_in_the_store_map(seed):
    known = {(row["platform"], row["platform_store_id"]) for row in rows_of("store_map")}
    named = {(row["platform"], row["platform_store_id"]) for row in rows_of(seed) if row["platform_store_id"]}
    assert named - known == set()


def test_a_stores_account_has_its_currency():
    accounts = {(row["platform"], row["platform_store_id"]): row["currency_code"] for row in rows_of("payee_accounts")}
    wrong = {}
    for row in rows_of("store_map"):
        store = (row["platform"], row["platform_store_id"])
        currency = accounts.get(store, accounts.get((row["platform"], "")))
        if currency != row["currency_code"]:
            wrong[store] = (row["currency_code"], currency)
    assert wrong == {}


def test_line_types_are_of_line_formats():
    formats = {row["statement_format"]: row["content"] for row in rows_of("statement_formats")}
    assert {formats[row["statement_format"]] for row in rows_of("statement_line_types")} == {"lines"}
    with_types = {row["statement_format"] for row in rows_of("statement_line_types")}
    assert {name for name, content in formats.items() if content == "lines"} - with_types == set()


def test_charge_rules_name_headers_and_line_types_of_their_format():
    headers = {(row["statement_format"], row["header"]) for row in rows_of("statement_columns")}
    charges = rows_of("statement_charge_types")
    named = {(row["statement_format"], row["header"]) for row in charges if row["header"] != REMAINDER}
    assert named - headers == set()
    types = {(row["statement_format"], row["source_line_type"]) for row in rows_of("statement_line_types")}
    named = {(row["statement_format"], row["source_line_type"]) for row in charges if row["source_line_type"]}
    assert named - types == set()
    assert {row["sign"] for row in charges} <= {"1", "-1"}


def test_every_amount_of_a_line_has_a_charge():
    lines = {row["statement_format"] for row in rows_of("statement_formats") if row["content"] == "lines"}
    amounts = {
        (row["statement_format"], row["header"])
        for row in rows_of("statement_columns")
        if row["column_role"] == "amount" and row["statement_format"] in lines
    }
    charges = rows_of("statement_charge_types")
    whole = [row for row in charges if not row["source_line_type"] and not row["description_pattern"]]
    assert amounts - {(row["statement_format"], row["header"]) for row in whole} == set()


def test_a_format_states_one_net():
    formats = {row["statement_format"] for row in rows_of("statement_formats")}
    nets = [row["statement_format"] for row in rows_of("statement_columns") if row["column_role"] == "net"]
    # The error charges repeat lines of other reports and state no net of their own.
    assert Counter(nets) == Counter(formats - {"doordash_error_charges"})


def test_description_patterns_compile():
    for row in rows_of("statement_charge_types"):
        re.compile(row["description_pattern"])
        assert "\\" not in row["description_pattern"]


@pytest.mark.parametrize("seed", sorted(VALIDITY_KEYS))
def test_validity_does_not_overlap(seed):
    assert overlaps(rows_of(seed), VALIDITY_KEYS[seed]) == []


@pytest.mark.parametrize("seed", sorted(VALIDITY_KEYS))
def test_validity_runs_forward_in_whole_days(seed):
    day = re.compile(r"\d{4}-\d{2}-\d{2}")
    for row in rows_of(seed):
        assert day.fullmatch(row["valid_from"])
        assert day.fullmatch(row["recorded_on"])
        assert not row["valid_to"] or day.fullmatch(row["valid_to"])
        assert row["valid_from"] <= (row["valid_to"] or NO_END)


def test_overlap_check_sees_an_overlap():
    def window(start: str, end: str) -> dict[str, str]:
        return {"platform": "doordash", "valid_from": start, "valid_to": end}

    assert overlaps([window("2026-01-01", "2026-03-31"), window("2026-04-01", "")], ["platform"]) == []
    assert len(overlaps([window("2026-01-01", "2026-04-01"), window("2026-04-01", "")], ["platform"])) == 1
    assert len(overlaps([window("2026-04-01", ""), window("2026-01-01", "")], ["platform"])) == 1


def test_every_format_is_documented():
    assert {row["statement_format"] for row in rows_of("statement_formats")} == set(DOCUMENTED_HEADERS)


@pytest.mark.parametrize("statement_format", sorted(DOCUMENTED_HEADERS))
def test_headers_stand_in_position_without_gaps(statement_format):
    columns = [row for row in rows_of("statement_columns") if row["statement_format"] == statement_format]
    expected = DOCUMENTED_HEADERS[statement_format] + VARIANT_HEADERS.get(statement_format, 0)
    assert [int(row["column_position"]) for row in columns] == list(range(1, expected + 1))
    headers = [row["header"] for row in columns]
    assert len(set(headers)) == len(headers)
    optional = {(row["statement_format"], row["header"]) for row in columns if row["is_required"] == "false"}
    variants = VARIANT_HEADERS.get(statement_format, 0)
    assert len(optional - DOCUMENTED_OPTIONAL) == variants
