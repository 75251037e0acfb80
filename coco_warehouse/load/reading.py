"""Rows of planned files, as batches for their raw tables."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from coco_warehouse.load.csv_records import fold
from coco_warehouse.load.documents import judge_chunk, judge_lines, read_chunks, single_document
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.extracts import ARROW_TYPES, BATCH_ROWS, Extract, read_extract
from coco_warehouse.load.files import SourceFile
from coco_warehouse.load.judge import JudgePool
from coco_warehouse.load.landing import FILE_NUMBER, ROW_NUMBER, RawBatch
from coco_warehouse.load.plan import Documents, PlannedFile, refuse, size
from coco_warehouse.load.progress import Progress
from coco_warehouse.load.report import FileOutcome
from coco_warehouse.load.resolutions import ResolutionFile, resolution_columns
from coco_warehouse.load.statements import (
    BANK_COLUMNS,
    BANK_FORMAT,
    CsvExport,
    SkippedRows,
    read_export_rows,
    row_data,
)

# Below this, starting processes takes longer than they save.
PARALLEL_BYTES = 16 * 1024 * 1024
TIMESTAMP = ARROW_TYPES["timestamp"]

Rows = Sequence[tuple[int, list[str]]]


def read_batches(files: Sequence[PlannedFile], loaded_at: datetime, progress: Progress) -> Iterator[RawBatch]:
    """Read files one after another, and count their rows.

    A file that turns out to be broken is noted as refused; batches of it may have come before.
    """
    for planned in files:
        try:
            for rows in _read_file(planned, loaded_at, progress):
                planned.outcome.row_count += rows.num_rows
                yield RawBatch(planned.table, rows)
        except FileRefused as error:
            refuse(planned.outcome, str(error))


def _read_file(planned: PlannedFile, loaded_at: datetime, progress: Progress) -> Iterator[pa.RecordBatch]:
    content = planned.content
    if isinstance(content, Documents):
        for length, judged in _judged_batches(content.file):
            yield _document_rows(judged, content.file, planned.outcome, loaded_at)
            progress.advance(length)
        return
    if isinstance(content, Extract):
        yield from _extract_rows(content, planned.number)
    elif isinstance(content, ResolutionFile):
        numbers, columns = resolution_columns(content)
        if numbers:
            yield _landing_rows(columns, pa.array(numbers, pa.int64()), content.file, loaded_at)
    else:
        yield from _export_rows(content, planned.outcome, loaded_at)
    progress.advance(size(content.file.path))


def _judged_batches(file: SourceFile) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Judge a file's documents. Yields the bytes read and their batch."""
    document = single_document(file)
    if document is not None:
        yield len(document), judge_lines([(1, document)])
    elif size(file.path) < PARALLEL_BYTES:
        for first_row, chunk in read_chunks(file):
            yield len(chunk), judge_chunk(chunk, first_row)
    else:
        with JudgePool() as pool:
            yield from pool.judge(read_chunks(file))


def _document_rows(
    judged: pa.RecordBatch, file: SourceFile, outcome: FileOutcome, loaded_at: datetime
) -> pa.RecordBatch:
    row_numbers = judged["source_row_number"]
    for error in judged["document_error"].drop_null().to_pylist():
        outcome.document_errors[error.partition(":")[0]] += 1
    prefix = pa.scalar(file.content_hash[:32])
    columns = {
        "document_id": pc.binary_join_element_wise(prefix, row_numbers.cast(pa.string()), "-"),
        "received_at": judged["received_at"].fill_null(pa.scalar(loaded_at, TIMESTAMP)),
        **{name: judged[name] for name in ("received_from", "document", "document_error")},
    }
    return _landing_rows(columns, row_numbers, file, loaded_at)


def _landing_rows(
    columns: dict[str, pa.Array], row_numbers: pa.Array, file: SourceFile, loaded_at: datetime
) -> pa.RecordBatch:
    """Add the columns that every landing table has."""
    count = len(row_numbers)
    return pa.RecordBatch.from_pydict(
        {
            **columns,
            "source_file_hash": pa.repeat(file.content_hash, count),
            "source_file_name": pa.repeat(file.name, count),
            "source_row_number": row_numbers,
            "loaded_at": pa.repeat(pa.scalar(loaded_at, TIMESTAMP), count),
        }
    )


def _export_rows(export: CsvExport, outcome: FileOutcome, loaded_at: datetime) -> Iterator[pa.RecordBatch]:
    skipped = SkippedRows()
    columns_of = _bank_columns if export.format.name == BANK_FORMAT else _statement_columns
    records = read_export_rows(export, skipped)
    while rows := list(itertools.islice(records, BATCH_ROWS)):
        row_numbers = pa.array([number for number, _ in rows], pa.int64())
        yield _landing_rows(columns_of(export, rows), row_numbers, export.file, loaded_at)
    outcome.skipped.update({"repeated header rows": skipped.repeated_headers, "totals rows": skipped.totals})


def _statement_columns(export: CsvExport, rows: Rows) -> dict[str, pa.Array]:
    return {
        "statement_format": pa.repeat(export.format.name, len(rows)),
        "row_data": pa.array([row_data(export.header, fields) for _, fields in rows], pa.string()),
    }


def _bank_columns(export: CsvExport, rows: Rows) -> dict[str, pa.Array]:
    places = {fold(name): place for place, name in enumerate(export.header)}
    columns = {
        name: pa.array([fields[places[name]] if name in places else None for _, fields in rows], pa.string())
        for name in BANK_COLUMNS
    }
    blank = pc.equal(pc.utf8_trim_whitespace(columns["transaction_id"]), "")
    columns["transaction_id"] = pc.if_else(blank, pa.scalar(None, pa.string()), columns["transaction_id"])
    return columns


def _extract_rows(extract: Extract, file_number: int) -> Iterator[pa.RecordBatch]:
    first_row = 0
    for rows in read_extract(extract):
        count = rows.num_rows
        if not count:
            continue
        row_numbers = pa.array(range(first_row, first_row + count), pa.int64())
        rows = rows.append_column(FILE_NUMBER, pa.repeat(pa.scalar(file_number, pa.int64()), count))
        yield rows.append_column(ROW_NUMBER, row_numbers)
        first_row += count
