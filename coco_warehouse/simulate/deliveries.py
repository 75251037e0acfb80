"""Deliveries, their attempts, and the calls to DoorDash and OLO."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import orjson

from coco_warehouse.simulate.clock import DAY, MINUTE, instant_text
from coco_warehouse.simulate.company import CANARY, People
from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.orders import Order
from coco_warehouse.simulate.randomness import uuid_text

V2 = "deliveries_rds_public"
V3 = "deliveriesv3prod_rds_public"

Emit = Callable[[str, int, bytes], None]
"""Takes `schema.table`, the arrival day and one row."""

_STATUSES = ("created", "confirmed", "enroute_to_pickup", "arrived_at_pickup", "picked_up", "delivered")
_NOT_JSON = "<html><body>502 Bad Gateway</body></html>"
# One response in so many is not JSON, as ordinary life has it.
_NOT_JSON_RATE = 0.002


class Fault:
    """An integration fault found on a delivery: class, entity and its id, note."""

    __slots__ = ("entity", "entity_id", "is_planted", "name", "note")

    def __init__(self, name: str, entity: str, entity_id: str, note: str, is_planted: bool = True) -> None:
        self.name = name
        self.entity = entity
        self.entity_id = entity_id
        self.note = note
        self.is_planted = is_planted


class DeliveryMaker:
    """Makes the rows of one store's deliveries.

    Args:
        maker: number of the maker, under 600; keeps the integer ids of makers apart.
        end: the last instant that is known; nothing later is written.
    """

    def __init__(self, contract: Contract, people: People, maker: int, end: int, emit: Emit) -> None:
        self._contract = contract
        self._people = people
        self._end = end
        self._emit = emit
        # Ids of the first service: numbers of deliveries carried over, and numbers that only it knows.
        self._carried = 2_000_000 + maker * 1_000_000
        self._internal = 1_000_000_000 + maker * 3_000_000

    def make(self, order: Order, rng: Random, faults: tuple[str, ...] = ()) -> list[Fault]:
        """Write an order's delivery; returns what a checker should find on it."""
        random = rng.random
        found: list[Fault] = []
        created = order.placed + 3000 + int(random() * MINUTE)
        if created > self._end:
            return found
        is_carried = random() < 0.06
        if is_carried:
            self._carried += 1
            delivery_id = str(self._carried)
            v2_id = self._carried
        else:
            delivery_id = uuid_text(rng.getrandbits(128))
            self._internal += 1
            v2_id = self._internal
        source = self._contract.integration_source[order.store.platform]
        is_cancelled = order.status in ("cancelled", "rejected")
        needs_doordash = bool(faults) and faults[0] in DOORDASH_FAULTS
        drawn = random()
        attempts: list[tuple[str, str, str, int]] = []
        moment = created + int(random() * 4 * MINUTE)
        if is_cancelled and not needs_doordash:
            attempts.append((uuid_text(rng.getrandbits(128)), "COCO", "CANCELED", moment))
        elif (drawn < 0.78 and not needs_doordash) or order.placed > self._end - 3 * 60 * MINUTE:
            # Calls of the last hours would be cut off by the end of what is known, and look unanswered.
            attempts.append((uuid_text(rng.getrandbits(128)), "COCO", "COMPLETED", moment))
        else:
            if drawn < 0.95 or random() < 0.5:
                status = "FAILED" if random() < 0.7 else "CANCELED"
                attempts.append((uuid_text(rng.getrandbits(128)), "COCO", status, moment))
                moment += int((2 + random() * 10) * MINUTE)
            failed = random() < 0.04 and not needs_doordash
            status = "CANCELED" if is_cancelled else "FAILED" if failed else "COMPLETED"
            attempts.append((uuid_text(rng.getrandbits(128)), "DOORDASH", status, moment))
        is_deleted = "deleted_parent" in faults
        if is_deleted:
            found.append(
                Fault("deleted_parent", "delivery", delivery_id, "the delivery is deleted, its attempts are not")
            )
        is_erased = not faults and random() < 0.002  # A whole family deleted at its origin: ordinary life.
        ended = moment + int((12 + random() * 25) * MINUTE)
        partner = order.store.on(order.day).merchant_id
        external = order.external_id
        if order.store.platform == "olo" and random() < 0.1:
            external = None  # type: ignore[assignment]
        status = "CANCELED" if is_cancelled else attempts[-1][2]
        self._row(
            f"{V3}.deliveries",
            created,
            ended,
            {
                "id": delivery_id,
                "partner_id": partner,
                "order_source": source,
                "created_at": instant_text(created),
                "external_order_id": external,
                "status": status,
            },
            is_deleted or is_erased,
            {"status": "IN_PROGRESS"},
        )
        for attempt_id, provider, status, began in attempts:
            finished = min(ended, began + int((8 + random() * 30) * MINUTE))
            self._row(
                f"{V3}.attempts",
                began,
                finished,
                {"id": attempt_id, "provider": provider, "status": status, "created_at": instant_text(began)},
                is_erased,
                {"status": "ASSIGNED"},
            )
            self._link(delivery_id, attempt_id, began, is_erased)
            if provider == "DOORDASH" and began < self._end:
                self._doordash(order, rng, v2_id, attempt_id, status, began, finished, is_erased, faults, found)
        if "double_link" in faults:
            attempt_id = attempts[-1][0]
            other = uuid_text(rng.getrandbits(128))
            self._row(
                f"{V3}.deliveries",
                created,
                ended,
                {
                    "id": other,
                    "partner_id": partner,
                    "order_source": source,
                    "created_at": instant_text(created),
                    "external_order_id": None,
                    "status": attempts[-1][2],
                },
                False,
                {},
            )
            self._link(other, attempt_id, moment, False)
            found.append(Fault("double_link", "attempt", attempt_id, f"linked to {delivery_id} and to {other}"))
        if order.store.platform == "olo":
            self._olo(order, rng, delivery_id, attempts[0][0], created, is_erased, faults, found)
        return found

    def _link(self, delivery_id: str, attempt_id: str, began: int, is_deleted: bool) -> None:
        self._row(
            f"{V3}.delivery_attempts",
            began,
            None,
            {"delivery_id": delivery_id, "attempt_id": attempt_id, "created_at": instant_text(began)},
            is_deleted,
            {},
        )

    def _row(
        self,
        table: str,
        created: int,
        updated: int | None,
        row: dict[str, object],
        is_deleted: bool,
        before: dict[str, object],
    ) -> None:
        """Write a row as it was synchronised; one that changed on a later day is written on both days."""
        if created > self._end:
            return
        created_sync = _synced(created, self._end)
        if updated is None:
            updated_sync = created_sync
        else:
            updated_sync = _synced(min(updated, self._end), self._end)
            if updated > self._end:
                row = row | before
                updated = created
            if created_sync // DAY != updated_sync // DAY and before:
                earlier = row | before
                earlier["updated_at"] = earlier["created_at"]
                self._write(table, created_sync, earlier, False)
            row["updated_at"] = instant_text(updated)
        self._write(table, updated_sync, row, is_deleted)

    def _write(self, table: str, synced: int, row: dict[str, object], is_deleted: bool) -> None:
        self._emit(
            table,
            synced // DAY,
            orjson.dumps(row | {"_fivetran_synced": instant_text(synced), "_fivetran_deleted": is_deleted}),
        )

    def _call(
        self,
        table: str,
        rng: Random,
        kind: str,
        payload: object,
        moment: int,
        is_deleted: bool,
        attempt_id: str | None = None,
    ) -> str:
        """Write one request or response; returns its id, or nothing when it came after the end."""
        if moment > self._end:
            return ""
        row: dict[str, object] = {"id": uuid_text(rng.getrandbits(128))}
        if attempt_id is not None:
            row["attempt_id"] = attempt_id
        row["type"] = kind
        row["payload"] = payload if isinstance(payload, str) else orjson.dumps(payload).decode()
        row["created_at"] = instant_text(moment)
        self._write(f"{V2}.{table}", _synced(moment, self._end), row, is_deleted)
        return str(row["id"])

    def _doordash(
        self,
        order: Order,
        rng: Random,
        v2_id: int,
        attempt_id: str,
        status: str,
        began: int,
        finished: int,
        is_deleted: bool,
        faults: tuple[str, ...],
        found: list[Fault],
    ) -> None:
        random = rng.random
        people = self._people
        external: str | int = attempt_id
        if "wrong_id_type" in faults:
            external = v2_id
            found.append(
                Fault("wrong_id_type", "attempt", attempt_id, f"calls name the number {v2_id} instead of the attempt")
            )
        fee = 700 + int(random() * 600)
        pickup_estimated = began + 15 * MINUTE
        dropoff_estimated = began + 35 * MINUTE
        place = people.addresses[int(random() * 120)]
        base: dict[str, object] = {"external_delivery_id": external}

        quote_at = began + 500
        self._call(
            "doordash_requests",
            rng,
            "QUOTE",
            base | {"pickup_address": f"{CANARY}pickup", "dropoff_address": place, "order_value": order.items_total},
            quote_at,
            is_deleted,
        )
        self._response(
            rng, "QUOTE", base | {"status": "quote", "fee": fee, "currency": order.store.currency},
            quote_at + 200 + int(random() * 900), attempt_id, is_deleted, faults, found,
        )  # fmt: skip
        create_at = quote_at + 2500
        create = base | {
            "pickup_address": f"{CANARY}pickup",
            "pickup_external_store_id": order.store.partner_code,
            "dropoff_address": place,
            "dropoff_phone_number": f"{CANARY}555-0{int(random() * 10**6):06d}",
            "order_value": order.items_total,
            "tip": 0,
            "pickup_time": instant_text(pickup_estimated),
        }
        self._call("doordash_requests", rng, "CREATE", create, create_at, is_deleted)
        # The service stores the mapping when DoorDash has accepted the delivery.
        if create_at <= self._end and status != "FAILED":
            self._write(
                f"{V2}.doordash_references",
                _synced(create_at, self._end),
                {"delivery_id": v2_id, "attempt_id": attempt_id, "created_at": instant_text(create_at)},
                is_deleted,
            )
        doordash_id = f"D-{rng.getrandbits(48):012x}"
        answered = create_at + 300 + int(random() * 1500)
        if status == "FAILED":
            self._response(
                rng, "CREATE",
                base | {
                    "status": "failed",
                    "error": {
                        "code": "validation_error",
                        "message": f"Allowed distance to {CANARY}Example Street exceeded",
                        "field_errors": [{"field": "dropoff_address", "error": "distance"}],
                    },
                },
                answered, attempt_id, is_deleted, faults, found,
            )  # fmt: skip
            return
        common = base | {
            "delivery_id": doordash_id,
            "fee": fee,
            "currency": order.store.currency,
            "tracking_url": f"https://track.example.invalid/{doordash_id}",
            "pickup_time_estimated": instant_text(pickup_estimated),
            "dropoff_time_estimated": instant_text(dropoff_estimated),
        }
        if "unanswered_create" in faults:
            found.append(
                Fault("unanswered_create", "attempt", attempt_id, "the answer to CREATE is missing; updates came")
            )
        else:
            self._response(
                rng, "CREATE", common | {"status": "created"}, answered, attempt_id, is_deleted, faults, found
            )
        if "repeated_create" in faults:
            again = answered + 20_000
            self._call("doordash_requests", rng, "CREATE", create, again, is_deleted)
            self._response(
                rng, "CREATE",
                base | {"status": "failed", "error": {"code": "duplicate_delivery_id", "message": "Duplicate"}},
                again + 700, attempt_id, is_deleted, faults, found,
            )  # fmt: skip
            found.append(Fault("repeated_create", "attempt", attempt_id, "CREATE was sent twice"))
        if random() < 0.08:
            update_at = answered + 40_000
            self._call("doordash_requests", rng, "UPDATE", base | {"tip": 200}, update_at, is_deleted)
            self._response(
                rng, "UPDATE", common | {"status": "created", "tip": 200}, update_at + 600, attempt_id,
                is_deleted, faults, found,
            )  # fmt: skip
        driver = people.drivers[int(random() * 120)]
        last = 3 if status == "CANCELED" else 6
        span = max(6 * MINUTE, finished - answered)
        for number in range(1, last):
            if random() < 0.3 and 1 < number < last - 1:
                continue
            moment = answered + span * number // 6 + int(random() * 20_000)
            update: dict[str, object] = common | {"status": _STATUSES[number]}
            if number >= 2:
                update["driver"] = driver
            if number >= 4:
                update["pickup_time_actual"] = instant_text(answered + span * 4 // 6)
            if number >= 5:
                update["dropoff_time_actual"] = instant_text(moment)
            self._response(rng, "UPDATE", update, moment, attempt_id, is_deleted, faults, found)
        if status == "CANCELED":
            cancel_at = answered + span * 3 // 6 + 30_000
            self._call("doordash_requests", rng, "CANCEL", base, cancel_at, is_deleted)
            self._response(
                rng, "CANCEL",
                common | {"status": "cancelled", "cancellation_reason": "cancelled_by_creator"},
                cancel_at + 500, attempt_id, is_deleted, faults, found,
            )  # fmt: skip
        elif "cancel_after_completion" in faults:
            cancel_at = finished + 4 * MINUTE
            if self._call("doordash_requests", rng, "CANCEL", base, cancel_at, is_deleted):
                self._response(
                    rng, "CANCEL",
                    base | {"status": "failed", "error": {"code": "invalid_state", "message": "Delivery has ended"}},
                    cancel_at + 500, attempt_id, is_deleted, faults, found,
                )  # fmt: skip
                found.append(
                    Fault("cancel_after_completion", "attempt", attempt_id, "CANCEL was sent after the drop-off")
                )
        if "response_not_json" in faults:
            response_id = self._call(
                "doordash_responses", rng, "UPDATE", _NOT_JSON, answered + span // 2, is_deleted, attempt_id
            )
            found.append(Fault("response_not_json", "doordash_response", response_id, "the payload is a web page"))
        if "orphan_reference" in faults:
            self._internal += 1
            orphan = uuid_text(rng.getrandbits(128))
            self._write(
                f"{V2}.doordash_references",
                _synced(create_at, self._end),
                {"delivery_id": self._internal, "attempt_id": orphan, "created_at": instant_text(create_at)},
                False,
            )
            found.append(
                Fault(
                    "orphan_reference", "doordash_reference", str(self._internal),
                    f"neither the delivery nor the attempt {orphan} exists",
                )
            )  # fmt: skip

    def _response(
        self,
        rng: Random,
        kind: str,
        payload: dict[str, object],
        moment: int,
        attempt_id: str,
        is_deleted: bool,
        faults: tuple[str, ...],
        found: list[Fault],
    ) -> None:
        is_broken = kind == "UPDATE" and not faults and rng.random() < _NOT_JSON_RATE
        response_id = self._call(
            "doordash_responses", rng, kind, _NOT_JSON if is_broken else payload, moment, is_deleted, attempt_id
        )
        if is_broken and response_id:
            found.append(
                Fault("response_not_json", "doordash_response", response_id, "the payload is a web page", False)
            )

    def _olo(
        self,
        order: Order,
        rng: Random,
        delivery_id: str,
        attempt_id: str,
        created: int,
        is_deleted: bool,
        faults: tuple[str, ...],
        found: list[Fault],
    ) -> None:
        random = rng.random
        received = order.placed + 800
        self._call(
            "olo_requests",
            rng,
            "CREATE",
            {
                "orderId": order.external_id,
                "externalReference": attempt_id,
                "storeNumber": order.store.partner_code,
                "customer": {"name": f"{CANARY}Consumer", "phone": f"{CANARY}555-{int(random() * 10**6):06d}"},
                "total": order.total,
            },
            received,
            is_deleted,
        )
        self._write(
            f"{V2}.olo_references",
            _synced(created, self._end),
            {
                "delivery_id": delivery_id,
                "attempt_id": attempt_id,
                "original_delivery_id": order.external_id,
                "created_at": instant_text(created),
            },
            is_deleted,
        )
        self._call(
            "olo_responses",
            rng,
            "CREATE",
            {"orderId": order.external_id, "status": "accepted", "deliveryId": delivery_id},
            created + 400,
            is_deleted,
            attempt_id,
        )
        for number, status in enumerate(("driver_assigned", "picked_up", "delivered")):
            if random() < 0.5:
                self._call(
                    "olo_responses",
                    rng,
                    "STATUS",
                    {"orderId": order.external_id, "status": status},
                    created + (number + 1) * 9 * MINUTE,
                    is_deleted,
                    attempt_id,
                )


DOORDASH_FAULTS = frozenset(
    (
        "unanswered_create",
        "wrong_id_type",
        "orphan_reference",
        "repeated_create",
        "cancel_after_completion",
        "response_not_json",
    )
)


def _synced(moment: int, end: int) -> int:
    """When the replication took a change: at the next quarter of an hour, but not after the end."""
    quarter = 15 * MINUTE
    return min(moment - moment % quarter + quarter, end)
