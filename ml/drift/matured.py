"""Matured labels against what the champion's out-of-fold rows promised: the only way to see a change of concept.

Residuals (see `residuals.py`) are tested all together like features are; PR-AUC has a share of the rate for itself, for
a ranking that is lost without any sum being off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.drift.contrasts import Ranking, make_ranking
from ml.drift.encode import days
from ml.drift.finding import (
    CONFIRMATION_RATE,
    MATURED_RATE,
    WORLD,
    Comparison,
    Confirmation,
    Finding,
    read_suspect,
    suspect_key,
)
from ml.drift.measure import Measured, measure
from ml.drift.promise import METRICS, Drawn, Metric, drawn, metrics
from ml.drift.reference import kept_entities
from ml.drift.residuals import LOSS, PERFORMANCE, RATE, REVIEWED, Residuals, make_residuals
from ml.drift.wording import count_of, share
from ml.task import LABEL, PredictionTask

LEAST_ROWS, LEAST_ENTITIES, LEAST_POSITIVES = 100, 30, 5
# The newest rows are judged, as few as tell something: a change of last week drowns in all that came before it. One of
# a small slice takes more rows to show, so longer windows are judged too, and a few days of a slice tell nothing: a
# queue's tickets come true in clumps. (rows, days), whichever holds more, and whether slices are judged.
WINDOWS = ((1_500, 4, False), (1_500, 7, True), (6_000, 28, True))
# A ranking is easier on some days of the week than on others: PR-AUC is judged on a week, or on more days for as many
# rows.
RANKING_WINDOW = (1_500, 7)
MOST_ROWS = 20_000  # of a window: what the weeks bring by themselves outweighs what more rows would tell
RANKING = "pr_auc"
RANKING_LIMIT = 0.1  # a PR-AUC a tenth below its promise
RANKING_PART = 0.5  # of the rate: a change of concept spoils the ranking before it can be placed
BOOTSTRAPS = 200
SECOND_EFFECT = 2 / 3  # of what matters is enough the second time: what raised a suspicion was the largest of many
LEAST_FRESH = 100


@dataclass(frozen=True)
class Prepared:
    """What is the same of a champion's promised rows on every day: their metrics with bootstrap draws, their ranks."""

    draws: Drawn
    ranking: Ranking


def judge_matured(
    task: PredictionTask,
    promised: pd.DataFrame,
    scored: pd.DataFrame,
    columns: Sequence[str] = (),
    *,
    alpha: float = MATURED_RATE,
    seed: int,
    before: Prepared | None = None,
) -> Comparison:
    """Whether the champion's matured scores hold what its out-of-fold rows promised.

    `promised`: entity key, as_of, label, p, slice columns and the features `columns` (of `contrast_columns`) of the
    champion's out-of-fold headline rows. `scored`: the same of its matured scores, and `weight` (held-out rows 1/share,
    treated ones 0; 1 where absent). The newest rows are judged, in the WINDOWS. Kinds: 'label rate' (subject 'label', a
    slice column and its value, or a feature along which it's off) and 'performance' (subject the metric). Without drift
    the chance of an alarm is at most `alpha`. With too few rows nothing is said. `before` is what `prepare_promised`
    makes of the same promised rows, columns and seed, for who keeps it from day to day.
    """
    before = prepare_promised(task, promised, columns, seed) if before is None else before
    promised, scored = clean(promised), clean(scored)
    windows = {}
    for rows, span, slices in WINDOWS:
        part = _thinned(task, newest(scored, rows, span), seed)
        windows[len(part)] = (part, slices)
    longest = max((part for part, _ in windows.values()), key=len)
    short = too_few(task, promised) or too_few(task, longest)
    if short:
        return Comparison(note=short)
    usable = [(part, slices) for part, slices in windows.values() if not too_few(task, part)]
    share_of_each = alpha * (1 - RANKING_PART) / len(usable)
    judged = [
        _judge_residuals(task, promised, before.ranking, part, slices, share_of_each, seed + i)
        for i, (part, slices) in enumerate(usable)
    ]
    week = _thinned(task, newest(scored, *RANKING_WINDOW), seed)
    ranked = longest if too_few(task, week) else week
    judged.append(_judge_ranking(task, before.draws, ranked, alpha * RANKING_PART, seed + 1))
    chances = [j.p_value * len(usable) / (1 - RANKING_PART) for j in judged[:-1]]
    chances.append(judged[-1].p_value / RANKING_PART)
    told = min(judged[:-1], key=lambda comparison: comparison.p_value).findings + judged[-1].findings
    return Comparison(
        sorted(told, key=lambda f: (not f.alarm, f.p_value)),
        min(1.0, *chances),
        any(j.alarm for j in judged),
        None,
        tuple(dict.fromkeys(key for j in judged for key in j.suspects)),
    )


def prepare_promised(task: PredictionTask, promised: pd.DataFrame, columns: Sequence[str], seed: int) -> Prepared:
    """What `judge_matured` needs of the promised rows, each day anew without it."""
    rows = clean(promised)
    return Prepared(drawn(task, rows, BOOTSTRAPS, seed), make_ranking(rows, columns))


def confirm_matured(
    task: PredictionTask,
    promised: pd.DataFrame,
    fresh: pd.DataFrame,
    suspects: tuple[str, ...],
    columns: Sequence[str] = (),
    *,
    look: int,
    looks: int,
    seed: int,
) -> Confirmation:
    """Whether matured rows of entities that had none at the suspicion show the suspected statistics again.

    Frames as in `judge_matured`. Each of `looks` looks (from 1) spends its part of CONFIRMATION_RATE. With fewer than
    LEAST_FRESH entities, or than LEAST_POSITIVES expected, it waits and spends nothing.
    """
    if not 1 <= look <= looks:
        raise ValueError(f"look {look} of {looks}: give a look from 1 to the number of looks")
    promised, fresh = clean(promised), clean(fresh)
    entities = int(fresh[task.entity_key].nunique()) if len(fresh) else 0
    if entities < LEAST_FRESH or not suspects or too_few(task, fresh) or too_few(task, promised):
        return Confirmation(False, 1.0, waiting=True, entities=entities)
    young = _as_young(task, promised, fresh)
    promised = promised if too_few(task, young) else young
    alpha = CONFIRMATION_RATE / looks
    wanted = {read_suspect(key)[:3]: read_suspect(key)[3] for key in suspects}
    residuals = make_residuals(task, promised, fresh, make_ranking(promised, columns))
    s = residuals.pool.statistics
    keys = [(k, c, v or "") for k, c, v in zip(s.kind, s.subject, s.value, strict=True)]
    kept = np.array([i for i, key in enumerate(keys) if key in wanted], np.int64)
    ranking = (PERFORMANCE, RANKING, "") in wanted
    part = alpha / (2 if ranking and len(kept) else 1)
    found: list[Finding] = []
    if len(kept):
        signs = np.array([wanted[keys[i]] for i in kept])
        fewer = residuals.only(kept)
        fewer = replace(fewer, limits=fewer.limits * SECOND_EFFECT)
        measured = _measured(fewer, part, seed + look, signs)
        found += [finding for finding, _ in _findings(task, fewer, measured, fresh, part)]
    if ranking:
        sides = (drawn(task, rows, BOOTSTRAPS, seed + look + i) for i, rows in enumerate((promised, fresh)))
        metric = metrics(*sides).get(RANKING)
        if metric is not None:
            found.append(_metric_finding(task, RANKING, metric, fresh, part, RANKING_LIMIT * SECOND_EFFECT))
    p_value = min([1.0, *(f.p_value for f in found)])
    return Confirmation(any(f.alarm for f in found), p_value, found, entities=entities)


def newest(scored: pd.DataFrame, rows: int, span: int) -> pd.DataFrame:
    """The rows of the newest `span` days, or of as many as it takes for `rows` rows."""
    if len(scored) == 0:
        return scored
    day = days(scored)
    counts = np.bincount(day.max() - day)
    enough = np.flatnonzero(np.cumsum(counts) >= rows)
    back = max(int(enough[0]) + 1 if len(enough) else len(counts), span)
    return scored[day > day.max() - back].reset_index(drop=True)


def _thinned(task: PredictionTask, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """About MOST_ROWS of the rows, whole entities."""
    if len(rows) <= MOST_ROWS:
        return rows
    return rows[kept_entities(rows[task.entity_key], MOST_ROWS / len(rows), seed)].reset_index(drop=True)


def clean(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that count: with a probability, a label and a weight above 0."""
    weight = rows["weight"] if "weight" in rows.columns else pd.Series(1.0, index=rows.index)
    kept = rows["p"].notna() & rows[LABEL].notna() & (weight > 0)
    return rows.assign(weight=weight)[kept].reset_index(drop=True)


def too_few(task: PredictionTask, rows: pd.DataFrame) -> str:
    """Why nothing can be said of so few rows; empty where something can."""
    entities = rows[task.entity_key].nunique() if len(rows) else 0
    positives = float((rows["p"] * rows["weight"]).sum())
    if len(rows) >= LEAST_ROWS and entities >= LEAST_ENTITIES and positives >= LEAST_POSITIVES:
        return ""
    return (
        f"{len(rows)} matured rows of {entities} {task.entity}s, {positives:.0f} positives expected: too few to judge"
    )


def _judge_residuals(
    task: PredictionTask,
    promised: pd.DataFrame,
    along: Ranking,
    scored: pd.DataFrame,
    slices: bool,
    alpha: float,
    seed: int,
) -> Comparison:
    """All residuals of one window, with or without those of slices."""
    residuals = make_residuals(task, promised, scored, along, slices)
    measured = _measured(residuals, alpha, seed)
    told = _findings(task, residuals, measured, scored, alpha)
    suspects = tuple(key for finding, key in told if finding.alarm)
    p_value = float(measured.p.min(initial=1.0))
    return Comparison([finding for finding, _ in told], p_value, bool(suspects), None, suspects)


def _judge_ranking(task: PredictionTask, before: Drawn, scored: pd.DataFrame, alpha: float, seed: int) -> Comparison:
    """The metrics, of which PR-AUC may alarm."""
    shown = metrics(before, drawn(task, scored, BOOTSTRAPS, seed))
    found = [_metric_finding(task, name, metric, scored, alpha) for name, metric in shown.items()]
    suspects = tuple(suspect_key(f.kind, f.subject, None, f.effect) for f in found if f.alarm)
    return Comparison(found, shown[RANKING].p if RANKING in shown else 1.0, bool(suspects), None, suspects)


def _measured(residuals: Residuals, alpha: float, seed: int, signs: np.ndarray | None = None) -> Measured:
    least = residuals.limits * residuals.unit
    return measure(
        residuals.pool,
        None,
        lambda mean, sd: (least, least),
        alpha=alpha,
        seed=seed,
        signs=signs,
        expected=residuals.expected,
        wander=residuals.wander,
    )


def _findings(
    task: PredictionTask, residuals: Residuals, measured: Measured, scored: pd.DataFrame, alpha: float
) -> list[tuple[Finding, str]]:
    """Every alarm and the ten strongest of the rest, with suspect keys."""
    s = residuals.pool.statistics
    alarm = measured.matters & (measured.p <= alpha) & measured.outcome.finished
    entities = int(scored[task.entity_key].nunique())
    weight, p = scored["weight"].to_numpy(np.float64), scored["p"].to_numpy(np.float64)
    found = []
    for k in np.argsort(-np.abs(measured.z) - 1e6 * alarm, kind="stable")[: int(alarm.sum()) + 10]:
        kind, subject, value, place = s.kind[k], s.subject[k], s.value[k], residuals.places[k]
        inside = place.rows
        mass = max(float(weight[inside].sum()), 1e-9)
        finding = Finding(
            kind,
            subject,
            value,
            place.name,
            int(inside.sum()),
            entities,
            float(weight[inside] @ p[inside]) / mass,
            float(weight[inside] @ scored[LABEL].to_numpy(np.float64)[inside]) / mass,
            float(measured.difference[k] / residuals.unit[k]),
            float(residuals.limits[k]),
            float(measured.p[k]),
            bool(alarm[k]),
            WORLD if alarm[k] else None,
        )
        key = suspect_key(kind, subject, value, measured.z[k])
        found.append((replace(finding, sentence=_said(task, finding)), key))
    return found


def _said(task: PredictionTask, finding: Finding) -> str:
    rows = f"over {count_of(finding.rows, 'matured row')}"
    if finding.subject == LOSS:
        side = "above" if finding.effect > 0 else "below"
        among = f" by what happens in {finding.slice}" if finding.slice else ""
        return f"{task.name}: the log-loss is {abs(finding.effect):.0%} {side} its promise{among} ({rows})"
    predicted, observed = share(finding.reference or 0.0), share(finding.observed or 0.0)
    within = "in" if finding.value is not None else "where"
    among = f" {within} {finding.slice}" if finding.kind == RATE and finding.slice else ""
    among = " among the reviewed rows" if finding.subject == REVIEWED else among
    return f"{task.name}: {predicted} predicted and {observed} came true{among} ({rows})"


def _metric_finding(
    task: PredictionTask, name: str, metric: Metric, scored: pd.DataFrame, alpha: float, limit: float = RANKING_LIMIT
) -> Finding:
    """A metric with its interval beside the promise; only PR-AUC is tested and may alarm."""
    lost = (metric.now.value - metric.promised) / max(abs(metric.promised), 1e-9)
    alarm = name == RANKING and metric.p <= alpha and lost <= -limit
    return Finding(
        PERFORMANCE,
        name,
        None,
        None,
        len(scored),
        int(scored[task.entity_key].nunique()),
        metric.promised,
        metric.now.value,
        float(lost),
        limit,
        metric.p if name == RANKING else 1.0,
        alarm,
        WORLD if alarm else None,
        f"{METRICS[name]} {metric.now.value:.3f} [{metric.now.low:.3f}, {metric.now.high:.3f}] where "
        f"{metric.promised:.3f} was promised (over {count_of(len(scored), 'matured row')})",
    )


def _as_young(task: PredictionTask, promised: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Promised rows of entities no older, in days since their first row, than the fresh ones are."""

    def age(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        day = pd.Series(days(rows))
        first = day.groupby(rows[task.entity_key].to_numpy()).transform("min").to_numpy()
        return day.to_numpy() - first, first

    oldest = int(age(fresh)[0].max(initial=0))
    ours, first = age(promised)
    return promised[(ours <= oldest) & (first > first.min())].reset_index(drop=True)
