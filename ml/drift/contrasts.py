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
class Ranking:
    """What later rows are ranked by, made once of the promised rows: a sorted sample of each column's values.

    `factors` are the promised rows' own centred ranks (rows x columns; 0 for null), `high` how many of each are high.
    """

    columns: list[str]
    samples: list[np.ndarray]
    factors: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Contrasts:
    """Features' centred ranks (promised rows, then scored ones, x columns), and the least value of each that is high.

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


def make_ranking(promised: pd.DataFrame, columns: Sequence[str]) -> Ranking:
    """The ranking of these columns, from rows with p, weight and the columns."""
    samples, ranks = [], np.zeros((len(promised), len(columns)), np.float32)
    for k, column in enumerate(columns):
        values = as_numbers(promised[column]).astype(np.float64)
        known = np.sort(values[np.isfinite(values)])
        samples.append(known[:: max(len(known) // STEPS, 1)])
        ranks[:, k] = _rank(samples[k], values)
    return Ranking(list(columns), samples, _centred(promised, ranks), (ranks > HIGH).sum(0))


def contrasts(ranking: Ranking, scored: pd.DataFrame) -> Contrasts:
    """The contrasts of the ranking's columns, without those of which hardly a row of either side is high.

    `scored` has p, weight and the columns.
    """
    kept, ranks, least = [], [], []
    for k, column in enumerate(ranking.columns):
        values = as_numbers(scored[column]).astype(np.float64)
        rank = _rank(ranking.samples[k], values)
        if min(ranking.high[k], (rank > HIGH).sum()) >= LEAST_HIGH:
            kept.append(k)
            ranks.append(rank)
            least.append(float(values[rank > HIGH].min()))
    now = np.column_stack(ranks) if ranks else np.zeros((len(scored), 0), np.float32)
    factors = np.vstack([ranking.factors[:, kept], _centred(scored, now)])
    return Contrasts([ranking.columns[k] for k in kept], factors, now > HIGH, least)


def _centred(rows: pd.DataFrame, ranks: np.ndarray) -> np.ndarray:
    """Ranks such that a rate that is off everywhere alike contributes nothing."""
    p = rows["p"].to_numpy(np.float64)
    mass = rows["weight"].to_numpy(np.float64) * p * (1 - p)
    return (ranks - (mass @ ranks) / max(float(mass.sum()), 1e-12)).astype(np.float32)


def _rank(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mid-rank among the reference (sorted), -1 to 1; 0 for null."""
    known = np.isfinite(values)
    found = np.zeros(len(values), np.float32)
    if len(reference):
        distinct, first, counts = np.unique(reference, return_index=True, return_counts=True)
        place = np.searchsorted(distinct, values[known])
        below, same = np.r_[first, len(reference)][place], np.r_[distinct, np.nan][place] == values[known]
        found[known] = (2 * below + np.where(same, np.r_[counts, 0][place], 0)) / len(reference) - 1.0
    return found
