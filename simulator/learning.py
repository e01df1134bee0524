"""How agents learn: each topic in four stages, for everybody from the hire on, and what a stage is worth at work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import HORIZON_DAYS, Clock
from simulator.draws import stream
from simulator.frames import Columns
from simulator.reference import CATEGORY_DEPARTMENT, CATEGORY_NAMES, DAY, HOUR, LAUNCHED_CATEGORIES
from simulator.scenarios import Levers
from simulator.workforce import Agents

STAGES = ("learned", "checked", "simulated", "executed")
# by the highest stage passed, from none to executed
HANDLE_TIME = np.array([1.30, 1.20, 1.12, 1.05, 1.0])
RESOLUTION = np.array([-0.60, -0.40, -0.25, -0.10, 0.0])  # added to the log odds of solving at once
TRIES = 3
FAILS = np.array([0.0, 0.22, 0.12, 0.0])
# topics of other departments that an agent takes up; most draws name one that is known already
NEW_TOPICS_A_YEAR = 0.6
LAUNCH_LEAD_DAYS = 10
# topics that were begun longer before the first day are no longer in the learning system
KEPT_DAYS = 365


@dataclass
class Learning(Columns):
    """One entry per stage taken, in order of time; `at` in seconds since the first day."""

    agent: np.ndarray
    topic: np.ndarray  # a category
    stage: np.ndarray
    at: np.ndarray
    score: np.ndarray
    passed: np.ndarray

    def learners(self, day: int) -> np.ndarray:
        """The agents who are taught on a day."""
        lo, hi = np.searchsorted(self.at, [day * DAY, (day + 1) * DAY])
        return np.unique(self.agent[lo:hi])


def create_learning(seed: int, agents: Agents, levers: Levers) -> Learning:
    """All stages of all agents over the horizon, and those taken before the first day."""
    rng = stream(seed, "learning")
    departments = agents.skills[:, :12].reshape(len(agents), 4, 3).any(axis=2)
    knows = np.asarray(departments)[:, CATEGORY_DEPARTMENT[:LAUNCHED_CATEGORIES]]
    agent, topic = np.nonzero(knows)
    # topics are taken up one after the other, a week apart
    turn = knows.cumsum(axis=1)[agent, topic] - 1
    begins = agents.hired[agent] + (turn * 7 + rng.integers(0, 4, len(agent))) * DAY
    parts = [_stages(rng, agent, topic, begins)]
    more = round(len(agents) * NEW_TOPICS_A_YEAR * HORIZON_DAYS / 365)
    who = rng.integers(0, len(agents), more)
    what = rng.integers(0, LAUNCHED_CATEGORIES, more)
    # nobody is taught a topic twice
    first = np.zeros(more, dtype=bool)
    first[np.unique(who * LAUNCHED_CATEGORIES + what, return_index=True)[1]] = True
    fresh = first & ~knows[who, what]
    at = (rng.random(more) * HORIZON_DAYS).astype(np.int64) * DAY
    parts.append(_stages(rng, who[fresh], what[fresh], np.maximum(at, agents.hired[who])[fresh]))
    parts += _launches(rng, agents, levers)
    found = Learning.join(parts)
    return found.take(np.lexsort((found.stage, found.topic, found.agent, found.at)))


def _stages(rng: np.random.Generator, agent: np.ndarray, topic: np.ndarray, begins: np.ndarray) -> Learning:
    """Four stages each, some days apart; a failed check or simulation is repeated until the last try."""
    parts, at = [], begins + 9 * HOUR
    for stage in range(len(STAGES)):
        open_ = np.ones(len(agent), dtype=bool)
        for attempt in range(TRIES):
            passed = (rng.random(len(agent)) >= FAILS[stage]) | (attempt == TRIES - 1)
            score = np.where(passed, 0.72 + 0.27 * rng.random(len(agent)), 0.35 + 0.3 * rng.random(len(agent)))
            parts.append(Learning(agent, topic, np.full(len(agent), stage), at, score, passed).take(open_))
            open_ = open_ & ~passed
            at = np.where(open_, at + 3 * DAY, at)
            if not open_.any():
                break
        at = at + rng.integers(2, 8, len(agent)) * DAY
    return Learning.join(parts)


def _launches(rng: np.random.Generator, agents: Agents, levers: Levers) -> list[Learning]:
    """When a product is launched, everybody learns its topics, the first ten days before."""
    parts = []
    for starts, _ in levers.starts("product.smart_watch"):
        for topic in range(LAUNCHED_CATEGORIES, len(CATEGORY_NAMES)):
            here = np.flatnonzero(agents.employed(starts))
            begins = (starts - LAUNCH_LEAD_DAYS + rng.integers(0, 40, len(here))) * DAY
            parts.append(_stages(rng, here, np.full(len(here), topic), begins))
    return parts


class Levels:
    """The highest stage that each agent has passed in each topic, 0 (none) to 4, as of a day."""

    def __init__(self, agents: int, learning: Learning) -> None:
        self._learning, self._next = learning, 0
        self.stage = np.zeros((agents, len(CATEGORY_NAMES)), dtype=np.int64)

    def advance(self, day: int) -> np.ndarray:
        """Count in what was passed before the day."""
        found = self._learning
        until = int(np.searchsorted(found.at, day * DAY))
        some = slice(self._next, until)
        passed = found.passed[some]
        np.maximum.at(
            self.stage, (found.agent[some][passed], found.topic[some][passed]), found.stage[some][passed] + 1
        )  # fmt: skip
        self._next = until
        return self.stage


def willingness(seed: int, agents: Agents, day: int) -> np.ndarray:
    """How willing each agent is in the week of a day: around a mean of one's own, correlated from week to week."""
    week = day // 7
    drift = sum(0.6**ago * stream(seed, "willing", week - ago).standard_normal(len(agents)) for ago in range(6))
    return np.asarray(agents.willing + 0.3 * drift)


def _kept(learning: Learning) -> np.ndarray:
    """The rows of topics begun within KEPT_DAYS before the first day, or later."""
    topic = learning.agent * len(CATEGORY_NAMES) + learning.topic
    _, first, position = np.unique(topic, return_index=True, return_inverse=True)
    return np.flatnonzero(learning.at[first][position] >= -KEPT_DAYS * DAY)


def learning_rows(learning: Learning, agents: Agents, clock: Clock, day: int) -> pa.Table:
    """Contract rows of `agent_learning` that the learning system exports on a day; on the first also what it kept."""
    lo, hi = np.searchsorted(learning.at, [day * DAY, (day + 1) * DAY])
    chosen = learning.take(np.intersect1d(_kept(learning), np.arange(hi)) if day == 0 else np.arange(lo, hi))
    left = agents.left[chosen.agent]
    chosen = chosen.take((left < 0) | (left > chosen.at))
    return pa.table({
        "agent_id": rows.agent_id(chosen.agent),
        "topic": rows.word(CATEGORY_NAMES, chosen.topic),
        "stage": rows.word(STAGES, chosen.stage),
        "occurred_at": clock.times(chosen.at),
        "score": rows.decimal(chosen.score, 3),
        "passed": rows.flag(chosen.passed),
    })  # fmt: skip
