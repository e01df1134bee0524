"""Who works when: planned shifts, and what people make of them (late starts, long breaks, sickness).

A local day is laid out from its number alone, so that any day can be simulated without the ones before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import Clock
from simulator.draws import stream
from simulator.frames import Columns
from simulator.learning import Learning
from simulator.reference import DAY, HOUR
from simulator.scenarios import Levers
from simulator.workforce import SITE_OFFSET, Agents

ACTIVITIES = ("scheduled", "worked", "break", "training", "meeting", "absence")
SCHEDULED, WORKED, BREAK, TRAINING, MEETING, ABSENCE = range(len(ACTIVITIES))
SHIFT_HOURS = 9
LONGEST_SPELL = 6
MINUTE = 60
# schedules are exported so many days ahead
PLANNED_AHEAD = 7
AWAY = (BREAK, TRAINING, MEETING)


@dataclass
class Spans(Columns):
    """One entry per stretch of time of an agent; seconds since the first day, UTC."""

    agent: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    activity: np.ndarray


@dataclass(frozen=True)
class Floor:
    """What shifts are laid out from."""

    seed: int
    agents: Agents
    clock: Clock
    levers: Levers
    learning: Learning


def spans(agent: np.ndarray, starts: np.ndarray, ends: np.ndarray, activity: int | np.ndarray) -> Spans:
    count = len(agent)
    return Spans(
        np.asarray(agent, dtype=np.int64), np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64),
        np.broadcast_to(np.asarray(activity, dtype=np.int64), count).copy(),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _sickness(seed: int, count: int, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Uniforms that begin spells of sickness on a day, and how long those spells are."""
    rng = stream(seed, "sickness", day)
    return rng.random(count), 1 + np.minimum(rng.geometric(0.45, count), LONGEST_SPELL - 1)


def _weekend(clock: Clock, day: int) -> bool:
    return clock.weekday(day) >= 5


def planned_days(floor: Floor, day: int) -> np.ndarray:
    """Which agents are planned to work on a local day.

    Five days a week, with a weekend in four (in front: in two), and five weeks' leave.
    """
    agents, weekday = floor.agents, floor.clock.weekday(day)
    number = agents.rank
    # the position of the day in the week decides, so weeks are counted from a Monday
    week = (floor.clock.date(day).toordinal() - 1) // 7
    works_weekend = (number + week) % np.where(agents.front, 2, 4) == 0
    free = (number * 5 + week) % 5
    on = works_weekend if weekday >= 5 else ~(works_weekend & ((free == weekday) | ((free + 1) % 5 == weekday)))
    on_leave = (number * 37 + week) % 52 < 5
    return on & ~on_leave & _on_the_staff(floor, day)


def _on_the_staff(floor: Floor, day: int) -> np.ndarray:
    """Who is employed and hasn't been cut."""
    return floor.agents.employed(day) & (floor.agents.keep < 1.0 + floor.levers.at("staff", day))


def sick_days(floor: Floor, day: int) -> np.ndarray:
    """Which agents are within a spell of sickness on a local day."""
    count = len(floor.agents)
    sick = np.zeros(count, dtype=bool)
    for ago in range(LONGEST_SPELL):
        begins, length = _sickness(floor.seed, count, day - ago)
        sick |= (begins < floor.agents.sickness) & (length > ago)
    return sick


def schedule(floor: Floor, day: int, plan: Spans | None = None) -> Spans:
    """The planned shifts of a local day. plan: shifts decided elsewhere, which replace those of the front desk."""
    agents = floor.agents
    wanted = planned_days(floor, day)
    # on a weekend the opening hours fit one shift
    hour = np.full(len(agents), 9) if _weekend(floor.clock, day) else agents.shift
    local = day * DAY - SITE_OFFSET[agents.site] * HOUR
    given = []
    if plan is not None and len(plan):
        since = plan.starts - local[plan.agent]
        mine = plan.take((since >= 0) & (since < DAY) & agents.front[plan.agent])
        if len(mine):
            # a plan brings back nobody who has gone
            given.append(mine.take(_on_the_staff(floor, day)[mine.agent]))
            wanted = wanted & ~agents.front
    own = np.flatnonzero(wanted)
    starts = local[own] + hour[own] * HOUR
    return Spans.join([spans(own, starts, starts + SHIFT_HOURS * HOUR, SCHEDULED), *given])


def lived(floor: Floor, day: int, planned: Spans) -> Spans:
    """What became of a local day's plan: worked, breaks, meetings, training, absences."""
    rng = stream(floor.seed, "adherence", day)
    agents = floor.agents
    noise = rng.exponential(1.0, (8, len(agents)))
    sick = sick_days(floor, day)
    shift = planned.take(planned.activity == SCHEDULED)
    away = shift.take(sick[shift.agent])
    here = shift.take(~sick[shift.agent])
    late = agents.laxity[here.agent] * MINUTE
    begin = here.starts + (late * noise[0, here.agent]).astype(np.int64)
    end = here.ends + np.minimum(noise[1, here.agent] * 4 * MINUTE, 25 * MINUTE).astype(np.int64)
    parts = [spans(away.agent, away.starts, away.ends, ABSENCE), spans(here.agent, begin, end, WORKED)]
    given = planned.take(np.isin(planned.activity, AWAY) & ~sick[planned.agent])
    if len(given):
        slack = (agents.laxity[given.agent] * MINUTE * noise[2, given.agent]).astype(np.int64)
        parts.append(spans(given.agent, given.starts, given.ends + slack, given.activity))
    own = here.take(~np.isin(here.agent, given.agent))
    parts += _pauses(floor, day, own, noise)
    return Spans.join(parts)


def _pauses(floor: Floor, day: int, shift: Spans, noise: np.ndarray) -> list[Spans]:
    """Lunch, a short break, the weekly team meeting and training, staggered over the agents."""
    agents, who = floor.agents, shift.agent
    turn = agents.rank[who]
    lunch = shift.starts + 210 * MINUTE + turn % 4 * 30 * MINUTE
    short = shift.starts + 405 * MINUTE + turn % 5 * 15 * MINUTE
    over = agents.laxity[who] * MINUTE
    parts = [
        spans(who, lunch, lunch + 30 * MINUTE + (over * noise[3, who]).astype(np.int64), BREAK),
        spans(who, short, short + 15 * MINUTE + (over * noise[4, who]).astype(np.int64), BREAK),
    ]
    meets = (agents.team[who] % 5 == floor.clock.weekday(day)) & (turn % 2 == day // 7 % 2)
    at = shift.starts[meets] + 60 * MINUTE
    parts.append(spans(who[meets], at, at + 30 * MINUTE, MEETING))
    learns = np.isin(who, floor.learning.learners(day))
    at = shift.starts[learns] + 120 * MINUTE
    parts.append(spans(who[learns], at, at + 60 * MINUTE, TRAINING))
    return parts


def on_duty(actual: Spans, front: np.ndarray, wanted: bool = True) -> Spans:
    """The stretches in which agents of the front desk (or of the back) can take work: worked, less pauses."""
    mine = actual.take(front[actual.agent] == wanted)
    worked = mine.take(mine.activity == WORKED)
    pauses = mine.take(np.isin(mine.activity, AWAY))
    # each pause cuts its agent's stretch in two: bounds are sorted by agent and time and paired off
    agent = np.concatenate([worked.agent, pauses.agent, worked.agent, pauses.agent])
    at = np.concatenate([worked.starts, pauses.ends, worked.ends, pauses.starts])
    step = np.repeat([1, 1, -1, -1], [len(worked), len(pauses), len(worked), len(pauses)])
    order = np.lexsort((step, at, agent))
    agent, at, depth = agent[order], at[order], step[order].cumsum()
    opens = np.flatnonzero((depth == 1) & (step[order] == 1))
    closes = np.flatnonzero((depth == 0) & (step[order] == -1))
    keep = at[closes] > at[opens]
    return spans(agent[opens][keep], at[opens][keep], at[closes][keep], WORKED)


def shift_table(clock: Clock, shift: Spans) -> pa.Table:
    """Contract rows of `agent_shifts`, in the order given."""
    return pa.table({
        "agent_id": rows.agent_id(shift.agent),
        "starts_at": clock.times(shift.starts),
        "ends_at": clock.times(shift.ends),
        "activity": rows.word(ACTIVITIES, shift.activity),
    })  # fmt: skip
