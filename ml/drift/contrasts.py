"""Contrasts: whether more than predicted comes true where a feature is high, and less where it's low, or the reverse.

A new rule of what counts rarely follows a queue or a product; it follows what a ticket has been through. Each numeric
feature is a rank, centred such that a rate that is off everywhere alike contributes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.drift.encode import days, is_shared
from ml.prepare import as_numbers
from ml.task import PredictionTask

HIGH = 1 / 3  # rank from which on a value is high: the upper third, where there are no ties
LEAST_HIGH = 50  # rows of each side with a high value; of fewer nothing is told
STEPS = 1_000  # of a rank; a finer one tells no more


@dataclass(frozen=True)
class Contrasts:
    """Features' centred ranks (rows of both sides x columns; 0 for null), and the least value of each that is high.

    `high` marks the scored rows with a high value.
    """

    columns: list[str]
    factors: np.ndarray
    high: np.ndarray
    least: list[float]


def contrast_columns(task: PredictionTask, promised: pd.DataFrame, numeric: Sequence[str]) -> list[str]:
    """Those of the `numeric` columns that can be contrasted.

    Left out are columns that grow or tell the calendar (they differ without any change), and those that the tickets of
    a day share, such as loads: a week has few days to tell them by.
    """
    day = days(promised)
    found = []
    for column in numeric:
        values = as_numbers(promised[column]).astype(np.float64)
        known = np.isfinite(values)
        varies = known.any() and values[known].min() < values[known].max()
        by_itself = task.is_growing(column) or task.is_calendar(column)
        if varies and not by_itself and not is_shared(values[known], day[known]):
            found.append(column)
    return found


def contrasts(promised: pd.DataFrame, scored: pd.DataFrame, columns: Sequence[str]) -> Contrasts:
    """The contrasts of these columns, without those of which hardly a row of either side is high.

    Frames as `make_residuals` takes them: p, weight and the columns.
    """
    kept, ranks, least = [], [], []
    for column in columns:
        ours, theirs = (as_numbers(side[column]).astype(np.float64) for side in (promised, scored))
        reference = np.sort(ours[np.isfinite(ours)])
        reference = reference[:: max(len(reference) // STEPS, 1)]
        before, now = _rank(reference, ours), _rank(reference, theirs)
        if min((before > HIGH).sum(), (now > HIGH).sum()) >= LEAST_HIGH:
            kept.append(column)
            ranks.append((before, now))
            least.append(float(theirs[now > HIGH].min()))
    sides = []
    for side, frame in enumerate((promised, scored)):
        rank = np.column_stack([r[side] for r in ranks]) if ranks else np.zeros((len(frame), 0), np.float32)
        p = frame["p"].to_numpy(np.float64)
        mass = frame["weight"].to_numpy(np.float64) * p * (1 - p)
        sides.append((rank - (mass @ rank) / max(float(mass.sum()), 1e-12), rank > HIGH))
    return Contrasts(kept, np.vstack([sides[0][0], sides[1][0]]), sides[1][1], least)


def _rank(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mid-rank among the reference, -1 to 1; 0 for null."""
    known = np.isfinite(values)
    found = np.zeros(len(values), np.float32)
    if len(reference):
        left, right = np.searchsorted(reference, values[known]), np.searchsorted(reference, values[known], "right")
        found[known] = (left + right) / len(reference) - 1.0
    return found
