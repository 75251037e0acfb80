"""The command `coco workbook`."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from xlsxwriter.exceptions import FileCreateError

from coco_warehouse.marts import MartsError, counted
from coco_warehouse.targets import TargetError, resolve_target
from coco_warehouse.times import MONTH
from coco_warehouse.workbook.columns import EXCEPTIONS, SHEETS
from coco_warehouse.workbook.content import PeriodError, read_content
from coco_warehouse.workbook.csv_files import write_csv_files
from coco_warehouse.workbook.sheets import TooManyRowsError, write_workbook


@click.command()
@click.option("--period", required=True, type=MONTH, help="Month to write.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Workbook to write; by default reconciliation-YYYY-MM.xlsx in the current folder.",
)
@click.option(
    "--csv",
    "csv_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write CSV files to, in place of a workbook.",
)
@click.option("--dashboard", help="Address of the dashboard, such as http://localhost:8050, for links to it.")
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def workbook(
    period: datetime,
    out: Path | None,
    csv_folder: Path | None,
    dashboard: str | None,
    target: str | None,
    profiles_dir: Path | None,
    project_dir: Path | None,
) -> None:
    """Write a month as a workbook: what ties, the exceptions to fill in, and the figures behind them.

    Fill in code, reason and who beside an exception, save, and load the file with `coco load`.
    """
    if out and csv_folder:
        raise click.UsageError("Give --out for a workbook or --csv for CSV files, not both.")
    if dashboard and not dashboard.startswith(("http://", "https://")):
        raise click.UsageError(f"The address of the dashboard begins with http:// or https://, not as in {dashboard}.")
    path = out or Path(f"reconciliation-{period:%Y-%m}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(
            f"{path} does not end in .xlsx, as the name of a workbook does. CSV files: --csv FOLDER."
        )
    if not csv_folder and not path.parent.is_dir():
        raise click.ClickException(f"There is no folder {path.parent} to write {path.name} to.")
    try:
        content = read_content(resolve_target(target, profiles_dir, project_dir), period.date(), dashboard)
        if csv_folder:
            written = write_csv_files(content, csv_folder)
        else:
            write_workbook(content, path)
            written = [path]
    except FileExistsError as error:
        raise click.ClickException(
            f"{error.args[0]} exists, and somebody may have filled it in. Load it, and move it away or name another."
        ) from error
    except (MartsError, PeriodError, TargetError, TooManyRowsError) as error:
        raise click.ClickException(str(error)) from error
    except FileCreateError as error:
        raise click.ClickException(f"{path} cannot be written: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or path} cannot be written: {error.strerror or error}.") from error
    console = Console()
    for file in written:
        console.print(f"Written: {file}", markup=False, highlight=False)
    console.print(f"{counted(len(content.rows(EXCEPTIONS)), 'exception')} of {period:%Y-%m}.", highlight=False)
    lacking = [plan.mart for plan in SHEETS if not content.has(plan)]
    if lacking:
        console.print(f"Left out, since they are not built: {', '.join(lacking)}.", highlight=False)
