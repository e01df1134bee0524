"""What the steps of one run share: the lock, the connection, dbt, and what has failed so far.

It is a Dagster resource: opened once for a run (all steps run in one process), closed at its end. What belongs here:
opening, closing and remembering. What doesn't: the steps themselves (`defs/`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.dbt_runner import DbtRunner
from orchestration.project import Project
from orchestration.report import Report, StepLine
from orchestration.settings import Settings
from warehouse.errors import HarkenError
from warehouse.home import Home, open_home

if TYPE_CHECKING:
    import duckdb

    from ml.task import PredictionTask


@dataclass(frozen=True)
class Window:
    """What a run is asked to look at. `until`: its clock. `since`: first day of a back-fill that ends at `until`."""

    until: datetime | None = None
    since: datetime | None = None


@dataclass
class Branch:
    """How far one task came in this run. `reason` says in one line why it stopped."""

    done: bool = False
    reason: str = ""
    empty: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Workbench:
    """The state of one run. `failed_nodes`: dbt's unique ids of models and error tests that failed, with the reason."""

    settings: Settings
    home: Home
    project: Project
    dbt: DbtRunner
    tasks: Mapping[str, PredictionTask]
    con: duckdb.DuckDBPyConnection
    run_id: str
    job: str
    window: Window
    report: Report
    rebuild: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))
    failed_nodes: dict[str, str] = field(default_factory=dict)
    built: set[str] = field(default_factory=set)
    branches: dict[str, Branch] = field(default_factory=dict)
    checks_passed: int = 0
    checks_failed: int = 0
    status: str = "running"
    facts: dict[str, Any] = field(default_factory=dict)

    def branch(self, task: str) -> Branch:
        """The state of a task's branch, begun when first asked for."""
        return self.branches.setdefault(task, Branch())

    def clock(self) -> datetime:
        """The run's moment, once the core step has set it."""
        from warehouse.operations import clock

        moment = clock(self.con)
        if moment is None:
            raise HarkenError("the run has no clock yet: materialise the core assets first")
        return moment

    def record(self, status: str, message: str = "") -> None:
        """Write this run's row of ops.runs."""
        import pandas as pd

        from warehouse.operations import clock, landed, quarantined, replace

        files, rows = landed(self.con, self.run_id)
        row = {
            "run_id": self.run_id,
            "job": self.job,
            "clock": clock(self.con),
            "started_at": self.started_at,
            "finished_at": None if status == "running" else datetime.now(UTC).replace(tzinfo=None),
            "status": status,
            "files_landed": files,
            "rows_landed": rows,
            "rows_quarantined": sum(quarantined(self.con).values()),
            "checks_passed": self.checks_passed,
            "checks_failed": self.checks_failed,
            "snapshot_id": self.facts.get("snapshot_id"),
            "message": message or None,
        }
        self.status = status
        replace(self.con, "ops.runs", pd.DataFrame([row]), {"run_id": self.run_id})

    @contextmanager
    def step(self, name: str, task: str | None = None) -> Iterator[StepLine]:
        """Time a step, print its line, and remember why its task's branch stopped when it raises."""
        line = StepLine(name)
        started = time.monotonic()
        try:
            yield line
        except Exception as error:
            line.failed = one_line(error)
            if task is not None:
                self.branch(task).reason = self.branch(task).reason or f"{name}: {line.failed}"
            raise
        finally:
            line.seconds = time.monotonic() - started
            self.report.step_done(line)


def one_line(error: BaseException) -> str:
    """The cause of an error as one line a person can act on."""
    cause: BaseException = error
    while not isinstance(cause, HarkenError) and cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, HarkenError):
        return str(cause)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"


@contextmanager
def open_workbench(
    settings: Settings,
    tasks: Mapping[str, PredictionTask],
    *,
    run_id: str,
    job: str,
    window: Window,
    dbt_project_dir: Path,
    report: Report,
) -> Iterator[Workbench]:
    """Take the writer's lock, open the warehouse, tell SQL the settings, and see whether the tables must be rebuilt.

    Raises WarehouseLocked when another process writes.
    """
    from warehouse.connect import connect
    from warehouse.lock import writer_lock
    from warehouse.operations import built_with, close_dead_runs, limit_resources

    settings.apply_environment()
    home = open_home(settings.home)
    project = Project(dbt_project_dir, home)
    with writer_lock(home, f"harken {job}", settings.lock_wait_seconds):
        con = connect(home)
        try:
            limit_resources(con, settings.warehouse_memory, settings.threads)
            bench = Workbench(
                settings, home, project, DbtRunner(project, settings.threads), tasks, con, run_id, job, window, report
            )
            before, now = built_with(con), bench_fingerprint(bench)
            bench.rebuild = before != now
            if bench.rebuild and before is not None:
                report.say("the code or a setting that shapes the tables has changed: building everything anew")
            tell_sql(bench)
            close_dead_runs(con)
            bench.record("running")
            yield bench
            if bench.status == "running":
                bench.record("failed" if job == "daily" else "succeeded")
        finally:
            con.close()


def bench_fingerprint(bench: Workbench) -> str:
    """What the tables depend on besides the files: the dbt project and the settings that reach SQL."""
    from orchestration.sql_settings import table_settings_fingerprint

    return f"{bench.project.fingerprint}-{table_settings_fingerprint(bench.settings)}"


def tell_sql(bench: Workbench) -> None:
    """Write the settings that SQL reads into `ops`."""
    from orchestration.sql_settings import sql_settings
    from warehouse.operations import write_settings

    write_settings(bench.con, **sql_settings(bench.settings))
