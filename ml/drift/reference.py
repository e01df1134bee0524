"""What a champion learnt from, kept so that each day's rows can be set against it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.drift.days import ReferenceVariance, reference_variance
from ml.drift.encode import Codes, Encoded, Encoder, NumericColumn, fit_encoder
from ml.drift.facts import ColumnFacts, column_facts
from ml.drift.pool import Pool, Statistics, make_pool
from ml.prepare import as_numbers
from ml.task import LearningError, PredictionTask

MOST_ROWS = 20_000  # enough for a standard error of 0.01 sd; more would cost time on every day


@dataclass
class Reference:
    """The encoded rows of a reference, the share of each feature in the champion, and facts of the raw columns.

    `age` counts the days since a ticket's first row in the reference, -1 where the ticket was there from the first
    day on, so that its true age isn't known. `slices` holds the slice columns as text.
    """

    task: str
    encoder: Encoder
    encoded: Encoded
    importances: pd.Series
    facts: dict[str, ColumnFacts]
    slices: dict[str, np.ndarray]
    age: np.ndarray
    seed: int
    statistics: Statistics
    variance: ReferenceVariance

    @property
    def rows(self) -> int:
        """Rows that are compared with."""
        return self.encoded.rows


def make_reference(
    task: PredictionTask,
    rows: pd.DataFrame,
    importances: pd.Series,
    *,
    p: np.ndarray | None = None,
    weeks: pd.DataFrame | None = None,
    seed: int,
) -> Reference:
    """The reference of a champion, from the headline rows of its newest training weeks.

    `rows` are raw feature rows (entity key, as_of, moment_kind, features), entities repeated over days; at most
    MOST_ROWS are kept, whole entities by hash. `importances` holds each feature's share in the champion. `p` are the
    champion's out-of-fold probabilities of the rows, NaN where there is none. `weeks` are headline rows of one day a
    week, of many more entities: how things wander with the season shows only there. Raises LearningError without rows.
    """
    if len(rows) == 0:
        raise LearningError(f"task {task.name}: no rows to compare later days with; the champion has no training rows")
    p = None if p is None else np.asarray(p, np.float64)
    if len(rows) > MOST_ROWS:
        kept = kept_entities(rows[task.entity_key], MOST_ROWS / len(rows), seed)
        rows, p = rows[kept], p if p is None else p[kept]
    rows = rows.reset_index(drop=True)
    encoder = fit_encoder(task, rows, p)
    encoded = encoder.encode(task, rows, p)
    for column in encoded.beyond:
        encoded.beyond[column] = beyond_the_rest(as_numbers(rows[column]).astype(np.float64), encoded.day)
    alone = _alone(task, encoder, encoded)
    variance = reference_variance(alone)
    if weeks is not None and len(weeks):
        of_text = [c for c, kind in encoder.kinds.items() if kind == "text"]  # takes as long as all the rest
        weeks = weeks.drop(columns=of_text, errors="ignore").reset_index(drop=True)
        variance = variance.with_weeks(alone.statistics, _alone(task, encoder, encoder.encode(task, weeks, None)))
    return Reference(
        task.name,
        encoder,
        encoded,
        importances[importances > 0],
        column_facts(task, rows, encoder),
        slice_values(task, rows),
        ages(encoded),
        seed,
        alone.statistics,
        variance,
    )


def _alone(task: PredictionTask, encoder: Encoder, encoded: Encoded) -> Pool:
    return make_pool(task, encoder, encoded, take(encoded, np.empty(0, np.int64)), set())


def beyond_the_rest(values: np.ndarray, day: np.ndarray) -> np.ndarray:
    """True for values outside of the usual range of the other weeks (other days, where there are no three weeks).

    Set against their own week, loads and rates that a whole queue shares would hardly ever be out of range, and any
    later day with a record would look like a drift.
    """
    found = np.zeros(len(values), bool)
    block = (day.max() - day) // 7 if len(day) and day.max() - day.min() >= 20 else day
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    for one in np.unique(block):
        others = values[order[block[order] != one]]
        if len(others):
            mine = known[block[known] == one]
            found[mine] = NumericColumn(others).beyond(values[mine])
    if len(np.unique(block)) < 2:
        found[known] = NumericColumn(values[order]).beyond(values[known])
    return found


def kept_entities(entity: pd.Series, share: float, seed: int) -> np.ndarray:
    """True for the rows of about `share` of the entities, by hash of their key: the same in every run."""
    hashed = pd.util.hash_array((entity.astype(str) + f"/{seed}").to_numpy(object)).astype(np.float64) / 2.0**64
    return hashed < share


def slice_values(task: PredictionTask, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The slice columns that a frame has, as text; null is an empty text."""
    names = [column for column in task.slices if column in frame.columns]
    return {c: frame[c].astype(object).where(frame[c].notna(), "").astype(str).to_numpy(object) for c in names}


def ages(encoded: Encoded) -> np.ndarray:
    """Days since each row's ticket was first there; -1 for tickets of the first day."""
    first = pd.Series(encoded.day).groupby(pd.Series(encoded.ticket)).transform("min").to_numpy()
    return np.where(first == encoded.day.min(), -1, encoded.day - first) if encoded.rows else np.empty(0, np.int64)


def take(encoded: Encoded, rows: np.ndarray) -> Encoded:
    """Some rows, given by position."""
    place = np.full(encoded.rows, -1)
    place[rows] = np.arange(len(rows))
    ticket = pd.factorize(encoded.ticket[rows])[0]

    def of(codes: Codes) -> Codes:
        kept = place[codes.row] >= 0
        return Codes(place[codes.row[kept]], codes.code[kept], len(rows), codes.names).counted(ticket)

    parts = {
        name: {c: v[rows] for c, v in getattr(encoded, name).items()} for name in ("rank", "known", "missing", "owners")
    }
    return replace(
        encoded,
        rows=len(rows),
        day=encoded.day[rows],
        ticket=encoded.ticket[rows],
        beyond={c: v[rows] for c, v in encoded.beyond.items()},
        codes={c: of(v) for c, v in encoded.codes.items()},
        **parts,
    )
