"""What comes before an agent: the voice menu, the chat bot and the help centre; and opening hours."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import rows
from simulator.clock import Clock
from simulator.customers import Customers
from simulator.demand import Returns, Wishes
from simulator.draws import stream
from simulator.reference import (
    APP,
    CATEGORY_NAMES,
    CHAT,
    CLOSES,
    DAY,
    HOUR,
    OPENS,
    QUEUE_OFFSET,
    VOICE,
    WEB,
    WEEKEND_CLOSES,
    WEEKEND_OPENS,
    queue_of,
)

CHANNELS = ("ivr", "bot", "help_center", "app")
OUTCOMES = ("contained", "abandoned", "handed_over")
CONTAINED, ABANDONED, HANDED_OVER = range(3)
# contained sessions for each that is handed over, by category and by channel
CONTAINED_BY_CATEGORY = np.array([0.15, 0.10, 0.45, 0.06, 0.05, 0.08, 0.40, 0.06, 0.38, 0.12, 0.02, 0.02])
CONTAINED_BY_CHANNEL = np.array([1.0, 0.9, 1.6, 1.2])
GIVES_UP_IN_MENU = 0.03
# of those who write through a form or the app, the share who looked into the help centre first
LOOKED_UP_FIRST = 0.45
CLOSED_COMES_BACK = 0.45
SESSIONS_A_DAY = 1_000_000  # room for session numbers


def is_open(clock: Clock, queue: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether a queue is open at a time (seconds since the first day)."""
    local = at + QUEUE_OFFSET[queue] * HOUR
    weekend = (clock.weekday(0) + local // DAY) % 7 >= 5
    hour = local % DAY // HOUR
    opens = np.where(weekend, WEEKEND_OPENS[queue], OPENS[queue])
    closes = np.where(weekend, WEEKEND_CLOSES[queue], CLOSES[queue])
    return (hour >= opens) & (hour < closes)


def open_ones(
    clock: Clock, rng: np.random.Generator, wishes: Wishes, language: np.ndarray, day: int
) -> tuple[Wishes, Wishes, Returns]:
    """Split into those who get through to a queue and those who hear that it is closed; some of these try tomorrow."""
    spoken = wishes.channel <= CHAT
    shut = spoken & ~is_open(clock, queue_of(wishes.category, language), wishes.at)
    turned_away = wishes.take(shut)
    again = turned_away.take(rng.random(len(turned_away)) < CLOSED_COMES_BACK)
    later = Returns(np.full(len(again), day + 1), again.customer, again.category, again.product, again.channel)
    return wishes.take(~shut), turned_away, later


def session_table(
    seed: int,
    clock: Clock,
    day: int,
    wishes: Wishes,
    contact: np.ndarray,
    turned_away: Wishes,
    customers: Customers,
    gone: np.ndarray,
) -> tuple[pa.Table, np.ndarray]:
    """Contract rows of `self_service`, and the day on which each ends.

    wishes: of the contacts that began by themselves; contact: their numbers. Contained sessions are further
    customers of the same kind, so they follow the day's demand.
    """
    rng = stream(seed, "self service", day)
    written = wishes.channel >= WEB
    handed = np.flatnonzero((wishes.channel <= CHAT) | (written & (rng.random(len(wishes)) < LOOKED_UP_FIRST)))
    via = _channel(wishes.channel[handed])
    extra = rng.poisson(CONTAINED_BY_CATEGORY[wishes.category[handed]] * CONTAINED_BY_CHANNEL[via])
    alike = np.repeat(handed, extra)
    gave_up = rng.random(len(alike)) < GIVES_UP_IN_MENU
    shut = np.arange(len(turned_away))
    customer = np.concatenate(
        [wishes.customer[handed], _neighbours(customers, wishes.customer[alike], gone), turned_away.customer]
    )
    contact_channel = np.concatenate([wishes.channel[handed], wishes.channel[alike], turned_away.channel])
    category = np.concatenate([wishes.category[handed], wishes.category[alike], turned_away.category])
    channel = np.concatenate([via, np.repeat(via, extra), _channel(turned_away.channel)])
    shift = rng.integers(-900, 900, len(alike))
    bounded = np.clip(wishes.at[alike] + shift, day * DAY, (day + 1) * DAY - 600)
    ended = np.concatenate([wishes.at[handed], bounded + 120, turned_away.at])
    length = (15 + rng.gamma(2.0, np.where(channel == 0, 22.0, 75.0))).astype(np.int64)
    outcome = np.concatenate([
        np.full(len(handed), HANDED_OVER), np.where(gave_up, ABANDONED, CONTAINED), np.full(len(shut), ABANDONED),
    ])  # fmt: skip
    to = np.concatenate([contact[handed], np.full(len(alike) + len(shut), -1)])
    order = np.argsort(ended, kind="stable")
    article = np.where(channel >= 2, category * 10 + rng.integers(0, 10, len(channel)), -1)
    table = pa.table({
        "session_id": rows.label("W", day * SESSIONS_A_DAY + np.arange(len(order)), 10),
        "started_at": clock.times((ended - length)[order]),
        "ended_at": clock.times(ended[order]),
        "channel": rows.word(CHANNELS, channel[order]),
        "customer_id": rows.customer_id(customers.exported(customer, contact_channel)[order]),
        "intent": rows.word(CATEGORY_NAMES, category[order]),
        "article_id": pc.binary_join_element_wise(pa.scalar("H"), rows.label("", article[order], 3), ""),
        "outcome": rows.word(OUTCOMES, outcome[order]),
        "contact_id": rows.contact_id(to[order]),
    })  # fmt: skip
    return table, ended[order] // DAY


def _channel(contact_channel: np.ndarray) -> np.ndarray:
    """The self-service that comes before a contact's channel."""
    return np.select([contact_channel == VOICE, contact_channel == CHAT, contact_channel == APP], [0, 1, 3], 2)


def _neighbours(customers: Customers, customer: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Other customers of the same region, signed up before: numbers run by region and sign-up."""
    other = np.maximum(customer - 1, 0)
    fits = (customers.region[other] == customers.region[customer]) & ~gone[other]
    return np.where(fits, other, customer)
