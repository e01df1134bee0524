"""Surveys, and what happens to customers' accounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import MISSING, Clock
from simulator.contacts import ANSWERED, Contacts
from simulator.customers import Customers
from simulator.draws import stream
from simulator.dynamics import ESCALATE, Acts
from simulator.reference import CHAT, DAY, HOUR, PRODUCTS, SOLVED
from simulator.seasons import BILLING_DAYS, outages
from simulator.texts.grammar import texts
from simulator.tickets import NEVER, History, Tickets

SENT_AFTER_TICKET, SENT_AFTER_CONTACT = 0.4, 0.09
ACCOUNT_KINDS = (
    "payment_failed", "arrears", "contract_expiring", "outage", "complaint", "order", "plan_overuse", "refund",
)  # fmt: skip
FAILED, ARREARS, EXPIRING, OUTAGE, COMPLAINT, ORDER, OVERUSE, REFUND = range(len(ACCOUNT_KINDS))


def survey_table(
    rng: np.random.Generator,
    clock: Clock,
    day: int,
    first_number: int,
    tickets: Tickets,
    acts: Acts,
    contacts: Contacts,
    customers: Customers,
) -> tuple[pa.Table, np.ndarray]:
    """Surveys sent on a day, one row each, and the day on which each row is exported (answered ones: when answered)."""
    solved = np.flatnonzero((acts.status_after == SOLVED) & (acts.status != SOLVED))
    solved = solved[rng.random(len(solved)) < SENT_AFTER_TICKET]
    row = acts.row[solved]
    called = np.flatnonzero((contacts.outcome == ANSWERED) & (contacts.ticket < 0))
    called = called[rng.random(len(called)) < SENT_AFTER_CONTACT]
    customer = np.concatenate([tickets.customer[row], contacts.customer[called]])
    count, none = len(customer), -1
    ticket = np.concatenate([tickets.number[row], np.full(len(called), none)])
    contact = np.concatenate([np.full(len(row), none), contacts.number[called]])
    sent = np.concatenate([acts.hour[solved] * HOUR + acts.offset[solved] + 1800, contacts.ended[called] + 600])
    days = (sent[: len(row)] - tickets.opened[row]) / DAY
    wait = contacts.answered[called] - contacts.offered[called]
    mood = np.concatenate([
        1.25 - 0.5 * acts.anger[solved] - 0.12 * np.minimum(days, 10) - 0.4 * tickets.reopens[row],
        0.35 + 0.9 * (contacts.resolved[called] == 1) - (contacts.channel[called] <= CHAT) * np.minimum(wait / 900, 2),
    ])  # fmt: skip
    mood[: len(row)] -= 0.8 * (tickets.escalated_hour[row] != NEVER)
    mood = mood + 0.5 * customers.bias[customer] + 0.7 * rng.standard_normal(count)
    answers = rng.random(count) < np.where(np.abs(mood) > 1, 0.42, 0.25)
    responded = np.where(
        answers, sent + np.minimum(rng.exponential(9 * HOUR, count), 6 * DAY).astype(np.int64) + 60, MISSING
    )
    csat = np.where(answers, np.clip(np.rint(3.6 + 1.1 * mood), 1, 5), -1)
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
        "customer_id": rows.customer_id(customer),
        "csat": rows.whole(csat),
        "nps": rows.whole(nps),
        "ces": rows.whole(ces),
        "comment": _remarks(rng, mood, answers, customers.language[customer]),
    })  # fmt: skip
    return table, np.where(answers, responded, sent) // DAY


def _remarks(rng: np.random.Generator, mood: np.ndarray, answers: np.ndarray, language: np.ndarray) -> pa.Array:
    wording = texts()
    u = rng.random((2, len(mood)))
    good = wording.pick("survey_good", language, u[0])
    bad = wording.pick("survey_bad", language, u[0])
    return wording.join(np.where(answers & (u[1] < 0.4), np.where(mood > 0.2, good, bad), 0))


def account_events(
    seed: int,
    clock: Clock,
    day: int,
    customers: Customers,
    history: History,
    tickets: Tickets,
    acts: Acts,
    value: np.ndarray,
) -> pa.Table:
    """The day's account events in order of time; notes failed payments in the history."""
    rng = stream(seed, "account events", day)
    member = np.flatnonzero(customers.signed_up < day * DAY)
    parts = [_failed_payments(rng, clock, day, customers, member, value)]
    history.failed_day[parts[0][0]] = day
    owing = np.flatnonzero((day - history.failed_day == 10) & (rng.random(len(customers)) < 0.35))
    parts.append(_part(rng, owing, ARREARS, value[owing], day))
    ending = member[(customers.contract_end[member] - day) % 365 == 30]
    parts.append(_part(rng, ending, EXPIRING, np.full(len(ending), np.nan), day))
    for outage in outages(seed, day):
        region = np.flatnonzero(
            (customers.region == outage.region) & (customers.products == outage.product).any(axis=1)
        )
        region = region[(customers.signed_up[region] < day * DAY) & (rng.random(len(region)) < 0.6)]
        at = np.full(len(region), outage.starts)
        parts.append(
            (
                region,
                at,
                np.full(len(region), OUTAGE),
                np.full(len(region), np.nan),
                np.full(len(region), outage.product),
            )
        )
    escalated = np.flatnonzero(acts.act == ESCALATE)
    escalated = escalated[rng.random(len(escalated)) < 0.22]
    complaining = tickets.customer[acts.row[escalated]]
    at = np.minimum(acts.hour[escalated] * HOUR + acts.offset[escalated] + 900, (day + 1) * DAY - 1)
    parts.append((complaining, at, np.full(len(at), COMPLAINT), np.full(len(at), np.nan), np.full(len(at), -1)))
    for kind, rate, factor in ((ORDER, 0.004, 3.0), (OVERUSE, 0.0012, 0.3), (REFUND, 0.0008, 0.6)):
        who = member[rng.random(len(member)) < rate]
        parts.append(_part(rng, who, kind, value[who] * factor, day))
    return _account_table(clock, parts)


Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


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


def _account_table(clock: Clock, parts: list[Part]) -> pa.Table:
    who, at, kind, amount, product = (np.concatenate([part[i] for part in parts]) for i in range(5))
    order = np.lexsort((kind, who, at))
    # the key is customer, moment and kind
    key = np.column_stack([who, at, kind])[order]
    order = order[np.append(True, (np.diff(key, axis=0) != 0).any(axis=1))] if len(order) else order
    return pa.table({
        "customer_id": rows.customer_id(who[order]),
        "occurred_at": clock.times(at[order]),
        "kind": rows.word(ACCOUNT_KINDS, kind[order]),
        "amount": rows.decimal(amount[order]),
        "detail": rows.word(PRODUCTS, product[order]),
    })  # fmt: skip
