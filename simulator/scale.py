"""How large the simulated company is. Everything else follows from the contacts of a mean day."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

DEMO_CONTACTS_PER_DAY = 548.0
DEMO_CUSTOMERS = 25_000
DEMO_AGENTS = 120
# spoken contacts of a mean day, their handle time, and the hours in which most of them come
SPOKEN_SHARE, SPOKEN_MINUTES, BUSY_HOURS = 0.55, 7.0, 11.0
# a planned hour is worked by fewer: weekends, leave, sickness, breaks; and a shift covers part of the day
PAID_TO_PRESENT = 1.9


@dataclass(frozen=True)
class Scale:
    """contacts_per_day: mean over the year, follow-ups included; customers and agents: on the first day."""

    contacts_per_day: float = DEMO_CONTACTS_PER_DAY
    customers: int = DEMO_CUSTOMERS
    agents: int = DEMO_AGENTS

    def __post_init__(self) -> None:
        if self.contacts_per_day <= 0 or self.customers < 100 or self.agents < 28:
            raise ValueError("scale: contacts_per_day must be positive, customers >= 100 and agents >= 28")

    @classmethod
    def of(cls, contacts_per_day: float) -> Scale:
        """A company of the demo's proportions with this many contacts on a mean day."""
        ratio = contacts_per_day / DEMO_CONTACTS_PER_DAY
        return cls(
            contacts_per_day=contacts_per_day,
            customers=max(500, round(DEMO_CUSTOMERS * ratio)),
            agents=max(56, round(DEMO_AGENTS * ratio)),
        )

    def front_agents(self, share: float) -> int:
        """Agents who take the calls and chats of a share of the demand: load plus a margin of its square root."""
        load = self.contacts_per_day * share * SPOKEN_SHARE * SPOKEN_MINUTES / 60 / BUSY_HOURS
        return round((load + 3.0 * sqrt(load)) * PAID_TO_PRESENT)
