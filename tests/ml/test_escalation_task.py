"""The escalation task beside its feature table: every column has words, and the words say what the values say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ml.task import Compared
from ml.tasks import all_tasks
from ml.words import as_often, duration, number, times

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
        ({"reassignments": 1.0}, "handed to another queue once; usual here is 0"),
        ({"age_hours": 100.0}, "opened 4 days ago"),
        (
            {"customer_past_tickets": 4.0, "customer_past_escalations": 1.0},
            "1 of the customer's 4 earlier tickets escalated",
        ),
        ({"has_agent": np.False_}, "nobody holds it"),
        ({"priority": "high", "priority_raises": 1.0}, "priority high, raised once"),
        ({"text": "x", "text_words": ["chargeback", "my lawyer"]}, 'the words "chargeback", "my lawyer"'),
        ({"text": "x"}, "the wording of the messages"),
        ({"opened_weekday": 5, "opened_hour": 17}, "opened on a Friday at 17:00 UTC"),
    ],
)
def test_a_reason_says_the_value_and_what_is_usual(task, row, expected):
    usual = {"hours_since_agent_message": 6.0, "silence_hours": 2.0, "reassignments": 0.0}
    said = [group.sentence(row, usual) for group in task.reasons]
    assert expected in [found.words if isinstance(found, Compared) else found for found in said]


def test_what_is_as_usual_is_no_reason_and_what_is_below_speaks_for_a_lowered_risk(task):
    groups = {group.name: group.sentence for group in task.reasons}
    assert groups["handoffs"]({"reassignments": 0.0}, {"reassignments": 0.0}) is None
    assert groups["age"]({"age_hours": 38.2}, {"age_hours": 37.9}) is None
    assert groups["age"]({"age_hours": 63.0}, {"age_hours": 62.0}) is None
    nobody = {"customer_past_tickets": 3.0, "customer_past_escalations": 0.0}
    assert groups["customer history"](nobody, {}) == Compared(
        "0 of the customer's 3 earlier tickets escalated", above=False
    )
    assert groups["age"]({"age_hours": 5.0}, {"age_hours": 38.0}) == Compared(
        "opened 5 hours ago; usual here is 38 hours", above=False
    )
    assert as_often("tickets like this", 0.06, 0.02) == Compared(
        "tickets like this escalate 3 times as often as tickets in all", above=True
    )
    assert as_often("tickets like this", 0.02, 0.019) is None


def test_nothing_is_said_of_an_agent_where_nobody_holds_the_ticket(task):
    groups = {group.name: group.sentence for group in task.reasons}
    row = {"agent_stage_escalations_a_day": 0.2, "all_escalations_a_day": 0.02}
    assert groups["agent history"]({**row, "has_agent": True}, {}) is not None
    assert groups["agent history"]({**row, "has_agent": False}, {}) is None


def test_no_sentence_fails_where_nothing_is_known(task):
    for group in task.reasons:
        assert group.sentence({}, {}) is None


def test_values_in_words():
    assert [duration(h) for h in (0.5, 1, 52, 100)] == ["30 minutes", "1 hour", "52 hours", "4 days"]
    assert [number(v) for v in (3.0, 2.46, 1200)] == ["3", "2.5", "1,200"]
    assert [times(v) for v in (1, 2, 5)] == ["once", "twice", "5 times"]
