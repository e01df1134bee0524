"""The run of a simulated company, a day at a time: `Engine.day` carries the state on and returns the day's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from simulator import actions, aftermath, demand, feedback, memory
from simulator import contacts as calls
from simulator import events as happened
from simulator.clock import HORIZON_DAYS, Clock
from simulator.contacts import Callers, Contacts, Staff
from simulator.customers import Profile, create_customers
from simulator.demand import Demand, Returns, Wishes
from simulator.draws import stream
from simulator.dynamics import DRAWS, ESCALATE, STEP_HOURS, Acts, World, live_step
from simulator.export import Company, Day
from simulator.floor.calendar import DutyCalendar
from simulator.floor.shifts import Floor, Spans
from simulator.learning import Levels, create_learning, willingness
from simulator.memory import Memory
from simulator.outbox import Outbox
from simulator.reference import CHAT, CLOSED, DAY, HOUR, OPEN, QUEUES, SOLVED, VOICE
from simulator.roster import Roster
from simulator.scale import Scale
from simulator.scenarios import Levers
from simulator.self_service import open_ones
from simulator.shift_plan import check_agents
from simulator.tickets import Tickets, no_tickets, open_tickets
from simulator.watch import RIPENING, Observed, Shares, Unripe
from simulator.workforce import create_agents

REVIEW_HOUR = 8
ACTED_HOUR = 10  # interventions of the morning have been delivered
SETTLING = 0.06  # weight of a day in what backlog is usual
USUALLY_AT_WORK = 0.21  # of those who master a queue, in a mean hour

NOTHING_KEPT = Shares()


@dataclass
class State:
    """Everything that one day hands to the next."""

    day: int
    tickets: Tickets
    memory: Memory
    returns: Returns
    usual_backlog: np.ndarray
    free: np.ndarray  # when each agent is free again, in seconds
    outbox: Outbox
    done: frozenset[str] = frozenset()  # interventions carried out
    shares: Shares = NOTHING_KEPT  # what the truth samples
    unripe: Unripe = field(default_factory=Unripe.nothing)
    next_contact: int = 1
    next_ticket: int = 1


@dataclass
class Told:
    """What the company is told from outside: rows of `intervention_queue`, and shifts decided elsewhere."""

    interventions: pa.Table | None = None
    plan: Spans | None = None
    effects: list[pa.Table] = field(default_factory=list)


class Engine:
    """A company and its state. Rows are emitted where asked for; other days only carry the state."""

    def __init__(
        self, seed: int, start: date, scale: Scale, levers: Levers, to_day: int, state: State | None = None,
        told: Told | None = None,
    ) -> None:  # fmt: skip
        if to_day > HORIZON_DAYS:
            raise ValueError(f"the simulated company is laid out for {HORIZON_DAYS} days; asked for {to_day}")
        self.seed, self.scale, self.levers, self.clock = seed, scale, levers, Clock(start)
        self.told = told or Told()
        self.customers = create_customers(seed, scale, levers)
        self.agents = create_agents(seed, scale)
        if self.told.plan is not None:
            check_agents(self.told.plan, len(self.agents))
        self.learning = create_learning(seed, self.agents, levers)
        self.state = state or self._first_state()
        first = self.state.day
        self.profile = Profile.of(self.customers, first)
        self._levels = Levels(len(self.agents), self.learning)
        floor = Floor(seed, self.agents, self.clock, levers, self.learning)
        self.duty = DutyCalendar(floor, self.told.plan)
        self.demand = Demand(seed, self.clock, levers, self.customers, scale.contacts_per_day)
        masters = (self.agents.skills * ~self.agents.front[:, None])[: scale.agents].sum(axis=0)
        earlier = max(first - RIPENING, 0)
        self.world = World(
            agents=self.agents,
            roster=Roster(floor, earlier, to_day + 3),
            levers=levers,
            clock=self.clock,
            usual_staff=np.maximum(masters, 1) * USUALLY_AT_WORK,
            backlog=np.zeros((len(QUEUES), (to_day - earlier + 1) * 24)),
            first_hour=earlier * 24,
        )
        self.world.backlog[:, : self.state.unripe.backlog.shape[1]] = self.state.unripe.backlog
        self.company = Company(seed, self.clock, levers, self.customers, self.agents, self.learning)
        self.observed = Observed()

    def _first_state(self) -> State:
        return State(
            0, no_tickets(), Memory.none(len(self.customers)), demand.no_returns(),
            np.full(len(QUEUES), self.scale.contacts_per_day * 0.011), np.full(len(self.agents), -DAY), Outbox(),
        )  # fmt: skip

    def day(self, shares: Shares = NOTHING_KEPT) -> Day:
        """Simulate the next day. Nothing in what it returns is changed by later days."""
        state, day = self.state, self.state.day
        self.profile.advance(self.customers, day, day + 1)
        staff = Staff(
            self.agents, self._levels.advance(day).copy(), willingness(self.seed, self.agents, day), state.free
        )
        self._departures(shares)
        wishes, turned_away = self._wishes()
        spoken = wishes.channel <= CHAT
        written = calls.blank(self.customers, wishes.take(~spoken))
        calls.answer_written(self.seed, day, written, self.duty.back(day), staff)
        first = self._open(written, "written")
        acts, late, acted = self._hours(shares)
        ringing = self._ringing(calls.blank(self.customers, wishes.take(spoken)), acts)
        everyone = calls.answer_spoken(
            self.seed, self.clock, day, ringing, self.duty.front(day), staff,
            Callers(self.profile.segment, self.customers.temper, state.memory.discontent),
        )  # fmt: skip
        second = self._open(everyone, "spoken")
        more, later = self._first_hours(second)
        acts, late = Acts.join([acts, more]), late + later
        contacts = self._number(Contacts.join([everyone, written]))
        opened = [pair for pair in (first, second) if len(pair[0])]
        complaints = self._aftermath(contacts, acts, late, shares)
        events = self._events(acts, late, opened)
        account = feedback.account_events(
            self.seed, self.clock, day, self.customers, state.memory, complaints, self.profile.value, self.levers
        )
        lived = Day(
            day, contacts, state.tickets, opened, acts, events, turned_away, state.memory.gone_by(day), account, staff,
            acted, self.duty.planned(day), self.duty.told(day), self.duty.front(day),
        )  # fmt: skip
        self._close_day(acts)
        return lived

    def _departures(self, shares: Shares) -> None:
        """On Mondays, who leaves within the week."""
        day = self.state.day
        left = memory.week_ends(
            self.seed, self.clock, self.customers, self.profile, self.state.memory, self.levers, day
        )
        if left is not None:
            at = np.full(len(left.who), day * DAY)
            moment = aftermath.Moment("churn", left.who, at, left.chance, left.leaves, left.terms)
            self.observed.cause(self.seed, day, moment, shares.mondays)

    def _wishes(self) -> tuple[Wishes, Wishes]:
        """Who gets through to a queue on the day, and who finds it closed."""
        state, day = self.state, self.state.day
        wishes, state.returns = self.demand.day(day, state.returns, state.memory.gone_by(day))
        rng = stream(self.seed, "closed", day)
        wishes, turned_away, again = open_ones(self.clock, rng, wishes, self.customers.language[wishes.customer], day)
        state.returns = Returns.join([state.returns, again])
        return wishes, turned_away

    def _open(self, arrived: Contacts, name: str) -> tuple[Tickets, np.ndarray, np.ndarray]:
        """Add the tickets that contacts open: as they stand at the opening, their rows, and who opened each."""
        state = self.state
        rng = stream(self.seed, f"opening {name}", state.day)
        chosen = np.flatnonzero(calls.opens_ticket(rng, arrived))
        at = np.where(
            arrived.channel[chosen] <= CHAT,
            np.minimum(arrived.answered[chosen] + 60, (state.day + 1) * DAY - 1),
            arrived.offered[chosen],
        )
        chosen = chosen[np.argsort(at, kind="stable")]
        state.tickets.past[:] = state.memory.escalations[state.tickets.customer]
        new = open_tickets(
            rng, state.day, arrived.take(chosen), self.customers, self.profile, state.memory, state.next_ticket
        )
        arrived.ticket[chosen] = new.number
        state.next_ticket += len(new)
        self.observed.opened += len(new)
        rows = len(state.tickets) + np.arange(len(new))
        state.tickets = Tickets.join([state.tickets, new])
        return new.take(np.arange(len(new))), rows, arrived.agent[chosen]

    def _hours(self, shares: Shares) -> tuple[Acts, list[tuple[np.ndarray, int]], actions.Acted | None]:
        """Carry all tickets through the day; returns the acts, the late first replies, and the interventions."""
        state, day, observed, acted = self.state, self.state.day, self.observed, None
        tickets, parts, late, waiting = state.tickets, [], [], np.zeros(len(QUEUES))
        uniforms = stream(self.seed, "acts", day).random((24 // STEP_HOURS, DRAWS, len(tickets)))
        for hour in range(day * 24, day * 24 + 24, STEP_HOURS):
            ours = (tickets.status <= OPEN) & (tickets.opened_hour < hour)
            count = np.bincount(tickets.queue[ours], minlength=len(QUEUES))
            waiting += count * STEP_HOURS / 24
            at = hour - self.world.first_hour
            self.world.backlog[:, at : at + STEP_HOURS] = np.log((count + 0.5) / (state.usual_backlog + 0.5))[:, None]
            if hour % 24 == ACTED_HOUR and self.told.interventions is not None:
                acted = self._act(self.told.interventions)
            if hour % 24 == REVIEW_HOUR and shares.mornings:
                observed.morning(self.seed, tickets, hour, shares.mornings)
            watched = shares.hours > stream(self.seed, "hours", hour).random() if shares.hours else False
            if watched:
                observed.hour(tickets, self.world, hour)
            _, acts, broken = live_step(tickets, self.world, hour, uniforms[hour % 24 // STEP_HOURS])
            parts.append(acts)
            late.append((broken, hour))
            if watched:
                observed.outcome(acts)
        state.usual_backlog = (1 - SETTLING) * state.usual_backlog + SETTLING * waiting
        return Acts.join(parts), late, acted

    def _act(self, queue: pa.Table) -> actions.Acted:
        state = self.state
        acted = actions.act(
            self.seed, self.clock, state.day, queue, state.done, state.tickets, self.customers, state.memory
        )
        state.done = state.done | frozenset(acted.ids)
        self.told.effects.append(acted.effects)
        return acted

    def _first_hours(self, opened: tuple[Tickets, np.ndarray, np.ndarray]) -> tuple[Acts, list[tuple[np.ndarray, int]]]:
        """What is left of the day for tickets that its calls and chats have opened."""
        day, rows = self.state.day, opened[1]
        tickets, parts, late = self.state.tickets.take(rows), [], []
        uniforms = stream(self.seed, "first acts", day).random((24 // STEP_HOURS, DRAWS, len(tickets)))
        # before the first one opens there is nothing to do
        first = int(tickets.opened_hour.min(initial=day * 24 + 23)) // STEP_HOURS * STEP_HOURS
        for hour in range(first, day * 24 + 24, STEP_HOURS):
            _, acts, broken = live_step(tickets, self.world, hour, uniforms[hour % 24 // STEP_HOURS])
            # nobody rings up on the day itself: the calls have been played already
            acts.by_phone[:] = False
            acts.row = rows[acts.row]
            parts.append(acts)
            late.append((rows[broken], hour))
        for name, values in self.state.tickets.arrays().items():
            values[rows] = getattr(tickets, name)
        return Acts.join(parts), late

    def _ringing(self, spoken: Contacts, acts: Acts) -> Contacts:
        """The day's calls and chats with those of customers who ask after their ticket, in the order offered."""
        asked = acts.take(acts.by_phone)
        tickets = self.state.tickets.take(asked.row)
        at = asked.hour * HOUR + asked.offset
        wishes = Wishes(tickets.customer, tickets.category, tickets.product, np.full(len(at), VOICE), at)
        rung = calls.blank(self.customers, wishes)
        rung.ticket[:] = tickets.number
        everyone = Contacts.join([spoken, rung])
        return everyone.take(np.argsort(everyone.offered, kind="stable"))

    def _number(self, everyone: Contacts) -> Contacts:
        """All contacts of the day, numbered in the order they were offered; legs point to their first leg."""
        order = np.argsort(everyone.offered, kind="stable")
        number = np.empty(len(order), dtype=np.int64)
        number[order] = self.state.next_contact + np.arange(len(order))
        everyone.number = number
        everyone.parent = np.where(everyone.parent >= 0, number[np.maximum(everyone.parent, 0)], -1)
        self.state.next_contact += len(order)
        return everyone.take(order)

    def _aftermath(
        self, contacts: Contacts, acts: Acts, late: list[tuple[np.ndarray, int]], shares: Shares
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns, complaints and memories of the day; gives the complaints: customer and second.

        A complaint about an e-mail that is answered later comes later too.
        """
        state, day, tickets = self.state, self.state.day, self.state.tickets
        rng = stream(self.seed, "aftermath", day)
        after = aftermath.after_contacts(rng, contacts, self.customers, state.memory, day)
        state.returns = Returns.join([state.returns, after.returns])
        escalated = np.flatnonzero(acts.act == ESCALATE)
        row = acts.row[escalated]
        at = acts.hour[escalated] * HOUR + acts.offset[escalated]
        complaints, moment = aftermath.after_escalations(
            rng, tickets.number[row], tickets.customer[row], at, self.customers, state.memory
        )
        for part, found in enumerate((*after.moments, moment)):
            self.observed.cause(self.seed, day, found, shares.moments, part)
        solved = acts.row[(acts.status_after == SOLVED) & (acts.status != SOLVED)]
        late_rows = np.concatenate([rows for rows, _ in late]) if late else row[:0]
        aftermath.after_tickets(tickets.customer, row, late_rows, solved, state.memory)
        both = [after.complaints, complaints]
        np.add.at(state.memory.complaints, np.concatenate([who for who, _ in both]), 1)
        return both

    def _events(
        self, acts: Acts, late: list[tuple[np.ndarray, int]], opened: list[tuple[Tickets, np.ndarray, np.ndarray]]
    ) -> tuple[happened.Events, np.ndarray]:
        noted = stream(self.seed, "notes", self.state.day).random(len(acts))
        parts = [happened.opening_events(tickets, rows) for tickets, rows, _ in opened]
        parts += [happened.late_events(rows, hour) for rows, hour in late if len(rows)]
        parts += happened.act_events(acts, noted)
        return happened.numbered(happened.Events.join(parts), self.state.tickets)

    def _close_day(self, acts: Acts) -> None:
        """Count escalations into the customers' memory and drop closed tickets."""
        state = self.state
        escalated = np.flatnonzero(acts.act == ESCALATE)
        rows = acts.row[escalated]
        np.add.at(state.memory.escalations, state.tickets.customer[rows], 1)
        seconds = acts.hour[escalated] * HOUR + acts.offset[escalated]
        self.observed.escalations.append(np.column_stack([state.tickets.number[rows], seconds]))
        state.tickets = state.tickets.take(state.tickets.status != CLOSED)
        state.memory.sleep()
        state.day += 1
