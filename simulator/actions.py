"""What is done about predictions: interventions are delivered (or not), and help some more than others.

`published.intervention_queue` says what to do; what came of it is exported as the entity `interventions`. Each
action has a known mean effect, and each customer a known, hidden receptiveness: to some of them the attention
does harm. The true effect on every ticket is kept with the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulator import hazard, rows
from simulator.clock import HORIZON_DAYS, MISSING, Clock
from simulator.customers import TWIN_NUMBER, Customers
from simulator.draws import stream
from simulator.memory import Memory
from simulator.reference import DAY, HIGH, HOUR, SOLVED
from simulator.tickets import Tickets

QUEUE_COLUMNS = ("intervention_id", "task", "entity_id", "customer_id", "action", "arm", "due_at")
DELIVERED = 0.92
ASSIGNED_HOUR = 8  # when the work list is taken over
LONGEST_DELAY = 2 * HOUR


@dataclass(frozen=True)
class Action:
    """calms: off the mood; wins: on the good will; eases: off the difficulty; raises: the priority, to high."""

    calms: float
    wins: float
    eases: float
    raises: bool
    cost: float


ACTIONS = {
    "call_back": Action(0.7, 0.25, 0.0, False, 6.0),
    "prioritise": Action(0.2, 0.05, 0.0, True, 2.0),
    "senior_agent": Action(0.5, 0.10, 0.5, False, 9.0),
    "goodwill_credit": Action(0.2, 0.60, 0.0, False, 15.0),
}


@dataclass
class Acted:
    """A day's interventions: contract rows, the day on which each is exported, and the true effects."""

    table: pa.Table
    due: np.ndarray
    effects: pa.Table
    ids: list[str]


def act(
    seed: int, clock: Clock, day: int, queue: pa.Table, done: frozenset[str], tickets: Tickets, customers: Customers,
    memory: Memory,
) -> Acted:  # fmt: skip
    """Carry out the queue's rows that haven't been yet, in the state as it is this morning; changes it in place.

    queue: rows of `published.intervention_queue`. Rows of the arm `holdout` are left alone and reported as such; an
    action that nobody here knows, and one that was due before the list was taken over, is reported as not delivered.
    What is delivered is so after that and not after `due_at`; without one, within two hours. Raises ValueError for
    missing columns and for a `due_at` that is no time.
    """
    missing = [name for name in QUEUE_COLUMNS if name not in queue.column_names]
    if missing:
        raise ValueError(f"intervention_queue: column {', '.join(missing)} is missing")
    named = {str(row["intervention_id"]): row for row in queue.select(QUEUE_COLUMNS).to_pylist()}
    wanted = [row for name, row in sorted(named.items()) if name not in done]
    assigned = day * DAY + ASSIGNED_HOUR * HOUR
    room = np.minimum(_due(clock, wanted) - assigned, LONGEST_DELAY).tolist()
    position = {f"T{number:07d}": row for row, number in enumerate(tickets.number.tolist())}
    rng = stream(seed, "interventions", day)
    luck, here = rng.random((3, len(wanted))), ~memory.gone_by(day)
    lines, effects = [], []
    for number, row in enumerate(wanted):
        ticket = position.get(str(row["entity_id"]), -1)
        done_at, outcome, before, after, receptive = MISSING, "held_out", 0.0, 0.0, 0.0
        if row["arm"] == "treated":
            known = ACTIONS.get(str(row["action"]))
            who = _customer(row, tickets, ticket, here)
            if known is None or who < 0 or room[number] < 0 or luck[0, number] >= DELIVERED:
                outcome = "not_delivered"
            else:
                receptive = float(customers.receptive[who])
                done_at = assigned + int(luck[1, number] * room[number])
                before = _mood_logit(tickets, ticket)
                _apply(known, receptive, tickets, ticket, memory, who)
                after = _mood_logit(tickets, ticket)
                outcome = "delivered"
        lines.append((row, done_at, outcome, luck[2, number] < 0.35 + 0.3 * receptive))
        effects.append((str(row["intervention_id"]), outcome, receptive, after - before))
    return _written(clock, assigned, lines, effects)


def _due(clock: Clock, wanted: list[dict[str, object]]) -> np.ndarray:
    """Until when each is to be done, in seconds since the first day; far off where nothing is said."""
    given = pd.Series([row["due_at"] or None for row in wanted], dtype=object)
    times = pd.to_datetime(given, utc=True, errors="coerce", format="ISO8601")
    wrong = np.flatnonzero(times.isna() & given.notna())
    if len(wrong):
        row = wanted[wrong[0]]
        raise ValueError(f"intervention_queue: {row['intervention_id']}: due_at {row['due_at']!r} is no time")
    since = (times - pd.Timestamp(clock.start, tz="UTC")).dt.total_seconds()
    return np.asarray(since.fillna(float(HORIZON_DAYS * DAY)), dtype=float)


def _customer(row: dict[str, object], tickets: Tickets, ticket: int, here: np.ndarray) -> int:
    """Whom it is about; -1 where nobody can be reached: the ticket is solved or gone, or the customer has left."""
    if ticket >= 0:
        return int(tickets.customer[ticket]) if tickets.status[ticket] < SOLVED else -1
    if str(row["entity_id"])[:1] == "T":
        return -1
    text = str(row["customer_id"] or row["entity_id"])
    number = int(text[1:]) % TWIN_NUMBER if text[:1] == "K" and text[1:].isdigit() else -1
    return number if 0 <= number < len(here) and here[number] else -1


def _mood_logit(tickets: Tickets, ticket: int) -> float:
    """What mood and difficulty add to the log odds of escalating, by the plain term alone."""
    return hazard.COEFFICIENTS["anger"] * float(tickets.anger[ticket]) if ticket >= 0 else 0.0


def _apply(action: Action, receptive: float, tickets: Tickets, ticket: int, memory: Memory, who: int) -> None:
    memory.will[who] = np.clip(memory.will[who] + action.wins * receptive, -3, 1)
    if ticket < 0:
        return
    tickets.anger[ticket] = np.clip(tickets.anger[ticket] - action.calms * receptive, 0, 5)
    tickets.difficulty[ticket] -= action.eases * max(receptive, 0.0)
    if action.raises:
        tickets.priority[ticket] = max(int(tickets.priority[ticket]), HIGH)


def _written(
    clock: Clock, assigned: int, lines: list[tuple[dict[str, object], int, str, bool]],
    effects: list[tuple[str, str, float, float]],
) -> Acted:  # fmt: skip
    made = [line[0] for line in lines]
    at = np.array([line[1] for line in lines], dtype=np.int64)
    delivered = at != MISSING
    cost = np.array([
        ACTIONS[str(row["action"])].cost if here else 0.0 for row, here in zip(made, delivered, strict=True)
    ])  # fmt: skip
    useful = np.array([line[3] for line in lines], dtype=np.int64)

    def given(name: str) -> pa.Array:
        return pa.array([str(row[name]) for row in made], pa.string())

    table = pa.table({
        "intervention_id": given("intervention_id"),
        "task": given("task"),
        "entity_id": given("entity_id"),
        "action": given("action"),
        "arm": given("arm"),
        "assigned_at": clock.times(np.full(len(made), assigned)),
        "delivered_at": clock.times(at),
        "outcome": pa.array([line[2] for line in lines], pa.string()),
        "was_useful": rows.word(("false", "true"), np.where(delivered, useful, -1)),
        "cost": rows.decimal(np.where(delivered, cost, np.nan)),
    })  # fmt: skip
    truth = pa.table({
        "intervention_id": pa.array([effect[0] for effect in effects], pa.string()),
        "outcome": pa.array([effect[1] for effect in effects], pa.string()),
        "receptive": pa.array([effect[2] for effect in effects], pa.float64()),
        "change_in_logit": pa.array([effect[3] for effect in effects], pa.float64()),
    })  # fmt: skip
    return Acted(table, np.full(len(made), assigned // DAY), truth, [str(row["intervention_id"]) for row in made])
