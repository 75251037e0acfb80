"""Days, instants, time zones and pay periods. Nothing here looks at the machine's clock or zone.

A day is a number of days since 1970-01-01; an instant is milliseconds of UTC since then.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from coco_warehouse.simulate.contract import EPOCH, Contract

HOUR = 3_600_000
DAY = 24 * HOUR
MINUTE = 60_000

_TIME_TEXTS = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)]


@lru_cache(maxsize=10_000)
def day_text(day: int) -> str:
    """ISO date."""
    return date.fromordinal(day + EPOCH).isoformat()


@lru_cache(maxsize=10_000)
def short_day_text(day: int) -> str:
    """The date as `M/D/YY`."""
    found = date.fromordinal(day + EPOCH)
    return f"{found.month}/{found.day}/{found.year % 100:02d}"


def instant_text(instant: int) -> str:
    """ISO instant with milliseconds and `Z`."""
    day, rest = divmod(instant, DAY)
    return f"{day_text(day)}T{_TIME_TEXTS[rest // 1000]}.{rest % 1000:03d}Z"


def clock_text(local: int) -> str:
    """Time of day of a local instant, `HH:MM:SS`."""
    return _TIME_TEXTS[local % DAY // 1000]


def local_text(local: int) -> str:
    """A local instant as `YYYY-MM-DD HH:MM:SS`."""
    return f"{day_text(local // DAY)} {_TIME_TEXTS[local % DAY // 1000]}"


def weekday(day: int) -> int:
    """ISO weekday, Monday 1."""
    return (day + 3) % 7 + 1


class Zone:
    """Offsets of a time zone, by the hour of UTC."""

    def __init__(self, name: str, first_day: int, last_day: int) -> None:
        zone = ZoneInfo(name)
        self._first_hour = first_day * 24
        self._offsets = []
        for hour in range(first_day * 24, last_day * 24):
            offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset()
            assert offset is not None
            self._offsets.append(int(offset.total_seconds()) * 1000)

    def local(self, instant: int) -> int:
        """The local clock's reading at an instant, as if it were UTC."""
        return instant + self._offsets[instant // HOUR - self._first_hour]


@lru_cache(maxsize=64)
def zone(name: str, first_day: int, last_day: int) -> Zone:
    """A time zone's offsets over some days, made once."""
    return Zone(name, first_day, last_day)


class Period(NamedTuple):
    """One pay period: its days, and when its money is due."""

    start: int
    end: int
    payday: int
    due: int
    overdue: int


class Periods:
    """Pay periods of one platform in one currency, as docs/expected_ledger.md counts them."""

    def __init__(self, contract: Contract, platform: str, currency: str) -> None:
        self._cycle = contract.pay_cycles[platform]
        self._holidays = contract.holidays.get(currency, frozenset())
        self._memo: dict[int, Period] = {}

    def is_bank_day(self, day: int) -> bool:
        """Neither a weekend day nor a holiday."""
        return weekday(day) < 6 and day not in self._holidays

    def bank_day_from(self, day: int) -> int:
        """The day itself, else the next bank day."""
        while not self.is_bank_day(day):
            day += 1
        return day

    def of(self, day: int) -> Period:
        """The period that holds a day."""
        cycle = self._cycle
        start = day if cycle.period_days == 1 else day - (weekday(day) - cycle.start_weekday) % 7
        found = self._memo.get(start)
        if found is None:
            end = start + cycle.period_days - 1
            payday = self.bank_day_from(end + cycle.payday_offset)
            due = payday
            for _ in range(cycle.bank_lag):
                due = self.bank_day_from(due + 1)
            found = self._memo[start] = Period(start, end, payday, due, due + cycle.grace)
        return found
