"""Who may be champion by the past: the first model, and a challenger on a window that neither has trained on.

A decision is made here and written down; the registry only records it. `ml/shadow.py` judges what scored since.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.evaluate import Interval, metric_functions, paired_difference
from ml.labels import mature_rows
from ml.model import TrainedModel
from ml.report import Report, headline_rows
from ml.settings import LifecycleSettings
from ml.shadow import least_gain
from ml.task import AS_OF, LABEL, PredictionTask


@dataclass(frozen=True)
class Decision:
    """Whether the candidate becomes champion (or goes on to the shadow), and why, in one sentence."""

    promoted: bool
    reason: str
    difference: Interval | None = None
    rows: int = 0
    positives: int = 0


def first_champion(task: PredictionTask, report: Report) -> Decision:
    """With no champion yet: the candidate stands if it beats the best simple rule on out-of-fold rows.

    The point estimate decides: with few weeks the interval is wide, and some model with its sureness stated serves
    better than none.
    """
    if report.positives < task.gate.least_positives:
        few = f"{report.positives} positives out of fold, {task.gate.least_positives} are needed to judge"
        return Decision(False, f"not promoted: {few}")
    if report.best_rule is None:
        return Decision(True, "first champion: the task names no simple rule to beat")
    difference = report.difference(report.best_rule)
    against = f"PR-AUC minus that of the rule {report.best_rule!r}: {difference}"
    if difference.value > 0:
        sure = "" if difference.low > 0 else "; the interval holds zero, so this isn't certain"
        return Decision(True, f"first champion: {against}{sure}", difference, report.rows, report.positives)
    return Decision(False, f"not promoted: {against}", difference, report.rows, report.positives)


def challenge(
    task: PredictionTask,
    candidate: TrainedModel,
    champion: TrainedModel,
    frame: pd.DataFrame,
    *,
    clock: pd.Timestamp,
    settings: LifecycleSettings | None = None,
    bootstraps: int = 1_000,
    seed: int = 0,
) -> Decision:
    """Candidate against champion on headline rows later than both trainings, mature at `clock`, resampled by entity.

    The candidate must have been trained to an earlier moment than `clock`, or no row is left to judge by. It wins where
    the interval lies above zero and the difference is worth a change (`least_gain`).
    """
    settings = settings or LifecycleSettings()
    after = max(pd.Timestamp(candidate.provenance.trained_to), pd.Timestamp(champion.provenance.trained_to))
    rows, few = unseen_rows(task, frame, after, clock, settings)
    counts = (len(rows), int(rows[LABEL].sum()))
    if few:
        return Decision(False, f"not promoted: {few}", None, *counts)
    ours, theirs, metric = candidate.predict(rows), champion.predict(rows), task.gate.metric
    difference = paired_difference(task, rows, ours, theirs, bootstraps=bootstraps, seed=seed, metric=metric)
    champion_value = metric_functions(task, rows, theirs)[metric](np.ones(len(rows)))
    needed = least_gain(settings, champion_value)
    words = (
        f"{metric} {difference} against the champion's {champion_value:.3f} on {counts[0]} later rows with "
        f"{counts[1]} positives"
    )
    if difference.low <= 0:
        return Decision(False, f"not promoted: {words}; the interval isn't above zero", difference, *counts)
    if difference.value < needed:
        return Decision(False, f"not promoted: {words}; a gain below {needed:.3f} isn't worth it", difference, *counts)
    return Decision(True, f"won the challenge: {words}", difference, *counts)


def unseen_rows(
    task: PredictionTask, frame: pd.DataFrame, after: pd.Timestamp, clock: pd.Timestamp, settings: LifecycleSettings
) -> tuple[pd.DataFrame, str]:
    """Headline rows since `after`, to which both models were trained at most, mature at `clock`; and, where they are
    too few to judge by, the words that say so."""
    mature = mature_rows(task, frame, clock)
    rows = headline_rows(task, mature[(mature[AS_OF] >= after).to_numpy(bool)])
    positives, least = int(rows[LABEL].sum()), max(task.gate.least_positives, settings.least_positives)
    if min(positives, len(rows) - positives) >= least:
        return rows, ""
    return rows, (
        f"{positives} positives among {len(rows)} mature rows since {after:%Y-%m-%d} that neither model trained on; "
        f"{least} are needed to judge"
    )
