"""The figures of one training: the model and its baselines on the same out-of-fold rows, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.baselines import GRADIENT_BOOSTING
from ml.evaluate import Interval, Weighted, entity_resamples, evaluate, metric_functions, with_intervals
from ml.evidence import NEW_ENTITY, PROBABILITY, Evidence
from ml.task import LABEL, PredictionTask

# The metrics that say something on slices where nobody reviews by capacity.
BESIDE = ("pr_auc", "roc_auc", "brier", "calibration_error")


@dataclass(frozen=True)
class Report:
    """Metrics by name. On headline rows: `pr_auc`, …; `event.` other moments; `new.` entities never trained on;
    `<baseline>.` the baselines; `minus.<baseline>` the PR-AUC difference; `lift` over the best simple rule (a ratio).
    """

    metrics: dict[str, Interval]
    best_rule: str | None
    baselines: list[str]
    rows: int
    positives: int

    @property
    def figures(self) -> dict[str, float]:
        """Each metric, with `.low` and `.high` beside it, as they are logged."""
        found: dict[str, float] = {}
        for name, interval in self.metrics.items():
            found |= {name: interval.value, f"{name}.low": interval.low, f"{name}.high": interval.high}
        return found

    def difference(self, baseline: str) -> Interval:
        """PR-AUC of the model minus that of a baseline, in pairs."""
        return self.metrics[f"minus.{baseline}"]


def make_report(
    task: PredictionTask, evidence: Evidence, baselines: list[str], *, bootstraps: int, seed: int
) -> Report:
    """Compare the model with `baselines` (columns of the evidence) on headline rows; other slices beside."""
    rows = headline_rows(task, evidence.rows)
    others = evidence.rows[~task.headline(evidence.rows)].reset_index(drop=True)
    unseen = rows[rows[NEW_ENTITY].to_numpy(bool)].reset_index(drop=True)
    metrics, best = _headline_metrics(task, rows, baselines, bootstraps, seed)
    for prefix, part in (("event", others), ("new", unseen)):
        found = evaluate(task, part, part[PROBABILITY].to_numpy(), bootstraps=bootstraps // 2, seed=seed)
        metrics |= {f"{prefix}.{name}": found[name] for name in BESIDE if name in found}
    return Report(metrics, best, baselines, len(rows), int(rows[LABEL].sum()))


def _headline_metrics(
    task: PredictionTask, rows: pd.DataFrame, baselines: list[str], bootstraps: int, seed: int
) -> tuple[dict[str, Interval], str | None]:
    """Metrics of the model and the baselines, their differences and the lift, all over the same resamples."""
    if not rows[LABEL].any() or rows[LABEL].all():
        return {}, None
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    metrics: dict[str, Interval] = {}
    curves: dict[str, Weighted] = {}
    for name in (PROBABILITY, *baselines):
        functions = metric_functions(task, rows, rows[name].to_numpy(np.float64))
        curves[name] = functions["pr_auc"]
        prefix = "" if name == PROBABILITY else f"{name}."
        metrics |= {prefix + metric: value for metric, value in with_intervals(functions, resamples).items()}
    ours = curves[PROBABILITY]
    for name in baselines:
        metrics |= with_intervals({f"minus.{name}": _minus(ours, curves[name])}, resamples)
    best = _best_rule(metrics, baselines)
    if best is not None:
        metrics |= with_intervals({"lift": _over(ours, curves[best])}, resamples)
    return metrics, best


def _minus(ours: Weighted, theirs: Weighted) -> Weighted:
    return lambda weights: ours(weights) - theirs(weights)


def _over(ours: Weighted, theirs: Weighted) -> Weighted:
    return lambda weights: ours(weights) / max(theirs(weights), 1e-9)


def headline_rows(task: PredictionTask, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows at headline moments; all rows where there's none (a task without them)."""
    headline = task.headline(rows)
    return (rows[headline] if headline.any() else rows).reset_index(drop=True)


def _best_rule(metrics: dict[str, Interval], baselines: list[str]) -> str | None:
    rules = [name for name in baselines if name != GRADIENT_BOOSTING]
    return max(rules, key=lambda name: metrics[f"{name}.pr_auc"].value) if rules else None
