"""Row weights, and thinning of training sets that are larger than they need to be. All deterministic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.settings import HALF_LIVES, LearningSettings, Member
from ml.task import AS_OF, PredictionTask


def hash_unit(task: PredictionTask, frame: pd.DataFrame, salt: str, *, by_row: bool = True) -> np.ndarray:
    """A number in [0, 1) for each row by a hash of its key (or of its entity): the same in every run and sample."""
    hashed = pd.util.hash_array((frame[task.entity_key].astype(str) + salt).to_numpy(object))
    if by_row:
        seconds = frame[AS_OF].astype("datetime64[s]").astype("int64").to_numpy()
        hashed = pd.util.hash_array(hashed ^ pd.util.hash_array(seconds))
    return hashed.astype(np.float64) / 2.0**64


def thin(task: PredictionTask, frame: pd.DataFrame, most_rows: int) -> pd.DataFrame:
    """At most about `most_rows` rows: the newest half of them whole, and of what is older a share by hash.

    Neither positives nor any kind of moment are favoured, so that the base rates stay what they are.
    """
    if len(frame) <= most_rows:
        return frame
    newest = frame[AS_OF].nlargest(most_rows // 2).min()
    older = (frame[AS_OF] < newest).to_numpy(bool)
    share = (most_rows - most_rows // 2) / max(int(older.sum()), 1)
    return frame[~older | (hash_unit(task, frame, "thin") < share)]


def row_weights(
    task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings, member: Member, now: pd.Timestamp
) -> np.ndarray:
    """Training weights with mean 1: by moment kind, by rows per entity, and by age of the row."""
    weights = np.where(task.headline(frame), 1.0, settings.event_weight)
    if settings.entity_power > 0:
        share = pd.Series(weights).groupby(frame[task.entity_key].to_numpy()).transform("sum").to_numpy()
        weights = weights / share**settings.entity_power
    if member.half_life_days is not None:
        weights = weights * 0.5 ** (np.maximum(age_days(frame, now), 0.0) / member.half_life_days)
    return weights / weights.mean()


def young_enough(frame: pd.DataFrame, member: Member, now: pd.Timestamp) -> np.ndarray:
    """True for rows that still weigh something to a member."""
    if member.half_life_days is None:
        return np.ones(len(frame), bool)
    return age_days(frame, now) <= HALF_LIVES * member.half_life_days


def age_days(frame: pd.DataFrame, now: pd.Timestamp) -> np.ndarray:
    """Days from each row's moment to `now`."""
    return (now - frame[AS_OF]).dt.total_seconds().to_numpy() / 86_400
