"""The escalation task beside its feature table: every column has words, and the words say what the values say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ml.tasks import all_tasks
from ml.words import duration, in_a_hundred, number, times

FEATURES = Path(__file__).parents[2] / "dbt_project" / "models" / "features" / "escalation.yml"


@pytest.fixture(scope="module")
def columns() -> dict[str, str]:
    """Role by column, from the yml beside the feature model."""
    described = yaml.safe_load(FEATURES.read_text())["models"][0]["columns"]
    return {c["name"]: c.get("config", {}).get("meta", {}).get("role", "") for c in described}


@pytest.fixture(scope="module")
def task():
    return all_tasks()["escalation"]


def test_every_feature_belongs_to_a_reason(task, columns):
    features = [name for name, role in columns.items() if role != "key"]
    assert features, "the yml names no feature"
    assert [name for name in features if task.reason_of(name) is None] == []


def test_keys_and_texts_are_the_same_here_and_there(task, columns):
    assert {name for name, role in columns.items() if role == "key"} <= task.not_features
    assert {name for name, role in columns.items() if role == "text"} == set(task.text)
    assert task.usual_by in columns


def test_the_rules_read_columns_that_exist(task, columns):
    frame = pd.DataFrame({name: [1.0, 2.0] for name in columns})
    for rule in task.rules:
        assert np.asarray(rule.score(frame)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"hours_since_agent_message": 52.0, "silence_hours": 3.0},
            "no reply from us for 52 hours; usual here is 6 hours",
        ),
        ({"silence_hours": 96.0}, "nothing has happened for 4 days; usual here is 2 hours"),
        ({"reassignments": 2.0}, "handed to another queue twice; usual here is 0"),
        ({"reassignments": 0.0}, "not handed to another queue so far; usual here is 0"),
        (
            {"customer_past_tickets": 4.0, "customer_past_escalations": 1.0},
            "1 of the customer's 4 earlier tickets escalated",
        ),
        ({"has_agent": np.False_}, "nobody holds it"),
        ({"priority": "high", "priority_raises": 1.0}, "priority high, raised once"),
        ({"opened_weekday": 5, "opened_hour": 17}, "opened on a Friday at 17:00 UTC"),
    ],
)
def test_a_reason_says_the_value_and_what_is_usual(task, row, expected):
    usual = {"hours_since_agent_message": 6.0, "silence_hours": 2.0, "reassignments": 0.0}
    said = [group.sentence(row, usual) for group in task.reasons]
    assert expected in said


def test_no_sentence_fails_where_nothing_is_known(task):
    for group in task.reasons:
        assert group.sentence({}, {}) is None


def test_values_in_words():
    assert [duration(h) for h in (0.5, 1, 52, 100)] == ["30 minutes", "1 hour", "52 hours", "4 days"]
    assert [number(v) for v in (3.0, 2.46, 1200)] == ["3", "2.5", "1,200"]
    assert [times(v) for v in (1, 2, 5)] == ["once", "twice", "5 times"]
    assert in_a_hundred(0.02) == "13 in 100"
