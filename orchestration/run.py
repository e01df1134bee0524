"""Runs jobs in this process on the home's Dagster instance, so that the UI shows it as any other run."""

from __future__ import annotations

import gc
import signal
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.report import Report
from orchestration.settings import Settings
from orchestration.workbench import DAILY, Window
from warehouse.errors import INTERRUPTED, HarkenError
from warehouse.home import Home, open_home

if TYPE_CHECKING:
    import dagster as dg
    import duckdb

    from ml.task import PredictionTask


# By this tag the UI lists a run under its job; a run that it starts itself gets it too.
REPOSITORY_TAG = {".dagster/repository": "__repository__@harken"}


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `problems` is empty exactly when all of it succeeded."""

    run_id: str
    problems: list[str] = field(default_factory=list)


@dataclass
class Session:
    """Definitions built once, one Dagster instance and the writer's lock: runs follow one another without a new start.

    `report` collects the lines of the run under way; each run after the first begins it anew. From then on the
    warehouse stays open between runs that succeed, so that it isn't checkpointed and read anew each time.
    """

    settings: Settings
    home: Home
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    report: Report
    _ran: bool = False
    _warehouse: duckdb.DuckDBPyConnection | None = None

    def run(
        self,
        job: str = DAILY,
        window: Window = Window(),  # noqa: B008 - frozen
        run_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        asset_selection: Sequence[dg.AssetKey] | None = None,
    ) -> Outcome:
        """Run one job to its end in this process. What fails is in the outcome.

        `run_config` and `tags` are those of a sensor's or schedule's request; a clock that it sets itself holds.
        Raises KeyboardInterrupt when a signal ended the run: what would follow it isn't wanted either.
        """
        if self._ran:
            self.report.begin()
            self._keep_open()
            _leave_out_of_collections()
        self._ran = True
        run_id = str(uuid.uuid4())
        with own_sigterm():
            result = self.definitions.resolve_job_def(job).execute_in_process(
                instance=self.instance,
                run_id=run_id,
                raise_on_error=False,
                tags={**REPOSITORY_TAG, **(tags or {})},
                asset_selection=asset_selection,
                run_config=self._run_config(window, run_config or {}),
            )
        # Dagster counts a step that was skipped for want of its inputs as no failure; what it waited for has failed.
        whole = result.success and not any(line.failed for line in self.report.steps)
        if not whole:
            self.close()  # an error of the disk leaves DuckDB unusable until the file is opened anew
        if _interrupted(result):
            raise KeyboardInterrupt
        return Outcome(run_id, [] if whole else _problems(result, self.report))

    def close(self) -> None:
        """Let go of the warehouse file."""
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None

    def _keep_open(self) -> None:
        from warehouse.connect import open_file

        if self._warehouse is None and self.home.warehouse_file.exists():
            self._warehouse = open_file(self.home.warehouse_file)

    def _run_config(self, window: Window, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The asked-for configuration with the run's clock. The report is what a person sees: Dagster's own log stays
        in its storage."""
        resources = dict(asked.get("resources", {}))
        if "bench" in (self.definitions.resources or {}):
            resources["bench"] = {"config": {**_config(window), **resources.get("bench", {}).get("config", {})}}
        return {**asked, "resources": resources, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _leave_out_of_collections() -> None:
    """Definitions, manifests and libraries live as long as the process: looking through them for garbage takes a second
    a run."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)


@contextmanager
def own_sigterm() -> Iterator[None]:
    """SIGTERM is handled afterwards as it was before. Dagster leaves it with the handler of SIGINT, which a script's
    `harken loop &` ignores: after the first run nothing but kill -9 would end the process."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():  # no other thread may say what a signal does
            signal.signal(signal.SIGTERM, before)


@contextmanager
def open_session(
    settings: Settings,
    report: Report | None = None,
    tasks: Mapping[str, PredictionTask] | None = None,
    dbt_project_dir: Path | None = None,
    suites: Sequence[str] | None = None,
    holder: str = "harken",
) -> Iterator[Session]:
    """Take the writer's lock and make ready for runs. `holder` is what others are told who find the lock taken.

    Raises WarehouseLocked when another process writes.
    """
    settings.apply_environment()
    home = open_home(settings.home)
    report = report or Report()

    from warehouse.lock import writer_lock

    with writer_lock(home, holder, settings.lock_wait_seconds):
        from orchestration.definitions import DBT_PROJECT, SUITES, build_definitions
        from orchestration.instance import open_instance

        definitions = build_definitions(
            settings, tasks, dbt_project_dir or DBT_PROJECT, report=report, suites=suites or SUITES
        )
        with open_instance(home) as instance:
            session = Session(settings, home, definitions, instance, report)
            try:
                yield session
            finally:
                session.close()
                gc.unfreeze()


def run_job(
    settings: Settings,
    window: Window = Window(),  # noqa: B008 - frozen
    report: Report | None = None,
    tasks: Mapping[str, PredictionTask] | None = None,
    dbt_project_dir: Path | None = None,
    job: str = DAILY,
    suites: Sequence[str] | None = None,
    run_config: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run one job: `daily` (land, build, validate, train if there is no champion, score, publish), `build`, or one of a
    task's model (`defs/models.py`) with the configuration of its step.

    Raises WarehouseLocked when another process writes; anything else that fails is in the outcome.
    """
    with open_session(settings, report, tasks, dbt_project_dir, suites, f"harken, job {job}") as session:
        return session.run(job, window, run_config)


def _config(window: Window) -> dict[str, str | None]:
    return {
        "until": window.until.isoformat() if window.until else None,
        "since": window.since.isoformat() if window.since else None,
    }


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Also where DuckDB made an ordinary error of it outside the steps of the report, which see through that."""
    from dagster._core.events import RunFailureReason

    ends = [event.job_failure_data for event in result.all_events if event.is_job_failure]
    return any(end.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION for end in ends) or any(
        error.cls_name == "RuntimeError" and INTERRUPTED in error.message for error in _errors(result)
    )


def _problems(result: Any, report: Report) -> list[str]:
    """Each failure once, the root causes first; a step that only waited for a failed one isn't a failure."""
    told = [f"{line.name}: {line.failed}" for line in report.steps if line.failed]
    if told:
        return told
    found = [error.message.strip().splitlines()[0] for error in _errors(result)]
    return found or ["the run failed; see it in `harken ui`"]


def _errors(result: dg.ExecuteInProcessResult) -> list[Any]:
    """The root cause of each failure, as Dagster keeps it."""
    found = []
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        if error is not None:
            while error.cause is not None:
                error = error.cause
            found.append(error)
    return found


def raise_problems(outcome: Outcome) -> None:
    """Turn a failed outcome into the one line a person sees."""
    if outcome.problems:
        raise HarkenError("the run isn't complete: " + "; ".join(dict.fromkeys(outcome.problems)))
