"""Lines that are not sales: refunds, disputes, adjustments, advertising, equipment."""

from __future__ import annotations

from random import Random

from coco_warehouse.simulate.clock import DAY, HOUR, day_text
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.money import share
from coco_warehouse.simulate.orders import Order
from coco_warehouse.simulate.statements.grubhub import TRANSACTIONS
from coco_warehouse.simulate.statements.layout import Layout
from coco_warehouse.simulate.statements.lines import Line
from coco_warehouse.simulate.statements.ubereats import DETAILS

DISPUTE_FEE = 1500


def line_number(platform: str, rng: Random) -> str:
    """An id of a statement line, as the platform writes them."""
    bits = rng.getrandbits(64)
    if platform == "doordash":
        return str(bits % 10**10 + 10**10)
    if platform == "grubhub":
        return f"{bits:016x}"
    return f"txn_{bits:016x}{rng.getrandbits(32):08x}"


class EventMaker:
    """Makes the lines of one platform that are not sales."""

    def __init__(self, contract: Contract, platform: str) -> None:
        self._contract = contract
        self._platform = platform
        self._uber = Layout(contract, DETAILS).descriptions if platform == "ubereats" else {}
        grubhub = Layout(contract, TRANSACTIONS) if platform == "grubhub" else None
        self._grubhub_texts = grubhub.descriptions if grubhub else {}
        words = contract.line_words(TRANSACTIONS, "account")
        self._grubhub_variant = (
            {charge: words.index(word) for charge, word in grubhub.words_of_charge.items() if word in words}
            if grubhub
            else {}
        )

    def refund(self, order: Order, local: int, rng: Random) -> Line:
        """A refund (DoorDash: an error charge) of part of a sale, or of all of it."""
        part = (2000, 3500, 5000, 10_000)[int(rng.random() * 4)]
        cents = max(1, share(order.items_total, part))
        platform = self._platform
        if platform == "doordash":
            return self._line(order, "error_charge", local, {"error_charge": -cents}, rng, "Missing item")
        tax = share(order.tax, part)
        withheld = share(tax, self._contract.withheld_bps(order.store, order.day))
        if platform == "ubereats":
            charges = {"refund": -cents, "refund_tax": -tax, "tax_withheld": withheld}
            return self._line(order, "refund", local, charges, rng)
        if platform == "grubhub":
            charges = {"sales": -cents, "tax": -tax, "tax_withheld": withheld}
            kind = "MISSING_ITEM" if rng.random() < 0.6 else "INCORRECT_ITEM"
            note = f"{kind} - 1x {order.lines[0].name}"
            if rng.random() < 0.4:
                note += '\n\tDiner says:\n\t"it was not there"'
            return self._line(order, "adjustment", local, charges, rng, note)
        total = max(1, share(order.total, part))
        return self._line(order, "refund", local, {"refund": -total}, rng, order.external_id)

    def refund_class(self) -> str:
        """The class of a refund on this platform."""
        return "error_charge" if self._platform == "doordash" else "refund"

    def chargeback(self, order: Order, local: int, rng: Random) -> Line:
        """A disputed card payment, with the processor's fee."""
        return self._line(
            order,
            "chargeback",
            local,
            {"chargeback": -order.total, "processing_fee": -DISPUTE_FEE},
            rng,
            order.external_id,
        )

    def won_back(self, order: Order, earlier: Line, local: int, rng: Random) -> Line:
        """The reversal of an earlier refund, error charge or dispute in the merchant's favour."""
        if self._platform == "doordash":
            charges = {name: -cents for name, cents in earlier.charges.items()}
            return self._line(order, "error_charge", local, charges, rng, "Error charge reversed")
        if self._platform == "ubereats":
            charges = {name: -cents for name, cents in earlier.charges.items()}
            return self._line(order, "won_back", local, charges, rng)
        charges = {"chargeback": -earlier.charges["chargeback"]}
        return self._line(order, "won_back", local, charges, rng, order.external_id)

    def platform_adjustment(self, order: Order, local: int, rng: Random) -> Line:
        """An adjustment of one order; Uber's is an account row whose text names the order."""
        cents = max(1, share(order.items_total, (1000, 2500)[int(rng.random() * 2)]))
        if self._platform == "doordash":
            signed = cents if rng.random() < 0.5 else -cents
            return self._line(order, "adjustment", local, {"adjustment": signed}, rng, "Order adjustment")
        text = self._uber["platform_adjustment"]
        text += f" because restaurant was closed - order {order.readable}"
        return Line(order.store, None, "account", "", local, {"platform_adjustment": -cents}, text)

    def tax_adjustment(self, order: Order, local: int, rng: Random) -> Line:
        """Grubhub's correction of an order's tax, from a cent to tens of dollars."""
        cents = (1, 2, 7, 35, 120, 1450)[int(rng.random() * 6)]
        signed = cents if rng.random() < 0.5 else -cents
        return self._line(order, "adjustment", local, {"tax": signed}, rng, "Tax Adjustment")

    def account_row(self, store: Store, charge: str, local: int, rng: Random, period_start: int) -> Line:
        """A row of the store's account that names no order.

        `charge` is ads, equipment, capital, daily_pay_fee, backup_withholding, customer_contribution or
        platform_credit.
        """
        # No two periods have one amount: with Uber's placeholder date the amount is all that tells rows apart.
        cents = 500 + int(rng.random() * 90) * 50 + period_start % 50
        if self._platform == "doordash":
            device = "Tablet" if rng.random() < 0.7 else "Printer"
            line_id = line_number(self._platform, rng)
            return Line(store, None, "fee", line_id, local, {charge: -300 - cents % 700}, f"{device} fee")
        if self._platform == "grubhub":
            text = f"{self._grubhub_texts[charge]}: {day_text(local // DAY)}" if charge == "ads" else "GH Credit"
            return Line(
                store,
                None,
                "account",
                line_number(self._platform, rng),
                local,
                {charge: -cents if charge == "ads" else cents},
                text,
                self._grubhub_variant[charge],
            )
        if charge == "daily_pay_fee":
            cents = 100
        if charge == "capital":
            text = "Capital payment"
        elif charge == "backup_withholding":
            text = "Backup withholding"
        else:
            text = self._uber[charge]
        signed = cents if charge == "customer_contribution" else -cents
        return Line(store, None, "account", "", local, {charge: signed}, text)

    def _line(
        self,
        order: Order,
        line_type: str,
        local: int,
        charges: dict[str, int],
        rng: Random,
        text: str = "",
    ) -> Line:
        charges = {name: cents for name, cents in charges.items() if cents}
        if self._platform == "ubereats":
            word = self._contract.line_words(DETAILS, line_type)[0]
            line = Line(order.store, order, line_type, f"{order.external_id}/{word}", local, charges, text)
            return line
        return Line(order.store, order, line_type, line_number(self._platform, rng), local, charges, text)


def later(order: Order, rng: Random) -> int:
    """A local instant after a sale: most events come within days, some after weeks."""
    days = rng.random() * 3 if rng.random() < 0.6 else rng.random() * 45
    return order.local + int(days * DAY) + HOUR
