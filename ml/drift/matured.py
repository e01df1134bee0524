"""Matured labels against what the champion's out-of-fold rows promised: the only way to see a change of concept.

The residual, outcome less probability, says more than a metric: it's small for every row where the champion is right,
whatever the mix of the day, and it has a sign and a place. Its sums over all rows, over the reviewed ones, over the
values of the slices, and against the log-odds are tested together like features are; PR-AUC has a share of the rate
for itself, for a ranking that is lost without any sum being off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

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
from ml.drift.measure import Measured, measure, only
from ml.drift.pool import Matrix, Pool, Statistics
from ml.drift.promise import METRICS, Metric, metrics
from ml.drift.wording import count_of, share
from ml.evaluate import flagged_at_capacity
from ml.task import AS_OF, LABEL, PredictionTask

LEAST_ROWS, LEAST_ENTITIES, LEAST_POSITIVES = 100, 30, 5
# The newest rows are judged, as few as tell something: a change of last week drowns in all that came before it.
WINDOW_ROWS, WINDOW_DAYS = 1_500, 7
LEAST_SLICE_ROWS = 50
# What matters, fixed first. A rate a fifth from what was predicted is a fifth of the reviewers' places; a slice that
# alone is off by 8 % of all positives moves who is reviewed; a PR-AUC a tenth below its promise is what a retraining
# is expected to win back.
RATE_LIMIT, SLICE_LIMIT, REVIEWED_LIMIT, LOSS_LIMIT, RANKING_LIMIT = 0.2, 0.08, 0.2, 0.1, 0.1
RANKING_PART = 0.25  # of the rate
STEEPEST = 4.0  # log-odds beyond which a probability counts no more: one surprise mustn't be a drift
BOOTSTRAPS = 200
SECOND_EFFECT = 2 / 3
LEAST_FRESH = 100
RATE, REVIEWED, LOSS, RANKING = "label rate", "precision_at_capacity", "log_loss", "pr_auc"


@dataclass(frozen=True)
class Residuals:
    """The pool of both sides' residual statistics, what each must reach, and the mean prediction of the scored rows."""

    pool: Pool
    limits: np.ndarray
    unit: np.ndarray


def judge_matured(
    task: PredictionTask,
    promised: pd.DataFrame,
    scored: pd.DataFrame,
    *,
    alpha: float = MATURED_RATE,
    seed: int,
) -> Comparison:
    """Whether the champion's matured scores hold what its out-of-fold rows promised.

    `promised`: entity key, as_of, label, p and slice columns of the champion's out-of-fold headline rows. `scored`:
    the same of its matured scores, and `weight` (held-out rows 1/share, treated ones 0; 1 where absent). The newest
    WINDOW_ROWS rows, or WINDOW_DAYS days where they're more, are judged. Kinds: 'label rate' (subject 'label', or a
    slice column and its value) and 'performance' (subject the metric). Without drift the chance of an alarm is at most
    `alpha`. Without enough rows nothing is said.
    """
    promised, scored = _clean(promised), newest(_clean(scored))
    short = _too_few(task, promised) or _too_few(task, scored)
    if short:
        return Comparison(note=short)
    residuals = make_residuals(task, promised, scored)
    measured = _measured(residuals, alpha * (1 - RANKING_PART), seed)
    told = _findings(task, residuals, measured, scored, alpha * (1 - RANKING_PART))
    shown = metrics(task, promised, scored, BOOTSTRAPS, seed)
    ranking = [_metric_finding(task, name, m, scored, alpha * RANKING_PART) for name, m in shown.items()]
    found = sorted([*(f for f, _ in told), *ranking], key=lambda f: (not f.alarm, f.p_value))
    suspects = [key for finding, key in told if finding.alarm]
    suspects += [suspect_key(f.kind, f.subject, None, f.effect) for f in ranking if f.alarm]
    tested = [m.p for name, m in shown.items() if name == RANKING]
    parts = [float(measured.p.min(initial=1.0)) / (1 - RANKING_PART), *(p / RANKING_PART for p in tested)]
    return Comparison(found, min(1.0, *parts), bool(suspects), None, tuple(suspects))


def confirm_matured(
    task: PredictionTask,
    promised: pd.DataFrame,
    fresh: pd.DataFrame,
    suspects: tuple[str, ...],
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
    promised, fresh = _clean(promised), _clean(fresh)
    entities = int(fresh[task.entity_key].nunique()) if len(fresh) else 0
    if entities < LEAST_FRESH or not suspects or _too_few(task, fresh) or _too_few(task, promised):
        return Confirmation(False, 1.0, waiting=True, entities=entities)
    young = _as_young(task, promised, fresh)
    promised = promised if _too_few(task, young) else young
    alpha = CONFIRMATION_RATE / looks
    wanted = {read_suspect(key)[:3]: read_suspect(key)[3] for key in suspects}
    residuals = make_residuals(task, promised, fresh)
    s = residuals.pool.statistics
    keys = [(k, c, v or "") for k, c, v in zip(s.kind, s.subject, s.value, strict=True)]
    kept = np.array([i for i, key in enumerate(keys) if key in wanted], np.int64)
    ranking = ("performance", RANKING, "") in wanted
    part = alpha / (2 if ranking and len(kept) else 1)
    found: list[Finding] = []
    if len(kept):
        signs = np.array([wanted[keys[i]] for i in kept])
        fewer = Residuals(only(residuals.pool, kept), residuals.limits[kept] * SECOND_EFFECT, residuals.unit[kept])
        measured = _measured(fewer, part, seed + look, signs)
        found += [finding for finding, _ in _findings(task, fewer, measured, fresh, part)]
    if ranking:
        metric = metrics(task, promised, fresh, BOOTSTRAPS, seed + look).get(RANKING)
        if metric is not None:
            found.append(_metric_finding(task, RANKING, metric, fresh, part, RANKING_LIMIT * SECOND_EFFECT))
    p_value = min([1.0, *(f.p_value for f in found)])
    return Confirmation(any(f.alarm for f in found), p_value, found, entities=entities)


def newest(scored: pd.DataFrame) -> pd.DataFrame:
    """The rows of the newest days: WINDOW_DAYS, or as many as it takes for WINDOW_ROWS rows."""
    if len(scored) == 0:
        return scored
    day = days(scored)
    counts = np.bincount(day.max() - day)
    enough = np.flatnonzero(np.cumsum(counts) >= WINDOW_ROWS)
    back = max(int(enough[0]) + 1 if len(enough) else len(counts), WINDOW_DAYS)
    return scored[day > day.max() - back].reset_index(drop=True)


def make_residuals(task: PredictionTask, promised: pd.DataFrame, scored: pd.DataFrame) -> Residuals:
    """Residual statistics of both sides' rows, each weighing what it stands for."""
    rows = pd.concat([promised, scored], ignore_index=True)
    in_batch = np.arange(len(rows)) >= len(promised)
    p = rows["p"].to_numpy(np.float64)
    label, weight = rows[LABEL].to_numpy(np.float64), rows["weight"].to_numpy(np.float64)
    residual = label - p
    reviewed = np.r_[_reviewed(task, promised), _reviewed(task, scored)]
    steep = np.clip(np.log(np.clip(p, 1e-9, 1 - 1e-9) / np.clip(1 - p, 1e-9, 1)), -STEEPEST, STEEPEST)
    mean_p = float(np.average(p[in_batch], weights=weight[in_batch]))
    loss = -np.mean(label * np.log(np.clip(p, 1e-6, 1)) + (1 - label) * np.log(np.clip(1 - p, 1e-6, 1)))
    top = float(np.average((p * reviewed)[in_batch], weights=weight[in_batch]))
    columns = [residual, residual * reviewed, -residual * steep]
    meta: list[tuple[str, str, str | None]] = [
        (RATE, "label", None),
        ("performance", REVIEWED, None),
        ("performance", LOSS, None),
    ]
    limits, unit = [RATE_LIMIT, REVIEWED_LIMIT, LOSS_LIMIT], [mean_p, max(top, 1e-9), max(float(loss), 1e-9)]
    for column in task.slices:
        if column not in promised.columns or column not in scored.columns:
            continue
        values = rows[column].astype(object).where(rows[column].notna(), "").astype(str)
        counts = values.value_counts()
        for value in sorted(v for v in counts.index if v and LEAST_SLICE_ROWS <= counts[v] < len(rows)):
            columns.append(residual * (values == value).to_numpy(bool))
            meta.append((RATE, column, str(value)))
            limits.append(SLICE_LIMIT)
            unit.append(mean_p)
    dense = np.column_stack(columns) * weight[:, None]
    kinds, subjects, found = (list(part) for part in zip(*meta, strict=True))
    statistics = Statistics(kinds, subjects, found, np.zeros(len(meta), bool))
    side = np.where(in_batch, "\tb", "\tr").astype(object)
    ticket = pd.factorize(rows[task.entity_key].astype(str).to_numpy(object) + side)[0]
    none = sparse.csr_matrix((len(rows), 0), dtype=np.float32)
    counts_of = np.repeat(weight[:, None], dense.shape[1], axis=1).astype(np.float32)
    pool = Pool(Matrix(dense.astype(np.float32), none), counts_of, statistics, ticket, days(rows), in_batch)
    return Residuals(pool, np.array(limits), np.maximum(np.array(unit), 1e-9))


def _measured(residuals: Residuals, alpha: float, seed: int, signs: np.ndarray | None = None) -> Measured:
    least = residuals.limits * residuals.unit
    return measure(
        residuals.pool, None, lambda mean, sd: (least, least), alpha=alpha, seed=seed, signs=signs, own_variance=True
    )


def _findings(
    task: PredictionTask, residuals: Residuals, measured: Measured, scored: pd.DataFrame, alpha: float
) -> list[tuple[Finding, str]]:
    s = residuals.pool.statistics
    alarm = measured.matters & (measured.p <= alpha) & measured.outcome.finished
    entities = int(scored[task.entity_key].nunique())
    weight = scored["weight"].to_numpy(np.float64)
    found = []
    for k in np.argsort(-np.abs(measured.z), kind="stable")[: int(alarm.sum()) + 10]:
        kind, subject, value = s.kind[k], s.subject[k], s.value[k]
        inside = np.ones(len(scored), bool) if value is None else (scored[subject].astype(str) == value).to_numpy(bool)
        if subject == REVIEWED:
            inside = _reviewed(task, scored)
        mass = max(float(weight[inside].sum()), 1e-9)
        predicted = float(weight[inside] @ scored["p"].to_numpy(np.float64)[inside]) / mass
        observed = float(weight[inside] @ scored[LABEL].to_numpy(np.float64)[inside]) / mass
        effect = float(measured.difference[k] / residuals.unit[k])
        where = None if value is None else f"{subject}={value}"
        finding = Finding(
            kind,
            subject,
            value,
            where,
            int(inside.sum()),
            entities,
            predicted,
            observed,
            effect,
            float(residuals.limits[k]),
            float(measured.p[k]),
            bool(alarm[k]),
            WORLD if alarm[k] else None,
        )
        said = _said(task, finding, where)
        found.append((replace(finding, sentence=said), suspect_key(kind, subject, value, measured.z[k])))
    return found


def _said(task: PredictionTask, finding: Finding, where: str | None) -> str:
    rows = f"over {count_of(finding.rows, 'matured row')}"
    predicted, observed = share(finding.reference or 0.0), share(finding.observed or 0.0)
    if finding.subject == LOSS:
        side = "above" if finding.effect > 0 else "below"
        return f"{task.name}: the log-loss is {abs(finding.effect):.0%} {side} its promise ({rows})"
    among = f" in {where}" if where else " among the reviewed rows" if finding.subject == REVIEWED else ""
    return f"{task.name}: {predicted} predicted and {observed} came true{among} ({rows})"


def _metric_finding(
    task: PredictionTask, name: str, metric: Metric, scored: pd.DataFrame, alpha: float, limit: float = RANKING_LIMIT
) -> Finding:
    """A metric with its interval beside the promise; only PR-AUC is tested and may alarm."""
    lost = (metric.now.value - metric.promised) / max(abs(metric.promised), 1e-9)
    alarm = name == RANKING and metric.p <= alpha and lost <= -limit
    words = METRICS[name]
    said = (
        f"{words} {metric.now.value:.3f} [{metric.now.low:.3f}, {metric.now.high:.3f}] where {metric.promised:.3f} was "
        f"promised (over {count_of(len(scored), 'matured row')})"
    )
    return Finding(
        "performance",
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
        said,
    )


def _reviewed(task: PredictionTask, rows: pd.DataFrame) -> np.ndarray:
    return flagged_at_capacity(rows[AS_OF].to_numpy(), rows["p"].to_numpy(np.float64), task.capacity)


def _clean(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that count: with a probability, a label and a weight above 0."""
    weight = rows["weight"] if "weight" in rows.columns else pd.Series(1.0, index=rows.index)
    kept = rows["p"].notna() & rows[LABEL].notna() & (weight > 0)
    return rows.assign(weight=weight)[kept].reset_index(drop=True)


def _too_few(task: PredictionTask, rows: pd.DataFrame) -> str:
    entities = rows[task.entity_key].nunique() if len(rows) else 0
    positives = float((rows["p"] * rows["weight"]).sum())
    if len(rows) >= LEAST_ROWS and entities >= LEAST_ENTITIES and positives >= LEAST_POSITIVES:
        return ""
    return (
        f"{len(rows)} matured rows of {entities} {task.entity}s, {positives:.0f} positives expected: too few to judge"
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
