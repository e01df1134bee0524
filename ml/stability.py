"""How steady a model's matured performance is over time, in four figures that can be compared between policies.

The level of a day is the mean of the metric over the last seven measured days, so that a quiet Sunday isn't a drop.
A *drop* is a stretch of days on which the level lies more than TOLERANCE (relative) below the best level before it, as
an investment's drawdown is measured (Magdon-Ismail and Atiya, "Maximum drawdown", Risk 17(10), 2004); depth and speed
of recovery are told apart as in the resilience triangle (Bruneau et al., Earthquake Spectra 19(4), 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEVEL_DAYS = 7
TOLERANCE = 0.10


@dataclass(frozen=True)
class Stability:
    """`drops`: per 100 days. `size`: mean of the drops' largest depths, a share of the best level before (0 without a
    drop). `recovery`: share of the lost level won back per week, from the lowest day to the drop's end; a drop that
    hasn't ended by the last day counts with what it has won back so far (nan without a drop). `volatility`: standard
    deviation of the relative change of the level from day to day."""

    days: int
    mean: float
    drops: float
    size: float
    recovery: float
    volatility: float


def stability(values: pd.Series, tolerance: float = TOLERANCE) -> Stability:
    """The four figures of a series of daily values (index: days in order; days without a value are left out).

    With fewer than two values nothing is known: figures are nan.
    """
    known = values.dropna().astype(float)
    level = known.rolling(LEVEL_DAYS, min_periods=1).mean().to_numpy()
    if len(level) < 2:
        return Stability(len(level), float(known.mean()), *(float("nan"),) * 4)
    best = np.maximum.accumulate(level)
    depth = np.divide(best - level, best, out=np.zeros_like(level), where=best > 0)
    stretches = _stretches(depth > tolerance)
    deepest = [first + int(np.argmax(depth[first:after])) for first, after in stretches]
    sizes = [float(depth[day]) for day in deepest]
    won = [_won_back(depth, day, after) for day, (_, after) in zip(deepest, stretches, strict=True)]
    before = level[:-1]
    change = np.divide(np.diff(level), before, out=np.zeros_like(before), where=before > 0)
    return Stability(
        days=len(level),
        mean=float(known.mean()),
        drops=100.0 * len(stretches) / len(level),
        size=float(np.mean(sizes)) if sizes else 0.0,
        recovery=float(np.mean(won)) if won else float("nan"),
        volatility=float(change.std(ddof=1)) if len(change) > 1 else 0.0,
    )


def _stretches(below: np.ndarray) -> list[tuple[int, int]]:
    """(first, one past the last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(int)))
    return [(int(first), int(after)) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def _won_back(depth: np.ndarray, deepest: int, after: int) -> float:
    """Share of a drop's depth won back per week, from its deepest day on."""
    last = min(after, len(depth) - 1)
    days = last - deepest
    return 0.0 if days == 0 else float((depth[deepest] - depth[last]) / depth[deepest] * 7.0 / days)
