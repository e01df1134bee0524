"""A real daemon that is killed: what a model's life asks for is done, and done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from ml.registry import Registry
from ml.status import Action, State, Status, run_key
from orchestration.defs.models import RUN_KEY_TAG
from orchestration.defs.monitoring import lifecycle_key, lifecycle_metadata
from orchestration.instance import open_instance
from orchestration.steps.lifecycle import standing
from warehouse.connect import connect
from warehouse.home import Home, open_home
from warehouse.operations import read, replace, set_clock

REPOSITORY = Path(__file__).resolve().parents[2]
WORKSPACE = REPOSITORY / "workspace.yaml"
SENSOR = "escalation_lifecycle"
CLOCK = datetime(2026, 4, 20, 8)
ASKED = Status(
    "escalation",
    number=7,
    clock=pd.Timestamp(CLOCK),
    state=State.REFUSED,
    champion="1",
    candidate="2",
    action=Action.REFUSE,
    reason="worse beyond noise",
    memory={"examined": CLOCK.isoformat(), "shadow": {"from": "2026-03-20T08:00:00", "looks": 4, "origin": "drift"}},
)
PATIENCE_SECONDS = 240.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose lifecycle asks for a refusal: the cheapest job there is."""
    found = open_home(tmp_path / "home")
    with connect(found) as con:
        set_clock(con, CLOCK, "earlier")
        replace(con, "ml.lifecycle", pd.DataFrame([ASKED.to_row("earlier")]), {})
    client = Registry(found.mlflow_uri, found.mlflow_artifacts).client()
    client.create_registered_model("escalation")
    for _ in ("1", "2"):
        client.create_model_version("escalation", found.mlflow_artifacts.as_uri())
    with open_instance(found) as instance:
        metadata = lifecycle_metadata(standing(ASKED))
        instance.report_runless_asset_event(dg.AssetMaterialization(lifecycle_key("escalation"), metadata=metadata))
    return found


def environment(home: Home) -> dict[str, str]:
    return {**os.environ, "HARKEN_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)}


@contextmanager
def daemon(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon in a process group of its own; what is left of it at the end is killed."""
    command = [sys.executable, "-m", "dagster._daemon", "run", "--workspace", str(WORKSPACE)]
    with (home.logs / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            command, env=environment(home), cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: str(run_key(ASKED))})))


def wait_for(what: str, seen: Callable[[], bool], home: Home) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        assert time.monotonic() < until, f"no {what}: {(home.logs / 'daemon.log').read_text()[-3000:]}"
        time.sleep(0.2)


def cursor(instance: dg.DagsterInstance) -> str | None:
    states = [s for s in instance.all_instigator_state() if s.instigator_name == SENSOR]
    return getattr(states[0].instigator_data, "cursor", None) if states else None


def test_a_daemon_killed_at_any_point_loses_nothing_and_does_nothing_twice(home: Home) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "dagster", "sensor", "start", SENSOR, "--workspace", str(WORKSPACE)],
        env=environment(home), cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    with open_instance(home) as instance:
        with daemon(home):
            wait_for("run asked for", lambda: bool(runs(instance)), home)
        assert cursor(instance) != run_key(ASKED), "the cursor moved before the run had succeeded"
        with daemon(home):
            wait_for("run that succeeded", lambda: any(r.is_success for r in runs(instance)), home)
        with daemon(home):
            wait_for("cursor that moved on", lambda: cursor(instance) == run_key(ASKED), home)
        assert sum(r.is_success for r in runs(instance)) == 1
    with connect(home, read_only=True) as con:
        life = read(con, "ml.lifecycle", order_by="number")
        events = read(con, "ml.model_events")
    assert life["state"].tolist() == ["refused", "cooling down"]
    assert events["event"].tolist() == ["refused"]
