"""The adapter on Great Expectations: runs a suite over its evidence and gives plain results.

The path taken is the one that works with pandas frames read from DuckDB: an ephemeral context, a dataframe asset per
frame, the whole frame as the batch. Great Expectations through SQLAlchemy on DuckDB fails, and it has no engine of
its own for it.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from expectations import page
from expectations.checks import Check, Checks, NotJudged
from expectations.evidence import Evidence
from expectations.masking import masked
from expectations.results import ExpectationResult, SuiteResult
from expectations.suite import Suite, suite_for

TOLD = ("name", "expected", "reason")
"""Columns of a frame that names its rows, from which a failing row is described."""


def validate(suite: str | Suite, evidence: Evidence, folder: Path | None = None) -> SuiteResult:
    """Judge `evidence` by the suite (or the suite of the task named), and write `<folder>/<task>.html` if asked.

    Never raises because of the data: an expectation that can't be evaluated fails with the cause as its message.
    Raises SuiteMissing for a task without a suite.
    """
    chosen = suite_for(suite) if isinstance(suite, str) else suite
    checks = chosen.checks(evidence)
    judged = _judge(checks, evidence)
    results = [
        result
        for number, check in enumerate(checks)
        for result in (
            [_not_judged(check)] if isinstance(check, NotJudged) else _results(check, judged[number], chosen.shown)
        )
    ]
    if folder is None:
        return SuiteResult(chosen.task, evidence.clock, results)
    written = page.write(SuiteResult(chosen.task, evidence.clock, results), evidence, folder)
    return SuiteResult(chosen.task, evidence.clock, results, page=str(written))


def _judge(checks: Checks, evidence: Evidence) -> dict[int, Any]:
    """Great Expectations' own result for each check, by the check's place in the suite."""
    by_frame: dict[str, list[int]] = defaultdict(list)
    for number, check in enumerate(checks):
        if isinstance(check, Check):
            by_frame[check.frame].append(number)
    batches = _Batches()
    judged: dict[int, Any] = {}
    for frame_name, numbers in by_frame.items():
        its_checks = [check for check in (checks[number] for number in numbers) if isinstance(check, Check)]
        frame = its_checks[0].data if its_checks[0].data is not None else evidence.frames[frame_name]
        judged.update(zip(numbers, batches.validate(frame_name, frame, its_checks), strict=True))
    return judged


class _Batches:
    """One ephemeral context with one dataframe asset: each frame is a batch of it."""

    def __init__(self) -> None:
        # Must be set before the import: the library sends usage events otherwise, and waits for them when offline.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        for name in ("great_expectations", "great_expectations.data_context.types.base"):
            logging.getLogger(name).setLevel(logging.ERROR)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        # One for all frames: for each change of its sources the context writes all its settings anew.
        asset = context.data_sources.add_pandas("evidence").add_dataframe_asset("frame")
        self._frames = asset.add_batch_definition_whole_dataframe("whole")

    def validate(self, name: str, frame: pd.DataFrame, checks: list[Check]) -> list[Any]:
        """Great Expectations' result for each check, in the order given."""
        import great_expectations as gx
        import great_expectations.expectations as classes

        # Results come back in another order (failures to evaluate first), so each carries its number.
        expectations = [
            getattr(classes, check.expectation)(**check.arguments, severity=check.severity, meta={"number": number})
            for number, check in enumerate(checks)
        ]
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        batch = self._frames.get_batch({"dataframe": frame})
        wanted: dict[str, Any] = {"result_format": "SUMMARY"}
        if any(check.names_rows for check in checks):
            told = [column for column in TOLD if column in frame]
            wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": told}
        outcome = batch.validate(suite, result_format=wanted)
        found: dict[int, Any] = {}
        lost: dict[str, Any] = {}
        for result in outcome.results:
            configuration: Any = result.expectation_config
            if "number" in (configuration.meta or {}):
                found[configuration.meta["number"]] = result
            else:
                # A check whose column isn't there comes back without its meta: it is known by its column.
                lost[configuration.kwargs.get("column")] = result
        for number in set(range(len(checks))) - set(found):
            found[number] = lost[checks[number].arguments["column"]]
        return [found[number] for number in range(len(checks))]


def _not_judged(check: NotJudged) -> ExpectationResult:
    return ExpectationResult(
        expectation=check.expectation,
        column=check.column,
        severity=check.severity,
        success=True,
        observed="not judged",
        message=f"{check.expectation}: not judged, {check.reason}",
    )


def _results(check: Check, raw: Any, shown: tuple[str, ...]) -> list[ExpectationResult]:
    """One result, or for frames that name their rows one for each name that failed."""
    details = raw.result or {}
    if raw.success:
        return [_result(check, check.column, True, _observed(details), check.expected)]
    if not details:
        return [_result(check, check.column, False, "could not be evaluated", _cause(raw))]
    if check.names_rows:
        rows = details.get("unexpected_index_list") or []
        return [_named(check, row, shown) for row in rows]
    return [_result(check, check.column, False, _observed(details), check.expected)]


def _result(check: Check, column: str | None, success: bool, observed: str, expected: str) -> ExpectationResult:
    subject = column or check.frame
    message = (
        f"{subject}: {expected}" if success else f"{subject}: expected {expected}, found {observed}: {check.reason}"
    )
    return ExpectationResult(
        expectation=check.expectation,
        column=column,
        severity=check.severity,
        success=success,
        observed=observed,
        message=message,
    )


def _named(check: Check, row: Mapping[str, Any], shown: tuple[str, ...]) -> ExpectationResult:
    name = str(row["name"])
    if check.frame == "categories":
        column, _, category = name.partition(" = ")
        name = f"{column} = {category if column in shown else masked(category)}"
    # Text beside a name is a type's name, not a value of the table.
    values = {key: value if isinstance(value, str) else _number(value) for key, value in row.items() if key not in TOLD}
    observed = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in values.items())
    expected, reason = str(row.get("expected", check.expected)), str(row.get("reason", check.reason))
    return _result(replace(check, reason=reason), name, False, observed, expected)


def _observed(details: Mapping[str, Any]) -> str:
    """What was seen, in numbers: text values are masked."""
    if "observed_value" in details:
        return _number(details["observed_value"])
    unexpected, total = details.get("unexpected_count", 0), details.get("element_count", 0)
    if not unexpected:
        return f"{total:,} of {total:,} as expected"
    examples = ", ".join(_number(value) for value in list(details.get("partial_unexpected_list", []))[:3])
    return f"{unexpected:,} of {total:,} otherwise" + (f" ({examples})" if examples else "")


def _number(value: Any) -> str:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, tuple | list):
        return " and ".join(_number(item) for item in value)
    try:
        return f"{float(value):,.6g}"
    except (TypeError, ValueError):
        return masked(str(value))


def _cause(raw: Any) -> str:
    """The exception as one line: a column that isn't there, most often."""
    information = raw.exception_info or {}
    inner = information if "exception_message" in information else next(iter(information.values()), {})
    lines = str(inner.get("exception_message") or "no result").strip().splitlines()
    return f"a result ({lines[0][:200]})"
