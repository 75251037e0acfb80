"""Which column of which mart holds each path of the order document; `docs/orders.md` is written from here.

The paths are those that `macros/documents/order_document.sql` declares, and the columns say in
`models/marts/orders/_models.yml` (meta `document_path`) which of them they hold.

    python -m coco_warehouse.order_paths        writes the table in docs/orders.md anew
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from coco_warehouse.targets import read_yaml

PROJECT = Path(__file__).parents[1]
DECLARATION = Path("macros/documents/order_document.sql")
MARTS = Path("models/marts/orders/_models.yml")
PAGE = Path("docs/orders.md")

# The macro that declares the elements of an array; none where the reference documents leave them open.
ELEMENTS = {
    "details.consumers": "consumer_leaves",
    "details.items": "order_item_leaves",
    "details.items[].modifiers": "order_modifier_leaves",
    "details.promotions": "order_promotion_leaves",
    "rawPlatformFinancials.taxRemittance.platformTaxRemittance": "money_breakdown_leaves",
    "rawPlatformFinancials.taxRemittance.restaurantTaxRemittance": "money_breakdown_leaves",
    "rawPlatformFinancials.taxRemittance.courierTaxRemittance": "money_breakdown_leaves",
    "rawPlatformFinancials.taxRemittance.eaterTaxRemittance": "money_breakdown_leaves",
    "rawPlatformFinancials.payments.paymentMethods": "payment_method_leaves",
    "rawPlatformFinancials.promotions.appliedDiscounts": "applied_discount_leaves",
    "rawPlatformFinancials.promotions.loyaltyRewards.rewards": None,
    "rawPlatformFinancials.promotions.coupons": "coupon_leaves",
    "rawPlatformFinancials.promotions.platformPromotions": "platform_promotion_leaves",
    "rawPlatformFinancials.promotions.platformPromotions[].discountItems": "discount_item_leaves",
    "rawPlatformFinancials.promotions.platformPromotions[].fundingSplits": "funding_split_leaves",
}
# An array of elements as its parent's: one declaration holds for every depth.
NESTED = "details.items[].modifiers[].modifiers"

BEGIN = "<!-- From here on written by: python -m coco_warehouse.order_paths -->\n"


class OrderPathError(Exception):
    """A path and the columns do not fit together; the message says which and where to mend it."""


@dataclass(frozen=True)
class Leaf:
    """A declared path, such as `details.items[].price.total`.

    `type` is text, cents, number, boolean, time, object, array or json; `part` is required, expected or optional.
    """

    path: str
    type: str
    part: str
    is_personal: bool

    @property
    def array(self) -> str:
        """The innermost array that the path lies in, such as `details.items`; '' for none."""
        return self.path.rpartition("[]")[0]


@dataclass(frozen=True, order=True)
class Column:
    """A column of a mart."""

    mart: str
    name: str
    data_type: str

    def __str__(self) -> str:
        return f"{self.mart}.{self.name}"


def declared_leaves(project_dir: Path = PROJECT) -> list[Leaf]:
    """Every path of the order document, arrays' elements after the document itself, in the order of the declaration.

    Raises:
        OrderPathError: an array is declared of which ELEMENTS does not know the elements.
    """
    macros = _DeclarationMacros((project_dir / DECLARATION).read_text(encoding="utf-8"))
    leaves = list(_leaves(macros.call("order_document_leaves"), ""))
    for leaf in leaves:  # grows while it is gone through
        if leaf.type != "array" or leaf.path == NESTED:
            continue
        if leaf.path not in ELEMENTS:
            raise OrderPathError(
                f"{DECLARATION} declares the array {leaf.path}: name the macro of its elements in ELEMENTS, {__file__}."
            )
        macro = ELEMENTS[leaf.path]
        if macro is None:
            # What is left open may hold anything of a customer.
            leaves.append(Leaf(f"{leaf.path}[]", "json", "optional", is_personal=True))
        else:
            leaves.extend(_leaves(macros.call(macro), f"{leaf.path}[]."))
    return leaves


def _leaves(declaration: Sequence[Sequence[str]], prefix: str) -> Iterator[Leaf]:
    for path, leaf_type, part, *marks in declaration:
        yield Leaf(prefix + path, leaf_type, part, "personal" in marks)


class _DeclarationMacros:
    """The macros of the declaration, called without dbt: what they hand to `return` is caught."""

    def __init__(self, text: str) -> None:
        self._returned: list[Any] = []
        environment = Environment(undefined=StrictUndefined)
        self._module = environment.from_string(text).make_module({"return": self._catch})

    def _catch(self, value: object) -> str:
        self._returned.append(value)
        return ""

    def call(self, name: str) -> Sequence[Sequence[str]]:
        """Call a macro without arguments. Returns what it returned."""
        getattr(self._module, name)()
        declaration: Sequence[Sequence[str]] = self._returned.pop()
        return declaration


def columns_of_paths(project_dir: Path = PROJECT) -> dict[str, list[Column]]:
    """Which columns say that they hold a path. Marts and columns stand in the order of the marts' YAML."""
    columns: dict[str, list[Column]] = {}
    for mart in read_yaml(project_dir / MARTS)["models"]:
        for column in mart["columns"]:
            for path in column.get("config", {}).get("meta", {}).get("document_path", []):
                columns.setdefault(path, []).append(Column(mart["name"], column["name"], column["data_type"]))
    return columns


def lost_paths(leaves: Sequence[Leaf], columns: Mapping[str, Sequence[Column]]) -> list[str]:
    """Declared paths that no column holds. An object without a column of its own is in the columns of its members."""
    held = {leaf.path for leaf in leaves if leaf.path in columns}
    return [
        leaf.path
        for leaf in leaves
        if leaf.path not in held
        and not (leaf.type == "object" and any(path.startswith(f"{leaf.path}.") for path in held))
    ]


def written_page(project_dir: Path = PROJECT) -> str:
    """`docs/orders.md` as it should be: its own words, then a table for the document and one for each array.

    Raises:
        OrderPathError: a path reaches no column, or a column names a path that is not declared.
    """
    leaves, columns = declared_leaves(project_dir), columns_of_paths(project_dir)
    if lost := lost_paths(leaves, columns):
        raise OrderPathError(f"No column in {MARTS} names in document_path: {', '.join(lost)}.")
    if unknown := sorted(columns.keys() - {leaf.path for leaf in leaves}):
        raise OrderPathError(f"Columns in {MARTS} name paths that {DECLARATION} lacks: {', '.join(unknown)}.")
    words, begin, _ = (project_dir / PAGE).read_text(encoding="utf-8").partition(BEGIN)
    if not begin:
        raise OrderPathError(f"{PAGE} lacks the line {BEGIN.strip()}")
    sections = [
        "\n".join(_section(array, [leaf for leaf in leaves if leaf.array == array], columns))
        for array in dict.fromkeys(leaf.array for leaf in leaves)
    ]
    return words + BEGIN + "\n" + "\n\n".join(sections) + "\n"


def _section(array: str, leaves: Sequence[Leaf], columns: Mapping[str, Sequence[Column]]) -> Iterator[str]:
    yield f"## `{array}[]`" if array else "## The document"
    yield ""
    yield "| path | type | asked for | mart and column |"
    yield "|---|---|---|---|"
    for leaf in leaves:
        part = f"{leaf.part}, personal" if leaf.is_personal else leaf.part
        held_in = ", ".join(f"`{column}`" for column in columns.get(leaf.path, [])) or "its members"
        yield f"| `{leaf.path}` | {leaf.type} | {part} | {held_in} |"


if __name__ == "__main__":
    (PROJECT / PAGE).write_text(written_page(), encoding="utf-8")
