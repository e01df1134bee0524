"""Who gets in touch on a day, about what, how and when: before any queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.clock import Clock
from simulator.customers import Customers
from simulator.draws import pick, stream
from simulator.frames import Columns
from simulator.reference import (
    APP,
    CATEGORY_NAMES,
    CHANNELS,
    CHAT,
    CONNECTIVITY,
    DAY,
    HOUR,
    PRODUCT_CATEGORY,
    PRODUCTS,
    REGION_OFFSET,
    REGION_SHARE,
)
from simulator.scenarios import Levers
from simulator.seasons import (
    SPOKEN_PROFILE,
    WRITTEN_PROFILE,
    Outage,
    category_factor,
    day_factor,
    outages,
    volume_factor,
)

CHANNEL_SHARE = np.array([0.38, 0.17, 0.25, 0.20, 0.0])
# follow-ups add to the contacts that start by themselves; measured on the demo
FIRST_CONTACT_SHARE = 1.11
# an hour's demand varies more than chance alone: shape of a gamma factor on each hour of a day
HOUR_SHAPE = 60.0
OUTAGE_CALLERS = 0.55  # of a day's contacts of the region


@dataclass
class Returns(Columns):
    """Contacts that will come again: the day due and what they are about."""

    due: np.ndarray
    customer: np.ndarray
    category: np.ndarray
    product: np.ndarray
    channel: np.ndarray


@dataclass
class Wishes(Columns):
    """One entry per customer who wants to get in touch, in order of time (seconds since the first day)."""

    customer: np.ndarray
    category: np.ndarray
    product: np.ndarray
    channel: np.ndarray
    at: np.ndarray


def no_returns() -> Returns:
    return Returns(*(np.zeros(0, dtype=np.int64) for _ in range(5)))


@dataclass(frozen=True)
class Demand:
    """What the day's demand is drawn from. gone: customers who have left by the day."""

    seed: int
    clock: Clock
    levers: Levers
    customers: Customers
    contacts_per_day: float

    def day(self, day: int, returns: Returns, gone: np.ndarray) -> tuple[Wishes, Returns]:
        """The day's wishes, and the returns still to come."""
        rng = stream(self.seed, "arrivals", day)
        parts = [self._fresh(rng, day), self._back(rng, day, returns)]
        for number, outage in enumerate(outages(self.seed, day, self.levers)):
            parts.append(self._outage_callers(stream(self.seed, "outage callers", day, number), day, outage))
        wishes = Wishes.join(parts)
        wishes = wishes.take(~gone[wishes.customer])
        wishes = wishes.take(np.argsort(wishes.at, kind="stable"))
        return self._by_app(rng, day, wishes), returns.take(returns.due > day)

    def _fresh(self, rng: np.random.Generator, day: int) -> Wishes:
        level = self.contacts_per_day * FIRST_CONTACT_SHARE * max(1 + self.levers.at("volume", day), 0.0)
        mean = level * volume_factor(self.clock, day) * day_factor(self.seed, day) * REGION_SHARE
        counts = rng.poisson(mean)
        region = np.repeat(np.arange(len(counts)), counts)
        customer = self.customers.draw(region, day, rng.random(len(region)))
        product = self.customers.products[customer, rng.integers(0, 2, len(region))]
        for name, share in self.levers.family("product", day).items():
            product = np.where(rng.random(len(region)) < share, PRODUCTS.index(name), product)
        weights = PRODUCT_CATEGORY * category_factor(self.clock, day)
        for name, change in self.levers.family("category", day).items():
            weights[:, CATEGORY_NAMES.index(name)] *= max(1 + change, 0.0)
        category = pick(np.cumsum(weights, axis=1), product, rng.random(len(region)))
        channel = rng.choice(len(CHANNELS), size=len(region), p=CHANNEL_SHARE)
        at = day * DAY + self._time_of_day(rng, channel, self.customers.region[customer])
        return Wishes(customer, category, product, channel, at)

    def _back(self, rng: np.random.Generator, day: int, returns: Returns) -> Wishes:
        due = returns.take(returns.due == day)
        at = day * DAY + self._time_of_day(rng, due.channel, self.customers.region[due.customer])
        return Wishes(due.customer, due.category, due.product, due.channel, at)

    def _time_of_day(self, rng: np.random.Generator, channel: np.ndarray, region: np.ndarray) -> np.ndarray:
        """Seconds since midnight UTC, from the customers' local habits and the day's own unevenness."""
        uneven = rng.gamma(HOUR_SHAPE, 1 / HOUR_SHAPE, (2, 24))
        profiles = np.cumsum(np.vstack([SPOKEN_PROFILE, WRITTEN_PROFILE]) * uneven, axis=1)
        local = pick(profiles, (channel > CHAT).astype(int), rng.random(len(channel)))
        return (local - REGION_OFFSET[region]) % 24 * HOUR + rng.integers(0, HOUR, len(channel))

    def _outage_callers(self, rng: np.random.Generator, day: int, outage: Outage) -> Wishes:
        size = 1 + self.levers.at("outage_size", day)
        count = int(rng.poisson(self.contacts_per_day * REGION_SHARE[outage.region] * OUTAGE_CALLERS * size))
        who = self.customers.draw(np.full(count, outage.region), day, rng.random(count))
        room = (day + 1) * DAY - outage.starts - 1
        at = outage.starts + np.minimum(rng.exponential(3 * HOUR, count).astype(np.int64) + 300, room)
        channel = rng.choice(len(CHANNELS), size=count, p=CHANNEL_SHARE)
        return Wishes(who, np.full(count, CONNECTIVITY), np.full(count, outage.product), channel, at)

    def _by_app(self, rng: np.random.Generator, day: int, wishes: Wishes) -> Wishes:
        """Those who write through the app once it has opened."""
        share = self.levers.family("channel", day).get("app", 0.0)
        moves = (wishes.channel > CHAT) & (rng.random(len(wishes)) < share)
        wishes.channel = np.where(moves, APP, wishes.channel)
        return wishes
