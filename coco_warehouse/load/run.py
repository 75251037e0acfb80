"""One load, from the paths that were named to the report."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coco_warehouse.catalog import Catalog, RawTable, read_catalog
from coco_warehouse.load.errors import FileRefused, LoadError
from coco_warehouse.load.extracts import Extract
from coco_warehouse.load.landing import Landing, Stage
from coco_warehouse.load.plan import Plan, plan_files, refuse, settle_repeats, size
from coco_warehouse.load.progress import Progress
from coco_warehouse.load.reading import read_batches
from coco_warehouse.load.report import LoadReport
from coco_warehouse.load.resolutions import KnownExceptions, ResolutionFile, check_resolutions, read_codes
from coco_warehouse.load.scratch import scratch_folder
from coco_warehouse.load.statements import read_formats
from coco_warehouse.load.warehouse import Warehouse, open_warehouse, quoted, table_name
from coco_warehouse.targets import Target, resolve_target

RECORDS_A_STATEMENT = 500
ROWS_IN_A_REASON = 100


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
        loaded_at: moment of the load, with a zone; by default now. Every load is given a later moment than all
            before it, whatever the clock says: incremental models take what was loaded after the last they hold.
        progress: hears how far the load is.

    Returns:
        What became of each file. Files that were refused do not keep the others from landing.

    Raises:
        TargetError: project, profile or target cannot be found.
        LoadError: a path does not exist, or the warehouse cannot be reached, is in use, or fails; nothing was
            landed.
    """
    if not isinstance(target, Target):
        target = resolve_target(target, profiles_dir, project_dir)
    catalog = read_catalog(target)
    moment = (loaded_at or datetime.now(UTC)).astimezone(UTC)
    progress = progress or Progress()
    warehouse = open_warehouse(
        target,
        catalog.table("order_api", "order_documents").database,
        on_wait=lambda: progress.begin("Waiting for another load or build of this database to end"),
    )
    try:
        loaded_files = catalog.table("coco_load", "loaded_files")
        names_by_hash = _loaded_names(warehouse, loaded_files)
        moment = max(moment, _next_moment(warehouse, catalog))
        formats = read_formats(target.project_dir)
        plan = plan_files(paths, catalog, formats, names_by_hash, progress)
        _check_resolutions(plan, KnownExceptions(warehouse, catalog, target), moment, target)
        _land(plan, warehouse, catalog, moment, progress)
    except warehouse.engine_error as error:
        message = str(error).strip()
        raise LoadError(f"Target {target.name} failed, and nothing was landed: {message}") from error
    finally:
        warehouse.close()
    return _report(target, plan)


def _loaded_names(warehouse: Warehouse, table: RawTable) -> dict[str, str]:
    """Names of the files that were loaded before, by the hash of their content."""
    if not warehouse.columns(table):
        return {}
    return dict(warehouse.query(f"select source_file_hash, source_file_name from {table_name(table)}"))


def _next_moment(warehouse: Warehouse, catalog: Catalog) -> datetime:
    """The first moment after the last load, be it one that refused everything."""
    moments = [datetime.min.replace(tzinfo=UTC)]
    for name, column in (("loaded_files", "loaded_at"), ("refused_files", "refused_at")):
        table = catalog.table("coco_load", name)
        if warehouse.columns(table):
            [(last,)] = warehouse.query(f"select max({column}) from {table_name(table)}")
            if isinstance(last, datetime):
                moments.append(last.astimezone(UTC) + timedelta(microseconds=1))
    return max(moments)


def _check_resolutions(plan: Plan, known: KnownExceptions, loaded_at: datetime, target: Target) -> None:
    """Check the rows of resolutions; a file of which no row is right is refused."""
    codes = read_codes(target.project_dir)
    for planned in plan.files:
        if not isinstance(planned.content, ResolutionFile):
            continue
        outcome = planned.outcome
        try:
            checked = check_resolutions(planned.content, known, codes, loaded_at.date())
        except FileRefused as error:
            refuse(outcome, str(error))
            continue
        outcome.rejected_rows.extend(checked.rejected)
        outcome.skipped.update(checked.passed_over)
        if checked.rejected and not planned.content.accepted:
            refuse(outcome, _told(checked.rejected))


def _told(rejected: Sequence[tuple[int, str]]) -> str:
    """The reason of a file of which no row is right, a line a row."""
    lines = [f"Row {number}: {reason}" for number, reason in rejected[:ROWS_IN_A_REASON]]
    more = len(rejected) - ROWS_IN_A_REASON
    return "\n".join([*lines, *([f"And {more:,} more rows."] if more > 0 else [])])


def _land(plan: Plan, warehouse: Warehouse, catalog: Catalog, loaded_at: datetime, progress: Progress) -> None:
    with scratch_folder() as folder:
        stage = Stage(folder)
        if plan.files:
            progress.begin("Reading", sum(size(planned.content.file.path) for planned in plan.files))
            stage.fill(read_batches(plan.files, loaded_at, progress))
        settle_repeats(plan.outcomes)
        progress.begin("Landing")
        warehouse.expect(stage.longest_value)
        warehouse.execute("begin")
        try:
            _land_staged(plan, stage, warehouse, catalog)
            _record(plan, warehouse, catalog, loaded_at)
            warehouse.execute("commit")
        except BaseException:
            # Where the connection is lost nothing is left to undo, and the first error is the one to tell.
            with suppress(warehouse.engine_error):
                warehouse.execute("rollback")
            raise


def _land_staged(plan: Plan, stage: Stage, warehouse: Warehouse, catalog: Catalog) -> None:
    """Bring what is staged into the raw tables, without the rows of refused files."""
    refused = [planned for planned in plan.files if planned.is_refused]
    landing = Landing(
        warehouse,
        refused_hashes=[planned.content.file.content_hash for planned in refused],
        refused_numbers=[planned.number for planned in refused],
    )
    # A build finds every landing table, though nothing of its kind came yet.
    for table in catalog.landing_tables:
        landing.create(table, [column.name for column in table.columns])
    extracts = _extract_columns(plan, stage)
    for table, names in extracts.items():
        landing.create(table, names)
        landing.open_extract(table, names, stage.columns(table))
    if plan.files:
        stage.empty_into(landing)
    for table, names in extracts.items():
        landing.merge_extract(table, names)


def _extract_columns(plan: Plan, stage: Stage) -> dict[RawTable, list[str]]:
    """Columns that the accepted extracts of each table have; an extract without rows has the documented ones."""
    columns: dict[RawTable, dict[str, None]] = {}
    for planned in plan.files:
        if isinstance(planned.content, Extract) and not planned.is_refused:
            names = stage.file_columns(planned.number) or planned.table.required_columns
            columns.setdefault(planned.table, {}).update(dict.fromkeys(names))
    return {table: list(names) for table, names in columns.items()}


def _record(plan: Plan, warehouse: Warehouse, catalog: Catalog, loaded_at: datetime) -> None:
    """Write what landed and what was refused; only with this do the landed rows count."""
    landed = [
        {
            "source_file_hash": outcome.content_hash,
            "source_file_name": outcome.path.name,
            "content_kind": outcome.content_kind,
            "content_format": outcome.content_format,
            "row_count": outcome.row_count,
            "loaded_at": loaded_at,
        }
        for outcome in plan.outcomes
        if outcome.status == "landed"
    ]
    refused = [outcome for outcome in plan.outcomes if outcome.status == "refused" and outcome.path.is_file()]
    refusals = [
        {
            "source_file_hash": outcome.content_hash,
            "source_file_name": outcome.path.name,
            "reason": outcome.reason,
            # A microsecond apart, since hash and moment identify a refusal.
            "refused_at": loaded_at + timedelta(microseconds=number),
        }
        for number, outcome in enumerate(refused)
    ]
    _insert(warehouse, catalog.table("coco_load", "loaded_files"), landed)
    _insert(warehouse, catalog.table("coco_load", "refused_files"), refusals)


def _insert(warehouse: Warehouse, table: RawTable, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows that have the same columns."""
    for start in range(0, len(rows), RECORDS_A_STATEMENT):
        some = rows[start : start + RECORDS_A_STATEMENT]
        names = ", ".join(quoted(name) for name in some[0])
        marks = ", ".join(f"({', '.join(['%s'] * len(row))})" for row in some)
        values = [value for row in some for value in row.values()]
        warehouse.execute(f"insert into {table_name(table)} ({names}) values {marks}", values)


def _report(target: Target, plan: Plan) -> LoadReport:
    report = LoadReport(target.name, plan.outcomes)
    for planned in plan.files:
        if not planned.is_refused:
            report.rows_by_table[f"{planned.table.schema}.{planned.table.identifier}"] += planned.outcome.row_count
    return report
