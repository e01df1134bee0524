"""The run of a simulated company, a day at a time: `Engine.day` carries the state on and returns the day's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from simulator import contacts as calls
from simulator import events as happened
from simulator import feedback, hazard
from simulator.clock import HORIZON_DAYS, Clock
from simulator.contact_rows import contact_table
from simulator.contacts import Contacts, Returns
from simulator.customers import Profile, create_customers, customer_rows, identity_rows
from simulator.draws import stream
from simulator.dynamics import DRAWS, ESCALATE, STEP_HOURS, Acts, World, live_step
from simulator.outbox import Outbox
from simulator.reference import CATEGORY_NAMES, CLOSED, DAY, HOUR, OPEN, PRODUCTS, QUEUES, SOLVED, VOICE
from simulator.scale import Scale
from simulator.seasons import calendar_rows
from simulator.tickets import NEVER, History, Tickets, no_tickets, open_tickets
from simulator.versions import corrected_contacts, corrected_tickets, export_days, recording_lag
from simulator.workforce import Roster, agent_rows, create_agents, queue_rows

REVIEW_HOUR = 8
SURVEYS_A_DAY = 100_000  # room for survey numbers
SETTLING = 0.06  # weight of a day in what backlog is usual


@dataclass
class State:
    """Everything that one day hands to the next."""

    day: int
    tickets: Tickets
    history: History
    returns: Returns
    usual_backlog: np.ndarray
    outbox: Outbox
    next_contact: int = 1
    next_ticket: int = 1


@dataclass
class Observed:
    """What the truth keeps of a run: sampled mornings, sampled hours, and every escalation."""

    mornings: list[Tickets] = field(default_factory=list)
    morning_hours: list[np.ndarray] = field(default_factory=list)
    escalations: list[np.ndarray] = field(default_factory=list)  # rows of ticket number, second
    hours: list[dict[str, np.ndarray]] = field(default_factory=list)
    opened: int = 0


class Engine:
    """A company and its state. Rows are emitted from `emit_from` on; earlier days only carry the state."""

    def __init__(self, seed: int, start: date, scale: Scale, to_day: int, state: State | None = None) -> None:
        if to_day > HORIZON_DAYS:
            raise ValueError(f"the simulated company is laid out for {HORIZON_DAYS} days; asked for {to_day}")
        self.seed, self.scale, self.clock = seed, scale, Clock(start)
        self.customers = create_customers(seed, scale)
        self.agents = create_agents(seed, scale)
        self.state = state or State(
            0,
            no_tickets(),
            History.none(len(self.customers)),
            calls.no_returns(),
            np.full(len(QUEUES), scale.contacts_per_day * 0.011),
            Outbox(),
        )
        first = self.state.day
        self.profile = Profile.of(self.customers, first)
        roster = Roster(seed, self.agents, self.clock, first, to_day + 3)
        masters = self.agents.skills[: scale.agents].sum(axis=0)
        self.world = World(
            agents=self.agents,
            roster=roster,
            usual_staff=np.maximum(masters, 1) * 0.21,
            backlog=np.zeros((len(QUEUES), (to_day - first + 1) * 24)),
            first_hour=first * 24,
        )
        self.observed = Observed()

    def day(self, emit: bool = True, morning_share: float = 0.0, hour_share: float = 0.0) -> dict[str, pa.Table]:
        """Simulate the next day; its rows by entity as they are exported (empty without `emit`)."""
        state, day = self.state, self.state.day
        self.profile.advance(self.customers, day, day + 1)
        arrived, state.returns = calls.arriving(
            self.seed, self.clock, self.customers, self.scale.contacts_per_day, state.returns, day
        )
        rng = stream(self.seed, "handling", day)
        calls.handle(rng, self.world.roster, arrived, self.agents.skill)
        opening = calls.opens_ticket(rng, arrived)
        opened_by, fresh = self._open(arrived, opening)
        opened = state.tickets.take(fresh)  # as it stood at the opening: what the tickets' rows tell
        acts, late = self._hours(morning_share, hour_share)
        legs = calls.transfer(rng, self.world.roster, arrived, self.agents.skill)
        everyone = self._number(arrived, legs, self._phone_calls(rng, acts))
        state.returns = Returns.join([state.returns, calls.coming_back(rng, everyone, day)])
        events, seq = self._events(acts, late, fresh, opened)
        value = self.profile.value
        account = feedback.account_events(
            self.seed, self.clock, day, self.customers, state.history, state.tickets, acts, value
        )
        out: dict[str, pa.Table] = {}
        if emit:
            state.outbox.add("account_events", account, today=day)
            self._write(everyone, opened, opened_by, acts, events, seq)
            out = state.outbox.take(day)
        self._close_day(acts)
        return out

    def _open(self, arrived: Contacts, opening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Add the day's new tickets; returns who opened each, and their rows."""
        state = self.state
        chosen = np.flatnonzero(opening)
        new = open_tickets(
            self.seed, state.day, arrived.take(chosen), self.customers, self.profile, state.history, state.next_ticket
        )
        at = np.where(
            arrived.channel[chosen] <= 1,
            np.minimum(arrived.answered[chosen] + 60, (state.day + 1) * DAY - 1),
            arrived.offered[chosen],
        )
        chosen = chosen[np.argsort(at, kind="stable")]
        arrived.ticket[chosen] = new.number
        state.next_ticket += len(new)
        self.observed.opened += len(new)
        state.tickets.past[:] = state.history.escalations[state.tickets.customer]
        fresh = len(state.tickets) + np.arange(len(new))
        state.tickets = Tickets.join([state.tickets, new])
        return arrived.agent[chosen], fresh

    def _hours(self, morning_share: float, hour_share: float) -> tuple[Acts, list[tuple[np.ndarray, int]]]:
        state, day = self.state, self.state.day
        tickets, parts, late, waiting = state.tickets, [], [], np.zeros(len(QUEUES))
        uniforms = stream(self.seed, "acts", day).random((24 // STEP_HOURS, DRAWS, len(tickets)))
        for hour in range(day * 24, day * 24 + 24, STEP_HOURS):
            ours = (tickets.status <= OPEN) & (tickets.opened_hour < hour)
            count = np.bincount(tickets.queue[ours], minlength=len(QUEUES))
            waiting += count * STEP_HOURS / 24
            at = hour - self.world.first_hour
            self.world.backlog[:, at : at + STEP_HOURS] = np.log((count + 0.5) / (state.usual_backlog + 0.5))[:, None]
            if hour % 24 == REVIEW_HOUR and morning_share:
                self._observe_morning(hour, morning_share)
            watched = hour_share > stream(self.seed, "hours", hour).random() if hour_share else False
            if watched:
                self._observe_hour(hour)
            _, acts, broken = live_step(tickets, self.world, hour, uniforms[hour % 24 // STEP_HOURS])
            parts.append(acts)
            late.append((broken, hour))
            if watched:
                self._observe_outcome(acts)
        state.usual_backlog = (1 - SETTLING) * state.usual_backlog + SETTLING * waiting
        return Acts.join(parts), late

    def _observe_morning(self, hour: int, share: float) -> None:
        tickets = self.state.tickets
        under_way = (tickets.opened_hour < hour) & (tickets.status < SOLVED) & (tickets.escalated_hour == NEVER)
        chosen = np.flatnonzero(under_way & (stream(self.seed, "mornings", hour).random(len(tickets)) < share))
        self.observed.mornings.append(tickets.take(chosen))
        self.observed.morning_hours.append(np.full(len(chosen), hour))

    def _observe_hour(self, hour: int) -> None:
        tickets = self.state.tickets
        backlog = self.world.backlog_of(tickets.queue, hour)
        awake = self.world.awake(tickets.region, hour)
        chance = hazard.chance(tickets, hour, backlog, awake)
        chosen = np.flatnonzero(chance > 0)
        found = {
            name: np.asarray(values, dtype=float)[chosen]
            for name, values in hazard.terms(tickets, hour, backlog, awake).items()
        }
        self.observed.hours.append(found | {"chance": chance[chosen], "ticket": tickets.number[chosen], "row": chosen})

    def _observe_outcome(self, acts: Acts) -> None:
        sampled = self.observed.hours[-1]
        sampled["escalated"] = np.isin(sampled.pop("row"), acts.row[acts.act == ESCALATE]).astype(float)

    def _phone_calls(self, rng: np.random.Generator, acts: Acts) -> Contacts:
        """Calls of customers who ask after their ticket."""
        asked = acts.take(acts.by_phone)
        tickets = self.state.tickets.take(asked.row)
        offered = asked.hour * HOUR + asked.offset
        rung = calls.blank(
            self.customers, tickets.customer, tickets.category, tickets.product, np.full(len(offered), VOICE), offered
        )
        rung.ticket[:] = tickets.number
        if len(rung):
            calls.handle(rng, self.world.roster, rung, self.agents.skill)
        return rung

    def _number(self, arrived: Contacts, legs: Contacts, rung: Contacts) -> Contacts:
        """All contacts of the day, numbered in the order they were offered; legs point to their first leg."""
        everyone = Contacts.join([arrived, legs, rung])
        order = np.argsort(everyone.offered, kind="stable")
        number = np.empty(len(order), dtype=np.int64)
        number[order] = self.state.next_contact + np.arange(len(order))
        everyone.number = number
        everyone.parent = np.where(everyone.parent >= 0, number[np.maximum(everyone.parent, 0)], -1)
        self.state.next_contact += len(order)
        return everyone.take(order)

    def _events(
        self, acts: Acts, late: list[tuple[np.ndarray, int]], fresh: np.ndarray, opened: Tickets
    ) -> tuple[happened.Events, np.ndarray]:
        noted = stream(self.seed, "notes", self.state.day).random(len(acts))
        parts = [happened.opening_events(opened, fresh)]
        parts += [happened.late_events(rows, hour) for rows, hour in late if len(rows)]
        parts += happened.act_events(acts, noted)
        return happened.numbered(happened.Events.join(parts), self.state.tickets)

    def _write(
        self,
        everyone: Contacts,
        opened: Tickets,
        opened_by: np.ndarray,
        acts: Acts,
        events: happened.Events,
        seq: np.ndarray,
    ) -> None:
        state, day, box, clock = self.state, self.state.day, self.state.outbox, self.clock
        rng = stream(self.seed, "wording", day)
        box.add("customers", customer_rows(self.customers, clock, day), today=day)
        box.add("identities", identity_rows(self.customers, clock, day), today=day)
        box.add("agents", agent_rows(self.agents, clock, day), today=day)
        box.add("calendar", calendar_rows(self.seed, clock, day), today=day)
        if day == 0:
            box.add("queues", queue_rows(clock), today=day)
        table = contact_table(rng, clock, everyone, self.customers.language[everyone.customer])
        box.add("contacts", table, export_days(self.seed, "contacts", day, everyone.ended, everyone.queue), day)
        box.add("contacts", *corrected_contacts(self.seed, day, table, everyone, CATEGORY_NAMES), day)
        begun = happened.ticket_table(rng, clock, opened, opened_by)
        box.add("tickets", begun, today=day)
        box.add("tickets", *corrected_tickets(self.seed, clock, day, begun, PRODUCTS), day)
        recorded = events.at + recording_lag(self.seed, day, len(events))
        lines = happened.event_table(rng, clock, events, seq, state.tickets, acts, recorded)
        box.add("ticket_events", lines, recorded // DAY, day)
        surveys, due = feedback.survey_table(
            rng, clock, day, day * SURVEYS_A_DAY + 1, state.tickets, acts, everyone, self.customers
        )
        box.add("surveys", surveys, due, day)

    def _close_day(self, acts: Acts) -> None:
        """Count escalations into the customers' history and drop closed tickets."""
        state = self.state
        escalated = np.flatnonzero(acts.act == ESCALATE)
        rows = acts.row[escalated]
        np.add.at(state.history.escalations, state.tickets.customer[rows], 1)
        seconds = acts.hour[escalated] * HOUR + acts.offset[escalated]
        self.observed.escalations.append(np.column_stack([state.tickets.number[rows], seconds]))
        state.tickets = state.tickets.take(state.tickets.status != CLOSED)
        state.day += 1
