"""The chance that an open ticket escalates within the coming hour, as a function of its state.

    chance = 1 / (1 + exp(-(INTERCEPT + sum of COEFFICIENTS[term] * term)))

Only the terms see the state, so that a regression of what happened on the terms gives the coefficients back.
"""

from __future__ import annotations

import numpy as np

from simulator.reference import NORMAL, ON_HOLD, OPEN, PENDING, SOLVED, URGENT
from simulator.tickets import NEVER, Tickets

INTERCEPT = -8.15
THREAT_HOURS = 48
COEFFICIENTS = {
    "waiting": 0.25,  # log(1 + days since the customer's oldest unanswered message)
    "silence": 0.2,  # log(1 + days since our last public message)
    "unanswered": 0.12,  # customer messages since ours, up to 4
    "handoffs": 0.15,  # changes of agent or queue, up to 4
    "anger": 0.48,  # hidden mood, 0 to 5: tone follows it
    "threat": 1.9,  # a threat was written within two days
    "past": 0.55,  # the customer's earlier escalations, up to 3
    "reopens": 0.45,  # up to 2
    "waiting_by_worth": 0.65,  # valuable customers don't wait
    "handoffs_by_anger": 0.15,
    "unheard_by_anger": 0.5,  # no word from us yet
    "unanswered_by_low_priority": 0.28,  # many messages on a ticket ranked low or normal
    "waiting_by_backlog": 0.35,  # log of the queue's backlog over its usual one, within -1 and 1.5
    "waiting_on_line": 0.9,  # a business line or fibre that is down
    "failed_payment_in_billing": 1.1,
    "contract_ending_by_anger": 0.35,
    "urgent": -0.3,
    "turn_is_theirs": -1.35,  # pending or on hold
    "awake": 0.8,  # log of how awake the region is in the hour
}


def terms(tickets: Tickets, hour: np.ndarray | int, backlog: np.ndarray, awake: np.ndarray) -> dict[str, np.ndarray]:
    """The terms of each ticket at the start of an hour.

    backlog: log of the ticket's queue's backlog over its usual one; awake: of its region in the hour.
    """
    ours = tickets.status <= OPEN
    waiting = np.where(ours, np.log1p((hour - tickets.wait_hour) / 24.0), 0.0)
    unanswered = np.minimum(tickets.unanswered, 4) * ours
    handoffs = np.minimum(tickets.handoffs, 4)
    return {
        "waiting": waiting,
        "silence": np.log1p(np.minimum(hour - tickets.reply_hour, 240) / 24.0),
        "unanswered": unanswered,
        "handoffs": handoffs,
        "anger": tickets.anger,
        "threat": (tickets.threat_hour != NEVER) & (hour - tickets.threat_hour <= THREAT_HOURS),
        "past": np.minimum(tickets.past, 3),
        "reopens": np.minimum(tickets.reopens, 2),
        "waiting_by_worth": waiting * np.clip(tickets.worth, 0, 3),
        "handoffs_by_anger": handoffs * tickets.anger,
        "unheard_by_anger": (tickets.rounds == 0) * tickets.anger,
        "unanswered_by_low_priority": unanswered * (tickets.priority <= NORMAL),
        "waiting_by_backlog": waiting * np.clip(backlog, -1.0, 1.5),
        "waiting_on_line": waiting * ((tickets.category == 3) & ((tickets.product == 5) | (tickets.product == 0))),
        "failed_payment_in_billing": tickets.failed_payment * (tickets.queue < 3),
        "contract_ending_by_anger": tickets.ending * tickets.anger,
        "urgent": tickets.priority == URGENT,
        "turn_is_theirs": (tickets.status == PENDING) | (tickets.status == ON_HOLD),
        "awake": np.log(awake + 0.05),
    }


def chance(
    tickets: Tickets,
    hour: np.ndarray | int,
    backlog: np.ndarray,
    awake: np.ndarray,
    changed: dict[str, np.ndarray | float] | None = None,
) -> np.ndarray:
    """The chance of escalating within the hour; 0 for tickets not opened yet, solved, closed or escalated before.

    changed: what a scenario adds to the coefficients.
    """
    score = np.full(len(tickets), INTERCEPT)
    for name, values in terms(tickets, hour, backlog, awake).items():
        score += (COEFFICIENTS[name] + (changed or {}).get(name, 0.0)) * values
    exposed = (tickets.opened_hour < hour) & (tickets.status < SOLVED) & (tickets.escalated_hour == NEVER)
    return np.where(exposed, 1.0 / (1.0 + np.exp(-score)), 0.0)
