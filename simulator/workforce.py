"""Queues, agents and rosters: who can answer what, and who is there in which hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import HORIZON_DAYS, MISSING, Clock, day_of
from simulator.draws import stream
from simulator.reference import (
    DAY,
    DEPARTMENTS,
    HOUR,
    LANGUAGES,
    QUEUE_TIME_ZONE,
    QUEUES,
    RETENTION,
    SECOND_LINE,
)
from simulator.scale import Scale

# city and hours ahead of UTC, two for each language
SITES = (("leeds", 0), ("austin", -6), ("sevilla", 1), ("monterrey", -6), ("chengdu", 8), ("singapore", 8))
LANGUAGE_SHARE = (0.46, 0.32, 0.22)
TURNOVER_A_YEAR = 0.18
ROLES = ("agent", "senior", "supervisor")
NAMES = ("Alex", "Sam", "Kim", "Lee", "Robin", "Noor", "Mika", "Ines", "Tomas", "Wei", "Lin", "Rosa")


@dataclass
class Agents:
    """One entry per agent ever. Times are seconds since the first day; MISSING: still here."""

    language: np.ndarray
    site: np.ndarray
    hired: np.ndarray
    left: np.ndarray
    shift: np.ndarray  # local hour at which the day begins
    role: np.ndarray
    speed: np.ndarray  # hidden: above 1 is quicker
    skill: np.ndarray  # hidden: raises the chance of solving
    skills: np.ndarray  # agents x queues, 0 or 1
    moves: pa.Table  # agent, at, recorded, team

    def __len__(self) -> int:
        return len(self.language)

    @cached_property
    def team(self) -> np.ndarray:
        """The first team: site and one of two crews."""
        return self.site * 2 + np.arange(len(self)) % 2


def create_agents(seed: int, scale: Scale) -> Agents:
    """The agents of the first day and those who will be hired in place of the ones who leave."""
    rng = stream(seed, "agents")
    hires = round(scale.agents * TURNOVER_A_YEAR * HORIZON_DAYS / 365)
    count = scale.agents + hires
    language = _spread(LANGUAGE_SHARE, count)
    number = np.arange(count)
    hired = np.where(
        number < scale.agents,
        -rng.gamma(1.5, 500 * DAY, count) - 30 * DAY,
        np.sort(rng.random(count)) * HORIZON_DAYS * DAY,
    )
    leaver = rng.permutation(scale.agents)[: min(hires, scale.agents // 2)]
    left = np.full(count, MISSING)
    left[leaver] = (rng.random(len(leaver)) * HORIZON_DAYS + 5).astype(np.int64) * DAY
    site = language * 2 + (rng.random(count) < 0.4)
    return Agents(
        language=language,
        site=site,
        hired=(hired // DAY).astype(np.int64) * DAY,
        left=left,
        shift=rng.choice([7, 9, 11, 14], size=count, p=[0.25, 0.35, 0.2, 0.2]),
        role=np.where(rng.random(count) < 0.22, 1, 0) + (number % 24 == 5),
        speed=np.exp(0.2 * rng.standard_normal(count)),
        skill=0.4 * rng.standard_normal(count),
        skills=_skills(rng, language),
        moves=_moves(seed, count, site),
    )


def _spread(shares: tuple[float, ...], count: int) -> np.ndarray:
    """Numbers 0.. in these shares, evenly mixed, so that a small company has every language too."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges, (np.arange(count) * 0.618034 + 0.31) % 1.0 * edges[-1], side="right")


def _skills(rng: np.random.Generator, language: np.ndarray) -> np.ndarray:
    """Each agent masters one to three departments of a language; some also second line and retention."""
    count = len(language)
    skills = np.zeros((count, len(QUEUES)), dtype=np.int8)
    first = np.zeros(count, dtype=np.int64)
    for spoken in range(len(LANGUAGES)):
        mine = np.nonzero(language == spoken)[0]
        first[mine] = np.arange(len(mine)) % len(DEPARTMENTS)
    for department in range(len(DEPARTMENTS)):
        knows = (first == department) | (rng.random(count) < 0.18)
        skills[knows, department * len(LANGUAGES) + language[knows]] = 1
    skills[:, SECOND_LINE] = (np.arange(count) % 7 == 3) & (first >= 0)
    skills[:, RETENTION] = np.arange(count) % 9 == 4
    return skills


def _moves(seed: int, count: int, site: np.ndarray) -> pa.Table:
    """Changes of team; a few are recorded days late."""
    rng = stream(seed, "agent moves")
    moves = round(count * 0.3 * HORIZON_DAYS / 365)
    agent = rng.integers(0, count, moves)
    at = (rng.random(moves) * HORIZON_DAYS).astype(np.int64) * DAY + 6 * HOUR
    late = rng.random(moves) < 0.1
    recorded = at + np.where(late, rng.integers(2, 15, moves) * DAY, rng.integers(60, HOUR, moves))
    table = pa.table(
        {"agent": agent, "at": at, "recorded": recorded, "team": site[agent] * 2 + rng.integers(0, 2, moves)}
    )
    return table.sort_by([("recorded", "ascending"), ("agent", "ascending")])


class Roster:
    """Who is at work in which hour (hours are counted since the first day), for a window of days."""

    def __init__(self, seed: int, agents: Agents, clock: Clock, from_day: int, to_day: int) -> None:
        self.first_hour = from_day * 24
        days = np.arange(from_day - 1, to_day + 1)
        at_work = np.zeros((len(days), 24, len(agents)), dtype=bool)
        for row, day in enumerate(days):
            at_work[row] = _day(seed, agents, clock, int(day))
        # local days overlap UTC days: shift each agent's hours back by the site's offset
        hours = at_work.reshape(-1, len(agents))
        shifted = np.zeros_like(hours)
        for site, (_, offset) in enumerate(SITES):
            mine = agents.site == site
            shifted[:, mine] = np.roll(hours[:, mine], -offset, axis=0)
        self.present = shifted[24:-24]
        hours_served = [np.nonzero(self.present & (agents.skills[:, queue] == 1)) for queue in range(len(QUEUES))]
        self.counts = np.column_stack([np.bincount(hour, minlength=len(self.present)) for hour, _ in hours_served])
        # who serves a queue in an hour stands in one list, queue by queue and hour by hour
        self._listed = np.concatenate([agent for _, agent in hours_served])
        starts = np.cumsum(self.counts.T.ravel()) - self.counts.T.ravel()
        self._starts = starts.reshape(len(QUEUES), -1).T

    def staffed(self, queue: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        """Agents at work who serve the queue in the hour."""
        return self.counts[np.asarray(hour) - self.first_hour, queue]

    def here(self, agent: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        """Whether the agent is at work in the hour; false for none (-1)."""
        return self.present[np.asarray(hour) - self.first_hour, agent] & (agent >= 0)

    def choose(self, queue: np.ndarray, hour: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """An agent at work who serves the queue, at random; -1 where there is none."""
        row = hour - self.first_hour
        count = self.counts[row, queue]
        position = self._starts[row, queue] + (uniform * count).astype(np.int64)
        return np.where(count > 0, self._listed[np.minimum(position, len(self._listed) - 1)], -1)


def _day(seed: int, agents: Agents, clock: Clock, day: int) -> np.ndarray:
    """Hours of the local day x agents."""
    rng = stream(seed, "roster", day)
    count = len(agents)
    number = np.arange(count)
    weekday = clock.weekday(day)
    works_weekend = (number + (day // 7)) % 4 == 0
    free_weekday = (number * 5 + day // 7) % 5
    working = np.where(weekday >= 5, works_weekend, ~(works_weekend & (free_weekday == weekday)))
    absent = rng.random(count) < 0.05
    on_leave = ((number * 37 + day // 7) % 52) < 5
    # a local day reaches into the UTC days around it: nobody works on the edge of a contract
    employed = (agents.hired < day * DAY) & ((agents.left == MISSING) | (agents.left > (day + 1) * DAY))
    there = working & ~absent & ~on_leave & employed
    hour = np.arange(24)[:, None]
    on_shift = (hour >= agents.shift) & (hour < agents.shift + 9)
    return on_shift & there


def agent_rows(agents: Agents, clock: Clock, day: int) -> pa.Table:
    """What the HR system exports on a day: hires, moves between teams, departures."""
    hired = day_of(agents.hired)
    who = np.nonzero(hired <= 0 if day == 0 else hired == day)[0]
    tables = [_table(agents, clock, who, agents.hired[who], agents.team[who], np.full(len(who), MISSING))]
    moved = agents.moves.filter(pa.array(day_of(agents.moves["recorded"].to_numpy()) == day))
    who, at = moved["agent"].to_numpy(), moved["at"].to_numpy()
    gone = (agents.left[who] != MISSING) & (agents.left[who] <= at) | (agents.hired[who] > at - DAY)
    moved = moved.filter(pa.array(~gone))
    columns = [moved[name].to_numpy() for name in ("agent", "at", "team", "recorded")]
    tables.append(_table(agents, clock, *columns))
    who = np.nonzero(agents.left == day * DAY)[0]
    tables.append(_table(agents, clock, who, agents.left[who], agents.team[who], np.full(len(who), MISSING), gone=True))
    return (
        pa.concat_tables([table for table in tables if table.num_rows])
        if any(t.num_rows for t in tables)
        else tables[0]
    )


def _table(
    agents: Agents,
    clock: Clock,
    who: np.ndarray,
    at: np.ndarray,
    team: np.ndarray,
    recorded: np.ndarray,
    gone: bool = False,
) -> pa.Table:
    if not len(who):
        return pa.table({})
    texts = [";".join(np.array(QUEUES)[agents.skills[one] == 1]) for one in who]
    return pa.table({
        "agent_id": rows.agent_id(who),
        "valid_from": clock.times(at),
        "team_id": rows.label("team", team, 2),
        "site": rows.word([site for site, _ in SITES], agents.site[who]),
        "supervisor_id": rows.agent_id(team % 4 * 24 + 5),
        "hired_on": clock.dates(agents.hired[who]),
        "left_on": clock.dates(agents.left[who] if gone else np.full(len(who), MISSING)),
        "role": rows.word(ROLES, np.minimum(agents.role[who], 2)),
        "skills": pa.array(texts, pa.string()),
        "name": rows.word(NAMES, who % len(NAMES)),
        "recorded_at": clock.times(recorded),
    })  # fmt: skip


def queue_rows(clock: Clock) -> pa.Table:
    """All queues, valid since long before the first day."""
    number = np.arange(len(QUEUES))
    department = [name.split("_")[0] for name in QUEUES[:12]] + ["technical", "accounts"]
    hours = ["Mo-Fr 07:00-23:00; Sa-Su 09:00-17:00"] * 12 + ["Mo-Fr 08:00-20:00"] * 2
    return pa.table({
        "queue": pa.array(QUEUES),
        "valid_from": clock.times(np.full(len(number), -2000 * DAY)),
        "channel": rows.nothing(len(number)),
        "time_zone": pa.array(QUEUE_TIME_ZONE),
        "opening_hours": pa.array(hours),
        "service_level_target": pa.array(["0.80"] * len(number)),
        "service_level_seconds": pa.array(["20"] * 12 + ["60"] * 2),
        "department": pa.array(department),
    })  # fmt: skip
