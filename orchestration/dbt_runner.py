"""Runs dbt inside this process, with the manifest already parsed, and says what became of each node.

As a process of its own every invocation would pay for starting Python and reading the project (some 7 s more for a
build of 40 models and 80 tests, measured). What belongs here: calling dbt and reading its results. Turning them into
Dagster's events is `defs/dbt_events.py`.
"""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.project import Project, ProjectError

_CHOSEN = "harken_chosen"


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
        models: Collection[str],
        standing: Collection[str] = (),
        full_refresh: bool = False,
        on_done: Callable[[str, str, float], None] | None = None,
    ) -> list[NodeOutcome]:
        """`dbt build` of models (unique ids) with their data tests, without unit tests (they prove code, not data).

        standing: those of the models that are there as they should be: only their tests run, and they count as
        skipped where something that they build on failed. Outcomes come in an order in which parents come first.
        `on_done(name, status, seconds)` is called as each node ends. Raises ProjectError when dbt itself can't run; a
        failing model or test is an outcome, not an error.
        """
        from dbt.cli.main import dbtRunner

        manifest = self._manifest()
        arguments = [
            "--log-level", "none", "--log-level-file", "none", "--no-write-json", "--no-partial-parse",
            # The relations of other schemas are nobody's business here, and listing them takes a second a run.
            "--cache-selected-only",
            "build", "--select", f"tag:{_CHOSEN}", "--indirect-selection", "empty",
            "--exclude-resource-type", "unit_test", "--threads", str(self.threads),
            *(["--full-refresh"] if full_refresh else []),
            *self.project.arguments(),
        ]  # fmt: skip
        chosen = (set(models) - set(standing)) | self._tests_of(set(models))
        callbacks = [_logger(self.project.home.dbt_logs / "dbt.log"), *([_listener(on_done)] if on_done else [])]
        with _tagged(manifest, chosen), interruptible() as interrupted:
            outcome = dbtRunner(manifest=manifest, callbacks=callbacks).invoke(arguments) if chosen else None
        if interrupted:
            signal.raise_signal(interrupted[0])  # ends the run as the signal would have, had it come elsewhere
        if outcome is not None and outcome.exception is not None:
            raise ProjectError(f"dbt stopped: {outcome.exception}") from outcome.exception
        results: Any = outcome.result if outcome is not None else []
        found = [_outcome(result) for result in results]
        order = self.project.order
        return sorted(found + self._unbuilt(standing, found), key=lambda outcome: order[outcome.unique_id])

    def _tests_of(self, models: set[str]) -> set[str]:
        """The data tests of these models that can run once these are built: none that also reads a later model."""
        manifest = self.project.manifest
        within = models | _ancestors(manifest["parent_map"], models)
        tests = {
            child for model in models for child in manifest["child_map"].get(model, ()) if child.startswith("test.")
        }
        return {test for test in tests if set(manifest["nodes"][test]["depends_on"]["nodes"]) <= within}

    def _unbuilt(self, standing: Collection[str], others: Sequence[NodeOutcome]) -> list[NodeOutcome]:
        failed = {outcome.unique_id for outcome in others if not outcome.ok}
        parents = self.project.manifest["parent_map"]
        return [
            NodeOutcome(
                unique_id=unique_id,
                status="skipped" if failed & _ancestors(parents, {unique_id}) else "no-op",
                message="",
                failures=None,
                seconds=0.0,
            )
            for unique_id in sorted(standing)
        ]

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


@contextmanager
def _tagged(manifest: Any, chosen: Collection[str]) -> Iterator[None]:
    """Mark the nodes that dbt is to build by a tag: for each of hundreds of names it would search the whole project."""
    nodes = [manifest.nodes[unique_id] for unique_id in chosen]
    for node in nodes:
        node.tags = [*node.tags, _CHOSEN]
    try:
        yield
    finally:
        for node in nodes:
            node.tags = [tag for tag in node.tags if tag != _CHOSEN]


def _ancestors(parents: Mapping[str, Sequence[str]], nodes: Collection[str]) -> set[str]:
    """Everything that these are built from, however far."""
    found: set[str] = set()
    queue = list(nodes)
    while queue:
        for parent in parents.get(queue.pop(), ()):
            if parent not in found:
                found.add(parent)
                queue.append(parent)
    return found


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


def _logger(file: Path) -> Callable[[Any], None]:
    """Writes what dbt tells to its log. dbt's own logger words every event, most of which are for dbt's developers, and
    looks through the environment for secrets each time: a tenth of what a build takes."""

    def log(event: Any) -> None:
        if event.info.level in {"info", "warn", "error"}:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(f"{event.info.ts.ToJsonString()} [{event.info.level}] {event.info.msg}\n")

    return log


def _listener(on_done: Callable[[str, str, float], None]) -> Callable[[Any], None]:
    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished":
            info = event.data.node_info
            on_done(info.node_name, event.data.run_result.status, event.data.run_result.execution_time)

    return listen


@contextmanager
def interruptible() -> Iterator[list[signal.Signals]]:
    """dbt cancels its queries on a KeyboardInterrupt alone; under Dagster a signal raises another error.

    Yields the signals that came, to be raised again afterwards.
    """
    came: list[signal.Signals] = []

    def interrupt(number: int, frame: Any) -> None:
        came.append(signal.Signals(number))
        raise KeyboardInterrupt

    handled = [s for s in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(s))]
    if threading.current_thread() is not threading.main_thread():
        handled = []  # no other thread may say what a signal does
    before = {s: signal.signal(s, interrupt) for s in handled}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
