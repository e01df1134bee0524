"""Runs a task's suite on what the database measures, and keeps the results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.project import relation_of
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from expectations import FeatureSet, SuiteResult
    from ml.task import PredictionTask


def run_suite(bench: Workbench, task: PredictionTask, manifest: Mapping[str, Any]) -> SuiteResult:
    """Judge the task's features as of the clock; results go to ops.check_results, the page to checks/<run>/."""
    from expectations import gather, suite_for, validate
    from warehouse.operations import replace

    def query(sql: str) -> pd.DataFrame:
        return bench.con.execute(sql).df()

    evidence = gather(query, _feature_set(bench, task, manifest), bench.clock())
    result = validate(suite_for(task.name, bench.suites), evidence, bench.home.checks / bench.run_id)
    frame = result.to_frame(bench.run_id)
    replace(bench.con, "ops.check_results", frame, {"run_id": bench.run_id, "task": task.name})
    bench.checks_passed += sum(r.success for r in result.results)
    bench.checks_failed += sum(not r.success and r.severity == "critical" for r in result.results)
    return result


def _feature_set(bench: Workbench, task: PredictionTask, manifest: Mapping[str, Any]) -> FeatureSet:
    from expectations import FeatureSet
    from orchestration.steps.learn import current_champion

    models = (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
    node = next(n for n in models if relation_of(n) == task.feature_table)
    champion = current_champion(bench, task)
    kinds = champion.model.preparation.kinds if champion and champion.model else None
    return FeatureSet(
        task=task.name,
        feature_table=task.feature_table,
        label_table=task.label_table,
        entity_key=task.entity_key,
        columns={name: info.get("data_type") for name, info in node["columns"].items()},
        roles={name: role for name, info in node["columns"].items() if (role := _role(info))},
        signature=kinds and {name: "double" if kind == "numeric" else "string" for name, kind in kinds.items()},
    )


def _role(column: Mapping[str, Any]) -> str | None:
    meta = column.get("meta") or column.get("config", {}).get("meta") or {}
    role: str | None = meta.get("role")
    return role
