"""Closing a month: check, freeze, certify."""

import calendar
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2

from coco_warehouse import __version__
from coco_warehouse.catalog import Catalog, read_catalog
from coco_warehouse.close.certificate import as_html, as_json
from coco_warehouse.close.errors import CloseError
from coco_warehouse.close.freezing import (
    PERIODS,
    QUERIES,
    SOURCE,
    create_tables,
    freeze,
    hash_frozen,
    hash_of_all,
    insert_period,
)
from coco_warehouse.close.identities import IDENTITIES, Proof, parameters, proofs
from coco_warehouse.close.laws import Law, run_laws
from coco_warehouse.load.errors import LoadError
from coco_warehouse.load.warehouse import Warehouse, open_warehouse, path_literal, quoted, table_name
from coco_warehouse.targets import Target, find_profiles_dir, no_warehouse, resolve_target

BEFORE_ALL = date(1, 1, 1)

STATE = "select as_of_at, loaded_until_at, closed_period_count, last_closed_month_date from {marts}.warehouse_state"
# Months that hold something to close.
MONTHS = """
    select period_month_date from {marts}.journal_entries
    union
    select period_month_date from {marts}.exception_movements
"""
FILES = """
    select source_file_name, source_file_hash, content_kind, landed_row_count, recorded_at
    from {marts}.source_files
    where file_state = 'loaded'
    order by recorded_at, source_file_hash
"""
REJECTED = """
    select
        (select count(*) from {marts}.rejected_order_documents),
        (select count(*) from {marts}.rejected_statement_rows),
        (select count(*) from {marts}.rejected_bank_rows)
"""
EXCEPTIONS = """
    select break_class, currency_code, aging_bucket, count(*), cast(sum(open_cents) as bigint)
    from {closed_exceptions}
    where period_month_date = %s
    group by break_class, currency_code, aging_bucket
    order by break_class, currency_code, aging_bucket
"""


@dataclass(frozen=True)
class State:
    """What the marts say of themselves; times are UTC."""

    as_of: datetime
    loaded_until: datetime | None
    closed_count: int
    last_closed: date


@dataclass(frozen=True)
class Closed:
    """A closed month: its certificate on paper and for programs."""

    month: date
    closed_at: datetime
    html: Path
    json: Path
    certificate: dict[str, Any]


def close_month(
    month: date,
    preparer: str,
    reviewer: str,
    out: Path,
    target: str | Target | None = None,
    *,
    profiles_dir: Path | None = None,
    project_dir: Path | None = None,
    closed_at: datetime | None = None,
) -> Closed:
    """Close a month.

    Args:
        month: its first day.
        preparer: who prepared the close.
        reviewer: who reviewed it; somebody else.
        out: folder that the certificate is written to.
        target: the output of the dbt profile, or its name; by default the profile's own.
        profiles_dir: folder of profiles.yml.
        project_dir: folder of dbt_project.yml.
        closed_at: moment of the close, with a zone; by default now. It is never before the last load, the last close
            or the moment that the marts look from.

    Returns:
        What was closed, and where its certificate is.

    Raises:
        CloseError: the month cannot be closed; nothing was changed.
        TargetError: project, profile or target cannot be found.
    """
    _check_people(preparer, reviewer)
    if not isinstance(target, Target):
        target = resolve_target(target, profiles_dir, project_dir)
    catalog = read_catalog(target)
    with opened(target, catalog) as (warehouse, schemas):
        state = _check_month(warehouse, catalog, schemas["marts"], month, closed_at)
    paths = [out / f"close-{month:%Y-%m}.{suffix}" for suffix in ("html", "json")]
    for path in paths:
        if path.exists():
            raise CloseError(f"{path} is there already, and is not written over. Move it, or name another --out.")
    laws = run_laws(target, find_profiles_dir(target.project_dir, profiles_dir), state.as_of)
    with opened(target, catalog) as (warehouse, schemas):
        # Somebody may have loaded, built or closed while the laws ran.
        if _check_month(warehouse, catalog, schemas["marts"], month, closed_at) != state:
            raise CloseError("The marts were built anew while the laws were read: close again. Nothing was closed.")
        proven = _prove(warehouse, schemas, month)
        moment = _moment(warehouse, catalog, state, closed_at)
        warehouse.execute("begin")
        written: list[Path] = []
        try:
            create_tables(warehouse, catalog)
            last_day = month.replace(day=calendar.monthrange(month.year, month.month)[1])
            freeze(warehouse, catalog, schemas["marts"], month, last_day, state.last_closed, moment)
            certificate = _certificate(
                warehouse, catalog, schemas, target, month, (preparer, reviewer), state, moment, laws, proven
            )
            text = as_json(certificate)
            digest = hashlib.sha256(text.encode()).hexdigest()
            frozen = certificate["frozen"]
            insert_period(
                warehouse,
                catalog,
                {
                    "period_month_date": month.isoformat(),
                    "closed_at": moment,
                    "as_of_at": state.as_of,
                    "preparer": preparer.strip(),
                    "reviewer": reviewer.strip(),
                    "project_version": __version__,
                    "posting_count": frozen["tables"]["closed_postings"]["rows"],
                    "journal_line_count": frozen["tables"]["closed_journal_lines"]["rows"],
                    "open_exception_count": frozen["tables"]["closed_exceptions"]["rows"],
                    "frozen_hash": frozen["hash"],
                    "certificate_hash": digest,
                    "certificate": text,
                },
            )
            out.mkdir(parents=True, exist_ok=True)
            for path, content in zip(paths, (as_html(certificate, digest), text), strict=True):
                # A file that somebody else has written by now stays.
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    written.append(path)
                    file.write(content)
            warehouse.execute("commit")
        except BaseException as error:
            with suppress(warehouse.engine_error):
                warehouse.execute("rollback")
            for path in written:
                path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise CloseError(f"The certificate cannot be written, so that nothing was closed: {error}") from error
            raise
    return Closed(month, moment, paths[0], paths[1], certificate)


@contextmanager
def opened(target: Target, catalog: Catalog) -> Iterator[tuple[Warehouse, dict[str, str]]]:
    """Open the warehouse with its raw tables, and say how the schemas of its models are named there.

    Raises:
        CloseError: it cannot be reached, is in use, or fails; or its marts are not built.
    """
    database = catalog.table(SOURCE, PERIODS).database
    if target.type == "duckdb" and not (target.project_dir / target.settings["path"]).is_file():
        raise CloseError(no_warehouse(target.settings["path"]))
    try:
        warehouse = open_warehouse(target, database, again="try again; nothing was closed")
    except LoadError as error:
        raise CloseError(str(error)) from error
    try:
        prefix = ""
        if database != target.database:
            path = target.project_dir / target.settings["path"]
            warehouse.execute(f"attach {path_literal(path)} as marts_database (read_only)")
            prefix = "marts_database."
        layers = ("marts", "intermediate")
        yield warehouse, {layer: f"{prefix}{quoted(f'{target.schema}_{layer}')}" for layer in layers}
    except warehouse.engine_error as error:
        message = str(error).strip()
        if isinstance(error, psycopg2.errors.UndefinedTable) or "Catalog Error" in message:
            raise CloseError(
                f"The marts of target {target.name} are not built as this version builds them: "
                f"{message.splitlines()[0]}\nBuild them with: dbt build --target {target.name}"
            ) from error
        if isinstance(error, psycopg2.errors.InsufficientPrivilege):
            raise CloseError(
                "This takes the role coco_closer (docs/operations.md), and nothing was closed: "
                f"{message.splitlines()[0]}"
            ) from error
        raise CloseError(f"Target {target.name} failed, and nothing was closed: {message}") from error
    finally:
        warehouse.close()


def _check_people(preparer: str, reviewer: str) -> None:
    if not preparer.strip() or not reviewer.strip():
        raise CloseError("Name who prepared the close and who reviewed it.")
    if preparer.casefold().split() == reviewer.casefold().split():
        raise CloseError(f"{preparer.strip()} cannot review their own close: name another reviewer.")


def _check_marts_are_of_today(warehouse: Warehouse, catalog: Catalog, state: State, given: datetime | None) -> None:
    """Refuse marts that look from a moment to come: what is not due yet would count as late. Raises CloseError."""
    # A load proves that its day has come where the clock of this machine is behind.
    last_load = _latest(warehouse, catalog, "coco_load", "loaded_files", "loaded_at")
    known = [(given or datetime.now(UTC)).astimezone(UTC), *([last_load + timedelta(days=1)] if last_load else [])]
    if state.as_of.replace(tzinfo=UTC) > max(known):
        raise CloseError(
            f"The marts look from {state.as_of:%Y-%m-%d %H:%M} UTC, which has not come. "
            "Run dbt build without that as_of, and close again."
        )


def _check_month(warehouse: Warehouse, catalog: Catalog, marts: str, month: date, given: datetime | None) -> State:
    """Say whether the month can be closed on these marts. Raises CloseError."""
    state = _state(warehouse, marts)
    _check_marts_are_fresh(warehouse, catalog, state)
    _check_marts_are_of_today(warehouse, catalog, state, given)
    following = (month + timedelta(days=31)).replace(day=1)
    if state.as_of < datetime(following.year, following.month, 1):
        raise CloseError(
            f"{month:%Y-%m} has not ended: the marts look from {state.as_of:%Y-%m-%d %H:%M} UTC. "
            f"Build and close it from {following} on."
        )
    if month <= state.last_closed:
        raise CloseError(
            f"{month:%Y-%m} is closed already: the last closed month is {state.last_closed:%Y-%m}. "
            "A close stays; what comes late posts in the first open month."
        )
    months = sorted(day for (day,) in warehouse.query(MONTHS.format(marts=marts)) if day > state.last_closed)
    if month not in months:
        raise CloseError(
            f"Nothing is posted in {month:%Y-%m} and no exception moved, so that there is nothing to close. "
            f"Months with something to close: {', '.join(f'{day:%Y-%m}' for day in months) or 'none'}."
        )
    if months[0] < month:
        earlier = [f"{day:%Y-%m}" for day in months if day < month]
        raise CloseError(f"Close the months before {month:%Y-%m} first: {', '.join(earlier)}.")
    return state


def _state(warehouse: Warehouse, marts: str) -> State:
    rows = warehouse.query(STATE.format(marts=marts))
    if not rows:
        raise CloseError("The marts are not built: the mart warehouse_state is empty. Run: dbt build")
    as_of, loaded_until, closed_count, last_closed = rows[0]
    return State(as_of, loaded_until, closed_count, last_closed or BEFORE_ALL)


def _check_marts_are_fresh(warehouse: Warehouse, catalog: Catalog, state: State) -> None:
    last_load = _latest(warehouse, catalog, "coco_load", "loaded_files", "loaded_at")
    if last_load is not None and (state.loaded_until is None or last_load.replace(tzinfo=None) > state.loaded_until):
        raise CloseError(
            f"The marts are older than the last load: files landed at {last_load:%Y-%m-%d %H:%M:%S} UTC, and the marts "
            f"hold what was loaded until {state.loaded_until or 'never'}. "
            "Run dbt build, look at what changed, and close again."
        )
    periods = catalog.table(SOURCE, PERIODS)
    known = warehouse.query(f"select count(*) from {table_name(periods)}") if warehouse.columns(periods) else [(0,)]
    if known[0][0] != state.closed_count:
        raise CloseError(
            f"The marts know {state.closed_count} closes, and there are {known[0][0]}. Run dbt build, and close again."
        )


def _latest(warehouse: Warehouse, catalog: Catalog, source: str, name: str, column: str) -> datetime | None:
    """The latest moment in a column of a raw table, UTC; None where there is none."""
    table = catalog.table(source, name)
    if not warehouse.columns(table):
        return None
    [(latest,)] = warehouse.query(f"select max({column}) from {table_name(table)}")
    return latest.astimezone(UTC) if isinstance(latest, datetime) else None


def _moment(warehouse: Warehouse, catalog: Catalog, state: State, given: datetime | None) -> datetime:
    """When the month counts as closed: after all that it rests on, whatever the clock says."""
    last_close = _latest(warehouse, catalog, SOURCE, PERIODS, "closed_at")
    moments = [(given or datetime.now(UTC)).astimezone(UTC), state.as_of.replace(tzinfo=UTC)]
    if last_close is not None:
        moments.append(last_close + timedelta(microseconds=1))
    return max(moments)


def _prove(warehouse: Warehouse, schemas: dict[str, str], month: date) -> Sequence[Proof]:
    """Read the identities with their figures. Raises CloseError where one does not hold."""
    found = [
        proof
        for identity in IDENTITIES
        for proof in proofs(identity, warehouse.query(identity.query.format(**schemas), parameters(identity, month)))
    ]
    broken = [proof for proof in found if proof.difference_cents]
    if broken:
        lines = [
            f"\n  - {proof.identity.name} for {proof.legal_entity or 'no entity'}, "
            f"{proof.platform or 'all platforms'}, {proof.currency_code}: {proof.difference_cents} cents apart"
            for proof in broken
        ]
        raise CloseError(f"The identities do not hold, so that nothing was closed:{''.join(lines)}")
    return found


def _certificate(
    warehouse: Warehouse,
    catalog: Catalog,
    schemas: dict[str, str],
    target: Target,
    month: date,
    people: tuple[str, str],
    state: State,
    closed_at: datetime,
    laws: Sequence[Law],
    proven: Sequence[Proof],
) -> dict[str, Any]:
    tables = hash_frozen(warehouse, catalog, month)
    [(engine,)] = warehouse.query("select version()")
    exceptions = warehouse.query(
        EXCEPTIONS.format(closed_exceptions=table_name(catalog.table(SOURCE, "closed_exceptions"))), [month.isoformat()]
    )
    [rejected] = warehouse.query(REJECTED.format(**schemas))
    return {
        "period": f"{month:%Y-%m}",
        "closed_at": closed_at.isoformat(),
        "as_of": state.as_of.isoformat(),
        "preparer": people[0].strip(),
        "reviewer": people[1].strip(),
        "versions": {
            "project": __version__,
            "dbt": version("dbt-core"),
            "adapter": f"dbt-{target.type} {version(f'dbt-{target.type}')}",
            "engine": engine if "PostgreSQL" in engine else f"DuckDB {engine}",
        },
        "identities": [
            {
                "identity": proof.identity.name,
                "says": proof.identity.says,
                "of": "the month" if proof.identity.is_of_month else "all that was known",
                "legal_entity": proof.legal_entity,
                "platform": proof.platform,
                "currency_code": proof.currency_code,
                "left": {name: proof.figures[name] for name in proof.identity.left},
                "right": {name: proof.figures[name] for name in proof.identity.right},
                "difference_cents": proof.difference_cents,
            }
            for proof in proven
        ],
        "laws": {law.name: law.told for law in laws},
        "open_exceptions": [
            {
                "break_class": break_class,
                "currency_code": currency,
                "aging_bucket": bucket,
                "count": count,
                "open_cents": cents,
            }
            for break_class, currency, bucket, count, cents in exceptions
        ],
        "files": [
            {
                "name": name,
                "sha256": digest,
                "kind": kind,
                "rows": rows,
                "loaded_at": loaded_at.isoformat(),
            }
            for name, digest, kind, rows, loaded_at in warehouse.query(FILES.format(**schemas))
        ],
        "rejected": dict(zip(("order_documents", "statement_rows", "bank_rows"), rejected, strict=True)),
        "frozen": {
            "tables": {name: {"rows": tables[name][0], "sha256": tables[name][1]} for name in QUERIES},
            "hash": hash_of_all(tables),
        },
    }
