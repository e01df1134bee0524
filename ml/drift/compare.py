"""A day's rows against the champion's reference: one test over all features and predictions at a stated rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.drift.encode import PREDICTION, Encoded
from ml.drift.faults import source_faults
from ml.drift.finding import FEATURE_RATE, SHOWN, WORLD, Comparison, Finding, suspect_key
from ml.drift.limits import bar, effect_limits, effects, is_spread
from ml.drift.measure import Measured, measure
from ml.drift.pool import Pool, Statistics, make_pool
from ml.drift.reference import Reference, kept_entities, slice_values
from ml.drift.slices import concentrated
from ml.drift.wording import told
from ml.prepare import as_numbers
from ml.task import PredictionTask

LEAST_ENTITIES = 10  # fewer can't tell a drift from chance
MOST_ROWS = 20_000  # of a batch; more only show effects that don't matter


def compare(
    task: PredictionTask,
    reference: Reference,
    batch: pd.DataFrame,
    *,
    p: np.ndarray | None = None,
    seed: int,
    alpha: float = FEATURE_RATE,
) -> Comparison:
    """The day's headline rows (raw features; `p` their probabilities) against the champion's reference.

    Without drift the chance of an alarm is at most `alpha`, whatever the number of rows and features. An alarm also
    needs an effect that matters (`limits.py`). Source faults are alarms of cause 'source'; their columns are left out
    of the test. Below LEAST_ENTITIES entities nothing but faults is told. A batch of more than MOST_ROWS rows is
    judged on about that many, whole entities by hash.
    """
    faults = source_faults(task, reference, batch)
    entities = int(batch[task.entity_key].nunique()) if len(batch) else 0
    first = faults[0] if faults else None
    if entities < LEAST_ENTITIES:
        note = f"{entities} of the {LEAST_ENTITIES} {task.entity}s that a comparison needs at least"
        return Comparison(faults, 0.0 if faults else 1.0, bool(faults), first, note=note)
    p = None if p is None else np.asarray(p, np.float64)
    if len(batch) > MOST_ROWS:
        kept = kept_entities(batch[task.entity_key], MOST_ROWS / len(batch), seed)
        batch, p = batch[kept], p if p is None else p[kept]
    batch = batch.reset_index(drop=True)
    encoded = reference.encoder.encode(task, batch, p)
    pool = make_pool(task, reference.encoder, reference.encoded, encoded, {fault.subject for fault in faults})
    limits = np.where(grows_known(task, pool.statistics), np.inf, effect_limits(pool.statistics, reference.importances))
    known = reference.variance.for_statistics(reference.statistics, pool.statistics)
    measured = measure(pool, reference.encoder, bar(pool.statistics, limits), alpha=alpha, seed=seed, known=known)
    told_of = findings(task, reference, batch, p, encoded, pool, measured, limits, alpha)
    alarms = [finding for finding, _ in told_of if finding.alarm]
    suspects = tuple(key for finding, key in told_of if finding.alarm)
    p_value = float(measured.p.min(initial=1.0))
    return Comparison(
        [*faults, *(finding for finding, _ in told_of)],
        0.0 if faults else p_value,
        bool(faults or alarms),
        first,
        suspects,
    )


def grows_known(task: PredictionTask, statistics: Statistics) -> np.ndarray:
    """True for what changes by itself as a past is gathered: the nulls and the values of growing columns.

    Their numbers are compared with a trend; a column gone null is a source's fault, which is looked for apart.
    """
    of_rows = zip(statistics.kind, statistics.subject, strict=True)
    return np.array([task.is_growing(s) and k not in {"level", "spread"} for k, s in of_rows], bool)


def findings(
    task: PredictionTask,
    reference: Reference,
    batch: pd.DataFrame,
    p: np.ndarray | None,
    encoded: Encoded,
    pool: Pool,
    measured: Measured,
    limits: np.ndarray,
    alpha: float,
    shown: int = SHOWN,
) -> list[tuple[Finding, str]]:
    """Every alarm and the `shown` strongest of the rest, each with its suspect key; strongest first."""
    alarm = measured.matters & (measured.p <= alpha) & measured.outcome.finished
    order = np.argsort(-np.abs(measured.z) - 1e6 * alarm, kind="stable")
    order = order[np.isfinite(limits[order])]
    chosen = order[: int(alarm.sum()) + shown]
    slices = slice_values(task, batch)
    entities = int(batch[task.entity_key].nunique())
    spread = is_spread(pool.statistics)
    effect = effects(pool.statistics, measured.difference, measured.middle, measured.sd)
    found = []
    for k in chosen:
        kind, subject, value = pool.statistics.kind[k], pool.statistics.subject[k], pool.statistics.value[k]
        where = None
        if alarm[k]:
            column = _values(pool, int(k))
            where = concentrated(reference.slices, slices, column[~pool.in_batch], column[pool.in_batch], subject)
        before, now = _shown_values(reference, batch, p, subject, bool(spread[k]), measured, pool, int(k))
        finding = Finding(
            kind,
            subject,
            value,
            where.name if where else None,
            len(batch),
            entities,
            before,
            now,
            float(effect[k]),
            float(limits[k]),
            float(measured.p[k]),
            bool(alarm[k]),
            WORLD if alarm[k] else None,
        )
        said = told(
            kind,
            subject,
            value,
            before,
            now,
            finding.effect,
            hit=round(measured.batch[k] * len(batch)),
            rows=len(batch),
            entity=task.entity,
            where=finding.slice,
            growing=subject in reference.encoder.numeric and reference.encoder.numeric[subject].growing,
        )
        found.append((replace(finding, sentence=said), suspect_key(kind, subject, value, measured.z[k])))
    return found


def _values(pool: Pool, k: int) -> np.ndarray:
    """A statistic's value of every row, NaN where a rank isn't known."""
    column = pool.matrix.column(k)
    return np.where(pool.counts[:, k], column, np.nan) if k < pool.counts.shape[1] else column


def _shown_values(
    reference: Reference,
    batch: pd.DataFrame,
    p: np.ndarray | None,
    subject: str,
    spread: bool,
    measured: Measured,
    pool: Pool,
    k: int,
) -> tuple[float, float]:
    """What a person compares: shares, medians, or the width of the middle half."""
    if pool.statistics.is_share[k]:
        return float(measured.reference[k]), float(measured.batch[k])
    column = reference.encoder.numeric[subject]
    values = np.asarray(p, np.float64) if subject == PREDICTION else as_numbers(batch[subject]).astype(np.float64)
    values = values[np.isfinite(values)]
    if len(values) == 0 or len(column.values) == 0:
        return float("nan"), float("nan")
    if spread:
        low, high = np.quantile(values, [0.25, 0.75])
        return column.quantile(0.75) - column.quantile(0.25), float(high - low)
    at = float(pool.day[pool.in_batch].mean())
    return column.quantile(0.5) + column.slope * (at - column.origin), float(np.median(values))
