"""What a model has to beat, on the same rows and folds: the task's simple rules and a common learner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.evidence import Evidence
from ml.fit import in_parallel
from ml.folds import Fold
from ml.labels import label_known
from ml.prepare import Preparation
from ml.sample import thin
from ml.task import PredictionTask

GRADIENT_BOOSTING = "hist_gradient_boosting"
# HistGradientBoosting on more rows than this costs as much as the model itself; the run states the sample.
MOST_BASELINE_ROWS = 10_000


def rule_scores(task: PredictionTask, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Each simple rule's score for each row of a feature frame; nulls rank last."""
    return {rule.name: np.nan_to_num(np.asarray(rule.score(frame), np.float64), nan=-1e9) for rule in task.rules}


def add_baselines(
    task: PredictionTask,
    preparation: Preparation,
    evidence: Evidence,
    *,
    seed: int,
    threads: int = 1,
    most_rows: int = MOST_BASELINE_ROWS,
) -> list[str]:
    """Add a column to `evidence.rows` for each baseline, on the same rows and folds; returns their names.

    Gradient boosting is fitted for each fold on that fold's own training rows, thinned to `most_rows`.
    """
    from threadpoolctl import threadpool_limits

    matrix = numeric_matrix(preparation, evidence.frame)

    def boosted_on(fold: Fold) -> np.ndarray:
        train = thin(task, evidence.facts.iloc[fold.train(task, evidence.facts)], most_rows)
        given = matrix[train.index]
        # Columns without a value among a small fold's rows teach nothing, and scikit-learn can't bin them.
        filled = ~np.isnan(given).all(axis=0)
        test = matrix[fold.test][:, filled]
        model = gradient_boosting(seed)
        # Its threads spin while they wait for each other: on a busy machine two are far slower than one.
        with threadpool_limits(limits=1, user_api="openmp"):
            label = label_known(task, train, fold.moment).astype(int)
            predicted: np.ndarray = model.fit(given[:, filled], label).predict_proba(test)[:, 1]
        return predicted

    scores = rule_scores(task, evidence.features)
    boosted = np.full(len(evidence.rows), np.nan)
    of_fold = evidence.rows["fold"].to_numpy()
    for k, predicted in enumerate(in_parallel(boosted_on, evidence.folds.folds, threads)):
        boosted[of_fold == k] = predicted
    evidence.rows = evidence.rows.assign(**scores, **{GRADIENT_BOOSTING: boosted})
    return [*scores, GRADIENT_BOOSTING]


def numeric_matrix(preparation: Preparation, frame: pd.DataFrame) -> np.ndarray:
    """Numbers and category codes as float32, rows x columns, nulls NaN: what scikit-learn and LightGBM take."""
    return preparation.transform(frame[preparation.columns], text=False).to_numpy(np.float32)


def gradient_boosting(seed: int) -> Any:
    """scikit-learn's HistGradientBoosting at its defaults, without the random early stopping on shuffled rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(early_stopping=False, random_state=seed)
