"""How far back a retraining looks: all rows, the recent half, or all with recent rows weighing more, on evidence.

After a change of the world old rows may harm, without one they help. Each window trains a small model for the newest
days whose labels are known, on what was known before them, and the best one trains the candidate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.evaluate import Interval, average_precision, paired_difference
from ml.fit import Fitter, in_parallel
from ml.folds import LEAST_POSITIVES, Fold
from ml.labels import label_known, mature
from ml.model import member_pool
from ml.prepare import fit_preparation
from ml.sample import thin
from ml.settings import LearningSettings, Member
from ml.task import AS_OF, LABEL, PredictionTask
from ml.train import FEWEST_POSITIVES, members_for, shortest_share

ALL, RECENT, RECENT_WEIGHTED = "all", "recent", "recent weighted"
# Two weeks of a new regime then weigh as much as all that came before them.
HALF_LIFE_DAYS = 14.0
FOLD_WEIGHTS = (1.0, 2.0)  # the older fold, the newest one: after a change only the newest lies behind it
JUDGING_TREES = 100
LEAST_ROWS = 20_000
# In calm days more rows are better, so that another window has to win by more than chance gives it once in ten.
GAIN_LEVEL = 0.8
BOOTSTRAPS = 200


@dataclass(frozen=True)
class Window:
    """The window that won, each one's PR-AUC on the newest days (empty where too little could be judged), and why."""

    name: str
    pr_auc: Mapping[str, float]
    reason: str

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of `frame` that lie in the window."""
        return frame[frame[AS_OF] >= _middle(frame[AS_OF])] if self.name == RECENT else frame

    def settings(self, settings: LearningSettings) -> LearningSettings:
        """The learning settings for the window: a half-life for every member where recent rows weigh more."""
        if self.name != RECENT_WEIGHTED:
            return settings
        return replace(settings, members=tuple(replace(m, half_life_days=HALF_LIFE_DAYS) for m in settings.members))


def choose_window(
    task: PredictionTask, frame: pd.DataFrame, trained_to: pd.Timestamp, settings: LearningSettings, seed: int
) -> Window:
    """The best window for a model trained to `trained_to`, from rows as `learnable_rows` gives them.

    Judged by PR-AUC on headline rows of the newest two folds, the newest counting double, with the label within the
    shortest horizon that is learnt: the whole horizon would end before a change of the last days.
    """
    share = shortest_share(task, frame, settings)
    frame = thin(task, frame, min(settings.most_rows, max(LEAST_ROWS, settings.most_rows // 2)))
    frame = frame.sort_values([AS_OF, task.entity_key], kind="stable").reset_index(drop=True)
    label = label_known(task, frame, trained_to, share)
    folds = _newest_folds(task, frame, label, trained_to, share, settings)
    if not folds:
        return Window(ALL, {}, "all rows: too few labels of the newest days to judge a window by")
    scores = _scores(task, frame, folds, share, settings, seed)
    areas = {
        name: float(np.average([_area(task, frame, label, fold, s) for fold, s in given], weights=_weights(given)))
        for name, given in scores.items()
    }
    best = max(areas, key=lambda name: areas[name])
    if best == RECENT and _positives(task, Window(RECENT, {}, "").rows(frame), trained_to) < FEWEST_POSITIVES:
        best = ALL
    gain = _gain(task, frame, label, scores, best, seed)
    since = f"{folds[-1].moment:%Y-%m-%d}"
    if gain.low <= 0:
        beside = ", ".join(f"{name!r} {area:.3f}" for name, area in areas.items())
        return Window(ALL, areas, f"all rows: no other window is better beyond noise (PR-AUC of {beside} from {since})")
    others = ", ".join(f"{name!r} {area:.3f}" for name, area in areas.items() if name != best)
    won = f"the window {best!r}: PR-AUC {areas[best]:.3f} on the newest days from {since}, {others}"
    return Window(best, areas, f"{won}; on the newest fold {gain} against all rows")


def _newest_folds(
    task: PredictionTask,
    frame: pd.DataFrame,
    label: np.ndarray,
    trained_to: pd.Timestamp,
    share: float,
    settings: LearningSettings,
) -> list[Fold]:
    """At most two folds, oldest first, of `fold_days` x `share` days: as long as the labels are young."""
    judged = mature(task, frame, trained_to, share) & task.headline(frame)
    if not judged.any():
        return []
    days = max(int(np.ceil(settings.fold_days * share)), 1)
    at = frame[AS_OF]
    end, found = at[judged].max().ceil("D"), []
    for _ in FOLD_WEIGHTS:
        start = end - pd.Timedelta(days=days)
        test = np.flatnonzero(judged & ((at >= start) & (at < end)).to_numpy(bool))
        fold = Fold(start, np.flatnonzero((at < start).to_numpy(bool)), test)
        known = label_known(task, frame.iloc[_recent(task, frame, fold, share)], start, share)
        if min(label[test].sum(), (~label[test]).sum(), known.sum(), (~known).sum()) >= LEAST_POSITIVES:
            found.append(fold)
        end = start
    return found[::-1]


def _scores(
    task: PredictionTask,
    frame: pd.DataFrame,
    folds: list[Fold],
    share: float,
    settings: LearningSettings,
    seed: int,
) -> dict[str, list[tuple[Fold, np.ndarray]]]:
    """For each window the folds with the log-odds of their test rows, by one small booster each."""
    preparation = fit_preparation(task, frame)
    member = replace(members_for(task, frame, settings, preparation)[0], horizon_share=share, half_life_days=None)
    fitter = Fitter(task, frame, preparation.transform(frame, text=member.text), preparation, settings, seed)
    weighted = replace(member, half_life_days=HALF_LIFE_DAYS)
    jobs = []
    for fold in folds:
        whole = fold.train(task, frame, share)
        jobs.append((ALL, member, whole, fold))
        jobs.append((RECENT, member, _recent(task, frame, fold, share), fold))
        jobs.append((RECENT_WEIGHTED, weighted, whole, fold))
    predicted = in_parallel(lambda job: _predicted(fitter, *job[1:]), jobs, settings.threads)
    found: dict[str, list[tuple[Fold, np.ndarray]]] = {ALL: [], RECENT: [], RECENT_WEIGHTED: []}
    for (name, _, _, fold), odds in zip(jobs, predicted, strict=True):
        found[name].append((fold, odds))
    return found


def _predicted(fitter: Fitter, member: Member, rows: np.ndarray, fold: Fold) -> np.ndarray:
    trees = min(JUDGING_TREES, member.most_iterations)
    fitted = fitter.fit(member, rows, fold.moment, trees, fitter.seed)
    pool = member_pool(member, fitter.preparation, fitter.matrix.iloc[fold.test][list(fitted.columns)])
    odds: np.ndarray = fitted.boosters[0].predict(pool, prediction_type="RawFormulaVal", thread_count=1)
    return odds


def _recent(task: PredictionTask, frame: pd.DataFrame, fold: Fold, share: float) -> np.ndarray:
    rows = fold.train(task, frame, share)
    at = frame[AS_OF].iloc[rows]
    return rows[(at >= _middle(at)).to_numpy(bool)] if len(rows) else rows


def _middle(at: pd.Series) -> pd.Timestamp:
    return at.min() + (at.max() - at.min()) / 2


def _area(task: PredictionTask, frame: pd.DataFrame, label: np.ndarray, fold: Fold, score: np.ndarray) -> float:
    return average_precision(label[fold.test], score)(np.ones(len(fold.test)))


def _weights(given: list[tuple[Fold, np.ndarray]]) -> list[float]:
    return list(FOLD_WEIGHTS[-len(given) :])


def _positives(task: PredictionTask, rows: pd.DataFrame, trained_to: pd.Timestamp) -> int:
    judged = mature(task, rows, trained_to)
    positives = int(rows[LABEL].to_numpy(bool)[judged].sum())
    return min(positives, int(judged.sum()) - positives)


def _gain(
    task: PredictionTask,
    frame: pd.DataFrame,
    label: np.ndarray,
    scores: dict[str, list[tuple[Fold, np.ndarray]]],
    best: str,
    seed: int,
) -> Interval:
    """PR-AUC of the best window minus that of all rows on the newest fold, where a change shows first."""
    fold, theirs = scores[ALL][-1]
    rows = frame.iloc[fold.test].assign(**{LABEL: label[fold.test]}).reset_index(drop=True)
    ours = scores[best][-1][1]
    return paired_difference(task, rows, ours, theirs, bootstraps=BOOTSTRAPS, seed=seed, level=GAIN_LEVEL)
