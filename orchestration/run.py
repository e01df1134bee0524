"""Runs the daily job in this process on the home's Dagster instance, so that the UI shows it as any other run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.report import Report
from orchestration.settings import Settings
from orchestration.workbench import Window
from warehouse.errors import HarkenError
from warehouse.home import open_home

if TYPE_CHECKING:
    from ml.task import PredictionTask


# By this tag the UI lists a run under its job; a run that it starts itself gets it too.
REPOSITORY_TAG = {".dagster/repository": "__repository__@harken"}


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `problems` is empty exactly when all of it succeeded."""

    run_id: str
    problems: list[str] = field(default_factory=list)


def run_job(
    settings: Settings,
    window: Window = Window(),  # noqa: B008 - frozen
    report: Report | None = None,
    tasks: Mapping[str, PredictionTask] | None = None,
    dbt_project_dir: Path | None = None,
    job: str = "daily",
    suites: Sequence[str] | None = None,
) -> Outcome:
    """Run one job: `daily` (land, build, validate, train if there is no champion, score, publish) or `build`.

    Raises WarehouseLocked when another process writes; anything else that fails is in the outcome.
    """
    settings.apply_environment()
    home = open_home(settings.home)
    report = report or Report()

    from warehouse.lock import writer_lock

    with writer_lock(home, f"harken, job {job}", settings.lock_wait_seconds):
        from orchestration.definitions import DBT_PROJECT, SUITES, build_definitions
        from orchestration.instance import open_instance

        definitions = build_definitions(
            settings, tasks, dbt_project_dir or DBT_PROJECT, report=report, suites=suites or SUITES
        )
        run_id = str(uuid.uuid4())
        with open_instance(home) as instance:
            result = definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                run_id=run_id,
                raise_on_error=False,
                tags=REPOSITORY_TAG,
                run_config={
                    "resources": {"bench": {"config": _config(window)}},
                    # The report is what the person sees; Dagster's own log stays in its storage.
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            )
        # Dagster counts a step that was skipped for want of its inputs as no failure; what it waited for has failed.
        whole = result.success and not any(line.failed for line in report.steps)
        problems = [] if whole else _problems(result, report)
    return Outcome(run_id, problems)


def _config(window: Window) -> dict[str, str | None]:
    return {
        "until": window.until.isoformat() if window.until else None,
        "since": window.since.isoformat() if window.since else None,
    }


def _problems(result: Any, report: Report) -> list[str]:
    """Each failure once, the root causes first; a step that only waited for a failed one isn't a failure."""
    told = [f"{line.name}: {line.failed}" for line in report.steps if line.failed]
    if told:
        return told
    found = []
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        if error is not None:
            while error.cause is not None:
                error = error.cause
            found.append(error.message.strip().splitlines()[0])
    return found or ["the run failed; see it in `harken ui`"]


def raise_problems(outcome: Outcome) -> None:
    """Turn a failed outcome into the one line a person sees."""
    if outcome.problems:
        raise HarkenError("the run isn't complete: " + "; ".join(dict.fromkeys(outcome.problems)))
