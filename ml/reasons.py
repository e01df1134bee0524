"""Why a score is what it is: SHAP contributions added up by reason group, said in plain words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.model import TrainedModel
from ml.task import WORDS, Compared, PredictionTask
from ml.wording import telling_words

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
    marked as such. A group that owns a text names its telling words where it is among them.
    """
    shap = model.shap_values(frame)
    contributions = group_contributions(task, shap)
    names, values = contributions.columns.to_numpy(), contributions.to_numpy()
    records = _known(frame)
    chosen = [_chosen(task, model, names, values[n], records[n]) for n in range(len(records))]
    for column in task.text:
        group = task.reason_of(column)
        if column not in shap.columns or group is None:
            continue
        rows = [n for n, said in enumerate(chosen) if group.name in said]
        raises = contributions[group.name].to_numpy()[rows] > 0
        for n, words in zip(rows, telling_words(model, frame.iloc[rows], column, raises), strict=True):
            if words:
                records[n][column + WORDS] = words
                chosen[n] = _chosen(task, model, names, values[n], records[n])
    sentences = [[*said.values(), *[None] * (COUNT - len(said))] for said in chosen]
    return pd.DataFrame(sentences, index=frame.index, columns=[f"reason_{k + 1}" for k in range(COUNT)], dtype=object)


def _chosen(
    task: PredictionTask, model: TrainedModel, names: np.ndarray, values: np.ndarray, row: dict[str, Any]
) -> dict[str, str]:
    """Group -> sentence for the groups that a row's reasons are taken from, in their order."""
    groups = {group.name: group for group in task.reasons}
    usual = model.usual.of(row)
    found: dict[str, str] = {}
    for k in _order(values):
        words = groups[str(names[k])].sentence(row, usual)
        if isinstance(words, Compared):
            # A value below the usual is a poor reason for a raised risk, whatever the trees make of it.
            words = words.words if words.above == (values[k] > 0) else None
        if words:
            found[str(names[k])] = words if values[k] > 0 else LOWERS + words
        if len(found) == COUNT:
            break
    return found


def _order(values: np.ndarray) -> list[int]:
    """Positions of the raising contributions, strongest first, then of the lowering ones, strongest first."""
    raising = [int(k) for k in np.argsort(-values, kind="stable") if values[k] >= LEAST_CONTRIBUTION]
    lowering = [int(k) for k in np.argsort(values, kind="stable") if values[k] <= -LEAST_CONTRIBUTION]
    return raising + lowering


def _known(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The values of each row that aren't null, so that a sentence can ask with `.get`."""
    known = frame.notna().to_numpy()
    return [
        {str(key): value for (key, value), there in zip(row.items(), known[n], strict=True) if there}
        for n, row in enumerate(frame.to_dict("records"))
    ]
