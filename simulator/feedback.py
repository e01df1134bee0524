"""Surveys, and what happens to customers' accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.aftermath import Moment
from simulator.clock import MISSING, Clock
from simulator.contacts import ANSWERED, Contacts
from simulator.customers import Customers
from simulator.draws import stream
from simulator.dynamics import Acts
from simulator.memory import Memory
from simulator.reference import CHAT, DAY, HOUR, PRODUCTS, SOLVED
from simulator.scenarios import Levers
from simulator.seasons import BILLING_DAYS, Outage, outages
from simulator.texts.grammar import texts
from simulator.tickets import NEVER, Tickets

SENT_AFTER_TICKET, SENT_AFTER_CONTACT = 0.4, 0.09
# the score is a rounded straight line of the mood, which varies around what is expected
CSAT_MIDDLE, CSAT_SLOPE, MOOD_SPREAD, OWN_BIAS = 3.6, 1.1, 0.7, 0.5
LOW = 2  # a low score is at most this
ACCOUNT_KINDS = (
    "payment_failed", "arrears", "contract_expiring", "outage", "complaint", "order", "plan_overuse", "refund",
    "churned",
)  # fmt: skip
FAILED, ARREARS, EXPIRING, OUTAGE, COMPLAINT, ORDER, OVERUSE, REFUND, CHURNED = range(len(ACCOUNT_KINDS))


# customer, second, kind, amount, product
Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass
class Surveys:
    """Surveys sent on a day: rows, the day each is exported on (when sent, and again when answered), and low scores."""

    table: pa.Table
    due: np.ndarray
    moment: Moment


def survey_table(
    rng: np.random.Generator, clock: Clock, first_number: int, tickets: Tickets, acts: Acts, contacts: Contacts,
    customers: Customers,
) -> Surveys:  # fmt: skip
    """Surveys sent on a day, one row each and another where the answer comes on a later day."""
    solved = np.flatnonzero((acts.status_after == SOLVED) & (acts.status != SOLVED))
    solved = solved[rng.random(len(solved)) < SENT_AFTER_TICKET]
    row = acts.row[solved]
    called = np.flatnonzero((contacts.outcome == ANSWERED) & (contacts.ticket < 0))
    called = called[rng.random(len(called)) < SENT_AFTER_CONTACT]
    customer = np.concatenate([tickets.customer[row], contacts.customer[called]])
    channel = np.concatenate([tickets.channel[row], contacts.channel[called]])
    count, none = len(customer), -1
    ticket = np.concatenate([tickets.number[row], np.full(len(called), none)])
    contact = np.concatenate([np.full(len(row), none), contacts.number[called]])
    sent = np.concatenate([acts.hour[solved] * HOUR + acts.offset[solved] + 1800, contacts.ended[called] + 600])
    expected = _mood(tickets, acts, solved, contacts, called) + OWN_BIAS * customers.bias[customer]
    mood = expected + MOOD_SPREAD * rng.standard_normal(count)
    answers = rng.random(count) < np.where(np.abs(mood) > 1, 0.42, 0.25)
    responded = np.where(
        answers, sent + np.minimum(rng.exponential(9 * HOUR, count), 6 * DAY).astype(np.int64) + 60, MISSING
    )
    csat = np.where(answers, np.clip(np.rint(CSAT_MIDDLE + CSAT_SLOPE * mood), 1, 5), -1)
    nps = np.where(
        answers & (rng.random(count) < 0.8), np.clip(np.rint(7.2 + 2.2 * mood + rng.standard_normal(count)), 0, 10), -1
    )
    ces = np.where(
        answers & (rng.random(count) < 0.6), np.clip(np.rint(4.6 + 1.2 * mood + rng.standard_normal(count)), 1, 7), -1
    )
    table = pa.table({
        "survey_id": rows.label("S", first_number + np.arange(count), 8),
        "sent_at": clock.times(sent),
        "responded_at": clock.times(responded),
        "contact_id": rows.contact_id(contact),
        "ticket_id": rows.ticket_id(ticket),
        "customer_id": rows.customer_id(customers.exported(customer, channel)),
        "csat": rows.whole(csat),
        "nps": rows.whole(nps),
        "ces": rows.whole(ces),
        "comment": _remarks(rng, mood, answers, customers.language[customer]),
    })  # fmt: skip
    low = Moment(
        "low_csat", (first_number + np.arange(count))[answers], sent[answers], low_chance(expected)[answers],
        csat[answers] <= LOW, {"mood": expected[answers]},
    )  # fmt: skip
    # A survey that is exported only once it's answered would tell by its coming who answers.
    later = answers & (responded // DAY > sent // DAY)
    rows_due = np.concatenate([sent[later], np.where(answers, responded, sent)]) // DAY
    return Surveys(pa.concat_tables([_unanswered(table.filter(pa.array(later))), table]), rows_due, low)


def _unanswered(table: pa.Table) -> pa.Table:
    """The same surveys before their answer."""
    for name in ("responded_at", "csat", "nps", "ces", "comment"):
        column = table.schema.get_field_index(name)
        table = table.set_column(column, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    return table


def _mood(tickets: Tickets, acts: Acts, solved: np.ndarray, contacts: Contacts, called: np.ndarray) -> np.ndarray:
    """How satisfied these tickets and contacts leave a customer, before chance and habit."""
    row = acts.row[solved]
    days = (acts.hour[solved] * HOUR - tickets.opened[row]) / DAY
    wait = contacts.answered[called] - contacts.offered[called]
    by_ticket = 1.25 - 0.5 * acts.anger[solved] - 0.12 * np.minimum(days, 10) - 0.4 * tickets.reopens[row]
    by_ticket -= 0.8 * (tickets.escalated_hour[row] != NEVER)
    spoken = contacts.channel[called] <= CHAT
    by_contact = 0.35 + 0.9 * (contacts.resolved[called] == 1) - spoken * np.minimum(wait / 900, 2)
    return np.concatenate([by_ticket, by_contact])


def low_chance(expected: np.ndarray) -> np.ndarray:
    """The chance that an answered score is 1 or 2 of 5, from the mood expected.

    Whether somebody answers depends on the mood as well (strong feelings answer more), so the mood of those who
    answer is weighted: the integral is taken on a grid.
    """
    steps = np.linspace(-3.5, 3.5, 141)
    density = np.exp(-(steps**2) / 2)
    mood = expected[:, None] + MOOD_SPREAD * steps[None, :]
    weight = density * np.where(np.abs(mood) > 1, 0.42, 0.25)
    # scores round half to even: 2.5 becomes 2
    low = CSAT_MIDDLE + CSAT_SLOPE * mood <= LOW + 0.5
    return np.asarray((weight * low).sum(axis=1) / weight.sum(axis=1))


def _remarks(rng: np.random.Generator, mood: np.ndarray, answers: np.ndarray, language: np.ndarray) -> pa.Array:
    wording = texts()
    u = rng.random((2, len(mood)))
    good = wording.pick("survey_good", language, u[0])
    bad = wording.pick("survey_bad", language, u[0])
    return wording.join(np.where(answers & (u[1] < 0.4), np.where(mood > 0.2, good, bad), 0))


def account_events(
    seed: int, clock: Clock, day: int, customers: Customers, memory: Memory,
    complaints: list[tuple[np.ndarray, np.ndarray]], value: np.ndarray, levers: Levers,
) -> tuple[pa.Table, np.ndarray]:  # fmt: skip
    """The day's account events in order of time, and the day of each; notes failed payments in the memory."""
    rng = stream(seed, "account events", day)
    here = ~memory.gone_by(day)
    member = np.flatnonzero((customers.signed_up < day * DAY) & here)
    parts = [_failed_payments(rng, clock, day, customers, member, value)]
    memory.failed_day[parts[0][0]] = day
    owing = np.flatnonzero((day - memory.failed_day == 10) & here & (rng.random(len(customers)) < 0.35))
    parts.append(_part(rng, owing, ARREARS, value[owing], day))
    ending = member[(customers.contract_end[member] - day) % 365 == 30]
    parts.append(_part(rng, ending, EXPIRING, np.full(len(ending), np.nan), day))
    parts += [_hit(rng, customers, member, outage) for outage in outages(seed, day, levers)]
    parts += [
        (who, at, np.full(len(at), COMPLAINT), np.full(len(at), np.nan), np.full(len(at), -1)) for who, at in complaints
    ]
    leaving = np.flatnonzero((memory.left_at != NEVER) & (memory.left_at // DAY == day))
    at = memory.left_at[leaving]
    parts.append((leaving, at, np.full(len(at), CHURNED), value[leaving], np.full(len(at), -1)))
    for kind, rate, factor in ((ORDER, 0.004, 3.0), (OVERUSE, 0.0012, 0.3), (REFUND, 0.0008, 0.6)):
        who = member[rng.random(len(member)) < rate]
        parts.append(_part(rng, who, kind, value[who] * factor, day))
    return _account_table(clock, parts)


def _hit(rng: np.random.Generator, customers: Customers, member: np.ndarray, outage: Outage) -> Part:
    """Those whose line an outage takes down."""
    has = (customers.region[member] == outage.region) & (customers.products[member] == outage.product).any(axis=1)
    who = member[has & (rng.random(len(member)) < 0.6)]
    count = len(who)
    return (
        who, np.full(count, outage.starts), np.full(count, OUTAGE), np.full(count, np.nan),
        np.full(count, outage.product),
    )  # fmt: skip


def _part(rng: np.random.Generator, who: np.ndarray, kind: int, amount: np.ndarray, day: int) -> Part:
    at = day * DAY + rng.integers(0, DAY, len(who))
    return who, at, np.full(len(who), kind), amount, np.full(len(who), -1)


def _failed_payments(
    rng: np.random.Generator, clock: Clock, day: int, customers: Customers, member: np.ndarray, value: np.ndarray
) -> Part:
    if clock.date(day).day not in BILLING_DAYS:
        return _part(rng, member[:0], FAILED, value[:0], day)
    # each customer is billed on one of the billing days
    billed = member[member % len(BILLING_DAYS) == clock.date(day).day - 1]
    failed = billed[rng.random(len(billed)) < customers.payer[billed]]
    return _part(rng, failed, FAILED, value[failed], day)


def _account_table(clock: Clock, parts: list[Part]) -> tuple[pa.Table, np.ndarray]:
    who, at, kind, amount, product = (np.concatenate([part[i] for part in parts]) for i in range(5))
    order = np.lexsort((kind, who, at))
    # the key is customer, moment and kind
    key = np.column_stack([who, at, kind])[order]
    order = order[np.append(True, (np.diff(key, axis=0) != 0).any(axis=1))] if len(order) else order
    table = pa.table({
        "customer_id": rows.customer_id(who[order]),
        "occurred_at": clock.times(at[order]),
        "kind": rows.word(ACCOUNT_KINDS, kind[order]),
        "amount": rows.decimal(amount[order]),
        "detail": rows.word(PRODUCTS, product[order]),
    })  # fmt: skip
    return table, at[order] // DAY
