"""Bounds of numeric columns: named ones with their reason, and for all others those of the unit in their name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.checks import Check, Checks
from expectations.evidence import Evidence
from expectations.results import Severity

LARGEST = 1e12
"""Stands for 'finite': no count, duration in seconds or amount here is larger; infinity is."""


@dataclass(frozen=True)
class Range:
    """Bounds of one numeric column, both inclusive, with the reason they hold."""

    column: str
    low: float
    high: float
    reason: str
    severity: Severity = "critical"


def ranges(evidence: Evidence, items: Iterable[Range]) -> Checks:
    """Smallest and largest value of each column, over the whole table, lie within its bounds.

    All bounds of one severity are judged by two expectations on one frame, a row per column: an expectation of its own
    for each of some hundred columns would cost seconds.
    """
    extremes = evidence.frames["extremes"]
    checks: Checks = []
    judged: dict[Severity, list[tuple[object, ...]]] = {"critical": [], "warning": []}
    for item in items:
        if item.column not in extremes:
            why = "the suite sets bounds for it"
            arguments = {"column": item.column}
            exists = Check("extremes", "ExpectColumnToExist", arguments, "a numeric column", why, column=item.column)
            checks.append(exists)
        elif extremes[item.column].notna().all():
            smallest, largest = extremes[item.column].tolist()
            expected = f"between {item.low:g} and {item.high:g}"
            judged[item.severity].append((item.column, smallest, largest, item.low, item.high, expected, item.reason))
    for severity, rows in judged.items():
        if not rows:
            continue
        frame = pd.DataFrame(rows, columns=["name", "smallest", "largest", "low", "high", "expected", "reason"])
        for above, below in (("smallest", "low"), ("high", "largest")):
            checks.append(
                Check(
                    frame=f"ranges, {severity}",
                    data=frame,
                    expectation="ExpectColumnPairValuesAToBeGreaterThanB",
                    arguments={"column_A": above, "column_B": below, "or_equal": True},
                    expected="every value within its column's bounds",
                    reason="",
                    severity=severity,
                    names_rows=True,
                )
            )
    return checks


UNITS: tuple[tuple[str, float, str], ...] = (
    ("_seconds", LARGEST, "a duration isn't negative"),
    ("_minutes", LARGEST, "a duration isn't negative"),
    ("_hours", LARGEST, "a duration isn't negative"),
    ("_days", LARGEST, "a duration isn't negative"),
    ("_count", LARGEST, "a count isn't negative"),
    ("_rate", 1.0, "a rate is a part of a whole"),
    ("_share", 1.0, "a share is a part of a whole"),
)
"""Largest value and reason by the suffix that names a column's unit; the smallest is 0 for all."""


def ranges_by_unit(evidence: Evidence, without: Sequence[str] = ()) -> Checks:
    """Bounds of every numeric column whose name ends in a unit, so that a new feature is held to its unit at once.

    A column that names a change (`…_change…`) may be negative and is only held to be finite.
    """
    numeric = [c for c in evidence.frames["extremes"].columns if c not in without]
    items = []
    for column in numeric:
        high, reason = next(((top, why) for unit, top, why in UNITS if column.endswith(unit)), (None, ""))
        if high is None or "change" in column or "trend" in column:
            items.append(Range(column, -LARGEST, LARGEST, "a feature is a finite number"))
        else:
            items.append(Range(column, 0, high, reason))
    return ranges(evidence, items)
