"""How the scores that were given have turned out, once their labels are mature."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ml.evaluate import Interval, evaluate
from ml.task import AS_OF, LABEL, MATURES_AT, PredictionTask

COLUMNS = (
    *("task", "run_id", "clock", "day", "model_version", "metric"),
    *("value", "low", "high", "rows", "positives"),
)


def label_scores(
    task: PredictionTask, scores: pd.DataFrame, events: pd.DataFrame, label_delay: pd.Timedelta
) -> pd.DataFrame:
    """Scores with `label` and `matures_at`, by the same rule as the label view.

    `scores` is shaped as `ml.scores`; `events` has the entity key and the task's event column, one row per entity.
    Scores of entities whose event had happened by then, though unknown, are left out, not negative.
    """
    first = events.groupby(events[task.entity_key].astype(str))[task.event_at].min()
    happened = scores["entity_id"].map(first)
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

    `labelled` comes from `label_scores`. Shaped as `ml.model_performance`; a day with one class only has no ranking
    metrics, but its base rate, mean probability and Brier score.
    """
    mature = labelled[(labelled[MATURES_AT] <= (clock if watermark is None else watermark)).to_numpy(bool)]
    keyed = mature.rename(columns={"entity_id": task.entity_key}) if "entity_id" in mature.columns else mature
    found: list[dict[str, Any]] = []
    for (day, version), group in keyed.groupby([keyed[AS_OF].dt.date, "model_version"], sort=True):
        rows = group.reset_index(drop=True)
        given = {"task": task.name, "run_id": run_id, "clock": clock, "day": day}
        given |= {"model_version": version, "rows": len(rows), "positives": int(rows[LABEL].sum())}
        for metric, interval in _metrics(task, rows, bootstraps, seed).items():
            found.append({**given, "metric": metric, **vars(interval)})
    return pd.DataFrame(found, columns=list(COLUMNS))


def _metrics(task: PredictionTask, rows: pd.DataFrame, bootstraps: int, seed: int) -> dict[str, Interval]:
    """Base rate, mean probability and Brier score always, ranking metrics where both classes are there."""
    squared = (rows["p"] - rows[LABEL]) ** 2
    plain = {"base_rate": rows[LABEL].mean(), "mean_p": rows["p"].mean(), "brier": squared.mean()}
    found = {name: Interval(float(value), float("nan"), float("nan")) for name, value in plain.items()}
    return found | evaluate(task, rows, rows["p"].to_numpy(), bootstraps=bootstraps, seed=seed)
