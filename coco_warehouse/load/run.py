"""One load, from the paths that were named to the report."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from coco_warehouse.catalog import Catalog, RawTable, read_catalog
from coco_warehouse.load.documents import (
    judge_chunk,
    judge_lines,
    read_chunks,
    recognise_documents,
    single_document,
)
from coco_warehouse.load.errors import FileRefused, LoadError
from coco_warehouse.load.extracts import (
    BATCH_ROWS,
    EXTRACT_SUFFIXES,
    Extract,
    extract_names,
    read_extract,
    recognise_extract,
)
from coco_warehouse.load.files import TEXT_SUFFIXES, SourceFile, content_hash, find_files, inspect_file
from coco_warehouse.load.landing import FILE_NUMBER, ROW_NUMBER, Landing, RawBatch, Stage
from coco_warehouse.load.report import FileOutcome, LoadReport
from coco_warehouse.load.statements import (
    BANK_COLUMNS,
    BANK_FORMAT,
    CsvExport,
    SkippedRows,
    read_export_rows,
    read_formats,
    recognise_export,
    row_data,
)
from coco_warehouse.load.warehouse import Warehouse, open_warehouse, quoted, table_name
from coco_warehouse.targets import Target, resolve_target

TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Documents:
    """A file of order documents."""

    file: SourceFile


@dataclass(frozen=True)
class PlannedFile:
    """A file whose kind is known. `number` is its place among the files of the load."""

    number: int
    content: Documents | CsvExport | Extract
    outcome: FileOutcome


class Progress:
    """Hears how far a load is; this one keeps it to itself."""

    def begin(self, stage: str, total_bytes: int = 0) -> None:
        """A stage begins, of so many bytes where that is known."""

    def advance(self, byte_count: int) -> None:
        """So many bytes more are done."""


def load_paths(
    paths: Sequence[Path],
    target: str | Target | None = None,
    *,
    profiles_dir: Path | None = None,
    project_dir: Path | None = None,
    loaded_at: datetime | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Land raw files in the warehouse, all in one transaction. `docs/raw.md` says which files land where.

    Args:
        paths: files and folders, taken in this order; a folder in the order of the names in it.
        target: an output of the dbt profile, or its name; by default the profile's own.
        profiles_dir: folder of profiles.yml.
        project_dir: folder of dbt_project.yml.
        loaded_at: moment of the load, with a zone; by default now.
        progress: hears how far the load is.

    Returns:
        What became of each file. Files that were refused do not keep the others from landing.

    Raises:
        TargetError: project, profile or target cannot be found.
        LoadError: a path does not exist, or the warehouse cannot be reached, is in use, or fails; nothing was landed.
    """
    resolved = target if isinstance(target, Target) else resolve_target(target, profiles_dir, project_dir)
    catalog = read_catalog(resolved)
    moment = (loaded_at or datetime.now(UTC)).astimezone(UTC)
    warehouse = open_warehouse(resolved, catalog.table("order_api", "order_documents").database)
    try:
        return _Load(resolved, catalog, warehouse, moment, progress or Progress()).run(paths)
    except warehouse.engine_error as error:
        raise LoadError(
            f"Target {resolved.name} failed, and nothing was landed: {str(error).strip()}"
        ) from error
    finally:
        warehouse.close()


class _Load:
    """The steps of one load."""

    def __init__(
        self, target: Target, catalog: Catalog, warehouse: Warehouse, loaded_at: datetime, progress: Progress
    ) -> None:
        self._catalog = catalog
        self._warehouse = warehouse
        self._loaded_at = loaded_at
        self._progress = progress
        self._formats = read_formats(target.project_dir)
        self._report = LoadReport(target.name)
        # Columns of each extract by the file's number; a file without rows has none.
        self._extract_columns: dict[int, list[str]] = {}
        self._documents = catalog.table("order_api", "order_documents")
        self._statements = catalog.table("payout_statements", "statement_rows")
        self._bank = catalog.table("bank", "transactions")
        self._loaded_files = catalog.table("coco_load", "loaded_files")
        self._refused_files = catalog.table("coco_load", "refused_files")

    def run(self, paths: Sequence[Path]) -> LoadReport:
        planned = self._plan(paths)
        with Stage() as stage:
            if planned:
                self._progress.begin(
                    "Reading", sum(plan.content.file.path.stat().st_size for plan in planned)
                )
                stage.fill(self._read(planned))
            self._progress.begin("Landing")
            self._land(planned, stage)
        return self._report

    # Which files there are, and what each is.

    def _plan(self, paths: Sequence[Path]) -> list[PlannedFile]:
        found: list[Path] = []
        for path in paths:
            files = find_files(path)
            if not files:
                self._report.files.append(FileOutcome(path, "refused", reason="The folder holds no file."))
            found.extend(file for file in files if file not in found)
        self._progress.begin("Checking", sum(_size(path) for path in found))
        names_by_hash = self._loaded_names()
        planned = []
        for path in found:
            outcome = FileOutcome(path, "landed")
            self._report.files.append(outcome)
            plan = self._plan_file(path, outcome, names_by_hash, len(planned))
            if plan is not None:
                planned.append(plan)
            self._progress.advance(_size(path))
        return planned

    def _loaded_names(self) -> dict[str, str]:
        if not self._warehouse.columns(self._loaded_files):
            return {}
        rows = self._warehouse.query(
            f"select source_file_hash, source_file_name from {table_name(self._loaded_files)}"
        )
        return {digest: name for digest, name in rows}

    def _plan_file(
        self, path: Path, outcome: FileOutcome, names_by_hash: dict[str, str], number: int
    ) -> PlannedFile | None:
        try:
            file = inspect_file(path)
            outcome.content_hash = file.content_hash
            if file.content_hash in names_by_hash:
                outcome.status, outcome.same_as = "already loaded", names_by_hash[file.content_hash]
                return None
            content = self._recognise(file)
        except FileRefused as error:
            self._refuse(outcome, str(error))
            return None
        names_by_hash[file.content_hash] = file.name
        outcome.content_kind, outcome.content_format = _kind_and_format(content)
        return PlannedFile(number, content, outcome)

    def _recognise(self, file: SourceFile) -> Documents | CsvExport | Extract:
        names = extract_names(self._catalog)
        extract = recognise_extract(file, self._catalog)
        if extract is not None:
            return extract
        suffix = file.stem_and_suffix[1]
        if suffix == ".csv":
            return recognise_export(file, self._formats, names)
        if suffix in TEXT_SUFFIXES:
            recognise_documents(file, names)
            return Documents(file)
        if suffix in EXTRACT_SUFFIXES:
            raise FileRefused(
                "Only table extracts come as Parquet, and its name names no table. Name it <schema>.<table>.parquet."
            )
        raise FileRefused(
            f"Nothing that is loaded has a name that ends in “{suffix or file.name}”. Loaded are .ndjson, .jsonl and "
            ".json (order documents), .csv (statements, bank exports), and table extracts, also as .parquet."
        )

    def _refuse(self, outcome: FileOutcome, reason: str) -> None:
        outcome.status, outcome.reason, outcome.row_count = "refused", reason, 0
        outcome.content_hash = outcome.content_hash or content_hash(outcome.path)

    # What is in them.

    def _read(self, planned: Sequence[PlannedFile]) -> Iterator[RawBatch]:
        for plan in planned:
            try:
                yield from self._read_file(plan)
            except FileRefused as error:
                self._refuse(plan.outcome, str(error))

    def _read_file(self, plan: PlannedFile) -> Iterator[RawBatch]:
        content = plan.content
        if isinstance(content, Documents):
            batches = self._read_documents(content.file, plan.outcome)
        elif isinstance(content, Extract):
            batches = self._read_extract(content, plan)
            self._progress.advance(_size(content.file.path))
        else:
            batches = self._read_export(content, plan.outcome)
            self._progress.advance(_size(content.file.path))
        for batch in batches:
            plan.outcome.row_count += batch.rows.num_rows
            yield batch

    def _read_documents(self, file: SourceFile, outcome: FileOutcome) -> Iterator[RawBatch]:
        document = single_document(file)
        if document is not None:
            yield self._document_batch(judge_lines([(1, document)]), file, outcome)
            return
        for first_row, chunk in read_chunks(file):
            yield self._document_batch(judge_chunk(chunk, first_row), file, outcome)
            self._progress.advance(len(chunk))

    def _document_batch(self, judged: pa.RecordBatch, file: SourceFile, outcome: FileOutcome) -> RawBatch:
        rows = judged["source_row_number"]
        prefix = pa.scalar(file.content_hash[:32])
        for error in judged["document_error"].drop_null().to_pylist():
            outcome.document_errors[error.partition(":")[0]] += 1
        columns = {
            "document_id": pc.binary_join_element_wise(prefix, rows.cast(pa.string()), "-"),
            "received_at": judged["received_at"].fill_null(pa.scalar(self._loaded_at, TIMESTAMP)),
            **{name: judged[name] for name in ("received_from", "document", "document_error")},
        }
        return self._landed_batch(self._documents, file, rows, columns)

    def _landed_batch(
        self, table: RawTable, file: SourceFile, row_numbers: pa.Array, columns: dict[str, pa.Array]
    ) -> RawBatch:
        """Add the columns that every landing table has."""
        count = len(row_numbers)
        rows = {
            **columns,
            "source_file_hash": pa.repeat(file.content_hash, count),
            "source_file_name": pa.repeat(file.name, count),
            "source_row_number": row_numbers,
            "loaded_at": pa.repeat(pa.scalar(self._loaded_at, TIMESTAMP), count),
        }
        return RawBatch(table, pa.RecordBatch.from_pydict(rows))

    def _read_export(self, export: CsvExport, outcome: FileOutcome) -> Iterator[RawBatch]:
        skipped = SkippedRows()
        is_bank = export.format.name == BANK_FORMAT
        rows: list[tuple[int, list[str]]] = []
        for row in read_export_rows(export, skipped):
            rows.append(row)
            if len(rows) == BATCH_ROWS:
                yield self._bank_batch(export, rows) if is_bank else self._statement_batch(export, rows)
                rows = []
        if rows:
            yield self._bank_batch(export, rows) if is_bank else self._statement_batch(export, rows)
        outcome.skipped.update(
            {"repeated header rows": skipped.repeated_headers, "totals rows": skipped.totals}
        )

    def _statement_batch(self, export: CsvExport, rows: list[tuple[int, list[str]]]) -> RawBatch:
        columns = {
            "statement_format": pa.repeat(export.format.name, len(rows)),
            "row_data": pa.array([row_data(export.header, fields) for _, fields in rows], pa.string()),
        }
        return self._landed_batch(self._statements, export.file, _numbers(rows), columns)

    def _bank_batch(self, export: CsvExport, rows: list[tuple[int, list[str]]]) -> RawBatch:
        places = {name.strip(): place for place, name in enumerate(export.header)}
        columns = {
            name: pa.array(
                [fields[places[name]] if name in places else None for _, fields in rows], pa.string()
            )
            for name in BANK_COLUMNS
        }
        blank = pc.equal(pc.utf8_trim_whitespace(columns["transaction_id"]), "")
        columns["transaction_id"] = pc.if_else(blank, pa.scalar(None, pa.string()), columns["transaction_id"])
        return self._landed_batch(self._bank, export.file, _numbers(rows), columns)

    def _read_extract(self, extract: Extract, plan: PlannedFile) -> Iterator[RawBatch]:
        first_row = 0
        for batch in read_extract(extract):
            columns = self._extract_columns.setdefault(plan.number, [])
            columns.extend(name for name in batch.schema.names if name not in columns)
            rows = batch.append_column(
                FILE_NUMBER, pa.repeat(pa.scalar(plan.number, pa.int64()), batch.num_rows)
            )
            numbers = pa.array(range(first_row, first_row + batch.num_rows), pa.int64())
            yield RawBatch(extract.table, rows.append_column(ROW_NUMBER, numbers))
            first_row += batch.num_rows

    # Where they go.

    def _land(self, planned: Sequence[PlannedFile], stage: Stage) -> None:
        self._settle_repeats()
        refused = [plan for plan in planned if plan.outcome.status == "refused"]
        landing = Landing(
            self._warehouse,
            [plan.content.file.content_hash for plan in refused],
            [plan.number for plan in refused],
        )
        self._warehouse.execute("begin")
        try:
            for table in self._catalog.landing_tables:
                landing.create(table, [column.name for column in table.columns])
            kept = self._open_extracts(landing, planned, stage)
            if planned:
                stage.empty_into(landing)
            for table, names in kept.items():
                landing.merge_extract(table, names)
            self._record()
            self._warehouse.execute("commit")
        except BaseException:
            self._roll_back()
            raise
        for plan in planned:
            if plan.outcome.status == "landed":
                self._report.rows_by_table[self._table_of(plan)] += plan.outcome.row_count

    def _settle_repeats(self) -> None:
        """Refuse the files that repeat the content of one that was refused while it was read."""
        reasons = {
            outcome.content_hash: outcome for outcome in self._report.files if outcome.status == "refused"
        }
        for outcome in self._report.files:
            original = reasons.get(outcome.content_hash)
            if outcome.status == "already loaded" and original is not None:
                self._refuse(outcome, f"It is {original.path.name} under another name: {original.reason}")

    def _open_extracts(
        self, landing: Landing, planned: Sequence[PlannedFile], stage: Stage
    ) -> dict[RawTable, list[str]]:
        """Make the tables that accepted extracts are for. Returns the columns that each takes."""
        kept: dict[RawTable, list[str]] = {}
        for plan in planned:
            if isinstance(plan.content, Extract) and plan.outcome.status == "landed":
                columns = self._extract_columns.get(plan.number, plan.content.table.required_columns)
                names = kept.setdefault(plan.content.table, [])
                names.extend(name for name in columns if name not in names)
        for table, names in kept.items():
            landing.create(table, names)
            landing.open_extract(table, names, stage.columns(table))
        return kept

    def _table_of(self, plan: PlannedFile) -> str:
        content = plan.content
        if isinstance(content, Documents):
            table = self._documents
        elif isinstance(content, Extract):
            table = content.table
        else:
            table = self._bank if content.format.name == BANK_FORMAT else self._statements
        return f"{table.schema}.{table.identifier}"

    def _record(self) -> None:
        """Write what landed and what was refused; only with this do the landed rows count."""
        for outcome in self._report.with_status("landed"):
            self._insert(
                self._loaded_files,
                source_file_hash=outcome.content_hash,
                source_file_name=outcome.path.name,
                content_kind=outcome.content_kind,
                content_format=outcome.content_format,
                row_count=outcome.row_count,
                loaded_at=self._loaded_at,
            )
        refused = [outcome for outcome in self._report.with_status("refused") if outcome.path.is_file()]
        for number, outcome in enumerate(refused):
            self._insert(
                self._refused_files,
                source_file_hash=outcome.content_hash,
                source_file_name=outcome.path.name,
                reason=outcome.reason,
                # A microsecond apart, since hash and moment identify a refusal.
                refused_at=self._loaded_at + timedelta(microseconds=number),
            )

    def _insert(self, table: RawTable, **values: object) -> None:
        names = ", ".join(quoted(name) for name in values)
        marks = ", ".join(["%s"] * len(values))
        self._warehouse.execute(
            f"insert into {table_name(table)} ({names}) values ({marks})", list(values.values())
        )

    def _roll_back(self) -> None:
        # When the connection is lost there is nothing to roll back, and the first error is the one to tell.
        with suppress(self._warehouse.engine_error):
            self._warehouse.execute("rollback")


def _kind_and_format(content: Documents | CsvExport | Extract) -> tuple[str, str]:
    """What `coco_load.loaded_files` says of a file."""
    if isinstance(content, Documents):
        return "order_documents", "order_documents"
    if isinstance(content, Extract):
        return "table_extract", f"{content.table.source}.{content.table.name}"
    if content.format.name == BANK_FORMAT:
        return BANK_FORMAT, BANK_FORMAT
    return "statement", content.format.name


def _numbers(rows: list[tuple[int, list[str]]]) -> pa.Array:
    return pa.array([number for number, _ in rows], pa.int64())


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
