"""The rows of a model's life say which run took each step, and the registry's aliases follow them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

import ml.registry
from ml.lifecycle import State, Status
from ml.task import LearningError
from orchestration.settings import Settings
from orchestration.steps.lifecycle import keep, settle, shadow_scores
from orchestration.steps.models import _moment
from warehouse.home import Home
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


def test_a_candidate_that_is_dropped_loses_its_alias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(ml.registry, "forget_role", lambda registry, task, role: forgotten.append(role))
    clock = pd.Timestamp("2026-03-03 08:00")
    shadow = Status("t", 2, clock, State.AWAITING_WINDOW, champion="1", candidate="3")
    with duckdb.connect() as con:
        create_schema(con)
        bench: Any = SimpleNamespace(con=con, run_id="r", home=Home(tmp_path), clock=lambda: datetime(2026, 3, 2, 8))
        task: Any = SimpleNamespace(name="t")
        settle(bench, task, shadow, shadow)
        assert forgotten == []
        settle(bench, task, shadow, Status("t", 3, clock, State.COOLING_DOWN, champion="2", former="1"))
        told = con.execute("select event, clock, number from ml.model_events order by event").fetchall()
    assert forgotten == ["candidate"]
    # A run at an earlier clock sets nothing back: the events stand at the step's own.
    assert told == [("dropped", datetime(2026, 3, 3, 8), 3), ("set by hand", datetime(2026, 3, 3, 8), 3)]


def test_a_job_by_hand_takes_place_after_what_was_seen() -> None:
    bench: Any = SimpleNamespace(clock=lambda: datetime(2026, 3, 2, 8))
    seen = Status("t", 2, pd.Timestamp("2026-03-03 08:00"), memory={"examined": "2026-03-04T08:00:00"})
    assert _moment(bench, seen) == pd.Timestamp("2026-03-04 08:00")
    assert _moment(bench, Status("t")) == pd.Timestamp("2026-03-02 08:00")


def test_a_broken_candidate_is_told_and_stops_no_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise LearningError("version 3 holds no model")

    monkeypatch.setattr(ml.registry, "load_version", gone)
    clock = datetime(2026, 3, 3, 8)
    shadow = Status("t", 2, pd.Timestamp(clock), State.AWAITING_WINDOW, champion="1", candidate="3")
    facts = {"to_score": pd.DataFrame({"ticket_id": ["a"], "as_of": [clock]})}
    with duckdb.connect() as con:
        create_schema(con)
        bench: Any = SimpleNamespace(
            con=con, run_id="r", home=Home(tmp_path), clock=lambda: clock, settings=Settings(home=tmp_path),
            facts={}, branch=lambda task: SimpleNamespace(facts=facts), report=SimpleNamespace(say=lambda line: None),
        )  # fmt: skip
        shadow_scores(bench, SimpleNamespace(name="t"), shadow)  # type: ignore[arg-type]
        told = con.execute("select severity, subject, message from ml.alerts").fetchall()
        assert con.execute("select count(*) from ml.candidate_scores").fetchall() == [(0,)]
    [(severity, subject, message)] = told
    assert (severity, subject) == ("critical", "3") and "harken retrain t" in message
