"""A warehouse of one's own for tests of the dbt models: land rows, run dbt in this process, read the tables.

    warehouse = DbtWarehouse.create(tmp_path)
    warehouse.land("tickets", [{"ticket_id": "t1", "opened_at": "2026-01-01T08:00:00Z"}])
    warehouse.run("core.tickets+")
    warehouse.rows("select * from core.tickets")

dbt's manifest is parsed once per test session and then handed on, so that a run costs what its models cost.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from tests.support.shared import once
from warehouse.contracts import load_contracts
from warehouse.schema import create_schema

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
# After every time in the tests' rows: without a landing time of its own, no file holds the future.
LANDED_AT = datetime(2030, 1, 1)


@dataclass
class DbtWarehouse:
    """A warehouse file with the schemas that Python makes, and dbt's models as they are run."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> DbtWarehouse:
        folder.mkdir(parents=True, exist_ok=True)
        warehouse = cls(folder)
        with warehouse.connect() as con:
            create_schema(con)
            con.execute("insert into ops.parameters values (8, 7, 'UTC', 5, 20, 7)")
        return warehouse

    @classmethod
    def create_built(cls, folder: Path) -> DbtWarehouse:
        """As `create`, with every model of the core built on nothing: a test then runs only what grows."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_empty_core(), folder / "harken.duckdb")
        return cls(folder)

    @property
    def file(self) -> Path:
        return self.folder / "harken.duckdb"

    @contextlib.contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        con = duckdb.connect(str(self.file))
        try:
            con.execute("set TimeZone = 'UTC'")
            yield con
        finally:
            con.close()

    def land(
        self,
        entity: str,
        rows: Sequence[dict[str, Any]],
        source: str = "harken",
        landed_at: datetime = LANDED_AT,
        run_id: str = "test",
    ) -> int:
        """Land `rows` as one file and return its batch id. Values become text; unknown columns go to `_extra`."""
        columns = load_contracts().entity(source, entity).column_names
        with self.connect() as con:
            batch = con.execute("select coalesce(max(batch_id), 0) + 1 from landing.files").fetchone()[0]  # type: ignore[index]
            con.execute(
                "insert into landing.files values (?, ?, ?, ?, '', ?, 0, ?, 'landed', null, ?, 0, ?, ?)",
                [batch, source, entity, f"{entity}_{batch}.csv", landed_at, str(batch), len(rows), landed_at, run_id],
            )
            if rows:
                marks = ", ".join("?" for _ in range(len(columns) + 3))
                con.executemany(
                    f'insert into landing."{source}__{entity}" values ({marks})',
                    [_landing_row(row, columns, batch, number) for number, row in enumerate(rows, start=1)],
                )
        return int(batch)

    def set_clock(self, clock: datetime, run_id: str = "test") -> None:
        with self.connect() as con:
            con.execute("delete from ops.clock")
            con.execute("insert into ops.clock values (?, ?)", [clock, run_id])

    def run(self, *select: str, full_refresh: bool = False, exclude: Sequence[str] = (), command: str = "run") -> Any:
        """Run dbt on the selected models (default: all). Raises AssertionError with dbt's messages where one fails."""
        arguments = [command, *_common_arguments(self.folder)]
        if select:
            arguments += ["--select", *select]
        if exclude:
            arguments += ["--exclude", *exclude]
        if full_refresh:
            arguments += ["--full-refresh"]
        return invoke(arguments, self.file, manifest=manifest())

    def test(self, *select: str, unit: bool = False) -> Any:
        """Run data tests (or the unit tests) of the selected models."""
        kind = "unit_test" if unit else "test"
        arguments = ["test", *_common_arguments(self.folder), "--resource-type", kind]
        if select:
            arguments += ["--select", *select]
        return invoke(arguments, self.file, manifest=manifest())

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        with self.connect() as con:
            return con.execute(sql, parameters).fetchall()

    def records(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        with self.connect() as con:
            cursor = con.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@functools.cache
def manifest() -> Manifest:
    """The project's manifest, parsed once per session. A warning of dbt's is an error here."""
    return parsed(once("dbt-manifest", parse))


def parse(folder: Path) -> None:
    """Parse the project into `folder/target`. A warning of dbt's is an error here."""
    DbtWarehouse.create(folder)
    invoke(["--warn-error", "parse", *_common_arguments(folder)], folder / "harken.duckdb")


def parsed(folder: Path) -> Manifest:
    """The manifest that `parse` has left in a folder."""
    found = Manifest.from_msgpack((folder / "target" / "partial_parse.msgpack").read_bytes())
    found.build_flat_graph()
    found.build_parent_and_child_maps()
    return found


@functools.cache
def _empty_core() -> Path:
    """A warehouse file without a landed row in which the core's models are built. Once per session."""
    return once("dbt-core", lambda folder: DbtWarehouse.create(folder).run("tag:layer:core")) / "harken.duckdb"


def invoke(arguments: list[str], warehouse_file: Path, manifest: Manifest | None = None) -> Any:
    """dbt in this process on a warehouse file. Raises AssertionError where anything failed."""
    previous = os.environ.get("HARKEN_WAREHOUSE_FILE")
    os.environ["HARKEN_WAREHOUSE_FILE"] = str(warehouse_file)
    try:
        result = dbtRunner(manifest=manifest).invoke(arguments)
    finally:
        _release()
        if previous is None:
            del os.environ["HARKEN_WAREHOUSE_FILE"]
        else:
            os.environ["HARKEN_WAREHOUSE_FILE"] = previous
    if result.exception is not None:
        raise AssertionError(f"dbt {' '.join(arguments)}: {result.exception}") from result.exception
    if not result.success:
        raise AssertionError("\n".join(f"{item.node.name}: {item.message}" for item in failures(result)))
    return result


def failures(result: Any) -> list[Any]:
    return [item for item in result.result.results if item.status in ("error", "fail")]


def _release() -> None:
    """Let go of the warehouse file: dbt-duckdb keeps it open between invocations."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _common_arguments(folder: Path) -> list[str]:
    return [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target"),
        "--log-path", str(folder / "logs"), "--quiet", "--no-partial-parse", "--no-write-json", "--cache-selected-only",
    ]  # fmt: skip


def _landing_row(row: dict[str, Any], columns: Sequence[str], batch: int, number: int) -> list[Any]:
    extra = {name: value for name, value in row.items() if name not in columns}
    values = [None if row.get(name) is None else _text(row[name]) for name in columns]
    return [*values, json.dumps(extra) if extra else None, batch, number]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
