"""Fitting the members of an ensemble: on the folds, tree by tree, and on all rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.evaluate import average_precision
from ml.folds import Fold, Folds
from ml.labels import label_known, mature
from ml.model import FittedMember, member_columns, member_pool
from ml.prepare import Preparation
from ml.sample import row_weights
from ml.settings import LearningSettings, Member
from ml.task import LABEL, LearningError, PredictionTask

SEED_STEP = 1_000


@dataclass(frozen=True)
class Fitter:
    """What every fit of one training shares. `matrix` is `frame` prepared, with the same rows in the same order."""

    task: PredictionTask
    frame: pd.DataFrame
    matrix: pd.DataFrame
    preparation: Preparation
    settings: LearningSettings
    seed: int

    def fit(self, member: Member, rows: np.ndarray, moment: pd.Timestamp, iterations: int, seed: int) -> FittedMember:
        """Fit one booster on the rows at these positions, with the labels of its horizon as known at `moment`."""
        from catboost import CatBoostClassifier

        columns = member_columns(member, self.preparation)
        frame = self.frame.iloc[rows]
        weight = row_weights(self.task, frame, self.settings, moment)
        label = label_known(self.task, frame, moment, member.horizon_share).astype(int)
        if label.min() == label.max():
            raise LearningError(f"task {self.task.name}: {len(rows)} rows up to {moment} all have the label {label[0]}")
        pool = member_pool(member, self.preparation, self.matrix.iloc[rows][columns], label, weight)
        booster = CatBoostClassifier(
            **{**member.params, "iterations": iterations, "random_seed": seed},
            thread_count=self.settings.threads,
            allow_writing_files=False,
            verbose=False,
        )
        booster.fit(pool)
        return FittedMember(member, (booster,), tuple(columns), iterations)

    def fold_curves(self, member: Member, folds: Folds) -> list[np.ndarray]:
        """For each fold, log-odds of its test rows at every `iteration_step` trees (steps x rows)."""
        curves = []
        for fold in folds.folds:
            staged = [self._staged(member, fold, self.seed + SEED_STEP * k) for k in range(member.fold_seeds)]
            curves.append(np.mean(staged, axis=0))
        return curves

    def _staged(self, member: Member, fold: Fold, seed: int) -> np.ndarray:
        rows = fold.train(self.task, self.frame, member.horizon_share)
        fitted = self.fit(member, rows, fold.moment, member.most_iterations, seed)
        pool = member_pool(member, self.preparation, self.matrix.iloc[fold.test][list(fitted.columns)])
        stages = fitted.boosters[0].staged_predict(
            pool,
            prediction_type="RawFormulaVal",
            eval_period=self.settings.iteration_step,
            thread_count=self.settings.threads,
        )
        return np.stack(list(stages))

    def refit(self, member: Member, trained_to: pd.Timestamp, iterations: int) -> FittedMember:
        """Fit every seed of a member on all rows that are mature for its horizon."""
        rows = np.flatnonzero(mature(self.task, self.frame, trained_to, member.horizon_share))
        seeds = [self.seed + SEED_STEP * k for k in range(member.seeds)]
        fits = [self.fit(member, rows, trained_to, iterations, seed) for seed in seeds]
        return replace(fits[0], boosters=tuple(fit.boosters[0] for fit in fits))


def best_iterations(
    task: PredictionTask, frame: pd.DataFrame, folds: Folds, curves: list[np.ndarray], settings: LearningSettings
) -> int:
    """The number of trees with the best PR-AUC on headline rows, mean over folds, smoothed over neighbouring steps.

    The smoothing keeps one lucky step of one fold from deciding.
    """
    headline, label = task.headline(frame), frame[LABEL].to_numpy(bool)
    per_fold = []
    for fold, curve in zip(folds.folds, curves, strict=True):
        rows = headline[fold.test] if headline[fold.test].any() else np.ones(len(fold.test), bool)
        y = label[fold.test][rows]
        per_fold.append([average_precision(y, stage[rows])(np.ones(len(y))) for stage in curve])
    mean = np.nan_to_num(np.mean(per_fold, axis=0), nan=0.0)
    padded = np.pad(mean, 2, mode="edge")
    smooth = np.convolve(padded, np.ones(5) / 5, mode="valid")
    return (int(smooth.argmax()) + 1) * settings.iteration_step


def mean_log_odds(curves: list[list[np.ndarray]], counts: list[int], step: int, fold: int) -> np.ndarray:
    """Out-of-fold log-odds of the ensemble on one fold's test rows, each member at its chosen number of trees."""
    stages = [
        curve[fold][min(count // step, len(curve[fold])) - 1] for curve, count in zip(curves, counts, strict=True)
    ]
    return np.mean(stages, axis=0)
