"""What is large enough to matter, fixed before anything is tested, and how large a change is.

A change of a feature by d standard deviations moves the champion's score by about d times the root of the feature's
share in the model. A change matters from 0.06 sd in a feature with a share of 3 % on: it moves the score by a hundredth
of its standard deviation; in a feature with a share of 0.3 % that takes 0.19 sd. Below 0.06 nothing is worth a person's
time, above 0.8 everything is: the inputs are then another population.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ml.drift.encode import PREDICTION
from ml.drift.pool import Statistics

LEAST_EFFECT = 0.06
IMPORTANT_SHARE = 0.03
MOST_EFFECT = 0.8
PREDICTION_EFFECT = 0.1
# Spread says less of a score than location: a rank that moves outwards on both sides cancels in part.
SPREAD_FACTOR = 1.5


def effect_limit(importance: float) -> float:
    """The least effect that matters in a feature with this share in the model (0 to 1), in standard deviations."""
    if not importance > 0:
        return MOST_EFFECT
    return min(LEAST_EFFECT * max(1.0, np.sqrt(IMPORTANT_SHARE / importance)), MOST_EFFECT)


def effect_limits(statistics: Statistics, importances: pd.Series) -> np.ndarray:
    """The limit of each statistic."""
    by_subject = {s: effect_limit(float(importances.get(s, 0.0))) for s in set(statistics.subject)}
    by_subject[PREDICTION] = PREDICTION_EFFECT
    limits = np.array([by_subject[subject] for subject in statistics.subject])
    return np.where(is_spread(statistics) & ~statistics.is_share, limits * SPREAD_FACTOR, limits)


def is_spread(statistics: Statistics) -> np.ndarray:
    """True for the statistics of ranks' distance from the middle."""
    return np.array([k == "spread" or v == "spread" for k, v in zip(statistics.kind, statistics.value, strict=True)])


def effects(statistics: Statistics, difference: np.ndarray, middle: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Differences of means (batch less reference) as effects.

    Location: the shift of a normal distribution, in its sd, that moves mean ranks as much. Spread: over the
    reference's `sd`. Shares: Cohen's h, set on the pool's share `middle`, which is the same whoever is on which side.
    """
    location = np.sqrt(2) * ndtri(np.clip(0.5 + difference, 1e-6, 1 - 1e-6))
    spread = difference / np.maximum(sd, 1e-9)
    low = np.arcsin(np.sqrt(np.clip(middle, 0, 1)))
    share = 2 * (np.arcsin(np.sqrt(np.clip(middle + difference, 0, 1))) - low)
    return np.where(statistics.is_share, share, np.where(is_spread(statistics), spread, location))


def bar(
    statistics: Statistics, limits: np.ndarray
) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The limits as differences of means, for `measure`."""
    return lambda middle, sd: least_differences(statistics, limits, middle, sd)


def least_differences(
    statistics: Statistics, limits: np.ndarray, middle: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The differences of means upwards and downwards at which an effect reaches its limit; infinite where none can."""
    location = ndtr(limits / np.sqrt(2)) - 0.5
    plain = np.where(is_spread(statistics), limits * np.maximum(sd, 1e-9), location)
    angle, half = np.arcsin(np.sqrt(np.clip(middle, 0, 1))), np.minimum(limits, np.pi) / 2
    up = np.where(angle + half <= np.pi / 2, np.sin(angle + half) ** 2 - middle, np.inf)
    down = np.where(angle - half >= 0, middle - np.sin(angle - half) ** 2, np.inf)
    return np.where(statistics.is_share, up, plain), np.where(statistics.is_share, down, plain)
