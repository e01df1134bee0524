"""Turns what happened to tickets into rows of `tickets` and `ticket_events`, wording included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import rows
from simulator.clock import MISSING, Clock
from simulator.customers import Customers
from simulator.draws import wobble
from simulator.dynamics import CLOSE, ESCALATE, HANDOFF, MESSAGE, REPLY, SOLVE_SILENT, Acts
from simulator.frames import Columns
from simulator.reference import (
    CATEGORY_DEPARTMENT,
    CATEGORY_NAMES,
    CHANNELS,
    CHAT,
    HOUR,
    ON_HOLD,
    OPEN,
    PENDING,
    PRIORITIES,
    PRODUCTS,
    QUEUES,
    SOLVED,
    STATUSES,
)
from simulator.texts.grammar import texts
from simulator.texts.voices import (
    SECOND_TOPIC_AT_FIRST,
    SECOND_TOPIC_LATER,
    SLIPS,
    agent_style,
    aside,
    manners,
    spare,
)
from simulator.tickets import NEVER, Tickets

KINDS = ("status", "priority", "assignment", "comment", "escalation", "sla")
STATUS, PRIORITY, ASSIGNMENT, COMMENT, ESCALATION, SLA = range(len(KINDS))
VALUES = STATUSES + PRIORITIES + QUEUES + ("met", "breached")
FIRST_PRIORITY = len(STATUSES)
FIRST_QUEUE = FIRST_PRIORITY + len(PRIORITIES)
MET, BREACHED = len(VALUES) - 2, len(VALUES) - 1
FIELDS = ("agent", "queue", "policy", "hierarchical", "functional")
ACTORS = ("customer", "agent", "system")
CUSTOMER, AGENT, SYSTEM = range(3)
# how a comment is worded
NO_BODY, BY_CUSTOMER, BY_AGENT, NOTE, PHONE_NOTE, HANDOFF_NOTE = range(6)


@dataclass
class Events(Columns):
    """One entry per event; `value` counts into VALUES, or is an agent where the field is `agent`."""

    row: np.ndarray  # of the tickets
    at: np.ndarray  # seconds
    order: np.ndarray  # among events of one moment
    kind: np.ndarray
    field: np.ndarray
    value: np.ndarray
    actor_kind: np.ndarray
    actor: np.ndarray
    public: np.ndarray
    body: np.ndarray
    act: np.ndarray  # the act behind it, or -1


def _events(row: np.ndarray, at: np.ndarray, order: int, kind: int, **given: np.ndarray | int) -> Events:
    count = len(row)

    def column(name: str) -> np.ndarray:
        return np.broadcast_to(np.asarray(given.get(name, -1), dtype=np.int64), count)

    return Events(
        row=row, at=at, order=np.full(count, order), kind=np.full(count, kind), field=column("field"),
        value=column("value"), actor_kind=column("actor_kind"), actor=column("actor"), public=column("public"),
        body=column("body"), act=column("act"),
    )  # fmt: skip


def opening_events(opened: Tickets, row: np.ndarray) -> Events:
    """The desk's first priority, at the opening of these tickets, which stand at these rows."""
    return _events(row, opened.opened, 0, PRIORITY, value=FIRST_PRIORITY + opened.priority, actor_kind=SYSTEM)


def late_events(row: np.ndarray, hour: int) -> Events:
    """The service promise broken, noticed on the hour."""
    return _events(row, np.full(len(row), hour * HOUR), 0, SLA, field=2, value=BREACHED, actor_kind=SYSTEM)


def act_events(acts: Acts, noted: np.ndarray) -> list[Events]:
    """All events of these acts. noted: uniforms that decide on private notes."""
    at = acts.hour * HOUR + acts.offset
    number = np.arange(len(acts))

    def some(mask: np.ndarray, order: int, kind: int, after: int = 0, **given: np.ndarray | int) -> Events:
        cut = {name: value[mask] if isinstance(value, np.ndarray) else value for name, value in given.items()}
        return _events(acts.row[mask], at[mask] + after, order, kind, act=number[mask], **cut)

    reply, message, handoff, escalate = (acts.act == a for a in (REPLY, MESSAGE, HANDOFF, ESCALATE))
    silent = (acts.act == SOLVE_SILENT) | (acts.act == CLOSE)
    actor_kind = np.where(message, CUSTOMER, np.where(silent | (acts.actor < 0), SYSTEM, AGENT))
    actor = np.where(actor_kind == AGENT, acts.actor, -1)
    note = (reply | handoff) & (noted < np.where(handoff, 0.6, 0.09))
    moved, staffed = acts.queue_after != acts.queue, acts.agent_after != acts.agent
    demanded = (noted < 0.7) | (acts.agent < 0)
    who: dict[str, Any] = {"actor_kind": actor_kind, "actor": actor}
    asker_kind = np.where(demanded, CUSTOMER, AGENT)
    asker: dict[str, Any] = {"actor_kind": asker_kind, "actor": np.where(demanded, -1, acts.agent)}
    return [
        some(escalate, 0, ESCALATION, field=np.where(moved, 4, 3), **asker),
        some(moved, 1, ASSIGNMENT, 1, field=1, value=FIRST_QUEUE + acts.queue_after, actor_kind=SYSTEM),
        some(staffed, 2, ASSIGNMENT, 1, field=0, value=acts.agent_after, actor_kind=SYSTEM),
        some(acts.priority_after != acts.priority, 3, PRIORITY, 2, value=FIRST_PRIORITY + acts.priority_after, **who),
        some(note, 4, COMMENT, 3, public=0, body=np.where(handoff, HANDOFF_NOTE, NOTE), **who),
        some(reply, 5, COMMENT, 20, actor_kind=AGENT, actor=actor, public=1, body=BY_AGENT),
        some(message & ~acts.by_phone, 5, COMMENT, 0, actor_kind=CUSTOMER, public=1, body=BY_CUSTOMER),
        some(message & acts.by_phone, 5, COMMENT, 0, actor_kind=SYSTEM, public=0, body=PHONE_NOTE),
        some(acts.status_after != acts.status, 6, STATUS, 21, value=acts.status_after, **who),
        some(acts.first_reply & acts.in_time, 7, SLA, 22, field=2, value=MET, actor_kind=SYSTEM),
    ]  # fmt: skip


def numbered(events: Events, tickets: Tickets) -> tuple[Events, np.ndarray]:
    """The events in order, and their event_seq; counts on in the tickets."""
    ordered = events.take(np.lexsort((events.order, events.at, events.row)))
    starts = np.flatnonzero(np.diff(ordered.row, prepend=-1))
    counts = np.diff(np.append(starts, len(ordered)))
    within = np.arange(len(ordered)) - np.repeat(starts, counts)
    seq = tickets.next_event[ordered.row] + within
    tickets.next_event[ordered.row[starts]] += counts
    by_time = np.lexsort((ordered.order, ordered.row, ordered.at))
    return ordered.take(by_time), seq[by_time]


def event_table(
    rng: np.random.Generator,
    clock: Clock,
    events: Events,
    seq: np.ndarray,
    tickets: Tickets,
    acts: Acts,
    recorded: np.ndarray,
    customers: Customers,
) -> pa.Table:
    """Contract rows of `ticket_events`, in order of time."""
    row = events.row
    by_customer = events.actor_kind == CUSTOMER
    is_agent = (events.kind == ASSIGNMENT) & (events.field == 0)
    value = pc.coalesce(
        rows.agent_id(np.where(is_agent, events.value, -1)), rows.word(VALUES, np.where(is_agent, -1, events.value))
    )
    author = customers.exported(tickets.customer, tickets.channel)[row]
    actor = pc.coalesce(rows.agent_id(events.actor), rows.customer_id(np.where(by_customer, author, -1)))
    return pa.table({
        "ticket_id": rows.ticket_id(tickets.number[row]),
        "event_seq": rows.whole(seq),
        "occurred_at": clock.times(events.at),
        "kind": rows.word(KINDS, events.kind),
        "field": rows.word(FIELDS, events.field),
        "value": value,
        "actor_kind": rows.word(ACTORS, events.actor_kind),
        "actor_id": actor,
        "is_public": rows.word(("false", "true"), events.public),
        "body": _bodies(rng, events, tickets, acts),
        "recorded_at": clock.times(recorded),
    })  # fmt: skip


def _bodies(rng: np.random.Generator, events: Events, tickets: Tickets, acts: Acts) -> pa.Array:
    """The wording of the comments; null for other events."""
    chosen = np.flatnonzero(events.body > NO_BODY)
    full = np.full(len(events), -1)
    full[chosen] = np.arange(len(chosen))
    body, row, act = events.body[chosen], events.row[chosen], events.act[chosen]
    u = rng.random((10, len(chosen)))
    slipped = rng.random((5, len(chosen)))
    by_customer = _customer_parts(u, slipped, tickets, row, acts, act, body == BY_CUSTOMER)
    by_agent = _agent_parts(u, tickets, row, acts, act, agent_style(events.actor[chosen]), body)
    # a comment has one author and fragment 0 is empty, so that both use the same columns; customers need more
    shared = [a + b for a, b in zip(by_customer, by_agent, strict=False)]
    written = texts().join(*shared, *by_customer[len(shared) :])
    return written.take(pa.array(full, mask=full < 0))


def _customer_parts(
    u: np.ndarray,
    slipping: np.ndarray,
    tickets: Tickets,
    row: np.ndarray,
    acts: Acts,
    act: np.ndarray,
    mine: np.ndarray,
) -> list[np.ndarray]:
    wording = texts()
    language, manner = tickets.language[row], manners(tickets.customer[row])
    slipped = slipping < SLIPS[manner]
    status, tone, waited = acts.status[act], acts.tone[act], acts.waited[act]
    delay = np.digitize(waited, [6, 30, 144])
    urgency = np.clip(np.rint(tone / 2 + wobble(u[9]) - 0.4), 0, 2).astype(np.int64)
    info = np.where(status == PENDING, wording.pick("info", language, u[1], 0, slipped[0]), 0)
    still = np.where(status == SOLVED, wording.pick("still", language, u[1], 0, slipped[0]), 0)
    chase = np.where(status <= OPEN, wording.pick("waiting", language, u[2], delay, slipped[1]), 0)
    # not every message shows its mood
    feeling = np.where(u[8] < 0.75, wording.pick("tone", language, u[3], tone, slipped[2]), 0)
    pressing = np.where(u[7] < 0.4, wording.pick("urgency", language, u[4], urgency, slipped[3]), 0)
    threat = np.where(acts.threat[act], wording.pick("threat", language, u[5], 0, slipped[4]), 0)
    second = aside(language, tickets.category[row], tickets.product[row], spare(u[6]), SECOND_TOPIC_LATER)
    greeting = np.where(u[6] < 0.6 - 0.12 * tone, wording.pick("greeting", language, u[0], manner), 0)
    signoff = np.where(u[6] < 0.7 - 0.15 * tone, wording.pick("signoff", language, u[7], manner), 0)
    # the status allows one of the three
    core = info + still + chase
    parts = (greeting, core, feeling, pressing, threat, second, signoff)
    return [np.where(mine, part, 0) for part in parts]


def _agent_parts(
    u: np.ndarray,
    tickets: Tickets,
    row: np.ndarray,
    acts: Acts,
    act: np.ndarray,
    style: np.ndarray,
    body: np.ndarray,
) -> list[np.ndarray]:
    wording = texts()
    language, status, waited = tickets.language[row], acts.status_after[act], acts.waited[act]
    department = CATEGORY_DEPARTMENT[tickets.category[row]]
    mine = body == BY_AGENT
    solution = wording.pick("agent_solution", language, u[1], department)
    others = [wording.pick(slot, language, u[1]) for slot in ("agent_ask", "agent_hold")]
    progress = wording.pick("agent_progress", language, u[1], style)
    core = np.select([status == SOLVED, status == PENDING, status == ON_HOLD], [solution, *others], progress)
    parts = [
        wording.pick("agent_greeting", language, u[0], style),
        np.where((waited > 24) & (u[2] < 0.6), wording.pick("agent_sorry", language, u[3], style), 0),
        core,
        wording.pick("agent_signoff", language, u[4], style),
    ]
    notes = np.select(
        [body == NOTE, body == PHONE_NOTE, body == HANDOFF_NOTE],
        [wording.pick(s, language, u[5]) for s in ("note", "note_phone", "note_handoff")],
        0,
    )
    return [np.where(mine, part, 0) for part in parts] + [notes]


def ticket_table(
    rng: np.random.Generator, clock: Clock, now: Tickets, opened_by: np.ndarray, customers: Customers
) -> pa.Table:
    """Contract rows of `tickets` as they stood at opening. opened_by: agent, or -1 for the customer."""
    count, customer = len(now), rows.customer_id(customers.exported(now.customer, now.channel))
    wording = texts()
    language, topic = now.language, now.category * len(PRODUCTS) + now.product
    manner = manners(now.customer)
    u, slipped = rng.random((9, count)), rng.random((4, count)) < SLIPS[manner]
    tone = np.clip(np.rint(now.anger + wobble(u[0])), 0, 4).astype(np.int64)
    trouble = np.clip(np.rint(0.7 + 0.7 * now.difficulty + wobble(u[1])), 0, 2).astype(np.int64)
    body = wording.join(
        np.where(u[2] < 0.6 - 0.1 * tone, wording.pick("greeting", language, u[3], manner), 0),
        wording.pick("opening", language, u[4], topic, slipped[0]),
        np.where(u[5] < 0.7, wording.pick("history", language, u[6], trouble, slipped[1]), 0),
        np.where(u[3] < 0.7, wording.pick("tone", language, u[7], tone, slipped[2]), 0),
        np.where(
            u[6] < 0.35, wording.pick("urgency", language, u[5] / 0.7 % 1, np.minimum(tone // 2, 2), slipped[3]), 0
        ),
        np.where(now.threat_hour != NEVER, wording.pick("threat", language, u[7]), 0),
        aside(language, now.category, now.product, spare(u[2]), SECOND_TOPIC_AT_FIRST),
        np.where(u[2] < 0.6, wording.pick("signoff", language, u[8], manner), 0),
    )
    return pa.table({
        "ticket_id": rows.ticket_id(now.number),
        "opened_at": clock.times(now.opened),
        "customer_id": customer,
        "channel": rows.word(CHANNELS, now.channel),
        "queue": rows.word(QUEUES, now.queue),
        "product": rows.word(PRODUCTS, now.product),
        "category": rows.word(CATEGORY_NAMES, now.category),
        "subject": wording.join(wording.pick("subject", language, u[8], topic, spare(u[8]) < SLIPS[manner])),
        "body": body,
        "opened_by": pc.coalesce(rows.agent_id(np.where(now.channel <= CHAT, opened_by, -1)), customer),
        "recorded_at": clock.times(np.full(count, MISSING)),
    })  # fmt: skip
