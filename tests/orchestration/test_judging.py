"""What alarms beside a candidate that was made for drift, and can't be known to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from ml.status import Status
from ml.tasks.escalation import TASK
from orchestration.steps.judging import unlearnt

TRAINED = pd.Timestamp("2026-05-10 08:00")
ROWS, LABELS = "level\tturns\t\t+", "label rate\tturns\t\t+"


def told(days: int, **shadow: Any) -> tuple[str, ...]:
    """What is unlearnt of both kinds so many days after the training."""
    known = {"from": TRAINED.isoformat(), "origin": "drift", "made_for": ["level\tage\t\t+"], **shadow}
    bench: Any = SimpleNamespace(clock=lambda: TRAINED + pd.Timedelta(days=days))
    return unlearnt(bench, TASK, Status("escalation", memory={"shadow": known}), (ROWS, LABELS))


def test_labels_of_days_since_the_training_are_news_to_the_candidate():
    assert told(7) == (LABELS,)


def test_labels_of_earlier_days_are_not():
    assert told(6) == ()


def test_what_labels_showed_beside_it_before_is_not():
    assert told(14, suspects=[LABELS]) == ()


def test_a_candidate_made_for_what_labels_show_goes_on():
    assert told(14, made_for=["performance\tpr_auc\t\t-"]) == ()


def test_a_challenger_of_calm_days_is_judged_by_all_alarms():
    assert told(14, origin="challenger") == ()
