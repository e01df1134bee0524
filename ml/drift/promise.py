"""The metrics of matured rows, with intervals by entity, beside what the champion's out-of-fold rows promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ml.evaluate import Interval, entity_resamples, metric_functions
from ml.task import LABEL, PredictionTask

METRICS = {
    "pr_auc": "PR-AUC",
    "precision_at_capacity": "precision at capacity",
    "recall_at_capacity": "recall at capacity",
    "calibration_error": "calibration error",
}


@dataclass(frozen=True)
class Metric:
    """A metric's promise, its value now with a 95 % interval, and the chance of so low a value if the promise held."""

    promised: float
    now: Interval
    p: float


def metrics(
    task: PredictionTask, promised: pd.DataFrame, scored: pd.DataFrame, bootstraps: int, seed: int
) -> dict[str, Metric]:
    """Each metric of `METRICS`; rows as `judge_matured` takes them, with `weight`. Empty where a side has one class."""
    if promised[LABEL].nunique() < 2 or scored[LABEL].nunique() < 2:
        return {}
    before, now = _drawn(task, promised, bootstraps, seed), _drawn(task, scored, bootstraps, seed + 1)
    found = {}
    for name in METRICS:
        then, draws_then = before[name]
        value, draws = now[name]
        error = float(np.hypot(np.nanstd(draws_then), np.nanstd(draws)))
        low, high = np.nanpercentile(draws, [2.5, 97.5])
        p = float(ndtr((value - then) / error)) if error > 0 else 1.0
        found[name] = Metric(then, Interval(value, float(low), float(high)), max(p, 1e-12))
    return found


def _drawn(task: PredictionTask, rows: pd.DataFrame, bootstraps: int, seed: int) -> dict[str, tuple[float, np.ndarray]]:
    weight = rows["weight"].to_numpy(np.float64)
    functions = metric_functions(task, rows, rows["p"].to_numpy(np.float64))
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    return {
        name: (f(weight), np.array([f(weight * draw) for draw in resamples]))
        for name, f in functions.items()
        if name in METRICS
    }
