"""The statistics of a pool: how large each difference is, how sure, and how likely without drift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import ndtri
from scipy.stats import t as student

from ml.drift.days import SMALL, SURE, ReferenceVariance, clustered, indicator, reference_variance
from ml.drift.draws import Outcome, draw
from ml.drift.encode import Encoder
from ml.drift.owners import owner_variance
from ml.drift.pool import Matrix, Pool

# Sides whose tickets have about as many rows each can swap whole tickets. Where a day (a row a ticket) meets weeks
# (many rows a ticket) rows are swapped, and what hangs together is added to the variance.
ALIKE = 1.5
# A sum of indicators with hardly any expected row isn't normal: one more row's worth of variance keeps a single
# chance hit from looking like a hundred, and costs nothing where many rows are expected.
ONE_ROW = 1.0

Bar = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Measured:
    """Per statistic: mean of the reference, batch and pool, sd of a row, z, whether it matters, p over all."""

    reference: np.ndarray
    batch: np.ndarray
    difference: np.ndarray
    middle: np.ndarray
    sd: np.ndarray
    z: np.ndarray
    matters: np.ndarray
    p: np.ndarray
    outcome: Outcome


def measure(
    pool: Pool,
    encoder: Encoder | None,
    bar: Bar,
    *,
    alpha: float,
    seed: int,
    signs: np.ndarray | None = None,
    expected: np.ndarray | None = None,
    known: ReferenceVariance | None = None,
    wander: np.ndarray | None = None,
) -> Measured:
    """Test all statistics of a pool at once.

    `bar(mean, sd)` gives the differences of means, upwards and downwards, from which on a change matters. With
    `signs`, only moves in each statistic's given direction count. `expected` is the sum of the batch's rows' variances
    without drift, where it's known and may differ from the reference's: rows that weigh more, or other probabilities.
    `known` holds what the reference's rows say, where that's known before; `wander` a standard deviation of the
    difference of means that weeks bring, in place of what the reference's weeks show. Same `seed`, same outcome.
    """
    sides = _sides(pool)
    wide, width = pool.matrix.dense.shape[1], len(pool.statistics)
    rows_ref, rows_batch = _rows(pool, ~pool.in_batch, width), _rows(pool, pool.in_batch, width)
    rows = rows_ref + rows_batch
    sums = pool.matrix.total(sides)
    mean_ref = sums[0] / np.maximum(rows_ref, 1)
    mean_batch = sums[1] / np.maximum(rows_batch, 1)
    mean = sums.sum(0) / np.maximum(rows, 1)
    scale = rows_ref * rows_batch / np.maximum(rows, 1)  # sum over the batch = scale x difference of means
    usable = (rows_ref > 0) & (rows_batch > 0)
    difference = np.where(usable, mean_batch - mean_ref, 0.0)

    units, unit_rows, in_batch, by_row = _units(pool, mean)
    square = np.square(units.dense, dtype=np.float64).sum(0)
    own = np.asarray(units.sparse.multiply(units.sparse).sum(0)).ravel().astype(np.float64)
    cross = np.asarray(units.sparse.T @ unit_rows).ravel().astype(np.float64)
    square = np.r_[square, own - 2 * mean[wide:] * cross + mean[wide:] ** 2 * float(unit_rows @ unit_rows)]
    n, m = len(in_batch), int(in_batch.sum())
    drawn = m * (n - m) / max(n - 1, 1) * np.maximum(square, 0) / n

    known = reference_variance(pool, wanders=wander is None) if known is None else known
    plain = drawn / np.maximum(scale, 1e-12) ** 2
    extra, freedom = _beyond_drawing(
        pool, encoder, known, mean_batch, rows_batch, plain if by_row or expected is not None else None, expected
    )
    extra = (extra + (0.0 if wander is None else np.square(wander))) * scale**2
    total = drawn + ONE_ROW + extra
    spread, beyond = np.sqrt(total), np.sqrt(extra / (drawn + ONE_ROW))
    freedom = np.where(extra > 0, freedom * (total / np.maximum(extra, SMALL)) ** 2, SURE)
    z = as_normal(difference * scale / spread, freedom)

    sd = np.sqrt(np.maximum(square / np.maximum(rows, 1), 1e-12)) if by_row else _sd(pool, mean, rows)
    up, down = (least * scale for least in bar(mean, sd))
    if signs is not None:
        up, down = np.where(signs > 0, up, np.inf), np.where(signs < 0, down, np.inf)
    shift = difference * scale
    matters = usable & ((shift >= up) | (shift <= -down))

    def score(weights: sparse.csr_matrix, is_batch: bool) -> np.ndarray:
        found = units.total_of_draws(weights)
        found[:, wide:] -= np.outer(weights @ unit_rows, mean[wide:])
        found = found if is_batch else -found
        # What drawing doesn't show is drawn too, or large batches would alarm of all that matters, however much it
        # varies by itself. Another draw stands for it: what varies together among rows does so among weeks.
        found += np.roll(found, 1, axis=0) * beyond
        counted = (found >= up) | (found <= -down)
        return np.where(counted, np.abs(found) / spread, 0.0).max(1, initial=0.0)

    largest = float(np.abs(z[matters]).max(initial=0.0))
    outcome = Outcome(np.empty(0), 1.0, finished=False)
    if largest > 0:
        outcome = draw(largest, alpha, n, m, score, seed)
    p = np.ones(width)
    if outcome.finished:
        p[matters] = outcome.adjusted(z[matters])
    else:
        p[matters] = outcome.p_value
    return Measured(mean_ref, mean_batch, difference, mean, sd, z, matters, p, outcome)


def as_normal(t: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """The normal value that is as unlikely as `t` is with so many degrees of freedom: a variance was only estimated."""
    few = freedom < 1_000
    found = t.copy()
    if few.any():
        tail = student.logsf(np.abs(t[few]), np.maximum(freedom[few], 1.0))
        normal = np.where(tail > -700, -ndtri(np.exp(np.maximum(tail, -700))), np.sqrt(-2 * tail))
        found[few] = np.sign(t[few]) * np.minimum(normal, np.abs(t[few]))
    return found


def _beyond_drawing(
    pool: Pool,
    encoder: Encoder | None,
    known: ReferenceVariance,
    mean_batch: np.ndarray,
    rows_batch: np.ndarray,
    plain: np.ndarray | None,
    expected: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the difference of means that drawing doesn't show: tickets of several rows, days, owners, trends.

    `plain` is the variance that drawing shows, where it doesn't hold what hangs together in a ticket; else None.
    """
    theirs = pool.in_batch
    extra = np.zeros(len(mean_batch))
    if plain is not None:
        codes = np.unique(pool.ticket[theirs], return_inverse=True)[1]
        part, counts = pool.matrix.take(theirs), pool.counts[theirs]
        of_batch = clustered(part, counts, codes, mean_batch)
        if expected is not None:  # a drift makes residuals large; only how rows of a ticket hang together is taken
            by_row = clustered(part, counts, np.arange(len(codes)), mean_batch)
            of_batch = expected * np.clip(of_batch / np.maximum(by_row, SMALL), 1.0, None)
        extra = np.maximum(known.of_mean + of_batch / np.maximum(rows_batch, 1) ** 2 - plain, 0.0)
    days, days_freedom = known.days.between(pool.day[theirs])
    owners, owners_freedom = owner_variance(pool)
    extra = extra + days + owners
    estimated = days**2 / days_freedom + owners**2 / owners_freedom
    freedom = np.where(estimated > 0, extra**2 / np.maximum(estimated, SMALL), SURE)
    if encoder is not None:
        extra = extra + _of_trends(pool, encoder, float(pool.day[theirs].mean()))
    return extra, freedom


def _of_trends(pool: Pool, encoder: Encoder, at: float) -> np.ndarray:
    """Variance of mean ranks by what isn't known of the trends of growing columns."""
    found = np.zeros(len(pool.statistics))
    for position, subject in enumerate(pool.statistics.subject):
        column = encoder.numeric.get(subject)
        if column is not None and column.slope_error > 0 and not pool.statistics.is_share[position]:
            middle = column.quantile(0.5)
            shifted = np.array([middle, middle + column.slope_error * abs(at - column.origin)])
            low, high = column.rank(shifted)
            found[position] = max(float(high - low), 0.0) ** 2
    return found


def _units(pool: Pool, mean: np.ndarray) -> tuple[Matrix, np.ndarray, np.ndarray, bool]:
    """What changes sides: centred rows or tickets, the rows of each, which are of the batch, whether they're rows."""
    wide = pool.matrix.dense.shape[1]
    centred = pool.matrix.dense - pool.counts * mean[:wide].astype(np.float32)
    rows = Matrix(centred, pool.matrix.sparse)
    tickets = [len(np.unique(pool.ticket[side])) / max(side.sum(), 1) for side in (pool.in_batch, ~pool.in_batch)]
    alone = min(tickets) == 1.0
    if alone or max(tickets) > ALIKE * min(tickets):
        return rows, np.ones(len(pool.in_batch), np.float32), pool.in_batch, True
    by_ticket = indicator(pool.ticket, int(pool.ticket.max()) + 1)
    unit_rows = np.asarray(by_ticket.sum(1), np.float32).ravel()
    in_batch = np.zeros(len(unit_rows), bool)
    in_batch[pool.ticket[pool.in_batch]] = True
    return rows.gathered(by_ticket), unit_rows, in_batch, False


def _sides(pool: Pool) -> sparse.csr_matrix:
    return indicator(pool.in_batch.astype(np.int64), 2)


def _rows(pool: Pool, side: np.ndarray, width: int) -> np.ndarray:
    """Rows of one side with a known rank, per statistic; indicators are known for all."""
    known = pool.counts[side].sum(0).astype(np.float64)
    return np.r_[known, np.full(width - len(known), float(side.sum()))]


def _sd(pool: Pool, mean: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Standard deviation of rows."""
    wide = pool.matrix.dense.shape[1]
    dense = np.square(pool.matrix.dense, dtype=np.float64).sum(0) / np.maximum(rows[:wide], 1) - mean[:wide] ** 2
    share = mean[wide:] * (1 - mean[wide:])
    return np.sqrt(np.maximum(np.r_[dense, share], 1e-12))
