"""The jobs that change which model a task uses, and the sensors and schedules that ask for them.

What belongs here: jobs, sensors, schedules of models. What doesn't: the decisions (`ml/lifecycle.py`, `ml/promote.py`).

A sensor only reads what the daily job has written about the model's life into Dagster's own storage, so that it needs
no lock and no time. It asks again until the run it asked for has succeeded: then its cursor moves on.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.defs.monitoring import lifecycle_key, lifecycle_metadata
from orchestration.workbench import Workbench
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from ml.task import PredictionTask
    from orchestration.settings import Settings

RUN_KEY_TAG = "harken/decision"
MOST_ATTEMPTS = 3
LOOK_SECONDS = 15

# What a job does, by the second half of its name; `harken` commands and sensors use the same jobs.
JOBS = {
    "retrain": "Train a candidate on what has matured, on the window that proves best; it scores in the shadow.",
    "promote": "Make a version the champion. Asked for by the evidence, or by a person with a reason.",
    "refuse": "Take the candidate out of the shadow.",
    "rollback": "Make the champion before this one champion again.",
    "accept": "Take a suspected source fault for a change that is meant; without one, a suspected drift.",
    "challenge": "Train a challenger that stops a few weeks ago and compare it with the champion on the weeks since.",
    "backtest": "Replay the last weeks with a model retrained each week, and keep the figures.",
}


def model_jobs(task: "PredictionTask") -> dict[str, dg.JobDefinition]:
    """What it does -> the job of this task."""
    return {what: _job(task, what, described) for what, described in JOBS.items()}


def _job(task: "PredictionTask", what: str, described: str) -> dg.JobDefinition:
    text = dg.Field(dg.Noneable(str), default_value=None, is_required=False)

    @dg.op(
        name=f"{task.name}_{what}_step",
        description=described,
        config_schema={"run_key": text, "version": text, "reason": text},
        required_resource_keys={"bench"},
    )
    def step(context: dg.OpExecutionContext) -> None:
        from ml.task import LearningError
        from orchestration.steps import models

        bench: Workbench = context.resources.bench
        act: Callable[..., Any] = getattr(models, what)
        with bench.step(f"{task.name}: {what}", task.name) as line:
            asked = models.Asked(**context.op_config)
            try:
                standing = act(bench, task, asked)
            except LearningError as error:
                raise HarkenError(str(error)) from error
            line.note = standing.note
        metadata = lifecycle_metadata(standing, asked.run_key or "")
        context.log_event(dg.AssetMaterialization(lifecycle_key(task.name), metadata=metadata))

    @dg.job(
        name=f"{task.name}_{what}",
        description=described,
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        step()

    return job


def step_config(task: str, what: str, **asked: str | None) -> dict[str, Any]:
    """Run configuration of one of the jobs."""
    return {"ops": {f"{task}_{what}_step": {"config": {k: v for k, v in asked.items() if v is not None}}}}


def lifecycle_sensor(
    task: "PredictionTask", jobs: Mapping[str, dg.JobDefinition], settings: "Settings"
) -> dg.SensorDefinition:
    """Asks for the job that the task's lifecycle wants, until it has been carried out once."""

    def look(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        from orchestration.instance import close_dead_runs

        # A run whose process was killed would hold the only place in the queue for ever.
        close_dead_runs(context.instance, settings.home)
        return _asked(context, task.name, settings)

    return dg.SensorDefinition(
        name=f"{task.name}_lifecycle",
        evaluation_fn=look,
        jobs=list(jobs.values()),
        minimum_interval_seconds=LOOK_SECONDS,
        description=f"Retrains, promotes, refuses or rolls back `{task.name}` as its lifecycle decides.",
        default_status=dg.DefaultSensorStatus.STOPPED,
    )


def _asked(context: dg.SensorEvaluationContext, task: str, settings: "Settings") -> dg.RunRequest | dg.SkipReason:
    event = context.instance.get_latest_materialization_event(lifecycle_key(task))
    standing = event.asset_materialization.metadata if event and event.asset_materialization else {}
    told = {name: str(value.value) for name, value in standing.items()}
    action, run_key = told.get("action", ""), told.get("run_key") or told.get("carried_out", "")
    if not run_key:
        return dg.SkipReason("nothing is asked for")
    if context.cursor == run_key:
        return dg.SkipReason(f"{run_key} has been carried out")
    runs = context.instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: run_key}))
    if any(run.status == dg.DagsterRunStatus.SUCCESS for run in runs):
        context.update_cursor(run_key)
        return dg.SkipReason(f"{run_key} has been carried out")
    if not action:
        return dg.SkipReason(f"{run_key} was carried out by hand")
    if any(not run.is_finished for run in runs):
        return dg.SkipReason(f"{run_key} is under way")
    if len(runs) >= MOST_ATTEMPTS:
        return dg.SkipReason(f"{run_key} has failed {len(runs)} times: see its runs, and start the job by hand")
    from warehouse.home import open_home
    from warehouse.lock import lock_holder

    holder = lock_holder(open_home(settings.home), besides_us=True)
    if holder is not None:
        return dg.SkipReason(f"{run_key} waits: the warehouse is in use by {holder}")
    attempt = f"{run_key}#{len(runs) + 1}"
    return dg.RunRequest(
        run_key=attempt,
        job_name=f"{task}_{action}",
        run_config=step_config(task, action, run_key=run_key, version=told["version"] or None),
        tags={RUN_KEY_TAG: run_key},
    )


def model_schedules(
    task: "PredictionTask", jobs: Mapping[str, dg.JobDefinition], settings: "Settings"
) -> list[dg.ScheduleDefinition]:
    """Weekly a challenger, also without drift; monthly a backtest. Stopped until somebody turns them on."""
    return [
        dg.ScheduleDefinition(
            name=f"{task.name}_{what}",
            job=jobs[what],
            cron_schedule=cron,
            execution_timezone=settings.time_zone,
            default_status=dg.DefaultScheduleStatus.STOPPED,
            description=JOBS[what],
        )
        for what, cron in (("challenge", settings.challenger_schedule), ("backtest", settings.backtest_schedule))
    ]
