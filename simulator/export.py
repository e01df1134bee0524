"""A day's rows as the company's systems export them, put into the outbox by the day on which each goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import events as happened
from simulator import feedback, hr_rows, plans, reviews
from simulator.actions import Acted
from simulator.clock import Clock
from simulator.contact_rows import contact_table
from simulator.contacts import INBOUND, Contacts, Staff
from simulator.customers import Customers, all_customer_rows, customer_rows, identity_rows
from simulator.demand import Wishes
from simulator.draws import stream
from simulator.dynamics import Acts
from simulator.events import ESCALATION
from simulator.floor.intervals import interval_table
from simulator.floor.shifts import Spans, shift_table
from simulator.learning import Learning, learning_rows
from simulator.outbox import Outbox
from simulator.reference import CATEGORY_NAMES, DAY, HOUR, PRODUCTS
from simulator.scenarios import Levers
from simulator.seasons import calendar_rows
from simulator.self_service import session_table
from simulator.tickets import Tickets
from simulator.versions import corrected_contacts, corrected_tickets, export_days, recording_lag
from simulator.workforce import Agents

SURVEYS_A_DAY = 100_000  # room for survey numbers


@dataclass
class Day:
    """What happened on a day.

    gone: customers who had left before. tickets: as they stand at the day's end. opened: tickets at their opening,
    their rows, who opened them; one entry per group. account: rows of account events and the day of each. planned:
    shifts exported; lived: what became of those begun; duty: stretches in which calls could be taken.
    """

    number: int
    contacts: Contacts
    tickets: Tickets
    opened: list[tuple[Tickets, np.ndarray, np.ndarray]]
    acts: Acts
    events: tuple[happened.Events, np.ndarray]
    turned_away: Wishes
    gone: np.ndarray
    account: tuple[pa.Table, np.ndarray]
    staff: Staff
    acted: Acted | None
    planned: Spans
    lived: Spans
    duty: Spans


@dataclass(frozen=True)
class Company:
    """What stays the same from day to day."""

    seed: int
    clock: Clock
    levers: Levers
    customers: Customers
    agents: Agents
    learning: Learning


def write_day(company: Company, box: Outbox, day: Day) -> feedback.Surveys:
    """Put all rows of a day into the outbox; returns the surveys, for the truth."""
    today = day.number
    _write_masters(company, box, today)
    _write_contacts(company, box, day)
    _write_tickets(company, box, day)
    box.add("agent_shifts", shift_table(company.clock, day.planned), today=today)
    due = np.maximum(day.lived.ends // DAY, today)
    box.add("agent_shifts", shift_table(company.clock, day.lived), due, today)
    box.add("account_events", *day.account, today)
    if day.acted is not None:
        box.add("interventions", day.acted.table, day.acted.due, today)
    surveys = feedback.survey_table(
        stream(company.seed, "surveys", today), company.clock, today * SURVEYS_A_DAY + 1, day.tickets, day.acts,
        day.contacts, company.customers,
    )  # fmt: skip
    box.add("surveys", surveys.table, surveys.due, today)
    return surveys


def _write_masters(company: Company, box: Outbox, today: int) -> None:
    seed, clock = company.seed, company.clock
    if _migrated(company.levers, today):
        box.add("customers", all_customer_rows(company.customers, clock, today), today=today)
    box.add("customers", customer_rows(company.customers, clock, today), today=today)
    box.add("identities", identity_rows(company.customers, clock, today), today=today)
    box.add("agents", hr_rows.agent_rows(company.agents, clock, today), today=today)
    box.add("agent_learning", learning_rows(company.learning, company.agents, clock, today), today=today)
    box.add("calendar", calendar_rows(seed, clock, today, company.levers), today=today)
    box.add("targets", plans.target_rows(clock, today), today=today)
    teams = int(company.agents.team.max()) + 1
    box.add("improvement_actions", *plans.improvement_rows(seed, clock, today, teams), today)
    if today == 0:
        box.add("queues", hr_rows.queue_rows(clock), today=today)


def _migrated(levers: Levers, today: int) -> bool:
    """Whether the CRM's units are others than yesterday: then it sends its whole table once in the new ones."""

    def units(day: int) -> dict[str, float]:
        return {name: size for name, size in levers.family("unit", day).items() if name.startswith("customers.")}

    return today > 0 and units(today) != units(today - 1)


def _write_contacts(company: Company, box: Outbox, day: Day) -> None:
    seed, clock, customers, today, contacts = company.seed, company.clock, company.customers, day.number, day.contacts
    table = contact_table(stream(seed, "subjects", today), clock, contacts, customers)
    box.add("contacts", table, export_days(seed, "contacts", today, contacts.ended, contacts.queue), today)
    box.add("contacts", *corrected_contacts(seed, today, table, contacts, CATEGORY_NAMES), today)
    began = contacts.take((contacts.parent < 0) & (contacts.direction == INBOUND))
    wishes = Wishes(began.customer, began.category, began.product, began.channel, began.offered)
    sessions = session_table(seed, clock, today, wishes, began.number, day.turned_away, customers, day.gone)
    box.add("self_service", *sessions, today)
    box.add("queue_intervals", *interval_table(clock, today, contacts, day.duty, company.agents.skills), today)
    box.add("quality_reviews", *reviews.review_table(seed, clock, today, contacts, day.staff), today)


def _write_tickets(company: Company, box: Outbox, day: Day) -> None:
    seed, clock, today = company.seed, company.clock, day.number
    rng = stream(seed, "wording", today)
    for number, (tickets, _, opened_by) in enumerate(day.opened):
        begun = happened.ticket_table(rng, clock, tickets, opened_by, company.customers)
        box.add("tickets", begun, today=today)
        box.add("tickets", *corrected_tickets(seed, clock, today, number, begun, PRODUCTS), today)
    events, seq = day.events
    delay = int(company.levers.at("label_delay", today) * HOUR)
    recorded = events.at + recording_lag(seed, today, len(events)) + delay * (events.kind == ESCALATION)
    lines = happened.event_table(rng, clock, events, seq, day.tickets, day.acts, recorded, company.customers)
    box.add("ticket_events", lines, recorded // DAY, today)
