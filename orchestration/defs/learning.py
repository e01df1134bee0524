"""One branch of the graph for each prediction task: features, suite, champion, drift, scores, published tables.

Built from the task alone, so that a new task needs no line here. Tasks share no step: a failure in one can't stop
another. What belongs here: the order of the steps and what Dagster shows of them. What doesn't: learning (`ml/`).
"""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.defs.dbt_events import CLOCK, DbtAssets, HarkenTranslator
from orchestration.defs.monitoring import drift_asset, drift_key, lifecycle_asset
from orchestration.workbench import Workbench
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from ml.task import PredictionTask

OWNER = ["team:data-science"]


def task_assets(task: "PredictionTask", manifest: Mapping[str, Any], translator: HarkenTranslator) -> list[Any]:
    """All steps of one task. Raises HarkenError when the dbt project has no model for it."""
    tag = f"task:{task.name}"
    features = DbtAssets.of_task(manifest, translator, task.name)
    published = DbtAssets.tagged(manifest, translator, ["layer:published", tag])
    if not features.unique_ids:
        raise HarkenError(f"task {task.name}: no model in dbt_project/models/ carries the tag {tag}")
    return [
        _dbt_step(task, "features", features),
        _suite(task, manifest),
        _model(task),
        drift_asset(task, needs=[_key(task, "model"), table_key(task.feature_table)]),
        _scores(task),
        _performance(task),
        # Not after the scores: where a source fault stops them, the model's life goes on and tells of it.
        lifecycle_asset(task, needs=[_key(task, "model"), table_key(task.label_table), CLOCK]),
        *([_dbt_step(task, "published", published, last=True)] if published.unique_ids else []),
    ]


def table_key(name: str) -> dg.AssetKey:
    """The asset of a dbt model named `schema.table`."""
    return dg.AssetKey(name.split("."))


def _key(task: "PredictionTask", what: str) -> dg.AssetKey:
    return dg.AssetKey(["ml", f"{task.name}_{what}"])


def _dbt_step(task: "PredictionTask", what: str, models: DbtAssets, last: bool = False) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{task.name}_{what}",
        specs=models.specs,
        check_specs=models.check_specs,
        can_subset=True,
        required_resource_keys={"bench"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: {what}", task.name) as line:
            yield from models.build(bench, line, set(context.selected_asset_keys))
            # A table whose own check failed is there, and nothing may read it.
            sound = bench.built - set(bench.failed_nodes)
            missing = [u for u in models.unique_ids if models.key(u) in context.selected_asset_keys and u not in sound]
            if missing:
                names = ", ".join(models.manifest["nodes"][u]["name"] for u in missing)
                causes = [bench.failed_nodes[u] for u in missing if u in bench.failed_nodes]
                line.failed = f"not built: {causes[0] if causes else names}"
                bench.branch(task.name).reason = f"{what} {line.failed}"
            elif last:
                bench.branch(task.name).done = True

    return build


def _suite(task: "PredictionTask", manifest: Mapping[str, Any]) -> dg.AssetChecksDefinition:
    spec = dg.AssetCheckSpec(
        name="suite",
        asset=table_key(task.feature_table),
        description=f"`expectations/suites/{task.name}.py`; a critical expectation that fails stops the task.",
        blocking=True,
        additional_deps=[table_key(task.label_table)],
    )

    @dg.multi_asset_check(specs=[spec], name=f"{task.name}_suite", required_resource_keys={"bench"})
    def suite(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        from orchestration.steps.validate import run_suite

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: suite", task.name) as line:
            result = run_suite(bench, task, manifest)
            line.note = f"{len(result.results) - len(result.failures)} of {len(result.results)} expectations met"
            if not result.success:
                line.failed = result.reason
                bench.branch(task.name).reason = f"checks failed: {result.reason}"
        warned = result.success and bool(result.failures)
        yield dg.AssetCheckResult(
            check_name="suite",
            asset_key=spec.asset_key,
            passed=result.success and not warned,
            severity=dg.AssetCheckSeverity.WARN if result.success else dg.AssetCheckSeverity.ERROR,
            description=result.reason or (result.failures[0].message if warned else None),
            metadata={
                "expectations": dg.MetadataValue.md(_expectation_table(result)),
                **({"page": dg.MetadataValue.path(result.page)} if result.page else {}),
            },
        )

    return suite


def _expectation_table(result: Any) -> str:
    rows = [
        f"| {'met' if r.success else 'FAILED'} | {r.severity} | {r.expectation} | {r.column or ''} | {r.observed} |"
        for r in sorted(result.results, key=lambda r: r.success)
    ]
    return "\n".join(["| | severity | expectation | column | observed |", "|---|---|---|---|---|", *rows])


def _model(task: "PredictionTask") -> dg.AssetsDefinition:
    @dg.asset(
        key=_key(task, "model"),
        description=f"The champion of the task `{task.name}`; trained here when there is none yet.",
        group_name="learning",
        owners=OWNER,
        kinds={"catboost", "mlflow"},
        deps=[table_key(task.feature_table), table_key(task.label_table)],
        required_resource_keys={"bench"},
    )
    def model(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.steps.day import run_step

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: champion", task.name) as line:
            found = run_step("champion", bench, task)
            line.rows, line.note = found.rows, found.note
        return dg.MaterializeResult(metadata=_model_metadata(bench, found))

    return model


def _model_metadata(bench: Workbench, found: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"state": found.note}
    if found.rows is not None:
        metadata["dagster/row_count"] = found.rows
    if found.run_id:
        address = (
            f"http://127.0.0.1:{bench.settings.mlflow_port}/#/experiments/{found.experiment_id}/runs/{found.run_id}"
        )
        metadata |= {"MLflow run": dg.MetadataValue.url(address), "model version": found.model_version}
        metadata |= {"trained to": found.trained_to}
    metadata |= {name: dg.MetadataValue.md(_picture(name, path)) for name, path in found.pictures.items()}
    metadata |= {name: round(float(value), 4) for name, value in found.figures.items() if _is_headline(name)}
    return metadata


def _is_headline(figure: str) -> bool:
    """The figures worth a line here: the model's own and what it has over the baselines. MLflow shows all."""
    if figure.endswith((".low", ".high")):
        return False
    return "." not in figure or figure.startswith("minus.") or figure.endswith(".pr_auc")


def _picture(name: str, path: Path) -> str:
    """A picture inside the metadata itself: the UI serves no files."""
    return f"![{name}](data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()})"


def _scores(task: "PredictionTask") -> dg.AssetsDefinition:
    @dg.asset(
        key=_key(task, "scores"),
        description=f"Probability, rank and reasons of every open {task.entity} at the clock (in `ml.scores`).",
        group_name="learning",
        owners=OWNER,
        kinds={"catboost", "duckdb"},
        deps=[_key(task, "model"), drift_key(task.name), table_key(task.feature_table), CLOCK],
        required_resource_keys={"bench"},
        metadata={"dagster/table_name": "ml.scores"},
    )
    def scores(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.steps.day import run_step
        from orchestration.steps.learn import table_columns

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: scores", task.name) as line:
            line.rows, line.note = run_step("scores", bench, task)
            schema = table_columns(bench, "ml.scores")
        return dg.MaterializeResult(metadata={"dagster/row_count": line.rows, "dagster/column_schema": schema})

    return scores


def _performance(task: "PredictionTask") -> dg.AssetsDefinition:
    @dg.asset(
        key=_key(task, "model_performance"),
        description="How given scores have turned out, once labels are mature (in `ml.model_performance`).",
        group_name="learning",
        owners=OWNER,
        kinds={"python", "duckdb"},
        deps=[_key(task, "scores"), table_key(task.label_table)],
        required_resource_keys={"bench"},
        metadata={"dagster/table_name": "ml.model_performance"},
    )
    def model_performance(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.steps.day import run_step
        from orchestration.steps.learn import table_columns

        bench: Workbench = context.resources.bench
        with bench.step(f"{task.name}: performance", task.name) as line:
            line.rows = run_step("performance", bench, task)
            schema = table_columns(bench, "ml.model_performance")
        return dg.MaterializeResult(metadata={"dagster/row_count": line.rows, "dagster/column_schema": schema})

    return model_performance
