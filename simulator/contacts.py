"""A day's contacts: who gets in touch, about what, how long they wait, who answers, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.clock import MISSING, Clock
from simulator.customers import Customers
from simulator.draws import pick, stream
from simulator.frames import Columns
from simulator.reference import (
    CATEGORY_DIFFICULTY,
    CHAT,
    DAY,
    HOUR,
    PRODUCT_CATEGORY,
    QUEUES,
    REGION_OFFSET,
    REGION_SHARE,
    VOICE,
    queue_of,
)
from simulator.seasons import SPOKEN_PROFILE, WRITTEN_PROFILE, category_factor, outages, volume_factor
from simulator.workforce import Roster

CHANNEL_SHARE = np.array([0.38, 0.17, 0.25, 0.20])
TICKET_SHARE = np.array([0.135, 0.125, 0.56, 0.60])  # of answered contacts, by channel, at mean difficulty
# follow-ups add to the contacts that start by themselves; measured on the demo
FIRST_CONTACT_SHARE = 0.912
ANSWERED, ABANDONED, CALLBACK, TRANSFERRED = range(4)
OUTCOMES = ("answered", "abandoned", "callback", "transferred")
# the share of an agent's hour that is there for calls and chats: the rest goes to tickets, breaks and side work
FREE_FOR_CALLS = 0.2
RETURN_AFTER_ABANDON, RETURN_UNRESOLVED = 0.42, 0.30


@dataclass
class Returns(Columns):
    """Contacts that will come again: the day due and what they are about."""

    due: np.ndarray
    customer: np.ndarray
    category: np.ndarray
    product: np.ndarray
    channel: np.ndarray


@dataclass
class Contacts(Columns):
    """One entry per contact, in seconds since the first day; -1 or MISSING where there is none."""

    number: np.ndarray
    parent: np.ndarray
    channel: np.ndarray
    queue: np.ndarray
    customer: np.ndarray
    ticket: np.ndarray
    offered: np.ndarray
    answered: np.ndarray
    ended: np.ndarray
    agent: np.ndarray
    talk: np.ndarray
    hold: np.ndarray
    wrap: np.ndarray
    outcome: np.ndarray
    transferred_to: np.ndarray
    category: np.ndarray
    product: np.ndarray
    resolved: np.ndarray


def no_returns() -> Returns:
    return Returns(*(np.zeros(0, dtype=np.int64) for _ in range(5)))


def arriving(
    seed: int, clock: Clock, customers: Customers, contacts_per_day: float, returns: Returns, day: int
) -> tuple[Contacts, Returns]:
    """The day's contacts as they are offered, unanswered yet, in order; and the returns still to come."""
    rng = stream(seed, "arrivals", day)
    mean = contacts_per_day * FIRST_CONTACT_SHARE * volume_factor(clock, day) * REGION_SHARE
    counts = rng.poisson(mean * np.exp(0.05 * rng.standard_normal()))
    region = np.repeat(np.arange(len(counts)), counts)
    customer = customers.draw(region, day, rng.random(len(region)))
    product = customers.products[customer, rng.integers(0, 2, len(region))]
    weights = np.cumsum(PRODUCT_CATEGORY * category_factor(clock, day), axis=1)
    category = pick(weights, product, rng.random(len(region)))
    channel = rng.choice(4, size=len(region), p=CHANNEL_SHARE)
    due = returns.take(returns.due == day)
    hit = _outage_callers(seed, customers, contacts_per_day, day)
    customer = np.concatenate([customer, due.customer, hit[0]])
    category = np.concatenate([category, due.category, np.full(len(hit[0]), 3)])
    product = np.concatenate([product, due.product, hit[1]])
    channel = np.concatenate([channel, due.channel, rng.choice(4, size=len(hit[0]), p=CHANNEL_SHARE)])
    offered = day * DAY + _time_of_day(rng, channel, customers.region[customer])
    offered[len(offered) - len(hit[0]) :] = hit[2]
    order = np.argsort(offered, kind="stable")
    return blank(
        customers, customer[order], category[order], product[order], channel[order], offered[order]
    ), returns.take(returns.due > day)


def _time_of_day(rng: np.random.Generator, channel: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Seconds since midnight UTC, from the customers' local habits."""
    profiles = np.cumsum(np.vstack([SPOKEN_PROFILE, WRITTEN_PROFILE]), axis=1)
    local = pick(profiles, (channel > CHAT).astype(int), rng.random(len(channel)))
    return (local - REGION_OFFSET[region]) % 24 * HOUR + rng.integers(0, HOUR, len(channel))


def _outage_callers(seed: int, customers: Customers, contacts_per_day: float, day: int) -> tuple[np.ndarray, ...]:
    """Customer, product and time of those who get in touch because of the day's outages."""
    parts = [(np.zeros(0, dtype=np.int64),) * 3]
    for number, outage in enumerate(outages(seed, day)):
        rng = stream(seed, "outage callers", day, number)
        count = int(rng.poisson(contacts_per_day * REGION_SHARE[outage.region] * 0.55))
        who = customers.draw(np.full(count, outage.region), day, rng.random(count))
        room = (day + 1) * DAY - outage.starts - 1
        at = outage.starts + np.minimum(rng.exponential(3 * HOUR, count).astype(np.int64) + 300, room)
        parts.append((who, np.full(count, outage.product), at))
    return tuple(np.concatenate([part[i] for part in parts]) for i in range(3))


def blank(
    customers: Customers,
    customer: np.ndarray,
    category: np.ndarray,
    product: np.ndarray,
    channel: np.ndarray,
    offered: np.ndarray,
) -> Contacts:
    count = len(customer)
    columns = {name: np.full(count, -1, dtype=np.int64) for name in Contacts.__dataclass_fields__}
    columns |= {"customer": customer, "category": category, "product": product, "channel": channel, "offered": offered}
    columns |= {"answered": np.full(count, MISSING), "ended": np.full(count, MISSING)}
    columns["queue"] = queue_of(category, customers.language[customer])
    return Contacts(**columns)


def handle(rng: np.random.Generator, roster: Roster, contacts: Contacts, skill: np.ndarray) -> None:
    """Fill in waits, abandons, agents, durations and outcomes, in place."""
    spoken = contacts.channel <= CHAT
    hour = contacts.offered // HOUR
    staff = roster.staffed(contacts.queue, hour)
    load = _load(contacts, spoken, hour, staff)
    wait = _waits(rng, contacts, spoken, staff, load)
    patience = rng.exponential(np.where(contacts.channel == VOICE, 260.0, 330.0)) + 3
    gives_up = spoken & (wait > patience)
    asks_callback = gives_up & (contacts.channel == VOICE) & (rng.random(len(hour)) < 0.08)
    contacts.outcome[:] = np.select([asks_callback, gives_up], [CALLBACK, ABANDONED], ANSWERED)
    taken = contacts.outcome == ANSWERED
    contacts.answered[taken] = contacts.offered[taken] + wait[taken].astype(np.int64)
    contacts.agent[:] = roster.choose(contacts.queue, hour, rng.random(len(hour)))
    # nobody there (written contacts at night): whoever comes first answers in the morning
    orphan = taken & (contacts.agent < 0)
    for later in range(1, 15):
        if not orphan.any():
            break
        contacts.agent[orphan] = roster.choose(
            contacts.queue[orphan], hour[orphan] + later, rng.random(int(orphan.sum()))
        )
        contacts.answered[orphan] = np.maximum(contacts.answered[orphan], (hour[orphan] + later) * HOUR + 120)
        orphan = taken & (contacts.agent < 0)
    contacts.outcome[orphan] = ABANDONED
    contacts.answered[orphan] = MISSING
    taken &= ~orphan
    contacts.agent[~taken] = -1
    _durations(rng, contacts, taken, spoken, np.minimum(wait, patience))
    difficulty = CATEGORY_DIFFICULTY[contacts.category]
    chance = 1 / (1 + np.exp(-(1.1 - 0.7 * difficulty + skill[np.maximum(contacts.agent, 0)])))
    contacts.resolved[:] = np.where(taken, rng.random(len(hour)) < chance, -1)


def _load(contacts: Contacts, spoken: np.ndarray, hour: np.ndarray, staff: np.ndarray) -> np.ndarray:
    """Work offered to the contact's queue in its hour, over the agents' time free for it."""
    slot = contacts.queue * 48 + (hour - hour.min() if len(hour) else hour)
    offered = np.bincount(slot[spoken], minlength=len(QUEUES) * 48)[slot]
    return offered * 420.0 / (HOUR * FREE_FOR_CALLS * np.maximum(staff, 0.5))


def _waits(
    rng: np.random.Generator, contacts: Contacts, spoken: np.ndarray, staff: np.ndarray, load: np.ndarray
) -> np.ndarray:
    """Seconds until an agent is free, if the customer stayed."""
    count = len(load)
    mean = 6 + 25 * load + 160 * np.minimum(load, 3.0) ** 3
    at_once = rng.random(count) < np.clip(1 - load, 0.05, 0.9)
    call = np.where(at_once, rng.uniform(2, 9, count), rng.exponential(mean))
    call = np.where(staff < 1, 1e6, call)
    written = np.exp(7.6 + 0.9 * rng.standard_normal(count)) * np.clip(0.6 + load, 0.6, 2.5)
    return np.where(spoken, call, np.minimum(written, 10 * HOUR))


def _durations(
    rng: np.random.Generator, contacts: Contacts, taken: np.ndarray, spoken: np.ndarray, stayed: np.ndarray
) -> None:
    count = len(taken)
    middle = np.array([5.5, 6.1, 5.6, 5.5])[contacts.channel] + 0.25 * CATEGORY_DIFFICULTY[contacts.category]
    talk = np.exp(middle + 0.6 * rng.standard_normal(count)).astype(np.int64) + 15
    held = (rng.random(count) < 0.22) & (contacts.channel == VOICE)
    hold = np.where(held, rng.exponential(70, count), 0).astype(np.int64)
    contacts.talk[taken] = talk[taken]
    contacts.hold[taken] = hold[taken]
    contacts.wrap[taken] = rng.exponential(45, count).astype(np.int64)[taken] + 5
    contacts.ended[:] = np.where(taken, contacts.answered + talk + hold, contacts.offered + stayed.astype(np.int64) + 1)


def transfer(rng: np.random.Generator, roster: Roster, contacts: Contacts, skill: np.ndarray) -> Contacts:
    """Mark some answered calls and chats as transferred, in place, and return their second legs."""
    moved = (contacts.outcome == ANSWERED) & (contacts.channel <= CHAT) & (rng.random(len(contacts)) < 0.055)
    legs = contacts.take(moved)
    if not len(legs):
        return legs
    contacts.outcome[moved] = TRANSFERRED
    contacts.resolved[moved] = 0
    language = legs.queue % 3
    target = np.where(
        rng.random(len(legs)) < 0.3, 12, (legs.queue // 3 + rng.integers(1, 4, len(legs))) % 4 * 3 + language
    )
    contacts.transferred_to[moved] = target
    leg = _blank_like(legs)
    leg.queue[:] = target
    leg.offered[:] = legs.ended
    leg.parent[:] = np.nonzero(moved)[0]
    handle(rng, roster, leg, skill)
    return leg


def _blank_like(legs: Contacts) -> Contacts:
    fresh = legs.take(np.arange(len(legs)))
    for name in ("number", "agent", "talk", "hold", "wrap", "outcome", "transferred_to", "resolved", "ticket"):
        getattr(fresh, name)[:] = -1
    fresh.answered[:] = MISSING
    fresh.ended[:] = MISSING
    return fresh


def opens_ticket(rng: np.random.Generator, contacts: Contacts) -> np.ndarray:
    """Which contacts become tickets (written ones even before anybody has looked at them)."""
    written = contacts.channel > CHAT
    reached = contacts.outcome == ANSWERED
    share = TICKET_SHARE[contacts.channel] * np.exp(0.35 * CATEGORY_DIFFICULTY[contacts.category] - 0.08)
    return (written | reached) & (contacts.parent < 0) & (contacts.ticket < 0) & (rng.random(len(contacts)) < share)


def coming_back(rng: np.random.Generator, contacts: Contacts, day: int) -> Returns:
    """Those who will get in touch again because they gave up or weren't helped."""
    gave_up = (contacts.outcome == ABANDONED) & (rng.random(len(contacts)) < RETURN_AFTER_ABANDON)
    unresolved = (contacts.resolved == 0) & (contacts.ticket < 0) & (contacts.outcome == ANSWERED)
    unresolved &= rng.random(len(contacts)) < RETURN_UNRESOLVED
    back = gave_up | unresolved
    lag = np.where(gave_up, 1, 1 + rng.geometric(0.4, len(contacts)))
    again = contacts.take(back)
    return Returns(day + np.minimum(lag[back], 7), again.customer, again.category, again.product, again.channel)
