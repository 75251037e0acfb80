"""Closing months: what is refused, what is frozen, what late data do, and what proves it a year later."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from canaries import assert_canaries_where_they_belong, files_with, secrets_of
from closing import (
    CLOSED_MARTS,
    EVERYTHING,
    Row,
    assert_same,
    by_arrival,
    close,
    closed_rows,
    columns_of,
    create_extract_tables,
    load_days,
    mart_rows,
    moment,
    run,
)
from resolving import exceptions, resolution, write_csv
from statement_files import pending, read_statement, write_statement
from warehouses import Warehouse, copy_database, create_database, environment, made_once, run_command

from coco_warehouse.close import CloseError, verify_certificate
from coco_warehouse.close.certificate import as_html
from coco_warehouse.simulate import simulate
from coco_warehouse.targets import resolve_target
from coco_warehouse.workbook.columns import EXCEPTIONS
from coco_warehouse.workbook.content import read_content

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
FIRST_CLOSE, SECOND_CLOSE, LAST_LOOK = date(2026, 10, 6), date(2026, 11, 2), date(2026, 11, 10)
PEOPLE = {"preparer": "Ana <b>Preparer</b>", "reviewer": "R. Reviewer"}

# Files of September that come after its close, and such as come after that of October.
LATE = [
    ("orders-2026-09-25-", "order_late"),
    ("coco-operating-usd-2026-10-02", "deposit_late"),
    ("coco-operating-usd-2026-09-25", "deposit_late"),
    ("Payment-Details-coco-operating-usd-2026-09-20", "line_late"),
]
# A week of Uber Eats that ends in October, seen before it is paid on the last day of September, and a week of September
# whose payment is told after the close, by the report that says less.
SEEN_ON = date(2026, 9, 30)
SEEN_UNPAID = (
    "Payment-Details-coco-operating-usd-2026-10-04-downloaded-2026-10-05.csv",
    "Payment-Details-coco-canada-cad-2026-09-27-downloaded-2026-09-28.csv",
)
PAID_LATER = (
    SEEN_UNPAID[0],
    "Payment-Details-by-item-coco-operating-usd-2026-10-04-downloaded-2026-10-05.csv",
    "Payment-Details-by-item-coco-canada-cad-2026-09-27-downloaded-2026-09-28.csv",
)
LATER = ("orders-2026-09-28-", "payout_itemized_3-coco-operating-usd-2026-09-26")

COMPARED = (
    *CLOSED_MARTS,
    *(
        "closed_periods",
        "closed_exceptions",
        "period_figures",
        "period_changes",
        "computed_postings",
        "warehouse_state",
    ),
    *("reconciliation_exceptions", "exception_history"),
)

engines = pytest.mark.parametrize("engine", ["duckdb", "postgres"])


@dataclass(frozen=True)
class Story:
    """What the marts said at each stage, and the certificates of both closes."""

    before: Mapping[str, Counter[Row]]
    after_late: Mapping[str, Counter[Row]]
    before_october: Mapping[str, Counter[Row]]
    at_last: Mapping[str, Counter[Row]]
    october_at_last: Mapping[str, Counter[Row]]
    changes: list[Mapping[str, Any]]
    later_changes: list[Mapping[str, Any]]
    prior_periods: list[Row]
    september: Mapping[str, Any]
    october: Mapping[str, Any]
    marts: Mapping[str, Counter[Row]]


def changes_of(warehouse: Warehouse) -> list[Mapping[str, Any]]:
    columns = columns_of(warehouse, "period_changes")
    rows = warehouse.rows(f"select {', '.join(columns)} from coco_marts.period_changes")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def unpaid_on(day: date, path: Path, folder: Path) -> Path:
    """A statement of Uber Eats as it was downloaded on a day before it was paid."""
    statement = pending(read_statement(path))
    dates = (datetime.strptime(row[statement.place("Order Date")], "%m/%d/%y").date() for row in statement.rows)
    rows = [row for row, ordered in zip(statement.rows, dates, strict=True) if ordered <= day]
    assert rows
    return write_statement(statement.with_rows(rows), folder)


def tell(warehouse: Warehouse, folder: Path) -> Story:
    """Load the sample with some files late, close September, then October, and look again."""
    simulate(folder / "sample", orders=120, seed=3, faults=0.08, days=42, end_date=date(2026, 10, 31))
    files = by_arrival(folder / "sample" / "raw")
    late = [path for paths in files.values() for path in paths if path.name.startswith(tuple(name for name, _ in LATE))]
    later = [path for paths in files.values() for path in paths if path.name.startswith(LATER)]
    assert len(late) >= len(LATE) and len(later) >= len(LATER)
    named = {path.name: path for paths in files.values() for path in paths}
    held = {*late, *later, *(named[name] for name in (*SEEN_UNPAID, *PAID_LATER))}

    create_extract_tables(warehouse)
    seen = [unpaid_on(SEEN_ON, named[name], folder / "unpaid") for name in SEEN_UNPAID]
    load_days(warehouse, seen, moment(SEEN_ON, 20))
    early = [path for day, paths in files.items() for path in paths if day <= FIRST_CLOSE and path not in held]
    load_days(warehouse, early, moment(FIRST_CLOSE, 6))
    run(warehouse, moment(FIRST_CLOSE, 7), *EVERYTHING)
    known = sorted(
        (row for row in exceptions(warehouse).values() if row["open_cents"]), key=lambda row: row["exception_id"]
    )
    codes = ["written_off", "accepted", "disputed"] * 3
    rows = [
        resolution(row, resolution_code=code, period="2026-09")
        for row, code in zip([row for row in known if row["posting_date"] < OCTOBER], codes, strict=False)
    ]
    load_days(warehouse, [write_csv(folder / "resolutions.csv", rows)], moment(FIRST_CLOSE, 8))
    run(warehouse, moment(FIRST_CLOSE, 9), *EVERYTHING)
    before = closed_rows(warehouse, SEPTEMBER)
    september = close(warehouse, SEPTEMBER, moment(FIRST_CLOSE, 10), **PEOPLE).certificate

    never = named[SEEN_UNPAID[1]]
    rest = [path for path in named.values() if path not in early and path not in later and path != never]
    load_days(warehouse, rest, moment(SECOND_CLOSE, 6))
    run(warehouse, moment(SECOND_CLOSE, 7), *EVERYTHING)
    after_late, changes = closed_rows(warehouse, SEPTEMBER), changes_of(warehouse)
    before_october = closed_rows(warehouse, OCTOBER)
    october = close(warehouse, OCTOBER, moment(SECOND_CLOSE, 10), **PEOPLE).certificate

    load_days(warehouse, later, moment(LAST_LOOK, 6))
    run(warehouse, moment(LAST_LOOK, 7), *EVERYTHING)
    run(warehouse, moment(LAST_LOOK, 7), "test", "--select", "test_type:singular", "path:models/marts/finance")
    return Story(
        before,
        after_late,
        before_october,
        closed_rows(warehouse, SEPTEMBER),
        closed_rows(warehouse, OCTOBER),
        changes,
        changes_of(warehouse),
        warehouse.rows(
            "select entry_date, legal_entity, sum(debit_cents), sum(credit_cents) from coco_marts.journal_entries "
            "where entry_type = 'prior_period' group by entry_date, legal_entity"
        ),
        september,
        october,
        {mart: mart_rows(warehouse, mart) for mart in COMPARED},
    )


@pytest.fixture(scope="module")
def stage(run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Callable[[str], tuple[Warehouse, Story]]:
    """A function that gives an engine's warehouse after the story, not to be changed, and the story."""

    def staged(engine: str) -> tuple[Warehouse, Story]:
        def make(folder: Path) -> None:
            warehouse = warehouse_at(engine, folder)
            create_database(warehouse)
            (folder / "story.pickle").write_bytes(pickle.dumps(tell(warehouse, folder)))

        folder = made_once(run_folder / f"closes_{engine}", make)
        return warehouse_at(engine, folder), pickle.loads((folder / "story.pickle").read_bytes())

    return staged


@pytest.fixture
def copied(
    new_warehouse: Callable[[str], Warehouse], stage: Callable[[str], tuple[Warehouse, Story]]
) -> Callable[[str], Warehouse]:
    """A function that gives a copy of an engine's warehouse after the story."""

    def copy(engine: str) -> Warehouse:
        warehouse = new_warehouse(engine)
        copy_database(stage(engine)[0], warehouse)
        return warehouse

    return copy


@engines
def test_late_data_change_no_closed_figure(stage, engine: str):
    _, story = stage(engine)
    assert all(story.before.values())
    assert_same(story.after_late, story.before)
    assert_same(story.at_last, story.before)
    assert_same(story.october_at_last, story.before_october)


@engines
def test_they_post_in_the_first_open_month(stage, engine: str):
    _, story = stage(engine)
    assert {entry_date for entry_date, *_ in story.prior_periods} == {date(2026, 10, 1), date(2026, 11, 1)}
    assert all(debit == credit for *_, debit, credit in story.prior_periods)


@engines
def test_the_change_bridge_names_the_file_and_the_reason(stage, engine: str):
    _, story = stage(engine)
    reasons = {(change["change_reason"], change["source_file_name"]) for change in story.changes}
    for name, reason in LATE:
        assert any(reason == found and file.startswith(name) for found, file in reasons if file), (name, reasons)
    assert all(change["loaded_at"] is None or change["loaded_at"].date() == SECOND_CLOSE for change in story.changes)
    assert {change["period_month_date"] for change in story.changes} == {SEPTEMBER}
    assert {change["adjustment_month_date"] for change in story.changes} == {OCTOBER}

    # With the close of October they stay, and what came after it is beside them.
    told = {change["period_change_id"]: change for change in story.later_changes}
    assert all(told[change["period_change_id"]] == change for change in story.changes)
    new = [change for change in story.later_changes if change["adjustment_month_date"] == date(2026, 11, 1)]
    assert {change["change_reason"] for change in new if change["source_file_name"]} >= {"order_late", "line_late"}
    assert all(change["source_file_name"].startswith(LATER) for change in new if change["source_file_name"])
    assert len(new) + len(story.changes) == len(story.later_changes)


@engines
def test_what_is_only_paid_after_the_close_moves_nothing(stage, engine: str):
    warehouse, story = stage(engine)
    days = warehouse.rows(
        "select distinct posting_date from coco_marts.statement_lines "
        "where payout_date = date '2026-10-05' and first_loaded_at < timestamp '2026-10-01 00:00:00'"
    )
    assert days == [(SEEN_ON,)]
    assert not [change for change in story.changes if change["source_file_name"] == PAID_LATER[0]]


@engines
def test_the_bridge_names_the_report_that_tells_of_a_payment_though_another_stands(stage, engine: str):
    _, story = stage(engine)
    told = {
        (change["figure"], change["change_reason"], change["source_file_name"])
        for change in story.changes
        if change["platform"] == "ubereats" and change["currency_code"] == "CAD" and change["figure"] != "expected"
    }
    assert {("settled", "line_restated", PAID_LATER[2]), ("due", "line_restated", PAID_LATER[2])} <= told
    assert not {reason for _, reason, _ in told} & {"terms_changed", "assigned_otherwise"}


@engines
def test_an_exception_that_a_close_knows_is_not_new_again(stage, engine: str):
    warehouse, _ = stage(engine)
    types = Counter(
        (movement_type, is_known)
        for movement_type, is_known in warehouse.rows(
            """
            select movements.movement_type, exists (
                select 1 from coco_close.closed_exception_movements as closed
                where closed.exception_id = movements.exception_id and closed.period_month_date = '2026-09-01'
            )
            from coco_marts.exception_movements as movements
            where movements.period_month_date > date '2026-09-01'
            """
        )
    )
    assert types["new", False] and types["cleared", True]
    assert not types["new", True]


def test_an_exception_whose_amount_has_changed_is_remeasured(copied):
    warehouse = copied("duckdb")
    query = (
        "select exception_id, movement_type, movement_cents, movement_date from coco_marts.exception_movements "
        "where period_month_date > date '2026-10-01'"
    )
    before = Counter(warehouse.rows(query))
    # One that is open, and in no other movement.
    [(known,)] = warehouse.rows(
        "select min(exception_id) from coco_marts.closed_exceptions inner join coco_marts.reconciliation_exceptions "
        "using (exception_id) where closed_exceptions.period_month_date = date '2026-10-01' and exception_id not in "
        "(select exception_id from coco_marts.exception_movements where period_month_date > date '2026-10-01')"
    )
    frozen = "coco_close.closed_exception_movements"
    warehouse.execute(
        f"update {frozen} set movement_cents = movement_cents + 100 where exception_movement_id = "
        f"(select min(exception_movement_id) from {frozen} where exception_id = '{known}' and movement_type = 'new')"
    )
    run(warehouse, moment(LAST_LOOK, 7), "run", "--select", "exception_movements")
    assert Counter(warehouse.rows(query)) - before == Counter([(known, "remeasured", -100, date(2026, 11, 1))])


@engines
def test_the_rollforwards_say_which_months_are_closed(stage, engine: str):
    warehouse, _ = stage(engine)
    for rollforward in ("clearing_rollforward", "transit_rollforward", "reconciliation_rollforward"):
        months = warehouse.rows(
            f"select distinct period_month_date, is_closed_period from coco_marts.{rollforward} order by 1"
        )
        assert months == [(SEPTEMBER, True), (OCTOBER, True), (date(2026, 11, 1), False)], rollforward


def test_both_engines_close_alike(stage):
    (_, duckdb), (_, postgres) = stage("duckdb"), stage("postgres")
    for mart in COMPARED:
        assert duckdb.marts[mart], mart
    # The certificates differ in the versions that they name, and with them their hash.
    periods = [
        Counter(
            tuple(value for value in row if not (isinstance(value, str) and len(value) == 64))
            for row in rows.elements()
        )
        for rows in (duckdb.marts["closed_periods"], postgres.marts["closed_periods"])
    ]
    assert periods[0] == periods[1]
    others = set(COMPARED) - {"closed_periods"}
    assert_same({mart: duckdb.marts[mart] for mart in others}, {mart: postgres.marts[mart] for mart in others})
    for one, other in ((duckdb.september, postgres.september), (duckdb.october, postgres.october)):
        for part in ("identities", "laws", "open_exceptions", "files", "rejected", "frozen"):
            assert one[part] == other[part], part


def refused(warehouse: Warehouse, month: date, closed_at: datetime, out: Path | None = None, **people: str) -> str:
    """Fail where a close goes through or leaves anything; else say why it is refused."""
    counts = (
        "select (select count(*) from coco_close.closed_periods), (select count(*) from coco_close.closed_postings)"
    )
    before = warehouse.rows(counts)
    folder = out or warehouse.folder / "refused"
    kept = sorted(folder.iterdir()) if folder.is_dir() else []
    with pytest.raises(CloseError) as error:
        close(warehouse, month, closed_at, folder, **people)
    assert warehouse.rows(counts) == before
    assert (sorted(folder.iterdir()) if folder.is_dir() else []) == kept
    return str(error.value)


@engines
def test_what_cannot_be_closed_is_refused_with_the_reason(copied, engine: str, tmp_path: Path):
    warehouse = copied(engine)
    now = moment(LAST_LOOK, 8)
    assert "2026-11 has not ended" in refused(warehouse, date(2026, 11, 1), now)
    assert "2026-09 is closed already: the last closed month is 2026-10" in refused(warehouse, SEPTEMBER, now)
    same = refused(warehouse, OCTOBER, now, preparer="A.  Person", reviewer="a. person")
    assert "cannot review their own close" in same
    (tmp_path / "close-2026-10.json").write_text("kept", encoding="utf-8")
    assert "2026-10 is closed already" in refused(warehouse, OCTOBER, now, tmp_path)

    # Marts that look from a moment to come.
    later = "update coco_marts.warehouse_state set as_of_at = as_of_at {} interval '400 days'"
    warehouse.execute(later.format("+"))
    assert "UTC, which has not come. Run dbt build without that as_of" in refused(warehouse, OCTOBER, now)
    warehouse.execute(later.format("-"))

    # Marts that do not know of a close, or of a load.
    warehouse.execute("delete from coco_close.closed_periods where period_month_date = '2026-10-01'")
    assert "The marts know 2 closes, and there are 1" in refused(warehouse, OCTOBER, now)
    file = tmp_path / "orders.ndjson"
    body = {"received_at": "2026-11-10T06:30:00Z", "received_from": "webhook", "body": "{}"}
    file.write_text(json.dumps(body) + "\n", encoding="utf-8")
    load_days(warehouse, [file], moment(LAST_LOOK, 9))
    assert "older than the last load: files landed at 2026-11-10 09:00:00" in refused(warehouse, OCTOBER, now)


def unclose(warehouse: Warehouse, *months: date) -> None:
    """Take closes back, in the raw tables and in the marts."""
    days = ", ".join(f"'{month}'" for month in months)
    tables = [table.identifier for table in warehouse.raw_tables() if table.schema == "coco_close"]
    warehouse.execute(*(f"delete from coco_close.{table} where period_month_date in ({days})" for table in tables))
    run(warehouse, moment(LAST_LOOK, 7), "run", "--select", "path:models/staging/coco_close+")


def test_months_close_in_order_and_only_where_the_laws_hold(copied, tmp_path: Path):
    warehouse = copied("duckdb")
    unclose(warehouse, SEPTEMBER, OCTOBER)
    now = moment(LAST_LOOK, 8)
    assert "Close the months before 2026-10 first: 2026-09" in refused(warehouse, OCTOBER, now)
    assert "Nothing is posted in 2026-08" in refused(warehouse, date(2026, 8, 1), now)

    one = "(select min(journal_line_id) from coco_marts.journal_entries where period_month_date = date '2026-09-01')"
    table = "coco_marts.journal_entries set debit_cents = debit_cents"
    warehouse.execute(f"update {table} + 1 where journal_line_id = {one}")
    reason = refused(warehouse, SEPTEMBER, now)
    assert "The laws do not all hold" in reason and "debits_equal_credits: fail" in reason
    warehouse.execute(f"update {table} - 1 where journal_line_id = {one}")

    (tmp_path / "close-2026-09.json").write_text("kept", encoding="utf-8")
    assert "is not written over" in refused(warehouse, SEPTEMBER, now, tmp_path)

    # What is frozen when the certificate cannot be written is taken back.
    (tmp_path / "file").touch()
    assert "The certificate cannot be written" in refused(warehouse, SEPTEMBER, now, tmp_path / "file")

    # What a platform's own summary has wrong is for people: the certificate says so, and the month closes.
    summary = "(select min(payout_id) from coco_marts.payout_summaries where has_statement_lines)"
    warehouse.execute(f"update coco_marts.payout_summaries set difference_cents = 1 where payout_id = {summary}")
    closed = close(warehouse, SEPTEMBER, now)
    laws = closed.certificate["laws"]
    assert {name: told for name, told in laws.items() if told != "pass"} == {
        "payout_lines_sum_to_payout_summary": "warn, rows: 1"
    }
    judged = "To be judged by the reviewer: <code>payout_lines_sum_to_payout_summary</code> warn, rows: 1."
    assert judged in closed.html.read_text(encoding="utf-8")


@engines
def test_a_close_can_be_proven_and_a_change_shows(copied, stage, engine: str, tmp_path: Path):
    warehouse = copied(engine)
    original, story = stage(engine)
    certificate = original.folder / "certificates" / "close-2026-09.json"
    assert json.loads(certificate.read_text(encoding="utf-8")) == story.september

    def verify(path: Path = certificate, month: date = SEPTEMBER) -> int:
        with environment(warehouse.environment):
            return verify_certificate(
                month, path, warehouse.target, profiles_dir=warehouse.folder, project_dir=warehouse.project
            )

    assert verify() == sum(table["rows"] for table in story.september["frozen"]["tables"].values())
    with pytest.raises(CloseError, match="is not the certificate of 2026-10"):
        verify(month=OCTOBER)
    changed = tmp_path / "changed.json"
    changed.write_text(certificate.read_text(encoding="utf-8").replace("R. Reviewer", "S. Omebody"), encoding="utf-8")
    with pytest.raises(CloseError, match="or was changed"):
        verify(changed)
    one = "(select min(posting_id) from coco_close.closed_postings where period_month_date = '2026-09-01')"
    warehouse.execute(f"update coco_close.closed_postings set posted_cents = posted_cents + 1 where posting_id = {one}")
    with pytest.raises(CloseError, match="were changed after the close, in: closed_postings"):
        verify()


def test_the_certificate_is_one_page_that_says_what_was_checked(stage):
    warehouse, story = stage("duckdb")
    page = (warehouse.folder / "certificates" / "close-2026-09.html").read_text(encoding="utf-8")
    text = (warehouse.folder / "certificates" / "close-2026-09.json").read_text(encoding="utf-8")
    assert page == as_html(story.september, hashlib.sha256(text.encode()).hexdigest())
    assert not re.search(r"(src|href|url)\s*[=(]|<script|@import|https?:", page)
    unread = {"order_documents": 3, "statement_rows": 305, "bank_rows": 601}
    assert set(story.september["rejected"]) == set(unread)
    printed = as_html({**story.september, "rejected": unread}, "")
    assert all(f"{count} {name.replace('_', ' ')}" in printed for name, count in unread.items())
    assert "Ana &lt;b&gt;Preparer&lt;/b&gt;" in page and "<b>" not in page
    assert set(proof["identity"] for proof in story.september["identities"]) == {
        *("I1", "I2", "I3", "I4", "I4, bank", "R1", "R2", "R3", "Journal")
    }
    for proof in story.september["identities"]:
        assert sum(proof["left"].values()) - sum(proof["right"].values()) == proof["difference_cents"] == 0
    assert all(file["sha256"] in page and file["name"] in page for file in story.september["files"])
    assert len(story.september["files"]) == len({file["sha256"] for file in story.september["files"]}) > 50
    assert story.september["frozen"]["hash"] in page
    assert set(story.september["laws"].values()) == {"pass"}

    # What is certified as open is what is frozen, and what the roll-forward closes on.
    certified = sum(row["open_cents"] for row in story.september["open_exceptions"])
    [(frozen,)] = warehouse.rows(
        "select sum(open_cents) from coco_marts.closed_exceptions where period_month_date = date '2026-09-01'"
    )
    closing = sum(proof["right"]["closing"] for proof in story.september["identities"] if proof["identity"] == "R2")
    assert certified == frozen == closing != 0


@engines
def test_the_workbook_of_a_month_says_what_its_certificate_says(stage, engine: str):
    # Looked at after later files: some exceptions are gone by then, and all are older.
    warehouse, story = stage(engine)
    with environment(warehouse.environment):
        target = resolve_target(warehouse.target, warehouse.folder, warehouse.project)
        months = [(month, read_content(target, month, None).rows(EXCEPTIONS)) for month in (SEPTEMBER, OCTOBER)]
    last_days = {SEPTEMBER: date(2026, 9, 30), OCTOBER: date(2026, 10, 31)}
    for (month, rows), certificate in zip(months, (story.september, story.october), strict=True):
        shown: Counter[tuple[str, str]] = Counter()
        for row in rows:
            shown[row["currency_code"], row["aging_bucket"]] += row["closing_cents"]
            assert row["age_days"] == (last_days[month] - row["due_date"]).days
        certified: Counter[tuple[str, str]] = Counter()
        for row in certificate["open_exceptions"]:
            certified[row["currency_code"], row["aging_bucket"]] += row["open_cents"]
        assert {key: cents for key, cents in shown.items() if cents} == {**certified}


def test_the_command_says_what_to_do(stage, tmp_path: Path):
    warehouse, _ = stage("duckdb")
    certificate = warehouse.folder / "certificates" / "close-2026-10.json"
    command = ("coco", "close", "2026-10", "--target", "dev", "--profiles-dir", str(warehouse.folder))
    proven = run_command(*command, "--verify", str(certificate), folder=warehouse.project, **warehouse.environment)
    assert proven.returncode == 0 and "frozen rows are unchanged" in proven.stdout, proven.stderr
    out = str(tmp_path / "october.csv")
    written = run_command(
        *("coco", "journal", "--period", "2026-10", "--format", "xero", "--out", out, *command[3:]),
        folder=warehouse.project, **warehouse.environment,
    )  # fmt: skip
    assert "2026-10 is closed: " in written.stdout, written.stderr
    unnamed = run_command(*command, "--preparer", "A", folder=warehouse.project, **warehouse.environment)
    assert unnamed.returncode == 2 and "--reviewer" in unnamed.stderr
    closed = run_command(
        *command, "--preparer", "A", "--reviewer", "B", "--out", str(warehouse.folder / "again"),
        folder=warehouse.project, **warehouse.environment,
    )  # fmt: skip
    assert closed.returncode == 1 and "closed already" in closed.stderr


@engines
def test_closes_hold_no_personal_data(stage, engine: str):
    warehouse, _ = stage(engine)
    assert_canaries_where_they_belong(warehouse)
    assert warehouse.rows("select * from coco_close.closed_periods")
    written = [warehouse.folder / name for name in ("certificates", "target", "logs")]
    assert files_with(secrets_of(warehouse), *written) == {}
