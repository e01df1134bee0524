"""Training: time rules, iterations by rolling folds, calibration on what the folds predicted, refit on all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.calibrate import Calibration, fit_calibration
from ml.evidence import Evidence
from ml.fit import Fitter, best_iterations, blend, blend_weights
from ml.folds import Folds, make_folds
from ml.labels import has_event_times, label_known, mature, mature_rows
from ml.model import Provenance, TrainedModel
from ml.prepare import Preparation, fingerprint, fit_preparation
from ml.sample import thin
from ml.settings import LearningSettings, Member, asdict_plain
from ml.task import AS_OF, LABEL, MATURES_AT, MOMENT, LearningError, PredictionTask
from ml.usual import learn_usual

__all__ = ["FEWEST_POSITIVES", "learnable_rows", "mature_rows", "members_for", "shortest_share", "train"]

FEWEST_POSITIVES = 20  # below this nothing can be fitted and checked at the same time


def learnable_rows(
    task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, settings: LearningSettings | None = None
) -> pd.DataFrame:
    """The rows of `frame` that some member may learn from at `trained_to`, with the label as it was known then.

    These are the mature rows, and those whose label is mature within the shortest horizon that a member learns.
    """
    share = shortest_share(task, frame, settings or LearningSettings())
    rows = frame[mature(task, frame, trained_to, share)]
    return rows.assign(**{LABEL: label_known(task, rows, trained_to)})


def train(
    task: PredictionTask,
    frame: pd.DataFrame,
    *,
    trained_to: pd.Timestamp,
    seed: int = 0,
    settings: LearningSettings | None = None,
) -> TrainedModel:
    """Learn the task from labelled feature rows; `learnable_rows` gives those that may be learnt from.

    `frame` has the task's keys, moment_kind, label, matures_at, the event times and the features; one row per
    (entity, as_of). The result's `evidence` holds the out-of-fold predictions. Raises LearningError for immature rows,
    repeated keys, and where there are too few labels.
    """
    settings = settings or LearningSettings()
    _check(task, frame, trained_to, settings)
    rows_before = len(frame)
    frame = thin(task, frame, settings.most_rows)
    frame = frame.sort_values([AS_OF, task.entity_key], kind="stable").reset_index(drop=True)
    preparation = fit_preparation(task, frame)
    members = members_for(task, frame, settings, preparation)
    matrix = preparation.transform(frame, text=any(member.text for member in members))
    # Folds and labels need none of the features, and copying those for each fold and seed took a tenth of a training.
    facts = frame.drop(columns=task.feature_columns(frame))
    fitter = Fitter(task, facts, matrix, preparation, settings, seed)
    folds = make_folds(task, facts, trained_to, settings)
    curves = [fitter.fold_curves(member, folds) for member in members]
    counts = [
        best_iterations(task, facts, folds, curve, settings, member.fewest_iterations)
        for member, curve in zip(members, curves, strict=True)
    ]
    chosen = [
        [fold[n // settings.iteration_step - 1] for fold in curve] for n, curve in zip(counts, curves, strict=True)
    ]
    weights = blend_weights(task, facts, folds, chosen)
    calibration, rows = _calibrate(task, facts, folds, blend(chosen, weights))
    fitted = tuple(
        fitter.refit(member, trained_to, count, float(weight))
        for member, count, weight in zip(members, counts, weights, strict=True)
        if weight > 0
    )
    headline = task.headline(frame)
    usual = learn_usual(frame[headline], matrix.loc[headline, preparation.of_kind("numeric")], task.usual_by)
    judged = frame[mature(task, frame, trained_to)]
    provenance = _provenance(task, judged, trained_to, seed, folds, preparation, rows_before)
    return TrainedModel(
        preparation,
        fitted,
        calibration,
        usual,
        provenance,
        asdict_plain(settings),
        settings.threads,
        Evidence(rows, frame, facts, folds),
    )


def _check(task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, settings: LearningSettings) -> None:
    missing = [c for c in (*task.keys, MOMENT, LABEL, MATURES_AT) if c not in frame.columns]
    if missing:
        raise LearningError(f"task {task.name}: the training frame lacks {', '.join(missing)}")
    immature = int((~mature(task, frame, trained_to, shortest_share(task, frame, settings))).sum())
    if immature:
        raise LearningError(f"task {task.name}: {immature} of {len(frame)} rows aren't mature at {trained_to}")
    repeated = int(frame.duplicated(task.keys).sum())
    if repeated:
        raise LearningError(f"task {task.name}: {repeated} rows repeat a key ({', '.join(task.keys)})")
    judged = mature(task, frame, trained_to)
    rows, positives = int(judged.sum()), int(frame[LABEL].to_numpy(bool)[judged].sum())
    if min(positives, rows - positives) < FEWEST_POSITIVES:
        raise LearningError(
            f"task {task.name}: {positives} positives among {rows} mature rows up to {trained_to}; "
            f"at least {FEWEST_POSITIVES} of each class are needed"
        )


def shortest_share(task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings) -> float:
    """The share of the horizon that a label needs at least to train some member; 1 where event times aren't known."""
    return min(member.horizon_share for member in settings.members) if has_event_times(task, frame) else 1.0


def members_for(
    task: PredictionTask, frame: pd.DataFrame, settings: LearningSettings, preparation: Preparation
) -> tuple[Member, ...]:
    """The members to fit: without text where none varies, at the whole horizon where event times aren't known."""
    has_text, has_times = bool(preparation.of_kind("text")), has_event_times(task, frame)
    return tuple(
        replace(m, text=m.text and has_text, horizon_share=m.horizon_share if has_times else 1.0)
        for m in settings.members
    )


def _calibrate(
    task: PredictionTask, frame: pd.DataFrame, folds: Folds, out_of_fold: list[np.ndarray]
) -> tuple[Calibration, pd.DataFrame]:
    """Calibration on all out-of-fold headline rows, and the evidence's rows, calibrated on the *other* folds."""
    headline = task.headline(frame)
    if not headline.any():
        headline = np.ones(len(frame), bool)
    label = frame[LABEL].to_numpy(bool)
    use = [headline[fold.test] for fold in folds.folds]
    odds = [raw[u] for raw, u in zip(out_of_fold, use, strict=True)]
    truth = [label[fold.test][u] for fold, u in zip(folds.folds, use, strict=True)]
    calibration = fit_calibration(np.concatenate(odds), np.concatenate(truth))
    entity = pd.factorize(frame[task.entity_key])[0]
    parts = []
    for k, fold in enumerate(folds.folds):
        others = [i for i in range(len(odds)) if i != k] or [k]
        honest = fit_calibration(np.concatenate([odds[i] for i in others]), np.concatenate([truth[i] for i in others]))
        part = frame.iloc[fold.test][[*task.keys, MOMENT, LABEL]].copy()
        part["p"] = honest.apply(out_of_fold[k])
        part["fold"] = k
        part["new_entity"] = ~np.isin(entity[fold.test], entity[fold.train(task, frame)])
        part["position"] = fold.test
        parts.append(part)
    return calibration, pd.concat(parts, ignore_index=True)


def _provenance(
    task: PredictionTask,
    judged: pd.DataFrame,
    trained_to: pd.Timestamp,
    seed: int,
    folds: Folds,
    preparation: Preparation,
    rows_before: int,
) -> Provenance:
    notes = []
    if folds.kind == "by entity":
        notes.append("too few mature weeks to roll through time: folds by ticket, figures look a little too good")
    positives = int(judged[LABEL].sum())
    if positives < 200:
        notes.append(f"only {positives} positive rows: expect wide intervals")
    return Provenance(
        task=task.name,
        trained_from=judged[AS_OF].min().isoformat(),
        trained_to=pd.Timestamp(trained_to).isoformat(),
        rows=len(judged),
        positives=positives,
        entities=int(judged[task.entity_key].nunique()),
        seed=seed,
        fold_kind=folds.kind,
        folds=len(folds.folds),
        rows_before_thinning=rows_before,
        note="; ".join(notes),
        fingerprint=fingerprint(judged, [*task.keys, LABEL, *preparation.columns]),
    )
