"""Payouts on their way to the bank, and the exports of the accounts they reach."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from coco_warehouse.simulate.clock import Periods, day_text, weekday
from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.faults import FaultPlan
from coco_warehouse.simulate.money import money_text
from coco_warehouse.simulate.randomness import digest, generator
from coco_warehouse.simulate.shard import Payout
from coco_warehouse.simulate.statements.layout import csv_text

HEADER = ["transaction_id", "account_id", "posted_date", "amount", "currency", "description", "reference"]
FRIDAY = 5
# Two exports that follow each other repeat these last days.
OVERLAP_DAYS = 2
# What an account has beside deposits: day of the month, amount, description.
MONTHLY_TRANSACTIONS = ((1, -1500, "MONTHLY ACCOUNT FEE"), (15, 212, "INTEREST PAID"))
# The first row of an account, before any deposit.
OPENING_TRANSACTION = (-4250, "CARD PURCHASE OFFICE SUPPLY")
GROUPED_PLATFORM = "ubereats"
# A payout is only split where each part is worth a transfer.
LEAST_SPLIT_CENTS = 1000


@dataclass(slots=True)
class Transaction:
    """One bank transaction; `amount` in cents, money in is positive."""

    transaction_id: str
    account: str
    posted: int
    amount: int
    currency: str
    description: str
    reference: str


@dataclass(slots=True)
class DueLine:
    """A payout and what of it is due: `due_cents` = max(0, net + carried in)."""

    payout: Payout
    carry_in: int
    due_cents: int
    transactions: list[str] = field(default_factory=list)


class Bank:
    """Deposits of all payouts, with the planted deposit faults.

    Args:
        end_day: the last known day: later deposits are still on their way.
    """

    def __init__(self, contract: Contract, plan: FaultPlan, start_day: int, end_day: int) -> None:
        self._contract = contract
        self._plan = plan
        self._start_day = start_day
        self._end_day = end_day
        self.transactions: list[Transaction] = []
        # Parts of a payout are only told by the reference, so that they keep it.
        self._parts: set[str] = set()
        self.labels: list[bytes] = []
        self.due_lines: list[DueLine] = []

    def receive(self, payouts: Iterable[Payout]) -> None:
        """Work out what is due of each payout and deposit it."""
        ordered = sorted(payouts, key=lambda payout: (payout.platform, payout.store.store_id, payout.period.payday))
        carried: dict[tuple[str, str], int] = defaultdict(int)
        for payout in ordered:
            if payout.is_unloaded or not payout.is_store_known:
                # Nobody who has not its statement, or cannot tell its store, can know what it carries on.
                self.due_lines.append(DueLine(payout, 0, max(0, payout.net)))
                continue
            key = (payout.platform, payout.store.store_id)
            balance = payout.net + carried[key]
            self.due_lines.append(DueLine(payout, carried[key], max(0, balance)))
            carried[key] = min(0, balance)
        groups: dict[tuple[str, str, int], list[DueLine]] = defaultdict(list)
        amounts = Counter((line.payout.account, line.due_cents) for line in self.due_lines)
        for line in self.due_lines:
            if not line.due_cents:
                continue
            payout = line.payout
            is_unique = amounts[payout.account, line.due_cents] == 1
            planted = self._planted(payout, is_unique)
            # Uber deposits its payouts of one account and day together.
            if payout.platform == GROUPED_PLATFORM and not planted and not payout.is_unloaded:
                groups[payout.platform, payout.account, payout.period.due].append(line)
            else:
                self._deposit([line], planted)
        for group in sorted(groups):
            self._deposit(groups[group], self._planted_on_group(groups[group]))
        self._other_transactions()
        self.transactions.sort(key=lambda item: (item.account, item.posted, item.transaction_id))
        self._drop_references()

    def _planted(self, payout: Payout, is_unique: bool) -> str | None:
        """The fault of one payout's deposit, if it has one of its own."""
        if payout.is_unloaded or payout.period.overdue >= self._end_day:
            return None
        possible = ["unexpected_deposit"]
        if payout.platform != GROUPED_PLATFORM and (is_unique or payout.payout_id):
            # In a group nobody could tell which payout is missing; nor of two like amounts without a reference.
            possible.append("missing_deposit")
        if payout.payout_id:
            # Without a reference a wrong amount is not a payout's at all.
            possible += ["short_deposit", "over_deposit", "duplicate_deposit"]
            if self._other_account(payout) is not None:
                possible.append("wrong_account_deposit")
        drawn = self._plan.on("deposit", possible, payout.platform, payout.store.store_id, payout.period.payday)
        return drawn[0] if drawn else None

    def _planted_on_group(self, lines: list[DueLine]) -> str | None:
        """A deposit of several payouts can only be missing as a whole."""
        payout = lines[0].payout
        if payout.period.overdue >= self._end_day:
            return None
        drawn = self._plan.on("grouped deposit", ["missing_deposit"], payout.account, payout.period.payday)
        return drawn[0] if drawn else None

    def _other_account(self, payout: Payout) -> str | None:
        return next(
            (
                account
                for account, currency in sorted(self._contract.accounts.items())
                if currency == payout.currency and account != payout.account
            ),
            None,
        )

    def _deposit(self, lines: list[DueLine], planted: str | None) -> None:
        payout = lines[0].payout
        total = sum(line.due_cents for line in lines)
        names = (payout.platform, payout.store.store_id, payout.period.payday)
        rng = generator(self._plan.seed, "deposit day", *names)
        periods = Periods(self._contract, payout.platform, payout.currency)
        posted = payout.period.due
        if rng.random() < 0.1:
            posted = periods.bank_day_from(posted + 1)
        account = payout.account
        amount = total
        if planted == "missing_deposit":
            for line in lines:
                self._label(planted, line.payout, None, -line.due_cents, account, "never deposited")
            return
        if planted == "short_deposit":
            amount = max(1, total - 100 - int(rng.random() * total // 4))
            if amount == total:
                planted = None
        elif planted == "over_deposit":
            amount = total + 100 + int(rng.random() * 5000)
        elif planted == "wrong_account_deposit":
            account = self._other_account(payout) or account
        if posted > self._end_day:
            return
        reference = payout.payout_id if len(lines) == 1 else ""
        if reference and not planted and not payout.is_unloaded and self._split(lines[0], posted, periods, names):
            return
        transaction = self._post(account, posted, amount, payout, reference, "deposit", *names)
        for line in lines:
            line.transactions.append(transaction.transaction_id)
        if payout.is_unloaded:
            self._label(
                "unexpected_deposit", payout, transaction, amount, account,
                "its statement was not loaded, so no payout explains it", caused_by="statement_not_loaded",
            )  # fmt: skip
        elif planted in ("short_deposit", "over_deposit"):
            self._label(planted, payout, transaction, amount - total, account, f"due {total}")
        elif planted == "wrong_account_deposit":
            self._label(planted, payout, transaction, -total, payout.account, f"went to {account}")
            self._label(planted, payout, transaction, total, account, f"was due at {payout.account}")
        elif planted == "duplicate_deposit":
            again = self._post(account, periods.bank_day_from(posted + 1), amount, payout, reference, "again", *names)
            if again.posted <= self._end_day:
                self._label(planted, payout, again, amount, account, "deposited a second time")
        elif planted == "unexpected_deposit":
            strange = 1000 + int(rng.random() * 20_000)
            extra = self._post(account, posted, strange, payout, "", "strange", *names)
            self._label(planted, payout, extra, strange, account, "no payout explains it")

    def _split(self, line: DueLine, posted: int, periods: Periods, names: tuple[object, ...]) -> bool:
        """Deposit a payout in two parts, where the plan says so: on one day, or on two that follow each other."""
        rng = generator(self._plan.seed, "split deposit", *names)
        is_split, part, is_next_day = rng.random() < 0.06, rng.uniform(0.2, 0.8), rng.random() < 0.5
        later = periods.bank_day_from(posted + 1) if is_next_day else posted
        if not is_split or line.due_cents < LEAST_SPLIT_CENTS or later > self._end_day:
            return False
        payout = line.payout
        first = int(line.due_cents * part)
        for name, day, amount in (("part 1", posted, first), ("part 2", later, line.due_cents - first)):
            one = self._post(payout.account, day, amount, payout, payout.payout_id, name, *names)
            line.transactions.append(one.transaction_id)
            self._parts.add(one.transaction_id)
        return True

    def _post(
        self, account: str, posted: int, amount: int, payout: Payout, reference: str, *names: object
    ) -> Transaction:
        number = digest(self._plan.seed, "transaction", *names) % 10**12
        name = self._contract.platform_names[payout.platform].upper()
        transaction = Transaction(
            f"{number:012d}", account, posted, amount, payout.currency, f"{name} PAYOUT", reference
        )
        self.transactions.append(transaction)
        return transaction

    def _other_transactions(self) -> None:
        """What an account has beside deposits has nothing to do with a platform."""
        for account, currency in sorted(self._contract.accounts.items()):
            found = [(self._start_day, *OPENING_TRANSACTION)]
            for day in range(self._start_day, self._end_day + 1):
                found += [
                    (day, amount, description)
                    for of_month, amount, description in MONTHLY_TRANSACTIONS
                    if int(day_text(day)[-2:]) == of_month
                ]
            for day, amount, description in found:
                number = digest("other", account, day, description) % 10**12
                self.transactions.append(Transaction(f"{number:012d}", account, day, amount, currency, description, ""))

    def _drop_references(self) -> None:
        """Some references get lost, where the amount alone still tells the deposit."""
        counted: dict[tuple[str, int], int] = defaultdict(int)
        for item in self.transactions:
            counted[item.account, item.amount] += 1
        labelled = {orjson.loads(line)["bank_transaction_id"] for line in self.labels}
        due: dict[tuple[str, int], int] = defaultdict(int)
        for line in self.due_lines:
            due[line.payout.account, line.due_cents] += 1
        for item in self.transactions:
            is_unique = counted[item.account, item.amount] == 1 and due[item.account, item.amount] == 1
            is_lost = digest("lost reference", item.transaction_id) % 12 == 0
            if is_lost and is_unique and item.transaction_id not in labelled | self._parts:
                item.reference = ""

    def _label(
        self,
        name: str,
        payout: Payout,
        transaction: Transaction | None,
        cents: int,
        account: str,
        note: str,
        caused_by: str | None = None,
    ) -> None:
        self.labels.append(
            orjson.dumps(
                {
                    "fault_id": f"bank-{len(self.labels) + 1}",
                    "break_class": name,
                    "origin": "fault",
                    "platform": payout.platform,
                    "platform_store_id": payout.store.store_id,
                    "payout_id": payout.payout_id or None,
                    "payout_date": day_text(payout.period.payday),
                    "bank_transaction_id": transaction.transaction_id if transaction else None,
                    "bank_account_id": account,
                    "cents": cents,
                    "currency_code": payout.currency,
                    "caused_by": caused_by,
                    "note": note,
                }
            )
        )

    def exports(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each account's weekly exports; they overlap by some days."""
        for account in sorted(self._contract.accounts):
            mine = [item for item in self.transactions if item.account == account]
            # One bank's export has no ids.
            first_column = 1 if account.endswith("-eur") else 0
            before = self._start_day - 1
            last_name = ""
            for day in range(self._start_day, self._end_day + 1):
                if weekday(day) != FRIDAY and day != self._end_day:
                    continue
                rows = [item for item in mine if before - OVERLAP_DAYS < item.posted <= day]
                before = day
                name = f"bank/{account}-{day_text(rows[-1].posted)}.csv" if rows else last_name
                if name == last_name:
                    continue
                last_name = name
                table = [HEADER, *(_cells(item) for item in rows)]
                yield name, csv_text([row[first_column:] for row in table], line_end="\n").encode()

    def payout_lines(self) -> Iterator[bytes]:
        """The truth of each payout: net of its lines, carried in, due, and the deposits that hold it."""
        for line in self.due_lines:
            payout = line.payout
            yield orjson.dumps(
                {
                    "platform": payout.platform,
                    "platform_store_id": payout.store.store_id,
                    "payout_id": payout.payout_id or None,
                    "payout_date": day_text(payout.period.payday),
                    "period_start_date": day_text(payout.period.start),
                    "period_end_date": day_text(payout.period.end),
                    "due_date": day_text(payout.period.due),
                    "overdue_date": day_text(payout.period.overdue),
                    "bank_account_id": payout.account,
                    "currency_code": payout.currency,
                    "net_cents": payout.net,
                    "carry_in_cents": line.carry_in,
                    "due_cents": line.due_cents,
                    "is_statement_loaded": not payout.is_unloaded,
                    "bank_transaction_ids": line.transactions,
                }
            )


def _cells(item: Transaction) -> list[str]:
    return [
        item.transaction_id,
        item.account,
        day_text(item.posted),
        money_text[item.amount],
        item.currency,
        item.description,
        item.reference,
    ]
