"""What the tables say of a stretch of days, one row a day: for the reports of `harken loop` and `harken replay`.

What belongs here: aggregates over the runs' clocks. What doesn't: words, and what a figure means.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd


def days(con: duckdb.DuckDBPyConnection, task: str, first: datetime, last: datetime, metric: str) -> pd.DataFrame:
    """One row per clock of a daily run in [first, last], in order.

    Columns: clock, status, message, seconds, rows_landed, open_entities, model_version, alarms, state (null where
    nothing was written), value and positives of `metric` for the scores of that clock's day, once they are measured.
    """
    return con.execute(
        """
        with runs as (
            select clock, max_by(status, started_at) as status, max_by(message, started_at) as message,
                sum(epoch(finished_at - started_at)) as seconds, sum(rows_landed) as rows_landed
            from ops.runs where job = 'daily' and clock between $first and $last group by clock
        ),
        scored as (
            select as_of as clock, count(*) as open_entities, max(model_version) as model_version
            from ml.scores where task = $task group by as_of
        ),
        alarms as (
            select clock, count(*) filter (where alarm) as alarms from ml.drift where task = $task group by clock
        ),
        states as (select clock, max_by(state, number) as state from ml.lifecycle where task = $task group by clock),
        measured as (
            select day, max_by(value, clock) as value, max_by(positives, clock) as positives
            from ml.model_performance where task = $task and metric = $metric and day is not null group by day
        )
        select runs.*, scored.open_entities, scored.model_version, coalesce(alarms.alarms, 0) as alarms, states.state,
            measured.value, measured.positives
        from runs left join scored using (clock) left join alarms using (clock) left join states using (clock)
        left join measured on measured.day = runs.clock::date
        order by runs.clock
        """,
        {"task": task, "first": first, "last": last, "metric": metric},
    ).df()


def first_alarm(con: duckdb.DuckDBPyConnection, task: str, since: datetime) -> tuple[datetime, str] | None:
    """The first alarm at a clock after `since`: when, and its sentence."""
    row = con.execute(
        "select clock, sentence from ml.drift where task = ? and alarm and clock > ? order by clock, p_value limit 1",
        [task, since],
    ).fetchone()
    return None if row is None else (row[0], row[1] or "")


def first_event(con: duckdb.DuckDBPyConnection, task: str, since: datetime, event: str) -> datetime | None:
    """The first clock after `since` at which something happened to the task's model."""
    row = con.execute(
        "select min(clock) from ml.model_events where task = ? and event = ? and clock > ?", [task, event, since]
    ).fetchone()
    return None if row is None else row[0]


def scored_between(con: duckdb.DuckDBPyConnection, task: str, after: datetime, until: datetime) -> int:
    """Rows of a task that were scored as of a moment in (after, until]."""
    row = con.execute(
        "select count(*) from ml.scores where task = ? and as_of > ? and as_of <= ?", [task, after, until]
    ).fetchone()
    return 0 if row is None else int(row[0])


def model_events(con: duckdb.DuckDBPyConnection, task: str, first: datetime, last: datetime) -> pd.DataFrame:
    """What happened to a task's models at clocks in [first, last], as they happened; columns as `ml.model_events`."""
    return con.execute(
        "select * from ml.model_events where task = ? and clock between ? and ? order by clock, rowid",
        [task, first, last],
    ).df()
