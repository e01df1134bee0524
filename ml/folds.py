"""Rolling folds inside a training window: each is predicted by a model that knew only what was mature before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ml.sample import hash_unit
from ml.settings import LearningSettings
from ml.task import AS_OF, LABEL, MATURES_AT, PredictionTask

LEAST_POSITIVES = 10  # fewer in a fold's training or test rows give no usable curve


@dataclass(frozen=True)
class Fold:
    """Positions (not labels) of the training and test rows in the frame that the folds were made from."""

    start: pd.Timestamp
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Folds:
    """The folds and how they were made. `by entity` is the stopgap for a window too short to roll through time."""

    kind: Literal["rolling", "by entity"]
    folds: tuple[Fold, ...]


def make_folds(task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings) -> Folds:
    """The newest `settings.folds` rolling folds that hold enough positives; split by entity where there's none."""
    rolling = rolling_folds(task, frame, settings)
    return Folds("rolling", rolling) if rolling else Folds("by entity", entity_folds(task, frame, settings.folds))


def rolling_folds(task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings) -> tuple[Fold, ...]:
    """Consecutive test windows that end with the newest rows; training rows are mature at the window's start.

    Windows last `fold_days`, or longer where the frame covers many months (a twelfth of it, at most four weeks), so
    that three of them say more than three weeks would.
    """
    at, matures, label = frame[AS_OF], frame[MATURES_AT], frame[LABEL].to_numpy(bool)
    span_days = (at.max() - at.min()).total_seconds() / 86_400
    days = int(np.clip(span_days / 12, settings.fold_days, max(settings.fold_days, 28)))
    end, found = at.max().ceil("D"), []
    for _ in range(settings.folds):
        start = end - pd.Timedelta(days=days)
        train = np.flatnonzero((matures <= start).to_numpy())
        test = np.flatnonzero(((at >= start) & (at < end)).to_numpy())
        if min(label[train].sum(), label[test].sum()) >= LEAST_POSITIVES:
            found.append(Fold(start, train, test))
        end = start
    return tuple(reversed(found))


def entity_folds(task: PredictionTask, frame: pd.DataFrame, count: int) -> tuple[Fold, ...]:
    """Folds by a hash of the entity. They share the days between training and test, so they look a little too good."""
    part = (hash_unit(frame, [task.entity_key], "fold") * count).astype(int)
    start = frame[AS_OF].min()
    return tuple(Fold(start, np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(count))
