"""When the statements of one shard come out, and what they hold on the last known day."""

from __future__ import annotations

from coco_warehouse.simulate.clock import Period, Periods
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.faults import FaultPlan
from coco_warehouse.simulate.randomness import digest, generator

# Faults that a store's week can bear, by platform; the others are orders' own.
_WEEK_FAULTS = {
    "doordash": ("equipment", "commission_rate"),
    "ubereats": ("ads", "capital", "daily_pay_fee", "withholding", "commission_rate"),
    "grubhub": ("ads", "commission_rate"),
}


class Timetable:
    """Pay periods, downloads and planted weeks of one platform and bank account.

    Args:
        end_day: the last known day: a file that would come later does not exist.
    """

    def __init__(
        self, contract: Contract, plan: FaultPlan, platform: str, currency: str, start_day: int, end_day: int
    ) -> None:
        self._plan = plan
        self._platform = platform
        self._contract = contract
        self.periods = Periods(contract, platform, currency)
        self.start_day = start_day
        self.end_day = end_day
        self._is_weekly = contract.pay_cycles[platform].period_days > 1
        self._early: dict[tuple[str, int], int | None] = {}
        self._weeks: dict[tuple[str, int], frozenset[str]] = {}
        self._payout_ids: dict[tuple[str, int], str] = {}

    def group(self, store: Store, day: int) -> str:
        """Whose download holds a store: DoorDash's are a merchant's, the others a bank account's."""
        if self._platform == "doordash":
            return store.on(day).merchant_id
        return self._contract.payee(store).bank_account_id

    def early_day(self, group: str, period: Period) -> int | None:
        """The day of a download before the week was paid, which holds the days before it; None where none was made."""
        if not self._is_weekly:
            return None
        key = (group, period.start)
        if key not in self._early:
            self._early[key] = self._draw_early_day(group, period)
        return self._early[key]

    def _draw_early_day(self, group: str, period: Period) -> int | None:
        rng = generator(self._plan.seed, "early download", self._platform, group, period.start)
        first = max(period.start, self.start_day)
        if period.payday > self.end_day:
            day = self.end_day if rng.random() < 0.6 else 0
        else:
            day = rng.choice((period.end - 1, period.end + 1)) if rng.random() < 0.35 else 0
        return day if first < day < period.payday else None

    def planted(self, store: Store, period: Period) -> frozenset[str]:
        """The faults planted on a store's pay period (of several periods with one payday, on all of them)."""
        key = (store.store_id, period.payday)
        found = self._weeks.get(key)
        if found is None:
            possible = list(_WEEK_FAULTS.get(self._platform, ()))
            if period.overdue < self.end_day:
                possible.append("statement_not_loaded")
            if period.payday > self.end_day:
                possible = []
            found = self._weeks[key] = frozenset(
                self._plan.on("store week", possible, self._platform, store.store_id, period.payday)
            )
            if "statement_not_loaded" in found:
                found = self._weeks[key] = frozenset(("statement_not_loaded",))
        return found

    def is_unloaded(self, store: Store, period: Period) -> bool:
        """Whether no file holds the store's period."""
        return "statement_not_loaded" in self.planted(store, period)

    def stating(self, store: Store, day: int) -> Period | None:
        """The period in which a known statement states an event of a day; None where none does (yet)."""
        if day > self.end_day:
            return None
        period = self.periods.of(day)
        if self.is_unloaded(store, period):
            return None
        if period.payday <= self.end_day:
            return period
        early = self.early_day(self.group(store, day), period)
        return period if early is not None and day < early else None

    def payout_id(self, store: Store, period: Period) -> str:
        """The payout of a store's period; Grubhub names none."""
        key = (store.store_id, period.payday)
        found = self._payout_ids.get(key)
        if found is None:
            found = self._payout_ids[key] = self._make_payout_id(store, period)
        return found

    def _make_payout_id(self, store: Store, period: Period) -> str:
        number = digest(self._plan.seed, "payout", self._platform, store.store_id, period.payday)
        if self._platform == "doordash":
            return str(number % 10**9 + 10**9)
        if self._platform == "ubereats":
            return f"{number:032x}"[:24].upper()
        if self._platform == "grubhub":
            return ""
        return f"po_{number:032x}"[:27]
