"""The agents: where they sit, what they master, how able and willing they are, and when they come and go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator.clock import HORIZON_DAYS, MISSING
from simulator.draws import stream
from simulator.reference import DAY, DEPARTMENTS, HOUR, LANGUAGES, QUEUES, RETENTION, SECOND_LINE
from simulator.scale import Scale

# city and hours ahead of UTC, two for each language
SITES = (("leeds", 0), ("austin", -6), ("sevilla", 1), ("monterrey", -6), ("chengdu", 8), ("singapore", 8))
SITE_OFFSET = np.array([offset for _, offset in SITES])
LANGUAGE_SHARE = (0.46, 0.32, 0.22)
TURNOVER_A_YEAR = 0.18
ROLES = ("agent", "senior", "supervisor")
NAMES = ("Alex", "Sam", "Kim", "Lee", "Robin", "Noor", "Mika", "Ines", "Tomas", "Wei", "Lin", "Rosa")
# the desks of a site, each a team: calls and chats are taken by the first, tickets and e-mails by the others
FRONT, BACK_A, BACK_B = range(3)
DESKS = 3
# local hours at which shifts of nine hours begin: together they cover the opening hours
SHIFT_STARTS = np.array([8, 10, 9, 11])


@dataclass
class Agents:
    """One entry per agent ever. Times are seconds since the first day; MISSING: still here."""

    language: np.ndarray
    site: np.ndarray
    desk: np.ndarray
    hired: np.ndarray
    left: np.ndarray
    rank: np.ndarray  # within the desks of a language: staggers shifts, weekends and breaks
    shift: np.ndarray  # local hour at which the day begins
    role: np.ndarray
    speed: np.ndarray  # hidden: above 1 is quicker
    skill: np.ndarray  # hidden ability: raises the chance of solving
    willing: np.ndarray  # hidden: mean willingness; it moves from week to week
    sickness: np.ndarray  # hidden: chance a day that a spell of sickness begins
    laxity: np.ndarray  # hidden: mean minutes late for each planned change of activity
    keep: np.ndarray  # where in a cut of staff the agent stands, 0 to 1
    skills: np.ndarray  # agents x queues, 0 or 1
    moves: pa.Table  # agent, at, recorded, team

    def __len__(self) -> int:
        return len(self.language)

    @property
    def team(self) -> np.ndarray:
        """The first team: a desk of a site."""
        return self.site * DESKS + self.desk

    def leads(self) -> np.ndarray:
        """The lead of each team: the longest-serving supervisor in it, or whoever has served longest."""
        order = np.lexsort((self.hired, self.role != 2))
        teams, first = np.unique(self.team[order], return_index=True)
        leads = np.full(len(SITES) * DESKS, -1)
        leads[teams] = order[first]
        return leads

    @property
    def front(self) -> np.ndarray:
        """Whether the agent takes calls and chats."""
        return self.desk == FRONT

    def employed(self, day: int) -> np.ndarray:
        """Who is under contract for the whole of a local day and the UTC days around it."""
        return (self.hired < day * DAY) & ((self.left == MISSING) | (self.left > (day + 1) * DAY))


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
    desk, rank = _desks(language, scale)
    site = language * 2 + np.isin(rank % 5, (1, 3))
    return Agents(
        language=language,
        site=site,
        desk=desk,
        hired=(hired // DAY).astype(np.int64) * DAY,
        left=left,
        rank=rank,
        shift=SHIFT_STARTS[rank // 2 % 4],
        role=np.where(rng.random(count) < 0.22, 1, 0) + (number % 24 == 5),
        speed=np.exp(0.2 * rng.standard_normal(count)),
        skill=0.4 * rng.standard_normal(count),
        willing=0.5 * rng.standard_normal(count),
        sickness=0.011 * rng.gamma(2.0, 0.5, count),
        laxity=rng.gamma(2.0, 1.2, count),
        keep=rng.random(count),
        skills=_skills(rng, language, desk),
        moves=_moves(seed, count, site, desk),
    )


def _spread(shares: tuple[float, ...], count: int) -> np.ndarray:
    """Numbers 0.. in these shares, evenly mixed, so that a small company has every language too."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges, (np.arange(count) * 0.618034 + 0.31) % 1.0 * edges[-1], side="right")


def _desks(language: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """The desk of each agent and the rank within it, language by language.

    As many sit in front as the language's calls need: the square-root rule of staffing, so that a large
    centre is used better than a small one, as large centres are.
    """
    desk = np.zeros(len(language), dtype=np.int64)
    rank = np.zeros(len(language), dtype=np.int64)
    for spoken, share in enumerate(LANGUAGE_SHARE):
        mine = np.flatnonzero(language == spoken)
        here = max(int((mine < scale.agents).sum()), 1)
        wanted = scale.front_agents(share)
        part = min(max(wanted, 4) / here, 0.7)
        order = np.arange(len(mine))
        front = np.floor((order + 1) * part) > np.floor(order * part)
        desk[mine] = np.where(front, FRONT, BACK_A + order % 2)
        rank[mine] = np.where(front, np.cumsum(front) - 1, np.cumsum(~front) - 1)
    return desk, rank


def _skills(rng: np.random.Generator, language: np.ndarray, desk: np.ndarray) -> np.ndarray:
    """The queues that each agent masters.

    At the back one to three departments of a language; in front most or all of them. Some of both desks also
    serve the second line and retention.
    """
    count = len(language)
    skills = np.zeros((count, len(QUEUES)), dtype=np.int8)
    first = np.zeros(count, dtype=np.int64)
    front = desk == FRONT
    for spoken in range(len(LANGUAGES)):
        for where in (front, ~front):
            mine = np.flatnonzero((language == spoken) & where)
            first[mine] = np.arange(len(mine)) % len(DEPARTMENTS)
    for department in range(len(DEPARTMENTS)):
        knows = (first == department) | (rng.random(count) < np.where(front, 0.8, 0.18))
        skills[knows, department * len(LANGUAGES) + language[knows]] = 1
    for queue, step in ((SECOND_LINE, 7), (RETENTION, 9)):
        skills[:, queue] = np.where(front, rng.random(count) < 0.4, np.arange(count) % step == step // 2)
    return skills


def _moves(seed: int, count: int, site: np.ndarray, desk: np.ndarray) -> pa.Table:
    """Changes of team within the back desk of a site; a few are recorded days late."""
    rng = stream(seed, "agent moves")
    back = np.flatnonzero(desk != FRONT)
    moves = round(count * 0.3 * HORIZON_DAYS / 365)
    agent = back[rng.integers(0, len(back), moves)]
    at = (rng.random(moves) * HORIZON_DAYS).astype(np.int64) * DAY + 6 * HOUR
    late = rng.random(moves) < 0.1
    recorded = at + np.where(late, rng.integers(2, 15, moves) * DAY, rng.integers(60, HOUR, moves))
    team = site[agent] * DESKS + rng.integers(BACK_A, BACK_B + 1, moves)
    table = pa.table({"agent": agent, "at": at, "recorded": recorded, "team": team})
    return table.sort_by([("recorded", "ascending"), ("agent", "ascending")])
