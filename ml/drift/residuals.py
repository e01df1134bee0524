"""Residuals of matured rows, outcome less probability, as a pool of statistics like the features' one.

A residual says more than a metric: where the champion is right it is 0 in the mean for every row, whatever the mix of
the day, and it has a sign and a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from ml.drift.contrasts import Ranking, contrasts
from ml.drift.encode import days
from ml.drift.pool import Matrix, Pool, Statistics, only
from ml.evaluate import flagged_at_capacity
from ml.task import AS_OF, LABEL, PredictionTask

LEAST_SLICE_ROWS = 50
# What matters, fixed first. A rate a fifth from what was predicted is a fifth of the reviewers' places; a slice that
# alone is off by 8 % of all positives moves who is reviewed, and so does a feature along which as many move; a log-loss
# a tenth above its promise is about what a retraining is expected to win back, and half of that if a single slice adds
# it.
RATE_LIMIT, SLICE_LIMIT, REVIEWED_LIMIT, LOSS_LIMIT, SLICE_LOSS_LIMIT = 0.2, 0.08, 0.2, 0.1, 0.05
# How far the rate of events strays from week to week by itself, as a share of it: some weeks of evidence can't tell it,
# and a champion calibrated on quiet weeks is off in the next ones without any drift. Of all rows about a tenth, in the
# simulated centre as in a public incident log; a slice strays further. Along a feature the weeks hardly stray.
WANDER, SLICE_WANDER, CONTRAST_WANDER = 0.12, 0.2, 0.06
STEEPEST = 4.0  # log-odds beyond which a probability counts no more: one surprise mustn't be a drift
RATE, PERFORMANCE, REVIEWED, LOSS = "label rate", "performance", "reviewed rows", "log_loss"


@dataclass(frozen=True)
class Place:
    """The scored rows that a statistic is about, and their name; None for those of the whole team."""

    name: str | None
    rows: np.ndarray


@dataclass(frozen=True)
class Residuals:
    """The pool of both sides, the least effect of each statistic, and the difference of means that is an effect of 1.

    `expected` is the sum of the scored rows' variances if their probabilities hold, `wander` the standard deviation of
    the difference of means that the weeks bring by themselves.
    """

    pool: Pool
    limits: np.ndarray
    unit: np.ndarray
    places: list[Place]
    expected: np.ndarray
    wander: np.ndarray

    def only(self, kept: np.ndarray) -> Residuals:
        """The statistics at these positions."""
        places = [self.places[k] for k in kept]
        return Residuals(
            only(self.pool, kept), self.limits[kept], self.unit[kept], places, self.expected[kept], self.wander[kept]
        )


def make_residuals(
    task: PredictionTask, promised: pd.DataFrame, scored: pd.DataFrame, ranking: Ranking, slices: bool = True
) -> Residuals:
    """The residual statistics of rows with entity key, as_of, label, p, weight, slice columns and those of `ranking`.

    Of all rows: the residual, that of the reviewed rows, and residual times log-odds, which is 0 in the mean as long as
    probabilities are as sharp as they should be. Of each value of a slice, if asked: the residual, and that times
    log-odds. Of each of the ranking's columns, made of the promised rows: the residual times its rank (`contrasts.py`).
    """
    there = {*promised.columns} & {*scored.columns}
    wanted = [c for c in (task.entity_key, AS_OF, LABEL, "p", "weight", *task.slices) if c in there]
    rows = pd.concat([promised[wanted], scored[wanted]], ignore_index=True)
    in_batch = np.arange(len(rows)) >= len(promised)
    p, label = rows["p"].to_numpy(np.float64), rows[LABEL].to_numpy(np.float64)
    weight = rows["weight"].to_numpy(np.float64)
    residual, odds = label - p, np.clip(np.log(np.clip(p, 1e-9, 1) / np.clip(1 - p, 1e-9, 1)), -STEEPEST, STEEPEST)
    reviewed = np.r_[flagged(task, promised), flagged(task, scored)]

    def scored_mean(values: np.ndarray) -> float:
        return max(float(np.average(values[in_batch], weights=weight[in_batch])), 1e-9)

    chance = np.clip(p, 1e-6, 1 - 1e-6)
    loss = scored_mean(-(p * np.log(chance) + (1 - p) * np.log(1 - chance)))
    factors = [np.ones(len(rows)), reviewed.astype(np.float64), -odds]
    meta: list[tuple[str, str, str | None]] = [(RATE, "label", None), (RATE, REVIEWED, None)]
    meta.append((PERFORMANCE, LOSS, None))
    limits, unit = [RATE_LIMIT, REVIEWED_LIMIT, LOSS_LIMIT], [scored_mean(p), scored_mean(p * reviewed), loss]
    everywhere = Place(None, np.ones(int(in_batch.sum()), bool))
    places = [everywhere, Place(None, reviewed[in_batch]), everywhere]
    strays = [WANDER] * 3
    for column, value, inside in _slices(task, rows, there) if slices else ():
        factors += [inside.astype(np.float64), -odds * inside]
        meta += [(RATE, column, value), (PERFORMANCE, LOSS, f"{column}={value}")]
        limits += [SLICE_LIMIT, SLICE_LOSS_LIMIT]
        unit += [unit[0], loss]
        places += [Place(f"{column}={value}", inside[in_batch])] * 2
        strays += [SLICE_WANDER] * 2
    along = contrasts(ranking, scored)
    for position, column in enumerate(along.columns):
        meta.append((RATE, column, None))
        places.append(Place(f"{column} from {along.least[position]:,.4g} on", along.high[:, position]))
    limits += [SLICE_LIMIT] * len(along.columns)
    unit += [unit[0]] * len(along.columns)
    strays += [CONTRAST_WANDER] * len(along.columns)
    dense = np.empty((len(rows), len(meta)), np.float32)
    for k, factor in enumerate(factors):
        dense[:, k] = factor * weight
    dense[:, len(factors) :] = along.factors * weight[:, None].astype(np.float32)
    weighted = dense[in_batch].astype(np.float64)
    expected = (weighted**2 * (p * (1 - p))[in_batch, None]).sum(0)
    wander = np.array(strays) * (np.abs(weighted) * p[in_batch, None]).sum(0) / weight[in_batch].sum()
    dense *= residual[:, None].astype(np.float32)
    kinds, subjects, values = (list(part) for part in zip(*meta, strict=True))
    statistics = Statistics(kinds, subjects, values, np.zeros(len(meta), bool))
    side = np.where(in_batch, "\tb", "\tr").astype(object)
    ticket = pd.factorize(rows[task.entity_key].astype(str).to_numpy(object) + side)[0]
    none = sparse.csr_matrix((len(rows), 0), dtype=np.float32)
    counts = np.repeat(weight.astype(np.float32)[:, None], dense.shape[1], axis=1)
    pool = Pool(Matrix(dense, none), counts, statistics, ticket, days(rows), in_batch)
    return Residuals(pool, np.array(limits), np.array(unit), places, expected, wander)


def flagged(task: PredictionTask, rows: pd.DataFrame) -> np.ndarray:
    """True for the rows that the team has the capacity to review."""
    return flagged_at_capacity(rows[AS_OF].to_numpy(), rows["p"].to_numpy(np.float64), task.capacity)


def _slices(task: PredictionTask, rows: pd.DataFrame, there: set[str]) -> list[tuple[str, str, np.ndarray]]:
    """Column, value and rows of each slice that has enough rows and isn't all of them."""
    found = []
    for column in task.slices:
        if column in there:
            codes, values = pd.factorize(rows[column].astype("string"), sort=True)
            counts = np.bincount(codes[codes >= 0], minlength=len(values))
            kept = [k for k, v in enumerate(values) if v and LEAST_SLICE_ROWS <= counts[k] < len(rows)]
            found += [(column, str(values[k]), codes == k) for k in kept]
    return found
