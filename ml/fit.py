"""Fitting the members of an ensemble: on the folds, tree by tree, and on all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from ml.evaluate import average_precision
from ml.folds import Fold, Folds
from ml.labels import label_known, mature
from ml.model import FittedMember, member_columns, member_pool
from ml.prepare import Preparation
from ml.sample import row_weights, young_enough
from ml.settings import TEXT_PROCESSING, LearningSettings, Member
from ml.task import LABEL, LearningError, PredictionTask

SEED_STEP = 1_000
BLEND_PICKS = 4
Job = TypeVar("Job")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Fitter:
    """What every fit of one training shares. `matrix` holds the prepared features of `frame`'s rows, in their order."""

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
        rows = rows[young_enough(self.frame.iloc[rows], member, moment)]
        frame = self.frame.iloc[rows]
        weight = row_weights(self.task, frame, self.settings, member, moment)
        label = label_known(self.task, frame, moment, member.horizon_share).astype(int)
        if label.min() == label.max():
            raise LearningError(f"task {self.task.name}: {len(rows)} rows up to {moment} all have the label {label[0]}")
        pool = member_pool(member, self.preparation, self.matrix.iloc[rows][columns], label, weight)
        text = {"text_processing": dict(TEXT_PROCESSING)} if member.text else {}
        booster = CatBoostClassifier(
            **{**member.params, **text, "iterations": iterations, "random_seed": seed},
            thread_count=1,  # with more, sums are taken in another order: the number of cores would change the model
            allow_writing_files=False,
            verbose=False,
        )
        booster.fit(pool)
        return FittedMember(member, (booster,), tuple(columns), iterations)

    def fold_curves(self, member: Member, folds: Folds) -> list[np.ndarray]:
        """For each fold, log-odds of its test rows at every `iteration_step` trees (steps x rows)."""
        seeds = [self.seed + SEED_STEP * k for k in range(member.fold_seeds)]
        # The last fold has the most rows: it is begun first.
        jobs = [(fold, seed) for fold in reversed(folds.folds) for seed in seeds]
        staged = in_parallel(lambda job: self._staged(member, *job), jobs, self.settings.threads)
        of_folds = [staged[k : k + len(seeds)] for k in range(0, len(staged), len(seeds))]
        return [np.mean(of_fold, axis=0) for of_fold in reversed(of_folds)]

    def _staged(self, member: Member, fold: Fold, seed: int) -> np.ndarray:
        rows = fold.train(self.task, self.frame, member.horizon_share)
        fitted = self.fit(member, rows, fold.moment, member.most_iterations, seed)
        pool = member_pool(member, self.preparation, self.matrix.iloc[fold.test][list(fitted.columns)])
        stages = fitted.boosters[0].staged_predict(
            pool,
            prediction_type="RawFormulaVal",
            eval_period=self.settings.iteration_step,
            thread_count=1,
        )
        return np.stack(list(stages))

    def refit(self, member: Member, trained_to: pd.Timestamp, iterations: int, weight: float) -> FittedMember:
        """Fit every seed of a member on all rows that are mature for its horizon."""
        rows = np.flatnonzero(mature(self.task, self.frame, trained_to, member.horizon_share))
        seeds = [self.seed + SEED_STEP * k for k in range(member.seeds)]
        fits = in_parallel(
            lambda seed: self.fit(member, rows, trained_to, iterations, seed), seeds, self.settings.threads
        )
        return replace(fits[0], boosters=tuple(fit.boosters[0] for fit in fits), weight=weight)


def in_parallel(work: Callable[[Job], Done], jobs: Iterable[Job], threads: int) -> list[Done]:
    """What `work` makes of each job, in their order. For libraries that let go of Python's lock while they work."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, jobs))


def best_iterations(
    task: PredictionTask,
    frame: pd.DataFrame,
    folds: Folds,
    curves: list[np.ndarray],
    settings: LearningSettings,
    fewest: int,
) -> int:
    """The number of trees with the best PR-AUC on headline rows, mean over folds, smoothed over neighbouring steps.

    The smoothing, and a least number of trees, keep one lucky step of one fold from deciding.
    """
    judge = _Judge(task, frame, folds)
    steps = min(len(curve) for curve in curves)
    mean = np.array([judge.pr_auc([curve[step] for curve in curves]) for step in range(steps)])
    padded = np.pad(mean, 2, mode="edge")
    smooth = np.convolve(padded, np.ones(5) / 5, mode="valid")
    skipped = min(max(fewest // settings.iteration_step - 1, 0), steps - 1)
    return (skipped + int(smooth[skipped:].argmax()) + 1) * settings.iteration_step


def blend_weights(
    task: PredictionTask, frame: pd.DataFrame, folds: Folds, log_odds: list[list[np.ndarray]]
) -> np.ndarray:
    """How much each member counts, in shares of BLEND_PICKS: picked one after the other, each the one that helps most.

    `log_odds[m][k]` are member m's for fold k's test rows. Picking with replacement (Caruana et al., 2004) can't leave
    the span of the members, and so few picks can't follow noise far.
    """
    judge = _Judge(task, frame, folds)
    picks = np.zeros(len(log_odds))
    for _ in range(BLEND_PICKS):
        trials = []
        for m in range(len(log_odds)):
            tried = picks + (np.arange(len(log_odds)) == m)
            trials.append(judge.pr_auc(blend(log_odds, tried / tried.sum())))
        picks[int(np.argmax(trials))] += 1
    return picks / picks.sum()


def blend(log_odds: list[list[np.ndarray]], weights: np.ndarray) -> list[np.ndarray]:
    """The members' log-odds by fold, averaged with these weights."""
    folds = range(len(log_odds[0]))
    return [sum(weight * member[k] for weight, member in zip(weights, log_odds, strict=True)) for k in folds]


class _Judge:
    """PR-AUC on the headline rows of the folds' test windows, mean over the folds."""

    def __init__(self, task: PredictionTask, frame: pd.DataFrame, folds: Folds) -> None:
        headline, label = task.headline(frame), frame[LABEL].to_numpy(bool)
        self.rows = [headline[f.test] if headline[f.test].any() else np.ones(len(f.test), bool) for f in folds.folds]
        self.labels = [label[f.test][rows] for f, rows in zip(folds.folds, self.rows, strict=True)]

    def pr_auc(self, scores: list[np.ndarray]) -> float:
        """Mean over the folds; a fold without positives counts nothing."""
        parts = zip(self.labels, scores, self.rows, strict=True)
        areas = [average_precision(label, score[rows])(np.ones(len(label))) for label, score, rows in parts]
        return float(np.nan_to_num(np.nanmean(areas)))
