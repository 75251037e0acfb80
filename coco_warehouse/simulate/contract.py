"""The sample company's terms, read from the project's seeds: the only source of stores, rates and headers."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

EPOCH = date(1970, 1, 1).toordinal()
FOREVER = 10**6
REMAINDER_HEADER = "(remainder)"


class ContractError(Exception):
    """A seed is missing, or lacks what the simulator needs; the text says which and how to mend it."""


def day_number(text: str) -> int:
    """Days since 1970-01-01 of an ISO date; an empty text is a day that never comes."""
    return date.fromisoformat(text).toordinal() - EPOCH if text else FOREVER


@dataclass(frozen=True, slots=True)
class StoreTerms:
    """A row of `store_map`: who a platform store belonged to, and when."""

    merchant_id: str
    store_name: str
    valid_from: int
    valid_to: int
    recorded_on: int


@dataclass(frozen=True, slots=True)
class Store:
    """One store on one platform."""

    platform: str
    store_id: str
    partner_code: str
    time_zone: str
    currency: str
    terms: tuple[StoreTerms, ...]

    def on(self, day: int) -> StoreTerms:
        """The terms that hold on a day, of several those recorded last; the last ones where none does."""
        holding = [terms for terms in self.terms if terms.valid_from <= day <= terms.valid_to]
        return max(holding, key=lambda terms: terms.recorded_on, default=self.terms[-1])


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """A row of `fee_schedules`; rates in basis points."""

    schedule_id: str
    store_id: str
    commission_bps: int
    commission_base: str
    delivery_bps: int
    processing_bps: int
    processing_fixed: int
    processing_base: str
    valid_from: int
    valid_to: int
    recorded_on: int


@dataclass(frozen=True, slots=True)
class PayCycle:
    """A row of `pay_cycles`."""

    start_weekday: int
    period_days: int
    payday_offset: int
    bank_lag: int
    grace: int


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid for a store, and into which account."""

    bank_account_id: str
    legal_entity: str
    currency: str


@dataclass(frozen=True, slots=True)
class Column:
    """A row of `statement_columns`."""

    header: str
    role: str
    attribute: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class ChargeRule:
    """A row of `statement_charge_types`: which charge an amount of a statement is."""

    header: str
    line_word: str
    description_pattern: str
    charge_type: str
    sign: int


class Contract:
    """All terms of the sample company.

    Args:
        seeds: the project's `seeds` folder.

    Raises:
        ContractError: a seed file or a term that every order needs is missing.
    """

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds
        self._schedules: dict[tuple[str, str, str], list[FeeSchedule]] = defaultdict(list)
        for row in self._rows("fee_schedules"):
            self._schedules[row["platform"], row["fulfilment"], row["commission_type"]].append(
                FeeSchedule(
                    row["fee_schedule_id"],
                    row["platform_store_id"],
                    int(row["commission_rate_bps"]),
                    row["commission_base"],
                    int(row["delivery_commission_rate_bps"]),
                    int(row["processing_rate_bps"]),
                    int(row["processing_fixed_cents"]),
                    row["processing_base"],
                    day_number(row["valid_from"]),
                    day_number(row["valid_to"]),
                    day_number(row["recorded_on"]),
                )
            )
        self._tax: dict[str, list[tuple[str, int, int, int, int]]] = defaultdict(list)
        for row in self._rows("tax_facilitation"):
            self._tax[row["platform"]].append(
                (
                    row["platform_store_id"],
                    int(row["withheld_share_bps"]),
                    day_number(row["valid_from"]),
                    day_number(row["valid_to"]),
                    day_number(row["recorded_on"]),
                )
            )
        self.is_cancellation_paid = {
            (row["platform"], row["cancelled_by"]): row["is_paid"] == "true" for row in self._rows("cancellation_rules")
        }
        self.tax_presentation = {row["platform"]: row["tax_presentation"] for row in self._rows("platform_terms")}
        self.discount_presentation = {
            row["platform"]: row["discount_presentation"] for row in self._rows("platform_terms")
        }
        self.integration_source = {row["platform"]: row["integration_source"] for row in self._rows("platform_terms")}
        self.platform_names = {row["platform"]: row["platform_name"] for row in self._rows("platform_terms")}
        self._schedule_memo: dict[tuple[str, str, str, str, int], FeeSchedule] = {}
        self._withheld_memo: dict[tuple[str, str, int], int] = {}

    def _rows(self, seed: str) -> Iterator[dict[str, str]]:
        path = self.seeds / f"{seed}.csv"
        if not path.is_file():
            raise ContractError(
                f"the seed {seed}.csv is not in {self.seeds}; run the command inside the project folder, "
                f"where seeds/{seed}.csv stands"
            )
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)

    @cached_property
    def stores(self) -> tuple[Store, ...]:
        """Every platform store, in the order of the seed."""
        rows: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in self._rows("store_map"):
            rows[row["platform"], row["platform_store_id"]].append(row)
        return tuple(
            Store(
                platform,
                store_id,
                group[0]["partner_store_code"],
                group[0]["time_zone"],
                group[0]["currency_code"],
                tuple(
                    StoreTerms(
                        row["merchant_id"],
                        row["store_name"],
                        day_number(row["valid_from"]),
                        day_number(row["valid_to"]),
                        day_number(row["recorded_on"]),
                    )
                    for row in group
                ),
            )
            for (platform, store_id), group in rows.items()
        )

    @cached_property
    def doordash_merchants(self) -> list[str]:
        """Merchants with stores on DoorDash that are paid in US dollars, in the order of their ids."""
        return sorted(
            {
                store.terms[-1].merchant_id
                for store in self.stores
                if store.platform == "doordash" and store.currency == "USD"
            }
        )

    @cached_property
    def aliases(self) -> dict[tuple[str, str], list[tuple[str, int, int]]]:
        """Other names that statements print for a store, with the days on which they hold."""
        aliases: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
        for row in self._rows("store_aliases"):
            aliases[row["platform"], row["platform_store_id"]].append(
                (row["store_name"], day_number(row["valid_from"]), day_number(row["valid_to"]))
            )
        return aliases

    def printed_name(self, store: Store, day: int) -> str:
        """The store's name as a statement of that day prints it."""
        for name, valid_from, valid_to in self.aliases.get((store.platform, store.store_id), ()):
            if valid_from <= day <= valid_to:
                return name
        return store.on(day).store_name

    def commission_types(self, platform: str, fulfilment: str) -> list[str]:
        """Commission types that have terms, `regular` first."""
        found = {key[2] for key in self._schedules if key[:2] == (platform, fulfilment)}
        return sorted(found, key=lambda name: (name != "regular", name))

    def fee_schedule(self, store: Store, fulfilment: str, commission_type: str, day: int) -> FeeSchedule:
        """The terms of one order: a row that names the store goes first, then the one recorded last."""
        key = (store.platform, store.store_id, fulfilment, commission_type, day)
        found = self._schedule_memo.get(key)
        if found is None:
            rows = [
                row
                for row in self._schedules.get((store.platform, fulfilment, commission_type), ())
                if row.store_id in ("", store.store_id) and row.valid_from <= day <= row.valid_to
            ]
            if not rows:
                raise ContractError(
                    f"fee_schedules has no row for {store.platform}, {fulfilment}, {commission_type} on "
                    f"{date.fromordinal(day + EPOCH)}; add one"
                )
            found = self._schedule_memo[key] = max(rows, key=lambda row: (row.store_id != "", row.recorded_on))
        return found

    def withheld_bps(self, store: Store, day: int) -> int:
        """The share of the tax that the platform withholds."""
        key = (store.platform, store.store_id, day)
        found = self._withheld_memo.get(key)
        if found is None:
            rows = [
                row for row in self._tax[store.platform] if row[0] in ("", store.store_id) and row[2] <= day <= row[3]
            ]
            if not rows:
                raise ContractError(
                    f"tax_facilitation has no row for {store.platform} on {date.fromordinal(day + EPOCH)}; add one"
                )
            found = self._withheld_memo[key] = max(rows, key=lambda row: (row[0] != "", row[4]))[1]
        return found

    @cached_property
    def pay_cycles(self) -> dict[str, PayCycle]:
        """The pay cycle of each platform; where terms change, the last row."""
        return {
            row["platform"]: PayCycle(
                int(row["period_start_weekday"]),
                int(row["period_days"]),
                int(row["payday_offset_days"]),
                int(row["bank_lag_days"]),
                int(row["grace_days"]),
            )
            for row in self._rows("pay_cycles")
        }

    @cached_property
    def holidays(self) -> dict[str, frozenset[int]]:
        """Bank holidays of each currency, as day numbers."""
        days: dict[str, set[int]] = defaultdict(set)
        for row in self._rows("calendar_holidays"):
            days[row["currency_code"]].add(day_number(row["holiday_date"]))
        return {currency: frozenset(found) for currency, found in days.items()}

    @cached_property
    def _payees(self) -> dict[tuple[str, str], Payee]:
        return {
            (row["platform"], row["platform_store_id"]): Payee(
                row["bank_account_id"], row["legal_entity"], row["currency_code"]
            )
            for row in self._rows("payee_accounts")
        }

    def payee(self, store: Store) -> Payee:
        """Who is paid for a store."""
        found = self._payees.get((store.platform, store.store_id)) or self._payees.get((store.platform, ""))
        if found is None:
            raise ContractError(f"payee_accounts has no row for {store.platform} {store.store_id}; add one")
        return found

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Every bank account and its currency."""
        return {payee.bank_account_id: payee.currency for payee in self._payees.values()}

    @cached_property
    def _funding_sources(self) -> list[tuple[str, str]]:
        return [(row["funding_source"], row["funded_by"]) for row in self._rows("funding_sources")]

    def funding_words(self, platform: str, funded_by: str) -> list[str]:
        """The words that this platform uses for a funder; another platform's own name is not one of them."""
        others = [name.upper() for name in self.platform_names if name != platform]
        return [
            word
            for word, funder in self._funding_sources
            if funder == funded_by and not any(word.replace("_", "").startswith(name[:4]) for name in others)
        ]

    @cached_property
    def report_names(self) -> dict[str, str]:
        """The report name of each statement format."""
        return {row["statement_format"]: row["report_name"] for row in self._rows("statement_formats")}

    @cached_property
    def _columns(self) -> dict[str, list[Column]]:
        columns: dict[str, list[tuple[int, Column]]] = defaultdict(list)
        for row in self._rows("statement_columns"):
            columns[row["statement_format"]].append(
                (
                    int(row["column_position"]),
                    Column(
                        row["header"],
                        row["column_role"],
                        row["attribute_name"],
                        row["is_required"] == "true",
                    ),
                )
            )
        return {
            name: [column for _, column in sorted(found, key=lambda pair: pair[0])] for name, found in columns.items()
        }

    def columns(self, statement_format: str) -> list[Column]:
        """The columns of a format in file order, optional ones included."""
        if statement_format not in self._columns:
            raise ContractError(f"statement_columns has no row for {statement_format}; add its headers")
        return self._columns[statement_format]

    @cached_property
    def _charge_rules(self) -> dict[str, list[ChargeRule]]:
        rules: dict[str, list[ChargeRule]] = defaultdict(list)
        for row in self._rows("statement_charge_types"):
            rules[row["statement_format"]].append(
                ChargeRule(
                    row["header"],
                    row["source_line_type"],
                    row["description_pattern"],
                    row["charge_type"],
                    int(row["sign"]),
                )
            )
        return rules

    def charge_rules(self, statement_format: str) -> list[ChargeRule]:
        """Which header holds which charge, in the order of the seed."""
        return self._charge_rules[statement_format]

    @cached_property
    def _line_words(self) -> dict[tuple[str, str], list[str]]:
        words: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in self._rows("statement_line_types"):
            words[row["statement_format"], row["line_type"]].append(row["source_line_type"])
        return words

    def line_words(self, statement_format: str, line_type: str) -> list[str]:
        """The words that a format prints for a kind of line."""
        words = self._line_words.get((statement_format, line_type))
        if not words:
            raise ContractError(f"statement_line_types has no {line_type} line for {statement_format}; add its word")
        return words


def find_seeds(project_dir: Path | None = None) -> Path:
    """The project's `seeds` folder: of `project_dir`; else of this folder, one above it, or beside the package.

    Raises:
        ContractError: none of them has a `store_map.csv`.
    """
    here = Path.cwd()
    candidates = [project_dir] if project_dir is not None else [here, *here.parents, Path(__file__).parents[2]]
    for folder in candidates:
        if (folder / "seeds" / "store_map.csv").is_file():
            return folder / "seeds"
    raise ContractError(f"no seeds/store_map.csv in {candidates[0]}; run the command inside the project folder")
