"""The rows of a model's life say which run took each step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import duckdb

from ml.lifecycle import State, Status
from orchestration.steps.lifecycle import keep
from warehouse.schema import create_schema


def test_a_day_that_only_looks_leaves_the_run_that_took_the_step() -> None:
    with duckdb.connect() as con:
        create_schema(con)

        def kept(run_id: str, status: Status) -> list[tuple[Any, ...]]:
            bench: Any = SimpleNamespace(con=con, run_id=run_id)
            keep(bench, status)
            return con.execute("select number, state, run_id from ml.lifecycle order by number").fetchall()

        assert kept("first", Status("t", number=1)) == [(1, "quiet", "first")]
        assert kept("second", Status("t", number=1, reason="looked")) == [(1, "quiet", "first")]
        suspected = Status("t", number=2, state=State.SUSPECTED)
        assert kept("third", suspected) == [(1, "quiet", "first"), (2, "suspected", "third")]
