"""The command `coco load`."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coco_warehouse.load import LoadError, LoadReport, load_paths
from coco_warehouse.load.progress import ConsoleProgress
from coco_warehouse.load.resolutions import RESOLUTIONS
from coco_warehouse.marts import counted
from coco_warehouse.targets import TargetError
from coco_warehouse.times import MOMENT


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--target", help="Output of the dbt profile to load into; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
@click.option(
    "--loaded-at",
    type=MOMENT,
    help="Moment of the load, UTC, by default now: for files of an earlier day that are loaded anew.",
)
def load(
    paths: tuple[Path, ...],
    target: str | None,
    profiles_dir: Path | None,
    project_dir: Path | None,
    loaded_at: datetime | None,
) -> None:
    """Land order documents, statements, bank exports, table extracts and resolutions of exceptions in the warehouse.

    PATHS are files, or folders that are searched through. A file that was loaded before, under whatever name, is
    passed over. A file that is not what it claims to be is refused with the reason; the others still land, and the
    command ends with code 1. So it does where rows of resolutions are wrong: those change nothing, the others land.
    """
    with ConsoleProgress(Console(stderr=True)) as progress:
        try:
            report = load_paths(
                paths,
                target,
                profiles_dir=profiles_dir,
                project_dir=project_dir,
                loaded_at=loaded_at.replace(tzinfo=UTC) if loaded_at else None,
                progress=progress,
            )
        except (LoadError, TargetError) as error:
            raise click.ClickException(str(error)) from error
    print_report(report, Console())
    if report.with_status("refused") or any(outcome.rejected_rows for outcome in report.files):
        raise SystemExit(1)


def print_report(report: LoadReport, console: Console) -> None:
    """Print what became of the files, and how many rows landed in each table."""
    landed, known = report.with_status("landed"), report.with_status("already loaded")
    refused = report.with_status("refused")
    if report.rows_by_table:
        tables = Table(title=f"Landed in target {report.target}", title_justify="left")
        tables.add_column("table")
        tables.add_column("rows", justify="right")
        for name, count in sorted(report.rows_by_table.items()):
            tables.add_row(name, f"{count:,}")
        console.print(tables)
    _print_remarks(report, console)
    # Of files that come again under their own names, the count below says enough.
    for outcome in (outcome for outcome in known if outcome.path.name != outcome.same_as):
        console.print(f"already loaded as {outcome.same_as}: {outcome.path}", markup=False, highlight=False)
    _print_rejected_rows(report, console)
    if refused:
        files = Table(title="Refused", title_justify="left", show_lines=True)
        files.add_column("file", overflow="fold")
        files.add_column("what is wrong, and how to mend it", overflow="fold")
        for outcome in refused:
            files.add_row(Text(str(outcome.path)), Text(outcome.reason))
        console.print(files)
    console.print(
        f"{counted(len(landed), 'file')} landed, {len(known)} already there, {len(refused)} refused.", highlight=False
    )


def _print_remarks(report: LoadReport, console: Console) -> None:
    """Print what landed and is not as it should be, or was passed over within a file."""
    errors = sum((outcome.document_errors for outcome in report.files), Counter())
    skipped: Counter[str] = Counter()
    for outcome in report.with_status("landed"):
        of_what = "" if outcome.content_kind == RESOLUTIONS else " of statements"
        skipped.update({f"{kind}{of_what}": count for kind, count in outcome.skipped.items() if count})
    for reason, count in errors.most_common():
        console.print(f"{count:,} order documents landed as invalid: {reason}", markup=False, highlight=False)
    for kind, count in skipped.items():
        console.print(f"{count:,} {kind} passed over", markup=False, highlight=False)


def _print_rejected_rows(report: LoadReport, console: Console) -> None:
    """Print the wrong rows of files of which others landed."""
    partly = [outcome for outcome in report.with_status("landed") if outcome.rejected_rows]
    if not partly:
        return
    rows = Table(title="Rows that changed nothing", title_justify="left", show_lines=True)
    rows.add_column("file", overflow="fold")
    rows.add_column("row", justify="right")
    rows.add_column("what is wrong, and how to mend it", overflow="fold")
    for outcome in partly:
        for number, reason in outcome.rejected_rows:
            rows.add_row(Text(outcome.path.name), str(number), Text(reason))
    console.print(rows)
    console.print("Mend these rows and load the file again: its rows that landed are passed over.")
