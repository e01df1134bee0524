"""Row weights, and thinning of training sets that are larger than they need to be. All deterministic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.settings import LearningSettings
from ml.task import AS_OF, PredictionTask


def hash_unit(task: PredictionTask, frame: pd.DataFrame, salt: str, *, by_row: bool = True) -> np.ndarray:
    """A number in [0, 1) for each row by a hash of its key (or of its entity): the same in every run and sample."""
    hashed = pd.util.hash_array((frame[task.entity_key].astype(str) + salt).to_numpy(object))
    if by_row:
        seconds = frame[AS_OF].astype("datetime64[s]").astype("int64").to_numpy()
        hashed = pd.util.hash_array(hashed ^ pd.util.hash_array(seconds))
    return hashed.astype(np.float64) / 2.0**64


def thin(task: PredictionTask, frame: pd.DataFrame, most_rows: int) -> pd.DataFrame:
    """At most about `most_rows` rows: the headline moments have first call on two thirds of the room.

    Positives aren't favoured, so that the base rate stays what it is.
    """
    if len(frame) <= most_rows:
        return frame
    headline = task.headline(frame)
    n_headline, n_rest = int(headline.sum()), int((~headline).sum())
    room_headline = min(n_headline, max(2 * most_rows // 3, most_rows - n_rest))
    share = np.where(headline, room_headline / max(n_headline, 1), (most_rows - room_headline) / max(n_rest, 1))
    return frame[hash_unit(task, frame, "thin") < share]


def row_weights(task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings, now: pd.Timestamp) -> np.ndarray:
    """Training weights with mean 1: by moment kind, by rows per entity, and by age of the row."""
    weights = np.where(task.headline(frame), 1.0, settings.event_weight)
    if settings.entity_power > 0:
        share = pd.Series(weights).groupby(frame[task.entity_key].to_numpy()).transform("sum").to_numpy()
        weights = weights / share**settings.entity_power
    if settings.half_life_days is not None:
        age_days = (now - frame[AS_OF]).dt.total_seconds().to_numpy() / 86_400
        weights = weights * 0.5 ** (np.maximum(age_days, 0.0) / settings.half_life_days)
    return weights / weights.mean()
