"""Reference and batch as one pool of rows, each a vector of bounded functions, on which the statistics are sums.

Which values and words get a statistic of their own is told from the pool, not from the batch: whoever belongs to which
side then makes no difference to what is looked at, and drawing the sides anew is fair.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from ml.drift.encode import PREDICTION, Encoded, Encoder
from ml.task import PredictionTask

# Tickets of the pool; values with fewer go into "rare": nothing could be told of them. Tickets, not rows: those of the
# reference have many rows each, so by rows a value would be rarer the day it comes than ever after.
LEAST_OF_A_VALUE = 10
LEAST_OF_A_WORD = 30
RARE = "(rare values)"
RARE_WORDS = "(rare words)"
BEYOND = "(beyond its usual range)"


@dataclass
class Statistics:
    """What the pool's columns mean: kind, subject and value of each; `is_share` where it's an indicator's mean."""

    kind: list[str]
    subject: list[str]
    value: list[str | None]
    is_share: np.ndarray

    def identities(self) -> list[tuple[str, str, str | None]]:
        """A name for each statistic that holds whatever the batch: a value is a value, new or not."""
        kinds = ("share" if kind.endswith(" value") else kind for kind in self.kind)
        return list(zip(kinds, self.subject, self.value, strict=True))

    def __len__(self) -> int:
        return len(self.kind)


@dataclass
class Matrix:
    """Rows by statistics in two parts side by side: ranks (dense, 0 where null) and indicators (sparse)."""

    dense: np.ndarray
    sparse: sparse.csr_matrix

    def total(self, weights: sparse.csr_matrix) -> np.ndarray:
        """`weights` (draws x rows) times the rows: draws x statistics, float64."""
        return np.hstack([weights @ self.dense, (weights @ self.sparse).toarray()]).astype(np.float64, copy=False)

    def total_of_draws(self, weights: sparse.csr_matrix) -> np.ndarray:
        """The same for draws of many rows, by BLAS: several times as quick. On one thread, since more would wait for
        each other on a busy machine, and add up in an order that depends on how many there are."""
        with _threads().limit(limits=1, user_api="blas"):
            dense = weights.toarray() @ self.dense
        return np.hstack([dense, (weights @ self.sparse).toarray()]).astype(np.float64, copy=False)

    def gathered(self, weights: sparse.csr_matrix) -> Matrix:
        """Rows added up into groups: `weights` is groups x rows."""
        return Matrix(np.asarray(weights @ self.dense, np.float32), (weights @ self.sparse).tocsr())

    def take(self, rows: np.ndarray) -> Matrix:
        """Some rows."""
        return Matrix(self.dense[rows], self.sparse[rows])

    def column(self, position: int) -> np.ndarray:
        """One statistic of all rows."""
        wide = self.dense.shape[1]
        if position < wide:
            return self.dense[:, position].astype(np.float64)
        return self.sparse[:, [position - wide]].toarray().ravel().astype(np.float64)


@functools.cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@dataclass
class Pool:
    """Rows of the reference first, then of the batch. `counts` (rows x dense columns) is 1 where a rank is known.

    `shared`: owners of shared columns, each with the codes of every row and the subjects that it shares.
    """

    matrix: Matrix
    counts: np.ndarray
    statistics: Statistics
    ticket: np.ndarray
    day: np.ndarray
    in_batch: np.ndarray
    shared: list[tuple[np.ndarray, frozenset[str]]] = field(default_factory=list)


def make_pool(task: PredictionTask, encoder: Encoder, reference: Encoded, batch: Encoded, skipped: set[str]) -> Pool:
    """The pool over the columns that both sides have, without the `skipped` ones."""
    usable = [c for c in encoder.kinds if c not in skipped and c not in batch.unusable and c not in reference.unusable]
    dense, counts, kinds, subjects, values = [], [], [], [], []

    def add(kind: str, subject: str, value: str | None) -> None:
        kinds.append(kind)
        subjects.append(subject)
        values.append(value)

    for column in usable:
        if column not in reference.rank or column not in batch.rank:
            continue
        known = np.r_[reference.known[column], batch.known[column]]
        rank = np.r_[reference.rank[column], batch.rank[column]]
        dense.append(rank)
        counts.append(known)
        add("prediction" if column == PREDICTION else "level", column, None)
        if not encoder.numeric[column].growing:
            dense.append(np.where(known, np.abs(rank), 0).astype(np.float32))
            counts.append(known)
            add("prediction" if column == PREDICTION else "spread", column, "spread" if column == PREDICTION else None)
    wide = len(kinds)
    rows, columns = [], []
    for column in usable:
        for kind, of in (("missing", "missing"), ("spread", "beyond")):
            if column not in getattr(reference, of):
                continue
            hit = np.flatnonzero(np.r_[getattr(reference, of)[column], getattr(batch, of)[column]])
            if len(hit):
                rows.append(hit)
                columns.append(np.full(len(hit), len(kinds) - wide))
                add(kind, column, None if of == "missing" else BEYOND)
    for column in usable:
        if column in reference.codes:
            _add_codes(encoder, column, reference, batch, rows, columns, kinds, subjects, values, wide)
    size = reference.rows + batch.rows
    row = np.concatenate(rows) if rows else np.empty(0, np.int64)
    column_of = np.concatenate(columns) if columns else np.empty(0, np.int64)
    indicators = sparse.csr_matrix(
        (np.ones(len(row), np.float32), (row, column_of)), shape=(size, len(kinds) - wide), dtype=np.float32
    )
    indicators.data[:] = 1.0  # several rare values of one row count once
    is_share = np.arange(len(kinds)) >= wide
    return Pool(
        Matrix(np.column_stack(dense) if dense else np.zeros((size, 0), np.float32), indicators),
        np.column_stack(counts) if counts else np.zeros((size, 0), bool),
        Statistics(kinds, subjects, values, is_share),
        pd.factorize(np.r_[reference.ticket + "\tr", batch.ticket + "\tb"])[0],
        np.r_[reference.day, batch.day],
        np.arange(size) >= reference.rows,
        _shared(task, encoder, reference, batch),
    )


def only(pool: Pool, kept: np.ndarray) -> Pool:
    """The pool with some of its statistics, given by position."""
    wide = pool.matrix.dense.shape[1]
    dense, rest = kept[kept < wide], kept[kept >= wide] - wide
    kept = np.r_[dense, rest + wide].astype(np.int64)
    s = pool.statistics
    part = Statistics(
        [s.kind[i] for i in kept], [s.subject[i] for i in kept], [s.value[i] for i in kept], s.is_share[kept]
    )
    matrix = Matrix(pool.matrix.dense[:, dense], pool.matrix.sparse[:, rest].tocsr())
    return Pool(matrix, pool.counts[:, dense], part, pool.ticket, pool.day, pool.in_batch, pool.shared)


def _shared(
    task: PredictionTask, encoder: Encoder, reference: Encoded, batch: Encoded
) -> list[tuple[np.ndarray, frozenset[str]]]:
    found = []
    for owner in sorted(reference.owners.keys() & batch.owners.keys()):
        subjects = frozenset(column for column in encoder.kinds if task.shared_by(column) == owner)
        found.append((pd.factorize(np.r_[reference.owners[owner], batch.owners[owner]])[0], subjects))
    return found


def _add_codes(
    encoder: Encoder,
    column: str,
    reference: Encoded,
    batch: Encoded,
    rows: list[np.ndarray],
    columns: list[np.ndarray],
    kinds: list[str],
    subjects: list[str],
    values: list[str | None],
    wide: int,
) -> None:
    """Indicators of one category or text column: one for each value frequent enough in the pool, one for the rest."""
    text = encoder.kinds[column] == "text"
    ours, theirs = reference.codes[column], batch.codes[column]
    names = theirs.names if len(theirs.names) > len(ours.names) else ours.names
    row = np.r_[ours.row, theirs.row + reference.rows]
    code = np.r_[ours.code, theirs.code]
    count = np.bincount(code, minlength=len(names))
    tickets = np.zeros(len(names), np.int64)
    tickets[: len(ours.tickets)] += ours.tickets
    tickets[: len(theirs.tickets)] += theirs.tickets
    kept = np.flatnonzero(tickets >= (LEAST_OF_A_WORD if text else LEAST_OF_A_VALUE))
    if len(kept) == len(count) == 1 and not text:
        kept = kept if count[0] < len(row) else kept[:0]
    table = np.full(len(names), len(kept))
    table[kept] = np.arange(len(kept))
    of_batch = np.bincount(theirs.code, minlength=len(names))
    for value in kept:
        kinds.append("words" if text else _value_kind(count[value] - of_batch[value], of_batch[value]))
        subjects.append(column)
        values.append(names[value])
    rows.append(row)
    columns.append(table[code] + len(kinds) - len(kept) - wide)
    kinds.append("words" if text else "share")
    subjects.append(column)
    values.append(RARE_WORDS if text else RARE)


def _value_kind(in_reference: int, in_batch: int) -> str:
    if in_reference == 0:
        return "new value"
    return "vanished value" if in_batch == 0 else "share"
