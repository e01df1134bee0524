"""What the steps of one run share: the lock, the connection, dbt, and what has failed so far.

It is a Dagster resource: opened once for a run (all steps run in one process), closed at its end. What belongs here:
opening, closing and remembering. What doesn't: the steps themselves (`defs/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orchestration.dbt_runner import DbtRunner
from orchestration.project import Project
from orchestration.report import Report, StepLine
from orchestration.settings import Settings
from orchestration.sql_settings import sql_settings, table_settings_fingerprint
from warehouse.errors import HarkenError
from warehouse.home import Home, open_home

if TYPE_CHECKING:
    import duckdb

    from ml.task import PredictionTask
    from warehouse.contracts import Contracts


DAILY = "daily"


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
    """The state of one run.

    `failed_nodes`: dbt's unique ids of models that failed, or whose test did, with the reason. `whole`: the run is the
    daily job with all its steps, so that a table it hasn't built is one that failed. `nothing_known`: no fact was
    known yet at the run's moment. `kept`: what earlier runs of this process made, each with all that it was made from.
    `explains`: scores carry their reasons and each day has its page; a study, which nobody reads, does without.
    """

    settings: Settings
    contracts: Contracts
    home: Home
    project: Project
    dbt: DbtRunner
    tasks: Mapping[str, PredictionTask]
    suites: Sequence[str]
    con: duckdb.DuckDBPyConnection
    run_id: str
    job: str
    whole: bool
    window: Window
    report: Report
    fingerprint: str
    built_before: dict[str, str]
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))
    failed_nodes: dict[str, str] = field(default_factory=dict)
    built: set[str] = field(default_factory=set)
    branches: dict[str, Branch] = field(default_factory=dict)
    nothing_known: bool = False
    explains: bool = True
    kept: dict[str, Any] = field(default_factory=dict)
    checks_passed: int = 0
    checks_failed: int = 0
    status: str = "running"

    @property
    def facts(self) -> dict[str, Any]:
        """What the steps found, for each other and for the summary."""
        return self.report.facts

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

        from warehouse.operations import clock, clock_set_by, landed, quarantined, replace

        files, rows = landed(self.con, self.run_id)
        self.facts["checks"] = (self.checks_passed, self.checks_failed)
        self.facts["quarantined"] = quarantined(self.con)
        # Until the core step has set it, the warehouse's clock is that of the run before.
        is_set = not self.whole or clock_set_by(self.con) == self.run_id
        row = {
            "run_id": self.run_id,
            "job": self.job,
            "clock": clock(self.con) if is_set else self.window.until,
            "started_at": self.started_at,
            "finished_at": None if status == "running" else datetime.now(UTC).replace(tzinfo=None),
            "status": status,
            "files_landed": files,
            "rows_landed": rows,
            "rows_quarantined": sum(self.facts["quarantined"].values()),
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
        try:
            with self.report.step(name) as line:
                yield line
        except Exception:
            if task is not None:
                self.branch(task).reason = self.branch(task).reason or f"{name}: {line.failed}"
            raise

    @property
    def standing_views(self) -> frozenset[str]:
        """The views that needn't be made again while the project is the same."""
        return self.project.standing_views

    def must_rebuild(self, models: Iterable[str]) -> bool:
        """Whether any of these models was built with other code or settings than now, or never."""
        return any(self.built_before.get(model) != self.fingerprint for model in models)


@contextmanager
def open_workbench(
    settings: Settings,
    tasks: Mapping[str, PredictionTask],
    *,
    run_id: str,
    job: str,
    whole: bool,
    window: Window,
    dbt: DbtRunner,
    report: Report,
    suites: Sequence[str],
    kept: dict[str, Any] | None = None,
) -> Iterator[Workbench]:
    """Take the writer's lock, open the warehouse, tell SQL the settings, and see whether the tables must be rebuilt.

    dbt: kept by the caller, so that runs of one process parse the project once; it lets go of the file at the end.
    kept: by the caller too, what runs of one process make once (`Workbench.kept`).
    Raises WarehouseLocked when another process writes.
    """
    from orchestration.overlay import contracts_of
    from warehouse.connect import connect
    from warehouse.lock import writer_lock
    from warehouse.operations import built_with, close_dead_runs, limit_resources, write_settings

    settings.apply_environment()
    home = open_home(settings.home)
    project, contracts = dbt.project, contracts_of(settings)
    with writer_lock(home, f"harken {job}", settings.lock_wait_seconds):
        con = connect(home, contracts=contracts)
        try:
            limit_resources(con, settings.warehouse_memory, settings.threads)
            bench = Workbench(
                settings=settings,
                contracts=contracts,
                home=home,
                project=project,
                dbt=dbt,
                tasks=tasks,
                suites=suites,
                con=con,
                run_id=run_id,
                job=job,
                whole=whole,
                window=window,
                report=report,
                fingerprint=f"{project.fingerprint}-{table_settings_fingerprint(settings)}",
                built_before=built_with(con),
                kept={} if kept is None else kept,
            )
            if set(bench.built_before.values()) - {bench.fingerprint}:
                report.say("the code or a setting that shapes the tables has changed: building everything anew")
            write_settings(con, **sql_settings(settings))
            close_dead_runs(con)
            bench.record("running")
            yield bench
            if bench.status == "running":
                bench.record(*_early_end(bench))
        finally:
            dbt.close()
            con.close()


def _early_end(bench: Workbench) -> tuple[str, str]:
    """Status and message of a run that hasn't written its own end, as publishing does."""
    failed = [f"{line.name}: {line.failed}" for line in bench.report.steps if line.failed]
    if bench.report.stopped:
        return "killed", "; ".join(failed)
    if failed:
        return "failed", "; ".join(failed)
    return ("killed", "stopped between two steps") if bench.whole else ("succeeded", "")
