"""What the sample company sells, to whom, and under which names: derived from the stores of the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import orjson

from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.randomness import digest, generator, named_uuid

CANARY = "CANARY-"

_DISHES = (
    "House Bowl", "Street Corn", "Crispy Rice", "Garden Salad", "Smoked Brisket", "Shrimp Taco", "Pork Dumplings",
    "Veggie Wrap", "Chicken Thigh", "Tofu Skewers", "Margherita", "Poke Bowl", "Double Burger", "Lemon Wings",
    "Salmon Plate", "Mushroom Melt", "Pad See Ew", "Rye Pancakes", "Berry Tart", "Iced Hibiscus", "Cold Brew",
    "Garlic Fries", "Miso Soup", "Flan",
)  # fmt: skip
_OPTIONS = (
    "Salsa Verde", "Extra Cheese", "No Onions", "Add Egg", "Avocado", "Large", "Gluten-Free Bun", "Sauce on the Side",
    "Spicy", "Brown Rice",
)  # fmt: skip
_GROUPS = ("Protein Choice", "Add-ons", "Size", "Side")

# Sales tax by currency, basis points: lowest and highest. The simulator's own invention; no seed holds it.
_TAX_BPS = {"USD": (625, 1025), "CAD": (1300, 1300), "EUR": (1400, 1400)}


@dataclass(frozen=True, slots=True)
class MenuLine:
    """An item as it can be ordered: its text in a document, and its sums."""

    fragment: orjson.Fragment
    item_id: str
    name: str
    quantity: int
    unit: int
    total: int


def brand_of(store_name: str) -> str:
    """The brand in a store name: `Marisol Taqueria (Venice)` and `Marisol Taqueria - Venice` are one brand."""
    return re.split(r" \(| - ", store_name, maxsplit=1)[0]


@lru_cache(maxsize=8)
def merchant_names(contract: Contract) -> dict[str, str]:
    """Merchant id to the brand that most of its stores bear."""
    brands: dict[str, dict[str, int]] = {}
    for store in contract.stores:
        for terms in store.terms:
            counted = brands.setdefault(terms.merchant_id, {})
            brand = brand_of(terms.store_name)
            counted[brand] = counted.get(brand, 0) + 1
    return {merchant: max(counted, key=lambda name: counted[name]) for merchant, counted in brands.items()}


def internal_store_id(store: Store) -> str:
    """The Order API's own id of a store."""
    return named_uuid("store", store.platform, store.store_id)


def business_id(merchant_id: str) -> str:
    """The number under which DoorDash knows a merchant."""
    return str(digest("business", merchant_id) % 9_000_000 + 1_000_000)


def tax_bps(store: Store) -> int:
    """The store's sales tax rate."""
    low, high = _TAX_BPS.get(store.currency, (1000, 1000))
    return low + digest("tax", store.on(0).store_name) % (high - low + 1)


@lru_cache(maxsize=64)
def make_menu(seed: int, brand: str, currency: str) -> list[MenuLine]:
    """Items of a brand, each with its modifiers, as they stand in documents.

    unit = base + what the modifiers add; total = quantity x unit; a modifier's unit holds its own modifiers.
    """
    rng = generator(seed, "menu", brand, currency)
    lines = []
    dishes = rng.sample(_DISHES, 14)
    bases = {dish: rng.randrange(450, 2400, 5) for dish in dishes}
    for number in range(110):
        dish = rng.choice(dishes)
        item_id = named_uuid(seed, brand, dish, number)
        modifiers, added = _modifiers(rng, f"{brand}/{dish}/{number}", depth=1)
        quantity = rng.choices((1, 2, 3), (82, 14, 4))[0]
        base = bases[dish]
        unit = base + added
        item: dict[str, object] = {"id": item_id}
        if rng.random() < 0.7:
            item["sku"] = f"SKU-{digest(brand, dish) % 100_000:05d}"
        item["name"] = dish
        item["quantity"] = quantity
        item["price"] = {"base": base, "menu": base, "unit": unit, "total": quantity * unit}
        if rng.random() < 0.12:
            item["note"] = rng.choice(("No onions", "Extra napkins, please", "Well done", "Ketchup \U0001f345"))
        item["modifiers"] = modifiers
        lines.append(MenuLine(orjson.Fragment(orjson.dumps(item)), item_id, dish, quantity, unit, quantity * unit))
    return lines


def _modifiers(rng: Random, key: str, depth: int) -> tuple[list[dict[str, object]], int]:
    if depth > 3 or rng.random() < (0.35 if depth == 1 else 0.75):
        return [], 0
    modifiers: list[dict[str, object]] = []
    added = 0
    for position, name in enumerate(rng.sample(_OPTIONS, rng.choice((1, 1, 2, 3)))):
        nested, nested_cents = _modifiers(rng, f"{key}/{position}", depth + 1)
        base = rng.choice((0, 0, 0, 50, 100, 150, 200, 275))
        quantity = 2 if rng.random() < 0.05 else 1
        unit = base + nested_cents
        modifier: dict[str, object] = {"id": named_uuid(key, name, position)}
        if rng.random() < 0.4:
            modifier["sku"] = f"SKU-M{digest(name) % 1000:03d}"
        modifier["name"] = name
        modifier["quantity"] = quantity
        modifier["price"] = {"base": base, "menu": base, "unit": unit, "total": quantity * unit}
        if rng.random() < 0.6:
            group = rng.choice(_GROUPS)
            modifier["modifierGroup"] = {"id": f"grp-{digest(group) % 1000:03d}", "name": group}
        if nested or rng.random() < 0.2:
            modifier["modifiers"] = nested
        modifiers.append(modifier)
        added += quantity * unit
    return modifiers, added


@dataclass(frozen=True, slots=True)
class People:
    """Texts of invented persons and addresses; every string field that is personal starts with the canary mark."""

    consumers: list[orjson.Fragment]
    previous_consumers: list[orjson.Fragment]
    addresses: list[orjson.Fragment]
    couriers: list[orjson.Fragment]
    drivers: list[orjson.Fragment]
    groups: list[orjson.Fragment]


@lru_cache(maxsize=64)
def make_people(seed: int, platform: str, time_zone: str) -> People:
    """Persons of one platform and town."""
    rng = generator(seed, "people", platform, time_zone)
    consumers: list[dict[str, object]] = []
    for _ in range(240):
        number = rng.randrange(10**6)
        consumer: dict[str, object] = {"name": f"{CANARY}Consumer {number:06d}"}
        if rng.random() < 0.9:
            consumer["id"] = None if rng.random() < 0.5 else f"{CANARY}consumer-{number}"
        if rng.random() < 0.9:
            consumer["email"] = "" if rng.random() < 0.5 else f"{CANARY}consumer-{number}@example.invalid"
        if rng.random() < 0.9:
            consumer["phone"] = f"{CANARY}555-{number:06d}"
        if rng.random() < 0.3:
            consumer["code"] = f"{CANARY}{number % 10_000:04d}"
        consumers.append(consumer)
    addresses = []
    couriers = []
    drivers = []
    for _ in range(120):
        number = rng.randrange(1, 9999)
        address: dict[str, object] = {
            "label": f"{CANARY}{number} Example Street",
            "raw": f'{{"address_line1":"{CANARY}{number} Example Street","city":"Sampletown"}}',
        }
        if rng.random() < 0.7:
            address["googlePlaceId"] = f"{CANARY}place-{number}"
        if rng.random() < 0.8:
            address["lat"] = rng.randrange(250_000, 600_000) / 10_000
            address["lng"] = rng.randrange(-1_200_000, 250_000) / 10_000
        addresses.append(address)
        courier = {"name": f"{CANARY}Courier {number}", "phone": f"{CANARY}555-{number:07d}"}
        couriers.append(courier | {"code": f"{CANARY}{number:04d}"} if rng.random() < 0.3 else courier)
        drivers.append(
            {
                "name": f"{CANARY}Driver {number}",
                "phone": f"{CANARY}555-9{number:06d}",
                "location": {
                    "lat": rng.randrange(250_000, 600_000) / 10_000,
                    "lng": rng.randrange(-1_200_000, 250_000) / 10_000,
                    "label": f"{CANARY}{number} Driver Way",
                },
            }
        )
    return People(
        [orjson.Fragment(orjson.dumps(consumer)) for consumer in consumers],
        [
            orjson.Fragment(orjson.dumps({key: value for key, value in consumer.items() if key not in ("id", "email")}))
            for consumer in consumers
        ],
        [orjson.Fragment(orjson.dumps(address)) for address in addresses],
        [orjson.Fragment(orjson.dumps(courier)) for courier in couriers],
        [orjson.Fragment(orjson.dumps(driver)) for driver in drivers],
        [orjson.Fragment(orjson.dumps(rng.sample(consumers, rng.choice((2, 3, 4))))) for _ in range(60)],
    )
