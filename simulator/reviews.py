"""Quality reviews: a lead listens to some of each agent's contacts and scores them, each in a way of their own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import MISSING, Clock
from simulator.contacts import Contacts, Staff
from simulator.draws import stream
from simulator.reference import DAY, HOUR

REVIEWED = 0.025
REVIEWS_A_DAY = 100_000  # room for review numbers
SPREAD, REVIEWER_BIAS = 0.09, 0.06
CRITICAL = 0.012


def review_table(seed: int, clock: Clock, day: int, contacts: Contacts, staff: Staff) -> tuple[pa.Table, np.ndarray]:
    """Contract rows of `quality_reviews` of a day's contacts, one each, and the day on which each is made."""
    rng = stream(seed, "reviews", day)
    spoken_with = (contacts.agent >= 0) & (contacts.answered != MISSING)
    chosen = np.flatnonzero(spoken_with & (rng.random(len(contacts)) < REVIEWED))
    agent, count = contacts.agent[chosen], len(chosen)
    # a reviewer's strictness stays the same for years
    reviewer = staff.agents.team[agent]
    bias = REVIEWER_BIAS * stream(seed, "reviewers").standard_normal(int(staff.agents.team.max()) + 1)[reviewer]
    able = 0.10 * staff.agents.skill[agent] + 0.06 * staff.willing[agent]
    learned = 0.03 * (staff.stage[agent, contacts.category[chosen]] - 4)
    outcome = 0.05 * (contacts.resolved[chosen] == 1)
    score = np.clip(0.76 + able + learned + outcome + bias + SPREAD * rng.standard_normal(count), 0, 1)
    at = contacts.ended[chosen] + rng.integers(DAY, 6 * DAY, count) // HOUR * HOUR
    critical = rng.random(count) < CRITICAL * np.exp(-3 * (able + learned))
    table = pa.table({
        "review_id": rows.label("Q", day * REVIEWS_A_DAY + np.arange(count), 9),
        "reviewed_at": clock.times(at),
        "agent_id": rows.agent_id(agent),
        "contact_id": rows.contact_id(contacts.number[chosen]),
        "ticket_id": rows.nothing(count),
        "score": rows.decimal(score, 3),
        "critical_error": rows.flag(critical),
    })  # fmt: skip
    return table, at // DAY
