"""Dagster's own storage in the home: runs made by the command line and by the UI stand in one list."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.home import Home, open_home

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

DEAD = "The process of this run ended without finishing (killed). The next run goes on."
# SQLite inside DAGSTER_HOME, as by default but for connections kept open (see storage.py). Compute logs would need two
# more processes for every run; what a step says is in its events.
DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: orchestration.storage
  class: OpenEventLogStorage
  config:
    base_dir: "{base}/history/runs"
run_storage:
  module: orchestration.storage
  class: OpenRunStorage
  config:
    base_dir: "{base}/history"
schedule_storage:
  module: dagster._core.storage.schedules
  class: SqliteScheduleStorage
  config:
    base_dir: "{base}/schedules"
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def prepare(home: Home) -> None:
    """Write dagster.yaml. It is Harken's, written anew when the home has moved or Harken has changed it."""
    file = home.dagster / "dagster.yaml"
    wanted = DAGSTER_YAML.format(base=json.dumps(str(home.dagster))[1:-1])
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        file.write_text(wanted, encoding="utf-8")


def open_instance(home: Home) -> DagsterInstance:
    """The instance of this home."""
    from dagster import DagsterInstance

    prepare(home)
    return DagsterInstance.from_config(str(home.dagster))


# From a run's start to its lock it takes some ten seconds, loading what there is to run.
STARTING_SECONDS = 120.0
ENDING_SECONDS = 2.0


def close_dead_runs(instance: DagsterInstance, home_folder: Path) -> int:
    """Mark runs as failed that say they run while nobody holds the writer's lock; for who doesn't hold it.

    A run started a moment ago may not have the lock yet, and one that ends has let go of it already: the first are left
    alone, and the others are looked at twice.
    """
    from warehouse.lock import lock_holder

    home = open_home(home_folder)
    if not _lingering(instance) or lock_holder(home) is not None:
        return 0
    time.sleep(ENDING_SECONDS)
    lingering = _lingering(instance)
    if lock_holder(home) is not None:
        return 0
    for run in lingering:
        instance.report_run_failed(run, DEAD)
    return len(lingering)


def _lingering(instance: DagsterInstance) -> list[DagsterRun]:
    """Runs that said minutes ago that they start or run, and haven't said since that they ended."""
    from dagster import DagsterRunStatus, RunsFilter

    living = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    before = time.time() - STARTING_SECONDS
    records = instance.get_run_records(RunsFilter(statuses=living))
    return [r.dagster_run for r in records if r.update_timestamp.timestamp() < before]


def close_orphaned_runs(instance: DagsterInstance, besides: str) -> int:
    """Mark runs as failed whose process is gone. Call it while holding the writer's lock: then no other run lives.

    Without it the UI shows a run killed with -9 as running for ever.
    """
    from dagster import DagsterRunStatus, RunsFilter

    living = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    orphans = [run for run in instance.get_runs(RunsFilter(statuses=living)) if run.run_id != besides]
    for run in orphans:
        instance.report_run_failed(run, DEAD)
    return len(orphans)
