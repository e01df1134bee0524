"""Contrasts: whether more than predicted comes true where a feature is high, and less where it's low, or the reverse.

A new rule of what counts rarely follows a queue or a product; it follows what a ticket has been through. Each numeric
feature is a rank, centred such that a rate that is off everywhere alike contributes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.drift.encode import days, is_shared
from ml.prepare import as_numbers
from ml.task import AS_OF, LABEL, PredictionTask

HIGH = 1 / 3  # rank from which on a value is high: the upper third, where there are no ties
LEAST_HIGH = 50  # rows of each side with a high value; of fewer nothing is told
OF_ROWS = frozenset({AS_OF, LABEL, "p", "weight"})


@dataclass(frozen=True)
class Contrast:
    """A feature's centred rank (-1 to 1, 0 for null) in the rows of both sides, and which of the scored ones are high.

    `least` is the least high value.
    """

    column: str
    factor: np.ndarray
    high: np.ndarray
    least: float


def contrasts(task: PredictionTask, promised: pd.DataFrame, scored: pd.DataFrame) -> list[Contrast]:
    """The contrasts of the numeric features that both frames have.

    Left out are columns that grow or tell the calendar (they differ without any change) and those that the tickets of a
    day share, such as loads: a week has few days to tell them by.
    """
    skipped = {task.entity_key, *task.slices, *OF_ROWS}
    found = []
    day = days(promised)
    for column in promised.columns.intersection(scored.columns, sort=False):
        if column in skipped or task.is_growing(column) or task.is_calendar(column):
            continue
        ours, theirs = (as_numbers(side[column]).astype(np.float64) for side in (promised, scored))
        known = np.isfinite(ours)
        reference = np.sort(ours[known])
        if len(reference) == 0 or reference[0] == reference[-1] or is_shared(ours[known], day[known]):
            continue
        before, now = _rank(reference, ours), _rank(reference, theirs)
        if min((before > HIGH).sum(), (now > HIGH).sum()) < LEAST_HIGH:
            continue
        factor = np.r_[_centred(before, promised), _centred(now, scored)]
        found.append(Contrast(column, factor, now > HIGH, float(theirs[now > HIGH].min())))
    return found


def _rank(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mid-rank among the reference, -1 to 1; 0 for null."""
    known = np.isfinite(values)
    found = np.zeros(len(values))
    left, right = np.searchsorted(reference, values[known]), np.searchsorted(reference, values[known], "right")
    found[known] = (left + right) / len(reference) - 1.0
    return found


def _centred(rank: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    p = rows["p"].to_numpy(np.float64)
    mass = rows["weight"].to_numpy(np.float64) * p * (1 - p)
    return rank - float(rank @ mass) / max(float(mass.sum()), 1e-12)
