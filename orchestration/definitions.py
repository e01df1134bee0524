"""Builds Dagster's `Definitions` from the settings, the prediction tasks and the dbt manifest.

What belongs here: putting the modules of `defs/` together. What doesn't: any asset of its own. Loading must stay
quick (6 s is the bound, held by a test): heavy imports stand inside the functions that need them, and the manifest is
read, not made, unless the dbt project has changed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.dbt_runner import DbtRunner
from orchestration.defs.dbt_events import DbtAssets, HarkenTranslator
from orchestration.defs.landing import LANDING_STEP, landing_assets
from orchestration.defs.learning import task_assets
from orchestration.defs.models import lifecycle_sensor, model_jobs, model_schedules
from orchestration.defs.publishing import publishing_assets
from orchestration.defs.warehouse import core_assets
from orchestration.overlay import contracts_of, overlay_of
from orchestration.project import Project
from orchestration.report import Report
from orchestration.settings import REPOSITORY, Settings, load_settings
from orchestration.workbench import DAILY, Window, open_workbench
from warehouse.home import open_home

if TYPE_CHECKING:
    from ml.task import PredictionTask

# Dagster warns of a parameter that it gives itself whenever it copies a sensor.
warnings.filterwarnings(
    "ignore", message="Parameter `owners` of initializer `SensorDefinition", category=dg.BetaWarning
)

DBT_PROJECT = REPOSITORY / "dbt_project"
# Packages that hold a task's suite under its name.
SUITES = ("expectations.suites",)


def build_definitions(
    settings: Settings | None = None,
    tasks: Mapping[str, PredictionTask] | None = None,
    dbt_project_dir: Path = DBT_PROJECT,
    resources: Mapping[str, Any] | None = None,
    report: Report | None = None,
    suites: Sequence[str] = SUITES,
) -> dg.Definitions:
    """Everything Dagster knows of Harken.

    Tests give tasks with their packages of suites, a copy of the dbt project, or resources of their own.
    """
    from ml.tasks import all_tasks

    settings = settings or load_settings()
    settings.apply_environment()
    tasks = configured(tasks if tasks is not None else all_tasks(), settings)
    dbt = DbtRunner(Project(dbt_project_dir, open_home(settings.home), overlay_of(settings)), settings.threads)
    manifest = dbt.project.manifest
    fresh_within = timedelta(hours=settings.fresh_within_hours)
    translator = HarkenTranslator(fresh_within)
    assets: list[Any] = [
        landing_assets(contracts_of(settings)),
        core_assets(DbtAssets.tagged(manifest, translator, ["layer:core"])),
    ]
    for task in tasks.values():
        assets += task_assets(task, manifest, translator)
    assets += publishing_assets(manifest, translator, fresh_within)
    daily = dg.define_asset_job(
        DAILY,
        selection=dg.AssetSelection.all(),
        description="Land, build, validate, train if there is no champion, score, publish.",
        executor_def=dg.in_process_executor,
    )
    build = dg.define_asset_job(
        "build",
        selection=dg.AssetSelection.groups("landing", "staging", "core", "features") - _suites(assets),
        description="Land and build up to the features of each task; nothing is trained, scored or published.",
        executor_def=dg.in_process_executor,
    )
    jobs: list[Any] = [daily, build]
    sensors, schedules = [], [_schedule(daily, settings)]
    for task in tasks.values():
        of_task = model_jobs(task)
        jobs += of_task.values()
        sensors.append(lifecycle_sensor(task, of_task, settings))
        schedules += model_schedules(task, of_task, settings)
    return dg.Definitions(
        assets=[asset for asset in assets if not isinstance(asset, dg.AssetChecksDefinition)],
        asset_checks=[asset for asset in assets if isinstance(asset, dg.AssetChecksDefinition)],
        jobs=jobs,
        sensors=sensors,
        schedules=schedules,
        executor=dg.in_process_executor,
        resources={"bench": _bench(settings, tasks, dbt, report, suites), **(resources or {})},
    )


def _suites(assets: list[Any]) -> dg.AssetSelection:
    checks = [key for asset in assets if isinstance(asset, dg.AssetChecksDefinition) for key in asset.check_keys]
    return dg.AssetSelection.checks(*checks)


def configured(tasks: Mapping[str, PredictionTask], settings: Settings) -> dict[str, PredictionTask]:
    """The tasks with the horizon and capacity that the settings give."""
    horizon = timedelta(days=settings.horizon_days)
    return {
        name: replace(task, horizon=horizon, capacity=settings.capacity or task.capacity)
        for name, task in tasks.items()
    }


def _schedule(job: Any, settings: Settings) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name="daily",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="The daily job. Stopped until somebody turns it on.",
    )


def _bench(
    settings: Settings,
    tasks: Mapping[str, PredictionTask],
    dbt: DbtRunner,
    report: Report | None,
    suites: Sequence[str],
) -> dg.ResourceDefinition:
    """The resource that all steps of a run share; one process, one lock, one connection."""
    kept: dict[str, Any] = {}

    def opened(context: dg.InitResourceContext) -> Iterator[Any]:
        run = context.run
        run_id, job = (run.run_id, run.job_name) if run else ("adhoc", "adhoc")
        config = context.resource_config or {}
        window = Window(until=_moment(config.get("until")), since=_moment(config.get("since")))
        shown = report or Report(tell=lambda line: context.log.info(line) if context.log else None)
        with open_workbench(
            settings,
            tasks,
            run_id=run_id,
            job=job,
            whole=run is not None and _is_whole(run),
            window=window,
            dbt=dbt,
            report=shown,
            suites=suites,
            kept=kept,
        ) as bench:
            if context.instance is not None:
                from orchestration.instance import close_orphaned_runs

                close_orphaned_runs(context.instance, besides=run_id)
            yield bench

    moment = dg.Field(dg.Noneable(str), default_value=None, is_required=False)
    return dg.ResourceDefinition(
        resource_fn=opened,
        config_schema={"until": moment, "since": moment},
        description="The writer's lock, the warehouse and dbt, held for one run. `until`: the run's clock (UTC).",
    )


def _is_whole(run: dg.DagsterRun) -> bool:
    """Whether this is the daily job from its beginning: neither of chosen assets nor a retry of its later steps."""
    steps = run.step_keys_to_execute
    return run.job_name == DAILY and not run.asset_selection and (steps is None or LANDING_STEP in steps)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dg.definitions
def harken() -> dg.Definitions:
    """What `workspace.yaml` loads."""
    return build_definitions()
