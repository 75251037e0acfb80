"""Text and amounts as spreadsheets take them: no text becomes a formula, no amount passes through floating point."""

from decimal import Decimal

# A spreadsheet takes text that begins so for a formula, in some settings in full width or after blanks too.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CELL_CHARACTERS = 32_767


def begins_as_formula(text: str) -> bool:
    """Whether a spreadsheet would take text for a formula."""
    return text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS)


def neutralised(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if begins_as_formula(text) else text


def units(cents: int) -> Decimal:
    """Cents as units with two decimals, exactly."""
    return Decimal(cents).scaleb(-2)


def cell_text(value: object) -> str:
    """A value as the text of a cell, cut to what a cell holds."""
    text = str(value)
    return text if len(text) <= CELL_CHARACTERS else f"{text[: CELL_CHARACTERS - 1]}…"
