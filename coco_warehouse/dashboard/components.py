"""The parts that pages are made of. Text from outside becomes a child or an attribute, which React escapes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import dash_ag_grid as dag
import plotly.graph_objects as go
from dash import dcc, html

from coco_warehouse.dashboard import display, links
from coco_warehouse.dashboard.reader import Reading, Record
from coco_warehouse.dashboard.tables import (
    DAYS,
    NUMBERS,
    Column,
    Selection,
    find_table,
    scope_parameters,
    shown,
)

Part = Any
# Rows that the grid fetches at a time, and at most shows at once.
BLOCK_ROWS = 100
SHOWN_ROWS = 12
SHOWN_BARS = 9
ROW_PIXELS = 36

# The look of the tables follows the stylesheet, and so the theme.
GRID_THEME = {
    "function": "themeQuartz.withParams("
    + json.dumps(
        {
            "backgroundColor": "var(--surface)",
            "foregroundColor": "var(--ink)",
            "accentColor": "var(--accent)",
            "borderColor": "var(--line)",
            "headerBackgroundColor": "var(--surface-2)",
            "headerTextColor": "var(--ink-2)",
            "rowHoverColor": "var(--hover)",
            "menuBackgroundColor": "var(--surface)",
            "browserColorScheme": "inherit",
            "fontFamily": "inherit",
            "fontSize": 14,
            "headerFontWeight": 600,
            "cellHorizontalPadding": 12,
        }
    )
    + ")"
}

# How a state is coloured: good, bad, warn, or not at all.
TONES = {
    **dict.fromkeys(["settled", "deposited", "healthy", "loaded", "resolved", "succeeded", "covered", "held"], "good"),
    **dict.fromkeys(
        ["overdue", "silent", "failing", "refused", "misconfigured", "failed", "missing", "broken", "stale"], "bad"
    ),
    **dict.fromkeys(
        [
            *("pending", "in_transit", "reopened", "in_dispute", "open", "unproven", "carried_forward"),
            *("active_while_merchant_deleted", "active_while_merchant_test", "orders_while_inactive", "awaiting"),
        ],
        "warn",
    ),
}


def aria(**attributes: str) -> dict[str, Any]:
    """Name attributes for those who do not see the page: `label` is aria-label."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def untrusted(text: object, **attributes: Any) -> Part:
    """Show text from outside, which may be of any length and run in any direction, apart from what is around it."""
    written = display.text(text)
    return html.Bdi(written, title=written if len(written) > 40 else None, className="untrusted", **attributes)


def link(text: object, href: str | None) -> Part:
    """Show text from outside as a link to another page; as text where there is no page."""
    return dcc.Link(untrusted(text), href=href) if href else untrusted(text)


def badge(code: str | None) -> Part:
    """Show a state as a word on its colour."""
    return html.Span(display.words(code), className=f"badge {TONES.get(code or '', 'plain')}")


def page(title: object, parts: Sequence[Part], crumbs: Sequence[tuple[object, str]] = (), about: Part = None) -> Part:
    """Lay out a page: the way to it, its title, a line about it, and its parts."""
    trail = [html.Li(link(text, href)) for text, href in crumbs]
    return html.Article(
        [
            html.Nav(html.Ol(trail), className="crumbs", **aria(label="Way to this page")) if trail else None,
            html.H1(untrusted(title)),
            html.P(about, className="about") if about else None,
            *parts,
        ]
    )


def section(title: str, *parts: Part, note: str | None = None, wide: bool = True) -> Part:
    """Show parts under a heading."""
    return html.Section(
        [html.H2(title), html.P(note, className="note") if note else None, *parts],
        className="section wide" if wide else "section",
        **aria(label=title),
    )


def columns(*parts: Part) -> Part:
    """Set parts side by side where there is room."""
    return html.Div(list(parts), className="columns")


def tiles(entries: Sequence[Part]) -> Part:
    """Set tiles in a row."""
    return html.Dl(list(entries), className="tiles")


def tile(name: str, value: str, note: Part = None, unit: str = "", tone: str = "") -> Part:
    """Show one figure: its name, its value, and what it means."""
    return html.Div(
        [
            html.Dt([name, html.Span(f" {unit}", className="unit") if unit else None]),
            html.Dd(html.Span(value, className="figure")),
            html.Dd(note, className="tile-note") if note else None,
        ],
        className=f"tile {tone}",
    )


def money_tile(name: str, cents: int | None, currency: str, note: Part = None, tone: str = "") -> Part:
    """Show an amount in its currency."""
    return tile(name, display.money(cents), note, currency, tone)


def empty(what: str, do: str) -> Part:
    """Say that there is nothing, and what to do about it."""
    return html.Div([html.P(what, className="empty-what"), html.P(do)], className="empty", role="status")


def lacking(mart: str) -> Part:
    """Say that the warehouse that is read was built without a mart."""
    return empty(
        f"This warehouse has no mart {mart} yet.",
        "Build it with dbt build; on DuckDB publish it afterwards with coco publish.",
    )


def segments(
    name: str, path: str, parameter: str, entries: Sequence[tuple[str, str | None]], current: Mapping[str, Any]
) -> Part:
    """Offer values of one parameter as links, of which one is chosen."""
    chosen = current.get(parameter)
    return html.Nav(
        [
            html.Span(name, className="segments-name"),
            *(
                dcc.Link(
                    untrusted(text),
                    href=links.with_query(path, {**current, parameter: value}),
                    className="segment chosen" if value == chosen else "segment",
                )
                for text, value in entries
            ),
        ],
        className="segments",
        **aria(label=name),
    )


def bars(entries: Sequence[tuple[object, str | None, int, str, str]], all_href: str | None = None) -> Part:
    """Show a list of bars. Each entry: text, address, size, figure, and what is counted.

    A bar is of amounts without their signs, since some of a class can make up for others; its figure is net.
    After the first ones the rest is on the page of `all_href`, and can be unfolded here where there is none: what is
    not seen is drawn, too, and a reader of the overview waits for it.
    """
    largest = max((size for _, _, size, _, _ in entries), default=0) or 1

    def listed(some: Sequence[tuple[object, str | None, int, str, str]]) -> Part:
        return html.Ul([_bar(*entry, largest) for entry in some], className="bars")

    rest = entries[SHOWN_BARS:]
    if len(rest) < 2:
        return listed(entries)
    more = f"{len(rest)} more"
    return html.Div(
        [
            listed(entries[:SHOWN_BARS]),
            dcc.Link(more, href=all_href, className="more")
            if all_href
            else html.Details([html.Summary(more), listed(rest)]),
        ]
    )


def _bar(text: object, href: str | None, size: int, figure: str, counted: str, largest: int) -> Part:
    return html.Li(
        [
            html.Span(link(text, href), className="bar-text"),
            html.Span(className="bar", style={"--share": f"{max(size * 100 // largest, 1)}%"}, **aria(hidden="true")),
            html.Span(figure, className="bar-figure"),
            html.Span(counted, className="bar-count"),
        ]
    )


def reason(name: str, amount: str, about: str, holds_when: str, next_step: str | None) -> Part:
    """Show why an amount differs, and what to do about it."""
    return html.Div(
        [
            html.P([html.Strong(untrusted(name)), html.Span(f" {amount}", className="figure"), f" {about}"]),
            html.P([f"{holds_when}. " if holds_when else "", html.Strong("Next: "), untrusted(next_step), "."]),
        ],
        className="reason",
    )


def facts(entries: Sequence[tuple[str, Part]]) -> Part:
    """Show names and values, one a line."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in entries if value is not None], className="facts"
    )


def small_table(
    heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[Part]], caption: str, foot: Sequence[Part] = ()
) -> Part:
    """Show a short table. Each head: its text, and whether it stands over numbers."""

    def cells(values: Sequence[Part]) -> list[Part]:
        return [
            html.Td(value, className="number" if number else "day" if _is_day(value) else "")
            for value, (_, number) in zip(values, heads, strict=True)
        ]

    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="hidden"),
                html.Thead(
                    html.Tr(
                        [html.Th(text, className="number" if number else "", scope="col") for text, number in heads]
                    )
                ),
                html.Tbody([html.Tr(cells(row)) for row in rows]),
                html.Tfoot(html.Tr(cells(foot))) if foot else None,
            ]
        ),
        className="table-frame",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )


def _is_day(value: Part) -> bool:
    return isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-"


def chart(figure: go.Figure, about: str) -> Part:
    """Show a chart, and say in words what it shows."""
    return html.Div(
        dcc.Graph(figure=figure, config={"displayModeBar": False, "responsive": True, "displaylogo": False}),
        className="chart",
        role="img",
        **aria(label=about),
    )


def grid(reading: Reading, name: str, scope: Mapping[str, object], nothing: tuple[str, str]) -> Part:
    """Show a table of any length, fetched as it is scrolled, with filters, sorting and downloads.

    `nothing` says what it means that there is no row, and what to do.
    """
    table = find_table(name)
    given = {key: value for key, value in scope.items() if value is not None}
    rows = Selection(table, scope_parameters(table, given), {}, []).count(reading)
    if not rows:
        return empty(*nothing)
    key = links.with_query("", given).removeprefix("?")
    heading = display.count(rows) + (" row" if rows == 1 else " rows")
    downloads = [
        html.A(
            text,
            id={"part": f"download-{kind}", "table": name, "scope": key},
            href=f"/download/{name}.{kind}" + (f"?scope={quote(key)}" if key else ""),
            className="button",
            download=f"{name}.{kind}",
            **aria(label=f"Download {table.title} as {text}"),
        )
        for kind, text in (("csv", "CSV"), ("xlsx", "Excel"))
    ]
    return html.Div(
        [
            html.Div(
                [html.Span(heading, id={"part": "count", "table": name, "scope": key}, role="status"), *downloads],
                className="grid-tools",
            ),
            dag.AgGrid(
                id={"part": "grid", "table": name, "scope": key},
                columnDefs=[_column(column) for column in table.columns],
                defaultColDef={
                    "sortable": True,
                    "resizable": True,
                    "suppressMovable": True,
                    "suppressHeaderMenuButton": False,
                },
                rowModelType="infinite",
                dashGridOptions={
                    "cacheBlockSize": BLOCK_ROWS,
                    "maxBlocksInCache": 20,
                    "infiniteInitialRowCount": min(rows, BLOCK_ROWS),
                    "rowHeight": ROW_PIXELS,
                    "headerHeight": 40,
                    "tooltipShowDelay": 400,
                    "enableCellTextSelection": True,
                    "ensureDomOrder": True,
                    "theme": GRID_THEME,
                },
                className="grid",
                style={"height": 40 + ROW_PIXELS * min(rows, SHOWN_ROWS) + 24},
            ),
        ],
        className="grid-frame",
    )


def _column(column: Column) -> dict[str, Any]:
    filters = "agTextColumnFilter"
    options = ["contains", "notContains", "equals", "startsWith", "blank", "notBlank"]
    if column.kind in NUMBERS:
        filters, options = (
            "agNumberColumnFilter",
            [
                *("equals", "notEqual", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual", "inRange"),
                *("blank", "notBlank"),
            ],
        )
    elif column.kind in DAYS:
        filters, options = "agDateColumnFilter", ["equals", "greaterThan", "lessThan", "inRange", "blank", "notBlank"]
    definition: dict[str, Any] = {
        "field": column.name,
        "headerName": column.heading,
        # Columns share what room is left, and scroll where there is none.
        "minWidth": column.width,
        "flex": column.width,
        "filter": filters,
        "filterParams": {
            "filterOptions": options,
            "maxNumConditions": 1,
            "buttons": ["reset"],
            "debounceMs": 150,
            "inRangeInclusive": True,
        },
        "tooltipField": column.name,
    }
    if column.kind in NUMBERS:
        definition |= {"cellClass": "number", "headerClass": "number"}
    if column.link:
        definition |= {"cellRenderer": "CocoLink"}
    elif column.kind == "state":
        definition |= {"cellRenderer": "CocoBadge"}
    elif column.kind == "text":
        definition |= {"cellRenderer": "CocoText"}
    return definition


def grid_rows(table_columns: Sequence[Column], rows: Sequence[Record]) -> list[dict[str, str]]:
    """Turn rows of a query into what the grid shows: text, addresses of links, tones of states."""
    written = []
    for row in rows:
        cells: dict[str, str] = {}
        for column in table_columns:
            cells[column.name] = shown(column, row[column.name])
            if column.link == "subject":
                cells[f"{column.name}__href"] = links.subject(row) or ""
            elif column.link:
                cells[f"{column.name}__href"] = links.page(column.link, row[str(column.link_key)]) or ""
            if column.kind == "state":
                cells[f"{column.name}__tone"] = TONES.get(row[column.name] or "", "plain")
        written.append(cells)
    return written
