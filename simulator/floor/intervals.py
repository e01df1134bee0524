"""The telephone system's own counts by half hour: rows of `queue_intervals`, added up from the contacts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import Clock
from simulator.contacts import ABANDONED, INBOUND, Contacts
from simulator.floor.shifts import Spans
from simulator.reference import CHANNELS, CHAT, DAY, QUEUES

MINUTES, SHORT, THRESHOLD = 30, 5, np.array([20] * 12 + [60] * 2)
SLOTS = 24 * 60 // MINUTES


def interval_table(
    clock: Clock, day: int, contacts: Contacts, duty: Spans, skills: np.ndarray
) -> tuple[pa.Table, np.ndarray]:
    """One row per queue, channel (voice, chat) and half hour with contacts; and the day on which each is known.

    Sums are over the contacts offered in the interval, whenever they ended; `agents_available_seconds` counts the
    time on duty of those who master the queue.
    """
    mine = contacts.take((contacts.channel <= CHAT) & (contacts.direction == INBOUND))
    slot = np.clip((mine.offered - day * DAY) // (MINUTES * 60), 0, SLOTS - 1)
    key = (slot * len(QUEUES) + mine.queue) * 2 + mine.channel
    found, position = np.unique(key, return_inverse=True)
    queue, channel, at = found // 2 % len(QUEUES), found % 2, found // 2 // len(QUEUES)
    taken, gone = mine.agent >= 0, mine.outcome == ABANDONED
    wait = np.where(taken, mine.answered, mine.ended) - mine.offered
    within = wait <= THRESHOLD[mine.queue]

    def total(values: np.ndarray) -> pa.Array:
        return rows.whole(np.bincount(position, weights=values, minlength=len(found)).astype(np.int64))

    starts = day * DAY + at * MINUTES * 60
    table = pa.table({
        "queue": rows.word(QUEUES, queue),
        "channel": rows.word(CHANNELS, channel),
        "interval_start": clock.times(starts),
        "interval_minutes": rows.whole(np.full(len(found), MINUTES)),
        "offered": total(np.ones(len(mine))),
        "handled": total(taken),
        "abandoned": total(gone),
        "short_abandoned": total(gone & (wait <= SHORT)),
        "answered_within_threshold": total(taken & within),
        "abandoned_within_threshold": total(gone & within),
        "threshold_seconds": rows.whole(THRESHOLD[queue]),
        "wait_seconds": total(wait * taken),
        "talk_seconds": total(np.maximum(mine.talk, 0)),
        "hold_seconds": total(np.maximum(mine.hold, 0)),
        "wrap_seconds": total(np.maximum(mine.wrap, 0)),
        "agents_available_seconds": rows.whole(_available(duty, skills, day)[at, queue]),
    })  # fmt: skip
    return table, np.full(len(found), day)


def _available(duty: Spans, skills: np.ndarray, day: int) -> np.ndarray:
    """Seconds on duty by half hour of the day and queue."""
    edges = day * DAY + np.arange(SLOTS) * MINUTES * 60
    overlap = np.minimum(duty.ends[:, None], edges + MINUTES * 60) - np.maximum(duty.starts[:, None], edges)
    return np.asarray(np.maximum(overlap, 0).T @ skills[duty.agent].astype(np.int64))
