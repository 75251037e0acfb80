"""What the data is worth: the laws with their figures, what was rejected or refused, and what has gone quiet."""

from collections.abc import Sequence

from dash import html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.reader import Reading, Record

# Law, what stands on its left side, on its right side, the marts it needs, and its query.
LAWS: Sequence[tuple[str, str, str, tuple[str, ...], str]] = (
    (
        "Nothing is lost between the ledgers",
        "stated and awaited",
        "expected and claims",
        (),
        queries.LAW_STATED_AND_AWAITED,
    ),
    (
        "Expected charges are all in pay periods",
        "expected charges",
        "expected in pay periods",
        (),
        queries.LAW_EXPECTED_CHARGES,
    ),
    ("Charges of a line make its net", "stated charges", "nets of lines", (), queries.LAW_STATED_CHARGES),
    ("Lines make the payout's summary", "lines", "summary", ("payouts",), queries.LAW_PAYOUT_SUMMARIES),
    (
        "What is due is accounted for",
        "due",
        "deposited, in transit and breaks",
        ("payouts", "deposits", "deposit_breaks"),
        queries.LAW_DUE,
    ),
)


def quality(reading: Reading, file_state: str | None = None) -> Part:
    """Lay out `/quality`."""
    for mart in ("source_files", "source_freshness", "rejected_bank_rows"):
        if not reading.has(mart):
            return parts.page("Data quality", [parts.lacking(mart)])
    counts = reading.row(queries.DOCUMENT_COUNTS)
    assert counts is not None
    file_state = file_state if file_state in ("loaded", "refused") else None
    return parts.page(
        "Data quality",
        [
            parts.tiles(
                [
                    count_tile(
                        "Rejected documents",
                        counts["rejected_count"],
                        f"of {display.count(counts['version_count'] + counts['rejected_count'])} received",
                    ),
                    count_tile(
                        "Rejected statement rows", counts["rejected_statement_row_count"], "landed, and not counted"
                    ),
                    count_tile("Rejected bank rows", counts["rejected_bank_row_count"], "landed, and not counted"),
                    count_tile(
                        "Refused files",
                        counts["refused_file_count"],
                        f"{display.count(counts['loaded_file_count'])} landed",
                    ),
                    count_tile("Store days without statement", counts["missing_day_count"], "overdue, and none loaded"),
                    count_tile(
                        "Stores without merchant", counts["unmapped_store_count"], "the seed store_map names them"
                    ),
                    count_tile("Documents with findings", counts["finding_count"], "standing all the same"),
                    count_tile(
                        "Totals that do not add up",
                        counts["broken_identity_count"],
                        f"of {display.count(counts['identity_count'])} identities of order documents",
                    ),
                ]
            ),
            parts.section(
                "The laws",
                *(law(reading, *terms) for terms in LAWS),
                note="Each build checks these to the cent, and stops where one does not hold; of a summary that is not "
                "its lines it only warns, since that is between the platform and finance. Here are the figures.",
            ),
            parts.section("Freshness", freshness(reading.rows(queries.FRESHNESS))),
            parts.section(
                "Statements that are missing",
                parts.grid(
                    reading, "missing_coverage", {}, ("No store lacks a statement that is overdue.", "Nothing to do.")
                ),
                note="Download these from the platform and load them with coco load.",
            ),
            parts.section(
                "Rejected order documents",
                parts.grid(reading, "rejected_documents", {}, ("Every order document was good.", "Nothing to do.")),
                note="The document as it came is kept in the warehouse; the sender has to send it again, corrected.",
            ),
            parts.section(
                "Rejected rows of statements and bank exports",
                parts.grid(reading, "rejected_rows", {}, ("Every row was good.", "Nothing to do.")),
                note="Nothing of these counts anywhere. Export the file anew, with amounts and dates as docs/raw.md "
                "says, and load it with coco load.",
            ),
            parts.section(
                "Files",
                parts.segments(
                    "State",
                    "/quality",
                    "file_state",
                    [("All", None), ("Refused", "refused"), ("Loaded", "loaded")],
                    {"file_state": file_state},
                ),
                parts.grid(
                    reading,
                    "source_files",
                    {"file_state": file_state},
                    (
                        "No file is like this.",
                        "Load files with coco load." if file_state != "refused" else "Nothing to do.",
                    ),
                ),
            ),
        ],
        about="Each is looked at as of the moment of the last build.",
    )


def count_tile(name: str, number: int, note: str) -> Part:
    """Show a number that should be nothing."""
    return parts.tile(name, display.count(number), note, tone="bad" if number else "")


def law(reading: Reading, name: str, left: str, right: str, marts: tuple[str, ...], query: str) -> Part:
    """Show both sides of a law by platform and currency; open where it does not hold."""
    if not reading.has(*marts):
        return html.Details(
            [html.Summary([parts.badge("not_built"), f" {name}"]), parts.lacking(marts[0])], className="law"
        )
    rows = reading.rows(query)
    is_held = all(row["left_cents"] == row["right_cents"] for row in rows)
    return html.Details(
        [
            html.Summary([parts.badge("held" if is_held else "broken"), f" {name}: {left} = {right}"]),
            parts.small_table(
                [
                    ("Platform", False),
                    ("Currency", False),
                    (left.capitalize(), True),
                    (right.capitalize(), True),
                    ("Difference", True),
                ],
                [
                    [
                        display.words(row["platform"]),
                        display.text(row["currency_code"]),
                        display.money(row["left_cents"]),
                        display.money(row["right_cents"]),
                        display.money(difference(row)),
                    ]
                    for row in rows
                ],
                name,
            )
            if rows
            else parts.empty("There is nothing to compare yet.", "Load files with coco load, then run dbt build."),
        ],
        open=not is_held,
        className="law",
    )


def difference(row: Record) -> int | None:
    """Return left less right; None where a side is not known."""
    if row["left_cents"] is None or row["right_cents"] is None:
        return None
    return int(row["left_cents"]) - int(row["right_cents"])


def freshness(rows: Sequence[Record]) -> Part:
    """Show when each part of each source last brought something, stale ones first."""
    if not rows:
        return parts.empty("Nothing was loaded yet.", "Load files with coco load.")
    return parts.small_table(
        [
            ("", False),
            ("Source", False),
            ("Part", False),
            ("Newest, UTC", False),
            ("Quiet for", True),
            ("Stale after", True),
            ("Rows", True),
        ],
        [
            [
                parts.badge("stale" if row["is_stale"] else "fresh"),
                display.words(row["source_name"]),
                parts.untrusted(row["part_name"]),
                display.moment(row["newest_at"]),
                display.duration(row["quiet_seconds"]),
                display.duration(row["stale_after_seconds"]),
                display.count(row["arrived_row_count"]),
            ]
            for row in rows
        ],
        "Freshness",
    )
