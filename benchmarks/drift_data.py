"""Made-up days for `benchmarks.drift`: mixed features with heavy tails, nulls and hundreds of categories, no drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from ml.task import PredictionTask

START = pd.Timestamp("2026-01-05 08:00")
REFERENCE_DAYS = 28
REFERENCE_ROWS = 20_000
CHANGES = ("0.1 sd", "10 % -> 13 %", "2 % missing")
SHIFTED, SHARED = "n0", "c0"  # the numeric and the category column that the changes are made in


@dataclass(frozen=True)
class World:
    """A population: `features` columns, three in five of them numbers; `a_ticket` rows of each ticket on average."""

    features: int
    a_ticket: int = 1

    @property
    def task(self) -> PredictionTask:
        """The task whose features they are."""
        return PredictionTask(
            name="made_up",
            entity="ticket",
            entity_key="ticket_id",
            feature_table="",
            label_table="",
            horizon=timedelta(days=7),
            categorical=tuple(f"c{i}" for i in range(self.features)),
        )

    def rows(self, count: int, random: np.random.Generator, *, batch: bool, change: str = "") -> pd.DataFrame:
        """Rows of whole tickets, over the reference's days or on the day after them, with one of CHANGES if any."""
        ticket = self._tickets(count, random)
        tickets = int(ticket.max()) + 1
        day = np.full(count, REFERENCE_DAYS) if batch else random.integers(0, REFERENCE_DAYS, tickets)[ticket]
        columns: dict[str, object] = {
            "ticket_id": np.char.add("b" if batch else "r", ticket.astype(str)).astype(object),
            "as_of": START + pd.to_timedelta(day, unit="D"),
            "moment_kind": "morning",
        }
        numbers = max(round(0.6 * self.features), 1)
        for i in range(numbers):
            columns[f"n{i}"] = self._number(i, ticket, tickets, random)
        for i in range(self.features - numbers):
            columns[f"c{i}"] = self._category(i, ticket, tickets, random)
        if change == CHANGES[0]:
            columns[SHIFTED] = np.asarray(columns[SHIFTED]) + 0.1
        elif change == CHANGES[1]:
            codes = np.asarray(columns[SHARED]).copy()
            others = np.flatnonzero(codes != "v0")
            codes[others[random.random(len(others)) < 0.03 / 0.9]] = "v0"
            columns[SHARED] = codes
        elif change == CHANGES[2]:
            columns[SHIFTED] = np.where(random.random(count) < 0.02, np.nan, np.asarray(columns[SHIFTED]))
        return pd.DataFrame(columns)

    def _tickets(self, count: int, random: np.random.Generator) -> np.ndarray:
        if self.a_ticket == 1:
            return np.arange(count)
        sizes = random.geometric(1 / self.a_ticket, count)
        return np.repeat(np.arange(count), sizes)[:count]

    def _number(self, i: int, ticket: np.ndarray, tickets: int, random: np.random.Generator) -> np.ndarray:
        """Normal, log-normal, Pareto with infinite variance, or a count; every fourth but the first is 5 % null."""
        base = random.standard_normal(tickets)[ticket]
        if self.a_ticket > 1:
            base = 0.95 * base + np.sqrt(1 - 0.95**2) * random.standard_normal(len(ticket))
        values = (base, np.exp(1.5 * base), (1 / np.maximum(_upper(base), 1e-12)) ** (1 / 1.5), np.floor(np.exp(base)))[
            i % 4
        ]
        if i and i % 4 == 0:
            values = np.where(random.random(tickets)[ticket] < 0.05, np.nan, values)
        return values

    def _category(self, i: int, ticket: np.ndarray, tickets: int, random: np.random.Generator) -> np.ndarray:
        """Ten even values, or 400 by Zipf's law, or 30; tickets keep theirs."""
        if i % 3 == 0:
            code = random.integers(0, 10, tickets)
        else:
            size = 400 if i % 3 == 1 else 30
            share = 1 / np.arange(1, size + 1)
            code = random.choice(size, tickets, p=share / share.sum())
        return np.char.add("v", code.astype(str)).astype(object)[ticket]

    def importances(self) -> pd.Series:
        """Each feature counts as much as any other: of 30 features each is important, of 300 none is."""
        numbers = max(round(0.6 * self.features), 1)
        names = [f"n{i}" for i in range(numbers)] + [f"c{i}" for i in range(self.features - numbers)]
        return pd.Series(1 / self.features, index=names)


def _upper(values: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(-values)
