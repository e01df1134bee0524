"""Demand moves by hour, day, week and year as it was made to."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simulator.clock import Clock
from simulator.customers import create_customers
from simulator.demand import Demand, no_returns
from simulator.reference import DAY, HOUR, REGION_OFFSET, REGIONS
from simulator.scale import Scale
from simulator.scenarios import Levers
from simulator.seasons import (
    HOLIDAY_FACTOR,
    SPOKEN_PROFILE,
    WEEKDAY_FACTOR,
    day_factor,
    holiday_in,
    outages,
    volume_factor,
)

CLOCK = Clock(date(2025, 7, 1))


@pytest.fixture(scope="module")
def demand() -> pd.DataFrame:
    """Two years of arrivals: day, region, local hour, whether spoken; days with outages left out."""
    customers = create_customers(5, Scale.of(400), Levers())
    source = Demand(5, CLOCK, Levers(), customers, 400.0)
    nobody = np.zeros(len(customers), dtype=bool)
    parts = []
    for day in range(0, 730):
        if outages(5, day, Levers()):
            continue
        found, _ = source.day(day, no_returns(), nobody)
        region = customers.region[found.customer]
        local = (found.at - day * DAY) // HOUR + REGION_OFFSET[region]
        parts.append(pd.DataFrame({"day": day, "region": region, "hour": local % 24, "spoken": found.channel <= 1}))
    return pd.concat(parts, ignore_index=True)


def test_weekdays_and_holidays_are_recovered(demand: pd.DataFrame) -> None:
    counts = demand.pivot_table(index="day", columns="region", values="hour", aggfunc="size", fill_value=0)
    counts = counts.div([day_factor(5, day) for day in counts.index], axis=0)
    week = np.array([CLOCK.weekday(day) for day in counts.index])
    holiday = np.array([holiday_in(CLOCK, day) for day in counts.index])
    plain = np.array(
        [
            counts.to_numpy()[(week == number)][~holiday[week == number].any(axis=1)].sum(axis=1).mean()
            for number in range(7)
        ]
    )
    assert np.allclose(plain / plain.mean(), WEEKDAY_FACTOR / WEEKDAY_FACTOR.mean(), atol=0.03)
    usual = np.array(
        [[counts.to_numpy()[(week == w) & ~holiday[:, r], r].mean() for r in range(len(REGIONS))] for w in range(7)]
    )
    on_holiday = counts.to_numpy()[holiday].sum() / usual[week][holiday].sum()
    assert on_holiday == pytest.approx(HOLIDAY_FACTOR, abs=0.05)


def test_the_year_is_recovered(demand: pd.DataFrame) -> None:
    counts = demand.groupby("day").size()
    share = np.array([region[3] for region in REGIONS])
    expected = np.array([(volume_factor(CLOCK, day) * share).sum() * day_factor(5, day) for day in counts.index])
    month = np.array([CLOCK.date(day).month for day in counts.index])
    seen = np.array([counts[month == m].sum() / expected[month == m].sum() for m in range(1, 13)])
    assert np.allclose(seen / seen.mean(), 1, atol=0.03)
    raw = np.array([expected[month == m].mean() for m in range(1, 13)])
    assert raw.max() / raw.min() > 1.15


def test_the_local_day_is_recovered(demand: pd.DataFrame) -> None:
    spoken = demand[demand.spoken]
    seen = np.bincount(spoken.hour, minlength=24) / len(spoken)
    assert np.allclose(seen, SPOKEN_PROFILE / SPOKEN_PROFILE.sum(), atol=0.004)
