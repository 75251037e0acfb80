"""A slip in the reference seeds stops the build, and the message names its row: planted in a copied project."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warehouses import AS_OF, PROJECT, Warehouse, run_command

COPIED = ["dbt_project.yml", "macros", "models", "seeds", "snapshots", "tests/generic", "tests/laws", "tests/seeds"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without its Python, to be changed; each process of the tests has its own."""
    folder = tmp_path_factory.mktemp("copied_project")
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory,
    sample: Path,
    duckdb_warehouse: Warehouse,
    warehouse_at: Callable[[str, Path], Warehouse],
) -> Warehouse:
    """The built sample in a file of its own, of this process alone."""
    folder = tmp_path_factory.mktemp("seed_checks")
    shutil.copy(duckdb_warehouse.environment["COCO_DUCKDB_PATH"], folder / "warehouse.duckdb")
    return warehouse_at("duckdb", folder)


def build(warehouse: Warehouse, project: Path, *selected: str) -> tuple[bool, str]:
    """Build a part of a copied project; whether it went well, and what was printed, blanks folded."""
    run = run_command(
        "dbt", "build", "--no-use-colors", "--select", *selected, "--target", warehouse.target,
        "--project-dir", str(project), "--profiles-dir", str(warehouse.folder),
        "--target-path", str(warehouse.folder / "target"), "--log-path", str(warehouse.folder / "logs"),
        "--vars", json.dumps({"as_of": AS_OF}),
        folder=project, **warehouse.environment,
    )  # fmt: skip
    return run.returncode == 0, re.sub(r"\s+", " ", run.stdout + run.stderr)


# Slips of the seeds by themselves: a row that is added, and what the message of the build must say.
OVERLAP = "Rows of the seed {seed} overlap ({columns}, days of both); correct valid_from or valid_to:"
KNOWN_OVERLAP = (
    "Rows of the seed {seed} overlap ({columns}, recorded_on, days of both); correct valid_from or valid_to, or record"
    " what came later on its own day:"
)
BOOKS = (
    "The seed payee_accounts does not say in whose books these rows are (platform, store, account, entity, role,"
    " first day); correct the entity or the role, or add the entity to legal_entities:"
)
ONE_ACCOUNT = (
    "Rows of the seed payee_accounts put one account into two books on one day (account, entity and role of the one, of"
    " the other); correct the entity, the role or the days:"
)
BEARERS = (
    "Several legal entities of one currency bear delivery costs in the seed legal_entities (currency, two of them);"
    " leave bears_delivery_costs true for one:"
)
UNKNOWN = "The seed {seed} names what {other} has no row of ({columns}); correct the name, or add the row there:"
ROWS = {
    "fee_schedules": [
        "again,doordash,,pickup,regular,700,items,0,0,0,none,2026-09-01,,2026-01-01",
        "back,doordash,,pickup,odd,700,items,0,0,0,none,2026-09-02,2026-09-01,2026-01-01",
        "who,toast,,pickup,regular,700,items,0,0,0,none,2020-01-01,,2026-01-01",
        "where,doordash,999,pickup,regular,700,items,0,0,0,none,2020-01-01,,2026-01-01",
    ],
    "tax_facilitation": [
        "again,olo,,withheld,10000,2026-09-01,2026-09-30,2026-01-01",
        "who,toast,,withheld,10000,2026-09-01,2026-09-30,2026-01-01",
        "where,olo,999,withheld,10000,2026-09-01,2026-09-30,2026-01-01",
    ],
    "pay_cycles": ["again,olo,1,1,2,1,2,2026-09-01,,2026-01-01", "who,toast,1,1,2,1,2,2026-09-01,,2026-01-01"],
    "store_map": [
        "doordash,6781302,dd-x,X,m,America/New_York,USD,2026-09-01,,2026-01-01",
        "toast,1,pm-x,X,m,America/New_York,USD,2026-09-01,,2026-01-01",
    ],
    "store_aliases": [
        "doordash,3876335,Green Leaf Bowls PDX,2026-09-01,,2026-01-01",
        "doordash,3876335,No day,2026-09-01,,",
        "toast,,Nobody,2026-09-01,,2026-01-01",
        "doordash,999,No store,2026-09-01,,2026-01-01",
    ],
    "payee_accounts": [
        "doordash,999,acc,Coco US,USD,coco,2020-01-01,,2026-01-01",
        "toast,,acc,Coco US,USD,coco,2020-01-01,,2026-01-01",
        "grubhub,94770171,role-usd,Coco US,USD,Coco,2020-01-01,,2026-01-01",
        "doordash,6781302,blank-usd,,USD,coco,2020-01-01,,2026-01-01",
        "doordash,3876335,coco-operating-usd,Coco USA,USD,coco,2020-01-01,,2026-01-01",
        "doordash,5836631,own-usd,Coco US,USD,merchant,2020-01-01,,2026-01-01",
        "olo,,coco-operating-usd,Coco US,USD,coco,2026-09-01,,2026-01-01",
        "olo,olo-marisol-taqueria-venice,coco-operating-usd,Coco US,USD,coco,2026-09-20,2026-02-20,2026-01-01",
    ],
    "legal_entities": ["Coco West,USD,true,Tax Exempt,2026-01-01"],
    "deposit_descriptions": ["TOAST PAYOUT%,toast"],
    "matching_passes": [
        "native,toast,1,payment_reference,description,external_id,false,,",
        "caviar,doordash,1,pos_order_id,pos_order_id,order_id,false,,",
    ],
    "cancellation_rules": ["toast,system,true"],
    "billing_routes": [
        "again,doordash,,ads,payout,2026-09-01,,2026-01-01",
        "what,doordash,,parking,payout,2026-09-01,,2026-01-01",
        "who,toast,,ads,payout,2026-09-01,,2026-01-01",
        "where,doordash,999,ads,payout,2026-09-01,,2026-01-01",
    ],
    "dispute_windows": [
        "again,doordash,refund,9,event,2026-09-01,,2026-01-01",
        "what,doordash,bad_luck,9,event,2026-09-01,,2026-01-01",
        "who,toast,refund,9,event,2026-09-01,,2026-01-01",
    ],
    "line_break_classes": [",fee,,ads,bad_luck", ",fee,,parking,ads"],
    "statement_charge_types": [
        "doordash_simplified,Subtotal,,,sales,1,2026-09-01,",
        "doordash_simplified,Subtotal,Odd,,parking,1,2026-09-01,",
        "toast_daily,Subtotal,,,sales,1,2026-09-01,",
    ],
    "statement_line_types": ["toast_daily,Order,sale"],
    "statement_columns": ["toast_daily,1,Subtotal,amount,,true"],
}
SAID = [
    *((KNOWN_OVERLAP, seed, columns, "", rows) for seed, columns, rows in [
        ("fee_schedules", "platform, platform_store_id, fulfilment, commission_type",
         "doordash, (every), pickup, odd, 2026-01-01, 2026-09-02 to 2026-09-01, ends before it begins"
         " - doordash, (every), pickup, regular, 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
        ("tax_facilitation", "platform, platform_store_id",
         "olo, (every), 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 2026-09-30"),
        ("pay_cycles", "platform", "olo, 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
        ("store_map", "platform, platform_store_id",
         "doordash, 6781302, 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
        ("store_aliases", "platform, store_name",
         "doordash, Green Leaf Bowls PDX, 2026-01-01, 2020-01-01 to 2026-09-30, 2026-09-01 to 9999-12-31"
         " - doordash, No day, (every), 2026-09-01 to (every), valid_from or recorded_on is blank"),
        ("payee_accounts", "platform, platform_store_id",
         "olo, (every), 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"
         " - olo, olo-marisol-taqueria-venice, 2026-01-01, 2026-09-20 to 2026-02-20, ends before it begins"),
        ("billing_routes", "platform, platform_store_id, charge_type",
         "doordash, (every), ads, 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
        ("dispute_windows", "platform, break_class",
         "doordash, refund, 2026-01-01, 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
    ]),
    (OVERLAP, "statement_charge_types", "statement_format, header, source_line_type, description_pattern", "",
     "doordash_simplified, Subtotal, (every), (every), 2020-01-01 to 9999-12-31, 2026-09-01 to 9999-12-31"),
    (BOOKS, "payee_accounts", "", "",
     "doordash, 3876335, coco-operating-usd, Coco USA, coco, 2020-01-01, of role coco and not in legal_entities"
     " - doordash, 5836631, own-usd, Coco US, merchant, 2020-01-01, in legal_entities and not of role coco"
     " - doordash, 6781302, blank-usd, (every), coco, 2020-01-01, without an entity"
     " - grubhub, 94770171, role-usd, Coco US, Coco, 2020-01-01, of another role than coco and merchant"),
    (ONE_ACCOUNT, "payee_accounts", "", "", "coco-operating-usd, Coco US, coco, Coco USA, coco"),
    (BEARERS, "legal_entities", "", "", "USD, Coco US, Coco West"),
    *((UNKNOWN, seed, "platform", "platform_terms", "toast") for seed in [
        "fee_schedules", "tax_facilitation", "pay_cycles", "store_map", "store_aliases", "payee_accounts",
        "cancellation_rules", "billing_routes", "dispute_windows", "statement_formats", "deposit_descriptions",
    ]),
    (UNKNOWN, "matching_passes", "order_platform", "platform_terms", "toast"),
    (UNKNOWN, "matching_passes", "statement_platform", "platform_terms", "caviar"),
    *((UNKNOWN, seed, "platform, platform_store_id", "store_map", row) for seed, row in [
        ("fee_schedules", "doordash, 999"), ("tax_facilitation", "olo, 999"), ("store_aliases", "doordash, 999"),
        ("payee_accounts", "doordash, 999"), ("billing_routes", "doordash, 999"),
    ]),
    *((UNKNOWN, seed, "charge_type", "charge_types", "parking") for seed in [
        "billing_routes", "line_break_classes", "statement_charge_types",
    ]),
    *((UNKNOWN, seed, "break_class", "break_classes", "bad_luck") for seed in [
        "dispute_windows", "line_break_classes",
    ]),
    *((UNKNOWN, seed, "statement_format", "statement_formats", "toast_daily") for seed in [
        "statement_charge_types", "statement_columns", "statement_line_types",
    ]),
]  # fmt: skip

# Days on which no row holds any more, and what the message must say.
ENDS = {
    "fee_schedules": ("platform_delivery,regular,2500,items_less_merchant_discount,0,0,0,none,2020-01-01,",
                      "2026-10-01"),
    "tax_facilitation": ("tax-003,grubhub,,withheld,10000,2020-01-01,", "2026-10-01"),
    "pay_cycles": ("ubereats-weekly,ubereats,1,7,1,2,3,2020-01-01,", "2026-10-20"),
    "store_map": ("Maple Rye Diner (Leslieville),a6a005a4-67f9-5078-a6d0-16aa7d295492,America/Toronto,CAD,2020-01-01,",
                  "2026-09-30"),
}  # fmt: skip
GAPS = {
    "fee_schedules": r"No row of the seed fee_schedules holds for these orders \(platform, store, fulfilment,"
    r" commission type, day\); add one, or correct its days: - ubereats, [^,]+, platform_delivery, regular,"
    r" 2026-10-\d\d",
    "tax_facilitation": r"No row of the seed tax_facilitation holds for these orders \(platform, store, day\);"
    r" add one, or correct its days: - grubhub, \d+, 2026-10-\d\d",
    "pay_cycles": r"No row of the seed pay_cycles holds for these orders \(platform, day\); add one, or correct its"
    r" days: - ubereats, 2026-10-21",
    "store_map": r"The seed store_map knows these stores, and no single row of it holds on the day of an order"
    r" \(platform, code, day\); correct valid_from or valid_to: - doordash, dd-leslieville-maple-rye-diner,"
    r" 2026-10-\d\d",
}


@pytest.fixture
def change_seed(project: Path) -> Iterator[Callable[[str, Callable[[str], str]], None]]:
    """A function that changes a seed of the copied project for this test."""
    before: dict[Path, str] = {}

    def change(seed: str, changed: Callable[[str], str]) -> None:
        file = project / "seeds" / f"{seed}.csv"
        before[file] = file.read_text(encoding="utf-8")
        file.write_text(changed(before[file]), encoding="utf-8")
        assert file.read_text(encoding="utf-8") != before[file]

    yield change
    for file, text in before.items():
        file.write_text(text, encoding="utf-8")


ChangeSeed = Callable[[str, Callable[[str], str]], None]


def test_a_row_that_cannot_be_is_named(warehouse: Warehouse, project: Path, change_seed: ChangeSeed) -> None:
    for seed, rows in ROWS.items():
        change_seed(seed, lambda text, rows=rows: text + "".join(f"{row}\n" for row in rows))  # type: ignore[misc]

    def with_format_of_another_platform(text: str) -> str:
        _, _, rest = text.splitlines()[-1].split(",", 2)
        return f"{text}another,toast,{rest}\n"

    change_seed("statement_formats", with_format_of_another_platform)
    succeeded, output = build(warehouse, project, "resource_type:seed")
    assert not succeeded
    said = [
        f"{text.format(seed=seed, columns=columns, other=other)} - {rows}" for text, seed, columns, other, rows in SAID
    ]
    assert [text for text in said if text not in output] == [], output


# What follows from the store map is not built where that has a gap, so it is tried by itself.
@pytest.mark.parametrize("seeds", [["fee_schedules", "tax_facilitation", "pay_cycles"], ["store_map"]])
def test_a_day_on_which_no_row_holds_is_named(
    warehouse: Warehouse, project: Path, change_seed: ChangeSeed, seeds: list[str]
) -> None:
    for seed in seeds:
        row, last_day = ENDS[seed]
        change_seed(seed, lambda text, row=row, last_day=last_day: text.replace(f"{row},", f"{row}{last_day},"))  # type: ignore[misc]
    selected = [
        *ENDS,
        "path:models/intermediate/terms",
        "int_store_reading",
        "int_order_stores",
        "int_order_terms",
        "int_pay_periods",
        "int_bank_days",
        "path:tests/seeds",
    ]
    succeeded, output = build(warehouse, project, *selected)
    assert not succeeded
    assert [seed for seed in seeds if not re.search(GAPS[seed], output)] == [], output


def test_a_line_of_what_is_billed_by_card_is_notable(
    warehouse: Warehouse, project: Path, change_seed: ChangeSeed
) -> None:
    selected = ["billing_routes", "int_billing_routes", "misrouted_charges"]
    query = "select count(*), sum(stated_cents) from coco_marts.misrouted_charges"
    assert build(warehouse, project, *selected)[0]
    assert warehouse.rows(query) == [(0, None)]
    change_seed("billing_routes", lambda text: text.replace("ubereats,,ads,payout", "ubereats,,ads,card"))
    assert build(warehouse, project, *selected)[0]
    found = warehouse.rows(query)
    ads = warehouse.rows(
        "select count(*), sum(stated_cents) from coco_marts.stated_charges"
        " where platform = 'ubereats' and charge_type = 'ads' and stated_cents <> 0"
    )
    assert found == ads
    assert found[0][0] > 0
