"""A warehouse of its own for a study: what a home has built, as it was known at each morning, and room for `ml.*`.

The home's warehouse is attached for reading; what the study writes lies in its own file, so that no study touches the
scores or the models of a home. What belongs here: those views. What doesn't: which steps run over them.

What was built once holds the past of every morning: a feature row uses only what was visible at its moment. Labels do
not: an event that became known later must not be seen earlier, and how late events become known is itself learnt as
time goes on. So labels are told anew at each clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from warehouse.connect import connect, literal, quoted
from warehouse.contracts import Contracts
from warehouse.home import Home
from warehouse.operations import relation, set_clock

# The name under which the home's warehouse is attached.
BUILT = "built"


@dataclass(frozen=True)
class Studied:
    """The tables of one task, and the columns of its labels: which entity, when its event was and when it was known."""

    features: str
    labels: str
    key: str
    event_at: str
    known_at: str
    horizon: timedelta


@contextmanager
def open_study(home: Home, study: Home, contracts: Contracts, studied: Studied) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the study's warehouse, over what `home` has built. Nothing is visible before `set_moment`.

    Hold the writer's lock of `home`: its warehouse is read. Both files are closed at the end.
    """
    with connect(study, contracts=contracts) as con:
        con.execute(f"attach {literal(str(home.warehouse_file))} as {BUILT} (read_only)")
        for schema in ("features", "labels", "core", "study"):
            con.execute(f"create schema if not exists {schema}")
        clock = "(select max(clock) from ops.clock)"
        con.execute(
            f"create or replace view {relation(studied.features)} as "
            f"select * from {BUILT}.{relation(studied.features)} where as_of <= {clock}"
        )
        for name in _facts(con):
            con.execute(
                f"create or replace view core.{quoted(name)} as "
                f"select * from {BUILT}.core.{quoted(name)} where visible_from <= {clock}"
            )
        _tell_labels(con, studied, clock)
        yield con


def set_moment(con: duckdb.DuckDBPyConnection, moment: datetime, run_id: str) -> None:
    """Set the clock: from now on the study sees what was known then."""
    set_clock(con, moment, run_id)
    con.execute(
        """
        create or replace table study.delays as
        select sources.source, cast(ceil(coalesce(quantile_cont(
            date_diff('second', event_at, known_at), 0.99) filter (where known_at <= $moment), 0)) as bigint) as seconds
        from (select distinct source from study.labels) as sources
        left join study.events using (source)
        group by sources.source
        """,
        {"moment": moment},
    )


def _facts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The relations of the home's core that say when a row became visible."""
    rows = con.execute(
        "select table_name from duckdb_columns() where database_name = ? and schema_name = 'core'"
        " and column_name = 'visible_from' order by table_name",
        [BUILT],
    ).fetchall()
    return [name for (name,) in rows]


def _tell_labels(con: duckdb.DuckDBPyConnection, studied: Studied, clock: str) -> None:
    """The label view: by its own rule, of the events known at the clock."""
    schema, table = studied.labels.split(".")
    names = [
        name
        for (name,) in con.execute(
            "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ?"
            " order by column_index",
            [BUILT, schema, table],
        ).fetchall()
    ]
    of_no_source = "" if "source" in names else ", '' as source"
    event, known, key = (quoted(name) for name in (studied.event_at, studied.known_at, studied.key))
    con.execute(
        f"create or replace table study.labels as select *{of_no_source} "
        f"from {BUILT}.{relation(studied.labels)} order by as_of, {key}"
    )
    con.execute(
        f"create or replace table study.events as select distinct source, {key} as entity, {event} as event_at, "
        f"{known} as known_at from study.labels where {event} is not null"
    )
    con.execute("create table if not exists study.delays (source varchar, seconds bigint)")
    horizon = f"to_microseconds({int(studied.horizon / timedelta(microseconds=1))})"
    told = {
        studied.event_at: f"case when {known} <= {clock} then {event} end",
        studied.known_at: f"case when {known} <= {clock} then {known} end",
        "label": f"coalesce({known} <= {clock} and {event} <= as_of + {horizon}, false)",
        "matures_at": f"as_of + {horizon} + to_seconds(delays.seconds)",
    }
    columns = ", ".join(f"{told.get(name, f'labels.{quoted(name)}')} as {quoted(name)}" for name in names)
    con.execute(
        f"create or replace view {relation(studied.labels)} as select {columns} from study.labels as labels "
        f"join study.delays as delays on labels.source = delays.source where as_of <= {clock}"
    )
