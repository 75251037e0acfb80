"""Extracts of replicated tables: CSV, NDJSON or Parquet, typed as the catalogue declares."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import simplejson  # type: ignore[import-untyped]

from coco_warehouse.catalog import Catalog, RawTable
from coco_warehouse.load.csv_records import read_records
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import SourceFile, nearest

BATCH_ROWS = 5_000
MAX_NAME_BYTES = 63  # PostgreSQL cuts longer names short
CSV_BLOCK_BYTES = 32 * 1024 * 1024
EXTRACT_SUFFIXES = (".csv", ".ndjson", ".jsonl", ".parquet")

ARROW_TYPES = {
    "string": pa.string(),
    "json": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
_TRUE = frozenset(("true", "t", "1", "yes"))
_FALSE = frozenset(("false", "f", "0", "no"))
_EXPECTED = {
    "bigint": "a whole number of at most 64 bits",
    "boolean": "true or false",
    "timestamp": "a timestamp such as 2026-09-01T18:20:46Z",
}
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]+)?)?"
    r" ?(Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


@dataclass(frozen=True)
class Extract:
    """A file that is named after the table it holds rows of."""

    file: SourceFile
    table: RawTable


def extract_names(catalog: Catalog) -> list[str]:
    """Names that an extract's file can begin with: `<schema>.<table>`."""
    return [f"{table.source}.{table.name}" for table in catalog.extract_tables]


def recognise_extract(file: SourceFile, catalog: Catalog) -> Extract | None:
    """Tell by its name which table a file is an extract of; None when the name is no extract's.

    Schema and table are those documented, or those that the project's variables put in their place.

    Raises:
        FileRefused: the schema is known and the table is not.
    """
    stem, suffix = file.stem_and_suffix
    parts = stem.split(".")
    if suffix not in EXTRACT_SUFFIXES or len(parts) < 2:
        return None
    schema, name = parts[:2]
    of_schema = [table for table in catalog.extract_tables if schema in (table.source, table.schema)]
    for table in of_schema:
        if name in (table.name, table.identifier):
            return Extract(file, table)
    if of_schema:
        known = sorted(table.name for table in of_schema)
        raise FileRefused(
            f"It is named as an extract of {schema}.{name}, and that schema's tables are "
            f"{', '.join(known)}.{nearest(name, known)} Correct the name of the file."
        )
    return None


def read_extract(extract: Extract) -> Iterator[pa.RecordBatch]:
    """Read the rows of an extract, typed; columns that the catalogue does not declare come as text.

    Yields:
        Batches with the columns of the file, in its order.

    Raises:
        FileRefused: a documented column is missing, a value is not of its column's type, a key is null, or the file
            is broken. The reason names column and row.
    """
    reader = _READERS[extract.file.stem_and_suffix[1]]
    for first_row, batch in reader(extract.file, extract.table):
        yield _typed(extract.table, batch, first_row)


def _check_columns(table: RawTable, names: list[str]) -> None:
    label = f"{table.source}.{table.name}"
    missing = [name for name in table.required_columns if name not in names]
    if missing:
        hints = "".join(nearest(name, [n for n in names if n not in table.required_columns]) for name in missing[:1])
        raise FileRefused(
            f"It lacks {', '.join(f'“{name}”' for name in missing)}, documented for {label}.{hints} "
            "Extract the table with all its documented columns."
        )
    folded = [name.casefold() for name in names]
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise FileRefused(f"Its column “{name}” stands twice (capitals do not tell columns apart). Rename one.")
        if table.column_type(name) is None:
            _check_undocumented_name(table, name, names.index(name) + 1)


def _check_undocumented_name(table: RawTable, name: str, number: int) -> None:
    if not name.strip():
        raise FileRefused("One of its columns has no name. Name it, or leave it out.")
    if len(name.encode("utf-8")) > MAX_NAME_BYTES or not name.isprintable() or set(name) & set("\"'▶"):
        raise FileRefused(
            f"The name of its column {number} cannot be a column's: at most {MAX_NAME_BYTES} bytes, no quotes. "
            "Rename it."
        )
    if table.column_type(name.casefold()) is not None:
        raise FileRefused(f"Its column “{name}” is documented as “{name.casefold()}”. Rename it.")


def _typed(table: RawTable, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    columns = {}
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        data_type = table.column_type(name) or "string"
        try:
            columns[name] = _cast(values, data_type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            row = first_row + _first_failure(values, data_type)
            # The value is not told: where columns are shifted it may be a name or a pin, and reasons are shown.
            raise FileRefused(
                f"Row {row}, column “{name}”: the value is not {_EXPECTED.get(data_type, 'text')}. "
                "Correct the extract at its origin and make it again."
            ) from error
        if name in table.primary_key and columns[name].null_count:
            row = pc.index(columns[name].is_null(), True).as_py()
            raise FileRefused(f"Row {first_row + row}, column “{name}”: the key of the table is null.")
    return pa.RecordBatch.from_pydict(columns)


def _first_failure(values: pa.Array, data_type: str) -> int:
    for row in range(len(values)):
        try:
            _cast(values.slice(row, 1), data_type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return row
    raise AssertionError("every value can be cast alone")


def _cast(values: pa.Array, data_type: str) -> pa.Array:
    """Cast a column to the Arrow type of a declared type. Raises ArrowInvalid when a value is not of it."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if data_type in ("string", "json"):
        return _as_text(values)
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return _cast_typed(values, data_type)
    text = pc.utf8_trim_whitespace(values)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)
    if data_type == "timestamp":
        return pa.array([_timestamp(value) for value in text.to_pylist()], pa.string()).cast(ARROW_TYPES[data_type])
    if data_type == "boolean":
        return pa.array([_boolean(value) for value in text.to_pylist()], pa.bool_())
    return text.cast(ARROW_TYPES[data_type])


def _cast_typed(values: pa.Array, data_type: str) -> pa.Array:
    """Cast a column that has a type of its own (Parquet)."""
    if data_type == "timestamp" and pa.types.is_timestamp(values.type):
        # Neither engine keeps more than microseconds; a time without a zone is UTC.
        values = values.cast(pa.timestamp("us", values.type.tz), safe=False)
        return values.cast(ARROW_TYPES["timestamp"]) if values.type.tz else pc.assume_timezone(values, "UTC")
    if data_type == "timestamp" and not (pa.types.is_date(values.type) or pa.types.is_null(values.type)):
        raise pa.ArrowInvalid("a number is no timestamp")
    if data_type == "timestamp" and pa.types.is_date(values.type):
        return pc.assume_timezone(values.cast(pa.timestamp("us")), "UTC")
    return values.cast(ARROW_TYPES[data_type])


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_nested(values.type):
        return pa.array([_json_text(value) for value in values.to_pylist()], pa.string())
    text = values.cast(pa.string())
    # PostgreSQL holds no NUL in text.
    return pc.replace_substring(text, pattern="\0", replacement="\\x00")


def _boolean(value: str | None) -> bool | None:
    if value is None:
        return None
    folded = value.casefold()
    if folded not in _TRUE | _FALSE:
        raise pa.ArrowInvalid(f"{value} is not a boolean")
    return folded in _TRUE


def _timestamp(value: str | None) -> str | None:
    """A timestamp as Arrow reads it: UTC where no offset is given, cut to microseconds."""
    if value is None:
        return None
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise pa.ArrowInvalid(f"{value} is not a timestamp")
    date, minutes, seconds, fraction, offset = match.groups()
    zone = "Z" if offset in (None, "Z", "UTC") else offset if len(offset) > 3 else offset + ":00"
    return f"{date}T{minutes or '00:00'}{seconds or ':00'}{(fraction or '')[:7]}{zone}"


def _json_text(value: object) -> str | None:
    """A nested value as JSON; numbers keep the digits they came with."""
    if value is None:
        return None
    text = simplejson.dumps(value, ensure_ascii=False, use_decimal=True, default=str, separators=(",", ":"))
    return _encodable(text)


def _encodable(text: str) -> str:
    r"""Write a lone surrogate, which is no character, as its escape `\udXXX`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _read_csv(file: SourceFile, table: RawTable) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Read a CSV as text; an empty field is null, a quoted empty one is the empty text. The header is row 1."""
    header = next((fields for _, fields in read_records(file)), [])
    _check_columns(table, header)
    broken: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        broken.append(row)
        return "error"

    row_number = 2
    try:
        with file.open() as stream:
            reader = pa_csv.open_csv(
                stream,
                # One thread, so that a broken row comes with its number.
                read_options=pa_csv.ReadOptions(use_threads=False, block_size=CSV_BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            for batch in reader:
                yield row_number, batch
                row_number += batch.num_rows
    except pa.ArrowInvalid as error:
        if broken:
            row = broken[0]
            raise FileRefused(
                f"Row {row.number} has {row.actual_columns} fields, and the header has {row.expected_columns} columns: "
                "the file was cut short or broken. Make the extract again."
            ) from error
        raise FileRefused(f"It is not CSV ({error}). Make the extract again.") from error


def _read_ndjson(file: SourceFile, table: RawTable) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Read an NDJSON as text. A row may leave out what is null, so columns are missing only when no row has them."""
    names: dict[str, None] = {}
    with file.open() as stream:
        lines = enumerate(stream, start=1)
        while chunk := list(itertools.islice(lines, BATCH_ROWS)):
            rows = [_ndjson_row(number, line) for number, line in chunk]
            names.update(dict.fromkeys(name for row in rows for name in row))
            yield (
                chunk[0][0],
                _text_batch(rows, [*names, *(n for n in table.required_columns if n not in names)]),
            )
    _check_columns(table, list(names))


def _ndjson_row(number: int, line: bytes) -> dict[str, object]:
    try:
        row = simplejson.loads(line, use_decimal=True)
    except ValueError as error:
        raise FileRefused(
            f"Line {number} is not valid JSON ({error}): the file was cut short or broken. Make the extract again."
        ) from error
    if not isinstance(row, dict):
        raise FileRefused(f"Line {number} is not a JSON object. An extract holds one row a line, as an object.")
    return row


def _text_batch(rows: list[dict[str, object]], names: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {name: pa.array([_ndjson_text(row.get(name)) for row in rows], pa.string()) for name in names}
    )


def _ndjson_text(value: object) -> str | None:
    """A value as text: a string is itself, anything else is its JSON."""
    return _encodable(value) if isinstance(value, str) else _json_text(value)


def _read_parquet(file: SourceFile, table: RawTable) -> Iterator[tuple[int, pa.RecordBatch]]:
    first_row = 1
    try:
        with file.open() as stream:
            parquet = pq.ParquetFile(stream)
            _check_columns(table, parquet.schema_arrow.names)
            for batch in parquet.iter_batches(BATCH_ROWS):
                yield first_row, batch
                first_row += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefused(f"It is not whole Parquet ({str(error).splitlines()[0]}). Make the extract again.") from error


_READERS: dict[str, Callable[[SourceFile, RawTable], Iterator[tuple[int, pa.RecordBatch]]]] = {
    ".csv": _read_csv,
    ".ndjson": _read_ndjson,
    ".jsonl": _read_ndjson,
    ".parquet": _read_parquet,
}
