"""Training beside scikit-learn and LightGBM on one feature frame: wall time and PR-AUC, medians of several runs.

    python -m benchmarks.training --frame features.parquet --at 2016-03-28 --to 2016-04-04 --runs 3

Each learner trains on the rows mature at `--at` and predicts the review mornings in [--at, --to). Harken's time holds
its rolling folds, its calibration and its refit, which the others don't have to do.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.frames import read_frame
from benchmarks.learners import MAKERS, learner
from ml.evaluate import metric_functions
from ml.tasks import all_tasks
from ml.train import learnable_rows, train


def main() -> None:
    """Run the comparison and print one line for each learner."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frame", help="feature and label rows in Parquet; else --home")
    parser.add_argument("--home", help="a HARKEN_HOME with a built warehouse")
    parser.add_argument("--at", required=True, type=pd.Timestamp)
    parser.add_argument("--to", required=True, type=pd.Timestamp)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--learners", default="harken," + ",".join(MAKERS))
    args = parser.parse_args()
    task = all_tasks()["escalation"]
    frame = read_frame(task, args.frame, args.home)
    rows = frame[(frame["as_of"] < args.at).to_numpy(bool)]
    test = frame[((frame["as_of"] >= args.at) & (frame["as_of"] < args.to)).to_numpy(bool)]
    test = test[task.headline(test)].reset_index(drop=True)
    known, features = int((rows["matures_at"] <= args.at).sum()), len(task.feature_columns(rows))
    print(f"{known} mature rows, {features} columns, {len(test)} test mornings")
    for name in args.learners.split(","):
        seconds, areas = [], []
        for run in range(args.runs):
            started = time.perf_counter()
            p = _fit(name, rows, args.at, run)(test)
            seconds.append(time.perf_counter() - started)
            areas.append(metric_functions(task, test, p)["pr_auc"](np.ones(len(test))))
        print(f"{name:24s} {statistics.median(seconds):7.1f} s   PR-AUC {statistics.median(areas):.4f}", flush=True)


def _fit(name: str, rows: pd.DataFrame, at: pd.Timestamp, seed: int) -> Callable[[pd.DataFrame], np.ndarray]:
    task = all_tasks()["escalation"]
    if name == "harken":
        return train(task, learnable_rows(task, rows, at), trained_to=at, seed=seed).predict
    return learner(task, name)(rows, at)


if __name__ == "__main__":
    main()
