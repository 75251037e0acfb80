"""The command `coco close`."""

from datetime import datetime
from pathlib import Path

import click

from coco_warehouse.close.closing import close_month
from coco_warehouse.close.errors import CloseError
from coco_warehouse.close.verifying import verify_certificate
from coco_warehouse.targets import TargetError
from coco_warehouse.times import MONTH


@click.command()
@click.argument("period", metavar="PERIOD", type=MONTH)
@click.option("--preparer", help="Who prepared the close.")
@click.option("--reviewer", help="Who reviewed it; somebody else.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    show_default="the current folder",
    help="Folder for the certificate, close-YYYY-MM.html and close-YYYY-MM.json.",
)
@click.option(
    "--verify",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate in JSON: close nothing, and prove that it and the frozen rows are what they were.",
)
@click.option("--target", help="Output of the dbt profile to work on; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def close(
    period: datetime,
    preparer: str | None,
    reviewer: str | None,
    out: Path,
    verify: Path | None,
    target: str | None,
    profiles_dir: Path | None,
    project_dir: Path | None,
) -> None:
    """Close the month PERIOD (YYYY-MM): check the laws, freeze its figures and write a certificate.

    A close stays. What comes late posts in the first open month, and the mart period_changes tells what it was.
    """
    month = period.date()
    try:
        if verify:
            rows = verify_certificate(month, verify, target, profiles_dir=profiles_dir, project_dir=project_dir)
            click.echo(f"{verify} is the certificate of {month:%Y-%m}, and its {rows:,} frozen rows are unchanged.")
            return
        if not preparer or not reviewer:
            raise click.UsageError("Name who prepared the close with --preparer, and who reviewed it with --reviewer.")
        closed = close_month(month, preparer, reviewer, out, target, profiles_dir=profiles_dir, project_dir=project_dir)
    except (CloseError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    counts = {name: table["rows"] for name, table in closed.certificate["frozen"]["tables"].items()}
    laws = closed.certificate["laws"]
    warned_of = {name: told for name, told in laws.items() if told != "pass"}
    warnings = "".join(f"The certificate warns of {name} ({told}).\n" for name, told in warned_of.items())
    click.echo(
        f"{month:%Y-%m} is closed: {counts['closed_journal_lines']:,} journal lines, "
        f"{counts['closed_exceptions']:,} open exceptions, {len(laws) - len(warned_of)} laws held.\n{warnings}"
        f"Certificate: {closed.html} and {closed.json}\n"
        "Run dbt build, so that the marts know of it."
    )
