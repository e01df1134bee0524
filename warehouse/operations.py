"""The tables through which runs, Python and SQL talk: settings, the clock, the record of runs, what learning writes.

What belongs here: reading a relation as a frame, replacing rows by key, and the few statements behind a run's
bookkeeping. What doesn't: anything that knows a model of dbt by name beyond its schema, or what a score means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from warehouse.connect import quoted
from warehouse.errors import HarkenError

# Entities that record what happened. Dimensions and plans (customers, agents, queues, shifts, calendar, targets) don't
# move a run's clock: they may be dated ahead.
FACTS = (
    "contacts", "queue_intervals", "self_service", "tickets", "ticket_events", "surveys", "account_events",
    "agent_learning", "quality_reviews", "interventions",
)  # fmt: skip
IN_FORCE = datetime(9999, 12, 31)


def relation(name: str) -> str:
    """`schema.table` as a quoted identifier."""
    return ".".join(quoted(part) for part in name.split("."))


def limit_resources(con: duckdb.DuckDBPyConnection, memory: str, threads: int) -> None:
    """Bound what DuckDB takes in this process; dbt's connections to the same file share the bound."""
    con.execute(f"SET memory_limit = '{memory}'; SET threads = {int(threads)}")
    # One checkpoint as the file is closed, instead of several within a day's run.
    con.execute("SET wal_autocheckpoint = '1GB'")


def exists(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether `schema.table` is there, as a table or a view."""
    schema, table = name.split(".")
    found = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchall()
    return bool(found)


def count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Rows of a table or view."""
    return int(_one(con.execute(f"select count(*) from {relation(name)}")))


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """`schema.table` -> column -> type, for every relation of the warehouse."""
    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() and not internal order by schema_name, table_name, column_index"
    ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def views(con: duckdb.DuckDBPyConnection) -> set[str]:
    """`schema.table` of every view of the warehouse."""
    rows = con.execute(
        "select schema_name || '.' || view_name from duckdb_views()"
        " where database_name = current_database() and not internal"
    ).fetchall()
    return {name for (name,) in rows}


def read(
    con: duckdb.DuckDBPyConnection, name: str, where: str = "", parameters: Sequence[Any] = (), order_by: str = ""
) -> pd.DataFrame:
    """A relation as a frame, in the order of its key where `order_by` names one (training must not depend on it)."""
    condition = f" where {where}" if where else ""
    order = f" order by {order_by}" if order_by else ""
    return con.execute(f"select * from {relation(name)}{condition}{order}", list(parameters)).df()


def training_frame(
    con: duckdb.DuckDBPyConnection,
    features: str,
    labels: str,
    key: Sequence[str],
    wanted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Feature rows joined to the columns that their labels add, one row per key, ordered by it.

    `wanted`: the keys to fetch; all by default, which is large (a year of the demo takes 2 GiB as a frame).
    """
    have = columns(con)
    missing = [name for name in (features, labels) if name not in have]
    if missing:
        raise HarkenError(f"{' and '.join(missing)} must be built first: run `harken run`")
    added = "".join(f", l.{quoted(c)}" for c in have[labels] if c not in have[features])
    using = ", ".join(quoted(k) for k in key)
    query = f"select f.*{added} from {relation(features)} f join {relation(labels)} l using ({using})"
    if wanted is None:
        return con.execute(f"{query} order by {using}").df()
    con.register("_wanted", wanted[list(key)])
    try:
        return con.execute(f"{query} join _wanted using ({using}) order by {using}").df()
    finally:
        con.unregister("_wanted")


def append(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> int:
    """Insert a frame's rows by column name; returns how many."""
    if frame.empty:
        return 0
    con.register("_incoming", frame)
    try:
        named = ", ".join(quoted(c) for c in frame.columns)
        con.execute(f"insert into {relation(name)} ({named}) select {named} from _incoming")
    finally:
        con.unregister("_incoming")
    return len(frame)


def append_new(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, key: str) -> int:
    """Insert the rows whose `key` isn't there yet, the first of each; returns how many."""
    there = {value for (value,) in con.execute(f"select {quoted(key)} from {relation(name)}").fetchall()}
    return append(con, name, frame[~frame[key].isin(there)].drop_duplicates(key))


def replace(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, where: Mapping[str, Any]) -> int:
    """Delete the rows that match `where` (column -> value) and insert the frame, in one transaction."""
    condition = " and ".join(f"{quoted(c)} is not distinct from ?" for c in where) or "true"
    con.begin()
    try:
        con.execute(f"delete from {relation(name)} where {condition}", list(where.values()))
        added = append(con, name, frame)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return added


def replace_moments(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, task: str) -> int:
    """Replace all rows of `task` at the moments (`as_of`) that the frame holds, in one transaction."""
    moments = frame["as_of"].unique().tolist()
    con.begin()
    try:
        con.execute(f"delete from {relation(name)} where task = ? and list_contains(?, as_of)", [task, moments])
        append(con, name, frame)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return len(frame)


def mark_alerts(con: duckdb.DuckDBPyConnection, alert_ids: Sequence[str], sent_at: datetime | None) -> None:
    """One more attempt to send these alerts; `sent_at` (UTC) where it succeeded."""
    con.execute(
        "update ml.alerts set attempts = coalesce(attempts, 0) + 1, sent_at = ? where list_contains(?, alert_id)",
        [sent_at, list(alert_ids)],
    )


def label_events(con: duckdb.DuckDBPyConnection, labels: str, key: str, event_at: str) -> pd.DataFrame:
    """The first event of each entity that has one, as its labels know it."""
    return con.execute(
        f"select {quoted(key)}, min({quoted(event_at)}) as {quoted(event_at)} from {relation(labels)}"
        f" where {quoted(event_at)} is not null group by {quoted(key)} order by {quoted(key)}"
    ).df()


def label_delay(con: duckdb.DuckDBPyConnection, labels: str, horizon: timedelta) -> timedelta | None:
    """How late the task's events become known, at most, as its labels count it; None without labels."""
    longest: timedelta | None = _one(con.execute(f"select max(matures_at - as_of) from {relation(labels)}"))
    return None if longest is None else longest - horizon


def unmeasured_scores(con: duckdb.DuckDBPyConnection, task: str, before: datetime) -> pd.DataFrame:
    """The task's scores of whole days that end by `before` and that no run has measured yet."""
    return con.execute(
        "select * from ml.scores s where task = $task and as_of < date_trunc('day', $before::timestamp)"
        " and not exists (select 1 from ml.model_performance m where m.task = s.task and m.day = s.as_of::date"
        " and m.model_version is not distinct from s.model_version) order by as_of, entity_id",
        {"task": task, "before": before},
    ).df()


def write_settings(
    con: duckdb.DuckDBPyConnection,
    parameters: Mapping[str, Any],
    arrival_lags: Mapping[str, int],
    rules: Iterable[tuple[str, str]],
    holidays: Iterable[tuple[date, str]],
) -> None:
    """What SQL needs of the settings: ops.parameters (one row), arrival_lags, escalation_rules and holidays."""
    tables = {
        "ops.parameters": pd.DataFrame([dict(parameters)]),
        "ops.arrival_lags": pd.DataFrame(list(arrival_lags.items()), columns=["source", "lag_minutes"]),
        "ops.escalation_rules": pd.DataFrame(list(rules), columns=["source", "rule"]),
        "ops.holidays": pd.DataFrame(list(holidays), columns=["day", "name"]),
    }
    for name, frame in tables.items():
        replace(con, name, frame, {})


def set_clock(con: duckdb.DuckDBPyConnection, clock: datetime, run_id: str) -> None:
    """Set the run's moment (UTC, without zone), the one row of ops.clock."""
    replace(con, "ops.clock", pd.DataFrame({"clock": [clock], "run_id": [run_id]}), {})


def clock(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """The run's moment; None before the first build."""
    moment: datetime | None = _one(con.execute("select clock from ops.clock"))
    return moment


def clock_set_by(con: duckdb.DuckDBPyConnection) -> str | None:
    """The run that set the clock; None before the first build."""
    run_id: str | None = _one(con.execute("select run_id from ops.clock"))
    return run_id


def knowledge_span(con: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime] | None:
    """The first and the last moment at which a fact of `core` became visible; None where there are no facts yet."""
    spans = [
        _row(
            con.execute(
                f"select min(visible_from), max(visible_from) from {relation('core.' + fact)} where visible_from < ?",
                [IN_FORCE],
            )
        )
        for fact in FACTS
        if exists(con, f"core.{fact}")
    ]
    known = [span for span in spans if span is not None and span[0] is not None]
    return (min(first for first, _ in known), max(last for _, last in known)) if known else None


def built_with(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Model -> fingerprint of the code and settings that its rows were built with."""
    rows = con.execute("select fingerprint from ops.built_with").fetchall()
    return {model: made for (text,) in rows for model, _, made in [text.partition(" ")]}


def set_built_with(con: duckdb.DuckDBPyConnection, models: Iterable[str], fingerprint: str) -> None:
    """Record that these models were rebuilt from nothing with this fingerprint; records of others are forgotten."""
    kept = {model for model, made in built_with(con).items() if made == fingerprint} | set(models)
    rows = [f"{model} {fingerprint}" for model in sorted(kept)]
    replace(con, "ops.built_with", pd.DataFrame({"fingerprint": rows}, dtype="object"), {})


def close_dead_runs(con: duckdb.DuckDBPyConnection) -> None:
    """Runs that still say `running` were killed: whoever holds the writer's lock knows that no other run lives.

    What they landed stays, and is counted now: their rows were written before.
    """
    killed = con.execute("select run_id from ops.runs where status = 'running'").fetchall()
    for (run_id,) in killed:
        con.execute(
            "update ops.runs set status = 'killed', message = 'the process ended without finishing',"
            " files_landed = ?, rows_landed = ? where run_id = ?",
            [*landed(con, run_id), run_id],
        )


def landed(con: duckdb.DuckDBPyConnection, run_id: str) -> tuple[int, int]:
    """Files and rows that a run landed."""
    row = _row(
        con.execute(
            "select count(*), coalesce(sum(rows), 0) from landing.files where run_id = ? and status = 'landed'",
            [run_id],
        )
    )
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def rows_by_entity(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[int, int]]:
    """(source, entity) -> files and rows landed so far."""
    rows = con.execute(
        "select source, entity, count(*), coalesce(sum(rows), 0) from landing.files where status = 'landed'"
        " group by source, entity order by source, entity"
    ).fetchall()
    return {(source, entity): (int(files), int(total)) for source, entity, files, total in rows}


def quarantined(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Entity -> rows in `quarantine`, for the entities that have any."""
    tables = con.execute(
        "select table_name from information_schema.tables where table_schema = 'quarantine' order by table_name"
    ).fetchall()
    counts = {name: count(con, f"quarantine.{name}") for (name,) in tables}
    return {name: rows for name, rows in counts.items() if rows}


def _row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """The one row of a result, read to its end: a connection takes no frame while a result of it is open."""
    rows = result.fetchall()
    return rows[0] if rows else None


def _one(result: duckdb.DuckDBPyConnection) -> Any:
    row = _row(result)
    return None if row is None else row[0]
