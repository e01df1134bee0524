"""One training from end to end: learn, compare with the baselines, log, decide, and set the champion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ml.baselines import add_baselines
from ml.model import TrainedModel
from ml.promote import Decision, first_champion
from ml.registry import REASON_TAG, Registry, set_champion
from ml.report import Report, make_report
from ml.settings import LearningSettings
from ml.task import LearningError, PredictionTask
from ml.tracking import Logged, log_training
from ml.train import learnable_rows, train


@dataclass(frozen=True)
class Learned:
    """A model with its figures, its place in MLflow and the decision on it."""

    model: TrainedModel
    report: Report
    logged: Logged
    decision: Decision


def learn_first_champion(
    task: PredictionTask,
    frame: pd.DataFrame,
    *,
    trained_to: pd.Timestamp,
    registry: Registry,
    seed: int = 0,
    settings: LearningSettings | None = None,
    code_commit: str = "unknown",
    application_settings: dict[str, Any] | None = None,
) -> Learned:
    """Train where there's no champion yet. `frame` may hold immature rows; they're left out here.

    The model is logged and registered either way; it becomes champion if it beats the best simple rule.
    """
    model, report = train_and_compare(task, frame, trained_to=trained_to, seed=seed, settings=settings)
    decision = first_champion(task, report)
    logged = log_training(
        registry,
        task,
        model,
        report,
        code_commit=code_commit,
        settings=application_settings or {},
        tags={REASON_TAG: decision.reason},
    )
    if decision.promoted:
        set_champion(registry, task, logged.model_version)
    return Learned(model, report, logged, decision)


def train_and_compare(
    task: PredictionTask,
    frame: pd.DataFrame,
    *,
    trained_to: pd.Timestamp,
    seed: int = 0,
    settings: LearningSettings | None = None,
) -> tuple[TrainedModel, Report]:
    """Train on what was known at `trained_to` and compare with the baselines on the same out-of-fold rows."""
    settings = settings or LearningSettings()
    rows = learnable_rows(task, frame, trained_to, settings)
    model = train(task, rows, trained_to=trained_to, seed=seed, settings=settings)
    if model.evidence is None:
        raise LearningError(f"task {task.name}: the training left no evidence to compare on")
    baselines = add_baselines(task, model.preparation, model.evidence, seed=seed, threads=settings.threads)
    return model, make_report(task, model.evidence, baselines, bootstraps=settings.bootstraps, seed=seed)
