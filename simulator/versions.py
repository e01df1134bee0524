"""What gives versioning something to do: late slices, corrections, and records made long after the fact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import MISSING, Clock, day_of
from simulator.contacts import ANSWERED, Contacts
from simulator.draws import stream
from simulator.reference import DAY, HOUR, LAUNCHED_CATEGORIES, LAUNCHED_PRODUCTS

LATE_SLICE = 0.025  # of days: one language's contacts come up to three days late
CORRECTED_CONTACTS = 0.004
CORRECTED_TICKETS = 0.006
LATE_RECORDS = 0.012  # of ticket events: recorded hours later
VERY_LATE_RECORDS = 0.0015  # recorded up to two days later


def export_days(seed: int, entity: str, day: int, known: np.ndarray, queue: np.ndarray) -> np.ndarray:
    """The day on which each row is exported: when it is known, or days later for a late slice."""
    rng = stream(seed, "late slice", day)
    due = day_of(np.where(known == MISSING, day * DAY, known))
    if rng.random() < LATE_SLICE:
        late = queue % 3 == rng.integers(0, 3)
        due = due + late * rng.integers(1, 4)
    return due


def recording_lag(seed: int, day: int, count: int) -> np.ndarray:
    """Seconds from an event to its record: mostly under a minute, sometimes hours, seldom days."""
    rng = stream(seed, "recording", day)
    u = rng.random(count)
    lag = rng.exponential(9, count)
    lag = np.where(u < LATE_RECORDS, rng.uniform(HOUR, 9 * HOUR, count), lag)
    lag = np.where(u < VERY_LATE_RECORDS, rng.uniform(9 * HOUR, 2 * DAY, count), lag)
    return lag.astype(np.int64)


def corrected_contacts(
    seed: int, day: int, table: pa.Table, contacts: Contacts, categories: Sequence[str]
) -> tuple[pa.Table, np.ndarray]:
    """Contacts exported again one to ten days later, with another reason; and their days of export."""
    rng = stream(seed, "corrected contacts", day)
    chosen = np.flatnonzero((contacts.outcome == ANSWERED) & (rng.random(len(contacts)) < CORRECTED_CONTACTS))
    # nobody mistakes a call for a topic that came with a launch
    other = (contacts.category[chosen] + 1 + rng.integers(0, 8, len(chosen))) % LAUNCHED_CATEGORIES
    reason = rows.word(categories, other)
    again = table.take(pa.array(chosen))
    again = again.set_column(again.column_names.index("reason_code"), "reason_code", reason)
    return again, day + 1 + rng.integers(0, 10, len(chosen))


def corrected_tickets(
    seed: int, clock: Clock, day: int, group: int, table: pa.Table, products: Sequence[str]
) -> tuple[pa.Table, np.ndarray]:
    """Tickets whose product is set right later: the row again, with when the desk recorded it."""
    rng = stream(seed, "corrected tickets", day, group)
    chosen = np.flatnonzero(rng.random(table.num_rows) < CORRECTED_TICKETS)
    due = day + 1 + rng.integers(0, 6, len(chosen))
    again = table.take(pa.array(chosen))
    product = rows.word(products, rng.integers(0, LAUNCHED_PRODUCTS, len(chosen)))
    recorded = clock.times(due * DAY + rng.integers(8 * HOUR, 17 * HOUR, len(chosen)))
    again = again.set_column(again.column_names.index("product"), "product", product)
    return again.set_column(again.column_names.index("recorded_at"), "recorded_at", recorded), due
