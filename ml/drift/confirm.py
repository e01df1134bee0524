"""A suspicion tested again on tickets that weren't there when it arose, with the error spent over all looks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.drift.compare import findings
from ml.drift.days import reference_variance
from ml.drift.encode import Encoded, days
from ml.drift.finding import CONFIRMATION_RATE, Confirmation, read_suspect
from ml.drift.limits import bar, effect_limits
from ml.drift.measure import measure
from ml.drift.pool import Pool, make_pool, only
from ml.drift.reference import Reference, take
from ml.task import PredictionTask

LEAST_FRESH = 100  # entities; with fewer a change of the least size that matters has no chance
# What made a suspicion was the largest of many, so it overstates; two thirds of what matters is enough the second time.
SECOND_EFFECT = 2 / 3


def confirm(
    task: PredictionTask,
    reference: Reference,
    fresh: pd.DataFrame,
    suspects: tuple[str, ...],
    *,
    look: int,
    looks: int,
    seed: int,
    p: np.ndarray | None = None,
) -> Confirmation:
    """Whether fresh entities show the suspected statistics moved in the suspected direction.

    `fresh`: headline rows (raw features; `p` their probabilities) of entities first seen after the suspicion. They are
    young, so they are compared with reference rows of entities as young, in the same proportions. `look` counts from 1
    to `looks`; each spends its part, so that a false suspicion is confirmed with probability CONFIRMATION_RATE at most
    over all looks. With fewer than LEAST_FRESH entities it waits, and spends nothing.
    """
    if not 1 <= look <= looks:
        raise ValueError(f"look {look} of {looks}: give a look from 1 to the number of looks")
    entities = int(fresh[task.entity_key].nunique()) if len(fresh) else 0
    if entities < LEAST_FRESH or not suspects:
        return Confirmation(False, 1.0, waiting=True, entities=entities)
    alpha = CONFIRMATION_RATE / looks
    fresh = fresh.reset_index(drop=True)
    encoded = reference.encoder.encode(task, fresh, p)
    rows = as_young(reference, ages_of(task, fresh))
    if len(rows) < LEAST_FRESH:
        rows = np.arange(reference.rows)
    pool = make_pool(task, reference.encoder, take(reference.encoded, rows), encoded, set())
    kept, signs = suspected(pool, suspects)
    if len(kept) == 0:
        return Confirmation(False, 1.0, entities=entities)
    pool = only(pool, kept)
    limits = SECOND_EFFECT * effect_limits(pool.statistics, reference.importances)
    least = bar(pool.statistics, limits)
    # Young rows are few: how days and weeks differ is known better from all of the reference.
    of_all = reference.variance.for_statistics(reference.statistics, pool.statistics)
    known = replace(reference_variance(pool), days=of_all.days)
    measured = measure(pool, reference.encoder, least, alpha=alpha, seed=seed + look, signs=signs, known=known)
    some = _with_rows(reference, rows)
    said = findings(task, some, fresh, p, encoded, pool, measured, limits, alpha, shown=len(kept))
    p_value = float(measured.p.min(initial=1.0))
    return Confirmation(bool(any(f.alarm for f, _ in said)), p_value, [f for f, _ in said], entities=entities)


def suspected(pool: Pool, suspects: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the suspected statistics in a pool, and their directions. A value may have become another kind."""
    s = pool.statistics
    shares = {"share", "new value", "vanished value"}
    wanted = {}
    for key in suspects:
        kind, subject, value, sign = read_suspect(key)
        for name in shares if kind in shares else {kind}:
            wanted[(name, subject, value)] = sign
    found = [
        (i, wanted[key])
        for i, key in enumerate(zip(s.kind, s.subject, (v or "" for v in s.value), strict=True))
        if key in wanted
    ]
    return np.array([i for i, _ in found], np.int64), np.array([sign for _, sign in found])


def ages_of(task: PredictionTask, fresh: pd.DataFrame) -> np.ndarray:
    """Days since the first row of each row's entity."""
    day = pd.Series(days(fresh))
    return (day - day.groupby(fresh[task.entity_key].to_numpy()).transform("min")).to_numpy()


def as_young(reference: Reference, age: np.ndarray) -> np.ndarray:
    """Positions of reference rows with the same distribution of ages as `age`, as many as there are.

    Which rows of an age are left out is told by a hash of the row.
    """
    share = np.bincount(age) / max(len(age), 1)
    ours = np.where(reference.age < len(share), reference.age, -1)
    there = np.bincount(ours[ours >= 0], minlength=len(share))
    if not (there[share > 0] > 0).any():
        return np.empty(0, np.int64)
    # An age of which the reference has hardly a row must not shrink all the others.
    counted = (share > 0.01) & (there > 0)
    most = float((there[counted] / share[counted]).min()) if counted.any() else 0.0
    kept = np.minimum(share * most / np.maximum(there, 1), 1.0)
    hashed = _row_hash(reference.encoded)
    return np.flatnonzero((ours >= 0) & (hashed < kept[np.maximum(ours, 0)]))


def _row_hash(encoded: Encoded) -> np.ndarray:
    keys = pd.util.hash_array(encoded.ticket) ^ pd.util.hash_array(encoded.day.astype(np.uint64))
    return pd.util.hash_array(keys).astype(np.float64) / 2.0**64


def _with_rows(reference: Reference, rows: np.ndarray) -> Reference:
    slices = {column: values[rows] for column, values in reference.slices.items()}
    return replace(reference, encoded=take(reference.encoded, rows), slices=slices, age=reference.age[rows])
