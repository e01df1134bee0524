"""A warehouse of its own for a study: what a home has built, as it was known at each morning, and room for `ml.*`.

The home's warehouse is attached for reading; what the study writes lies in its own file, so that no study touches the
scores or the models of a home. What belongs here: those views. What doesn't: which steps run over them.

What was built once holds the past of every morning: a feature row uses only what was visible at its moment. Labels do
not: an event that became known later must not be seen earlier, and how late events become known is itself learnt as
time goes on. Nor do views of core that read the clock: they say what holds at the home's last run. So the home's own
views of both kinds are made again over what was known: one rule for home and study, written once in dbt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.connect import connect, literal, quoted
from warehouse.contracts import Contracts
from warehouse.errors import HarkenError
from warehouse.home import Home
from warehouse.operations import relation

# The name under which the home's warehouse is attached.
BUILT = "built"
READS_CLOCK = re.compile(r'\bops"?\."?clock\b')


@contextmanager
def open_study(
    home: Home, study: Home, contracts: Contracts, features: str, labels: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the study's warehouse, over what `home` has built, as known at the clock that is set on it.

    `features` and `labels`: the task's tables. Hold the writer's lock of `home`: its warehouse is read. Both files are
    closed at the end. Raises HarkenError where `labels` isn't a view, so that it can't be told anew.
    """
    with connect(study, contracts=contracts) as con:
        con.execute(f"attach {literal(str(home.warehouse_file))} as {BUILT} (read_only)")
        for schema in ("features", "labels", "core"):
            con.execute(f"create schema if not exists {schema}")
        clock = "(select max(clock) from ops.clock)"
        con.execute(
            f"create or replace view {relation(features)} as "
            f"select * from {BUILT}.{relation(features)} where as_of <= {clock}"
        )
        core, told = _views(con, "core"), _views(con, labels.split(".")[0])
        now = {view: sql for view, sql in core.items() if READS_CLOCK.search(sql)}
        for name in _facts(con):
            if f"core.{name}" in now:
                continue
            con.execute(
                f"create or replace view core.{quoted(name)} as "
                f"select * from {BUILT}.core.{quoted(name)} where visible_from <= {clock}"
            )
        con.execute(f"create or replace table ops.parameters as from {BUILT}.ops.parameters")
        for sql in now.values():
            _make_again(con, sql)
        if labels not in told:
            raise HarkenError(
                f"{labels} must be a view over core: a study tells labels as they were known each morning"
            )
        _tell_labels(con, labels, told)
        yield con


def _facts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The relations of the home's core that say when a row became visible."""
    rows = con.execute(
        "select table_name from duckdb_columns() where database_name = ? and schema_name = 'core'"
        " and column_name = 'visible_from' order by table_name",
        [BUILT],
    ).fetchall()
    return [name for (name,) in rows]


def _views(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, str]:
    """The statement that makes each view of a schema of the home, by the view's name with its schema."""
    rows = con.execute(
        "select concat_ws('.', schema_name, view_name), sql from duckdb_views()"
        " where database_name = ? and schema_name = ? order by view_name",
        [BUILT, schema],
    ).fetchall()
    return dict(rows)


def _tell_labels(con: duckdb.DuckDBPyConnection, labels: str, views: dict[str, str]) -> None:
    """The home's label view, and before it those of `views` that it reads, over what the study sees."""
    for name in sorted(set(views) - {labels}):
        if re.search(rf"\b{name}\b", views[labels]):
            _tell_labels(con, name, views)
    _make_again(con, views[labels])


def _make_again(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(sql.replace("CREATE VIEW", "create or replace view", 1))
