"""The command `coco dashboard`: the dashboard, served on this machine."""

import ipaddress
import os
from pathlib import Path

import click

from coco_warehouse.dashboard.pages.overview import overview
from coco_warehouse.dashboard.publish import publish, snapshot_path, warehouse_path
from coco_warehouse.dashboard.reader import PostgresReader, Reader, SnapshotReader
from coco_warehouse.dashboard.server import Login, make_app
from coco_warehouse.marts import MartsError
from coco_warehouse.targets import Target, TargetError, resolve_target

USER_VARIABLE, PASSWORD_VARIABLE = "COCO_DASHBOARD_USER", "COCO_DASHBOARD_PASSWORD"
LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]


def read_login() -> Login | None:
    """Read the login from the environment; None where neither variable is set.

    Raises:
        click.ClickException: one of them is set without the other.
    """
    user, password = os.environ.get(USER_VARIABLE, ""), os.environ.get(PASSWORD_VARIABLE, "")
    if bool(user) != bool(password):
        raise click.ClickException(f"Set both {USER_VARIABLE} and {PASSWORD_VARIABLE}, or neither.")
    return Login(user, password) if user else None


def make_reader(target: Target, snapshot: Path | None) -> Reader:
    """Return the reader of a target; a DuckDB warehouse that was never published is published first.

    Raises:
        MartsError: there is nothing to publish, or the warehouse is in use.
    """
    if target.type == "postgres":
        return PostgresReader(target)
    path = snapshot_path(target, snapshot)
    if not path.is_file():
        publish(target, snapshot)
        click.echo(f"Published the marts to {path}; do so after each build with: coco publish")
    return SnapshotReader(path, f"{target.schema}_marts", warehouse_path(target))


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@click.command()
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=8050, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--snapshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Published file to read, on DuckDB; by default the one that coco publish writes.",
)
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def dashboard(
    target: str | None,
    host: str,
    port: int,
    snapshot: Path | None,
    profiles_dir: Path | None,
    project_dir: Path | None,
) -> None:
    """Serve the dashboard until it is interrupted.

    On DuckDB it reads what coco publish has published, and turns to a newer one by itself; on PostgreSQL it reads
    the marts through a connection that cannot write. With COCO_DASHBOARD_USER and COCO_DASHBOARD_PASSWORD set it
    asks for them.
    """
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        # Browsers keep their connections open, which saves most of the time of a small request.
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Print nothing for a request that went well."""

    login = read_login()
    try:
        resolved = resolve_target(target, profiles_dir, project_dir)
        reader = make_reader(resolved, snapshot)
        # What is imported and compiled at first use is so before the first visitor comes.
        with reader.reading() as reading:
            overview(reading)
    except (MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    app = make_app(reader, login, LOOPBACK_NAMES if is_loopback(host) else None)
    if not is_loopback(host) and login is None:
        click.echo(
            f"Anyone who reaches {host} can see every amount: set {USER_VARIABLE} and {PASSWORD_VARIABLE}, and put "
            "a proxy with TLS before it.",
            err=True,
        )
    try:
        server = make_server(host, port, app.server, threaded=True, request_handler=Handler)
    except (OSError, SystemExit) as error:
        raise click.ClickException(
            f"Port {port} of {host} cannot be served on. Take another with --port; 0 takes a free one."
        ) from error
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Dashboard of target {resolved.name} at http://{shown}:{server.server_port}/ (Ctrl+C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("Ended.")
    finally:
        server.server_close()
