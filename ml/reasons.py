"""Why a score is what it is: SHAP contributions added up by reason group, said in plain words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.model import TrainedModel
from ml.task import Compared, PredictionTask

COUNT = 3
LOWERS = "in its favour: "
# A group that moves the log-odds by less than this changes the probability by under 1 % of itself: not a reason.
LEAST_CONTRIBUTION = 0.01


def group_contributions(task: PredictionTask, shap: pd.DataFrame) -> pd.DataFrame:
    """Contributions added up by the task's reason groups: rows as in `shap`, one column a group that owns a feature."""
    owners = {column: group.name for column in shap.columns if (group := task.reason_of(column)) is not None}
    names = list(dict.fromkeys(owners.values()))
    columns = {name: shap[[c for c, owner in owners.items() if owner == name]].sum(axis=1) for name in names}
    return pd.DataFrame(columns, index=shap.index)


def top_reasons(task: PredictionTask, model: TrainedModel, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns reason_1 to reason_3 for each row of a feature frame; null where there are fewer.

    What raises the risk comes first, strongest first. Where fewer than three things do, what lowers it most follows,
    marked as such.
    """
    contributions = group_contributions(task, model.shap_values(frame))
    groups = {group.name: group for group in task.reasons}
    names = contributions.columns.to_numpy()
    records = frame.to_dict("records")
    sentences = []
    for record, values in zip(records, contributions.to_numpy(), strict=True):
        row = _known(record)
        usual = model.usual.of(row)
        found: list[str | None] = []
        for k in _order(values):
            words = groups[str(names[k])].sentence(row, usual)
            if isinstance(words, Compared):
                # A value below the usual is a poor reason for a raised risk, whatever the trees make of it.
                words = words.words if words.above == (values[k] > 0) else None
            if words:
                found.append(words if values[k] > 0 else LOWERS + words)
            if len(found) == COUNT:
                break
        sentences.append(found + [None] * (COUNT - len(found)))
    return pd.DataFrame(sentences, index=frame.index, columns=[f"reason_{k + 1}" for k in range(COUNT)], dtype=object)


def _order(values: np.ndarray) -> list[int]:
    """Positions of the raising contributions, strongest first, then of the lowering ones, strongest first."""
    raising = [int(k) for k in np.argsort(-values, kind="stable") if values[k] >= LEAST_CONTRIBUTION]
    lowering = [int(k) for k in np.argsort(values, kind="stable") if values[k] <= -LEAST_CONTRIBUTION]
    return raising + lowering


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """The values of a row that aren't null, so that a sentence can ask with `.get`."""
    return {str(key): value for key, value in row.items() if not pd.isna(value)}
