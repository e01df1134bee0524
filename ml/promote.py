"""Who is champion. A decision is made here and written down; the registry only records it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ml.evaluate import Interval, paired_difference
from ml.labels import mature_rows
from ml.model import TrainedModel
from ml.report import Report, headline_rows
from ml.task import AS_OF, LABEL, PredictionTask


@dataclass(frozen=True)
class Decision:
    """Whether the candidate becomes champion, and why, in one sentence."""

    promoted: bool
    reason: str
    difference: Interval | None = None


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
        return Decision(True, f"first champion: {against}{sure}", difference)
    return Decision(False, f"not promoted: {against}", difference)


def challenge(
    task: PredictionTask,
    candidate: TrainedModel,
    champion: TrainedModel,
    frame: pd.DataFrame,
    *,
    clock: pd.Timestamp,
    bootstraps: int = 1_000,
    seed: int = 0,
) -> Decision:
    """Candidate against champion on headline rows later than both trainings, mature at `clock`, resampled by entity.

    The candidate must have been trained to an earlier moment than `clock`, or no row is left to judge by.
    """
    after = max(pd.Timestamp(candidate.provenance.trained_to), pd.Timestamp(champion.provenance.trained_to))
    mature = mature_rows(task, frame, clock)
    rows = headline_rows(task, mature[(mature[AS_OF] >= after).to_numpy(bool)])
    positives = int(rows[LABEL].sum())
    if positives < task.gate.least_positives:
        return Decision(
            False,
            f"not promoted: {positives} mature positives since {after:%Y-%m-%d} that neither model trained on; "
            f"{task.gate.least_positives} are needed to judge",
        )
    difference = paired_difference(
        task,
        rows,
        candidate.predict(rows),
        champion.predict(rows),
        bootstraps=bootstraps,
        seed=seed,
        metric=task.gate.metric,
    )
    words = f"{task.gate.metric} against the champion on {len(rows)} later rows: {difference}"
    if difference.low > 0:
        return Decision(True, f"promoted: {words}", difference)
    return Decision(False, f"not promoted: {words}; the interval isn't above zero", difference)
