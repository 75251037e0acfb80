"""Hostile order documents: the build never fails, each is judged as specified, and on both engines alike.

The rules are those of docs/raw.md (the loader's verdict) and docs/orders.md (the findings). Each case is an order of
its own, made from the printed example, unless it is a version of another.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from order_marts import build_order_marts, load_order_documents
from warehouses import LOADED_AT, Warehouse, made_once

ENGINES = ["duckdb", "postgres"]
EXAMPLE = json.loads((Path(__file__).parent / "data" / "printed_order_current.json").read_text(encoding="utf-8"))
FINANCIALS = "rawPlatformFinancials"
TIME = "a time such as 2026-09-01T18:20:46.900Z"

MISSING = object()


@dataclass(frozen=True)
class Raw:
    """A value as it is to be spelled in the document."""

    text: str


@dataclass(frozen=True)
class Case:
    """A received text and its verdict.

    state: standing, superseded or rejected; reason: how the findings of a rejected one begin, or with a line end all of
    them; noted: the findings on one that is not rejected; holds: column of orders -> value, for one that stands.
    """

    name: str
    body: str
    state: str
    reason: str = ""
    noted: str | None = None
    holds: Mapping[str, Any] = field(default_factory=dict)
    received_at: str = "2026-10-30T12:00:00Z"


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set or take out what is at a path such as details.items.0.price.total."""
    *parents, name = [int(step) if step.isdigit() else step for step in path.split(".")]
    holder: Any = document
    for step in parents:
        holder = holder[step]
    if value is MISSING:
        del holder[name]
    else:
        holder[name] = value


def order(order_id: str, changes: Mapping[str, Any] | None = None) -> str:
    """The text of the printed example as another order, with changes by path."""
    document = copy.deepcopy(EXAMPLE)
    document["id"] = order_id
    spelled = {}
    for number, (path, value) in enumerate((changes or {}).items()):
        if isinstance(value, Raw):
            spelled[f'"@{number}@"'] = value.text
            value = f"@{number}@"
        put(document, path, value)
    text = json.dumps(document, ensure_ascii=False)
    for placeholder, raw in spelled.items():
        text = text.replace(placeholder, raw)
    return text


def modifiers(depth: int) -> list[dict[str, Any]]:
    """A modifier in a modifier, so many deep."""
    modifier: dict[str, Any] = EXAMPLE["details"]["items"][0]["modifiers"][1]
    return [modifier | {"modifiers": modifiers(depth - 1) if depth > 1 else []}]


def stands(name: str, changes: Mapping[str, Any], noted: str | None = None, **holds: Any) -> Case:
    return Case(name, order(name, changes), "standing", noted=noted, holds=holds)


def rejected(name: str, changes: Mapping[str, Any], *findings: str) -> Case:
    return Case(name, order(name, changes), "rejected", "\n".join(findings) + "\n")


def refused(name: str, body: str, reason: str) -> Case:
    """A case that the loader's strict parser refuses."""
    return Case(name, body, "rejected", reason)


# A leaf of each type and each part: path, what is expected in words, part, and the kind that is right.
LEAVES = [
    ("status", "text", "required", "text"),
    ("cancellation", "an object", "optional", "an object"),
    ("store", "an object", "required", "an object"),
    ("deliveryStatus", "text", "optional", "text"),
    ("updatedAt", TIME, "required", "text"),
    ("details.estimatedPickupAt", TIME, "optional", "text"),
    ("details.isPickup", "true or false", "required", "true or false"),
    ("details.isGroupOrder", "true or false", "expected", "true or false"),
    ("details.utensils", "true or false", "optional", "true or false"),
    ("details.items", "an array", "required", "an array"),
    ("details.consumers", "an array", "expected", "an array"),
    ("details.promotions", "an array", "optional", "an array"),
    ("details.total", "whole cents", "required", "a number"),
    ("details.note", "text", "expected", "text"),
    ("details.deliveryAddress.lat", "a number", "optional", "a number"),
    ("details.items.0.quantity", "a number", "required", "a number"),
    ("details.items.0.price.unit", "whole cents", "required", "a number"),
    ("details.items.0.modifiers.0.price", "an object", "required", "an object"),
    (f"{FINANCIALS}.fees.bagFee", "whole cents", "optional", "a number"),
    (f"{FINANCIALS}.payments.paymentMethods.0.amount", "whole cents", "required", "a number"),
    (f"{FINANCIALS}.promotions.loyaltyRewards", "an object", "optional", "an object"),
]
# Of another kind these lose amounts, so that the document is rejected.
HOLD_MONEY = {"details.promotions", f"{FINANCIALS}.promotions.loyaltyRewards"}
WRONG = {"text": "x", "a number": 7, "true or false": True, "an object": {}, "an array": [], "nothing": None}


def path_in_finding(path: str) -> str:
    """The path as a finding writes it."""
    return re.sub(r"\.([0-9]+)(?=\.)", r"[\1]", path)


def wrong_types() -> Iterator[Case]:
    for path, expected, part, right in LEAVES:
        is_money = expected == "whole cents" or path in HOLD_MONEY
        for found, value in WRONG.items():
            name = f"{path} is {found}"
            finding = f"{path_in_finding(path)}: expected {expected}, found {found}"
            if found == right:
                continue
            if found == "nothing" and part == "optional":
                yield stands(name, {path: value})
            elif part == "required" or (is_money and found != "nothing"):
                yield rejected(name, {path: value}, finding)
            else:
                yield stands(name, {path: value}, finding)
        if part == "required" and path.startswith("details."):
            nothing = f"{path_in_finding(path)}: expected {expected}, found nothing"
            yield rejected(f"{path} is missing", {path: MISSING}, nothing)


def amounts() -> Iterator[Case]:
    accepted = {
        "100.0": 100, "1e2": 100, "1E+2": 100, "-0": 0, "-0.0": 0, "0e5": 0, "-12": -12, "12.50e1": 125,
        "999999999999": 999999999999, "-9.99999999999e11": -999999999999, "1e-400": 0,
        "123.0000000000000000000000001": 123, "10.000000": 10,
    }  # fmt: skip
    for spelling, cents in accepted.items():
        yield stands(f"total {spelling}", {"details.total": Raw(spelling)}, total_cents=cents)
    for spelling, found in {
        "12.5": "a fraction", "0.01": "a fraction", "1e-7": "a fraction", "1e-320": "a fraction",
        "999999999999.99": "a fraction", "1e12": "a number too large", "-1000000000000": "a number too large",
        "12345678901234567890": "a number too large", "-12345678901234567890": "a number too large",
        "9" * 40: "a number too large", "1e400": "a number too large", "1000000000000.99": "a number too large",
        '"12"': "text", '"12.00"': "text", '""': "text",
    }.items():  # fmt: skip
        finding = f"details.total: expected whole cents, found {found}"
        yield rejected(f"total {spelling}", {"details.total": Raw(spelling)}, finding)
    for spelling in ("NaN", "Infinity", "-Infinity", "012", "+12", ".5", "12.", "0x10", "1_000", "1,000", "$12"):
        yield refused(f"total {spelling}", order("spelled", {"details.total": Raw(spelling)}), "not valid JSON")
    for spelling in ("9" * 41, "0." + "1" * 40):
        yield refused(f"total {spelling}", order("long", {"details.total": Raw(spelling)}), "number too long")
    finding = "details.items[0].quantity: expected a number, found a number too large"
    yield rejected("quantity 1e12", {"details.items.0.quantity": Raw("1e12")}, finding)
    # Each is an amount, and the product is none: it once stopped every build from then on.
    large = {"details.items.0.quantity": 999_999_999_999, "details.items.0.price.unit": 999_999_999_999}
    yield stands("quantity by unit beyond bigint", large, item_count=2)
    item = {"details.items.0.price.total": Raw("999999999999999")}
    finding = "details.items[0].price.total: expected whole cents, found a number too large"
    yield rejected("sums beyond bigint", item, finding)
    yield stands("quantity 0.5", {"details.items.0.quantity": Raw("0.50")})
    finding = "details.deliveryAddress.lat: expected a number, found a number too large"
    yield stands("lat 1e300", {"details.deliveryAddress.lat": Raw("1e300")}, finding)
    yield stands("lat of 20 digits", {"details.deliveryAddress.lat": Raw("40.712345678901234567")})


def times() -> Iterator[Case]:
    for text in (
        "2026-03-01T10:00:00", "2026-03-01", "2026-03-01T10:00:00z", "2026-03-01 10:00:00Z", "2026-02-30T10:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T10:00:60Z", "2026-03-01T10:00Z", "2026-03-01T10:00:00.1234567Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "20260301T100000Z", "+002026-03-01T10:00:00Z",
        "2026-03-01T10:00:00+25:00", "2026-03-01T10:00:00 UTC", "infinity", "now", "", "1772359200",
        "9900-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "10000-01-01T00:00:00Z",
    ):  # fmt: skip
        finding = f"details.placedAt: expected {TIME}, found other text"
        yield rejected(f"placed at '{text}'", {"details.placedAt": text}, finding)
    for text, utc in {
        "2026-03-01T10:00:00+05:30": "2026-03-01 04:30:00",
        "2026-03-01T10:00:00-0800": "2026-03-01 18:00:00",
        "2026-03-01T10:00:00.123456-00:00": "2026-03-01 10:00:00.123456",
        "2024-02-29T23:59:59Z": "2024-02-29 23:59:59",
        "1000-01-01T00:00:00Z": "1000-01-01 00:00:00",
        "9899-12-31T23:59:59Z": "9899-12-31 23:59:59",
    }.items():
        yield stands(f"placed at {text}", {"details.placedAt": text}, placed_at=utc)
    finding = f"details.estimatedPickupAt: expected {TIME}, found other text"
    yield stands("pickup in year 1", {"details.estimatedPickupAt": "0001-01-01T00:00:00Z"}, finding)


def texts() -> Iterator[Case]:
    for text in (
        "🌮 ñ é\u0301 שלום \u2028",
        'quote " slash \\ / tab \t line \n',
        "{}",
        "null",
        "\x7f",
        "'; drop table orders; --",
    ):
        yield stands(f"location {text!r}", {"store.location": text}, store_location=text)
    yield stands("location escaped", {"store.location": Raw(r'"\u00e9\ud83c\udf2e\/\b"')}, store_location="é🌮/\b")
    for text in ("CAFÉ", " DoorDash ", "\tDoorDash\n", "İSTANBUL", "grubhub\u200b"):
        currency = {f"{FINANCIALS}.platformMetadata.currencyCode": text}
        yield stands(
            f"platform, code and currency {text!r}", {"store.platform": text, "store.externalId": text} | currency
        )
    currency = f"{FINANCIALS}.platformMetadata.currencyCode"
    for blank in ("", " "):
        yield stands(f"currency '{blank}'", {currency: blank}, currency_code=None)
    yield stands("location of no length", {"store.location": ""}, store_location="")
    yield stands("not a null character", {"store.location": Raw(r'"\\u0000"')}, store_location=r"\u0000")
    for path in ("status", "store.platform", "details.externalId"):
        for blank in ("", "  "):
            yield rejected(f"{path} '{blank}'", {path: blank}, f"{path}: expected text, found blank text")
    body = order("", {})
    yield Case("id ''", body, "rejected", "id: expected text, found blank text\n")
    yield refused("escaped null character", order("null", {"details.note": Raw(r'"a\u0000b"')}), "null character")
    yield refused("null byte", order("null", {"details.note": Raw('"a\0b"')}), "null character")
    yield refused("null character in a key", order("null", {"details.note": Raw(r'"", "\u0000": 1')}), "null character")
    for name, escape in {"high": r"\ud800", "low": r"\udc00", "two high": r"\ud800\ud800"}.items():
        body = order("surrogate", {"details.note": Raw(f'"{escape}"')})
        yield refused(f"lone surrogate {name}", body, "lone surrogate")
    yield refused("raw line end in a text", order("raw", {"details.note": Raw('"a\nb"')}), "not valid JSON")


def syntax() -> Iterator[Case]:
    whole = order("syntax")
    for name, body in {
        "nothing": "", "blanks": " \n", "text": "hello", "cut short": whole[:1000], "last bracket missing": whole[:-1],
        "text after it": whole + " ok", "a second document": whole + whole, "trailing comma": whole[:-1] + ",}",
        "trailing comma in an array": order("comma", {"details.consumers": Raw("[{},]")}),
        "single quotes": "{'id': 'x'}", "comment": whole[:-1] + "/* end */}", "byte-order mark": "\ufeff" + whole,
        "key without quotes": "{id" + whole[5:], "HTML": "<html><body>502 Bad Gateway</body></html>",
    }.items():  # fmt: skip
        yield refused(name, body, "not valid JSON")
    for name, body in {
        "array": f"[{whole}]",
        "text in quotes": '"x"',
        "number": "12",
        "null": "null",
        "true": "true",
    }.items():
        yield refused(f"top is {name}", body, "not a JSON object")
    yield refused("key twice", '{"id": "first", ' + whole[1:], "duplicate key")
    yield refused("key twice, escaped", r'{"\u0069d": "first", ' + whole[1:], "duplicate key")
    yield refused("amount twice", order("twice", {"details.total": Raw('1, "total": 2')}), "duplicate key")
    yield refused("deep", order("deep", {"unknown": Raw("[" * 64 + "]" * 64)}), "too deep")
    yield refused("very deep", order("deep", {"unknown": Raw("[" * 50_000 + "]" * 50_000)}), "too deep")
    yield refused("too large", order("large", {"details.note": "x" * 17_000_000}), "too large")


def shapes() -> Iterator[Case]:
    nothing = [
        ("id", "text"), ("status", "text"), ("createdAt", TIME), ("updatedAt", TIME), ("store", "an object"),
        ("details", "an object"),
    ]  # fmt: skip
    every = [f"{path}: expected {expected}, found nothing" for path, expected in nothing]
    yield Case("empty object", "{}", "rejected", "\n".join(every) + "\n")
    yield stands("63 levels", {"unknown": Raw("[" * 63 + "]" * 63)})
    unknown = {
        "new": {"deep": [1, {"a": None}]},
        "details.newFee": 5,
        "details.items.0.new": [],
        "": 1,
    }
    yield stands("unknown members", {f"{FINANCIALS}.new": 1} | unknown, total_cents=2197)
    odd_names = {"": 1, "tip.amount": 9, "total ": 1, "$": 1, '"': 1}
    yield stands("odd names", {"details": EXAMPLE["details"] | odd_names}, total_cents=2197)
    yield rejected(
        "a name in capitals",
        {"details.total": MISSING, "details.TOTAL": 5},
        "details.total: expected whole cents, found nothing",
    )
    yield stands(
        "a second name in capitals", {"details.Total": 5, "STATUS": "x"}, total_cents=2197, order_status="ready"
    )
    yield stands("5 MB of note", {"details.note": "x" * 5_000_000})
    yield stands("5 MB of unknown members", {"unknown": [{"n": number} for number in range(400_000)]})
    yield stands("50,000 unknown members", {f"unknown{number}": number for number in range(50_000)})
    modifier = EXAMPLE["details"]["items"][0]["modifiers"][1]
    yield stands("3000 modifiers", {"details.items.0.modifiers": [modifier] * 3000}, item_count=2)
    yield stands("no items", {"details.items": []}, item_count=0)
    yield stands("modifiers 29 deep", {"details.items.0.modifiers": modifiers(29)})
    yield rejected(
        "a wrong amount three deep",
        {"details.items.0.modifiers.0.modifiers": [modifier | {"price": modifier["price"] | {"base": "0"}}]},
        "details.items[0].modifiers[0].modifiers[0].price.base: expected whole cents, found text",
    )
    for name, element in {"a number": 7, "nothing": None, "an array": [], "text": "x", "true or false": False}.items():
        finding = f"details.items[1]: expected an object, found {name}"
        yield rejected(f"an item is {name}", {"details.items.1": element}, finding)
    for array in (
        "details.promotions", f"{FINANCIALS}.payments.paymentMethods",
        f"{FINANCIALS}.promotions.appliedDiscounts", f"{FINANCIALS}.promotions.coupons",
        f"{FINANCIALS}.promotions.platformPromotions", f"{FINANCIALS}.taxRemittance.eaterTaxRemittance",
    ):  # fmt: skip
        yield rejected(f"{array} holds text", {array: ["x"]}, f"{array}[0]: expected an object, found text")
    consumers = "details.consumers"
    yield stands("a customer is text", {consumers: ["x"]}, f"{consumers}[0]: expected an object, found text")
    yield stands(
        "rewards of any kind",
        {f"{FINANCIALS}.promotions.loyaltyRewards": {"rewards": [1, None, "x", {}], "rewardsTotal": 0}},
    )
    yield stands("no financials", {FINANCIALS: None}, schema_version="previous", total_cents=2197)
    yield rejected(
        "financials of nothing",
        {FINANCIALS: {}},
        f"{FINANCIALS}.totals: expected an object, found nothing",
        f"{FINANCIALS}.taxes: expected an object, found nothing",
    )
    yield rejected(
        "several findings",
        {"details.total": "1", "details.isPickup": 0, "details.items.0.price.base": 1.5},
        "details.isPickup: expected true or false, found a number",
        "details.total: expected whole cents, found text",
        "details.items[0].price.base: expected whole cents, found a fraction",
    )


def versions() -> Iterator[Case]:
    """Versions of some orders, of which each time one stands."""

    def version(order_id: str, name: str, state: str, updated: str, changes: Mapping[str, Any], **more: Any) -> Case:
        return Case(f"{order_id}: {name}", order(order_id, {"updatedAt": updated} | changes), state, **more)

    text = "details.total: expected whole cents, found text\n"
    yield version("hidden", "valid", "standing", "2026-03-01T10:00:00Z", {}, holds={
        "total_cents": 2197, "version_count": 2, "rejected_version_count": 1, "has_newer_rejected_version": True,
    })  # fmt: skip
    yield version("hidden", "newer, rejected", "rejected", "2026-03-01T11:00:00Z", {"details.total": "9"}, reason=text,
                  received_at="2026-10-31T12:00:00Z")  # fmt: skip
    yield version("behind", "valid", "standing", "2026-03-01T10:00:00Z", {}, holds={
        "rejected_version_count": 1, "has_newer_rejected_version": False,
    })  # fmt: skip
    yield version("behind", "older, received later", "rejected", "2026-03-01T09:00:00Z", {"details.total": "9"},
                  reason=text, received_at="2026-10-31T12:00:00Z")  # fmt: skip
    yield version("as one", "valid", "standing", "2026-03-01T10:00:00Z", {}, holds={"has_newer_rejected_version": True})
    yield version("as one", "later in the file, rejected", "rejected", "2026-03-01T10:00:00Z", {"details.total": "9"},
                  reason=text)  # fmt: skip
    yield version("offsets", "later in words", "superseded", "2026-03-01T10:00:00+05:00", {})
    yield version(
        "offsets", "later in time", "standing", "2026-03-01T06:00:00Z", {"details.tip": 7}, holds={"tip_cents": 7}
    )
    yield version("late", "newest", "standing", "2026-03-03T00:00:00Z", {"details.tip": 3}, holds={"tip_cents": 3})
    yield version("late", "received last", "superseded", "2026-03-02T00:00:00Z", {}, received_at="2026-10-31T12:00:00Z")
    yield version("same", "received first", "superseded", "2026-03-01T00:00:00Z", {})
    yield version("same", "received last", "standing", "2026-03-01T00:00:00Z", {"details.tip": 4},
                  holds={"tip_cents": 4, "version_count": 2}, received_at="2026-10-31T12:00:00Z")  # fmt: skip
    yield version("twice", "once", "superseded", "2026-03-01T00:00:00Z", {})
    yield version("twice", "again", "standing", "2026-03-01T00:00:00Z", {}, holds={"version_count": 2})
    yield version("never", "first", "rejected", "2026-03-01T00:00:00Z", {"details.total": "1"}, reason=text)
    yield version("never", "second", "rejected", "2026-03-02T00:00:00Z", {"details.total": "2"}, reason=text)


CASES = [*wrong_types(), *amounts(), *times(), *texts(), *syntax(), *shapes(), *versions()]

# What an envelope cannot hold: file name -> its bytes, and state and reason of each of its lines.
FILES: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "not-utf-8.ndjson": (
        order("one of two").encode() + b"\n" + order("other of two").encode().replace(b"Tributo LES", b"Tribut\xf3"),
        [("standing", ""), ("rejected", "not UTF-8")],
    ),
    "cut-off.ndjson": (
        order("whole").encode() + b"\n" + order("cut off").encode()[:700],
        [("standing", ""), ("rejected", "not valid JSON")],
    ),
    "cut-off-envelope.ndjson": (
        b'{"received_at": "2026-10-30T12:00:00Z", "received_from": "webhook", "body": "{\\"id\\": \\"x',
        [("rejected", "not valid JSON")],
    ),
    "surrogate-envelope.ndjson": (
        rb'{"received_at": "2026-10-30T12:00:00Z", "received_from": "webhook", "body": "{\"id\": \"\ud800\"}"}',
        [("rejected", "not UTF-8")],
    ),
    "byte-order-mark.ndjson": (BOM_UTF8 + order("marked").encode() + b"\r\n", [("standing", "")]),
    "pretty.json": (
        json.dumps(json.loads(order("pretty")), indent=4).replace("\n", "\r\n").encode(),
        [("standing", "")],
    ),
    "packed.ndjson.gz": (gzip.compress(order("packed").encode(), mtime=0), [("standing", "")]),
}

# Documents that another loader landed, without a verdict: what becomes of each, and the reason.
UNREADABLE = "document: expected an object, found no readable JSON"
OTHERS = {
    "valid": (order("other valid"), "standing", ""),
    "valid, newer": (order("other valid", {"updatedAt": "2026-01-01T00:00:00Z", "details.total": "9"}), "rejected",
                     "details.total: expected whole cents, found text"),
    "escaped backslash": (order("other escaped", {"details.note": Raw(r'"\\u0000"')}), "standing", ""),
    "no document": (None, "rejected", UNREADABLE),
    "nothing": ("", "rejected", UNREADABLE),
    "text": ("hello", "rejected", UNREADABLE),
    "cut short": (order("other")[:500], "rejected", UNREADABLE),
    "trailing comma": (order("other")[:-1] + ",}", "rejected", UNREADABLE),
    "text after it": (order("other") + " x", "rejected", UNREADABLE),
    "NaN": (order("other", {"details.total": Raw("NaN")}), "rejected", UNREADABLE),
    "Infinity": (order("other", {"details.deliveryAddress.lat": Raw("-Infinity")}), "rejected", UNREADABLE),
    "key twice": ('{"id": "first", ' + order("other")[1:], "rejected", UNREADABLE),
    "amount twice": (order("other", {"details.total": Raw('1, "total": 2')}), "rejected", UNREADABLE),
    "lone surrogate": (order("other", {"details.note": Raw(r'"\ud800"')}), "rejected", UNREADABLE),
    "low surrogate": (order("other", {"unknown": Raw(r'"\udc00"')}), "rejected", UNREADABLE),
    "null character": (order("other", {"details.note": Raw(r'"\u0000"')}), "rejected", UNREADABLE),
    "null character in a key": (order("other", {"details.note": Raw(r'"", "\u0000": 1')}), "rejected", UNREADABLE),
    "65 levels": (order("other", {"unknown": Raw("[" * 64 + "]" * 64)}), "rejected", UNREADABLE),
    "100000 levels": ("[" * 100_000 + "]" * 100_000, "rejected", UNREADABLE),
    "never closed": ("[" * 100_000, "rejected", UNREADABLE),
    "number": ("5", "rejected", "document: expected an object, found a number"),
    "text in quotes": ('"x"', "rejected", "document: expected an object, found text"),
    "null": (" null", "rejected", "document: expected an object, found nothing"),
    "array": (f"[{order('other')}]", "rejected", "document: expected an object, found an array"),
    "empty object": ("{}", "rejected", "id: expected text, found nothing"),
    "number of 5000 digits": (order("other", {"details.total": Raw("9" * 5000)}), "rejected",
                              "details.total: expected whole cents, found a number too large"),
    "huge exponent": (order("other", {"details.total": Raw("1e999999999")}), "rejected",
                      "details.total: expected whole cents, found a number too large"),
    "modifiers 29 deep": (order("other deep", {"details.items.0.modifiers": modifiers(29)}), "standing", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Callable[[str], Warehouse]:
    """A function that gives an engine's warehouse with every document landed and the order marts built on them."""

    def built(engine: str) -> Warehouse:
        def make(folder: Path) -> None:
            warehouse = warehouse_at(engine, folder)
            raw = folder / "raw"
            raw.mkdir()
            envelopes = [
                {"received_at": case.received_at, "received_from": "webhook", "body": case.body} for case in CASES
            ]
            (raw / "cases.ndjson").write_text("\n".join(map(json.dumps, envelopes)) + "\n", encoding="utf-8")
            for name, (content, _) in FILES.items():
                (raw / name).write_bytes(content)
            load_order_documents(warehouse, raw)
            insert_as_another_loader(warehouse)
            build_order_marts(warehouse)

        return warehouse_at(engine, made_once(run_folder / f"hostile_{engine}", make))

    return built


def insert_as_another_loader(warehouse: Warehouse) -> None:
    connection = warehouse.connect()
    mark = "%s" if warehouse.engine == "postgres" else "?"
    columns = "document_id, received_at, received_from, document, loaded_at"
    for name, (document, _, _) in OTHERS.items():
        connection.cursor().execute(
            f"insert into order_api.order_documents ({columns}) values ({', '.join([mark] * 5)})",
            [f"other: {name}", LOADED_AT, "poll", document, LOADED_AT],
        )
    connection.commit()
    connection.close()


VERDICTS = """
    select document_id, source_file_name, source_row_number, version_state, rejecting_findings, other_findings
    from coco_intermediate.int_order_versions
"""


def complaint(name: str, state: str, reason: str, found_state: str, findings: str | None) -> str | None:
    """What is not as specified, or None. A reason that ends in a line end is all that is found."""
    text = findings or ""
    as_said = f"{text}\n" == reason if reason.endswith("\n") else text.startswith(reason) and bool(text) == bool(reason)
    if found_state == state and as_said:
        return None
    return f"{name} should be {state} {reason!r}, and is {found_state} {findings!r}"


def assert_none(complaints: Iterable[str | None]) -> None:
    """Fail with what is not as specified, one a line."""
    lines = [line for line in complaints if line]
    assert not lines, "\n".join(lines)


def test_the_corpus_is_large() -> None:
    assert len(CASES) + len(FILES) + len(OTHERS) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_document_is_judged_as_specified(hostile: Callable[[str], Warehouse], engine: str) -> None:
    found = {(name, line): (state, why, noted) for _, name, line, state, why, noted in hostile(engine).rows(VERDICTS)}
    wrong = []
    for line, case in enumerate(CASES, start=1):
        state, why, noted = found["cases.ndjson", line]
        wrong.append(complaint(case.name, case.state, case.reason, state, why))
        if state != "rejected" and noted != case.noted:
            wrong.append(f"{case.name} should be noted {case.noted!r}, and is noted {noted!r}")
    for name, (_, verdicts) in FILES.items():
        for line, (state, reason) in enumerate(verdicts, start=1):
            found_state, why, _ = found[name, line]
            wrong.append(complaint(name, state, reason, found_state, why))
    assert_none(wrong)


@pytest.mark.parametrize("engine", ENGINES)
def test_documents_of_another_loader_are_judged_as_specified(hostile: Callable[[str], Warehouse], engine: str) -> None:
    found = {row[0]: row for row in hostile(engine).rows(VERDICTS)}
    wrong = []
    for name, (_, state, reason) in OTHERS.items():
        _, _, _, found_state, why, _ = found[f"other: {name}"]
        wrong.append(complaint(name, state, reason, found_state, (why or "")[: len(reason) or None]))
    assert_none(wrong)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_stands_has_the_given_amounts(hostile: Callable[[str], Warehouse], engine: str) -> None:
    columns = sorted({column for case in CASES for column in case.holds})
    rows = hostile(engine).rows(
        f"select versions.source_row_number, {', '.join(f'orders.{column}' for column in columns)} "
        "from coco_marts.orders inner join coco_intermediate.int_order_versions as versions "
        "on orders.document_id = versions.document_id where versions.source_file_name = 'cases.ndjson'"
    )
    found = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}
    assert found.keys() == {line for line, case in enumerate(CASES, start=1) if case.state == "standing"}
    for line, case in enumerate(CASES, start=1):
        for column, value in case.holds.items():
            held = found[line][column]
            assert (str(held) if column.endswith("_at") else held) == value, (case.name, column)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_landed_document_is_in_one_state(hostile: Callable[[str], Warehouse], engine: str) -> None:
    warehouse = hostile(engine)
    landed = warehouse.rows("select document_id from order_api.order_documents")
    assert len(landed) == len(CASES) + sum(len(verdicts) for _, verdicts in FILES.values()) + len(OTHERS)
    judged = warehouse.rows(VERDICTS)
    assert sorted(row[:1] for row in judged) == sorted(landed)
    counts = Counter(row[3] for row in judged)
    assert counts.keys() == {"standing", "superseded", "rejected"}
    assert warehouse.rows("select count(*) from coco_marts.orders") == [(counts["standing"],)]
    assert warehouse.rows("select count(*) from coco_marts.rejected_order_documents") == [(counts["rejected"],)]


@pytest.mark.parametrize(
    "query",
    [
        "select document_id, order_id, findings from coco_marts.rejected_order_documents",
        "select document_id, order_id, version_state, other_findings from coco_intermediate.int_order_versions",
        *(
            f"select * from coco_marts.{mart}"
            for mart in (
                "orders", "order_financials", "order_items", "order_item_modifiers", "order_payments",
                "order_promotions", "order_tax_remittances", "order_integrity", "order_financial_changes",
            )
        ),
        "select * from coco_restricted.order_personal_details",
        "select * from coco_restricted.order_consumers",
    ],
    ids=lambda query: query.rpartition(".")[2],
)  # fmt: skip
def test_the_engines_agree(hostile: Callable[[str], Warehouse], query: str) -> None:
    duckdb_rows, postgres_rows = (Counter(hostile(engine).rows(query)) for engine in ENGINES)
    assert duckdb_rows
    assert (duckdb_rows - postgres_rows, postgres_rows - duckdb_rows) == (Counter(), Counter())
