"""Metrics of probabilities and rankings, each with a bootstrap interval by entity.

Every metric takes row weights, so that a resample of entities is a weight for each row and
nothing is copied or sorted anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.task import AS_OF, LABEL, PredictionTask

Weighted = Callable[[np.ndarray], float]
BINS = 10


@dataclass(frozen=True)
class Interval:
    """A value with its bootstrap interval over resampled entities: of 95 % unless its maker was asked for another."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def average_precision(label: np.ndarray, score: np.ndarray) -> Weighted:
    """Weighted average precision (PR-AUC), tied scores taken together, as scikit-learn counts it."""
    order = np.argsort(-score, kind="stable")
    y, last = label[order].astype(np.float64), _ends_of_ties(score[order])

    def value(weights: np.ndarray) -> float:
        w = weights[order]
        hits, taken = np.cumsum(w * y)[last], np.cumsum(w)[last]
        if hits[-1] == 0:
            return np.nan
        precision = np.divide(hits, taken, out=np.zeros_like(hits), where=taken > 0)
        return float((np.diff(hits, prepend=0.0) * precision).sum() / hits[-1])

    return value


def roc_auc(label: np.ndarray, score: np.ndarray) -> Weighted:
    """Weighted area under the ROC curve; ties count half."""
    order = np.argsort(-score, kind="stable")
    y, last = label[order].astype(np.float64), _ends_of_ties(score[order])

    def value(weights: np.ndarray) -> float:
        w = weights[order]
        hits, misses = np.cumsum(w * y)[last], np.cumsum(w * (1 - y))[last]
        if hits[-1] == 0 or misses[-1] == 0:
            return np.nan
        heights = (hits + np.r_[0.0, hits[:-1]]) / 2
        return float((np.diff(misses, prepend=0.0) * heights).sum() / (hits[-1] * misses[-1]))

    return value


def brier(label: np.ndarray, score: np.ndarray) -> Weighted:
    """Mean squared distance of probability and outcome."""
    squared = (score - label) ** 2
    return lambda weights: _ratio(_dot(weights, squared), weights.sum())


def expected_calibration_error(label: np.ndarray, score: np.ndarray) -> Weighted:
    """Mean gap between predicted and observed share over ten bins of equal size, weighted by the bins' rows."""
    ranks = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    bins = ranks * BINS // max(len(score), 1)
    gap = score - label

    def value(weights: np.ndarray) -> float:
        return _ratio(np.abs(np.bincount(bins, weights * gap, minlength=BINS)).sum(), weights.sum())

    return value


def flagged_at_capacity(at: np.ndarray, score: np.ndarray, capacity: float) -> np.ndarray:
    """True for the rows within the reviewed share of their moment: the first ceil(capacity x rows) by score.

    Ties go to the row that stands first, as a reviewer with a fixed number of places must choose.
    """
    by_moment = pd.Series(score).groupby(pd.Series(at))
    rank = by_moment.rank(method="first", ascending=False).to_numpy()
    return rank <= np.ceil(capacity * by_moment.transform("size").to_numpy())


def precision_at(label: np.ndarray, flagged: np.ndarray) -> Weighted:
    """Share of reviewed rows that are positive."""
    hits, taken = (flagged & label).astype(np.float64), flagged.astype(np.float64)
    return lambda weights: _ratio(_dot(weights, hits), _dot(weights, taken))


def recall_at(label: np.ndarray, flagged: np.ndarray) -> Weighted:
    """Share of positive rows that are reviewed."""
    hits, there = (flagged & label).astype(np.float64), label.astype(np.float64)
    return lambda weights: _ratio(_dot(weights, hits), _dot(weights, there))


def recall_caught(label: np.ndarray, flagged: np.ndarray, entity: np.ndarray) -> Weighted:
    """Share of entities with a positive row that were reviewed on at least one of their positive rows."""
    codes = entity[label]
    caught = pd.Series(flagged[label]).groupby(codes).any()
    first = pd.Series(np.flatnonzero(label)).groupby(codes).first().reindex(caught.index).to_numpy(int)
    caught_values = caught.to_numpy(np.float64)
    return lambda weights: _ratio(_dot(weights[first], caught_values), weights[first].sum())


def metric_functions(task: PredictionTask, rows: pd.DataFrame, score: np.ndarray) -> dict[str, Weighted]:
    """The task's metrics of one score over `rows` (entity key, as_of, label), ready for any row weights.

    Brier score and calibration error are left out where `score` isn't a probability.
    """
    label = rows[LABEL].to_numpy(bool)
    flagged = flagged_at_capacity(rows[AS_OF].to_numpy(), score, task.capacity)
    entity = pd.factorize(rows[task.entity_key])[0]
    functions = {
        "pr_auc": average_precision(label, score),
        "roc_auc": roc_auc(label, score),
        "precision_at_capacity": precision_at(label, flagged),
        "recall_at_capacity": recall_at(label, flagged),
        "recall_caught": recall_caught(label, flagged, entity),
    }
    if score.min() >= 0 and score.max() <= 1:
        functions["brier"] = brier(label, score)
        functions["calibration_error"] = expected_calibration_error(label, score)
    return functions


def entity_resamples(entity: pd.Series, count: int, seed: int) -> np.ndarray:
    """Row weights (count x rows, uint8) of bootstrap resamples of whole entities. Bytes: 200 x 60,000 is 12 MB."""
    codes, unique = pd.factorize(entity)
    random = np.random.default_rng(seed)
    draws = random.poisson(1.0, size=(count, len(unique))).astype(np.uint8)
    return draws[:, codes]


def with_intervals(
    functions: dict[str, Weighted], resamples: np.ndarray, weight: np.ndarray | None = None, level: float = 0.95
) -> dict[str, Interval]:
    """Each metric with its interval over the same resamples. `weight` multiplies the rows' weights (ones if None)."""
    own = np.ones(resamples.shape[1]) if weight is None else np.asarray(weight, np.float64)
    weighted = (row * own for row in resamples)  # one at a time: a thousand of them as doubles fill the memory
    draws = np.array([[f(w) for f in functions.values()] for w in weighted]).reshape(-1, len(functions))
    return {name: _interval(f(own), draws[:, k], level) for k, (name, f) in enumerate(functions.items())}


def evaluate(
    task: PredictionTask,
    rows: pd.DataFrame,
    score: np.ndarray,
    *,
    bootstraps: int,
    seed: int,
    weight: np.ndarray | None = None,
) -> dict[str, Interval]:
    """All metrics of `score` over `rows`, with intervals by entity. Empty where no row or only one class is there.

    Rows with a `weight` of 0 still take their place in the ranking by capacity: they were on the list too.
    """
    counted = rows[LABEL] if weight is None else rows[LABEL][weight > 0]
    if counted.nunique() < 2:
        return {}
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    return with_intervals(metric_functions(task, rows, np.asarray(score, dtype=np.float64)), resamples, weight)


def paired_difference(
    task: PredictionTask,
    rows: pd.DataFrame,
    ours: np.ndarray,
    theirs: np.ndarray,
    *,
    metric: str = "pr_auc",
    bootstraps: int,
    seed: int,
    weight: np.ndarray | None = None,
    level: float = 0.95,
) -> Interval:
    """Metric of `ours` minus metric of `theirs` on the same rows, resampled by entity in pairs."""
    a = metric_functions(task, rows, np.asarray(ours, dtype=np.float64))[metric]
    b = metric_functions(task, rows, np.asarray(theirs, dtype=np.float64))[metric]
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    return with_intervals({metric: lambda weights: a(weights) - b(weights)}, resamples, weight, level)[metric]


def _interval(value: float, draws: np.ndarray, level: float) -> Interval:
    draws = draws[~np.isnan(draws)]
    if len(draws) == 0:
        return Interval(value, np.nan, np.nan)
    low, high = np.percentile(draws, [50 * (1 - level), 50 * (1 + level)])
    return Interval(value, float(low), float(high))


def _ends_of_ties(sorted_score: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.r_[sorted_score[1:] != sorted_score[:-1], True])


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    """Not `a @ b`: BLAS gives parts of long vectors to threads, which wait for each other on busy cores (a hundred
    times as long) and add up in an order that depends on how many they are."""
    return float(np.einsum("i,i->", a, b))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
