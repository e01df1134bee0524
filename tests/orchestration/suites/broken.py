"""A suite that can't hold: a billion rows."""

from __future__ import annotations

from expectations.checks import Check, Checks
from expectations.evidence import Evidence


def checks(evidence: Evidence) -> Checks:
    arguments = {"column": "rows", "min_value": 1_000_000_000}
    reason = "the tests want it so"
    return [Check("table", "ExpectColumnValuesToBeBetween", arguments, "a billion rows", reason, column="rows")]
