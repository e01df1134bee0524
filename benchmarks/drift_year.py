"""Years without drift, looked at each day: how many suspicions come, and how many of them are confirmed.

Tickets stay open for days, so today's rows are largely yesterday's, as in a real centre. The new alarms of a day are
a suspicion, as in the lifecycle: looks at fixed numbers of fresh tickets' days, then it's dropped; a confirmed one ends
the counting of its fortnight, as a retraining's cooling down does.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from benchmarks.drift_data import START, World
from ml.drift import DAILY_RATE, compare, confirm, make_reference

DAYS, REFERENCE_DAYS = 365, 28
OPENED, LIFE = 40, 5.0  # tickets opened a day, days that they stay open in the mean
LOOKS, LOOK_DAYS = 4, (4, 7, 10, 14)


def false_confirmations(years: int, limit_seconds: float) -> str:
    """A line with the years done, the suspicions and the confirmations."""
    started, done, suspicions, confirmed, looked = time.perf_counter(), 0, 0, 0, 0
    for year in range(years):
        days, found, sure = one_year(year, started + limit_seconds)
        looked, suspicions, confirmed = looked + days, suspicions + found, confirmed + sure
        done += 1
        if time.perf_counter() - started > limit_seconds:
            break
    a_year = DAYS / max(looked, 1)
    return (
        f"\nWithout drift, {looked:,} daily looks ({done} years begun, {OPENED} tickets opened a day, open for "
        f"{LIFE:.0f} days): {suspicions} suspicions ({suspicions * a_year:.2f} a year), {confirmed} confirmed "
        f"({confirmed * a_year:.2f} a year; stated: at most 1)."
    )


def one_year(seed: int, until: float) -> tuple[int, int, int]:
    """Daily looks, suspicions and confirmations of one simulated year, or of its part until the time is up."""
    random, world = np.random.default_rng([seed, 11]), World(10)
    tickets = world.rows(OPENED * (REFERENCE_DAYS + DAYS), random, batch=False).drop(columns="as_of")
    opened = np.repeat(np.arange(REFERENCE_DAYS + DAYS), OPENED)
    life = random.geometric(1 / LIFE, len(tickets))

    def rows(first: int, last: int, since: int = -1) -> pd.DataFrame:
        parts = []
        for day in range(first, last + 1):
            there = (opened <= day) & (day < opened + life) & (opened >= since)
            parts.append(tickets[there].assign(as_of=START + pd.Timedelta(days=day)))
        return pd.concat(parts, ignore_index=True)

    reference = make_reference(world.task, rows(0, REFERENCE_DAYS - 1), world.importances(), seed=seed)
    suspicions = confirmed = quiet_from = looked = 0
    suspected: dict[int, tuple[str, ...]] = {}  # by the day of the alarm
    for day in range(REFERENCE_DAYS, REFERENCE_DAYS + DAYS):
        looked += 1
        for at in [at for at in suspected if day - at in LOOK_DAYS]:
            look, fresh = LOOK_DAYS.index(day - at) + 1, rows(at + 1, day, since=at + 1)
            if confirm(world.task, reference, fresh, suspected[at], look=look, looks=LOOKS, seed=day).confirmed:
                confirmed, suspected, quiet_from = confirmed + 1, {}, day + 14
                break
        suspected = {at: suspects for at, suspects in suspected.items() if day - at < LOOK_DAYS[-1]}
        if day >= quiet_from:
            found = compare(world.task, reference, rows(day, day), seed=day, alpha=DAILY_RATE)
            new = set(found.suspects).difference(*suspected.values())
            if new:
                suspicions, suspected[day] = suspicions + 1, tuple(sorted(new))
        if time.perf_counter() > until:
            break
    return looked, suspicions, confirmed
