"""A small made-up task with a known cause: silence, handoffs and angry words raise the risk; noise doesn't."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from ml.settings import LearningSettings, Member
from ml.task import PredictionTask, ReasonGroup, SimpleRule
from ml.train import mature_rows, train

START = pd.Timestamp("2026-01-05")
CLOCK = START + pd.Timedelta(days=56)
QUEUES = np.array(["billing", "technical", "sales", "returns"])
CALM, ANGRY = ["thanks for your help", "谢谢帮助"], ["unacceptable, I want a refund", "要求退款"]

TASK = PredictionTask(
    name="made_up",
    entity="ticket",
    entity_key="ticket_id",
    feature_table="features.made_up",
    label_table="labels.made_up",
    horizon=timedelta(days=7),
    event_at="escalated_at",
    event_known_at="escalation_visible_from",
    text=("text",),
    usual_by="queue",
    rules=(
        SimpleRule("most_handoffs", "most handoffs first", lambda frame: frame["handoffs"].to_numpy(float)),
        SimpleRule("noise", "nothing", lambda frame: frame["noise"].to_numpy(float)),
    ),
    reasons=(
        ReasonGroup(
            "silence",
            ("silence_*",),
            lambda row, usual: (
                f"no reply from us for {row['silence_hours']:.0f} hours; usual here is {usual['silence_hours']:.0f}"
            ),
        ),
        ReasonGroup("handoffs", ("handoffs",), lambda row, usual: f"handed on {row['handoffs']:.0f} times"),
        ReasonGroup("wording", ("text",), lambda row, usual: "the wording of the messages"),
        ReasonGroup("queue", ("queue",), lambda row, usual: f"queue {row['queue']}" if "queue" in row else None),
    ),
)

SETTINGS = LearningSettings(
    members=(
        Member(
            "small",
            {"depth": 4, "learning_rate": 0.1, "l2_leaf_reg": 5.0, "rsm": 0.6},
            text=True,
            most_iterations=100,
        ),
        Member("nearer", {"depth": 4, "learning_rate": 0.1}, horizon_share=0.6, seeds=2, most_iterations=60),
    ),
    folds=2,
    bootstraps=50,
)


def made_up_rows(tickets: int = 700, days: int = 56, seed: int = 3) -> pd.DataFrame:
    """Feature and label rows: every morning of each open ticket, and one event row at its opening."""
    random = np.random.default_rng(seed)
    opened = START + pd.to_timedelta(random.uniform(0, days, tickets), unit="D").floor("min")
    life = random.integers(1, 9, tickets)
    queue, angry = random.choice(QUEUES, tickets), random.random(tickets) < 0.3
    text = np.where(angry, random.choice(ANGRY, tickets), random.choice(CALM, tickets))
    parts = []
    for day in range(-1, int(life.max())):
        morning = opened if day < 0 else (opened.normalize() + pd.Timedelta(days=day + 1, hours=8))
        alive = (day < life) & (morning < CLOCK)
        handoffs = random.poisson(0.4 + 0.3 * max(day, 0), tickets).astype(float)
        silence = random.gamma(2.0, 6.0 + 2.0 * max(day, 0), tickets)
        odds = -4.2 + 0.05 * silence + 0.7 * handoffs + 1.5 * angry
        label = random.random(tickets) < 1 / (1 + np.exp(-odds))
        event = morning + pd.to_timedelta(random.uniform(0.1, 6.9, tickets), unit="D").floor("s")
        part = pd.DataFrame(
            {
                "ticket_id": [f"T{k:04d}" for k in range(tickets)],
                "as_of": morning,
                "moment_kind": "event" if day < 0 else "morning",
                "silence_hours": silence,
                "handoffs": handoffs,
                "queue": np.where(random.random(tickets) < 0.02, None, queue),
                "is_weekend": pd.Series(np.asarray(morning.dayofweek) >= 5)
                .astype(object)
                .where(random.random(tickets) < 0.9, None),
                "noise": random.normal(size=tickets),
                "constant": 1.0,
                "text": text,
                "label": label,
                "escalated_at": event.where(label),
                "escalation_visible_from": event.where(label),
                "matures_at": morning + pd.Timedelta(days=7, hours=1),
            }
        )
        parts.append(part[alive])
    return pd.concat(parts, ignore_index=True).sort_values(["as_of", "ticket_id"], kind="stable").reset_index(drop=True)


@pytest.fixture(scope="session")
def task() -> PredictionTask:
    return TASK


@pytest.fixture(scope="session")
def settings() -> LearningSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def clock() -> pd.Timestamp:
    return CLOCK


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return made_up_rows()


@pytest.fixture(scope="session")
def mature_frame(frame):
    return mature_rows(TASK, frame, CLOCK)


@pytest.fixture(scope="session")
def model(mature_frame):
    return train(TASK, mature_frame, trained_to=CLOCK, seed=1, settings=SETTINGS)
