"""The vocabulary suites are written in: a check is an expectation on one frame of the evidence, with its reason.

A check is plain data. It names a Great Expectations class and its arguments, and only `runner.py` builds the object,
so that suites can be read, listed and tested without the 5 seconds that importing Great Expectations costs.

Not here: thresholds of one task (`suites/<task>.py`), the measuring (`evidence.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from expectations.evidence import MINIMUM_PAST_DAYS, Evidence
from expectations.results import Severity


@dataclass(frozen=True)
class Check:
    """One expectation: `frame` is the evidence it reads, `expected` and `reason` are what a person is told.

    `names_rows` marks frames with a `name` column, one row per thing judged: each failing name is reported alone, with
    the `expected` and `reason` of its own row where the frame has them. `data` is a frame that the suite made itself;
    `frame` then is its name.
    """

    frame: str
    expectation: str
    arguments: dict[str, Any]
    expected: str
    reason: str
    severity: Severity = "critical"
    column: str | None = None
    names_rows: bool = False
    data: pd.DataFrame | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class NotJudged:
    """A check that can't be made yet, and why. It is reported, so that silence is never taken for a pass."""

    expectation: str
    reason: str
    severity: Severity = "warning"
    column: str | None = None


Checks = list[Check | NotJudged]


@dataclass(frozen=True)
class LabelRate:
    """Plausible share of positives among mature rows, with the reason for the bounds."""

    low: float
    high: float
    reason: str
    minimum_rows: int = field(default=500)


def schema(evidence: Evidence) -> Checks:
    """Columns and types equal the dbt contract, and hold what the champion was trained on."""
    checks: Checks = [
        Check(
            frame="schema",
            expectation="ExpectColumnPairValuesToBeEqual",
            names_rows=True,
            arguments={"column_A": "declared", "column_B": "actual"},
            expected="the type declared in the dbt contract",
            reason="the contract is what models and readers were written against",
        )
    ]
    if evidence.features.signature is None:
        checks.append(NotJudged("signature of the model", "there is no champion yet"))
    else:
        checks.append(
            Check(
                frame="signature",
                expectation="ExpectColumnPairValuesToBeEqual",
                names_rows=True,
                arguments={"column_A": "trained_on", "column_B": "given"},
                expected="the kind of column the champion was trained on",
                reason="a model given other columns than it learnt from scores nonsense",
            )
        )
    return checks


def keys(evidence: Evidence) -> Checks:
    """(entity, as_of) is there and unique, and no row lies after the clock."""
    entity = evidence.features.entity_key
    checks: Checks = [
        Check(
            frame="rows",
            expectation="ExpectColumnValuesToNotBeNull",
            arguments={"column": column},
            column=column,
            expected="never null",
            reason="it is part of the key",
        )
        for column in (entity, "as_of")
    ]
    checks.append(
        Check(
            frame="table",
            expectation="ExpectColumnPairValuesToBeEqual",
            column=entity,
            arguments={"column_A": "rows", "column_B": "keys"},
            expected=f"one row per ({entity}, as_of)",
            reason="a second row would be counted and scored twice",
        )
    )
    checks.append(
        Check(
            frame="table",
            expectation="ExpectColumnValuesToBeBetween",
            column="as_of",
            arguments={"column": "rows_after_clock", "min_value": 0, "max_value": 0},
            expected="no row after the clock",
            reason="such a row knows the future",
        )
    )
    return checks


def freshness(evidence: Evidence, hours: float, reason: str) -> Checks:
    """The newest row is at most `hours` older than the clock. Before the first row and the first model: not judged."""
    if evidence.features.signature is None and not int(evidence.frames["table"]["rows"].sum()):
        return [NotJudged("freshness", "there is no row yet, and no model that learnt from any")]
    return [
        Check(
            frame="table",
            expectation="ExpectColumnValuesToBeBetween",
            column="as_of",
            arguments={"column": "hours_behind_clock", "min_value": 0, "max_value": hours},
            expected=f"newest row at most {hours:g} hours before the clock",
            reason=reason,
        )
    ]


def allowed(column: str, values: Sequence[str], reason: str, severity: Severity = "critical") -> Checks:
    """The column holds only these values (or null)."""
    return [
        Check(
            frame="rows",
            expectation="ExpectColumnValuesToBeInSet",
            column=column,
            severity=severity,
            arguments={"column": column, "value_set": list(values)},
            expected=f"one of {', '.join(values)}",
            reason=reason,
        )
    ]


def recent_past(evidence: Evidence, categories: Sequence[str] = ()) -> Checks:
    """Row counts, null shares and categories of the newest day against the days before it.

    `categories` are the columns whose values should go on being there. A person's id isn't one: people have days off.

    A day is 24 hours up to the clock, so that a run at any hour compares like with like. Bounds are set in
    `evidence.py`; with fewer than MINIMUM_PAST_DAYS days of past, nothing is judged, and that is said.
    """
    if evidence.past_days < MINIMUM_PAST_DAYS:
        why = f"{evidence.past_days} days of past, {MINIMUM_PAST_DAYS} are needed"
        return [NotJudged(name, why) for name in ("rows per day", "null shares", "categories")]
    known = evidence.frames["categories"]
    known = known[known["column_name"].isin(categories)]
    too_high: dict[str, Any] = {"column_B": "null_share", "or_equal": True}
    greater = "ExpectColumnPairValuesAToBeGreaterThanB"
    return [
        Check(
            frame="days",
            expectation="ExpectColumnValuesToBeBetween",
            names_rows=True,
            arguments={"column": "rows", "min_value": 1},
            expected="at least one row on each of the last days",
            reason="a day without rows means that a source or a model stood still",
        ),
        Check(
            frame="newest",
            expectation=greater,
            names_rows=True,
            arguments={"column_A": "rows", "column_B": "least_rows", "or_equal": True},
            expected="at least a fifth of the usual rows of such a day",
            reason="most of the input is missing",
        ),
        Check(
            frame="newest",
            expectation=greater,
            names_rows=True,
            arguments={"column_A": "most_rows", "column_B": "rows", "or_equal": True},
            expected="at most five times the usual rows of such a day",
            reason="input is doubled or a join fans out",
        ),
        Check(
            frame="columns",
            expectation=greater,
            names_rows=True,
            arguments={"column_A": "null_share_broken", **too_high},
            expected="not suddenly empty",
            reason="half of the rows or more lost a value that they had on every recent day",
        ),
        Check(
            frame="columns",
            expectation=greater,
            names_rows=True,
            severity="warning",
            arguments={"column_A": "null_share_usual", **too_high},
            expected="as many nulls as on the recent days",
            reason="more values are missing than on any recent day",
        ),
        Check(
            frame="categories",
            data=known,
            expectation="ExpectColumnValuesToBeBetween",
            names_rows=True,
            arguments={"column": "rows_newest", "min_value": 1},
            expected="still there",
            reason="it had rows on every recent day, and none on the newest",
        ),
    ]


def label_rate(evidence: Evidence, bounds: LabelRate) -> Checks:
    """The share of positives among rows that matured in the last four weeks is plausible."""
    mature = int(evidence.frames["labels"]["rows"].sum())
    if mature < bounds.minimum_rows:
        return [NotJudged("label rate", f"{mature:,} mature rows in 28 days, {bounds.minimum_rows:,} are needed")]
    if evidence.features.signature is None and not float(evidence.frames["labels"]["rate"].sum()):
        # A source that records no such event is no fault; one that stops recording them, once a model has learnt, is.
        return [NotJudged("label rate", "no positive yet, and no model that learnt from any")]
    return [
        Check(
            frame="labels",
            expectation="ExpectColumnValuesToBeBetween",
            column="label",
            arguments={"column": "rate", "min_value": bounds.low, "max_value": bounds.high},
            expected=f"label rate between {bounds.low:g} and {bounds.high:g}",
            reason=bounds.reason,
        )
    ]


def standard(evidence: Evidence, categories: Sequence[str] = ()) -> Checks:
    """What every feature set is held to: schema, keys and the recent past (of these `categories`, among others)."""
    return [*schema(evidence), *keys(evidence), *recent_past(evidence, categories)]
