"""The metrics of matured rows, with intervals by entity, beside what the champion's out-of-fold rows promised."""

from __future__ import annotations

import math
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


# How far a metric strays from week to week by itself, as a share of it: quiet weeks are harder to rank.
WANDER = 0.05

# Each metric's value and its bootstrap draws.
Drawn = dict[str, tuple[float, np.ndarray]]


def metrics(before: Drawn, now: Drawn) -> dict[str, Metric]:
    """Each metric of `METRICS` from the draws of both sides. Empty where a side has one class."""
    found = {}
    for name in METRICS if before and now else ():
        then, draws_then = before[name]
        value, draws = now[name]
        error = math.hypot(float(np.nanstd(draws_then)), float(np.nanstd(draws)), WANDER * then)
        low, high = np.nanpercentile(draws, [2.5, 97.5])
        p = float(ndtr((value - then) / error)) if error > 0 else 1.0
        found[name] = Metric(then, Interval(value, float(low), float(high)), max(p, 1e-12))
    return found


def drawn(task: PredictionTask, rows: pd.DataFrame, bootstraps: int, seed: int) -> Drawn:
    """The metrics of rows as `judge_matured` takes them, with `weight`; empty where they have one class."""
    if rows[LABEL].nunique() < 2:
        return {}
    weight = rows["weight"].to_numpy(np.float64)
    functions = metric_functions(task, rows, rows["p"].to_numpy(np.float64))
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    return {
        name: (f(weight), np.array([f(weight * draw) for draw in resamples]))
        for name, f in functions.items()
        if name in METRICS
    }
