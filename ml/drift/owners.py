"""How sure a difference is in columns that all tickets of a queue or an agent share: they are one observation."""

from __future__ import annotations

import numpy as np

from ml.drift.days import SMALL, SURE, indicator
from ml.drift.pool import Pool, only


def owner_variance(pool: Pool) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the difference of means of shared columns, and its degrees of freedom; 0 for all other statistics.

    The difference has two parts. The owners' own values move: all tickets of a queue have its load, so where one queue
    alone moved, that says little of the queues, and where most did, it says as much as ever. And owners come to hold
    more or fewer of the tickets: a team's share follows what a few of its agents hold, and each is one observation. The
    second part is added for shares alone.
    """
    found, freedom = np.zeros(len(pool.statistics)), np.full(len(pool.statistics), SURE)
    for code, subjects in pool.shared:
        at = np.array([i for i, subject in enumerate(pool.statistics.subject) if subject in subjects], np.int64)
        if not len(at):
            continue
        part, size = only(pool, at), int(code.max()) + 1
        sides = indicator(code + size * part.in_batch, 2 * size)
        sums = part.matrix.total(sides)
        wide = part.matrix.dense.shape[1]
        rows = np.hstack([sides @ part.counts.astype(np.float64), np.repeat(sides.sum(1), len(at) - wide, axis=1)])
        rows = np.asarray(rows)
        moved, moved_freedom = _by_moves(sums, rows, size)
        held, held_freedom = np.zeros(len(at)), np.full(len(at), SURE)
        held[wide:], held_freedom[wide:] = _by_holdings(sums[:, wide:], rows[:, wide:], size)
        found[at] = moved + held
        spread = moved**2 / moved_freedom + held**2 / held_freedom
        freedom[at] = np.where(spread > 0, (moved + held) ** 2 / np.maximum(spread, SMALL), SURE)
    return found, freedom


def _by_moves(sums: np.ndarray, rows: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """By how differently the owners' own means moved; `sums` and `rows` hold the reference's owners, then the batch's.

    Where all moved alike it's 0, whatever they moved by.
    """
    both = (rows[:size] > 0) & (rows[size:] > 0)
    means = sums / np.maximum(rows, 1)
    moved = np.where(both, means[size:] - means[:size], 0.0)
    weight = np.where(both, rows[size:], 0.0) / np.maximum(np.where(both, rows[size:], 0.0).sum(0), 1)
    square = np.square(weight).sum(0)
    apart = np.square(weight * (moved - (weight * moved).sum(0))).sum(0)
    return apart / np.maximum(1 - square, SMALL), np.maximum(1 / np.maximum(square, SMALL) - 1, 1.0)


def _by_holdings(sums: np.ndarray, rows: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """By how differently the owners' shares of all rows changed, among those that have a value and among the others.

    Where all agents of a team come to hold less in the same proportion it's 0: that is the team's doing. A value that
    hardly more than one owner has says nothing of how differently they change: then the change itself is taken.
    """
    share = np.vstack([side / np.maximum(side.sum(0), 1) for side in (rows[:size], rows[size:])])
    changed, usual = share[size:] - share[:size], (share[size:] + share[:size]) / 2
    owner = (sums[:size] + sums[size:]) / np.maximum(rows[:size] + rows[size:], 1)
    middle = sums.sum(0) / np.maximum(rows.sum(0), 1)
    total, spread = np.zeros(len(middle)), np.zeros(len(middle))
    for having, factor in ((owner, 1 - middle), (1 - owner, middle)):
        held = having * usual
        weight = held / np.maximum(held.sum(0), SMALL)
        square = np.square(weight).sum(0)
        alone = square > 0.5
        expected = np.where(alone, 0.0, weight * (having * changed).sum(0))
        apart = np.square(having * changed - expected).sum(0) / np.where(alone, 1.0, 1 - square)
        variance = np.square(factor) * apart
        total = total + variance
        spread = spread + variance**2 / np.maximum(1 / np.maximum(square, SMALL) - 1, 1.0)
    return total, np.where(spread > 0, total**2 / np.maximum(spread, SMALL), SURE)
