"""The learners that the benchmarks compare Harken with, on the same rows and columns.

Each is `learn(earlier rows, moment) -> predict(rows)`, as `ml.backtest.replay` takes it. Categories are codes by
frequency, text is left out (none of them takes text), nulls stay nulls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ml.backtest import Learner
from ml.baselines import numeric_matrix
from ml.labels import mature_rows
from ml.prepare import fit_preparation
from ml.task import LABEL, PredictionTask

SEED = 0


def _random_forest(threads: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=300, min_samples_leaf=5, n_jobs=threads, random_state=SEED)


def _hist_gradient_boosting(threads: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=SEED)


def _lightgbm(threads: int) -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=300, learning_rate=0.05, n_jobs=threads, random_state=SEED, verbose=-1)


MAKERS: dict[str, Callable[[int], Any]] = {
    "random_forest": _random_forest,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "lightgbm": _lightgbm,
}


def learner(task: PredictionTask, name: str, threads: int = 2) -> Learner:
    """The learner called `name` (a key of MAKERS), ready for `replay`."""

    def learn(rows: pd.DataFrame, at: pd.Timestamp) -> Callable[[pd.DataFrame], np.ndarray]:
        from threadpoolctl import threadpool_limits

        rows = mature_rows(task, rows, at)
        preparation = fit_preparation(task, rows)
        model = MAKERS[name](threads)
        with threadpool_limits(limits=threads):
            model.fit(numeric_matrix(preparation, rows), rows[LABEL].to_numpy(int))
        return lambda test: model.predict_proba(numeric_matrix(preparation, test))[:, 1]

    return learn
