"""Dagster's own storage in the home: runs made by the command line and by the UI stand in one list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from warehouse.home import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance

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


def close_orphaned_runs(instance: DagsterInstance, besides: str) -> int:
    """Mark runs as failed whose process is gone. Call it while holding the writer's lock: then no other run lives.

    Without it the UI shows a run killed with -9 as running for ever.
    """
    from dagster import DagsterRunStatus, RunsFilter

    living = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    orphans = [run for run in instance.get_runs(RunsFilter(statuses=living)) if run.run_id != besides]
    for run in orphans:
        instance.report_run_failed(
            run, "The process of this run ended without finishing (killed). The next run goes on."
        )
    return len(orphans)
