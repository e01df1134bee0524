"""Runs dbt inside this process, with the manifest already parsed, and says what became of each node.

As a process of its own every invocation would pay for starting Python and reading the project (some 7 s more for a
build of 40 models and 80 tests, measured). What belongs here: calling dbt and reading its results. Turning them into
Dagster's events is `defs/dbt_events.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.project import Project, ProjectError


@dataclass(frozen=True)
class NodeOutcome:
    """What became of one model or test. `failures` counts a test's failing rows; `sql` is what dbt compiled."""

    unique_id: str
    status: str
    message: str
    failures: int | None
    seconds: float
    sql: str = ""

    @property
    def is_test(self) -> bool:
        return self.unique_id.startswith("test.")

    @property
    def ok(self) -> bool:
        """Built, or passed. A warning is `ok` for what depends on it."""
        return self.status in {"success", "pass", "warn", "no-op"}

    @property
    def skipped(self) -> bool:
        return self.status == "skipped"


class DbtRunner:
    """dbt on one project. The parsed manifest is read once and used for all invocations of the process."""

    def __init__(self, project: Project, threads: int) -> None:
        self.project = project
        self.threads = threads
        self._parsed: Any = None

    def build(
        self,
        select: Sequence[str],
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
        on_done: Callable[[str, str, float], None] | None = None,
    ) -> list[NodeOutcome]:
        """`dbt build` of a selection: models with their data tests, without unit tests (they prove code, not data).

        `on_done(name, status, seconds)` is called as each node ends. Raises ProjectError when dbt itself can't run; a
        failing model or test is an outcome, not an error.
        """
        from dbt.cli.main import dbtRunner

        arguments = [
            "--log-level", "none", "--log-level-file", "info", "--no-write-json", "--no-partial-parse", "build",
            "--select", *select,
            *(["--exclude", *exclude] if exclude else []),
            "--exclude-resource-type", "unit_test",
            # A test runs where the last of its parents was built: eager would run a test of two layers too early.
            "--indirect-selection", "buildable",
            "--threads", str(self.threads),
            *(["--full-refresh"] if full_refresh else []),
            *self.project.arguments(),
        ]  # fmt: skip
        callbacks = [_listener(on_done)] if on_done else []
        outcome = dbtRunner(manifest=self._manifest(), callbacks=callbacks).invoke(arguments)
        if outcome.exception is not None:
            raise ProjectError(f"dbt stopped: {outcome.exception}") from outcome.exception
        results: Any = outcome.result
        return [_outcome(result) for result in results]

    def close(self) -> None:
        """Let go of the warehouse file: dbt keeps it open after an invocation, for the life of the process."""
        if self._parsed is not None:
            from dbt.adapters.duckdb.connections import DuckDBConnectionManager

            DuckDBConnectionManager.close_all_connections()

    def _manifest(self) -> Any:
        if self._parsed is None:
            from dbt.contracts.graph.manifest import Manifest

            self.project.manifest_path()
            self._parsed = Manifest.from_msgpack((self.project.target / "partial_parse.msgpack").read_bytes())
            self._parsed.build_flat_graph()
        return self._parsed


def _outcome(result: Any) -> NodeOutcome:
    return NodeOutcome(
        unique_id=result.node.unique_id,
        status=str(result.status),
        message=_first_words(str(result.message or "")),
        failures=result.failures,
        seconds=float(result.execution_time),
        sql=getattr(result.node, "compiled_code", None) or "",
    )


def _first_words(message: str) -> str:
    """dbt's message in one line, without the excerpt of SQL that DuckDB puts below its own."""
    lines = [line.strip() for line in message.splitlines()]
    kept = itertools.takewhile(lambda line: not line.startswith("LINE "), lines)
    return " ".join(" ".join(kept).split())


def _listener(on_done: Callable[[str, str, float], None]) -> Callable[[Any], None]:
    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished":
            info = event.data.node_info
            on_done(info.node_name, event.data.run_result.status, event.data.run_result.execution_time)

    return listen
