"""The tables of a model's life: rows to compare, drift, lifecycle, shadow scores and events.

What belongs here: reading and replacing their rows by task and clock. What doesn't: what any of it means (`ml/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from warehouse.connect import quoted
from warehouse.operations import append, exists, relation, replace


def feature_rows(
    con: duckdb.DuckDBPyConnection,
    features: str,
    key: Sequence[str],
    wanted: pd.DataFrame,
    columns: Sequence[str] = (),
) -> pd.DataFrame:
    """The feature rows with the keys of `wanted`, ordered by key; all their columns by default."""
    using = ", ".join(quoted(k) for k in key)
    shown = ", ".join(f"f.{quoted(c)}" for c in columns) or "f.*"
    con.register("_wanted", wanted[list(key)])
    try:
        return con.execute(
            f"select {shown} from {relation(features)} f join _wanted using ({using}) order by {using}"
        ).df()
    finally:
        con.unregister("_wanted")


def rows_between(
    con: duckdb.DuckDBPyConnection, features: str, after: datetime, until: datetime, moment_kind: str
) -> pd.DataFrame:
    """Feature rows of one kind of moment with as_of in (after, until]."""
    return con.execute(
        f"select * from {relation(features)} where moment_kind = $kind and as_of > $after and as_of <= $until",
        {"kind": moment_kind, "after": after, "until": until},
    ).df()


def moments_between(
    con: duckdb.DuckDBPyConnection,
    features: str,
    key: Sequence[str],
    since: datetime,
    until: datetime,
    moment_kind: str,
) -> pd.DataFrame:
    """The keys of the feature rows of one kind of moment with as_of in [since, until], ordered."""
    shown = ", ".join(quoted(k) for k in key)
    return con.execute(
        f"select {shown} from {relation(features)} where moment_kind = $kind and as_of >= $since and as_of <= $until"
        f" order by {shown}",
        {"kind": moment_kind, "since": since, "until": until},
    ).df()


def rows_fingerprint(
    con: duckdb.DuckDBPyConnection, features: str, since: datetime, until: datetime, moment_kind: str
) -> tuple[Any, ...]:
    """Tells whether the feature rows of one kind of moment with as_of in [since, until] are still the same."""
    found = con.execute(
        "select count(*), sum(row_hash), bit_xor(row_hash) from (select hash(f) as row_hash"
        f" from {relation(features)} f where moment_kind = $kind and as_of >= $since and as_of <= $until)",
        {"kind": moment_kind, "since": since, "until": until},
    ).fetchall()
    return tuple(found[0])


def fresh_rows(
    con: duckdb.DuckDBPyConnection,
    features: str,
    key: str,
    first_after: datetime,
    since: datetime,
    until: datetime,
    moment_kind: str,
) -> pd.DataFrame:
    """Feature rows of one kind of moment in (since, until] of entities that had none by `first_after`."""
    return con.execute(
        f"select * from {relation(features)} where moment_kind = $kind and as_of > $since and as_of <= $until"
        f" and {quoted(key)} not in (select {quoted(key)} from {relation(features)}"
        " where moment_kind = $kind and as_of <= $first)",
        {"kind": moment_kind, "first": first_after, "since": since, "until": until},
    ).df()


def source_faults(con: duckdb.DuckDBPyConnection, task: str) -> tuple[str, ...]:
    """The source faults that the newest look has found, as `kind: column`."""
    rows = con.execute(
        "select distinct kind || ': ' || subject as fault from ml.drift where task = $task and cause = 'source'"
        " and clock = (select max(clock) from ml.drift where task = $task) order by fault",
        {"task": task},
    ).fetchall()
    return tuple(fault for (fault,) in rows)


def last_look(con: duckdb.DuckDBPyConnection, task: str, before: datetime) -> datetime | None:
    """The newest clock before `before` whose rows were compared with the champion's reference."""
    found: datetime | None = con.execute(
        "select max(clock) from ml.drift where task = ? and clock < ?", [task, before]
    ).fetchall()[0][0]
    return found


def scores_since(con: duckdb.DuckDBPyConnection, table: str, task: str, since: datetime) -> pd.DataFrame:
    """Scores of a task (`ml.scores` or `ml.candidate_scores`) with as_of from `since` on."""
    return con.execute(
        f"select * from {relation(table)} where task = $task and as_of >= $since order by as_of, entity_id",
        {"task": task, "since": since},
    ).df()


def interventions(con: duckdb.DuckDBPyConnection, task: str, known_at: datetime) -> pd.DataFrame:
    """What was assigned or done about a task's entities, as known at a moment; empty where no such rows are built."""
    if not exists(con, "core.interventions"):
        return pd.DataFrame(columns=["entity_id", "arm", "assigned_at", "delivered_at"])
    return con.execute(
        "select entity_id, arm, assigned_at, delivered_at from core.interventions"
        " where task = $task and visible_from <= $at and $at < visible_to order by entity_id, assigned_at",
        {"task": task, "at": known_at},
    ).df()


def replace_from(con: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, task: str, clock: datetime) -> int:
    """Replace a task's rows at a run's clock, in one transaction: a run that is repeated writes its rows anew."""
    con.begin()
    try:
        con.execute(f"delete from {relation(table)} where task = ? and clock = ?", [task, clock])
        added = append(con, table, frame)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return added


def replace_shadow(con: duckdb.DuckDBPyConnection, frame: pd.DataFrame, task: str, moments: Sequence[Any]) -> int:
    """Replace a task's shadow scores at these moments, in one transaction."""
    con.begin()
    try:
        con.execute("delete from ml.candidate_scores where task = ? and list_contains(?, as_of)", [task, list(moments)])
        added = append(con, "ml.candidate_scores", frame)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return added


def add_events(con: duckdb.DuckDBPyConnection, events: pd.DataFrame) -> None:
    """Write events; one that a killed run had written already is written over.

    What is done by hand between two runs has one clock: events of two steps of a life, or of two versions, are two.
    """
    for _, rows in events.groupby(["task", "clock", "number", "event", "model_version"], sort=False, dropna=False):
        first = rows.iloc[0]
        key = {
            "task": first["task"],
            "clock": first["clock"].to_pydatetime(),
            "number": int(first["number"]),
            "event": first["event"],
            "model_version": None if pd.isna(first["model_version"]) else first["model_version"],
        }
        replace(con, "ml.model_events", rows, key)


def last_status(con: duckdb.DuckDBPyConnection, task: str) -> dict[str, Any] | None:
    """The newest row of a task's life, or None before the first."""
    found = con.execute("select * from ml.lifecycle where task = ? order by number desc limit 1", [task]).df()
    return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}
