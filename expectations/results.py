"""What a run of a suite says, in plain records that no room needs Great Expectations to read.

Not here: how a suite is run (`runner.py`) or shown (`page.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

Severity = Literal["critical", "warning"]
"""A failed `critical` expectation stops the task; a failed `warning` is only shown."""


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation, judged. `observed` and `message` never hold a customer's own text."""

    expectation: str
    column: str | None
    severity: Severity
    success: bool
    observed: str
    message: str


@dataclass(frozen=True)
class SuiteResult:
    """All results of one suite over one feature set at one moment."""

    task: str
    clock: datetime
    results: list[ExpectationResult]
    page: str | None = None

    @property
    def failures(self) -> list[ExpectationResult]:
        """The expectations that failed, critical ones first, otherwise in the suite's order."""
        return sorted((r for r in self.results if not r.success), key=lambda r: r.severity)

    @property
    def success(self) -> bool:
        """True unless a critical expectation failed."""
        return all(r.success or r.severity == "warning" for r in self.results)

    @property
    def reason(self) -> str:
        """One line that says why the task stops; empty when it doesn't."""
        critical = [r.message for r in self.failures if r.severity == "critical"]
        if not critical:
            return ""
        more = f" (and {len(critical) - 1} more)" if len(critical) > 1 else ""
        return critical[0] + more

    def to_frame(self, run_id: str) -> pd.DataFrame:
        """The results in the shape of `ops.check_results`: one row per expectation."""
        columns = [
            "run_id",
            "task",
            "checked_at",
            "expectation",
            "column_name",
            "severity",
            "success",
            "observed",
            "message",
        ]
        rows = [
            (run_id, self.task, self.clock, r.expectation, r.column, r.severity, r.success, r.observed, r.message)
            for r in self.results
        ]
        return pd.DataFrame(rows, columns=columns)
