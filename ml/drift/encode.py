"""Feature frames to bounded functions of a row, fitted on a reference: ranks, nulls, category codes and tokens.

Bounded, because one value of a heavy tail would else be a mean of its own; ranks, because a shift of location then
shows at any scale. Categories and tokens stay codes until the pool is known (see `pool.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ml.prepare import as_numbers, kind_of
from ml.task import AS_OF, LearningError, PredictionTask
from ml.text import tokenise

EXTREME = 0.001  # beyond this share of the reference at either end a value is out of its usual range
LEAST_DAYS_OF_TREND = 7
SHARED = 0.8  # of the different values in a day that rows of all days would have
PREDICTION = "p"


@dataclass(frozen=True)
class NumericColumn:
    """A numeric column's reference: sorted values (less the trend's share where `slope` isn't 0), a day's slope."""

    values: np.ndarray
    slope: float = 0.0
    slope_error: float = 0.0
    origin: float = 0.0  # mean day of the reference, days since 1970
    growing: bool = False
    shared: bool = False  # by the tickets of a day or queue, as loads are: its extremes are known by few days only

    def detrended(self, values: np.ndarray, day: np.ndarray) -> np.ndarray:
        """`values` as they would be on the reference's mean day."""
        return values - self.slope * (day - self.origin) if self.slope else values

    def rank(self, values: np.ndarray) -> np.ndarray:
        """Mid-rank among the reference, -1/2 to 1/2; 0 for null."""
        known = np.isfinite(values)
        found = np.zeros(len(values), np.float32)
        if len(self.values):
            left = np.searchsorted(self.values, values[known], "left")
            right = np.searchsorted(self.values, values[known], "right")
            found[known] = (left + right) / (2 * len(self.values)) - 0.5
        return found

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """True for values outside of the reference's usual range."""
        if len(self.values) == 0:
            return np.zeros(len(values), bool)
        low, high = self.quantile(EXTREME), self.quantile(1 - EXTREME)
        return (values < low) | (values > high)

    def quantile(self, share: float) -> float:
        """A quantile of the reference."""
        return float(self.values[min(int(share * len(self.values)), len(self.values) - 1)])


@dataclass
class Codes:
    """Codes of many rows in one column: `row` and `code` of each entry (several a row for text).

    `tickets` counts the different tickets of each code: a value that one ticket holds for weeks is no less rare.
    """

    row: np.ndarray
    code: np.ndarray
    rows: int
    names: list[str]
    tickets: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def counted(self, ticket: np.ndarray) -> Codes:
        """The same with `tickets`, from each row's ticket (codes)."""
        size = len(self.names)
        if size == 0 or len(self.row) == 0:
            return replace(self, tickets=np.zeros(size, np.int64))
        pairs = np.unique(ticket[self.row].astype(np.int64) * size + self.code)
        return replace(self, tickets=np.bincount(pairs % size, minlength=size))


@dataclass
class Encoded:
    """A frame's rows as the encoder sees them. `rank` and `known` per numeric column; `missing`, `beyond` per name.

    `owners`: by name of the column, whose value each row has in shared columns.
    """

    rows: int
    day: np.ndarray
    ticket: np.ndarray
    rank: dict[str, np.ndarray] = field(default_factory=dict)
    known: dict[str, np.ndarray] = field(default_factory=dict)
    missing: dict[str, np.ndarray] = field(default_factory=dict)
    beyond: dict[str, np.ndarray] = field(default_factory=dict)
    codes: dict[str, Codes] = field(default_factory=dict)
    owners: dict[str, np.ndarray] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)


@dataclass
class Encoder:
    """What the reference taught: the kind of each compared column, numeric references, known values and tokens."""

    kinds: dict[str, str]
    numeric: dict[str, NumericColumn]
    known: dict[str, dict[str, int]]

    def encode(self, task: PredictionTask, frame: pd.DataFrame, p: np.ndarray | None) -> Encoded:
        """The rows of a raw feature frame. Columns that are absent or of another type are named in `unusable`."""
        day = days(frame)
        found = Encoded(len(frame), day, frame[task.entity_key].astype(str).to_numpy(object))
        ticket = pd.factorize(found.ticket)[0]
        for column, kind in self.kinds.items():
            if column == PREDICTION:
                if p is not None:
                    self._numeric(found, column, np.asarray(p, np.float64), day)
            elif column not in frame.columns:
                found.unusable[column] = "absent"
            elif kind == "numeric":
                try:
                    self._numeric(found, column, as_numbers(frame[column]).astype(np.float64), day)
                except LearningError:
                    found.unusable[column] = "not a number"
            else:
                found.codes[column] = coded(frame[column], kind, self.known[column]).counted(ticket)
                if kind == "categorical":
                    found.missing[column] = frame[column].isna().to_numpy(bool)
        for owner in task.shared:
            if owner in frame.columns:
                found.owners[owner] = frame[owner].astype(str).fillna("").to_numpy(object)
        return found

    def _numeric(self, found: Encoded, column: str, values: np.ndarray, day: np.ndarray) -> None:
        reference = self.numeric[column]
        values = reference.detrended(values, day)
        found.known[column] = np.isfinite(values)
        found.rank[column] = reference.rank(values)
        if column == PREDICTION:
            return
        found.missing[column] = ~found.known[column]
        if not reference.growing and not reference.shared:
            found.beyond[column] = reference.beyond(values)


def fit_encoder(task: PredictionTask, frame: pd.DataFrame, p: np.ndarray | None) -> Encoder:
    """Learn the compared columns from reference rows: all features but the calendar's and points in time.

    Constant columns are left out: no champion learns from them, and what varies between days can't be told.
    """
    kinds: dict[str, str] = {}
    numeric: dict[str, NumericColumn] = {}
    known: dict[str, dict[str, int]] = {}
    day = days(frame)
    for column in task.feature_columns(frame):
        if task.is_calendar(column) or pd.api.types.is_datetime64_any_dtype(frame[column].dtype):
            continue
        if len(pd.unique(frame[column])) < 2:
            continue
        kind = kind_of(task, frame[column])
        kinds[column] = kind
        if kind == "numeric":
            values = as_numbers(frame[column]).astype(np.float64)
            numeric[column] = fit_numeric(values, day, growing=task.is_growing(column))
        else:
            known[column] = {}
            names = coded(frame[column], kind, {}).names
            known[column] = {name: code for code, name in enumerate(names)}
    if p is not None and np.isfinite(p).any():
        kinds[PREDICTION] = "numeric"
        numeric[PREDICTION] = fit_numeric(np.asarray(p, np.float64), day, growing=False)
    return Encoder(kinds, numeric, known)


def fit_numeric(values: np.ndarray, day: np.ndarray, *, growing: bool) -> NumericColumn:
    """The reference of one column; with `growing`, its linear trend over the days and the trend's standard error."""
    known = np.isfinite(values)
    values, day = values[known], day[known]
    if not growing or len(np.unique(day)) < LEAST_DAYS_OF_TREND:
        return NumericColumn(np.sort(values), growing=growing, shared=is_shared(values, day))
    low, high = np.quantile(values, [EXTREME, 1 - EXTREME])
    daily = pd.Series(np.clip(values, low, high)).groupby(day).mean()
    at = daily.index.to_numpy(np.float64) - day.mean()
    spread = float(at @ at)
    slope = float(at @ (daily - daily.mean()).to_numpy()) / spread
    left = (daily - daily.mean()).to_numpy() - slope * at
    # Days of a trend hang together, so its error is larger than independent days would have: by their autocorrelation.
    lag = float(np.clip((left[1:] @ left[:-1]) / max(left @ left, 1e-12), 0.0, 0.9))
    error = np.sqrt(left @ left / max(len(left) - 2, 1) / spread * (1 + lag) / (1 - lag))
    column = NumericColumn(np.empty(0), slope, float(error), float(day.mean()), growing=True)
    return NumericColumn(np.sort(column.detrended(values, day)), slope, float(error), float(day.mean()), growing=True)


def is_shared(values: np.ndarray, day: np.ndarray) -> bool:
    """True where the rows of a day hold fewer different values than as many rows of other days would."""
    if len(values) == 0:
        return False
    codes = np.unique(values, return_inverse=True)[1].astype(np.int64)
    size = int(codes.max()) + 1
    shuffled = np.random.default_rng(0).permutation(day)
    there, expected = (len(np.unique(d * size + codes)) for d in (day - day.min(), shuffled - day.min()))
    return there < SHARED * expected


def coded(values: pd.Series, kind: str, known: dict[str, int]) -> Codes:
    """Codes of a category or text column: `known` keeps its codes, what is new follows in order of appearance."""
    if kind == "text":
        lists = [text.split(" ") for text in tokenise(values)]
        row = np.repeat(np.arange(len(lists)), [len(found) for found in lists])
        flat = pd.Series([token for found in lists for token in found], dtype=object)
    else:
        present = values.notna().to_numpy(bool)
        row = np.flatnonzero(present)
        flat = values[present].astype(str).astype(object)
    positions, unique = pd.factorize(flat)
    names = list(known)
    table = np.empty(len(unique), np.int64)
    for position, name in enumerate(unique):
        table[position] = known.get(name, -1)
        if table[position] < 0:
            table[position] = len(names)
            names.append(name)
    return Codes(row, table[positions] if len(unique) else np.empty(0, np.int64), len(values), names)


def days(frame: pd.DataFrame) -> np.ndarray:
    """Whole days since 1970 of each row's moment."""
    return frame[AS_OF].astype("datetime64[s]").astype("int64").to_numpy() // 86_400
