"""How large the largest statistic gets when the sides are drawn anew: one p-value for all of them (Westfall-Young).

Tickets, not rows, change sides where tickets have several rows. Drawing stops as soon as the outcome is certain
(Besag and Clifford, 1991), so a clean day costs a few dozen draws; the level stays exact:
p = (1 + exceeding) / (1 + draws).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

CHUNKS = (32, 128)  # draws at a time: few until it is known that there is something to see
# Draws are such that this many exceedances are one too many: more make the outcome steadier and an alarm dearer.
EXCEEDANCES = 6


@dataclass(frozen=True)
class Outcome:
    """The largest statistic of each draw, and the p-value of the observed one."""

    largest: np.ndarray
    p_value: float
    finished: bool

    def adjusted(self, z: np.ndarray) -> np.ndarray:
        """p-values of single statistics, each against the largest of all."""
        exceeding = (self.largest[:, None] >= np.abs(z)[None, :]).sum(0)
        return np.maximum((1 + exceeding) / (1 + len(self.largest)), self.p_value)


def draw(
    observed: float,
    alpha: float,
    units: int,
    in_batch: int,
    score: Callable[[sparse.csr_matrix, bool], np.ndarray],
    seed: int,
) -> Outcome:
    """Draw until `observed` is exceeded too often to be significant at `alpha`, or all draws are done.

    `score(weights, is_batch)` gives the largest statistic of each row of `weights` (draws x units), which marks the
    units of the batch, or of the reference where that is the smaller side.
    """
    random = np.random.default_rng(seed)
    most = int(np.ceil(EXCEEDANCES / alpha)) - 1
    smaller = min(in_batch, units - in_batch)
    largest = np.empty(0)
    while len(largest) < most:
        chunk = min(CHUNKS[len(largest) > 0], most - len(largest))
        chosen = np.concatenate([random.choice(units, smaller, replace=False, shuffle=False) for _ in range(chunk)])
        starts = np.arange(chunk + 1) * smaller
        weights = sparse.csr_matrix((np.ones(len(chosen), np.float32), chosen, starts), shape=(chunk, units))
        largest = np.r_[largest, score(weights, in_batch <= units - in_batch)]
        over = np.flatnonzero(np.cumsum(largest >= observed) >= EXCEEDANCES)
        if len(over):
            largest = largest[: over[0] + 1]
            return Outcome(largest, EXCEEDANCES / len(largest), finished=False)
    return Outcome(largest, (1 + int((largest >= observed).sum())) / (1 + len(largest)), finished=True)
