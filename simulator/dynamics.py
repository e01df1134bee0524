"""Two hours in the life of all tickets under way.

In such a step a ticket sees at most one act (a reply, a customer's message, a handoff, …), drawn from competing
rates, or an escalation. The same function carries the live run and the truth's nested simulation, where each
row may stand in an hour of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import hazard
from simulator.clock import Clock
from simulator.draws import wobble
from simulator.frames import Columns
from simulator.reference import (
    CLOSED,
    CONTRACT_CHANGE,
    FIRST_REPLY_TARGET,
    HIGH,
    HOUR,
    ON_HOLD,
    OPEN,
    PENDING,
    REGION_OFFSET,
    RETENTION,
    SECOND_LINE,
    SOLVED,
    URGENT,
    queue_of,
)
from simulator.roster import Roster
from simulator.scenarios import Levers
from simulator.seasons import AWAKE
from simulator.self_service import is_open
from simulator.tickets import NEVER, Tickets, threat_chance
from simulator.workforce import Agents

NOTHING, REPLY, MESSAGE, HANDOFF, PRIORITISE, RESUME, SOLVE_SILENT, CLOSE, ESCALATE = range(9)
DRAWS = 10  # uniforms a ticket uses in a step
REPLY_RATE = 0.118  # a staffed hour, usual backlog, normal priority
PRIORITY_PACE = np.array([0.7, 1.0, 1.7, 2.8])
# customers' answers an hour while we wait for them or for others, by status
ANSWER_RATE = np.array([0, 0, 0.023, 0.0035, 0, 0])
AUTO_SOLVE_HOURS, CLOSE_HOURS = 168, 96
STEP_HOURS = 2
BY_PHONE = 0.18  # of the customers who ask again, those who ring

# the columns of a ticket that an act may change
CHANGING = (
    "queue", "priority", "status", "agent", "wait_hour", "reply_hour", "solved_hour", "threat_hour",
    "escalated_hour", "unanswered", "rounds", "handoffs", "reopens", "anger",
)  # fmt: skip


@dataclass
class World:
    """What surrounds the tickets. `backlog`: queues x hours of the run, log of backlog over the usual."""

    agents: Agents
    roster: Roster
    levers: Levers
    clock: Clock
    usual_staff: np.ndarray
    backlog: np.ndarray
    first_hour: int

    def hazard_changes(self, hour: np.ndarray | int) -> dict[str, np.ndarray | float]:
        """What scenarios add to the coefficients of the hazard, by term, in an hour (or in each row's)."""
        terms = {e.lever.removeprefix("hazard.") for e in self.levers.effects if e.lever.startswith("hazard.")}
        if not terms:
            return {}
        days, position = np.unique(np.asarray(hour) // 24, return_inverse=True)
        return {
            term: np.array([self.levers.at(f"hazard.{term}", int(day)) for day in days])[position] for term in terms
        }

    def awake(self, region: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        return AWAKE[(hour + REGION_OFFSET[region]) % 24]

    def backlog_of(self, queue: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        return self.backlog[queue, np.asarray(hour) - self.first_hour]


@dataclass
class Acts(Columns):
    """What happened in a step, one entry per ticket that did something; before and after values."""

    row: np.ndarray
    hour: np.ndarray
    act: np.ndarray
    offset: np.ndarray  # seconds into the step
    status: np.ndarray
    status_after: np.ndarray
    queue: np.ndarray
    queue_after: np.ndarray
    agent: np.ndarray
    agent_after: np.ndarray
    actor: np.ndarray  # the agent who acted
    priority: np.ndarray
    priority_after: np.ndarray
    first_reply: np.ndarray
    in_time: np.ndarray
    tone: np.ndarray
    threat: np.ndarray
    waited: np.ndarray  # hours
    by_phone: np.ndarray
    anger: np.ndarray


def _rates(
    tickets: Tickets, world: World, hour: np.ndarray | int, backlog: np.ndarray, awake: np.ndarray
) -> np.ndarray:
    """Rates per hour of the acts REPLY to CLOSE, acts x tickets."""
    status = tickets.status
    ours = status <= OPEN
    staff = np.minimum(world.roster.staffed(tickets.queue, hour) / world.usual_staff[tickets.queue], 2.5)
    holder = tickets.agent
    there = world.roster.here(holder, hour)
    cover = np.where(holder < 0, 0.8, np.where(there, 1.5, 0.10))
    pace = PRIORITY_PACE[tickets.priority] * np.where(tickets.escalated_hour != NEVER, 2.0, 1.0) / tickets.neglect
    later = np.where(tickets.rounds > 0, 0.75, 1.0)
    reply = ours * REPLY_RATE * staff * cover * pace * later * world.agents.speed[holder] * np.exp(-0.7 * backlog)
    waited = np.where(ours, hour - tickets.wait_hour, 0)
    since_solved = np.maximum(hour - tickets.solved_hour, 0)
    chase = 0.009 * (1 + tickets.anger) * np.minimum(waited / 14.0, 2.0)
    reopen = 0.0042 * np.exp(0.7 * tickets.difficulty - since_solved / 30.0)
    answer = ANSWER_RATE[status] * np.where(status == ON_HOLD, 1 + tickets.anger, 1.0)
    message = awake * (np.where(ours, chase, answer) + reopen * (status == SOLVED))
    gone = ours & (holder >= 0) & ~there
    bounce = ours & (holder >= 0) & (staff > 0)
    handoff = bounce * (0.008 * np.exp(0.5 * tickets.difficulty) + 0.02 * gone * (waited > 30))
    prioritise = (ours & (staff > 0) & (tickets.priority < URGENT)) * (0.0015 + 0.0018 * tickets.anger)
    resume = (status == ON_HOLD) * np.minimum(staff, 1) / 100.0
    silent = ((status == PENDING) & (hour - tickets.reply_hour > AUTO_SOLVE_HOURS)) * 0.3
    close = ((status == SOLVED) & (since_solved > CLOSE_HOURS)) * 0.5
    rates = np.array([reply, message, handoff, prioritise, resume, silent, close])
    return rates * (STEP_HOURS * (tickets.opened_hour < hour))


def _choose(rates: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """The act of each ticket, NOTHING for most."""
    summed = rates.cumsum(axis=0)
    total = summed[-1]
    any_act = -np.expm1(-total)
    happens = uniform < any_act
    level = np.divide(uniform, any_act, out=np.zeros_like(uniform), where=happens) * total
    return np.where(happens, 1 + (summed <= level).sum(axis=0), NOTHING)


def live_step(
    tickets: Tickets, world: World, hour: np.ndarray | int, uniform: np.ndarray, escalating: bool = True
) -> tuple[np.ndarray, Acts, np.ndarray]:
    """Carry the tickets through the step that begins at `hour`, in place.

    uniform: DRAWS x tickets. escalating: False follows the path without escalation. Returns the chance of
    escalating in this step, the acts, and the rows whose first reply has become late.
    """
    backlog = world.backlog_of(tickets.queue, hour)
    awake = world.awake(tickets.region, hour)
    chance = hazard.chance(tickets, hour, backlog, awake, world.hazard_changes(hour))
    act = _choose(_rates(tickets, world, hour, backlog, awake), uniform[0])
    if escalating:
        act = np.where(uniform[3] < chance, ESCALATE, act)
    late = _late_first_replies(tickets, hour)
    _grow_anger(tickets, hour)
    rows = np.nonzero(act)[0]
    acts = _perform(tickets, world, rows, act[rows], np.broadcast_to(hour, len(tickets))[rows], uniform[:, rows])
    return chance, acts, late


def _late_first_replies(tickets: Tickets, hour: np.ndarray | int) -> np.ndarray:
    due = tickets.opened + FIRST_REPLY_TARGET[tickets.priority] * HOUR <= hour * HOUR
    running = (tickets.rounds == 0) & (tickets.breached == 0) & (tickets.status <= OPEN) & (tickets.opened_hour < hour)
    late = np.nonzero(due & running & tickets.promised)[0]
    tickets.breached[late] = 1
    return late


def _grow_anger(tickets: Tickets, hour: np.ndarray | int) -> None:
    """Waiting wears patience down, from about half a day on."""
    overdue = np.clip((hour - tickets.wait_hour - 10) / 24.0, 0, 3) * (tickets.status <= OPEN)
    tickets.anger += 0.004 * STEP_HOURS * tickets.temper * overdue
    np.clip(tickets.anger, 0, 5, out=tickets.anger)


def _perform(
    tickets: Tickets, world: World, rows: np.ndarray, act: np.ndarray, hours: np.ndarray, uniform: np.ndarray
) -> Acts:
    """Apply the acts of these rows and describe them."""
    now = tickets.take(rows)
    before = (now.status.copy(), now.queue.copy(), now.agent.copy(), now.priority.copy())
    waited = np.where(now.status <= OPEN, hours - now.wait_hour, 0)
    first = (act == REPLY) & (now.rounds == 0)
    in_time = hours * HOUR + uniform[2] * STEP_HOURS * HOUR <= now.opened + FIRST_REPLY_TARGET[now.priority] * HOUR
    _move(now, act, uniform)
    _staff(now, world, act, hours, uniform[5], before[2])
    handed = (act == HANDOFF) & ((now.agent != before[2]) | (now.queue != before[1]))
    now.handoffs += handed
    now.anger += 0.2 * now.temper * handed
    cover = world.roster.choose(now.queue, hours, uniform[6])
    actor = np.where(world.roster.here(now.agent, hours) | (cover < 0), now.agent, cover)
    act = np.where((act == REPLY) & (actor < 0), NOTHING, act)
    _reply(now, world, act == REPLY, hours, uniform[1], actor)
    tone, threat = _message(now, act == MESSAGE, hours, uniform)
    offset = (uniform[2] * (STEP_HOURS * HOUR - 30)).astype(np.int64)
    by_phone = (act == MESSAGE) & (before[0] <= OPEN) & (uniform[8] < BY_PHONE)
    by_phone &= is_open(world.clock, queue_of(now.category, now.language), hours * HOUR + offset)
    _settle(now, act, hours)
    for name in CHANGING:
        getattr(tickets, name)[rows] = getattr(now, name)
    return Acts(
        row=rows, hour=hours, act=act, offset=offset,
        status=before[0], status_after=now.status, queue=before[1], queue_after=now.queue, agent=before[2],
        agent_after=now.agent, actor=actor, priority=before[3], priority_after=now.priority,
        first_reply=first & (act == REPLY), in_time=in_time & (now.breached == 0) & now.promised, tone=tone,
        threat=threat, waited=waited, by_phone=by_phone,
        anger=now.anger,
    ).take(act != NOTHING)  # fmt: skip


def _move(now: Tickets, act: np.ndarray, uniform: np.ndarray) -> None:
    """Handoffs and functional escalations between queues, and changes of priority."""
    handoff = act == HANDOFF
    elsewhere = handoff & (uniform[7] < 0.4)
    target = np.where(now.category == CONTRACT_CHANGE, RETENTION, SECOND_LINE)
    home = (now.queue + 3) % 12
    now.queue[:] = np.where(elsewhere, np.where(now.queue == target, home, target), now.queue)
    functional = (act == ESCALATE) & (uniform[7] < 0.35)
    now.queue[:] = np.where(functional, SECOND_LINE, now.queue)
    lowered = (uniform[7] < 0.12) & (now.priority > 0)
    step = np.where(lowered, -1, 1) * (act == PRIORITISE)
    now.priority[:] = np.minimum(now.priority + step, URGENT)
    now.priority[:] = np.where(
        act == ESCALATE, np.maximum(now.priority, np.where(uniform[8] < 0.7, URGENT, HIGH)), now.priority
    )


def _staff(
    now: Tickets, world: World, act: np.ndarray, hours: np.ndarray, uniform: np.ndarray, former: np.ndarray
) -> None:
    """Give the ticket to somebody at work: at the first reply, a handoff, or a functional escalation."""
    needs = ((act == REPLY) & (now.agent < 0)) | (act == HANDOFF) | ((act == ESCALATE) & (now.queue == SECOND_LINE))
    if not needs.any():
        return
    found = world.roster.choose(now.queue[needs], hours[needs], uniform[needs])
    now.agent[needs] = np.where(found >= 0, found, former[needs])


def _reply(
    now: Tickets, world: World, replies: np.ndarray, hours: np.ndarray, uniform: np.ndarray, actor: np.ndarray
) -> None:
    """Our public message: solved, a question back, waiting for others, or just a word in between."""
    skill = world.agents.skill[np.maximum(actor, 0)]
    lean = 0.85 - 0.9 * now.difficulty + 0.5 * np.minimum(now.rounds, 4) + skill - 0.15 * np.minimum(now.handoffs, 3)
    solved = 1 / (1 + np.exp(-lean))
    rest = (uniform - solved) / np.maximum(1 - solved, 1e-9)
    status = np.where(uniform < solved, SOLVED, np.where(rest < 0.45, PENDING, np.where(rest < 0.68, ON_HOLD, OPEN)))
    now.status[replies] = status[replies]
    calm = np.where(status == SOLVED, 0.75, np.where(status == PENDING, 0.88, 1.0))
    now.anger[:] = np.where(replies, now.anger * calm + 0.1 * now.temper * (status == OPEN), now.anger)
    now.rounds += replies
    now.unanswered[replies] = 0
    now.reply_hour[replies] = hours[replies]
    now.wait_hour[replies] = hours[replies]


def _message(now: Tickets, writes: np.ndarray, hours: np.ndarray, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The customer's message; returns its tone (0 to 4) and whether it threatens."""
    reopened = writes & (now.status == SOLVED)
    now.anger += 0.6 * now.temper * reopened + 0.05 * writes * (now.status <= OPEN)
    np.clip(now.anger, 0, 5, out=now.anger)
    tone = np.clip(np.rint(now.anger + wobble(uniform[4])), 0, 4).astype(np.int64)
    threat = writes & (uniform[9] < threat_chance(now.anger))
    now.reopens += reopened
    waits_already = now.status <= OPEN
    now.wait_hour[:] = np.where(writes & (~waits_already | (now.unanswered == 0)), hours, now.wait_hour)
    now.unanswered += writes
    now.threat_hour[threat] = hours[threat]
    now.status[writes & ~waits_already] = OPEN
    return tone, threat


def _settle(now: Tickets, act: np.ndarray, hours: np.ndarray) -> None:
    resumed = act == RESUME
    now.status[resumed] = OPEN
    now.wait_hour[resumed] = hours[resumed]
    now.status[act == SOLVE_SILENT] = SOLVED
    now.solved_hour[:] = np.where(
        ((act == REPLY) | (act == SOLVE_SILENT)) & (now.status == SOLVED), hours, now.solved_hour
    )
    now.status[act == CLOSE] = CLOSED
    now.escalated_hour[act == ESCALATE] = hours[act == ESCALATE]
