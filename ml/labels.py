"""Labels as they were known at a moment, for the task's horizon and for shorter ones.

A label is mature when the horizon and the label delay are over. A shorter horizon is mature sooner, so a member of the
ensemble that learns "escalates within four days" may learn from days that are too young for "within seven".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.task import AS_OF, LABEL, MATURES_AT, PredictionTask


def mature_rows(task: PredictionTask, frame: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """The rows of `frame` whose label is mature at `moment`, with the label as it was known then.

    An event that became known only after `moment` hasn't happened yet, as far as one could know.
    """
    rows = frame[(frame[MATURES_AT] <= moment).to_numpy(bool)]
    return rows.assign(**{LABEL: label_known(task, rows, moment)})


def mature(task: PredictionTask, frame: pd.DataFrame, moment: pd.Timestamp, share: float = 1.0) -> np.ndarray:
    """True for rows whose label within `share` of the horizon is mature at `moment`."""
    return (frame[MATURES_AT] - (1.0 - share) * pd.Timedelta(task.horizon) <= moment).to_numpy(bool)


def label_known(task: PredictionTask, frame: pd.DataFrame, moment: pd.Timestamp, share: float = 1.0) -> np.ndarray:
    """Whether the event came within `share` of the horizon after each row, as known at `moment`.

    Without event times (`has_event_times`) only the whole horizon can be told, from the label column.
    """
    if not has_event_times(task, frame):
        return frame[LABEL].to_numpy(bool)
    within = (frame[task.event_at] - frame[AS_OF] <= share * pd.Timedelta(task.horizon)).to_numpy(bool)
    after = (frame[task.event_at] > frame[AS_OF]).to_numpy(bool)
    return within & after & (frame[task.event_known_at] <= moment).to_numpy(bool)


def has_event_times(task: PredictionTask, frame: pd.DataFrame) -> bool:
    """Whether the frame says when the event happened and became known, not only the label."""
    return task.event_at in frame.columns and task.event_known_at in frame.columns
