"""The files of a load: found, told apart, and refused where they are nothing that is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coco_warehouse.catalog import Catalog, RawTable
from coco_warehouse.load.documents import recognise_documents
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.extracts import EXTRACT_SUFFIXES, Extract, extract_names, recognise_extract
from coco_warehouse.load.files import TEXT_SUFFIXES, SourceFile, content_hash, find_files, inspect_file
from coco_warehouse.load.progress import Progress
from coco_warehouse.load.report import FileOutcome
from coco_warehouse.load.resolutions import RESOLUTIONS, ResolutionFile, recognise_resolutions
from coco_warehouse.load.statements import BANK_FORMAT, CsvExport, CsvFormat, recognise_export


@dataclass(frozen=True)
class Documents:
    """A file of order documents."""

    file: SourceFile


Content = Documents | CsvExport | Extract | ResolutionFile


@dataclass(frozen=True)
class PlannedFile:
    """A file whose kind is known, and the raw table it is for. `number` is its place among the files of the load."""

    number: int
    content: Content
    table: RawTable
    outcome: FileOutcome

    @property
    def is_refused(self) -> bool:
        """Whether it was refused after all, while it was read."""
        return self.outcome.status == "refused"


@dataclass
class Plan:
    """What a load is to do: `outcomes` of every path, in order, and the files that are to be read."""

    outcomes: list[FileOutcome]
    files: list[PlannedFile]


def plan_files(
    paths: Sequence[Path],
    catalog: Catalog,
    formats: Sequence[CsvFormat],
    names_by_hash: dict[str, str],
    progress: Progress,
) -> Plan:
    """Find the files under some paths and tell them apart.

    Args:
        paths: files and folders.
        catalog: the raw tables.
        formats: the CSV exports that are known.
        names_by_hash: names of the files that were loaded before, by the hash of their content.
        progress: hears how far it is.

    Raises:
        LoadError: a path does not exist.
    """
    plan = Plan([], [])
    found: dict[Path, None] = {}
    for path in paths:
        files = find_files(path)
        if not files:
            plan.outcomes.append(FileOutcome(path, "refused", reason="The folder holds no file."))
        found.update(dict.fromkeys(files))
    progress.begin("Checking", sum(size(path) for path in found))
    names = dict(names_by_hash)
    for path in found:
        outcome = FileOutcome(path, "landed")
        plan.outcomes.append(outcome)
        content = _recognise(path, outcome, catalog, formats, names)
        if content is not None:
            names[outcome.content_hash] = path.name
            plan.files.append(_planned(len(plan.files), content, outcome, catalog))
        progress.advance(size(path))
    return plan


def refuse(outcome: FileOutcome, reason: str) -> None:
    """Note that a file is refused."""
    outcome.status, outcome.reason, outcome.row_count = "refused", reason, 0
    outcome.content_hash = outcome.content_hash or content_hash(outcome.path)


def size(path: Path) -> int:
    """Bytes of a file; 0 for what is none."""
    return path.stat().st_size if path.is_file() else 0


def _recognise(
    path: Path, outcome: FileOutcome, catalog: Catalog, formats: Sequence[CsvFormat], names: dict[str, str]
) -> Content | None:
    """Tell what a file is; None, noted in its outcome, when it is refused or its content is known."""
    try:
        file = inspect_file(path)
        outcome.content_hash = file.content_hash
        if file.content_hash in names:
            outcome.status, outcome.same_as = "already loaded", names[file.content_hash]
            return None
        return recognise_file(file, catalog, formats)
    except FileRefused as error:
        refuse(outcome, str(error))
        return None


def recognise_file(file: SourceFile, catalog: Catalog, formats: Sequence[CsvFormat]) -> Content:
    """Tell what a file is, by its name and its content.

    Raises:
        FileRefused: it is nothing that is known.
    """
    names = extract_names(catalog)
    suffix = file.stem_and_suffix[1]
    extract = recognise_extract(file, catalog)
    if extract is not None:
        return extract
    resolutions = recognise_resolutions(file)
    if resolutions is not None:
        return resolutions
    if suffix == ".csv":
        return recognise_export(file, formats, names)
    if suffix in TEXT_SUFFIXES:
        recognise_documents(file, names)
        return Documents(file)
    if suffix in EXTRACT_SUFFIXES:
        raise FileRefused(
            "Only table extracts come as Parquet, and its name names no table. Name it <schema>.<table>.parquet."
        )
    raise FileRefused(
        f"Nothing that is loaded has a name that ends in “{suffix or file.name}”. Loaded are .ndjson, .jsonl "
        "and .json (order documents), .csv (statements, bank exports, resolutions), .xlsx (resolutions), and table "
        "extracts, also as .parquet."
    )


def _planned(number: int, content: Content, outcome: FileOutcome, catalog: Catalog) -> PlannedFile:
    if isinstance(content, Documents):
        table = catalog.table("order_api", "order_documents")
        outcome.content_kind = outcome.content_format = "order_documents"
    elif isinstance(content, Extract):
        table = content.table
        outcome.content_kind, outcome.content_format = "table_extract", f"{table.source}.{table.name}"
    elif isinstance(content, ResolutionFile):
        table = catalog.table("finance", RESOLUTIONS)
        outcome.content_kind = outcome.content_format = RESOLUTIONS
    elif content.format.name == BANK_FORMAT:
        table = catalog.table("bank", "transactions")
        outcome.content_kind = outcome.content_format = BANK_FORMAT
    else:
        table = catalog.table("payout_statements", "statement_rows")
        outcome.content_kind, outcome.content_format = "statement", content.format.name
    return PlannedFile(number, content, table, outcome)


def settle_repeats(outcomes: Iterable[FileOutcome]) -> None:
    """Refuse the files that repeat the content of one that was refused while it was read."""
    outcomes = list(outcomes)
    refused = {outcome.content_hash: outcome for outcome in outcomes if outcome.status == "refused"}
    for outcome in outcomes:
        original = refused.get(outcome.content_hash)
        if outcome.status == "already loaded" and original is not None:
            refuse(outcome, f"It is {original.path.name} under another name: {original.reason}")
