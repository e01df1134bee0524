"""How the scores that were given have turned out, once their labels are mature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ml.evaluate import Interval, evaluate
from ml.task import AS_OF, LABEL, MATURES_AT, PredictionTask

COLUMNS = (
    *("task", "run_id", "clock", "day", "model_version", "metric"),
    *("value", "low", "high", "rows", "positives"),
)
WEIGHT = "weight"  # of a score among the others (ml/shadow.py, `weights`); one where the column is missing
PROMISED = "promised."
TRAILING_DAYS = 28


def label_scores(
    task: PredictionTask,
    scores: pd.DataFrame,
    events: pd.DataFrame,
    label_delay: pd.Timedelta,
    *,
    known_at: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Scores with `label` and `matures_at`, by the same rule as the label view.

    `scores` is shaped as `ml.scores`; `events` has the entity key and the task's event column, one row per entity.
    Scores of entities whose event had happened by then, though unknown, are left out, not negative.
    With `known_at`, `events` also say when they became known, and later ones haven't happened yet.
    """
    if known_at is not None:
        events = events[(events[task.event_known_at] <= known_at).to_numpy(bool)]
    first = events.groupby(events[task.entity_key].astype(str))[task.event_at].min()
    happened = pd.Series(pd.to_datetime(first.reindex(scores["entity_id"])).to_numpy(), index=scores.index)
    at = scores[AS_OF]
    label = (happened > at) & (happened <= at + task.horizon)
    labelled = scores.copy()
    labelled[LABEL] = label.to_numpy(bool)
    labelled[MATURES_AT] = at + task.horizon + label_delay
    return labelled[~(happened <= at).to_numpy(bool)]


def performance(
    task: PredictionTask,
    labelled: pd.DataFrame,
    clock: pd.Timestamp,
    run_id: str,
    *,
    watermark: pd.Timestamp | None = None,
    bootstraps: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Metrics of given scores by day and model version, over labels mature at `watermark` (the clock by default).

    `labelled` comes from `label_scores`, with a column `weight` where rows count differently. Shaped as
    `ml.model_performance`; a day with one class only has no ranking metrics, but its base rate, mean probability and
    Brier score. `rows` and `positives` count what has any weight.
    """
    keyed = _mature(task, labelled, clock if watermark is None else watermark)
    found: list[dict[str, Any]] = []
    for (day, version), group in keyed.groupby([keyed[AS_OF].dt.date, "model_version"], sort=True):
        metrics = _metrics(task, group.reset_index(drop=True), bootstraps, seed)
        found += _described(task, group, metrics, run_id=run_id, clock=clock, day=day, model_version=version)
    return pd.DataFrame(found, columns=list(COLUMNS))


def trailing_performance(
    task: PredictionTask,
    labelled: pd.DataFrame,
    clock: pd.Timestamp,
    run_id: str,
    *,
    promised: Mapping[str, Mapping[str, float]] | None = None,
    watermark: pd.Timestamp | None = None,
    days: int = TRAILING_DAYS,
    bootstraps: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """As `performance`, over all matured rows of each version in the newest `days` matured days: `day` is null.

    `promised` holds, by model version, the figures of its training (`pr_auc`, `pr_auc.low`, `pr_auc.high`, …): they
    stand beside as `promised.<metric>`, for the metrics that were measured.
    """
    keyed = _mature(task, labelled, clock if watermark is None else watermark)
    if keyed.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    keyed = keyed[(keyed[AS_OF] > keyed[AS_OF].max() - pd.Timedelta(days=days)).to_numpy(bool)]
    found: list[dict[str, Any]] = []
    for version, group in keyed.groupby("model_version", sort=True):
        metrics = _metrics(task, group.reset_index(drop=True), bootstraps, seed)
        metrics |= _promises((promised or {}).get(str(version), {}), metrics)
        found += _described(task, group, metrics, run_id=run_id, clock=clock, day=None, model_version=version)
    return pd.DataFrame(found, columns=list(COLUMNS))


def _mature(task: PredictionTask, labelled: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    mature = labelled[(labelled[MATURES_AT] <= moment).to_numpy(bool)]
    return mature.rename(columns={"entity_id": task.entity_key}) if "entity_id" in mature.columns else mature


def _described(
    task: PredictionTask, rows: pd.DataFrame, metrics: Mapping[str, Interval], **given: Any
) -> list[dict[str, Any]]:
    counted = rows if WEIGHT not in rows.columns else rows[rows[WEIGHT] > 0]
    given |= {"task": task.name, "rows": len(counted), "positives": int(counted[LABEL].sum())}
    return [{**given, "metric": metric, **vars(interval)} for metric, interval in metrics.items()]


def _promises(figures: Mapping[str, float], measured: Iterable[str]) -> dict[str, Interval]:
    nothing = float("nan")
    return {
        f"{PROMISED}{name}": Interval(
            figures[name], figures.get(f"{name}.low", nothing), figures.get(f"{name}.high", nothing)
        )
        for name in measured
        if name in figures
    }


def _metrics(task: PredictionTask, rows: pd.DataFrame, bootstraps: int, seed: int) -> dict[str, Interval]:
    """Base rate, mean probability and Brier score always, ranking metrics where both classes are there."""
    weight = rows[WEIGHT].to_numpy(np.float64) if WEIGHT in rows.columns else None
    squared = (rows["p"] - rows[LABEL]) ** 2
    nothing = float("nan")
    found = {}
    for name, values in (("base_rate", rows[LABEL]), ("mean_p", rows["p"]), ("brier", squared)):
        mean = values.mean() if weight is None else _weighted_mean(values.to_numpy(np.float64), weight)
        found[name] = Interval(float(mean), nothing, nothing)
    return found | evaluate(task, rows, rows["p"].to_numpy(), bootstraps=bootstraps, seed=seed, weight=weight)


def _weighted_mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float(weight @ values / weight.sum()) if weight.sum() > 0 else float("nan")
