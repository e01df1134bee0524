"""What the features of open tickets must hold before anything learns from them or is scored by them."""

from __future__ import annotations

from expectations.checks import Checks, LabelRate, allowed, freshness, label_rate, standard
from expectations.evidence import Evidence
from expectations.ranges import Range, ranges_of_all

SHOWN = (
    "source", "channel", "status", "priority", "first_priority", "queue", "first_queue", "previous_queue", "category",
    "product", "last_side", "segment", "plan", "region", "language", "last_account_event",
)  # fmt: skip
"""Names of things, not of persons: a vanished one is worth naming."""

SIGNED = ("_change_", "contract_days_left", "monthly_value")
"""Changes go both ways, a contract may have ended, and an account may be in credit."""

TEN_YEARS = 24 * 365 * 10

RANGES = (
    Range("opened_hour", 0, 23, "an hour of the day"),
    Range("hour_of_day", 0, 24, "an hour of the day with its fraction"),
    Range("weekday", 0, 7, "a day of the week, from 0 or from 1"),
    Range("opened_weekday", 0, 7, "a day of the week, from 0 or from 1"),
    Range("hours_to_weekend", -48, 120, "five days lead to a weekend, and it counts below zero within one"),
    Range("last_csat", 1, 5, "the scale of CSAT"),
    Range("last_nps", 0, 10, "the scale of NPS"),
    Range("age_hours", 0, TEN_YEARS, "a ticket open for ten years has a wrong date or a lost end", severity="warning"),
)

RATE = LabelRate(
    low=0.0005,
    high=0.6,
    reason="far below, the source or its escalation rules record no escalations any more; far above, nearly every "
    "ticket counts as escalated and a ranking is of no use (2026-11)",
)


def checks(evidence: Evidence) -> Checks:
    """Freshness, schema, keys, the recent past, allowed values, ranges, label rate."""
    return [
        # While a ticket is open it has a row each morning, so 24 hours and an hour of grace for a shifted morning.
        *freshness(
            evidence, 25, "open tickets have a row every morning: none since means that no ticket is seen as open"
        ),
        *standard(evidence, categories=SHOWN),
        *allowed(
            "moment_kind", ("event", "morning", "now"), "readers pick rows by it: mornings alone are the headline"
        ),
        *ranges_of_all(evidence, RANGES, SIGNED),
        *label_rate(evidence, RATE),
    ]
