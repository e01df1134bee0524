"""What watches a task's model: drift of what it is to score, and the life of the model itself.

What belongs here: the two steps and what Dagster shows of them. What doesn't: the statistics (`ml/drift/`), the rules
of a model's life (`ml/lifecycle.py`), the jobs that carry out what is decided (`models.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.defs.dbt_events import CLOCK
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    from ml.task import PredictionTask

OWNER = ["team:data-science"]
# After the task's scores, and before anything is published; also when a check has stopped the scores.
AFTER_SCORES = {"dagster/priority": "-5"}


def lifecycle_key(task: str) -> dg.AssetKey:
    """The asset that says where a task's model stands; its metadata is all that the sensors read."""
    return dg.AssetKey(["ml", f"{task}_lifecycle"])


def drift_key(task: str) -> dg.AssetKey:
    """The asset that compares what is to be scored with the champion's reference."""
    return dg.AssetKey(["ml", f"{task}_drift"])


def drift_asset(task: "PredictionTask", needs: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Compares the day's rows with the champion's reference, before anything is scored from them."""
    check = dg.AssetCheckSpec(
        name="source_fault",
        asset=drift_key(task.name),
        description="A column gone null, a unit changed: the task isn't scored until the export is mended or accepted.",
        blocking=True,
    )

    @dg.asset(
        key=drift_key(task.name),
        description=f"What differs from the training of `{task.name}`'s champion, at a stated false-alarm rate "
        "(in `ml.drift`).",
        group_name="monitoring",
        owners=OWNER,
        kinds={"python", "duckdb"},
        deps=[*needs, CLOCK],
        required_resource_keys={"bench"},
        metadata={"dagster/table_name": "ml.drift"},
        check_specs=[check],
    )
    def drift(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from orchestration.steps.day import run_step
        from orchestration.steps.learn import table_columns

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: drift", task.name) as line:
            found = run_step("drift", bench, task)
            line.rows, line.note = found.rows, found.note
            if found.fault:
                line.failed = found.fault
                bench.branch(task.name).reason = f"suspected source fault: {found.fault}"
            schema = table_columns(bench, "ml.drift")
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": found.rows,
                "dagster/column_schema": schema,
                "verdict": found.note,
                "alarms": dg.MetadataValue.md(found.alarms or "none"),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=check.name,
                    passed=not found.fault,
                    severity=dg.AssetCheckSeverity.ERROR,
                    description=found.fault or None,
                )
            ],
        )

    return drift


def lifecycle_asset(task: "PredictionTask", needs: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Scores in the shadow, judges what has matured, and takes the one step of the model's life that follows."""

    @dg.asset(
        key=lifecycle_key(task.name),
        description=f"Where the model of `{task.name}` stands: quiet, suspected, retraining, … (in `ml.lifecycle`), "
        "and which job is asked for.",
        group_name="monitoring",
        owners=OWNER,
        kinds={"python", "duckdb"},
        deps=needs,
        op_tags=AFTER_SCORES,
        required_resource_keys={"bench"},
        metadata={"dagster/table_name": "ml.lifecycle"},
    )
    def lifecycle(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.steps.day import run_step

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: lifecycle", task.name) as line:
            status = run_step("lifecycle", bench, task)
            line.note = status.note
        return dg.MaterializeResult(metadata=lifecycle_metadata(status))

    return lifecycle


def lifecycle_metadata(standing: Any, carried_out: str = "") -> dict[str, Any]:
    """What the UI shows of a model's standing, and what the sensors read (`action`, `run_key`, `version`).

    `carried_out`: the run key of the job that has just ended.
    """
    page: Path | None = standing.page
    return {
        "state": standing.state,
        "action": standing.action or "",
        "run_key": standing.run_key,
        "version": standing.version or "",
        "reason": standing.reason or "",
        "carried_out": carried_out,
        **({"page": dg.MetadataValue.path(page)} if page else {}),
    }
