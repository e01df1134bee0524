"""A task's day in order, and what is done about its model: the same list for Dagster's assets and for a replay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.steps import day
from orchestration.steps.day import DayStep, run_day, run_step

BENCH: Any = SimpleNamespace()
TASK: Any = SimpleNamespace(name="calm")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A day of three steps, of which the first finds a fault when it is told to, and the last asks for what it is."""
    told: list[str] = []
    BENCH.fault, BENCH.asks = "", []

    def step(name: str) -> DayStep:
        def run(bench: Any, task: Any) -> Any:
            told.append(name)
            return SimpleNamespace(fault=bench.fault) if name == "drift" else standing(bench)

        return DayStep(name, run, needs_sound_source=name == "scores")

    monkeypatch.setattr(day, "DAY", (step("drift"), step("scores"), step("lifecycle")))
    return told


def standing(bench: Any) -> Any:
    action = bench.asks[0] if bench.asks else ""
    return SimpleNamespace(action=action, run_key=f"calm-{len(bench.asks)}-{action}")


def act(bench: Any, task: Any, asked: Any) -> Any:
    assert asked.action == bench.asks.pop(0)
    return standing(bench)


def test_steps_run_in_order(ran: list[str]) -> None:
    assert run_day(BENCH, TASK) == []
    assert ran == ["drift", "scores", "lifecycle"]


def test_a_source_fault_stops_what_needs_a_sound_source_and_no_more(ran: list[str]) -> None:
    BENCH.fault = "column gone"
    run_day(BENCH, TASK)
    assert ran == ["drift", "lifecycle"]


def test_what_is_asked_for_is_carried_out_in_turn(ran: list[str]) -> None:
    BENCH.asks = ["retrain", "promote"]
    assert run_day(BENCH, TASK, act) == ["retrain", "promote"]


def test_what_is_scheduled_comes_first_and_may_ask_for_something(
    ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def challenge(bench: Any, task: Any, asked: Any) -> Any:
        ran.append("challenge")
        bench.asks = ["promote"]
        return standing(bench)

    monkeypatch.setattr(day.models, "challenge", challenge)
    assert run_day(BENCH, TASK, act, scheduled=["challenge"]) == ["challenge", "promote"]
    assert ran == ["drift", "scores", "lifecycle", "challenge"]


def test_what_cant_be_done_waits_for_the_next_day(ran: list[str]) -> None:
    BENCH.asks = ["retrain"]
    assert run_day(BENCH, TASK, lambda bench, task, asked: asked) == ["retrain"]


def test_a_step_is_found_by_its_name(ran: list[str]) -> None:
    run_step("scores", BENCH, TASK)
    assert ran == ["scores"]
