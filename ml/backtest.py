"""Replaying history: what would have been predicted each day, by models that knew only what was mature then."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ml.settings import LearningSettings
from ml.task import AS_OF, LearningError, PredictionTask
from ml.train import learnable_rows, train

Learner = Callable[[pd.DataFrame, pd.Timestamp], Callable[[pd.DataFrame], np.ndarray]]
COLUMNS = ("as_of", "moment_kind", "p", "model", "trained_to")


def backtest(
    task: PredictionTask,
    frame: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    every: pd.Timedelta,
    seed: int = 0,
    *,
    settings: LearningSettings | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Predictions for every row of `frame` with as_of in [start, end), by the newest model before it.

    `frame` has features, moment_kind, label, matures_at and event_visible_from of all rows, those before `start` too.
    A model is trained at `start` and every `every` after it. Columns: entity key and COLUMNS.
    """

    def learn(rows: pd.DataFrame, at: pd.Timestamp) -> Callable[[pd.DataFrame], np.ndarray]:
        known = learnable_rows(task, rows, at, settings)
        model = train(task, known, trained_to=at, seed=seed, settings=settings)
        found = model.provenance
        progress(f"trained to {at:%Y-%m-%d %H:%M} on {found.rows} rows with {found.positives} positives")
        return model.predict

    return replay(task, frame, start, end, every, learn, name="catboost")


def replay(
    task: PredictionTask,
    frame: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    every: pd.Timedelta,
    learn: Learner,
    *,
    name: str,
) -> pd.DataFrame:
    """As `backtest`, for any learner: `learn(earlier rows, moment)` gives a function from rows to probabilities.

    The earlier rows hold immature ones too: a learner takes those that `mature_rows` or `learnable_rows` leaves.
    """
    if every <= pd.Timedelta(0):
        raise LearningError("the backtest's --every must be longer than nothing")
    parts = []
    at = start
    while at < end:
        until = min(at + every, end)
        rows = frame[((frame[AS_OF] >= at) & (frame[AS_OF] < until)).to_numpy(bool)]
        if len(rows):
            predict = learn(frame[(frame[AS_OF] < at).to_numpy(bool)], at)
            part = rows[[task.entity_key, AS_OF, "moment_kind"]].copy()
            parts.append(part.assign(p=predict(rows), model=f"{name}-{at:%Y%m%d}", trained_to=at))
        at = until
    if not parts:
        raise LearningError(f"task {task.name}: no feature row with as_of in [{start}, {end})")
    return pd.concat(parts, ignore_index=True)[[task.entity_key, *COLUMNS]]
