"""The dashboard as a web application: pages, the rows of its tables, its downloads, and who may see it."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import dash
from dash import MATCH, Dash, Input, Output, State, dcc, html
from flask import Flask, Response, request, send_file

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, exports, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages.common import NotFound
from coco_warehouse.dashboard.pages.exceptions import exceptions
from coco_warehouse.dashboard.pages.integrations import delivery, integrations
from coco_warehouse.dashboard.pages.merchant import merchant
from coco_warehouse.dashboard.pages.order import order
from coco_warehouse.dashboard.pages.overview import overview
from coco_warehouse.dashboard.pages.pay_period import pay_period
from coco_warehouse.dashboard.pages.payouts import payout, payouts
from coco_warehouse.dashboard.pages.quality import quality
from coco_warehouse.dashboard.pages.search import search
from coco_warehouse.dashboard.reader import Reader, Reading, RequestError
from coco_warehouse.dashboard.tables import Selection, find_table, scope_parameters
from coco_warehouse.marts import MartsError

# Path, title, page, and the names that its query may hold.
PAGES: tuple[tuple[str, str, Callable[..., Part], tuple[str, ...]], ...] = (
    ("/", "Overview", overview, ("currency", "platform", "weeks")),
    ("/merchant/<merchant_id>", "Merchant", merchant, ("merchant_id", "currency", "platform")),
    ("/pay-period/<pay_period_id>", "Pay period", pay_period, ("pay_period_id",)),
    ("/payouts", "Payouts", payouts, ("currency", "platform", "state")),
    ("/payout/<payout_id>", "Payout", payout, ("payout_id",)),
    ("/order/<order_name>", "Order", order, ("order_name",)),
    (
        "/exceptions",
        "Exceptions",
        exceptions,
        ("currency", "platform", "merchant", "break_class", "aging", "status"),
    ),
    ("/integrations", "Integrations", integrations, ("health", "merchant")),
    ("/delivery/<delivery_id>", "Delivery", delivery, ("delivery_id",)),
    ("/quality", "Data quality", quality, ("file_state",)),
    ("/search", "Search", search, ("q",)),
)
NAVIGATION = (
    ("Overview", "/"),
    ("Exceptions", "/exceptions"),
    ("Payouts", "/payouts"),
    ("Integrations", "/integrations"),
    ("Data quality", "/quality"),
)

# Kinds of downloads: what writes one, and its type.
DOWNLOADS = {
    "csv": (exports.csv_file, "text/csv"),
    "xlsx": (exports.excel_file, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}

INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        {%favicon%}
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>{%config%}{%scripts%}{%renderer%}</footer>
    </body>
</html>
"""

# Nothing is asked of another host, whatever a page may hold: the browser itself sees to it.
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)


@dataclass(frozen=True)
class Login:
    """The user and password that basic authentication asks for."""

    user: str
    password: str


def make_app(reader: Reader, login: Login | None = None, hosts: list[str] | None = None) -> Dash:
    """Make the application on a reader.

    Args:
        reader: where the marts are read from.
        login: asked for with each request, where it is given.
        hosts: names that requests may be addressed to; any where null. With a loopback address it keeps other
            web sites from reading the dashboard through a name of theirs that leads here.
    """
    app = Dash(
        "coco_dashboard",
        server=Flask("coco_dashboard"),  # type: ignore[arg-type]  # Dash takes one; its types forget it
        assets_folder=str(Path(__file__).parent / "assets"),
        use_pages=True,
        pages_folder="",
        include_pages_meta=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title="",
        title="Coco",
        index_string=INDEX,
    )
    server: Flask = app.server
    if hosts:
        server.config["TRUSTED_HOSTS"] = hosts
    for number, (path, title, page, names) in enumerate(PAGES):
        address = {"path_template": path} if "<" in path else {"path": path}
        dash.register_page(  # type: ignore[no-untyped-call]
            f"coco.{page.__name__}",
            name=title,
            title=f"{title} · Coco",
            order=number,
            layout=_layout(reader, page, names),
            **address,
        )
    # Dash shows the page of this name where no other has the address.
    dash.register_page("coco.not_found_404", layout=_no_page)  # type: ignore[no-untyped-call]
    app.layout = lambda: _frame(reader)
    _serve_tables(app, reader)
    _serve_downloads(server, reader)
    _guard(app, login)
    return app


def _layout(reader: Reader, page: Callable[..., Part], names: tuple[str, ...]) -> Callable[..., Part]:
    """Wrap a page: it reads within one reading, takes only the words it knows, and says what went wrong."""

    def lay_out(**words: Any) -> Part:
        # What stands in a path is still written as in an address; a query comes decoded.
        known = {
            name: unquote(value) if name.endswith(("_id", "_name")) else value
            for name, value in words.items()
            if name in names and isinstance(value, str) and value
        }
        try:
            with reader.reading() as reading:
                return html.Div([_as_of(reading), page(reading, **known)])
        except NotFound as error:
            return parts.page("Not here", [parts.empty(str(error), "Search for it above, or go back to the overview.")])
        except MartsError as error:
            return parts.page("The marts cannot be read", [html.Pre(str(error), className="empty", role="alert")])
        except RequestError as error:
            return parts.page("That address cannot be read", [parts.empty(str(error), "Go back to the overview.")])

    return lay_out


def _as_of(reading: Reading) -> Part:
    """Say which moment figures, ages and what is overdue are of."""
    found = reading.row(queries.AS_OF) if reading.has("warehouse_state") else None
    return html.P(f"As of {display.moment(found['as_of_at'])} UTC", className="as-of") if found else None


def _no_page(**_: Any) -> Part:
    return parts.page("Not here", [parts.empty("No page has this address.", "The pages are named above.")])


def _frame(reader: Reader) -> Part:
    """Lay out what is around each page."""
    return html.Div(
        [
            html.A("Skip to the page", href="#content", className="skip"),
            html.Header(
                [
                    dcc.Link("Coco", href="/", className="brand"),
                    html.Nav(
                        [dcc.Link(text, href=href, className="nav-link") for text, href in NAVIGATION],
                        **parts.aria(label="Pages"),
                    ),
                    html.Form(
                        dcc.Input(
                            id="search",
                            type="search",
                            name="q",
                            placeholder="Order, merchant, payout, delivery",
                            className="search",
                        ),
                        action="/search",
                        method="GET",
                        role="search",
                    ),
                    html.Button(
                        "Theme", id="theme", type="button", className="button", title="Light, dark or as the system"
                    ),
                ],
                className="top",
            ),
            html.Main(dcc.Loading(dash.page_container, delay_show=400, type="dot"), id="content", tabIndex=-1),
            html.Footer(_footer(reader), className="foot"),
        ]
    )


def _footer(reader: Reader) -> list[Part]:
    lines: list[Part] = ["Times are UTC; days are local to the store. A dash is an amount that is not known."]
    try:
        with reader.reading() as reading:
            if reading.published_at is not None:
                lines.insert(0, f"Published {display.moment(reading.published_at)} UTC. ")
    except MartsError:
        return lines
    if reader.warehouse_is_newer():
        lines.insert(1, html.Strong("The warehouse was written since: run coco publish to see it. "))
    return lines


def _serve_tables(app: Dash, reader: Reader) -> None:
    """Answer the grids: the rows that are shown, how many there are, and downloads of what the filters leave."""
    names = {"table": MATCH, "scope": MATCH}

    @app.callback(  # type: ignore[untyped-decorator, unused-ignore]
        Output({"part": "grid", **names}, "getRowsResponse"),
        Output({"part": "count", **names}, "children"),
        Output({"part": "download-csv", **names}, "href"),
        Output({"part": "download-xlsx", **names}, "href"),
        Input({"part": "grid", **names}, "getRowsRequest"),
        State({"part": "grid", **names}, "id"),
        prevent_initial_call=True,
    )
    def answer(asked: Mapping[str, Any] | None, identity: Mapping[str, str]) -> Any:
        if not asked:
            return dash.no_update
        try:
            start, end = _row_number(asked.get("startRow")), _row_number(asked.get("endRow"))
            selection = _selection(
                identity["table"], identity["scope"], asked.get("filterModel") or {}, asked.get("sortModel") or []
            )
            with reader.reading() as reading:
                count = selection.count(reading)
                rows = selection.rows(reading, min(max(end - start, 0), 1_000), max(start, 0))
        except (RequestError, MartsError) as error:
            return {"rowData": [], "rowCount": 0}, str(error), dash.no_update, dash.no_update
        query = _download_query(identity["scope"], selection)
        counted = display.count(count) + (" row" if count == 1 else " rows")
        if selection.filters:
            counted += ", filtered"
        return (
            {"rowData": parts.grid_rows(selection.table.columns, rows), "rowCount": count},
            counted,
            f"/download/{identity['table']}.csv{query}",
            f"/download/{identity['table']}.xlsx{query}",
        )


def _row_number(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError) as error:
        raise RequestError("The rows that were asked for have no such number.") from error


def _selection(name: str, scope: str, filters: Any, sorting: Any) -> Selection:
    table = find_table(name)
    if not isinstance(filters, Mapping) or not isinstance(sorting, list):
        raise RequestError("The filters of this address cannot be read.")
    return Selection(table, scope_parameters(table, dict(parse_qsl(scope))), filters, sorting)


def _download_query(scope: str, selection: Selection) -> str:
    asked = {
        "scope": scope,
        "filters": json.dumps(selection.filters) if selection.filters else "",
        "sorting": json.dumps(selection.sorting) if selection.sorting else "",
    }
    return links.with_query("", asked)


def _serve_downloads(server: Flask, reader: Reader) -> None:
    @server.get("/download/<name>.<any(csv, xlsx):kind>")
    def download(name: str, kind: str) -> Response:
        try:
            selection = _selection(
                name,
                request.args.get("scope", ""),
                _json_of(request.args.get("filters"), {}),
                _json_of(request.args.get("sorting"), []),
            )
            write, mimetype = DOWNLOADS[kind]
            # Written whole before it is sent, so that the marts are not held open as long as the client reads.
            with reader.reading() as reading:
                file = write(selection, reading)
        except RequestError as error:
            return Response(str(error), 400, mimetype="text/plain")
        except MartsError as error:
            return Response(str(error), 503, mimetype="text/plain")
        return send_file(file, mimetype=mimetype, as_attachment=True, download_name=f"{name}.{kind}")


def _json_of(text: str | None, otherwise: Any) -> Any:
    if not text:
        return otherwise
    try:
        return json.loads(text)
    except ValueError as error:
        raise RequestError("The filters of this address cannot be read.") from error


def _guard(app: Dash, login: Login | None) -> None:
    """Ask for the login, where there is one, and tell the browser what pages may do."""
    server: Flask = app.server

    @server.before_request
    def ask_for_login() -> Response | None:
        if login is None:
            return None
        given = request.authorization
        user, password = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
        # Both are compared whole, so that the time taken tells neither.
        right = hmac.compare_digest(user.encode(), login.user.encode())
        right &= hmac.compare_digest(password.encode(), login.password.encode())
        if right:
            return None
        return Response(
            "This dashboard asks for a user and a password.",
            401,
            {"WWW-Authenticate": 'Basic realm="Coco dashboard", charset="UTF-8"'},
            mimetype="text/plain",
        )

    @server.after_request
    def say_what_pages_may_do(response: Response) -> Response:
        # Dash adds scripts of its own when the first page is asked for, so their hashes are taken late.
        policy = CONTENT_POLICY.format(hashes=" ".join(app.csp_hashes()))
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        # Amounts are not kept by the browser; the scripts of the libraries may be.
        if not request.path.startswith(("/_dash-component-suites/", "/assets/")):
            response.headers["Cache-Control"] = "no-store"
        return response
