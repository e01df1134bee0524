"""Plain facts of a reference's raw columns, for telling a fault of the source from a change of the world."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ml.drift.encode import Encoder, days
from ml.prepare import as_numbers
from ml.task import PredictionTask

ROWS_OF_A_DAY = 10  # a day with fewer rows tells nothing of its own
SKETCH = 1_000


@dataclass(frozen=True)
class ColumnFacts:
    """Of one column: largest share of nulls on any day, how often days were constant, and what values there were.

    `most_top` is the largest share of one value on any day; `unseen` the share of the last third of days' rows whose
    value hadn't been there before; `magnitudes` are sorted absolute values other than 0, `day_ratio` how far their
    daily medians are apart (95 % over 5 % quantile).
    """

    missing: float
    most_missing: float
    constant_days: bool
    top_share: float
    magnitudes: np.ndarray = field(default_factory=lambda: np.empty(0))
    day_ratio: float = 1.0
    most_top: float = 1.0
    known: frozenset[str] = frozenset()
    unseen: float = 0.0


def column_facts(task: PredictionTask, rows: pd.DataFrame, encoder: Encoder) -> dict[str, ColumnFacts]:
    """The facts of every compared column of the reference's raw rows."""
    day = pd.Series(days(rows))
    large = day.groupby(day).transform("size").to_numpy() >= min(ROWS_OF_A_DAY, len(rows))
    found = {}
    for column, kind in encoder.kinds.items():
        if column in rows.columns and kind != "text":
            found[column] = _facts(rows[column], kind, day.to_numpy(), large)
    return found


def _facts(values: pd.Series, kind: str, day: np.ndarray, large: np.ndarray) -> ColumnFacts:
    missing = values.isna().to_numpy(bool)
    at = day[large] - day.min()
    of_days = np.bincount(at)
    shares = np.bincount(at, weights=missing[large])[of_days > 0] / of_days[of_days > 0]
    most = float(shares.max()) if len(shares) else float(missing.mean())
    present = ~missing
    codes, unique = pd.factorize(values[present])
    top = float(np.bincount(codes).max() / len(codes)) if len(codes) else 1.0
    kept = large[present]
    distinct, tops = _values_of_days(codes[kept], day[present][kept])
    constant = bool((distinct < 2).any()) or len(unique) < 2
    most_top = float(tops.max()) if len(tops) else 1.0
    if kind == "numeric":
        numbers = np.abs(as_numbers(values[present]).astype(np.float64))
        days_of = day[present][numbers > 0]
        numbers = numbers[numbers > 0]
        medians = pd.Series(numbers).groupby(days_of).median()
        swing = float(medians.quantile(0.95) / medians.quantile(0.05)) if len(medians) else 1.0
        return ColumnFacts(float(missing.mean()), most, constant, top, _sketch(np.sort(numbers)), swing, most_top)
    known = frozenset(str(value) for value in unique)
    return ColumnFacts(
        float(missing.mean()), most, constant, top, most_top=most_top, known=known, unseen=_unseen(codes, day[present])
    )


def _values_of_days(codes: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each day with any value: how many different ones it has, and the share of the most frequent one."""
    if len(codes) == 0:
        return np.empty(0, np.int64), np.empty(0)
    size = int(codes.max()) + 1
    pairs, counts = np.unique((day - day.min()) * size + codes, return_counts=True)
    of_day = pairs // size
    first = np.flatnonzero(np.r_[True, of_day[1:] != of_day[:-1]])
    distinct = np.diff(np.r_[first, len(pairs)])
    return distinct, np.maximum.reduceat(counts, first) / np.add.reduceat(counts, first)


def _sketch(values: np.ndarray) -> np.ndarray:
    """A thousand evenly spaced ones of sorted values, both ends among them."""
    if len(values) <= SKETCH:
        return values
    return values[np.linspace(0, len(values) - 1, SKETCH).astype(int)]


def _unseen(codes: np.ndarray, day: np.ndarray) -> float:
    """Share of the last third of days' rows with a value that the days before hadn't."""
    later = day > np.quantile(day, 2 / 3) if len(day) else np.empty(0, bool)
    if not later.any() or later.all():
        return 0.0
    return float((~np.isin(codes[later], codes[~later])).mean())
