"""The charts: where the money went, how it went week by week, and the calls of a delivery.

Their text and lines take their colours from the stylesheet, so that one figure serves the light and the dark theme.
"""

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from coco_warehouse.dashboard.display import day, money, words
from coco_warehouse.dashboard.reader import Record

# Readable on white and on near black alike.
BLUE, GREEN, RED, AMBER, GREY = "#4a7fe0", "#2e9e78", "#d9544f", "#cf8d1f", "#8792a5"
OUTCOME_COLOURS = {"succeeded": GREEN, "failed": RED, "no_response": RED, "not_json": RED, "unanswered": RED}


def safe(text: str) -> str:
    """Write text for Plotly, which would take tags in it for markup."""
    return html.escape(text, quote=False)


def waterfall(steps: Sequence[tuple[str, int | None, bool]], currency: str) -> go.Figure:
    """Draw steps of a name, cents, and whether they are a total; a step that is not known is left out."""
    known = [(name, int(cents), is_total) for name, cents, is_total in steps if cents is not None]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[safe(name) for name, _, _ in known],
            # Only where the bars end is drawn from these; every figure that is read is written from cents.
            x=[_units(cents) for _, cents, _ in known],
            measure=["absolute" if is_total else "relative" for _, _, is_total in known],
            textposition="outside",
            textfont={"size": 12},
            constraintext="none",
            cliponaxis=False,
            customdata=[f"{money(cents)} {safe(currency)}" for _, cents, _ in known],
            hovertemplate="%{y} %{customdata}<extra></extra>",
            connector={"line": {"color": GREY, "width": 1, "dash": "dot"}},
            increasing={"marker": {"color": GREEN}},
            decreasing={"marker": {"color": AMBER}},
            totals={"marker": {"color": BLUE}},
        )
    )
    _dressed(figure, 60 + 36 * len(known))
    figure.update_layout(margin={"r": 64})
    figure.update_yaxes(autorange="reversed", tickformat=None, showgrid=False, zeroline=False)
    # Amounts stand after the bars, so that these need room.
    ends = [0, *(_units(cents) or 0 for _, cents, is_total in known if is_total)]
    room = (max(ends) - min(ends)) * 0.3
    low = min(ends) - (room if min(ends) < 0 else 0)
    # Of a falling step that is on the left, among the names where it falls to nothing: there it stands on the right.
    written, reached = [], 0.0
    for name, cents, is_total in known:
        before, reached = reached, cents / 100 + (0 if is_total else reached)
        is_moved = not is_total and cents < 0 and reached - room < low
        written.append("" if is_moved else money(cents))
        if is_moved:
            figure.add_annotation(
                x=before, y=safe(name), text=money(cents), xanchor="left", showarrow=False, font={"size": 12}
            )
    figure.update_traces(text=written)
    figure.update_xaxes(
        range=[low, max(ends) + (room if max(ends) > 0 else 0)],
        showgrid=True,
        zeroline=True,
        nticks=5,
        tickformat=",~s",
    )
    return figure


def trend(weeks: Sequence[Record], currency: str) -> go.Figure:
    """Draw expected, stated and paid week by week, and below them the variance."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.66, 0.34], vertical_spacing=0.08)
    days = [week["week_start_date"] for week in weeks]
    for column, name, colour, dash in (
        ("expected_cents", "Expected", BLUE, "solid"),
        ("stated_cents", "Stated", GREEN, "dot"),
        ("settled_cents", "Paid", AMBER, "dash"),
    ):
        figure.add_trace(
            go.Scatter(
                x=days,
                y=[_units(week[column]) for week in weeks],
                name=name,
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                customdata=[f"{money(week[column])} {safe(currency)}" for week in weeks],
                hovertemplate=f"{name} %{{customdata}}<extra></extra>",
            ),
            row=1,
            col=1,
        )
    figure.add_trace(
        go.Bar(
            x=days,
            y=[_units(week["variance_cents"]) for week in weeks],
            name="Variance",
            marker={"color": [RED if (week["variance_cents"] or 0) < 0 else GREEN for week in weeks]},
            customdata=[f"{money(week['variance_cents'])} {safe(currency)}" for week in weeks],
            hovertemplate="Variance %{customdata}<extra></extra>",
            showlegend=False,
        ),
        row=2,
        col=1,
    )
    figure.update_layout(hovermode="x unified", bargap=0.55)
    figure.update_yaxes(rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title={"text": "Variance", "font": {"size": 13}}, nticks=4, row=2, col=1)
    figure.update_xaxes(tickvals=days, ticktext=[day(value)[5:] for value in days], hoverformat="Week of %Y-%m-%d")
    return _dressed(figure, 360)


def call_timeline(calls: Sequence[Record]) -> go.Figure:
    """Draw the calls of one delivery on a line of time, a line for each provider and direction."""
    figure = go.Figure()
    lanes = sorted({(call["provider"], call["direction"]) for call in calls}, reverse=True)
    names = {lane: safe(f"{words(lane[0])} {lane[1]}") for lane in lanes}
    by_id = {call["call_id"]: call for call in calls}
    for call in calls:
        answer = by_id.get(call["paired_call_id"]) if call["direction"] == "request" else None
        if answer is not None:
            figure.add_trace(
                go.Scatter(
                    x=[call["called_at"], answer["called_at"]],
                    y=[names[call["provider"], call["direction"]], names[answer["provider"], answer["direction"]]],
                    mode="lines",
                    line={"color": GREY, "width": 1},
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
    for succeeded, name, colour, symbol in ((True, "Went well", GREEN, "circle"), (False, "Did not", RED, "x")):
        chosen = [call for call in calls if (call["error_class"] is None) == succeeded]
        if chosen:
            figure.add_trace(
                go.Scatter(
                    x=[call["called_at"] for call in chosen],
                    y=[names[call["provider"], call["direction"]] for call in chosen],
                    mode="markers",
                    name=name,
                    marker={"color": colour, "symbol": symbol, "size": 11},
                    customdata=[_call_words(call) for call in chosen],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    figure.update_yaxes(categoryorder="array", categoryarray=list(names.values()), automargin=True)
    figure.update_xaxes(title={"text": "UTC", "font": {"size": 13}})
    return _dressed(figure, 120 + 55 * len(lanes))


def _call_words(call: Record) -> str:
    called_at: datetime = call["called_at"]
    parts = [called_at.strftime("%H:%M:%S"), f"{call['call_type']} {call['direction']}", words(call["outcome"])]
    if call["provider_status"]:
        parts.append(str(call["provider_status"]))
    return "<br>".join(safe(part) for part in parts)


def _units(cents: int | None) -> float | None:
    """Return how high a mark is drawn; what is read is written from cents."""
    return None if cents is None else cents / 100


def _dressed(figure: go.Figure, height: int) -> go.Figure:
    dress: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "size": 13},
        "legend": {"orientation": "h", "y": 1.12, "x": 0, "itemclick": False, "itemdoubleclick": False},
        "hoverlabel": {"bgcolor": "#1c2430", "bordercolor": "#1c2430", "font": {"color": "#ffffff"}},
        "dragmode": False,
        "separators": ".,",
    }
    figure.update_layout(**dress)
    figure.update_xaxes(automargin=True, fixedrange=True, zeroline=False, showgrid=False)
    figure.update_yaxes(automargin=True, fixedrange=True, zeroline=True, tickformat=",~s")
    return figure
