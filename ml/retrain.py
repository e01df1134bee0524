"""Training beside a champion: the answer to a confirmed drift, and the weekly challenger of calm days.

Both leave a registered version, once for each decision: asked again, they return the version that is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ml.learn import train_and_compare
from ml.model import TrainedModel
from ml.promote import Decision, challenge, unseen_rows
from ml.registry import DECISION_TAG, REASON_TAG, Champion, Registry, load_version, version_for_decision
from ml.report import Report
from ml.settings import LearningSettings, LifecycleSettings
from ml.task import AS_OF, LearningError, PredictionTask
from ml.tracking import Logged, log_training
from ml.train import learnable_rows
from ml.windows import ALL, Window, choose_window

WINDOW_TAG = "window"
# The later window that challenger and champion meet on: a week has each day of the week once.
CHALLENGE_DAYS = 7


@dataclass(frozen=True)
class Retrained:
    """A candidate, its place in MLflow, and the window that it learnt from. `report` is None where it was reused."""

    model: TrainedModel
    logged: Logged
    window: str
    reason: str
    report: Report | None = None


@dataclass(frozen=True)
class Challenged:
    """A challenger, its place in MLflow, and the decision whether it enters the shadow."""

    model: TrainedModel
    logged: Logged
    decision: Decision


def retrain(
    task: PredictionTask,
    frame: pd.DataFrame,
    *,
    trained_to: pd.Timestamp,
    registry: Registry,
    decision: str,
    champion: Champion | None = None,
    leave_out_days: Iterable[str] = (),
    seed: int = 0,
    settings: LearningSettings | None = None,
    code_commit: str = "unknown",
    application_settings: dict[str, Any] | None = None,
) -> Retrained:
    """A candidate trained on what was known at `trained_to`, in the window that the newest days speak for.

    `frame` may hold immature rows; those whose label is known within the shortest horizon learnt take part, so that the
    days after a change do. Rows of `leave_out_days` (ISO dates, spoilt by a source fault) don't. `decision` is the run
    key that asked for it. Raises LearningError where there's too little to learn from.
    """
    known = version_for_decision(registry, task, decision)
    if known is not None:
        found = load_version(registry, task, known)
        return Retrained(found.model, _logged(found), found.tags.get(WINDOW_TAG, ALL), found.tags.get(REASON_TAG, ""))
    settings = settings or LearningSettings()
    learnable = learnable_rows(task, frame, trained_to, settings)
    rows = without_days(learnable, leave_out_days)
    if rows.empty:
        raise LearningError(f"task {task.name}: no row is left to retrain on beside the days of source faults")
    window = choose_window(task, rows, trained_to, settings, seed)
    model, report = train_and_compare(
        task, window.rows(rows), trained_to=trained_to, seed=seed, settings=window.settings(settings)
    )
    logged = log_training(
        registry,
        task,
        model,
        report,
        code_commit=code_commit,
        settings=application_settings or {},
        tags={DECISION_TAG: decision, REASON_TAG: window.reason, WINDOW_TAG: window.name},
        params=_params(window, champion, len(learnable) - len(rows)),
    )
    return Retrained(model, logged, window.name, window.reason, report)


def challenger(
    task: PredictionTask,
    frame: pd.DataFrame,
    clock: pd.Timestamp,
    champion: Champion,
    *,
    label_delay: pd.Timedelta,
    registry: Registry,
    decision: str,
    leave_out_days: Iterable[str] = (),
    seed: int = 0,
    settings: LearningSettings | None = None,
    lifecycle: LifecycleSettings | None = None,
    code_commit: str = "unknown",
    application_settings: dict[str, Any] | None = None,
) -> Challenged:
    """The weekly challenger: trained so early that a week has matured since, and judged by that week.

    It is trained to `clock` - horizon - `label_delay` - CHALLENGE_DAYS and meets the champion on the later rows that
    are mature at `clock`. Logged as a version whatever comes of it, with the decision as its reason. Raises
    LearningError, before anything is trained, where those rows are too few to judge by: after a new champion.
    """
    rows = without_days(frame, leave_out_days)
    known = version_for_decision(registry, task, decision)
    found = None if known is None else load_version(registry, task, known)
    if found is not None:
        verdict = challenge(task, found.model, champion.model, rows, clock=clock, settings=lifecycle, seed=seed)
        return Challenged(found.model, _logged(found), verdict)
    trained_to = challenger_trained_to(task, clock, label_delay)
    after = max(trained_to, pd.Timestamp(champion.model.provenance.trained_to))
    _, few = unseen_rows(task, rows, after, clock, lifecycle or LifecycleSettings())
    if few:
        raise LearningError(f"task {task.name}: {few}")
    model, report = train_and_compare(task, rows, trained_to=trained_to, seed=seed, settings=settings)
    verdict = challenge(task, model, champion.model, rows, clock=clock, settings=lifecycle, seed=seed)
    logged = log_training(
        registry,
        task,
        model,
        report,
        code_commit=code_commit,
        settings=application_settings or {},
        tags={DECISION_TAG: decision, REASON_TAG: verdict.reason, WINDOW_TAG: ALL},
        params=_params(Window(ALL, {}, ""), champion, len(frame) - len(rows)),
    )
    return Challenged(model, logged, verdict)


def challenger_trained_to(task: PredictionTask, clock: pd.Timestamp, label_delay: pd.Timedelta) -> pd.Timestamp:
    """The moment that a challenger of this clock is trained to: it leaves a week of matured rows to judge by."""
    return clock - pd.Timedelta(task.horizon) - label_delay - pd.Timedelta(days=CHALLENGE_DAYS)


def without_days(frame: pd.DataFrame, days: Iterable[str]) -> pd.DataFrame:
    """The rows whose as_of lies on none of these days (ISO dates, UTC)."""
    spoilt = [pd.Timestamp(day) for day in days]
    return frame if not spoilt else frame[~frame[AS_OF].dt.normalize().isin(spoilt)]


def _logged(found: Champion) -> Logged:
    return Logged(found.run_id, found.model_version, found.pictures)


def _params(window: Window, champion: Champion | None, left_out: int) -> dict[str, Any]:
    areas = {f"window.pr_auc.{name.replace(' ', '_')}": area for name, area in window.pr_auc.items()}
    beside = {} if champion is None else {"champion": champion.model_version}
    return {"window": window.name, "rows_left_out": left_out, **areas, **beside}
