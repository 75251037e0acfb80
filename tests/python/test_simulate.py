"""The simulator: its inputs agree with one another, with the seeds, and with the truth that it writes beside them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet
import pytest
import yaml
from click.testing import CliRunner

from coco_warehouse.simulate import FaultError, OutputError, simulate
from coco_warehouse.simulate.command import simulate as simulate_command
from coco_warehouse.simulate.faults import CATALOGUE, FaultRates
from coco_warehouse.simulate.money import money_text, share

PROJECT = Path(__file__).parents[2]
SEEDS = PROJECT / "seeds"
END = "2026-10-31"
CANARY = "CANARY-"
JSON = dict[str, Any]


# Reading a sample: written anew, from the documents and the seeds alone -----------------------------------------


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def lines(path: Path) -> list[JSON]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cents(text: str) -> int:
    amount = Decimal(text or "0") * 100
    assert amount == int(amount), text
    return int(amount)


def rounded(amount: int, bps: int) -> int:
    value = (Decimal(abs(amount)) * bps / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    return int(value) if amount >= 0 else -int(value)


class Statement:
    """A statement file: its format is told by its header, as a reader would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = path.read_bytes()
        self.has_mark = content.startswith(b"\xef\xbb\xbf")
        records = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        for number, record in enumerate(records[:2]):
            folded = [" ".join(header.split()) for header in record]
            found = [
                name
                for name in {row["statement_format"] for row in seed("statement_columns")}
                if set(folded) <= set(headers_of(name, False)) | historical(folded)
                and set(headers_of(name, True)) <= set(folded)
            ]
            if found:
                (self.format,) = found
                self.verbatim, self.header, self.rows = record, folded, records[number + 1 :]
                self.header_row = number + 1
                return
        raise AssertionError(f"no known header in {path.name}: {records[0]}")

    def dicts(self) -> list[dict[str, str]]:
        assert all(len(row) == len(self.header) for row in self.rows), self.path
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]

    @property
    def amounts(self) -> list[tuple[str, int]]:
        """Headers of amounts, with the sign that the seed gives them."""
        signs = {row["header"]: int(row["sign"]) for row in charge_rules(self.format)}
        return [
            (row["header"], signs.get(row["header"], 1))
            for row in seed("statement_columns")
            if row["statement_format"] == self.format
            and row["column_role"] == "amount"
            and row["header"] in self.header
        ]

    @property
    def net(self) -> str:
        return column(self.format, "column_role", "net")


def headers_of(statement_format: str, is_required: bool) -> list[str]:
    return [
        row["header"]
        for row in sorted(seed("statement_columns"), key=lambda row: int(row["column_position"]))
        if row["statement_format"] == statement_format and (row["is_required"] == "true" or not is_required)
    ]


def historical(header: list[str]) -> set[str]:
    return {name for name in header if name.endswith("(for historical reference only)")}


def charge_rules(statement_format: str) -> list[dict[str, str]]:
    return [row for row in seed("statement_charge_types") if row["statement_format"] == statement_format]


def column(statement_format: str, key: str, value: str) -> str:
    return next(
        row["header"]
        for row in seed("statement_columns")
        if row["statement_format"] == statement_format and row[key] == value
    )


@cache
def statements(sample: Path) -> list[Statement]:
    return [Statement(path) for path in sorted((sample / "raw" / "statements").rglob("*.csv"))]


def identity(statement_format: str, row: Mapping[str, str]) -> str:
    """Identity of a line as statement-formats.md has it."""

    def cell(attribute: str) -> str:
        return row[column(statement_format, "attribute_name", attribute)]

    if not statement_format.startswith("ubereats"):
        return cell("transaction_id")
    if cell("platform_order_uuid"):
        return f"{cell('platform_order_uuid')}/{cell('source_line_type')}"
    net = row[column(statement_format, "column_role", "net")]
    return f"{cell('partner_store_code')}/{cell('order_date')}/{cell('description')}/{net}"


LINE_FORMATS = {row["statement_format"] for row in seed("statement_formats") if row["content"] == "lines"}


def statement_lines(sample: Path) -> Iterator[tuple[Statement, str, dict[str, str]]]:
    """Every row that is a line, with its identity; rows of an item-level file that are items are not."""
    for statement in statements(sample):
        if statement.format in LINE_FORMATS:
            for row in statement.dicts():
                if statement.format.endswith("_items") and row["Item Name"]:
                    continue
                yield statement, identity(statement.format, row), row


@cache
def received(sample: Path) -> list[tuple[str, JSON]]:
    """Every received document with the instant at which it came."""
    found = []
    for path in sorted((sample / "raw" / "order_documents").glob("orders-*.ndjson")):
        for line in lines(path):
            assert list(line) == ["received_at", "received_from", "body"]
            assert line["received_at"][:10] in path.name
            found.append((line["received_at"], json.loads(line["body"])))
    return found


@cache
def latest(sample: Path) -> dict[str, JSON]:
    """The standing document of each order: the latest by updatedAt."""
    standing: dict[str, JSON] = {}
    for _, document in received(sample):
        held = standing.get(document["id"])
        if held is None or document["updatedAt"] >= held["updatedAt"]:
            standing[document["id"]] = document
    return standing


def store_of(document: JSON, day: date) -> dict[str, str]:
    code = document["store"]["externalId"]
    return next(
        row
        for row in seed("store_map")
        if (row["platform"], row["partner_store_code"]) == (document["store"]["platform"], code) and holds(row, day)
    )


def holds(row: Mapping[str, str], day: date) -> bool:
    return row["valid_from"] <= day.isoformat() and day.isoformat() <= (row["valid_to"] or "9999-12-31")


def terms(name: str, platform: str, store_id: str, day: date, **more: str) -> dict[str, str]:
    rows = [
        row
        for row in seed(name)
        if row["platform"] == platform
        and row["platform_store_id"] in ("", store_id)
        and holds(row, day)
        and all(row[key] == value for key, value in more.items())
    ]
    return max(rows, key=lambda row: row["platform_store_id"] != "")


def local_date(document: JSON, zone: str) -> date:
    placed = datetime.fromisoformat(document["details"]["placedAt"].replace("Z", "+00:00"))
    return placed.astimezone(ZoneInfo(zone)).date()


def first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def part(parent: JSON | None, name: str) -> Any:
    return None if parent is None else parent.get(name)


def discounts(document: JSON) -> dict[str, int] | None:
    """Discounts by funder; None where nothing names the funder of one."""
    funders = {row["funding_source"]: row["funded_by"] for row in seed("funding_sources")}
    financials = document.get("rawPlatformFinancials")
    found = {"merchant": 0, "platform": 0, "third_party": 0}
    if financials is None:
        total = sum(promotion.get("discountValue", 0) for promotion in document["details"].get("promotions") or [])
        return None if total else found
    promotions = financials["promotions"]
    source = part(financials["platformMetadata"], "subtotalDiscountFundingSource")
    splits: list[tuple[str | None, int]] = []
    if part(promotions, "platformPromotions"):
        for promotion in promotions["platformPromotions"]:
            if promotion["fundingSplits"]:
                splits += [(split["fundingSource"], split["amountPaid"]) for split in promotion["fundingSplits"]]
            else:
                splits.append((source, promotion["promoDiscountValue"]))
    else:
        splits.append((source, part(promotions, "subtotalPromoApplied") or 0))
    for word, amount in splits:
        if amount and word not in funders:
            return None
        if amount:
            found[funders[str(word)]] += amount
    return found


def expected(document: JSON) -> dict[str, int] | None:
    """What docs/expected_ledger.md expects of a document, without the charges that nobody can know; None: nothing."""
    details, financials = document["details"], document.get("rawPlatformFinancials")
    platform = document["store"]["platform"]
    zone = next(
        row["time_zone"] for row in seed("store_map") if row["partner_store_code"] == document["store"]["externalId"]
    )
    day = local_date(document, zone)
    store_id = store_of(document, day)["platform_store_id"]
    if document["status"] in ("new", "future"):
        return None
    if document["status"] == "rejected":
        return {"sales": 0}
    if document["status"] == "cancelled":
        rule = next(
            row
            for row in seed("cancellation_rules")
            if (row["platform"], row["cancelled_by"]) == (platform, document["cancellation"]["by"])
        )
        if rule["is_paid"] == "false":
            return {"sales": 0}
    taxes, fees = part(financials, "taxes"), part(financials, "fees")
    items = sum(item["price"]["total"] for item in details["items"])
    tax = first(part(taxes, "merchantSalesTotal"), part(taxes, "sales"), part(taxes, "total"), details["tax"])
    tip = first(part(part(financials, "tip"), "amount"), details["tip"])
    delivery = first(part(fees, "delivery"), details["deliveryFee"])
    fulfilment = (
        "pickup" if details["isPickup"] else "self_delivery" if details["isMerchantDelivery"] else "platform_delivery"
    )
    kind = part(part(financials, "platformMetadata"), "commissionType") or "regular"
    schedule = terms("fee_schedules", platform, store_id, day, fulfilment=fulfilment, commission_type=kind)
    withheld = rounded(tax, int(terms("tax_facilitation", platform, store_id, day)["withheld_share_bps"]))
    funded = discounts(document)
    known = funded or {"merchant": 0, "platform": 0, "third_party": 0}
    discount = sum(known.values())
    own_tip = tip if fulfilment != "platform_delivery" else 0
    own_fees = (delivery, part(fees, "deliveryTax") or 0) if fulfilment == "self_delivery" else (0, 0)
    bag = part(fees, "bagFee") or 0
    bases = {
        "items": items,
        "items_less_merchant_discount": items - known["merchant"],
        "items_plus_tax_less_discount": items + tax - discount,
        "merchant_total_less_merchant_discount": items + tax + own_tip + sum(own_fees) + bag - known["merchant"],
        "receipts": details["total"],
        "none": 0,
    }
    charges: dict[str, int | None] = {}
    if platform in ("olo", "lunchbox", "native"):
        charges["receipts"] = details["total"]
    else:
        charges |= {"sales": items, "tip": own_tip, "delivery_fee": own_fees[0], "delivery_fee_tax": own_fees[1]}
        charges |= {"bag_fee": bag, "tax": tax - withheld if platform == "doordash" else tax}
        charges["tax_withheld"] = 0 if platform == "doordash" else -withheld
        if platform == "grubhub":
            charges["discount"] = -known["merchant"] if funded else None
        else:
            charges["discount"] = -discount if funded else None
            third = 0 if platform == "ubereats" else known["third_party"]
            charges["platform_funding"] = known["platform"] + known["third_party"] - third if funded else None
            charges["third_party_funding"] = third
        needs = schedule["commission_base"] == "items_less_merchant_discount"
        commission = -rounded(bases[schedule["commission_base"]], int(schedule["commission_rate_bps"]))
        charges["commission"] = commission if funded or not needs else None
        charges["delivery_commission"] = -rounded(items, int(schedule["delivery_commission_rate_bps"]))
    if schedule["processing_base"] != "none":
        fee = rounded(bases[schedule["processing_base"]], int(schedule["processing_rate_bps"]))
        is_known = funded or schedule["processing_base"] == "receipts"
        charges["processing_fee"] = -(fee + int(schedule["processing_fixed_cents"])) if is_known else None
    return {name: amount for name, amount in charges.items() if amount}


# Samples ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    simulate(folder, orders=1200, seed=11, project_dir=PROJECT)
    return folder


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty")
    simulate(folder, orders=3000, seed=23, faults=0.3, project_dir=PROJECT)
    return folder


@pytest.fixture(params=["plain", "faulty"])
def any_sample(request: pytest.FixtureRequest) -> Path:
    folder = request.getfixturevalue(request.param)
    assert isinstance(folder, Path)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# The same seed gives the same bytes ------------------------------------------------------------------------------


def test_same_seed_same_bytes_in_any_process_zone_and_hash_seed(tmp_path: Path) -> None:
    simulate(tmp_path / "one", orders=1000, seed=5, days=20, faults=0.2, processes=1, project_dir=PROJECT)
    script = (
        "from pathlib import Path; from coco_warehouse.simulate import simulate;"
        f"simulate(Path({str(tmp_path / 'two')!r}), orders=1000, seed=5, days=20, faults=0.2, processes=2,"
        f"project_dir=Path({str(PROJECT)!r}))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, cwd=PROJECT)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_another_seed_gives_other_orders(plain: Path, tmp_path: Path) -> None:
    simulate(tmp_path, orders=50, seed=12, days=20, project_dir=PROJECT)
    assert not {order["order_id"] for order in lines(tmp_path / "truth" / "orders.ndjson")} & set(latest(plain))


# Documents -------------------------------------------------------------------------------------------------------


def test_documents_are_strict_json_and_arrive_after_they_were_made(any_sample: Path) -> None:
    def strict(pairs: list[tuple[str, Any]]) -> JSON:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"duplicate key in {names}"
        return dict(pairs)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    versions: dict[str, list[str]] = defaultdict(list)
    for path in (any_sample / "raw" / "order_documents").iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            logged = json.loads(line, object_pairs_hook=strict, parse_constant=refuse)
            if path.name.startswith("document-"):
                assert logged["id"]
                continue
            document = json.loads(logged["body"], object_pairs_hook=strict, parse_constant=refuse)
            assert "\x00" not in logged["body"]
            assert document["updatedAt"] < logged["received_at"] <= f"{END}T23:59:59.000Z"
            assert document["createdAt"] <= document["updatedAt"]
            versions[document["id"]].append(document["updatedAt"])
    assert max(map(len, versions.values())) >= 3
    assert any(updated != sorted(updated) for updated in versions.values()), "no version out of order"


def test_documents_add_up(any_sample: Path) -> None:
    for _, document in received(any_sample):
        details = document["details"]
        financials = document.get("rawPlatformFinancials")
        for item in details["items"]:
            assert item["price"]["total"] == item["quantity"] * item["price"]["unit"]
            assert item["price"]["unit"] == item["price"]["base"] + added_by(item["modifiers"])
        assert details["subtotal"] == sum(item["price"]["total"] for item in details["items"])
        other_fees = 0
        promoted = sum(
            promotion["discountValue"]
            for promotion in details.get("promotions") or []
            if promotion["name"] != "Free delivery"
        )
        if financials is not None:
            fees = financials["fees"] or {}
            other_fees = sum(fees.get(name) or 0 for name in ("smallOrder", "bagFee", "pickAndPackFee"))
            if fees:
                assert fees["total"] == details["deliveryFee"] + other_fees
            if financials["promotions"]:
                assert financials["promotions"]["subtotalPromoApplied"] == promoted
            else:
                assert promoted == 0
            totals = financials["totals"]
            assert {totals[name] for name in ("total", "grandTotal", "dinerGrandTotal")} <= {details["total"], None}
            assert totals["subtotal"] == details["subtotal"]
            assert financials["taxes"]["total"] == details["tax"]
            if financials["payments"]:
                methods = financials["payments"]["paymentMethods"]
                assert sum(method["amount"] for method in methods) == details["total"]
        assert details["total"] == (
            details["subtotal"] - promoted + details["tax"] + details["tip"] + details["deliveryFee"] + other_fees
        )


def added_by(modifiers: list[JSON]) -> int:
    added = 0
    for modifier in modifiers:
        price = modifier["price"]
        assert price["unit"] == price["base"] + added_by(modifier.get("modifiers", []))
        assert price["total"] == modifier["quantity"] * price["unit"]
        added += price["total"]
    return added


def test_documents_come_in_all_their_shapes(plain: Path) -> None:
    documents = list(latest(plain).values())
    financials = [document["rawPlatformFinancials"] for document in documents if "rawPlatformFinancials" in document]
    assert 0 < len(financials) < len(documents), "both schema versions"
    assert {document["status"] for document in documents} >= {"finished", "ready", "cancelled", "rejected"}
    promotions = [one["promotions"] for one in financials if one["promotions"]]
    for array in ("appliedDiscounts", "loyaltyRewards", "coupons", "platformPromotions"):
        assert any(one[array] for one in promotions), array
    platform_promotions = [one for found in promotions for one in found["platformPromotions"] or []]
    assert any(one["discountItems"] for one in platform_promotions)
    assert any(len(one["fundingSplits"] or []) > 1 for one in platform_promotions)
    assert any(document["details"]["consumers"] for document in documents)
    nested = [
        inner
        for document in documents
        for item in document["details"]["items"]
        for modifier in item["modifiers"]
        for inner in modifier.get("modifiers", [])
    ]
    assert nested
    assert {document["store"]["externalId"] for document in documents} == {
        row["partner_store_code"] for row in seed("store_map")
    }


def test_platform_ids_name_one_order(any_sample: Path) -> None:
    orders = [order for order in lines(any_sample / "truth" / "orders.ndjson") if "ambiguous" not in order["classes"]]
    external = Counter((order["platform"], order["external_id"]) for order in orders)
    assert max(external.values()) == 1
    marketplaces = [order for order in orders if order["platform"] in ("doordash", "ubereats", "grubhub")]
    readable = Counter((order["platform_store_id"], order["readable_number"]) for order in marketplaces)
    assert max(readable.values()) == 1


def test_merchant_total_is_right_where_it_is_stated(any_sample: Path) -> None:
    stated = 0
    for document in latest(any_sample).values():
        total = part(part(document.get("rawPlatformFinancials"), "totals"), "merchantTotal")
        if total is not None and document["status"] in ("ready", "finished"):
            assert total == sum((expected(document) or {}).values())
            stated += 1
    assert stated > 100


# The truth about orders ------------------------------------------------------------------------------------------


def test_truth_expects_what_the_documents_say(any_sample: Path) -> None:
    documents = latest(any_sample)
    truth = {order["order_id"]: order for order in lines(any_sample / "truth" / "orders.ndjson")}
    assert truth.keys() == documents.keys()
    for order_id, document in documents.items():
        assert truth[order_id]["expected"] == (expected(document) or {}), order_id
        assert truth[order_id]["status"] == document["status"]


def assert_every_cent_of_difference_is_labelled(sample: Path) -> None:
    """Stated less expected is the sum of the labels, for each order and charge type that is stated or due."""
    labels: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for fault in lines(sample / "truth" / "faults.ndjson"):
        if fault.get("order_id") and fault["cents"] is not None:
            labels[fault["order_id"], fault["currency_code"]][fault["charge_type"]] += fault["cents"]
    checked = 0
    for order in lines(sample / "truth" / "orders.ndjson"):
        if {"ambiguous", "currency_mismatch"} & set(order["classes"]):
            continue
        difference: dict[str, int] = defaultdict(int)
        is_due = order["overdue_date"] < END
        if order["is_stated"] or is_due:
            for charge, amount in order["stated"].items():
                difference[charge] += amount
            for charge, amount in order["expected"].items():
                difference[charge] -= amount
        found = labels.pop((order["order_id"], order["currency_code"]), {})
        assert nonzero(difference) == nonzero(found), order
        checked += 1
    assert checked > 1000


def test_every_cent_of_difference_is_labelled(any_sample: Path) -> None:
    assert_every_cent_of_difference_is_labelled(any_sample)


def test_a_line_at_the_wrong_store_keeps_its_remainder(tmp_path: Path) -> None:
    """What a platform's net differs by of its own is the order's, wherever the line stands."""
    simulate(tmp_path, orders=1500, seed=4, faults={"wrong_store": 0.9}, project_dir=PROJECT)
    classes: dict[str, set[str]] = defaultdict(set)
    for fault in lines(tmp_path / "truth" / "faults.ndjson"):
        classes[fault.get("order_id")].add(fault["break_class"])
    assert any({"wrong_store", "remainder"} <= found for found in classes.values())
    assert_every_cent_of_difference_is_labelled(tmp_path)


def nonzero(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def test_whole_order_labels_move_what_is_stated(faulty: Path) -> None:
    """A line at the wrong store, in another currency or ambiguous: its labels are its own cents, and back."""
    by_class: dict[str, list[JSON]] = defaultdict(list)
    for fault in lines(faulty / "truth" / "faults.ndjson"):
        by_class[fault["break_class"]].append(fault)
    by_line: dict[str, int] = defaultdict(int)
    for fault in by_class["wrong_store"]:
        by_line[fault["statement_line"]] += fault["cents"]
    assert by_line and set(by_line.values()) == {0}
    orders = {order["order_id"]: order for order in lines(faulty / "truth" / "orders.ndjson")}
    for name in ("currency_mismatch", "ambiguous"):
        expectations: dict[str, int] = defaultdict(int)
        for fault in by_class[name]:
            is_own_currency = fault["currency_code"] == orders[fault["order_id"]]["currency_code"]
            is_expectation = name == "currency_mismatch" or fault["statement_line"] is None
            if is_own_currency and is_expectation:
                expectations[fault["order_id"]] -= fault["cents"]
        assert expectations
        for order_id, amount in expectations.items():
            assert amount == sum(orders[order_id]["expected"].values())


def test_raw_lines_are_the_truths_lines(any_sample: Path) -> None:
    """Each raw line, in its last state, belongs to one order of the truth or is labelled; and their cents are equal."""
    nets: dict[str, set[int]] = defaultdict(set)
    for statement, line, row in statement_lines(any_sample):
        if statement.format != "doordash_error_charges":
            nets[line].add(cents(row[statement.net]))
    assert all(len(found) == 1 for found in nets.values()), "a line's money never changes between downloads"
    of_orders: dict[str, str] = {}
    stated: dict[str, int] = {}
    orders = lines(any_sample / "truth" / "orders.ndjson")
    for order in orders:
        stated[order["order_id"]] = sum(order["stated"].values())
        for line in order["statement_lines"]:
            assert line not in of_orders
            of_orders[line] = order["order_id"]
    labelled: dict[str, int] = defaultdict(int)
    for fault in lines(any_sample / "truth" / "faults.ndjson"):
        line = fault.get("statement_line")
        if line and line not in of_orders and fault["break_class"] != "wrong_store":
            labelled[line] += fault["cents"]
    assert set(nets) == set(of_orders) | set(labelled)
    sums: dict[str, int] = defaultdict(int)
    for line, order_id in of_orders.items():
        sums[order_id] += next(iter(nets[line]))
    assert all(sums[order_id] == amount for order_id, amount in stated.items())
    ambiguous = {
        fault["statement_line"]: fault["currency_code"]
        for fault in lines(any_sample / "truth" / "faults.ndjson")
        if fault["break_class"] == "ambiguous"
    }
    for line, amount in labelled.items():
        if line not in ambiguous:
            assert {amount} == nets[line], line


def test_sale_lines_tie_exactly_without_faults(plain: Path) -> None:
    tied = 0
    labelled = {fault["order_id"] for fault in lines(plain / "truth" / "faults.ndjson") if fault.get("order_id")}
    for order in lines(plain / "truth" / "orders.ndjson"):
        if order["is_stated"] and order["order_id"] not in labelled:
            assert nonzero(order["stated"]) == nonzero(order["expected"])
            tied += 1
    assert tied > 600


# Statements ------------------------------------------------------------------------------------------------------


def test_headers_are_the_seeds(any_sample: Path) -> None:
    found = Counter()
    variants: dict[str, set[int]] = defaultdict(set)
    for statement in statements(any_sample):
        optional = set(headers_of(statement.format, False)) - set(headers_of(statement.format, True))
        order = [name for name in headers_of(statement.format, False) if name in statement.header]
        assert statement.header == order + sorted(historical(statement.header), key=statement.header.index)
        assert set(statement.header) - set(headers_of(statement.format, True)) <= optional | historical(
            statement.header
        )
        found[statement.format] += 1
        variants[statement.format].add(len(statement.header))
        report = next(
            row["report_name"] for row in seed("statement_formats") if row["statement_format"] == statement.format
        )
        assert statement.path.name.startswith(report.replace(" ", "-") + "-")
    assert set(found) == {row["statement_format"] for row in seed("statement_formats")}
    assert len(variants["doordash_detailed"]) > 1
    assert len(variants["ubereats_payment_details"]) > 1


def test_uber_files_have_their_odd_headers(plain: Path) -> None:
    files = [one for one in statements(plain) if one.format == "ubereats_payment_details"]
    assert {one.header_row for one in files} == {1, 2}
    assert {one.has_mark for one in files} == {True, False}
    for one in files:
        assert sum("\n" in header for header in one.verbatim) == 1
        assert [header for header in one.verbatim if header.endswith(" ")] == [f"{one.net} "]


def test_every_row_adds_up(any_sample: Path) -> None:
    """The identities of statement-formats.md; the exceptions are labelled."""
    exceptions: dict[str, int] = defaultdict(int)
    for fault in lines(any_sample / "truth" / "faults.ndjson"):
        if fault.get("charge_type") == "remainder":
            exceptions[fault["statement_line"]] = fault["cents"]
    rows = 0
    for statement, line, row in statement_lines(any_sample):
        if statement.format == "doordash_error_charges":
            continue
        net = cents(row[statement.net])
        total = sum(cents(row[header]) * sign for header, sign in statement.amounts)
        in_total_only = (
            statement.format == "grubhub_transactions" and row["transaction_type"] in ("Miscellaneous", "GH Credit")
        ) or "Accelerated Remittance Fee" in row.get("Other payments description", "")
        if in_total_only:
            assert total == 0 and net
        else:
            assert net - total == exceptions.get(line, 0), (line, row)
        if statement.format == "grubhub_transactions" and not in_total_only:
            earned = [
                "subtotal", "subtotal_sales_tax", "self_delivery_charge", "self_delivery_charge_tax",
                "merchant_flexible_fee_bag_fee", "tip",
            ]  # fmt: skip
            assert cents(row["merchant_total"]) == sum(cents(row[name]) for name in earned)
        rows += 1
    assert rows > 1000


def test_item_rows_repeat_their_order(plain: Path) -> None:
    orders = 0
    for statement in statements(plain):
        if statement.format != "ubereats_payment_details_items":
            continue
        wanted: dict[str, list[int]] = {}
        items: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in statement.dicts():
            amounts = [cents(row["Sales (excl. tax)"]), cents(row["Tax on Sales"])]
            if row["Item Name"]:
                assert row["Total payout"] == ""
                items[row["Workflow ID"]][0] += amounts[0]
                items[row["Workflow ID"]][1] += amounts[1]
            elif row["Order Status"] == "Completed":
                wanted[row["Workflow ID"]] = amounts
        assert items == wanted
        orders += len(wanted)
    assert orders > 20


def test_weeks_are_downloaded_pending_and_again_paid(plain: Path) -> None:
    states: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for statement, line, row in statement_lines(plain):
        if statement.format in ("doordash_simplified", "ubereats_payment_details"):
            payout = row[column(statement.format, "attribute_name", "payout_id")]
            day = row[column(statement.format, "attribute_name", "payout_date")]
            assert (payout in ("NULL", "")) == (day in ("NULL", ""))
            states[statement.format, line].add(payout not in ("NULL", ""))
    for name in ("doordash_simplified", "ubereats_payment_details"):
        assert any(
            found == {True, False} for (statement_format, _), found in states.items() if statement_format == name
        )
        assert any(found == {False} for (statement_format, _), found in states.items() if statement_format == name)


def test_error_charges_repeat_lines_of_other_files(plain: Path) -> None:
    errors = {line for one, line, _ in statement_lines(plain) if one.format == "doordash_error_charges"}
    others = {
        line for one, line, _ in statement_lines(plain) if one.format in ("doordash_detailed", "doordash_simplified")
    }
    assert errors and errors <= others


def test_real_world_dirt_is_there(faulty: Path) -> None:
    rows = [row for one, _, row in statement_lines(faulty) if one.format == "grubhub_transactions"]
    assert {len(row["order_number"]) for row in rows if row["order_number"]} > {15}
    assert any("\n" in row["transaction_note"] and "\t" in row["transaction_note"] for row in rows)
    uber = [row for one, _, row in statement_lines(faulty) if one.format == "ubereats_payment_details"]
    assert any(row["Order Date"] == "12/31/00" for row in uber)
    assert all(re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}", row["Order Date"]) for row in uber)


# Payouts and deposits --------------------------------------------------------------------------------------------


def test_payouts_are_the_sums_of_their_lines(any_sample: Path) -> None:
    truth = {
        payout["payout_id"]: payout
        for payout in lines(any_sample / "truth" / "payouts.ndjson")
        if payout["payout_id"] and payout["is_statement_loaded"]
    }
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    summaries: dict[str, int] = defaultdict(int)
    for statement in statements(any_sample):
        if statement.format in ("doordash_error_charges", "grubhub_transactions"):
            continue
        payout_column = column(statement.format, "attribute_name", "payout_id")
        for row in statement.dicts():
            payout_id = row[payout_column]
            if statement.format in LINE_FORMATS:
                is_item = statement.format.endswith("_items") and row["Item Name"]
                if payout_id not in ("NULL", "") and not is_item:
                    sums[payout_id][identity(statement.format, row)] = cents(row[statement.net])
            else:
                summaries[payout_id] += cents(row[statement.net])
                total = sum(cents(row[header]) * sign for header, sign in statement.amounts)
                assert total == cents(row[statement.net])
    assert sums.keys() == truth.keys()
    for payout_id, payout in truth.items():
        assert sum(sums[payout_id].values()) == payout["net_cents"]
        if payout["platform"] in ("doordash", "ubereats"):
            assert summaries[payout_id] == payout["net_cents"]


def test_paydays_follow_the_pay_cycles(plain: Path) -> None:
    cycles = {row["platform"]: row for row in seed("pay_cycles")}
    closed = defaultdict(set)
    for row in seed("calendar_holidays"):
        closed[row["currency_code"]].add(date.fromisoformat(row["holiday_date"]))
    for payout in lines(plain / "truth" / "payouts.ndjson"):
        cycle = cycles[payout["platform"]]
        end = date.fromisoformat(payout["period_end_date"])
        day = end + timedelta(int(cycle["payday_offset_days"]))
        while day.weekday() > 4 or day in closed[payout["currency_code"]]:
            day += timedelta(1)
        assert payout["payout_date"] == day.isoformat()
        for _ in range(int(cycle["bank_lag_days"])):
            day += timedelta(1)
            while day.weekday() > 4 or day in closed[payout["currency_code"]]:
                day += timedelta(1)
        assert payout["due_date"] == day.isoformat()


def transactions(sample: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Bank rows, each once though exports overlap; where a bank gives no ids, its content tells a row."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted((sample / "raw" / "bank").iterdir()):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert path.stem == f"{rows[0]['account_id']}-{rows[-1]['posted_date']}"
        for row in rows:
            key = row.get("transaction_id") or "/".join(row.values())
            found[row["account_id"], key] = row
    return found


def test_every_payout_is_deposited(plain: Path) -> None:
    payouts = lines(plain / "truth" / "payouts.ndjson")
    rows = [row for row in transactions(plain).values() if row["description"].endswith(" PAYOUT")]
    posted = sum(cents(row["amount"]) for row in rows)
    arrived = [payout for payout in payouts if payout["bank_transaction_ids"]]
    assert posted == sum(payout["due_cents"] for payout in arrived)
    assert all(
        payout["due_date"] >= "2026-10-29" for payout in payouts if payout["due_cents"] and payout not in arrived
    )
    grouped = Counter(one for payout in arrived for one in payout["bank_transaction_ids"])
    assert max(grouped.values()) > 1, "one deposit for several payouts"
    carried: dict[tuple[str, str], int] = defaultdict(int)
    for payout in payouts:
        key = (payout["platform"], payout["platform_store_id"])
        assert payout["carry_in_cents"] == carried[key]
        balance = payout["net_cents"] + carried[key]
        assert payout["due_cents"] == max(0, balance)
        carried[key] = min(0, balance)


def test_payouts_reach_the_bank_in_every_ordinary_way(plain: Path) -> None:
    """What the matching of deposits must bear is in an ordinary sample."""
    payouts = lines(plain / "truth" / "payouts.ndjson")
    rows = {row.get("transaction_id"): row for row in transactions(plain).values()}
    split = [payout for payout in payouts if len(payout["bank_transaction_ids"]) > 1]
    parts = [[rows[one] for one in payout["bank_transaction_ids"] if one in rows] for payout in split]
    assert any(len({row["posted_date"] for row in one}) > 1 for one in parts), "two days"
    assert any(len(one) == 2 and len({row["posted_date"] for row in one}) == 1 for one in parts), "one day"
    for payout, one in zip(split, parts, strict=True):
        assert {row["reference"] for row in one} <= {payout["payout_id"]}
        assert not one or sum(cents(row["amount"]) for row in one) == payout["due_cents"]
    assert any(payout["carry_in_cents"] < 0 < payout["due_cents"] for payout in payouts), "carried and then cleared"
    assert any(payout["net_cents"] < 0 and payout["due_cents"] == 0 for payout in payouts), "below zero"
    closed = {(row["currency_code"], row["holiday_date"]) for row in seed("calendar_holidays")}
    moved = [
        payout
        for payout in payouts
        for day in (
            (date.fromisoformat(payout["due_date"]) - timedelta(1)).isoformat(),
            (date.fromisoformat(payout["payout_date"]) - timedelta(1)).isoformat(),
        )
        if (payout["currency_code"], day) in closed
    ]
    assert moved, "a holiday moves a payday or a due date"
    others = [row for row in transactions(plain).values() if not row["description"].endswith(" PAYOUT")]
    assert {row["amount"].startswith("-") for row in others} == {True, False}


def test_deposit_labels_are_the_differences(faulty: Path) -> None:
    """By account: what was posted is what was due there, plus the labels, less what is still on its way."""
    posted: dict[str, int] = defaultdict(int)
    for row in transactions(faulty).values():
        if row["description"].endswith(" PAYOUT"):
            posted[row["account_id"]] += cents(row["amount"])
    wanted: dict[str, int] = defaultdict(int)
    missing = {
        (fault["platform"], fault["platform_store_id"], fault["payout_date"])
        for fault in lines(faulty / "truth" / "faults.ndjson")
        if fault["break_class"] == "missing_deposit"
    }
    for payout in lines(faulty / "truth" / "payouts.ndjson"):
        key = (payout["platform"], payout["platform_store_id"], payout["payout_date"])
        is_known = payout["bank_transaction_ids"] or key in missing
        if is_known and payout["is_statement_loaded"]:
            wanted[payout["bank_account_id"]] += payout["due_cents"]
    for fault in lines(faulty / "truth" / "faults.ndjson"):
        if "deposit" in fault["break_class"]:
            wanted[fault["bank_account_id"]] += fault["cents"]
    assert posted == wanted


# Tables ----------------------------------------------------------------------------------------------------------


@cache
def table_rows(sample: Path) -> dict[str, list[JSON]]:
    """Rows of each extract in order of arrival."""
    found: dict[str, list[JSON]] = defaultdict(list)
    for path in sorted((sample / "raw" / "tables").iterdir(), key=lambda path: path.name):
        schema, table, day, kind = path.name.split(".")
        if kind == "parquet":
            rows = pyarrow.parquet.read_table(path).to_pylist()
        elif kind == "ndjson":
            rows = lines(path)
        else:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]
        assert all(str(row["_fivetran_synced"])[:10] == day for row in rows)
        found[f"{schema}.{table}"] += rows
    return found


def declared_tables() -> dict[str, JSON]:
    return {
        f"{source['name']}.{table['name']}": table
        for path in (PROJECT / "models" / "staging").glob("*/_sources.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        for table in source["tables"]
    }


def test_every_declared_table_has_rows_with_its_columns(plain: Path) -> None:
    found = table_rows(plain)
    extracts = {
        name: table
        for name, table in declared_tables().items()
        if any(one["name"] == "_fivetran_synced" for one in table["columns"])
    }
    assert found.keys() == extracts.keys()
    for name, table in extracts.items():
        columns = {one["name"] for one in table["columns"]}
        required = {one["name"] for one in table["columns"] if one.get("config", {}).get("meta", {}).get("required")}
        assert all(required <= set(row) <= columns for row in found[name]), name


def current(rows: list[JSON], *key: str) -> dict[tuple[Any, ...], JSON]:
    return {tuple(row[name] for name in key): row for row in rows}


def test_deliveries_and_calls_hang_together(plain: Path) -> None:
    tables = table_rows(plain)
    v3, v2 = "deliveriesv3prod_rds_public", "deliveries_rds_public"
    deliveries = current(tables[f"{v3}.deliveries"], "id")
    attempts = current(tables[f"{v3}.attempts"], "id")
    links = current(tables[f"{v3}.delivery_attempts"], "delivery_id", "attempt_id")
    assert {(attempt,) for _, attempt in links} == set(attempts)
    assert {(delivery,) for delivery, _ in links} == set(deliveries)
    assert {row["provider"] for row in attempts.values()} == {"COCO", "DOORDASH"}
    references = current(tables[f"{v2}.doordash_references"], "delivery_id")
    doordash = {key for key, row in attempts.items() if row["provider"] == "DOORDASH"}
    # As the service does: the mapping is stored when CREATE is accepted, and a refused one leaves none.
    refused = {
        (row["attempt_id"],)
        for row in tables[f"{v2}.doordash_responses"]
        if row["type"] == "CREATE" and "error" in json.loads(row["payload"])
    }
    assert refused
    assert {(row["attempt_id"],) for row in references.values()} == doordash - refused
    as_text = {str(number) for (number,) in references}
    assert len(references) == len({row["attempt_id"] for row in tables[f"{v2}.doordash_references"]})
    for (number,), row in references.items():
        # Where the number does match a delivery's text, it is the delivery of the attempt.
        assert (str(number),) not in deliveries or (str(number), row["attempt_id"]) in links
    assert any((number,) in deliveries for number in as_text), "a delivery carried over from the first service"
    assert any((number,) not in deliveries for number in as_text), "a number that only the first service knows"
    answered: dict[str, set[str]] = defaultdict(set)
    for row in tables[f"{v2}.doordash_responses"]:
        answered[row["attempt_id"]].add(row["type"])
    assert all({"QUOTE", "CREATE"} <= answered[attempt] for (attempt,) in doordash)
    documents = {document["details"]["externalId"]: document for document in latest(plain).values()}
    linked = [row for row in deliveries.values() if row["external_order_id"]]
    assert all(row["external_order_id"] in documents for row in linked)
    for row in tables[f"{v2}.olo_references"]:
        assert (row["delivery_id"],) in deliveries
        assert documents[row["original_delivery_id"]]["store"]["platform"] == "olo"
    for row in tables[f"{v2}.olo_config_providers"]:
        assert any(one["id"] == row["provider_id"] for one in tables[f"{v2}.olo_providers"])
    assert any(row["_fivetran_deleted"] in (True, "true") for rows in tables.values() for row in rows)


def test_integrations_come_in_every_shape_and_source(plain: Path) -> None:
    rows = table_rows(plain)["config_rds_public.integration"]
    assert {row["source"] for row in rows} == {row["integration_source"] for row in seed("platform_terms")}
    assert {(row["is_active"], row["is_deviceless"]) for row in rows} == {
        (active, deviceless) for active in ("true", "false") for deviceless in ("true", "false")
    }
    shapes = set()
    for row in rows:
        value = json.loads(row["external_ids"]) if row["external_ids"] else None
        shapes.add(type(value).__name__ if value else repr(value))
        if isinstance(value, dict):
            shapes |= {f"object with {type(one).__name__}" for one in value.values()}
    assert shapes >= {"dict", "list", "str", "{}", "None", "object with list", "object with str"}
    stores = defaultdict(set)
    for row in seed("store_map"):
        if not row["valid_to"]:
            stores[row["merchant_id"], row["platform"]] |= {row["platform_store_id"], row["partner_store_code"]}
    for row in rows:
        known = stores.get((row["merchant_id"], row["source"]))
        if known and row["is_active"] == "true":
            assert any(json.dumps(one).strip('"') in (row["external_ids"] or "") for one in known)
    assert any(row["pickup_override_minutes"] is None for row in rows)
    assert any(row["pickup_override_minutes"] is not None for row in rows)


def test_personal_data_and_secrets_carry_the_canary(plain: Path) -> None:
    for document in latest(plain).values():
        details = document["details"]
        people = [details["consumer"], *details["consumers"], details.get("courier", {})]
        people.append(details.get("deliveryAddress", {}))
        for person in people:
            for value in person.values():
                assert not isinstance(value, str) or value == "" or CANARY in value
    tables = table_rows(plain)
    assert all(row["unlock_pin"].startswith(CANARY) for row in tables["config_rds_public.integration"])
    drivers = 0
    for row in tables["deliveries_rds_public.doordash_responses"]:
        payload = json.loads(row["payload"]) if row["payload"].startswith("{") else {}
        if "driver" in payload:
            drivers += 1
            assert payload["driver"]["name"].startswith(CANARY) and payload["driver"]["phone"].startswith(CANARY)
    assert drivers > 20


# Arrival ---------------------------------------------------------------------------------------------------------


def test_every_raw_file_belongs_to_one_day_of_arrival(any_sample: Path) -> None:
    for path in (any_sample / "raw").rglob("*"):
        if path.is_file():
            day = re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", path.name)[-1]
            assert "2026-09-20" <= day <= END, path
    for statement, _, row in statement_lines(any_sample):
        arrived = re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", statement.path.name)[-1]
        if statement.format.startswith("doordash"):
            assert row["Timestamp local time"][:10] <= arrived
            assert row["Payout date"] in ("NULL", arrived)


def test_orders_cross_midnight_and_a_change_of_clocks(tmp_path: Path) -> None:
    simulate(tmp_path, orders=3000, seed=3, days=10, end_date=date(2026, 11, 5), project_dir=PROJECT)
    zones = {row["partner_store_code"]: row["time_zone"] for row in seed("store_map")}
    night = 0
    for document in latest(tmp_path).values():
        zone = ZoneInfo(zones[document["store"]["externalId"]])
        placed = datetime.fromisoformat(document["details"]["placedAt"].replace("Z", "+00:00")).astimezone(zone)
        night += placed.date() == date(2026, 11, 1) and placed.hour < 3
    assert night > 3


# Faults ----------------------------------------------------------------------------------------------------------

ORDINARY = {
    "active_deleted_merchant", "active_test_merchant", "ads", "chargeback", "daily_pay_fee", "equipment",
    "error_charge", "platform_adjustment", "refund", "remainder", "response_not_json", "tax_adjustment",
    "unverified", "won_back",
}  # fmt: skip


def test_nothing_is_planted_without_faults(plain: Path) -> None:
    faults = lines(plain / "truth" / "faults.ndjson")
    assert {fault["origin"] for fault in faults} == {"ordinary"}
    assert {fault["break_class"] for fault in faults} <= ORDINARY


def test_every_class_is_planted(faulty: Path) -> None:
    planted = {
        fault["break_class"] for fault in lines(faulty / "truth" / "faults.ndjson") if fault["origin"] == "fault"
    }
    assert planted == {fault.name for fault in CATALOGUE}


@pytest.mark.parametrize("name", ["refund", "duplicate", "short_deposit", "repeated_create", "unexplained"])
def test_one_class_alone(name: str, tmp_path: Path) -> None:
    simulate(tmp_path, orders=600, seed=4, faults={name: 0.5}, project_dir=PROJECT)
    faults = [fault for fault in lines(tmp_path / "truth" / "faults.ndjson") if fault["origin"] == "fault"]
    assert {fault["break_class"] for fault in faults} == {name}
    assert len(faults) > 10


def test_documented_classes_are_the_catalogue() -> None:
    text = (PROJECT / "docs" / "simulate.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z_]+)` \| (?:[ABC][0-9]|bank|integration) \|", text, re.MULTILINE))
    assert named == {fault.name for fault in CATALOGUE} | {"unexplained"}


# Refusals and small rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [-0.1, 1.5, {"refund": 2.0}, {"refunds": 0.1}])
def test_rates_that_cannot_be_are_refused(faults: float | dict[str, float]) -> None:
    with pytest.raises(FaultError, match=r"share between 0 and 1|unknown fault class refunds"):
        FaultRates.parse(faults)


def test_an_existing_sample_is_not_overwritten(plain: Path) -> None:
    before = contents(plain / "truth")
    with pytest.raises(OutputError, match="exists already"):
        simulate(plain, orders=10, seed=1, project_dir=PROJECT)
    assert contents(plain / "truth") == before


def test_command_writes_a_sample_and_says_where(tmp_path: Path) -> None:
    arguments = ["--out", str(tmp_path / "s"), "--orders", "40", "--seed", "2", "--days", "9", "--faults", "refund=0.5"]
    result = CliRunner().invoke(simulate_command, arguments)
    assert result.exit_code == 0, result.output
    assert "40 orders" in result.output and str(tmp_path / "s" / "raw") in result.output
    assert len(lines(tmp_path / "s" / "truth" / "orders.ndjson")) == 40
    again = CliRunner().invoke(simulate_command, arguments)
    assert again.exit_code == 1 and "exists already" in again.output
    for wrong in ("many", "refund=x"):
        refused = CliRunner().invoke(simulate_command, ["--out", str(tmp_path / "t"), "--faults", wrong])
        assert refused.exit_code == 2 and "give a share" in refused.output


@pytest.mark.parametrize(
    ("amount", "bps", "wanted"),
    [(150, 1000, 15), (5, 1000, 1), (-5, 1000, -1), (4, 1000, 0), (-4, 1000, 0), (1975, 2000, 395), (1667, 300, 50)],
)
def test_share_rounds_half_away_from_zero(amount: int, bps: int, wanted: int) -> None:
    assert share(amount, bps) == wanted == rounded(amount, bps)


def test_money_text() -> None:
    assert [money_text[amount] for amount in (0, 5, -5, 100, -12345)] == ["0.00", "0.05", "-0.05", "1.00", "-123.45"]
