"""Training: time rules, iterations by rolling folds, calibration on what the folds predicted, refit on all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.calibrate import Calibration, fit_calibration
from ml.evaluate import average_precision
from ml.evidence import Evidence
from ml.folds import Fold, Folds, make_folds
from ml.model import FittedMember, Provenance, TrainedModel, member_columns, member_pool
from ml.prepare import Preparation, fingerprint, fit_preparation
from ml.sample import row_weights, thin
from ml.settings import LearningSettings, Member, asdict_plain
from ml.task import AS_OF, LABEL, MATURES_AT, MOMENT, LearningError, PredictionTask
from ml.usual import learn_usual

FEWEST_POSITIVES = 20  # below this nothing can be fitted and checked at the same time


def mature_rows(task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp) -> pd.DataFrame:
    """The rows of `frame` that may train at `trained_to`, with the label as it was known then.

    An event that became known only after `trained_to` hasn't happened yet, as far as one could know.
    """
    rows = frame[frame[MATURES_AT] <= trained_to]
    if task.event_known_at in rows.columns:
        known = (rows[task.event_known_at] <= trained_to).to_numpy(bool)
        rows = rows.assign(**{LABEL: rows[LABEL].to_numpy(bool) & known})
    return rows


def train(
    task: PredictionTask,
    frame: pd.DataFrame,
    *,
    trained_to: pd.Timestamp,
    seed: int = 0,
    settings: LearningSettings | None = None,
) -> TrainedModel:
    """Learn the task from mature, labelled feature rows.

    `frame` has the task's keys, moment_kind, label, matures_at and the features; one row per (entity, as_of).
    The result's `evidence` holds the out-of-fold predictions. Raises LearningError for immature rows, repeated keys,
    and where there are too few labels.
    """
    settings = settings or LearningSettings()
    frame = _checked(task, frame, trained_to)
    rows_before = len(frame)
    frame = (
        thin(task, frame, settings.most_rows)
        .sort_values([AS_OF, task.entity_key], kind="stable")
        .reset_index(drop=True)
    )
    preparation = fit_preparation(task, frame)
    matrix = preparation.transform(frame, text=any(member.text for member in settings.members))
    members = _members_for(settings, preparation)
    job = _Job(task, frame, matrix, preparation, settings, seed)
    folds = make_folds(task, frame, settings)
    curves = [job.fold_curves(member, folds) for member in members]
    counts = [best_iterations(task, frame, folds, curve, settings) for curve in curves]
    out_of_fold = [mean_log_odds(curves, counts, settings, k) for k in range(len(folds.folds))]
    calibration, evidence = _calibrate(task, frame, folds, out_of_fold)
    fitted = tuple(job.refit(member, count) for member, count in zip(members, counts, strict=True))
    headline = task.headline(frame)
    usual = learn_usual(frame[headline], matrix.loc[headline, preparation.of_kind("numeric")], task.usual_by)
    provenance = _provenance(task, frame, trained_to, seed, folds, preparation, rows_before)
    return TrainedModel(
        preparation, fitted, calibration, usual, provenance, asdict_plain(settings), settings.threads, evidence
    )


@dataclass(frozen=True)
class _Job:
    """What every fit of one training shares."""

    task: PredictionTask
    frame: pd.DataFrame
    matrix: pd.DataFrame
    preparation: Preparation
    settings: LearningSettings
    seed: int

    def fit(self, member: Member, rows: np.ndarray, now: pd.Timestamp, iterations: int, seed: int) -> FittedMember:
        """Fit one booster on the rows at these positions."""
        from catboost import CatBoostClassifier

        columns = member_columns(member, self.preparation)
        frame = self.frame.iloc[rows]
        weight = row_weights(self.task, frame, self.settings, now)
        label = frame[LABEL].to_numpy(int)
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
            staged = [self._staged(member, fold, self.seed + 1_000 * k) for k in range(member.fold_seeds)]
            curves.append(np.mean(staged, axis=0))
        return curves

    def _staged(self, member: Member, fold: Fold, seed: int) -> np.ndarray:
        fitted = self.fit(member, fold.train, fold.start, member.most_iterations, seed)
        pool = member_pool(member, self.preparation, self.matrix.iloc[fold.test][list(fitted.columns)])
        stages = fitted.boosters[0].staged_predict(
            pool,
            prediction_type="RawFormulaVal",
            eval_period=self.settings.iteration_step,
            thread_count=self.settings.threads,
        )
        return np.stack(list(stages))

    def refit(self, member: Member, iterations: int) -> FittedMember:
        """Fit every seed of a member on all rows."""
        everything = np.arange(len(self.frame))
        now = self.frame[AS_OF].max()
        fits = [self.fit(member, everything, now, iterations, self.seed + 1_000 * k) for k in range(member.seeds)]
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
    return int(min((int(smooth.argmax()) + 1) * settings.iteration_step, len(mean) * settings.iteration_step))


def mean_log_odds(
    curves: list[list[np.ndarray]], counts: list[int], settings: LearningSettings, fold: int
) -> np.ndarray:
    """Out-of-fold log-odds of the ensemble on one fold's test rows, each member at its chosen number of trees."""
    stages = [
        curve[fold][min(count // settings.iteration_step, len(curve[fold])) - 1]
        for curve, count in zip(curves, counts, strict=True)
    ]
    return np.mean(stages, axis=0)


def _checked(task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp) -> pd.DataFrame:
    missing = [c for c in (*task.keys, MOMENT, LABEL, MATURES_AT) if c not in frame.columns]
    if missing:
        raise LearningError(f"task {task.name}: the training frame lacks {', '.join(missing)}")
    immature = int((frame[MATURES_AT] > trained_to).sum())
    if immature:
        raise LearningError(f"task {task.name}: {immature} of {len(frame)} rows aren't mature at {trained_to}")
    repeated = int(frame.duplicated(task.keys).sum())
    if repeated:
        raise LearningError(f"task {task.name}: {repeated} rows repeat a key ({', '.join(task.keys)})")
    positives = int(frame[LABEL].sum())
    if min(positives, len(frame) - positives) < FEWEST_POSITIVES:
        raise LearningError(
            f"task {task.name}: {positives} positives among {len(frame)} mature rows up to {trained_to}; "
            f"at least {FEWEST_POSITIVES} of each class are needed"
        )
    return frame


def _members_for(settings: LearningSettings, preparation: Preparation) -> tuple[Member, ...]:
    """The members to fit; text is switched off where no text column varies."""
    has_text = bool(preparation.of_kind("text"))
    return tuple(replace(member, text=member.text and has_text) for member in settings.members)


def _calibrate(
    task: PredictionTask, frame: pd.DataFrame, folds: Folds, out_of_fold: list[np.ndarray]
) -> tuple[Calibration, Evidence]:
    """Calibration on all out-of-fold headline rows, and the evidence, calibrated on the *other* folds."""
    headline = task.headline(frame)
    if not headline.any():
        headline = np.ones(len(frame), bool)
    label = frame[LABEL].to_numpy(bool)
    use = [headline[fold.test] for fold in folds.folds]
    odds = [raw[u] for raw, u in zip(out_of_fold, use, strict=True)]
    truth = [label[fold.test][u] for fold, u in zip(folds.folds, use, strict=True)]
    calibration = fit_calibration(np.concatenate(odds), np.concatenate(truth))
    parts = []
    for k, fold in enumerate(folds.folds):
        others = [i for i in range(len(odds)) if i != k] or [k]
        honest = fit_calibration(np.concatenate([odds[i] for i in others]), np.concatenate([truth[i] for i in others]))
        part = frame.iloc[fold.test][[*task.keys, MOMENT, LABEL]].copy()
        part["p"] = honest.apply(out_of_fold[k])
        part["fold"] = k
        part["new_entity"] = ~part[task.entity_key].isin(frame[task.entity_key].iloc[fold.train]).to_numpy()
        part["position"] = fold.test
        parts.append(part)
    return calibration, Evidence(pd.concat(parts, ignore_index=True), frame, folds)


def _provenance(
    task: PredictionTask,
    frame: pd.DataFrame,
    trained_to: pd.Timestamp,
    seed: int,
    folds: Folds,
    preparation: Preparation,
    rows_before: int,
) -> Provenance:
    notes = []
    if folds.kind == "by entity":
        notes.append("too few mature weeks to roll through time: folds by ticket, figures look a little too good")
    positives = int(frame[LABEL].sum())
    if positives < 200:
        notes.append(f"only {positives} positive rows: expect wide intervals")
    return Provenance(
        task=task.name,
        trained_from=frame[AS_OF].min().isoformat(),
        trained_to=pd.Timestamp(trained_to).isoformat(),
        rows=len(frame),
        positives=positives,
        entities=int(frame[task.entity_key].nunique()),
        seed=seed,
        fold_kind=folds.kind,
        folds=len(folds.folds),
        rows_before_thinning=rows_before,
        note="; ".join(notes),
        fingerprint=fingerprint(frame, [*task.keys, LABEL, *preparation.columns]),
    )
