"""Merchants, their integrations, and their OLO set-up: the tables that change rarely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import orjson

from coco_warehouse.simulate.clock import DAY, HOUR, instant_text
from coco_warehouse.simulate.company import CANARY, merchant_names
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.deliveries import V2
from coco_warehouse.simulate.faults import FaultPlan
from coco_warehouse.simulate.randomness import digest, named_uuid
from coco_warehouse.simulate.statements.layout import csv_text
from coco_warehouse.simulate.truth import entity_line

CONFIG = "config_rds_public"
_TEST_MERCHANTS = ("Test Kitchen", "QA Sandbox")
_DELETED_MERCHANT = "Closed Corner Cafe"
_TYPES = {"olo": "white_label", "lunchbox": "white_label", "native": "direct"}

Row = dict[str, object]


class ConfigTables:
    """Rows of the configuration tables, by table and day of arrival."""

    def __init__(self, contract: Contract, plan: FaultPlan, start_day: int, end_day: int) -> None:
        self._contract = contract
        self._plan = plan
        self._start_day = start_day
        self._end_day = end_day
        self._rows: dict[tuple[str, int], list[Row]] = defaultdict(list)
        self.labels: list[bytes] = []
        self._names = merchant_names(contract)
        self._stores: dict[tuple[str, str], list[Store]] = defaultdict(list)
        for store in contract.stores:
            self._stores[store.terms[-1].merchant_id, contract.integration_source[store.platform]].append(store)
        self._merchants()
        self._integrations()
        self._olo()

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each extract."""
        for (table, day), rows in sorted(self._rows.items()):
            header = list(rows[0])
            text = csv_text([header, *([_cell(row[name]) for name in header] for row in rows)], line_end="\n")
            yield f"tables/{table}.{_day(day)}.csv", text.encode()

    def _add(self, table: str, day: int, row: Row, is_deleted: bool = False) -> None:
        synced = instant_text(day * DAY + 2 * HOUR)
        self._rows[table, day].append(row | {"_fivetran_synced": synced, "_fivetran_deleted": is_deleted})

    def _merchants(self) -> None:
        day = self._start_day
        known = [(merchant, name, False, False) for merchant, name in self._names.items()]
        known += [(_invented(name), name, True, False) for name in _TEST_MERCHANTS]
        known.append((_invented(_DELETED_MERCHANT), _DELETED_MERCHANT, False, True))
        for merchant, name, is_test, is_deleted in known:
            self._add(
                f"{CONFIG}.merchant",
                day,
                {"merchant_id": merchant, "name": name, "is_test_merchant": is_test},
                is_deleted,
            )
            stores = [store for (owner, _), found in self._stores.items() if owner == merchant for store in found]
            store_name = stores[0].terms[-1].store_name if stores else name
            self._add(f"{V2}.partner_configs", day, {"partner_id": merchant, "store_name": store_name}, is_deleted)

    def _integrations(self) -> None:
        sources = list(dict.fromkeys(self._contract.integration_source.values()))
        shared = self._shared_ids(sources)
        for merchant in self._names:
            for source in sources:
                stores = self._stores.get((merchant, source), [])
                self._integration(merchant, source, stores, shared.get((merchant, source)))
        for name in _TEST_MERCHANTS:
            merchant = _invented(name)
            self._integration(merchant, "native", [], None, f"test-{digest(name) % 1000}", is_active=True)
            self._label("active_test_merchant", merchant, "native", "a test merchant's integration is active")
        merchant = _invented(_DELETED_MERCHANT)
        self._integration(merchant, "olo", [], None, "olo-closed-corner-cafe", is_active=True)
        self._label("active_deleted_merchant", merchant, "olo", "a deleted merchant's integration is still active")

    def _shared_ids(self, sources: list[str]) -> dict[tuple[str, str], str]:
        """Integrations that are given an id of another merchant's."""
        shared: dict[tuple[str, str], str] = {}
        taken: set[tuple[str, str]] = set()
        for source in sources:
            owners = [merchant for merchant in self._names if self._stores.get((merchant, source))]
            for number, merchant in enumerate(owners):
                other = owners[(number + 1) % len(owners)]
                if other == merchant or (merchant, source) in taken or (other, source) in taken:
                    continue
                drawn = self._plan.on("merchant", ["duplicated_external_id", "silent_integration"], merchant, source)
                if "duplicated_external_id" not in drawn:
                    continue
                taken |= {(merchant, source), (other, source)}
                shared[merchant, source] = self._stores[other, source][0].store_id
                for one in (merchant, other):
                    self._label(
                        "duplicated_external_id", one, source,
                        f"{shared[merchant, source]} stands at two merchants", True,
                    )  # fmt: skip
        return shared

    def _integration(
        self,
        merchant: str,
        source: str,
        stores: list[Store],
        shared: str | None,
        own_id: str | None = None,
        is_active: bool | None = None,
    ) -> None:
        number = digest("integration", merchant, source)
        active = bool(stores) if is_active is None else is_active
        made = self._start_day - 60 - number % 300
        row: Row = {
            "merchant_id": merchant,
            "source": source,
            "type": _TYPES.get(source, "marketplace"),
            "is_active": active,
            "external_ids": _external_ids(stores, shared, own_id, number),
            "pickup_override_minutes": (None, None, 5, 10, 15)[number % 5],
            "unlock_pin": f"{CANARY}{number % 10_000:04d}",
            "is_deviceless": number // 7 % 3 == 0,
            "created_at": instant_text(made * DAY + 9 * HOUR),
            "updated_at": instant_text(made * DAY + 10 * HOUR),
        }
        table = f"{CONFIG}.integration"
        is_deleted = not active and number % 11 == 0
        self._add(table, self._start_day, row, is_deleted)
        changed = self._start_day + 1 + number // 13 % 40
        if changed > self._end_day or is_deleted or own_id:
            return
        # Settings change now and then: one that is off is switched on and off again, preparation times move.
        change: Row = {"updated_at": instant_text(changed * DAY + HOUR)}
        if stores and number % 4 == 0:
            self._add(table, changed, row | change | {"pickup_override_minutes": 20})
        elif not stores and number % 9 == 0 and changed + 2 <= self._end_day:
            self._add(table, changed, row | change | {"is_active": True})
            change = {"updated_at": instant_text((changed + 2) * DAY + HOUR)}
            self._add(table, changed + 2, row | change)

    def _olo(self) -> None:
        day = self._start_day
        providers = []
        for name in ("Sample Kitchens Group", "Corner Concepts", "Old Harbor Foods"):
            provider = named_uuid("olo provider", name)
            providers.append(provider)
            slug = name.lower().replace(" ", "-")
            self._add(
                f"{V2}.olo_providers",
                day,
                {
                    "id": provider,
                    "name": name,
                    "slug": slug,
                    "profile": orjson.dumps({"slug": slug, "handoff": "robot", "max_items": 12}).decode(),
                    "tos_prompt": f"By ordering you accept the terms of {name}.",
                },
            )
        for number, merchant in enumerate(merchant for merchant in self._names if self._stores.get((merchant, "olo"))):
            config = named_uuid("olo config", merchant)
            made = instant_text((day - 90 - number) * DAY)
            self._add(
                f"{V2}.partner_olo_configs",
                day,
                {
                    "id": config,
                    "partner_id": merchant,
                    "pickup_instructions": "Ask at the counter" if number % 2 else None,
                    "created_at": made,
                    "updated_at": made,
                },
            )
            links = [(providers[number % 3], "primary"), (providers[(number + 1) % 3], "backup")]
            for provider, kind in links:
                self._add(
                    f"{V2}.olo_config_providers",
                    day,
                    {"config_id": config, "provider_id": provider, "type": kind},
                )
            self._add(
                f"{V2}.olo_config_providers",
                day,
                {"config_id": config, "provider_id": providers[(number + 2) % 3], "type": "backup"},
                True,
            )

    def _label(self, name: str, merchant: str, source: str, note: str, is_planted: bool = False) -> None:
        self.labels.append(
            entity_line(
                f"{name}-{merchant}-{source}", name, "integration", f"{merchant}/{source}", note, is_planted, None
            )
        )


def _external_ids(stores: list[Store], shared: str | None, own_id: str | None, number: int) -> str | None:
    """The ids of a merchant's stores, as JSON in one of the shapes that people have put them in."""
    if own_id is not None:
        return orjson.dumps({"store_id": own_id}).decode()
    if not stores:
        return ("{}", None, "null")[number % 3]
    ids = [store.store_id for store in stores]
    if shared is not None:
        return orjson.dumps({"store_ids": [*ids, shared]}).decode()
    shapes: list[object] = [
        {f"store_{position}": one for position, one in enumerate(ids, 1)},
        {"store_ids": ids, "note": "checked"},
        ids,
        {"partner_codes": [store.partner_code for store in stores]},
    ]
    if len(ids) == 1:
        shapes += [ids[0], {"store_id": ids[0], "menu_id": 12}]
        if ids[0].isdigit():
            shapes += [int(ids[0]), {"store_id": int(ids[0])}]
    return orjson.dumps(shapes[number % len(shapes)]).decode()


def _invented(name: str) -> str:
    return named_uuid("invented merchant", name)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _day(day: int) -> str:
    return instant_text(day * DAY)[:10]
