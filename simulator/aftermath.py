"""What a day's contacts leave behind: customers who come again, complaints, good and ill will."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import causes
from simulator.contacts import ABANDONED, ANSWERED, INBOUND, TRANSFERRED, Contacts
from simulator.customers import Customers
from simulator.demand import Returns
from simulator.memory import Memory
from simulator.reference import CATEGORY_DIFFICULTY, CHAT, DAY

COMES_BACK_WITHIN = 7  # days
NEXT_DAY_SHARE = 0.4  # of those who weren't helped; each later day this share of the rest
COMPLAINT_DELAY = 7200  # seconds at most


@dataclass
class Moment:
    """A cause at work on some rows: who, when known, with what chance and terms, and whether it happened."""

    name: str
    entity: np.ndarray
    at: np.ndarray
    chance: np.ndarray
    happened: np.ndarray
    terms: dict[str, np.ndarray]


@dataclass
class Aftermath:
    """What follows a day's contacts. complaints: customer and second of each."""

    returns: Returns
    complaints: tuple[np.ndarray, np.ndarray]
    moments: list[Moment]


def after_contacts(
    rng: np.random.Generator, contacts: Contacts, customers: Customers, memory: Memory, day: int
) -> Aftermath:
    """Draw what follows; harm and relief go into the memory."""
    last = contacts.take((contacts.outcome != TRANSFERRED) & (contacts.direction == INBOUND))
    terms = _terms(last, customers, memory)
    back_chance = causes.REPEAT.chance(terms)
    # those with a ticket wait for it and ask after it
    asks = last.ticket < 0
    hung_up = (last.outcome == ABANDONED) & (last.channel <= CHAT)
    back = asks & np.where(hung_up, last.comes_back == 1, rng.random(len(last)) < back_chance)
    lag = np.where(
        last.outcome == ABANDONED, 1, np.minimum(rng.geometric(NEXT_DAY_SHARE, len(last)), COMES_BACK_WITHIN)
    )
    later = back & ~(hung_up & (last.dials_again == 1))
    again = last.take(later)
    # an e-mail may be answered days later, and nobody comes back before
    due = np.maximum(again.ended // DAY, day) + lag[later]
    returns = Returns(due, again.customer, again.category, again.product, again.channel)
    complaint_chance = causes.COMPLAINT.chance(terms)
    complains = rng.random(len(last)) < complaint_chance
    at = last.ended + rng.integers(60, COMPLAINT_DELAY, len(last))
    _remember(last, contacts, memory)
    only = {name: values[asks] for name, values in terms.items()}
    moments = [
        Moment(
            "repeat_contact",
            last.number[asks],
            last.ended[asks],
            back_chance[asks],
            back[asks],
            causes.REPEAT.own(only),
        ),
        Moment("complaint", last.number, last.ended, complaint_chance, complains, causes.COMPLAINT.own(terms)),
    ]
    return Aftermath(returns, (last.customer[complains], at[complains]), moments)


def _terms(last: Contacts, customers: Customers, memory: Memory) -> dict[str, np.ndarray]:
    who, count = last.customer, len(last)
    waited = np.where(last.outcome == ANSWERED, last.answered, last.ended) - last.offered
    return {
        "gave_up": (last.outcome == ABANDONED) & (last.channel <= CHAT),
        "unresolved": last.resolved == 0,
        "waited": np.log1p(np.maximum(waited, 0) / 60) * (last.channel <= CHAT),
        "transferred": last.parent >= 0,
        "difficulty": CATEGORY_DIFFICULTY[last.category],
        "temper": np.log(customers.temper[who]),
        "discontent": memory.discontent[who],
        "escalated": np.zeros(count),
        "complained": np.minimum(memory.complaints[who], 3),
    }


def _remember(last: Contacts, contacts: Contacts, memory: Memory) -> None:
    spoken = last.channel <= CHAT
    for name, where in (
        ("gave_up", (last.outcome == ABANDONED) & spoken),
        ("unresolved", last.resolved == 0),
        ("long_wait", spoken & (last.outcome == ANSWERED) & (last.answered - last.offered > causes.LONG_WAIT_SECONDS)),
    ):
        memory.harm(last.customer[where], causes.HARM[name])
    memory.harm(contacts.customer[contacts.outcome == TRANSFERRED], causes.HARM["transferred"])
    memory.relieve(last.customer[last.resolved == 1], causes.RELIEF["resolved"])


def after_escalations(
    rng: np.random.Generator,
    ticket: np.ndarray,
    customer: np.ndarray,
    at: np.ndarray,
    customers: Customers,
    memory: Memory,
) -> tuple[tuple[np.ndarray, np.ndarray], Moment]:
    """Complaints of customers whose tickets have escalated."""
    zeros = np.zeros(len(ticket))
    terms = dict.fromkeys(causes.COMPLAINT.coefficients, zeros) | {
        "escalated": np.ones(len(ticket)),
        "temper": np.log(customers.temper[customer]),
        "discontent": memory.discontent[customer],
        "complained": np.minimum(memory.complaints[customer], 3),
    }
    chance = causes.COMPLAINT.chance(terms)
    complains = rng.random(len(ticket)) < chance
    later = at + rng.integers(60, COMPLAINT_DELAY, len(ticket))
    return (customer[complains], later[complains]), Moment("complaint", ticket, at, chance, complains, terms)


def after_tickets(
    customer: np.ndarray, escalated: np.ndarray, late: np.ndarray, solved: np.ndarray, memory: Memory
) -> None:
    """Remember what happened to tickets. customer: of every ticket; the others: rows of tickets."""
    memory.harm(customer[escalated], causes.HARM["escalated"])
    memory.harm(customer[late], causes.HARM["late"])
    memory.relieve(customer[solved], causes.RELIEF["solved"])
