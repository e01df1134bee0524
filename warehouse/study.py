"""A warehouse of its own for a study: what a home has built, as it was known at each morning, and room for `ml.*`.

The home's warehouse is attached for reading; what the study writes lies in its own file, so that no study touches the
scores or the models of a home. What belongs here: those views. What doesn't: which steps run over them.

What was built once holds the past of every morning: a feature row uses only what was visible at its moment. Labels do
not: an event that became known later must not be seen earlier, and how late events become known is itself learnt as
time goes on. So the home's own label views are made again over what was known: one rule for both, written once in dbt.
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
        for name in _facts(con):
            con.execute(
                f"create or replace view core.{quoted(name)} as "
                f"select * from {BUILT}.core.{quoted(name)} where visible_from <= {clock}"
            )
        con.execute(f"create or replace table ops.parameters as from {BUILT}.ops.parameters")
        _tell_labels(con, labels)
        yield con


def _facts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The relations of the home's core that say when a row became visible."""
    rows = con.execute(
        "select table_name from duckdb_columns() where database_name = ? and schema_name = 'core'"
        " and column_name = 'visible_from' order by table_name",
        [BUILT],
    ).fetchall()
    return [name for (name,) in rows]


def _tell_labels(con: duckdb.DuckDBPyConnection, labels: str) -> None:
    """The home's label view, and the views beside it that it reads, over what the study sees."""
    views: dict[str, str] = dict(
        con.execute(
            "select concat_ws('.', schema_name, view_name), sql from duckdb_views()"
            " where database_name = ? and schema_name = ?",
            [BUILT, labels.split(".")[0]],
        ).fetchall()
    )
    if labels not in views:
        raise HarkenError(f"{labels} must be a view over core: a study tells labels as they were known each morning")
    reads = {view: {name for name in views if re.search(rf"\b{name}\b", sql)} - {view} for view, sql in views.items()}

    def make(view: str) -> None:
        for name in sorted(reads[view]):
            make(name)
        con.execute(views[view].replace("CREATE VIEW", "create or replace view", 1))

    make(labels)
