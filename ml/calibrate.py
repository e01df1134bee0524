"""Calibration of raw log-odds on predictions for rows that the model hadn't learnt from.

The map is strictly increasing: a step function such as plain isotonic regression makes ties,
which spoil the ranking.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

# Isotonic regression needs about this many positives before it beats two-parameter scaling
# (Niculescu-Mizil and Caruana, 2005, found the crossing near 1,000 calibration cases of the rarer class).
ISOTONIC_POSITIVES = 1_000
PLATT_SHARE = 0.05  # the share of the sigmoid blended into the isotonic map, which makes it strictly increasing
LEAST_SLOPE = 0.05


@dataclass(frozen=True)
class Calibration:
    """A strictly increasing map from log-odds to probability."""

    kind: Literal["platt", "isotonic"]
    slope: float
    intercept: float
    knots: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)

    def apply(self, log_odds: np.ndarray) -> np.ndarray:
        """Probabilities, same shape as `log_odds`, strictly inside (0, 1)."""
        smooth = sigmoid(self.slope * np.asarray(log_odds, dtype=np.float64) + self.intercept)
        if self.kind == "platt":
            return smooth
        return (1 - PLATT_SHARE) * np.interp(log_odds, self.knots, self.levels) + PLATT_SHARE * smooth

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; `Calibration(**plain)` reads it back."""
        return asdict(self)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))


def fit_calibration(log_odds: np.ndarray, label: np.ndarray) -> Calibration:
    """Platt scaling below ISOTONIC_POSITIVES positives, else isotonic regression made strictly increasing.

    `log_odds` and `label` are 1-D, of rows outside the training of the model that gave them. With no positive or no
    negative among them the identity is returned, since nothing can be learnt.
    """
    label = np.asarray(label, dtype=np.float64)
    positives = int(label.sum())
    if positives == 0 or positives == len(label):
        return Calibration("platt", 1.0, 0.0)
    slope, intercept = fit_platt(np.asarray(log_odds, dtype=np.float64), label)
    if min(positives, len(label) - positives) < ISOTONIC_POSITIVES:
        return Calibration("platt", slope, intercept)
    knots, levels = isotonic_knots(log_odds, label)
    return Calibration("isotonic", slope, intercept, knots, levels)


def fit_platt(log_odds: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Slope and intercept by maximum likelihood, with a weak pull of the slope to 1 and LEAST_SLOPE as its floor."""
    from scipy.optimize import minimize

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        z = theta[0] * log_odds + theta[1]
        value = float(np.logaddexp(0.0, z).sum() - label @ z) + 2.0 * (theta[0] - 1.0) ** 2
        gap = sigmoid(z) - label
        return value, np.array([gap @ log_odds + 4.0 * (theta[0] - 1.0), gap.sum()])

    found = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(LEAST_SLOPE, 20.0), (-20.0, 20.0)]
    )
    return float(found.x[0]), float(found.x[1])


def isotonic_knots(log_odds: np.ndarray, label: np.ndarray) -> tuple[list[float], list[float]]:
    """Centre and level of each block of the isotonic fit, for linear interpolation between them."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit_transform(log_odds, label)
    order = np.argsort(log_odds, kind="stable")
    x, y = np.asarray(log_odds)[order], fitted[order]
    starts = np.flatnonzero(np.r_[True, np.diff(y) > 0])
    counts = np.diff(np.r_[starts, len(y)])
    centres = np.add.reduceat(x, starts) / counts
    return centres.tolist(), y[starts].tolist()
