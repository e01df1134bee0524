"""The tickets under way: what is known and what is hidden of each, and how a new one begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.contacts import Contacts
from simulator.customers import Customers, Profile
from simulator.draws import wobble
from simulator.frames import Columns
from simulator.memory import FAILED_DAYS, Memory, contract_ending, standard_worth
from simulator.reference import CATEGORY_DIFFICULTY, CHAT, DAY, HOUR, NEW

NEVER = -1


@dataclass
class Tickets(Columns):
    """One entry per ticket that isn't closed yet.

    `_hour` counts hours since the first day, NEVER where it hasn't happened.
    """

    number: np.ndarray
    customer: np.ndarray
    queue: np.ndarray
    category: np.ndarray
    product: np.ndarray
    language: np.ndarray
    region: np.ndarray
    channel: np.ndarray
    opened: np.ndarray  # seconds
    opened_hour: np.ndarray
    priority: np.ndarray
    status: np.ndarray
    agent: np.ndarray
    wait_hour: np.ndarray  # since when the customer has waited for us, while it is our turn
    reply_hour: np.ndarray  # our last public message; the opening before the first
    solved_hour: np.ndarray
    threat_hour: np.ndarray  # the customer's last threat
    escalated_hour: np.ndarray
    unanswered: np.ndarray  # customer messages since our last
    rounds: np.ndarray  # our public messages
    handoffs: np.ndarray
    reopens: np.ndarray
    breached: np.ndarray  # the first reply is late
    next_event: np.ndarray  # event_seq of the next event
    past: np.ndarray  # the customer's earlier escalations
    worth: np.ndarray  # log of monthly value, standardised
    failed_payment: np.ndarray  # within the last two weeks
    ending: np.ndarray  # the contract ends within 30 days
    difficulty: np.ndarray  # hidden; seen through category and wording
    temper: np.ndarray  # hidden; seen through wording and the past
    neglect: np.ndarray  # hidden: how much longer than usual this one lies
    anger: np.ndarray  # hidden; seen through wording

    @property
    def promised(self) -> np.ndarray:
        """Whether the customer's contract promises a time to the first reply: the more valuable half."""
        return self.worth > 0.1


def no_tickets() -> Tickets:
    whole = np.zeros(0, dtype=np.int64)
    real = {"worth", "difficulty", "temper", "neglect", "anger"}
    names = Tickets.__dataclass_fields__
    return Tickets(**{name: whole.astype(float) if name in real else whole for name in names})


def open_tickets(
    rng: np.random.Generator, day: int, contacts: Contacts, customers: Customers, profile: Profile, memory: Memory,
    first_number: int,
) -> Tickets:  # fmt: skip
    """The tickets that these contacts open, one each, numbered from `first_number` in the order of opening."""
    spoken = contacts.channel <= CHAT
    opened = np.where(spoken, contacts.answered + 60, contacts.offered)
    # a call answered after midnight still opens its ticket on the day it was offered
    opened = np.minimum(opened, (day + 1) * DAY - 1)
    order = np.argsort(opened, kind="stable")
    chosen, opened = contacts.take(order), opened[order]
    count, who = len(chosen), chosen.customer
    hour = opened // HOUR
    difficulty = CATEGORY_DIFFICULTY[chosen.category] + 0.8 * rng.standard_normal(count)
    temper = customers.temper[who] * np.exp(0.25 * rng.standard_normal(count))
    worth = standard_worth(profile.value[who])
    anger = np.clip(0.45 * temper + 0.25 * difficulty + 0.9 * wobble(rng.random(count)), 0, 4)
    threatens = rng.random(count) < threat_chance(anger)
    columns = {name: np.zeros(count, dtype=np.int64) for name in Tickets.__dataclass_fields__}
    columns |= {"number": first_number + np.arange(count), "customer": who, "queue": chosen.queue.copy()}
    columns |= {"category": chosen.category, "product": chosen.product, "channel": chosen.channel}
    columns |= {"language": customers.language[who], "region": customers.region[who], "opened": opened}
    columns |= {name: hour.copy() for name in ("opened_hour", "wait_hour", "reply_hour")}
    columns |= {name: np.full(count, NEVER) for name in ("agent", "solved_hour", "escalated_hour")}
    columns |= {"status": np.full(count, NEW), "unanswered": np.ones(count, dtype=np.int64)}
    columns["priority"] = _first_priority(rng, difficulty, profile.segment[who])
    columns["next_event"] = np.ones(count, dtype=np.int64)
    columns |= {"threat_hour": np.where(threatens, hour, NEVER), "past": memory.escalations[who], "worth": worth}
    columns["failed_payment"] = (day - memory.failed_day[who] <= FAILED_DAYS).astype(np.int64)
    columns["ending"] = contract_ending(customers, day)[who].astype(np.int64)
    columns |= {"difficulty": difficulty, "temper": temper, "anger": anger}
    columns["neglect"] = np.exp(rng.standard_normal(count))
    return Tickets(**columns)


def threat_chance(anger: np.ndarray) -> np.ndarray:
    """The chance that a message written in this mood holds a threat."""
    return 1 / (1 + np.exp(4.3 - 1.15 * anger))


def _first_priority(rng: np.random.Generator, difficulty: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """The desk's first guess: mostly normal, higher for large customers and hard cases."""
    lean = 0.45 * difficulty + np.array([0.0, 0.0, 0.5, 1.1])[segment] + rng.standard_normal(len(difficulty))
    return np.digitize(lean, [-0.9, 1.35, 2.6])
