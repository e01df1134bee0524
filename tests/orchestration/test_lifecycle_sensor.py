"""What the sensor of a model's life asks for: once, again after a failure, and no more once it has been done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from ml.tasks import all_tasks
from orchestration.defs.models import MOST_ATTEMPTS, RUN_KEY_TAG, lifecycle_sensor, model_jobs
from orchestration.defs.monitoring import lifecycle_key, lifecycle_metadata
from orchestration.settings import Settings, load_settings
from orchestration.steps.lifecycle import Standing
from warehouse.home import open_home
from warehouse.lock import writer_lock

KEY = "escalation-7-promote"
ASKS = Standing(state="promoted", action="promote", run_key=KEY, version="3", reason="better beyond noise")
RESTS = Standing(state="cooling down", reason="better beyond noise")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", environment={})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as found:
        yield found


def tick(instance: dg.DagsterInstance, settings: Settings, cursor: str | None = None) -> dg.SensorExecutionData:
    task = all_tasks()["escalation"]
    sensor = lifecycle_sensor(task, model_jobs(task), settings)
    return sensor.evaluate_tick(dg.build_sensor_context(instance, cursor))


def say(instance: dg.DagsterInstance, standing: Standing, carried_out: str = "") -> None:
    metadata = lifecycle_metadata(standing, carried_out)
    instance.report_runless_asset_event(dg.AssetMaterialization(lifecycle_key("escalation"), metadata=metadata))


def ran(instance: dg.DagsterInstance, *ends: dg.DagsterRunStatus) -> None:
    for status in ends:
        create_run_for_test(instance, job_name="escalation_promote", status=status, tags={RUN_KEY_TAG: KEY})


def test_nothing_is_asked_for_where_nothing_was_ever_said(instance: dg.DagsterInstance, settings: Settings) -> None:
    assert tick(instance, settings).skip_message == "nothing is asked for"


def test_a_job_is_asked_for_by_its_key_with_its_version(instance: dg.DagsterInstance, settings: Settings) -> None:
    say(instance, ASKS)
    found = tick(instance, settings)
    [request] = found.run_requests or []
    assert (request.run_key, request.job_name) == (f"{KEY}#1", "escalation_promote")
    assert request.run_config["ops"]["escalation_promote_step"]["config"] == {"run_key": KEY, "version": "3"}
    assert found.cursor != KEY, "the cursor moves once the run has succeeded"


def test_it_is_asked_for_again_after_a_failure_and_not_for_ever(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    say(instance, ASKS)
    for attempt in range(1, MOST_ATTEMPTS):
        ran(instance, dg.DagsterRunStatus.FAILURE)
        [request] = tick(instance, settings).run_requests or []
        assert request.run_key == f"{KEY}#{attempt + 1}"
    ran(instance, dg.DagsterRunStatus.FAILURE)
    assert f"has failed {MOST_ATTEMPTS} times" in (tick(instance, settings).skip_message or "")


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_a_run_under_way_is_waited_for(
    instance: dg.DagsterInstance, settings: Settings, status: dg.DagsterRunStatus
) -> None:
    say(instance, ASKS)
    ran(instance, status)
    assert tick(instance, settings).skip_message == f"{KEY} is under way"


@pytest.mark.parametrize("said", [(ASKS, ""), (RESTS, KEY)])
def test_the_cursor_moves_when_the_run_has_succeeded(
    instance: dg.DagsterInstance, settings: Settings, said: tuple[Standing, str]
) -> None:
    say(instance, *said)
    ran(instance, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)
    found = tick(instance, settings)
    assert (found.cursor, found.run_requests or []) == (KEY, [])
    assert tick(instance, settings, found.cursor).run_requests in (None, [])


def test_it_waits_while_somebody_writes(instance: dg.DagsterInstance, settings: Settings, tmp_path: Path) -> None:
    import subprocess
    import sys

    say(instance, ASKS)
    home = open_home(settings.home)
    holder = (
        "import sys, time\nfrom warehouse.home import open_home\nfrom warehouse.lock import writer_lock\n"
        f"with writer_lock(open_home({str(settings.home)!r}), 'somebody'):\n    print('held', flush=True)\n"
        "    sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert "waits: the warehouse is in use by" in (tick(instance, settings).skip_message or "")
        process.communicate()
    with writer_lock(home, "this process"):
        assert tick(instance, settings).run_requests, "one's own lock is no hindrance: a loop holds it"
