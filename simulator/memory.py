"""What customers remember: good and ill will, bad weeks, complaints; and how it makes them leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import causes
from simulator.clock import Clock
from simulator.customers import CHEAPEST_PLAN, Customers, Profile
from simulator.draws import stream
from simulator.frames import Columns
from simulator.reference import DAY
from simulator.scenarios import Levers

NEVER = -1
LONG_AGO = -10_000
FAILED_DAYS, OWING_DAYS, ENDING_DAYS, YOUNG_DAYS = 14, 30, 30, 182


@dataclass
class Memory(Columns):
    """One entry per customer; days and seconds since the first."""

    escalations: np.ndarray
    failed_day: np.ndarray
    complaints: np.ndarray
    will: np.ndarray  # good (above 0) or ill (below)
    week: np.ndarray  # harm done in the week under way
    bad_weeks: np.ndarray  # how many of late; older ones fade
    left_at: np.ndarray

    @classmethod
    def none(cls, customers: int) -> Memory:
        return cls(
            escalations=np.zeros(customers, dtype=np.int64),
            failed_day=np.full(customers, LONG_AGO),
            complaints=np.zeros(customers, dtype=np.int64),
            will=np.zeros(customers),
            week=np.zeros(customers),
            bad_weeks=np.zeros(customers),
            left_at=np.full(customers, NEVER),
        )

    @property
    def discontent(self) -> np.ndarray:
        return np.maximum(-self.will, 0.0)

    def gone_by(self, day: int) -> np.ndarray:
        """Who has left before a day."""
        return (self.left_at != NEVER) & (self.left_at < day * DAY)

    def harm(self, customer: np.ndarray, amount: np.ndarray | float) -> None:
        """Add harm done to these customers (who may be named more than once)."""
        np.add.at(self.week, customer, amount)
        np.add.at(self.will, customer, -np.asarray(amount))

    def relieve(self, customer: np.ndarray, amount: np.ndarray | float) -> None:
        np.add.at(self.will, customer, amount)

    def sleep(self) -> None:
        """The night: everything fades a little."""
        self.will *= causes.FORGETTING
        np.clip(self.will, -3.0, 1.0, out=self.will)


def contract_ending(customers: Customers, day: int) -> np.ndarray:
    """Whose contract ends within 30 days; contracts run for a year and are renewed."""
    return np.asarray((customers.contract_end - day) % 365 <= ENDING_DAYS)


def standard_worth(value: np.ndarray) -> np.ndarray:
    return np.asarray((np.log(value) - 3.6) / 0.9)


def churn_terms(
    customers: Customers, profile: Profile, memory: Memory, levers: Levers, day: int
) -> dict[str, np.ndarray]:
    """The terms of leaving within the week that begins on a day, of every customer."""
    return {
        "discontent": memory.discontent,
        "bad_weeks": np.minimum(memory.bad_weeks, 4),
        "fourth_bad_week": memory.bad_weeks >= causes.FOURTH,
        "contract_ending": contract_ending(customers, day),
        "owing": day - memory.failed_day <= OWING_DAYS,
        "young": customers.signed_up > (day - YOUNG_DAYS) * DAY,
        "worth": standard_worth(profile.value),
        "dearer": (profile.plan == CHEAPEST_PLAN) * min(levers.at("price", day) * 5, 2.0),
        "climate": np.full(len(customers), levers.at("churn", day)),
    }


@dataclass
class Departures:
    """A Monday's look at all customers: who can leave, with what chance and terms, and who does when."""

    who: np.ndarray
    chance: np.ndarray
    leaves: np.ndarray
    at: np.ndarray
    terms: dict[str, np.ndarray]


def week_ends(
    seed: int, clock: Clock, customers: Customers, profile: Profile, memory: Memory, levers: Levers, day: int
) -> Departures | None:
    """On Mondays: count the bad weeks, and decide who leaves within the coming one."""
    if clock.weekday(day) != 0:
        return None
    bad = memory.week > causes.BAD_WEEK
    memory.bad_weeks = memory.bad_weeks * causes.WEEKS_FADE + bad
    memory.week[:] = 0.0
    rng = stream(seed, "departures", day)
    luck, moment = rng.random(len(customers)), rng.random(len(customers))
    here = np.flatnonzero((customers.signed_up < day * DAY) & (memory.left_at == NEVER))
    terms = {name: values[here] for name, values in churn_terms(customers, profile, memory, levers, day).items()}
    chance = causes.CHURN.chance(terms)
    leaves = luck[here] < chance
    at = day * DAY + (moment[here] * 7 * DAY).astype(np.int64)
    memory.left_at[here[leaves]] = at[leaves]
    return Departures(here, chance, leaves, at, terms)
