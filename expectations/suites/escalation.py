"""What the features of open tickets must hold before anything learns from them or is scored by them."""

from __future__ import annotations

from expectations.checks import Checks, LabelRate, allowed, freshness, label_rate, standard
from expectations.evidence import Evidence
from expectations.ranges import ranges_by_unit

SHOWN = ("channel", "queue", "product", "category", "priority", "status", "segment", "plan", "language", "moment_kind")
"""Names of things, not of persons: a vanished one is worth naming."""

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
        *freshness(25, "open tickets have a row every morning: none since means that no ticket is seen as open"),
        *standard(evidence),
        *allowed(
            "moment_kind", ("event", "morning", "now"), "readers pick rows by it: mornings alone are the headline"
        ),
        *ranges_by_unit(evidence),
        *label_rate(evidence, RATE),
    ]
