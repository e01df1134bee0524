"""A suite that holds: no key repeats."""

from __future__ import annotations

from expectations.checks import Check, Checks
from expectations.evidence import Evidence


def checks(evidence: Evidence) -> Checks:
    arguments = {"column": "rows", "min_value": 1}
    return [Check("table", "ExpectColumnValuesToBeBetween", arguments, "rows", "a task needs rows", column="rows")]
