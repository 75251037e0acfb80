"""A line of a statement, before any format prints it."""

from __future__ import annotations

from coco_warehouse.simulate.contract import Store
from coco_warehouse.simulate.orders import Order


class Line:
    """One statement line.

    `charges` is signed cents by charge type; the stated net is their sum plus `remainder`. `line_type` is a word of the
    seed statement_line_types; `variant` picks among several words of one type. `day` is the day of the event (a sale's
    own day), `local` the store's clock then. `payout_id` and `payday` are set when the line is paid.
    """

    __slots__ = (
        "charges", "commission_bps", "day", "discount_parts", "identity", "line_id", "line_type", "local", "order",
        "payday", "payout_id", "remainder", "store", "text", "variant",
    )  # fmt: skip

    def __init__(
        self,
        store: Store,
        order: Order | None,
        line_type: str,
        line_id: str,
        local: int,
        charges: dict[str, int],
        text: str = "",
        variant: int = 0,
        remainder: int = 0,
    ) -> None:
        self.store = store
        self.order = order
        self.line_type = line_type
        self.variant = variant
        self.line_id = line_id
        self.identity = line_id
        self.local = local
        self.day = local // 86_400_000
        self.charges = charges
        self.text = text
        self.remainder = remainder
        self.discount_parts = (0, 0, 0)
        self.commission_bps: int | None = None
        self.payout_id = ""
        self.payday = 0

    @property
    def net(self) -> int:
        """What the line says it pays."""
        return sum(self.charges.values()) + self.remainder
