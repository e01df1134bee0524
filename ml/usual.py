"""What is usual for comparable open entities: medians by one column, for sentences such as "usual here is 6"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LEAST_ROWS = 50  # medians of fewer rows than this swing too much to call usual


@dataclass(frozen=True)
class Usual:
    """Medians of the numeric columns: over all rows, and by the values of `by` that have enough rows."""

    by: str | None
    overall: dict[str, float]
    groups: dict[str, dict[str, float]]

    def of(self, row: dict[str, Any]) -> dict[str, float]:
        """The medians that a row compares with: its own group's, or everybody's where its group is small or unknown."""
        key = row.get(self.by) if self.by else None
        return self.groups.get(str(key), self.overall) if key is not None else self.overall

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that `from_json` reads back."""
        return {"by": self.by, "overall": self.overall, "groups": self.groups}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Usual:
        """The inverse of `to_json`."""
        return cls(**plain)


def learn_usual(frame: pd.DataFrame, numeric: pd.DataFrame, by: str | None) -> Usual:
    """Medians of `numeric` (same rows as `frame`), overall and by column `by` where the frame has it."""
    overall = _plain(numeric.median())
    if by is None or by not in frame.columns or len(frame) == 0:
        return Usual(None, overall, {})
    keys = frame[by].astype(object)
    counts = keys.dropna().astype(str).value_counts()
    kept = set(counts[counts >= LEAST_ROWS].index)
    chosen = keys.map(lambda value: value is not None and str(value) in kept).to_numpy(bool)
    medians = numeric[chosen].groupby(keys[chosen].astype(str)).median()
    return Usual(by, overall, {str(key): _plain(row) for key, row in medians.iterrows()})


def _plain(medians: pd.Series) -> dict[str, float]:
    return {str(name): round(float(value), 6) for name, value in medians.items() if np.isfinite(value)}
