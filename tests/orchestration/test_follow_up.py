"""What a daemon would carry out, carried out in this process: each request once, cursors after success, schedules."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.follow_up import follow_up
from orchestration.instance import open_instance
from orchestration.report import Report
from orchestration.run import Session
from orchestration.settings import load_settings
from warehouse.errors import HarkenError
from warehouse.home import open_home

MONDAY = datetime(2026, 6, 1, 8)
DAY = timedelta(days=1)
Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(open_home(tmp_path / "home")) as found:
        yield found


def session_of(definitions: dg.Definitions, instance: dg.DagsterInstance, folder: Path) -> Session:
    home = open_home(folder / "home")
    return Session(load_settings(home=home.root), home, definitions, instance, Report())


def job_of(name: str, ran: Asked, fails: Callable[[], bool] = lambda: False) -> dg.JobDefinition:
    @dg.op(
        name=f"{name}_step", config_schema={"reason": dg.Field(str, default_value="")}, required_resource_keys={"bench"}
    )
    def step(context: dg.OpExecutionContext) -> None:
        ran.append((name, {**context.op_config, **context.resources.bench}))
        if fails():
            raise HarkenError("it can't be done")

    @dg.job(name=name, executor_def=dg.in_process_executor)
    def job() -> None:
        step()

    return job


def bench() -> dg.ResourceDefinition:
    moment = dg.Field(dg.Noneable(str), default_value=None, is_required=False)
    return dg.ResourceDefinition(
        lambda context: dict(context.resource_config), config_schema={"until": moment, "since": moment}
    )


def asking(job: dg.JobDefinition, wanted: list[str]) -> dg.SensorDefinition:
    """Asks for the first wanted thing that its cursor doesn't say is done."""

    @dg.sensor(name="life", job=job)
    def life(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        done = int(context.cursor or 0)
        if done >= len(wanted):
            return dg.SkipReason("nothing")
        config = {"ops": {f"{job.name}_step": {"config": {"reason": wanted[done]}}}}
        return dg.SensorResult(
            [dg.RunRequest(wanted[done], run_config=config, tags={"of": "life"})], cursor=str(done + 1)
        )

    return life


def test_all_that_sensors_ask_for_is_run_in_turn(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    ran: Asked = []
    job = job_of("retrain", ran)
    definitions = dg.Definitions(jobs=[job], sensors=[asking(job, ["a", "b"])], resources={"bench": bench()})
    session = session_of(definitions, instance, tmp_path)
    found = follow_up(session, MONDAY)
    assert [(run.by, run.job, run.run_key, run.outcome.problems) for run in found] == [
        ("life", "retrain", "a", []),
        ("life", "retrain", "b", []),
    ]
    assert ran == [(run.job, {"reason": run.run_key, "until": "2026-06-01T08:00:00", "since": None}) for run in found]
    run = instance.get_run_by_id(found[0].outcome.run_id)
    assert run is not None
    assert run.tags["of"] == "life" and run.tags["dagster/run_key"] == "a" and run.tags["dagster/sensor_name"] == "life"
    assert follow_up(session, MONDAY + DAY) == []


def test_a_cursor_moves_only_after_success(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    ran: Asked = []
    broken = True
    job = job_of("retrain", ran, fails=lambda: broken)
    wanted = ["a"]
    definitions = dg.Definitions(jobs=[job], sensors=[asking(job, wanted)], resources={"bench": bench()})
    session = session_of(definitions, instance, tmp_path)
    [failed] = follow_up(session, MONDAY)
    assert "it can't be done" in failed.outcome.problems[0]
    broken, wanted[0] = False, "a#2"
    [done] = follow_up(session, MONDAY + DAY)
    assert done.run_key == "a#2" and not done.outcome.problems


def test_what_has_been_run_isnt_run_again(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """As the daemon: a run of the same key exists; a process killed before it moved the cursor does nothing twice."""
    ran: Asked = []
    job = job_of("retrain", ran)

    @dg.sensor(name="life", job=job)
    def life(context: dg.SensorEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest("only once")

    definitions = dg.Definitions(jobs=[job], sensors=[life], resources={"bench": bench()})
    session = session_of(definitions, instance, tmp_path)
    assert len(follow_up(session, MONDAY)) == 1
    assert follow_up(session, MONDAY + DAY) == []
    assert len(ran) == 1


def test_a_sensor_that_never_stops_asking_is_told(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    job = job_of("retrain", [])
    definitions = dg.Definitions(
        jobs=[job], sensors=[asking(job, [str(n) for n in range(100)])], resources={"bench": bench()}
    )
    with pytest.raises(HarkenError, match="life"):
        follow_up(session_of(definitions, instance, tmp_path), MONDAY)


def test_schedules_are_kept_by_the_simulated_clock(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    ran: Asked = []
    weekly, daily = job_of("challenge", ran), job_of("daily", ran)
    schedules = [
        dg.ScheduleDefinition(name="weekly", job=weekly, cron_schedule="0 9 * * 1", execution_timezone="Europe/Berlin"),
        dg.ScheduleDefinition(name="daily", job=daily, cron_schedule="0 7 * * *"),
    ]
    definitions = dg.Definitions(jobs=[weekly, daily], schedules=schedules, resources={"bench": bench()})
    session = session_of(definitions, instance, tmp_path)
    # Monday 09:00 in Berlin is 07:00 UTC: between the clocks of Sunday and of Monday.
    kept = {d: [run.job for run in follow_up(session, MONDAY + d * DAY, MONDAY + (d + 1) * DAY)] for d in range(-2, 8)}
    assert {d for d, jobs in kept.items() if jobs == ["challenge"]} == {-1, 6}
    assert [run for run in ran if run[0] == "daily"] == []
    assert follow_up(session, MONDAY - DAY, MONDAY) == [], "a tick is kept once"
    assert datetime(2026, 6, 1, 7, tzinfo=UTC).weekday() == 0
