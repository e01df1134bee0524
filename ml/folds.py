"""Rolling folds inside a training window: each is predicted by a model that knew only what was mature before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ml.labels import label_known, mature
from ml.sample import hash_unit
from ml.settings import LearningSettings
from ml.task import AS_OF, LABEL, PredictionTask

LEAST_POSITIVES = 10  # fewer in a fold's training or test rows give no usable curve


@dataclass(frozen=True)
class Fold:
    """One test window. `candidates` and `test` are positions (not labels) in the frame that the folds were made from.

    A candidate may train once its label is mature at `moment`: the window's start, or the end of the whole training
    where folds go by entity.
    """

    moment: pd.Timestamp
    candidates: np.ndarray
    test: np.ndarray

    def train(self, task: PredictionTask, frame: pd.DataFrame, share: float = 1.0) -> np.ndarray:
        """Positions of the rows that may train a model of this share of the horizon."""
        return self.candidates[mature(task, frame.iloc[self.candidates], self.moment, share)]


@dataclass(frozen=True)
class Folds:
    """The folds and how they were made. `by entity` is the stopgap for a window too short to roll through time."""

    kind: Literal["rolling", "by entity"]
    folds: tuple[Fold, ...]


def make_folds(
    task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, settings: LearningSettings
) -> Folds:
    """The newest `settings.folds` rolling folds that hold enough positives; split by entity where there's none."""
    rolling = rolling_folds(task, frame, trained_to, settings)
    if rolling:
        return Folds("rolling", rolling)
    return Folds("by entity", entity_folds(task, frame, trained_to, settings.folds))


def rolling_folds(
    task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, settings: LearningSettings
) -> tuple[Fold, ...]:
    """Consecutive test windows that end with the newest mature rows; candidates lie before the window.

    Windows last `fold_days`, or longer where the frame covers many months (a twelfth of it, at most four weeks), so
    that three of them say more than three weeks would.
    """
    at, label, judged = frame[AS_OF], frame[LABEL].to_numpy(bool), mature(task, frame, trained_to)
    if not judged.any():
        return ()
    end = at[judged].max().ceil("D")
    span_days = (end - at.min()).total_seconds() / 86_400
    days = int(np.clip(span_days / 12, settings.fold_days, max(settings.fold_days, 28)))
    found = []
    for _ in range(settings.folds):
        start = end - pd.Timedelta(days=days)
        test = np.flatnonzero(judged & ((at >= start) & (at < end)).to_numpy(bool))
        fold = Fold(start, np.flatnonzero((at < start).to_numpy(bool)), test)
        train = fold.train(task, frame)
        known = label_known(task, frame.iloc[train], start)
        if min(known.sum(), label[test].sum()) >= LEAST_POSITIVES:
            found.append(fold)
        end = start
    return tuple(reversed(found))


def entity_folds(task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, count: int) -> tuple[Fold, ...]:
    """Folds by a hash of the entity. They share the days between training and test, so they look a little too good."""
    part = (hash_unit(task, frame, "fold", by_row=False) * count).astype(int)
    judged = mature(task, frame, trained_to)
    return tuple(
        Fold(trained_to, np.flatnonzero(part != k), np.flatnonzero((part == k) & judged)) for k in range(count)
    )
