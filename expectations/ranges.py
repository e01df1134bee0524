"""Bounds of numeric columns: named ones with their reason, and for all others those of their kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.checks import Check, Checks
from expectations.evidence import Evidence
from expectations.results import Severity

LARGEST = 1e12
"""Stands for 'finite': no count, duration in seconds or amount here is larger; infinity is."""


ROUNDING = 1e-6
"""A difference of two sums of hours that are equal may come out as -1e-11."""


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
        # That the suite names declared columns is held by a test; that the table has the declared ones, by `schema`.
        if item.column in extremes and extremes[item.column].notna().all():
            smallest, largest = (_settled(value, item) for value in extremes[item.column])
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


def _settled(value: float, bounds: Range) -> float:
    """The bound itself for a value beyond it by no more than the rounding of a sum."""
    if bounds.low - ROUNDING <= value < bounds.low:
        return bounds.low
    return bounds.high if bounds.high < value <= bounds.high + ROUNDING else value


SHARES = ("_rate", "_share")
"""Endings of columns that are a part of a whole."""


def ranges_of_all(evidence: Evidence, named: Iterable[Range] = (), signed: Sequence[str] = ()) -> Checks:
    """Bounds of every numeric column, so that a new feature is held to some at once.

    `named` ones hold as given; a column that has no critical ones among them gets those of its kind.

    A feature is a count, a duration, an amount or a rate, none of which is negative; a share is at most 1. Those that
    may be negative are listed in `signed`, whole or by a part of their name (`_change_`), and only have to be finite.
    """
    items = list(named)
    given = {item.column for item in items if item.severity == "critical"}
    for column in evidence.frames["extremes"].columns:
        if column in given:
            continue
        if any(part in column for part in signed):
            items.append(Range(column, -LARGEST, LARGEST, "a feature is a finite number"))
        elif column.endswith(SHARES):
            items.append(Range(column, 0, 1, "a share is a part of a whole"))
        else:
            items.append(Range(column, 0, LARGEST, "a count, a duration or a rate is neither negative nor infinite"))
    return ranges(evidence, items)
