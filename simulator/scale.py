"""How large the simulated company is. Everything else follows from the contacts of a mean day."""

from __future__ import annotations

from dataclasses import dataclass

DEMO_CONTACTS_PER_DAY = 548.0
DEMO_CUSTOMERS = 25_000
DEMO_AGENTS = 120


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
