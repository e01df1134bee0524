"""What the probabilities promise of themselves, before any label is mature. Blind to a change of concept."""

from __future__ import annotations

import numpy as np


def estimate_performance(p: np.ndarray, *, capacity: float = 0.118) -> dict[str, float]:
    """Expected metrics of a day's probabilities if they are calibrated: names as in `ml.evaluate`.

    It shows what a change of the inputs does. It can't see a change of concept: where the same inputs lead to other
    outcomes, the probabilities are wrong and so is this. NaN probabilities are left out; empty where none is left.
    """
    known = np.asarray(p, np.float64)
    known = np.sort(known[np.isfinite(known)])[::-1]
    if len(known) == 0:
        return {}
    total = known.sum()
    hits = np.cumsum(known)
    taken = int(np.ceil(capacity * len(known)))
    # A positive at rank i finds itself and p_j of each row before it among the i taken.
    precision = (hits - known + 1.0) / np.arange(1, len(known) + 1)
    return {
        "base_rate": float(known.mean()),
        "mean_p": float(known.mean()),
        "brier": float((known * (1 - known)).mean()),
        "pr_auc": float((known * precision).sum() / total) if total > 0 else float("nan"),
        "precision_at_capacity": float(hits[taken - 1] / taken),
        "recall_at_capacity": float(hits[taken - 1] / total) if total > 0 else float("nan"),
    }
