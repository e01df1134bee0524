"""What the truth keeps of a run: sampled mornings and hours of tickets, the causes at work, and every escalation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator import hazard
from simulator.aftermath import Moment
from simulator.draws import stream
from simulator.dynamics import ESCALATE, Acts, World
from simulator.reference import QUEUES, SOLVED
from simulator.tickets import NEVER, Tickets, no_tickets

RIPENING = 8  # days until it is known whether a ticket of a morning escalates within the week


@dataclass(frozen=True)
class Shares:
    """The shares that are kept: of ticket-mornings, ticket-steps, contacts' moments, and customers' Mondays."""

    mornings: float = 0.0
    hours: float = 0.0
    moments: float = 0.0
    mondays: float = 0.0


@dataclass
class Unripe:
    """Sampled mornings whose week hasn't passed, and what their true chance is computed from.

    hours: of each morning. escalations: ticket number and second of those of late. backlog: the World's, of the last
    RIPENING days (fewer where there were fewer), up to the state's day.
    """

    mornings: Tickets
    hours: np.ndarray
    escalations: np.ndarray
    backlog: np.ndarray

    @classmethod
    def nothing(cls) -> Unripe:
        none = np.zeros(0, dtype=np.int64)
        return cls(no_tickets(), none, np.zeros((0, 2), dtype=np.int64), np.zeros((len(QUEUES), 0)))


@dataclass
class Observed:
    """What was kept so far."""

    mornings: list[Tickets] = field(default_factory=list)
    morning_hours: list[np.ndarray] = field(default_factory=list)
    escalations: list[np.ndarray] = field(default_factory=list)  # rows of ticket number, second
    hours: list[dict[str, np.ndarray]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    opened: int = 0

    def morning(self, seed: int, tickets: Tickets, hour: int, share: float) -> None:
        """Keep some of the open, not yet escalated tickets as they stand."""
        under_way = (tickets.opened_hour < hour) & (tickets.status < SOLVED) & (tickets.escalated_hour == NEVER)
        chosen = np.flatnonzero(under_way & (stream(seed, "mornings", hour).random(len(tickets)) < share))
        self.mornings.append(tickets.take(chosen))
        self.morning_hours.append(np.full(len(chosen), hour))

    def hour(self, tickets: Tickets, world: World, hour: int) -> None:
        """Keep the terms and the chance of every exposed ticket; `outcome` adds what came of it."""
        backlog = world.backlog_of(tickets.queue, hour)
        awake = world.awake(tickets.region, hour)
        chance = hazard.chance(tickets, hour, backlog, awake, world.hazard_changes(hour))
        chosen = np.flatnonzero(chance > 0)
        found = {
            name: np.asarray(values, dtype=float)[chosen]
            for name, values in hazard.terms(tickets, hour, backlog, awake).items()
        }
        self.hours.append(found | {"chance": chance[chosen], "ticket": tickets.number[chosen], "row": chosen})

    def outcome(self, acts: Acts) -> None:
        sampled = self.hours[-1]
        sampled["escalated"] = np.isin(sampled.pop("row"), acts.row[acts.act == ESCALATE]).astype(float)

    def cause(self, seed: int, day: int, moment: Moment, share: float, part: int = 0) -> None:
        """Keep a share of a cause's rows. part: which of the day's looks at causes this is."""
        if not share:
            return
        chosen = np.flatnonzero(stream(seed, f"keep {moment.name}", day, part).random(len(moment.entity)) < share)
        terms = {name: np.asarray(values, dtype=float)[chosen] for name, values in moment.terms.items()}
        self.moments.append(
            Moment(
                moment.name,
                moment.entity[chosen],
                moment.at[chosen],
                moment.chance[chosen],
                moment.happened[chosen],
                terms,
            )
        )
