"""What a training showed about its model: out-of-fold predictions beside the rows and folds they came from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ml.folds import Folds
from ml.task import LABEL, MOMENT, PredictionTask

PROBABILITY = "p"
NEW_ENTITY = "new_entity"


@dataclass
class Evidence:
    """The rows of all folds' test windows, predicted by models that hadn't seen them.

    `rows`: entity key, as_of, moment_kind, label, p (calibrated on the other folds), new_entity (the entity had no row
    in that fold's training), fold, and position in `frame`; baselines add a column each. `frame` is the training set,
    `facts` its columns that aren't features.
    """

    rows: pd.DataFrame
    frame: pd.DataFrame
    facts: pd.DataFrame
    folds: Folds

    @property
    def features(self) -> pd.DataFrame:
        """The feature rows that `rows` predicts, in the same order."""
        return self.frame.iloc[self.rows["position"].to_numpy()].reset_index(drop=True)


def kept_evidence(task: PredictionTask, evidence: Evidence) -> pd.DataFrame:
    """What is kept of the evidence with the model: key, as_of, moment_kind, label, p and fold. No feature, no text."""
    return evidence.rows[[*task.keys, MOMENT, LABEL, PROBABILITY, "fold"]].reset_index(drop=True)
