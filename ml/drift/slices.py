"""Where a change is: the value of a slice column that holds most of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST_PART = 0.6  # of the change, from which on a slice is named
LEAST_LIFT = 1.5  # and this many times the slice's part of the rows, else it's only a large slice
LEAST_ROWS = 30  # of the reference's in a slice, for a level of its own


@dataclass(frozen=True)
class Slice:
    """A slice with the part of the change in it."""

    name: str
    part: float


def concentrated(
    reference: dict[str, np.ndarray],
    batch: dict[str, np.ndarray],
    before: np.ndarray,
    now: np.ndarray,
    subject: str,
) -> Slice | None:
    """The slice in which most of the change of a mean lies, or None where it's spread out.

    `before` and `now` hold the statistic's value of each row of the reference and the batch (NaN for unknown).
    """
    best: Slice | None = None
    for column, values in batch.items():
        if column == subject or column not in reference:
            continue
        names, parts, lifts = _parts(reference[column], values, before, now)
        if len(names) < 2:
            continue
        top = int(np.argmax(parts))
        strong = parts[top] >= LEAST_PART and lifts[top] >= LEAST_LIFT
        if strong and (best is None or parts[top] > best.part + 0.05):
            best = Slice(f"{column}={names[top]}", float(parts[top]))
    return best


def _parts(
    old: np.ndarray, new: np.ndarray, before: np.ndarray, now: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each value of a slice column: its part of the change, and that over its part of the rows."""
    names, codes = np.unique(np.r_[old, new], return_inverse=True)
    ours, theirs = codes[: len(old)], codes[len(old) :]
    known, seen = np.isfinite(before), np.isfinite(now)
    size = len(names)
    rows = np.bincount(ours[known], minlength=size)
    overall = before[known].mean() if known.any() else 0.0
    level = np.bincount(ours[known], before[known], size) / np.maximum(rows, 1)
    level = np.where(rows >= LEAST_ROWS, level, overall)
    counts = np.bincount(theirs[seen], minlength=size)
    change = np.bincount(theirs[seen], now[seen], size) - counts * level
    total = now[seen].sum() - seen.sum() * overall
    parts = np.clip(change * np.sign(total) / max(abs(total), 1e-9), 0.0, None)
    parts = np.where(names == "", 0.0, parts) / max(parts.sum(), 1.0)
    return names, parts, parts / np.maximum(counts / max(counts.sum(), 1), 1e-9)
