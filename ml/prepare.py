"""From a feature frame to what the learners take: numbers, category codes and tokens. Fitted on training rows only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from ml.task import LearningError, PredictionTask
from ml.text import tokenise

ColumnKind = Literal["numeric", "categorical", "text"]
RARE = 20  # a category seen in fewer training rows than this tells nothing that repeats
NULL_CODE, UNSEEN_CODE = -1, -2


@dataclass(frozen=True)
class Preparation:
    """The features a model knows, their kinds, and the code of each category (most frequent is 0)."""

    kinds: dict[str, ColumnKind]
    codes: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """All feature columns, in the order that the learners see."""
        return list(self.kinds)

    def of_kind(self, *kinds: ColumnKind) -> list[str]:
        """The columns of these kinds."""
        return [column for column, kind in self.kinds.items() if kind in kinds]

    def transform(self, frame: pd.DataFrame, *, text: bool = True) -> pd.DataFrame:
        """A frame of float32 numbers, int32 codes and (if `text`) token strings; same index as `frame`.

        Raises LearningError naming the columns that `frame` lacks.
        """
        missing = [column for column in self.kinds if column not in frame.columns]
        if missing:
            raise LearningError(f"the feature frame lacks columns that the model learnt from: {', '.join(missing)}")
        out: dict[str, Any] = {}
        for column, kind in self.kinds.items():
            if kind == "numeric":
                out[column] = as_numbers(frame[column])
            elif kind == "categorical":
                out[column] = encode(frame[column], self.codes[column])
            elif text:
                out[column] = tokenise(frame[column])
        return pd.DataFrame(out, index=frame.index)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that `from_json` reads back."""
        return {"kinds": self.kinds, "codes": self.codes}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Preparation:
        """The inverse of `to_json`."""
        return cls(kinds=plain["kinds"], codes=plain["codes"])


def as_numbers(values: pd.Series) -> np.ndarray:
    """float32 of a numeric, boolean or duration column; null is NaN. Raises LearningError for other types."""
    if types.is_timedelta64_dtype(values.dtype):
        return values.dt.total_seconds().to_numpy(np.float32)
    try:
        return pd.to_numeric(values, errors="raise").to_numpy(np.float64, na_value=np.nan).astype(np.float32)
    except (TypeError, ValueError) as error:
        raise LearningError(f"feature column {values.name!r} was numeric in training and isn't now: {error}") from error


def encode(values: pd.Series, codes: dict[str, int]) -> np.ndarray:
    """Category codes as int32; null and unseen (or too rare) have codes of their own."""
    positions, unique = pd.factorize(values)
    table = np.array([*(codes.get(str(value), UNSEEN_CODE) for value in unique), NULL_CODE], dtype=np.int32)
    return table[positions]


def fit_preparation(task: PredictionTask, frame: pd.DataFrame) -> Preparation:
    """Learn kinds and codes from training rows. Constant columns are dropped: they say nothing here.

    Raises LearningError where no feature is left, or where a column is of a type that can't be learnt from.
    """
    kinds: dict[str, ColumnKind] = {}
    codes: dict[str, dict[str, int]] = {}
    for column in task.feature_columns(frame):
        kind = kind_of(task, frame[column])
        if frame[column].nunique(dropna=False) < 2:
            continue
        kinds[column] = kind
        if kind == "categorical":
            codes[column] = category_codes(frame[column])
    if not kinds:
        raise LearningError(f"task {task.name}: no feature column varies over the {len(frame)} training rows")
    return Preparation(kinds, codes)


def kind_of(task: PredictionTask, values: pd.Series) -> ColumnKind:
    """The kind of a column, by the task and its type. Booleans with nulls arrive as objects and count as numbers."""
    name = str(values.name)
    if name in task.text:
        return "text"
    if name in task.categorical:
        return "categorical"
    if types.is_datetime64_any_dtype(values.dtype):
        raise LearningError(f"feature column {name!r} is a point in time; give an age or an elapsed time instead")
    if (
        types.is_bool_dtype(values.dtype)
        or types.is_numeric_dtype(values.dtype)
        or types.is_timedelta64_dtype(values.dtype)
    ):
        return "numeric"
    if isinstance(values.dtype, pd.StringDtype):
        return "categorical"
    known = values.dropna()
    return "numeric" if len(known) and known.map(_is_number).all() else "categorical"


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float | np.number | np.bool_)


def category_codes(values: pd.Series) -> dict[str, int]:
    """Codes by falling frequency (names break ties), leaving out rare values."""
    counts = values.dropna().astype(str).value_counts()
    kept = sorted(((-int(count), str(value)) for value, count in counts.items() if count >= RARE))
    return {value: code for code, (_, value) in enumerate(kept)}


def fingerprint(frame: pd.DataFrame, columns: Iterable[str]) -> str:
    """A SHA-256 of the values in `columns`, whatever the order of the rows."""
    import hashlib

    hashes = pd.util.hash_pandas_object(frame[list(columns)], index=False).to_numpy()
    return hashlib.sha256(np.sort(hashes).tobytes()).hexdigest()
