"""Gross faults of a source: a column gone, null, constant, in another unit, or with all its values renamed.

They are told from a change of the world by their form: a world doesn't multiply by a thousand, blank a column or
rename every product overnight. Each check asks for more than chance and the reference's own days could bring.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ml.drift.encode import PREDICTION
from ml.drift.facts import ColumnFacts
from ml.drift.finding import SOURCE, Finding
from ml.drift.reference import Reference
from ml.drift.wording import count_of, share
from ml.prepare import as_numbers
from ml.task import LearningError, PredictionTask

LEAST_ENTITIES = 10
NULL_JUMP, GONE = 0.2, 0.95
# Nulls that mean something ("no reply yet") come and go with the work; columns with few have no such meaning.
MEANT_NULLS, MEANT_JUMP = 0.05, 0.4
UNSEEN = 0.5
BROKEN_TEXT = 0.02
FACTORS = (1_000.0, 100.0, 60.0, 24.0, 3_600.0, 1_440.0, 86_400.0, 1_000_000.0)
NAMES = 0.1  # where more of a reference day than this is new, the column names customers or authors, and is always new
MOSTLY_ONE = 0.8  # where a day's rows may nearly all have one value, a Sunday's may all have it
UNLIKELY = 1e-9
SURE_ERRORS = 5.0  # standard errors
UNIT_SHARE = 0.02  # rows in another unit from which on it's named
FEW = 10  # whole numbers below it are counts: nobody exports those in another unit, but they do fall to a fraction
NEAR = 3.0  # times a factor that the median must have moved by
FITS = 0.3  # Kolmogorov-Smirnov distance below which a rescaled column looks like its reference
DIFFERS = 0.5


def source_faults(task: PredictionTask, reference: Reference, batch: pd.DataFrame) -> list[Finding]:
    """What the day's rows show of faults in a source, most important feature first; empty where all is well.

    Only features that the champion uses count (all, where the reference knows of none). Below LEAST_ENTITIES entities
    only absent columns and columns of another type are told.
    """
    used = [c for c in reference.facts if c in reference.importances.index or reference.importances.empty]
    used.sort(key=lambda c: -float(reference.importances.get(c, 0.0)))
    found = []
    entities = batch[task.entity_key].nunique() if len(batch) else 0
    for column in used:
        fault = _absent(task, reference, column, batch)
        if fault is None and column in batch.columns and entities >= LEAST_ENTITIES:
            fault = _fault(task, reference, column, batch, entities)
        if fault is not None:
            found.append(fault)
    return found


def _absent(task: PredictionTask, reference: Reference, column: str, batch: pd.DataFrame) -> Finding | None:
    if column not in batch.columns:
        return _finding(task, "missing", column, batch, "the column is absent", 0.0, 1.0, value="absent")
    if reference.encoder.kinds[column] == "numeric" and len(batch):
        try:
            as_numbers(batch[column])
        except LearningError:
            return _finding(
                task, "unit", column, batch, "it was a number and isn't now", 0.0, 1.0, value="not a number"
            )
    return None


def _fault(
    task: PredictionTask, reference: Reference, column: str, batch: pd.DataFrame, entities: int
) -> Finding | None:
    facts, values = reference.facts[column], batch[column]
    fault = _gone_null(task, facts, column, batch, entities) or _constant(task, facts, column, batch, entities)
    if fault is not None or column == PREDICTION:
        return fault
    if reference.encoder.kinds[column] == "numeric":
        growing = task.is_growing(column)
        return _unit(task, facts, column, batch, as_numbers(values).astype(np.float64), growing)
    return _renamed(task, facts, column, batch)


def _gone_null(
    task: PredictionTask, facts: ColumnFacts, column: str, batch: pd.DataFrame, entities: int
) -> Finding | None:
    now = float(batch[column].isna().mean())
    error = np.sqrt(max(facts.most_missing * (1 - facts.most_missing), 0.25 / entities) / entities)
    jump = NULL_JUMP if facts.missing <= MEANT_NULLS else MEANT_JUMP
    gone = now >= GONE and facts.most_missing < GONE - NULL_JUMP
    if now - facts.most_missing < max(SURE_ERRORS * error, 0.0 if gone else jump):
        return None
    said = f"null in {share(now)} of rows, {share(facts.missing)} before"
    return _finding(task, "missing", column, batch, said, facts.missing, now)


def _constant(
    task: PredictionTask, facts: ColumnFacts, column: str, batch: pd.DataFrame, entities: int
) -> Finding | None:
    present = batch[column].dropna()
    if facts.constant_days or facts.most_top > MOSTLY_ONE or len(present) == 0 or (present != present.iloc[0]).any():
        return None
    known = batch.loc[present.index, task.entity_key].nunique()
    if known < LEAST_ENTITIES or facts.top_share**known > UNLIKELY:
        return None
    said = (
        f"{present.iloc[0]!s} in all {len(present):,} rows; the most frequent value had {share(facts.top_share)} before"
    )
    return _finding(task, "unit", column, batch, said, facts.top_share, 1.0, value="constant")


def _unit(
    task: PredictionTask, facts: ColumnFacts, column: str, batch: pd.DataFrame, values: np.ndarray, growing: bool
) -> Finding | None:
    """The whole column, or part of its rows, multiplied by a factor that stands between two units."""
    before, now = facts.magnitudes, np.sort(np.abs(values[np.isfinite(values) & (values != 0)]))
    if len(before) < 30 or len(now) < LEAST_ENTITIES:
        return None
    noise = 1.6 / np.sqrt(len(now))
    moved = float(np.median(now) / np.median(before))
    factors = [g for f in FACTORS for g in (f, 1 / f) if 1 / NEAR < moved / g < NEAR]
    if not factors:
        return _part_in_another_unit(task, facts, column, batch, now)
    fits = {f: _distance(now / f, before) for f in factors}
    factor = min(factors, key=lambda f: fits[f])
    differs = _distance(now, before)
    # What swings by such factors from day to day (a load, a total so far) can't be told from another unit.
    steady = facts.day_ratio < max(factor, 1 / factor) / 2 and not (growing and max(factor, 1 / factor) <= 100)
    counts = factor < 1 and np.median(now) < FEW and not (now % 1).any() and not (before % 1).any()
    if (
        steady
        and not counts
        and differs > DIFFERS + noise
        and fits[factor] < FITS + noise
        and fits[factor] < differs / 2
    ):
        return _unit_finding(task, column, batch, factor, len(now), len(now), before)
    return _part_in_another_unit(task, facts, column, batch, now)


def _part_in_another_unit(
    task: PredictionTask, facts: ColumnFacts, column: str, batch: pd.DataFrame, now: np.ndarray
) -> Finding | None:
    """Values piled up far above all that was, which look like the reference once divided."""
    before = facts.magnitudes
    top = before[-1]
    far = now[now > 3 * top]
    if len(far) < max(LEAST_ENTITIES, UNIT_SHARE * len(now)):
        return None
    for factor in FACTORS:
        reach = before[before * factor > 3 * top]
        seen = len(reach) / len(before)
        if seen > 0.25 and _distance(far / factor, reach) < FITS + 1.6 / np.sqrt(len(far)):
            return _unit_finding(task, column, batch, factor, round(len(far) / seen), len(now), before)
    return None


def _unit_finding(
    task: PredictionTask, column: str, batch: pd.DataFrame, factor: float, rows: int, of: int, before: np.ndarray
) -> Finding:
    times = f"{factor:,.0f}" if factor >= 1 else f"1/{1 / factor:,.0f}"
    part = "all rows" if rows >= of else f"about {share(rows / of)} of rows"
    said = f"values look {times} times what they were in {part}"
    middle = float(np.median(before))
    return _finding(task, "unit", column, batch, said, middle, middle * factor, value=f"x {times}")


def _renamed(task: PredictionTask, facts: ColumnFacts, column: str, batch: pd.DataFrame) -> Finding | None:
    present = batch[column].dropna().astype(str)
    if len(present) < LEAST_ENTITIES or not facts.known or facts.unseen > NAMES:
        return None
    new = present[~present.isin(list(facts.known))]
    part = len(new) / len(present)
    error = np.sqrt(0.25 / len(present))
    counts = new.value_counts()
    plain = {_plain(old): old for old in sorted(facts.known, reverse=True)}
    broken = {str(v): old for v in counts.index if (old := _old_name(str(v), facts.known, plain)) is not None}
    same = int(sum(counts[v] for v in broken))
    if same >= max(LEAST_ENTITIES, BROKEN_TEXT * len(present)):
        value = max(broken, key=lambda v: counts[v])
        said = f"{value!r} looks like {broken[value]!r} written differently ({share(same / len(present))} of rows so)"
        return _finding(task, "new value", column, batch, said, 0.0, same / len(present), value=value)
    if part - max(UNSEEN, facts.unseen + UNSEEN / 2) < min(SURE_ERRORS * error, 0.3):
        return None
    value = str(counts.index[0])
    said = f"{share(part)} of rows hold values never seen before, such as {value!r}"
    return _finding(task, "new value", column, batch, said, facts.unseen, part, value=value)


def _old_name(value: str, known: frozenset[str], plain: Mapping[str, str]) -> str | None:
    """The known value that an unseen one is another spelling of: wrongly decoded, other case, spaces or separators.

    `plain`: letters and digits of each known value -> that value.
    """
    for encoding in ("cp1252", "latin-1"):
        try:
            decoded = value.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if decoded != value and decoded in known:
            return decoded
    return plain.get(_plain(value)) if _plain(value) else None


def _plain(value: str) -> str:
    return "".join(letter for letter in value.casefold() if letter.isalnum())


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two sorted samples."""
    at = np.r_[a, b]
    left = [np.searchsorted(s, at, "right") / len(s) for s in (a, b)]
    return float(np.abs(left[0] - left[1]).max())


def _finding(
    task: PredictionTask,
    kind: str,
    column: str,
    batch: pd.DataFrame,
    said: str,
    reference: float,
    observed: float,
    value: str | None = None,
) -> Finding:
    mend = f"check the export of {column!r}; if it's meant so, accept it with `harken accept {task.name}`"
    entities = int(batch[task.entity_key].nunique()) if len(batch) else 0
    return Finding(
        kind,
        column,
        value,
        rows=len(batch),
        entities=entities,
        reference=reference,
        observed=observed,
        effect=observed - reference,
        effect_limit=0.0,
        p_value=0.0,
        alarm=True,
        cause=SOURCE,
        sentence=f"{column}: {said} ({count_of(entities, task.entity)}): {mend}",
    )
