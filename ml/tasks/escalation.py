"""Which open tickets will escalate within the next seven days."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from ml.task import PredictionTask, SimpleRule


def _column(name: str):
    def score(frame: pd.DataFrame) -> np.ndarray:
        return frame[name].to_numpy(np.float64) if name in frame else np.zeros(len(frame))

    return score


TASK = PredictionTask(
    name="escalation",
    entity="ticket",
    entity_key="ticket_id",
    feature_table="features.escalation",
    label_table="labels.escalation",
    horizon=timedelta(days=7),
    event_at="escalated_at",
    event_known_at="escalation_visible_from",
    description="The ticket's first escalation, as the escalation rules define it, in the horizon after the moment.",
    text=("text",),
    rules=(
        SimpleRule("most_reassigned", "most reassignments first", _column("k")),
        SimpleRule("oldest", "oldest ticket first", _column("age_h")),
    ),
)
