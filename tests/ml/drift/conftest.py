"""A made-up centre without drift: tickets that stay open for days, features of all kinds, and ways to change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from ml.drift import Reference, make_reference
from ml.task import PredictionTask

START = pd.Timestamp("2026-01-05 08:00")
QUEUES, PRODUCTS = np.array(["billing", "technical", "sales"]), np.array(["phone", "tablet", "router", "tv"])
WORDS = np.array(["invoice wrong", "screen broken", "no connection", "thanks for help", "router lost"])

TASK = PredictionTask(
    name="made_up",
    entity="ticket",
    entity_key="ticket_id",
    feature_table="",
    label_table="",
    horizon=timedelta(days=7),
    text=("text",),
    growing=("tenure_*",),
    calendar=("weekday",),
    slices=("queue", "product"),
)
IMPORTANCES = pd.Series(
    {"hours": 0.3, "amount": 0.1, "product": 0.1, "queue": 0.1, "text": 0.2, "tenure_days": 0.1, "load": 0.1}
)


def draw_rows(tickets: int, seed: int, *, day: int = 0, days: int = 1, life: float = 1.0) -> pd.DataFrame:
    """One row a ticket and day that it's open (`life` days in the mean), over `days` days from `day` on."""
    random = np.random.default_rng(seed)
    opened, left = random.integers(0, days, tickets), random.geometric(1 / life, tickets)
    ticket = np.repeat(np.arange(tickets), left)
    at = opened[ticket] + np.arange(len(ticket)) - np.repeat(np.cumsum(left) - left, left)
    inside = at < days
    ticket, at = ticket[inside], at[inside]
    amount = np.exp(1.5 * random.standard_normal(tickets))
    load = np.random.default_rng(99).normal(100, 20, 400)  # what all tickets of a day share, the same for every seed
    return pd.DataFrame(
        {
            "ticket_id": [f"{seed}-{t}" for t in ticket],
            "as_of": START + pd.to_timedelta(day + at, unit="D"),
            "moment_kind": "morning",
            "weekday": (day + at) % 7 + 1,
            "hours": random.gamma(2.0, 6.0, tickets)[ticket],
            "amount": np.where(random.random(tickets) < 0.05, np.nan, amount)[ticket],
            "tenure_days": random.gamma(4.0, 50.0, tickets)[ticket] + 2.0 * (day + at),
            "load": load[day + at],
            "is_contactable": random.random(tickets)[ticket] < 0.9,
            "product": random.choice(PRODUCTS, tickets, p=[0.4, 0.3, 0.2, 0.1])[ticket],
            "queue": random.choice(QUEUES, tickets, p=[0.5, 0.3, 0.2])[ticket],
            "agent": random.choice([f"A{i:03d}" for i in range(200)], tickets)[ticket],
            "text": random.choice(WORDS, tickets)[ticket],
            "nothing": np.nan,
        }
    )


@pytest.fixture(scope="session")
def task() -> PredictionTask:
    """The made-up task."""
    return TASK


@pytest.fixture(scope="session")
def rows() -> Callable[..., pd.DataFrame]:
    """Draws rows of the centre."""
    return draw_rows


@pytest.fixture(scope="session")
def reference() -> Reference:
    """Four weeks of tickets that stay open for a day."""
    return make_reference(TASK, draw_rows(6_000, 1, days=28), IMPORTANCES, seed=0)


@pytest.fixture(scope="session")
def long_reference() -> Reference:
    """Four weeks of tickets that stay open for five days in the mean."""
    return make_reference(TASK, draw_rows(1_500, 2, days=28, life=5.0), IMPORTANCES, seed=0)
