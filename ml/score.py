"""Scores of open entities by a model: probability, rank, share of riskier ones and the reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.model import TrainedModel
from ml.reasons import COUNT, top_reasons
from ml.task import AS_OF, PredictionTask

COLUMNS = (
    *("task", "entity_id", "as_of", "p", "rank", "share_riskier"),
    *(f"reason_{k + 1}" for k in range(COUNT)),
    *("model_name", "model_version", "trained_to", "run_id", "scored_at"),
)


def score(
    task: PredictionTask,
    model: TrainedModel,
    frame: pd.DataFrame,
    clock: pd.Timestamp,
    run_id: str,
    *,
    model_version: str = "",
    reasons: bool = True,
) -> pd.DataFrame:
    """One row per row of `frame` (the open entities at `clock`), shaped as `ml.scores`.

    `rank` is 1 for the riskiest; `share_riskier` is the share of scored entities with a higher probability, in [0, 1).
    Ties (equal inputs) go by entity key, so that a re-run gives the same ranks. Without `reasons` those columns are
    null, which saves most of the time.
    """
    frame = frame.sort_values([AS_OF, task.entity_key], kind="stable").reset_index(drop=True)
    p = model.predict(frame)
    rank = pd.Series(p, dtype=float).rank(method="first", ascending=False).astype("int64")
    riskier = pd.Series(p, dtype=float).rank(method="min", ascending=False) - 1
    scores = pd.DataFrame(
        {
            "task": task.name,
            "entity_id": frame[task.entity_key].astype(str),
            "as_of": frame[AS_OF],
            "p": p,
            "rank": rank,
            "share_riskier": riskier / max(len(frame), 1),
            **(top_reasons(task, model, frame) if reasons and len(frame) else _no_reasons(len(frame))),
            "model_name": task.name,
            "model_version": model_version,
            "trained_to": pd.Timestamp(model.provenance.trained_to),
            "run_id": run_id,
            "scored_at": pd.Timestamp(clock),
        }
    )
    return scores[list(COLUMNS)].sort_values("rank", kind="stable").reset_index(drop=True)


def _no_reasons(rows: int) -> dict[str, np.ndarray]:
    return {f"reason_{k + 1}": np.full(rows, None, dtype=object) for k in range(COUNT)}
