"""Small cases made by hand: order documents and statement rows in the platforms' own formats, loaded and built once.

A case is a function that is given a `Stage` and puts stores, orders and statement lines on it. Stores are its own, so
that nothing of one case meets another. It returns what the warehouse should say: `claims` of all of its stores,
`expected` charges of its orders, or both. All cases of the collected test modules go into one warehouse an engine.

Amounts are integer cents, signed from the merchant's side, as statements write them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warehouses import PROJECT, Warehouse

# The moment that cases are looked at from is AS_OF of warehouses.py, 2026-11-01 12:00 UTC, a Sunday. A week that was
# paid out long before then, on which orders of a case are placed unless it says otherwise; the zone is the stores'.
MONDAY = datetime(2026, 9, 14, 18, 30)
ZONE = "America/New_York"

# Accounts of the seed payee_accounts that stores in other currencies than that of every store are paid into.
ACCOUNTS = {"CAD": ("coco-canada-cad", "Coco Canada"), "EUR": ("coco-finland-eur", "Coco Finland")}

# Seeds that stages add rows to.
SEEDS = ("store_map", "store_aliases", "payee_accounts", "fee_schedules", "tax_facilitation", "tolerances")

# What a dbt project is made of, less the Python tests.
PROJECT_PARTS = ("dbt_project.yml", "models", "macros", "seeds", "snapshots", "analyses", "tests/generic", "tests/laws")

# The column of each charge, in the words of the export; what is not named here cannot be stated in that format.
HEADERS: dict[str, dict[str, str]] = {
    "doordash_simplified": {
        "sales": "Subtotal",
        "tax": "Tax (subtotal)",
        "delivery_fee": "Customer fees",
        "delivery_fee_tax": "Tax (customer fees)",
        "commission": "Commission",
        "processing_fee": "Merchant fees",
        "marketing_fee": "Marketing fees",
        "discount": "Customer discounts",
        "platform_funding": "DoorDash marketing credit",
        "third_party_funding": "Third-party contribution",
        "error_charge": "Error charges",
        "adjustment": "Adjustments",
    },
    "doordash_detailed": {
        "sales": "Subtotal",
        "tax": "Subtotal tax passed to merchant",
        "commission": "Commission",
        "processing_fee": "Payment processing fee",
        "discount": "Customer discounts from marketing | (funded by you)",
        "platform_funding": "DoorDash marketing credit",
        "third_party_funding": "Third-party contribution",
        "error_charge": "Error charges",
        "adjustment": "Adjustments",
        "tip": "Staff tip",
    },
    "ubereats_payment_details": {
        "sales": "Sales (excl. tax)",
        "tax": "Tax on Sales",
        "refund": "Order Error Adjustments",
        "refund_tax": "Tax on Order Error Adjustments",
        "discount": "Offers on items (incl. tax)",
        "bag_fee": "Bag Fee",
        "platform_funding": "Marketing Adjustment",
        "commission": "Marketplace Fee",
        "processing_fee": "Order Processing Fee",
        "delivery_fee": "Delivery Fee",
        "delivery_fee_tax": "Tax On Delivery Fee",
        "tip": "Tips",
        "capital": "Capital payments",
        "other": "Other payments",
        "tax_withheld": "Marketplace Facilitator Tax",
        "backup_withholding": "Backup Withholding Tax",
    },
    "grubhub_transactions": {
        "sales": "subtotal",
        "tax": "subtotal_sales_tax",
        "delivery_fee": "self_delivery_charge",
        "delivery_fee_tax": "self_delivery_charge_tax",
        "bag_fee": "merchant_flexible_fee_bag_fee",
        "tip": "tip",
        "commission": "commission",
        "delivery_commission": "delivery_commission",
        "processing_fee": "processing_fee",
        "tax_withheld": "withheld_tax",
        "discount": "merchant_funded_promotion",
    },
    "stripe_payouts_itemized": {"gross": "gross", "processing_fee": "fee"},
}

NET_HEADERS = {
    "doordash_simplified": "Net total",
    "doordash_detailed": "Net total",
    "ubereats_payment_details": "Total payout",
    "grubhub_transactions": "merchant_net_total",
    "stripe_payouts_itemized": "net",
}

# The platforms' words for the kinds of lines.
KINDS = {
    "doordash": {"sale": "Order", "error_charge": "Error Charge", "fee": "Fee", "adjustment": "Adjustment"},
    "ubereats": {
        "sale": "Completed", "refund": "Refund", "won_back": "Refund Disputed", "cancellation": "Cancelled",
        "account": "",
    },
    "grubhub": {
        "sale": "Prepaid Order", "adjustment": "Order Adjustment", "account": "Miscellaneous",
        "credit": "GH Credit", "cancellation": "Cancellation",
    },
    "stripe": {
        "sale": "charge", "refund": "refund", "chargeback": "dispute", "won_back": "dispute_reversal", "fee": "fee",
        "adjustment": "adjustment",
    },
}  # fmt: skip

FORMATS = {
    "doordash": "doordash_simplified",
    "ubereats": "ubereats_payment_details",
    "grubhub": "grubhub_transactions",
    "stripe": "stripe_payouts_itemized",
}


@dataclass(frozen=True)
class Store:
    """A platform store that the kit adds to the seed store_map."""

    platform: str
    platform_store_id: str
    code: str
    name: str
    merchant_id: str
    time_zone: str
    currency: str

    @property
    def store_id(self) -> str:
        return f"{self.platform}:{self.platform_store_id}"


@dataclass(frozen=True)
class Order:
    """An order document; `local` is the time at its store."""

    store: Store
    order_id: str
    external_id: str
    readable: str
    local: datetime
    document: Mapping[str, Any] = field(hash=False, compare=False)


@dataclass(frozen=True)
class Outcome:
    """What the warehouse should say of a case.

    `claims`: cents by claim, written "<class> <charge type>", with " < <class>" where another claim caused it,
    " in <currency>" where that is not its store's, and " at <store name>" where the store is not the case's first.
    `expected`: cents by charge type of each order; None is an amount that nobody can know.
    """

    claims: Mapping[str, int] | None = None
    expected: Mapping[Order, Mapping[str, int | None]] | None = None


class Stage:
    """The corner of the warehouse that belongs to one case."""

    def __init__(self, kit: Kit, name: str) -> None:
        self.kit = kit
        self.name = name
        self.stores: list[Store] = []
        self._count = 0

    def unique(self, what: str) -> uuid.UUID:
        """An id that no other call gives, the same in every process."""
        self._count += 1
        return uuid.UUID(bytes=hashlib.sha256(f"{self.name}/{what}/{self._count}".encode()).digest()[:16], version=4)

    def store(
        self,
        platform: str = "doordash",
        *,
        name: str | None = None,
        merchant: str | None = None,
        time_zone: str = ZONE,
        currency: str = "USD",
        schedule: Mapping[str, Any] | None = None,
        withheld_bps: int | None = None,
    ) -> Store:
        """Add a store, with a fee schedule and a tax treatment of its own where they are given.

        Args:
            schedule: columns of fee_schedules that differ from a schedule of nothing.
            withheld_bps: the share of its tax that the platform withholds.
        """
        identity = self.unique("store")
        store_id = str(identity) if platform == "ubereats" else str(identity.int % 10**9 + 10**9)
        code = f"{identity.int % 10**6}|{identity.int % 10**5}" if platform == "ubereats" else f"{platform}-{identity}"
        added = Store(
            platform, store_id, code, name or f"Case {identity}", merchant or str(self.unique("merchant")), time_zone,
            currency,
        )  # fmt: skip
        self.stores.append(added)
        self.map_store(added)
        if currency in ACCOUNTS:
            account, entity = ACCOUNTS[currency]
            self.kit.seeds["payee_accounts"].append({
                "platform": platform, "platform_store_id": store_id, "bank_account_id": account,
                "legal_entity": entity, "currency_code": currency, "merchant_of_record": "coco",
                "valid_from": "2020-01-01", "valid_to": "", "recorded_on": "2026-01-01",
            })  # fmt: skip
        if schedule is not None:
            self.schedule(added, **schedule)
        if withheld_bps is not None:
            self.treatment(added, withheld_bps)
        return added

    def map_store(
        self,
        store: Store,
        *,
        merchant: str | None = None,
        start: str = "2020-01-01",
        end: str = "",
        recorded: str = "2026-01-01",
    ) -> None:
        """Add a row of store_map; one that ends replaces the store's open row, save where it is recorded later."""
        rows = self.kit.seeds["store_map"]
        if recorded == "2026-01-01" and (start != "2020-01-01" or end):
            rows[:] = [
                row for row in rows if row["platform_store_id"] != store.platform_store_id or row["valid_to"] != ""
            ]
        rows.append({
            "platform": store.platform, "platform_store_id": store.platform_store_id, "partner_store_code": store.code,
            "store_name": store.name, "merchant_id": merchant or store.merchant_id, "time_zone": store.time_zone,
            "currency_code": store.currency, "valid_from": start, "valid_to": end, "recorded_on": recorded,
        })  # fmt: skip

    def alias(self, store: Store, name: str, start: str, end: str) -> None:
        """Add another name that a store bore for a while."""
        self.kit.seeds["store_aliases"].append({
            "platform": store.platform, "platform_store_id": store.platform_store_id, "store_name": name,
            "valid_from": start, "valid_to": end, "recorded_on": "2026-01-01",
        })  # fmt: skip

    def schedule(self, store: Store, *, start: str = "2020-01-01", end: str = "", **terms: Any) -> str:
        """Add a fee schedule of a store; returns its id."""
        identity = f"case-{self.unique('schedule')}"
        self.kit.seeds["fee_schedules"].append({
            "fee_schedule_id": identity, "platform": store.platform, "platform_store_id": store.platform_store_id,
            "fulfilment": "platform_delivery", "commission_type": "regular", "commission_rate_bps": 0,
            "commission_base": "none", "delivery_commission_rate_bps": 0, "processing_rate_bps": 0,
            "processing_fixed_cents": 0, "processing_base": "none", "valid_from": start, "valid_to": end,
            "recorded_on": "2026-01-01", **terms,
        })  # fmt: skip
        return identity

    def treatment(self, store: Store, withheld_bps: int, *, start: str = "2020-01-01", end: str = "") -> None:
        """Add a tax treatment of a store."""
        self.kit.seeds["tax_facilitation"].append({
            "tax_facilitation_id": f"case-{self.unique('treatment')}", "platform": store.platform,
            "platform_store_id": store.platform_store_id,
            "treatment": {0: "passed_on", 10_000: "withheld"}.get(withheld_bps, "split"),
            "withheld_share_bps": withheld_bps, "valid_from": start, "valid_to": end, "recorded_on": "2026-01-01",
        })  # fmt: skip

    def tolerance(self, platform: str, cents: int, cap: int, start: str) -> None:
        """Add a tolerance of a platform, which holds for all of its stores."""
        self.kit.seeds["tolerances"].append({
            "tolerance_id": f"case-{self.unique('tolerance')}", "platform": platform, "rounding_cents": cents,
            "rounding_cap_cents": cap, "valid_from": start, "valid_to": "", "recorded_on": "2026-01-01",
        })  # fmt: skip

    def order(
        self,
        store: Store,
        *,
        items: int | Iterable[int] = 2000,
        tax: int = 0,
        tip: int = 0,
        delivery_fee: int = 0,
        delivery_fee_tax: int = 0,
        bag_fee: int | None = None,
        splits: Iterable[tuple[str, int]] = (),
        discount: int | None = None,
        funder: str | None = None,
        fulfilment: str = "platform_delivery",
        commission_type: str | None = "regular",
        status: str = "finished",
        cancelled_by: str | None = None,
        local: datetime = MONDAY,
        utc: datetime | None = None,
        currency: str | None = None,
        has_financials: bool = True,
        same_as: Order | None = None,
        change: Callable[[dict[str, Any]], None] | None = None,
    ) -> Order:
        """Put an order document on the stage.

        Args:
            items: cents of its items.
            splits: who funds its one platform promotion, and with how many cents.
            discount: cents of a discount without splits, funded by `funder`.
            local: when it was placed, by the clock of its store; `utc` says the moment itself.
            currency: what the document names; the store's by default.
            has_financials: whether it has rawPlatformFinancials, which the previous schema has not.
            same_as: an order whose platform ids it bears too.
            change: what else is different in the document.
        """
        prices = [items] if isinstance(items, int) else list(items)
        funding: list[dict[str, Any]] = [{"fundingSource": source, "amountPaid": cents} for source, cents in splits]
        taken = sum(split["amountPaid"] for split in funding) if funding else discount or 0
        zone = ZoneInfo(store.time_zone)
        moment = utc.replace(tzinfo=UTC) if utc else local.replace(tzinfo=zone).astimezone(UTC)
        identity, external = self.unique("order"), same_as.external_id if same_as else str(self.unique("external"))
        total = sum(prices) + tax + tip + delivery_fee + delivery_fee_tax + (bag_fee or 0) - taken
        document: dict[str, Any] = {
            "id": str(identity),
            "status": "cancelled" if cancelled_by else status,
            "createdAt": iso(moment),
            "updatedAt": iso(moment + timedelta(minutes=40)),
            "store": {
                "id": str(uuid.uuid5(identity, "store")),
                "externalId": store.code,
                "location": store.name,
                "brand": "Case",
                "platform": store.platform,
            },
            "details": {
                "externalId": external,
                "externalReadableOrderNum": readable_number(store.platform, external),
                "placedAt": iso(moment),
                "isPickup": fulfilment == "pickup",
                "isMerchantDelivery": fulfilment == "self_delivery",
                "consumer": {"name": "Sample Person"},
                "consumers": [],
                "isGroupOrder": False,
                "note": "",
                "deliveryNote": "",
                "total": total,
                "subtotal": sum(prices),
                "tax": tax,
                "tip": tip,
                "deliveryFee": delivery_fee,
                "items": [item(number, cents) for number, cents in enumerate(prices, start=1)],
                "promotions": [{"name": "Offer", "discountValue": taken}] if taken else [],
            },
        }
        if cancelled_by:
            document["cancellation"] = {"by": cancelled_by, "reason": "Closed", "at": iso(moment)}
        if has_financials:
            document["rawPlatformFinancials"] = {
                "totals": {"subtotal": sum(prices), "total": total},
                "taxes": {"total": tax, "sales": tax, "merchantSalesTotal": tax},
                "tip": {"amount": tip, "type": None},
                "fees": {"delivery": delivery_fee, "deliveryTax": delivery_fee_tax, "bagFee": bag_fee},
                "promotions": {
                    "platformPromotions": [promotion(taken, funding)] if funding else None,
                    "subtotalPromoApplied": taken,
                },
                "platformMetadata": {
                    "commissionType": commission_type,
                    "subtotalDiscountFundingSource": funder,
                    "currencyCode": currency or store.currency,
                },
            }
        if change:
            change(document)
        self.kit.documents.append(document)
        readable = document["details"]["externalReadableOrderNum"]
        return Order(store, str(identity), external, readable, moment.astimezone(zone).replace(tzinfo=None), document)

    def line(
        self,
        subject: Order | Store,
        kind: str = "sale",
        *,
        store: Store | None = None,
        on: datetime | None = None,
        net: int | None = None,
        text: str = "",
        cells: Mapping[str, str] | None = None,
        payout: str | None = None,
        paid_on: date | None = None,
        detailed: bool = False,
        **charges: int,
    ) -> None:
        """Put a statement line on the stage: of an order, or of a store's account.

        Args:
            kind: a key of KINDS.
            store: the store that the line names, where it is not the order's.
            on: the line's own local time; by default the order's.
            net: the stated net, where it is not the sum of the charges.
            text: description or note.
            cells: columns to overwrite, by header.
            payout: the platform's reference of the payout that it was paid in.
            paid_on: the payout's date.
            detailed: on DoorDash, in the detailed report.
        """
        order = subject if isinstance(subject, Order) else None
        place = store or (order.store if order else subject)
        assert isinstance(place, Store)
        local = on or (order.local if order else MONDAY)
        family = "stripe" if place.platform in ("olo", "lunchbox", "native") else place.platform
        statement_format = "doordash_detailed" if detailed else FORMATS[family]
        headers = HEADERS[statement_format]
        row = blank_row(statement_format)
        row |= {headers[charge]: money(cents) for charge, cents in charges.items()}
        row[NET_HEADERS[statement_format]] = money(sum(charges.values()) if net is None else net)
        reference = payout or f"po{self.unique('payout').int % 10**12}"
        paid = paid_on or local.date() + timedelta(days=8)
        row |= WRITERS[family](self, place, order, KINDS[family][kind], local, text, reference, paid)
        known = set(headers_of(statement_format))
        row = {header: cell for header, cell in row.items() if header in known} | dict(cells or {})
        assert set(row) <= known, f"{statement_format} has no {set(row) - known}"
        self.kit.rows.setdefault(statement_format, []).append(row)

    def deposit(self, account: str, posted: date, cents: int, description: str, reference: str = "") -> None:
        """Put a transaction on a bank account."""
        self.kit.bank.append({
            "transaction_id": str(self.unique("transaction").int % 10**12), "account_id": account,
            "posted_date": posted.isoformat(), "amount": money(cents), "currency": "USD",
            "description": description, "reference": reference,
        })  # fmt: skip


def doordash_row(
    stage: Stage, store: Store, order: Order | None, kind: str, local: datetime, text: str, payout: str, paid: date
) -> dict[str, str]:
    return {
        "Business ID": "1",
        "Business name": "Case",
        "Store ID": store.platform_store_id,
        "Store name": store.name,
        "Merchant store ID": store.code,
        "Timestamp local time": local.strftime("%Y-%m-%d %H:%M:%S"),
        "Timestamp local date": local.date().isoformat(),
        "DoorDash transaction ID": str(stage.unique("transaction").int % 10**11),
        "DoorDash order ID": order.readable if order else "NULL",
        "POS order ID": order.order_id if order else "NULL",
        "Transaction type": kind,
        "Channel": "Marketplace" if order else "NULL",
        "Description": text or "NULL",
        "Final order status": "Delivered",
        "Currency": store.currency,
        "Payout date": paid.isoformat(),
        "Payout ID": payout,
    }


def ubereats_row(
    stage: Stage, store: Store, order: Order | None, kind: str, local: datetime, text: str, payout: str, paid: date
) -> dict[str, str]:
    return {
        "Store Name": store.name,
        "Store ID": store.code,
        "Order ID": order.readable.removeprefix("#") if order else "",
        "Workflow ID": order.external_id if order else "",
        "Dining Mode": "Delivery" if order else "",
        "Order Status": kind,
        "Order Date": f"{local.month}/{local.day}/{local:%y}",
        "Order Accept Time": f"{local:%H:%M:%S}",
        "Other payments description": text,
        "Payout Date": f"{paid.month}/{paid.day}/{paid:%y}",
        "Payout reference ID": payout,
    }


def grubhub_row(
    stage: Stage, store: Store, order: Order | None, kind: str, local: datetime, text: str, payout: str, paid: date
) -> dict[str, str]:
    return {
        "order_channel": "Grubhub Marketplace",
        "order_number": order.readable.replace("-", "") if order else "",
        "transaction_date": local.date().isoformat(),
        "transaction_time_local": f"{local:%H:%M:%S}",
        "order_time_zone": store.time_zone,
        "grubhub_store_id": store.platform_store_id,
        "store_number": store.code,
        "store_name": store.name,
        "transaction_type": kind,
        "transaction_note": text,
        "transaction_id": f"{stage.unique('transaction').int % 16**16:016x}",
    }


def stripe_row(
    stage: Stage, store: Store, order: Order | None, kind: str, local: datetime, text: str, payout: str, paid: date
) -> dict[str, str]:
    return {
        "payout_id": payout,
        "effective_at": f"{paid.isoformat()} 00:00:00",
        "currency": store.currency.lower(),
        "reporting_category": kind,
        "balance_transaction_id": f"txn_{stage.unique('transaction').hex}",
        "description": order.external_id if order else text,
        "payout_status": "paid",
        "payout_type": "bank_account",
        "payout_destination_id": "coco-operating-usd",
    }


WRITERS = {"doordash": doordash_row, "ubereats": ubereats_row, "grubhub": grubhub_row, "stripe": stripe_row}


@dataclass
class Kit:
    """All that cases put on their stages: documents, statement rows by format, bank rows, rows of seeds."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    bank: list[dict[str, str]] = field(default_factory=list)
    seeds: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SEEDS})

    def write_raw(self, folder: Path) -> None:
        """Write the raw files that `coco load` takes."""
        folder.mkdir()
        lines = [json.dumps(document) for document in self.documents]
        (folder / "orders.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for statement_format, rows in self.rows.items():
            write_csv(folder / f"{statement_format}.csv", headers_of(statement_format), rows)
        if self.bank:
            write_csv(folder / "bank.csv", list(self.bank[0]), self.bank)

    def write_project(self, folder: Path) -> None:
        """Copy the project, with the cases' rows added to its seeds."""
        for part in PROJECT_PARTS:
            source, copy = PROJECT / part, folder / part
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                shutil.copy(source, copy)
        for seed, rows in self.seeds.items():
            with (folder / "seeds" / f"{seed}.csv").open("a", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, seed_rows(seed)[0].keys(), lineterminator="\n")
                writer.writerows(rows)


@dataclass(frozen=True)
class Case:
    """A case: `shows` is what it is a case of, `holds` whether that is there or only nearly."""

    name: str
    stage_it: Callable[[Stage], Outcome]
    shows: str
    holds: bool


CASES: list[Case] = []


def case(shows: str = "", *, holds: bool = True) -> Callable[[Callable[[Stage], Outcome]], Callable[[Stage], Outcome]]:
    """Count a function among the cases."""

    def register(function: Callable[[Stage], Outcome]) -> Callable[[Stage], Outcome]:
        CASES.append(Case(f"{function.__module__}.{function.__name__}", function, shows, holds))
        return function

    return register


def cases_of(module: str) -> list[Case]:
    """The cases of one test module."""
    return [found for found in CASES if found.name.startswith(f"{module}.")]


@cache
def staged() -> tuple[Kit, dict[str, tuple[Stage, Outcome]]]:
    """Stage all cases; the same in every process of a run, since all of them collect the same modules."""
    kit = Kit()
    stages = {}
    for each in sorted(CASES, key=lambda found: found.name):
        stage = Stage(kit, each.name)
        stages[each.name] = (stage, each.stage_it(stage))
    return kit, stages


def build_cases(warehouse: Warehouse) -> None:
    """Load all cases into an empty warehouse, whose project is still to be written, and build it."""
    kit, _ = staged()
    kit.write_project(warehouse.project)
    kit.write_raw(warehouse.folder / "raw")
    report = warehouse.load(warehouse.folder / "raw")
    assert {outcome.status for outcome in report.files} == {"landed"}, report
    warehouse.create_empty_tables("config_rds_public")
    selected = ["+reconciliation_claims", "+order_reconciliation", "+merchant_reconciliation", "+stated_charges"]
    warehouse.dbt("build", "--select", *selected).assert_succeeded()


@dataclass(frozen=True)
class Answers:
    """What a built warehouse says of the cases."""

    warehouse: Warehouse
    claims: Mapping[str, list[tuple[str, str, str | None, str, int]]]
    charges: Mapping[str, dict[str, int | None]]

    @classmethod
    def of(cls, warehouse: Warehouse) -> Answers:
        claims: dict[str, list[tuple[str, str, str | None, str, int]]] = {}
        for store, *claim in warehouse.rows(
            "select store_id, break_class, charge_type, caused_by, currency_code, claimed_cents"
            " from coco_marts.reconciliation_claims"
        ):
            claims.setdefault(store, []).append(tuple(claim))
        charges: dict[str, dict[str, int | None]] = {}
        for order, charge, cents in warehouse.rows(
            "select order_id, charge_type, expected_cents from coco_marts.expected_charges"
        ):
            charges.setdefault(order, {})[charge] = cents
        return cls(warehouse, claims, charges)

    def claims_at(self, stage: Stage) -> dict[str, int]:
        """The claims of all stores of a stage, written as in Outcome."""
        found: Counter[str] = Counter()
        for store in stage.stores:
            for break_class, charge, caused_by, currency, cents in self.claims.get(store.store_id, []):
                name = f"{break_class} {charge}"
                name += f" < {caused_by}" if caused_by else ""
                name += f" in {currency}" if currency != store.currency else ""
                name += f" at {store.name}" if store != stage.stores[0] else ""
                found[name] += cents
        return dict(found)


def check(each: Case, answers: Answers) -> None:
    """Hold the warehouse to what a case says of it."""
    stage, outcome = staged()[1][each.name]
    if outcome.claims is not None:
        found = answers.claims_at(stage)
        assert found == dict(outcome.claims), f"{each.name}: claimed {found}, not {dict(outcome.claims)}"
    for order, charges in (outcome.expected or {}).items():
        expected = answers.charges.get(order.order_id, {})
        assert expected == dict(charges), f"{each.name}: expected {expected}, not {dict(charges)}"


@dataclass(frozen=True)
class WorkedWeek:
    """What stands on the stage of the worked week."""

    store: Store
    orders: tuple[Order, ...]
    payout: str
    paid_on: date
    deposited_on: date


def worked_week(stage: Stage) -> WorkedWeek:
    """The week that the model of reconciliation works out, at an Uber Eats store of the operating account.

    Sales of 100,000 in four orders, tax of 8,000, all withheld, a discount of 10,000 of which the platform funds 4,000,
    commission of 20 % of 94,000; then a refund of 2,500 whose tax of 200 is reversed with its withholding, and
    advertising of 3,000. Stated 69,700; the bank shows 69,200.
    """
    store = stage.store(
        "ubereats",
        name="Worked week",
        schedule={"commission_rate_bps": 2000, "commission_base": "items_less_merchant_discount"},
        withheld_bps=10_000,
    )
    payout, paid_on, deposited_on = "WORKEDWEEK0000000000001", date(2026, 9, 21), date(2026, 9, 23)
    orders = []
    for number in range(4):
        order = stage.order(
            store,
            items=25_000,
            tax=2000,
            splits=[("MERCHANT", 1500), ("UBER", 1000)],
            local=MONDAY + timedelta(days=number),
        )
        stage.line(
            order, payout=payout, paid_on=paid_on,
            sales=25_000, tax=2000, tax_withheld=-2000, discount=-2500, platform_funding=1000, commission=-4700,
        )  # fmt: skip
        orders.append(order)
    stage.line(orders[0], "refund", payout=payout, paid_on=paid_on, refund=-2500, refund_tax=-200, tax_withheld=200)
    stage.line(store, "account", text="Ad Spend", payout=payout, paid_on=paid_on, other=-3000)
    stage.deposit("coco-operating-usd", deposited_on, 69_200, "UBER EATS PAYOUT", payout)
    return WorkedWeek(store, tuple(orders), payout, paid_on, deposited_on)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def money(cents: int) -> str:
    """Cents as an export writes them: -12.34."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def readable_number(platform: str, external_id: str) -> str:
    """The number that people read, as each platform makes it."""
    number = uuid.UUID(external_id).int
    if platform == "ubereats":
        return "#" + external_id[-5:].upper()
    if platform == "grubhub":
        return f"{number % 10**8:08d}-{number // 10**8 % 10**7:07d}"
    return external_id[:8].upper()


def item(number: int, cents: int) -> dict[str, Any]:
    price = dict.fromkeys(("base", "menu", "unit", "total"), cents)
    return {"id": f"item-{number}", "name": f"Item {number}", "quantity": 1, "price": price, "modifiers": []}


def promotion(cents: int, funding: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "promoType": "FLATOFF", "promotionUuid": None, "externalPromotionId": None, "promoDiscountValue": cents,
        "promoDiscountPercentage": None, "promoDeliveryFeeValue": None, "discountItems": None,
        "fundingSplits": funding,
    }  # fmt: skip


@cache
def seed_rows(seed: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def headers_of(statement_format: str) -> list[str]:
    """The headers of an export in file order; of its optional columns only the staff's tip."""
    rows = [row for row in seed_rows("statement_columns") if row["statement_format"] == statement_format]
    rows.sort(key=lambda row: int(row["column_position"]))
    return [row["header"] for row in rows if row["is_required"] == "true" or row["header"] == "Staff tip"]


def blank_row(statement_format: str) -> dict[str, str]:
    amounts = {
        row["header"]
        for row in seed_rows("statement_columns")
        if row["statement_format"] == statement_format and row["column_role"] == "amount"
    }
    return {header: "0.00" if header in amounts else "" for header in headers_of(statement_format)}


def write_csv(path: Path, headers: list[str], rows: Iterable[Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
