"""Records of a CSV export, read strictly."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import SourceFile

MAX_FIELD_CHARACTERS = 16 * 1024 * 1024

# What the macro folded_blanks folds: a header that is known here is found again there.
_WHITE_SPACE = re.compile("[\\s\u00a0]+", re.ASCII)


def read_records(file: SourceFile) -> Iterator[tuple[int, list[str]]]:
    """Read the records of a CSV file with their numbers, from 1. An empty line is a record without fields.

    Raises:
        FileRefused: a quote is not closed, or something stands after a closing quote.
    """
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    number = 0
    with file.open() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        try:
            for number, fields in enumerate(csv.reader(text, strict=True), start=1):
                yield number, fields
        except csv.Error as error:
            raise FileRefused(_syntax_reason(number + 1, str(error))) from error


def _syntax_reason(number: int, message: str) -> str:
    if "unexpected end of data" in message or "field larger than" in message:
        return (
            f"Record {number} has a quote that is never closed: the file was probably cut short. "
            "Download the export again."
        )
    return f"Record {number} is not CSV ({message}). Download the export again, and do not edit it."


def read_rows(records: Iterator[tuple[int, list[str]]], header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Pass on the records that have as many fields as the header, without blank ones.

    Raises:
        FileRefused: a record has more fields than the header, or fewer.
    """
    short: int | None = None
    for number, fields in records:
        if not any(field.strip() for field in fields):
            continue
        if short is not None:
            raise FileRefused(
                f"Record {short} has fewer fields than the header has columns ({len(header)}). "
                "Download the export again, and do not edit it."
            )
        if len(fields) > len(header):
            raise FileRefused(
                f"Record {number} has {len(fields)} fields, and the header has {len(header)} columns. "
                "A comma inside a text must stand in quotes: download the export again, and do not edit it."
            )
        if len(fields) < len(header):
            short = number
            continue
        yield number, fields
    if short is not None:
        raise FileRefused(
            f"Its last record ({short}) has fewer fields than the header has columns ({len(header)}): "
            "the file was cut short. Download the export again."
        )


def fold(text: str) -> str:
    """Fold blanks, tabs, line ends and no-break spaces to single blanks and trim them, as headers are compared."""
    return _WHITE_SPACE.sub(" ", text).strip(" ")
