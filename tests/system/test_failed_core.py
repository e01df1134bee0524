"""A model of the core fails: exit code 1, and readers see which tables are stale, since when, and why."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.cli import REPOSITORY, age_files, demo_home, harken
from tests.support.published_contracts import monitoring_tables

MONITORING = monitoring_tables()
CAUSE = '"category"'


def rename_column(home: Path, old: str, new: str) -> None:
    """Somebody's hand in the warehouse: `history.tickets` can't be built any more."""
    with duckdb.connect(str(home / "warehouse" / "harken.duckdb")) as con:
        con.execute(f"alter table history.tickets rename column {old} to {new}")


def published(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the current snapshot, rows sorted."""
    file = (home / "published" / "current").resolve() / "harken.duckdb"
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute("select table_name from duckdb_tables() where schema_name = 'published'").fetchall()
        return {name: con.execute(f"select * from published.{name} order by all").fetchall() for (name,) in names}


def availability(home: Path) -> dict[str, tuple[str, str | None, datetime | None]]:
    """Table -> status, reason and the moment that its rows speak of."""
    file = (home / "published" / "current").resolve() / "harken.duckdb"
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.execute("select table_name, status, reason, fresh_as_of from published.availability").fetchall()
    return {name: (status, reason, fresh) for name, status, reason, fresh in rows}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a good run."""
    return demo_home(tmp_path_factory.mktemp("core"))


def test_readers_are_told_of_a_failed_core_and_of_its_mending(home: Path) -> None:
    good, tables, told = (home / "published" / "current").resolve(), published(home), availability(home)
    assert "stale" not in {status for status, _, _ in told.values()}
    clock = told["fct_tickets"][2]
    assert harken(home, "simulate", "--advance", "1").returncode == 0
    age_files(home)

    rename_column(home, "category", "kategorie")
    failed = harken(home, "run")
    assert failed.returncode == 1
    assert CAUSE in failed.stderr and "Traceback" not in failed.stderr
    assert (home / "published" / "current").resolve() != good
    after = published(home)
    assert {name: rows for name, rows in after.items() if name not in MONITORING} == {
        name: rows for name, rows in tables.items() if name not in MONITORING
    }
    for name, (status, reason, fresh_as_of) in availability(home).items():
        if name in MONITORING:
            assert status == told[name][0], name
        elif told[name][0] == "fresh":
            assert (status, fresh_as_of) == ("stale", clock), name
            assert reason and reason.startswith("what it builds on failed: ") and CAUSE in reason
    assert len(after["runs"]) == len(tables["runs"]) + 1
    assert "stale" in harken(home, "doctor").stdout

    rename_column(home, "kategorie", "category")
    mended = harken(home, "run")
    assert mended.returncode == 0, mended.stderr
    now = availability(home)
    assert "stale" not in {status for status, _, _ in now.values()}
    assert now["fct_tickets"][2] > clock  # type: ignore[operator]
    assert len(published(home)["fct_tickets"]) > len(tables["fct_tickets"])


def test_a_run_that_dagster_starts_tells_them_too(home: Path) -> None:
    """As the schedule runs the job: by Dagster, without the command `harken`."""
    rename_column(home, "category", "kategorie")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", "orchestration.definitions", "-j", "daily"]
    environment = {**kept, "HARKEN_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**environment, "PYTHONPATH": str(REPOSITORY)}, capture_output=True, timeout=600
    )
    rename_column(home, "kategorie", "category")
    assert done.returncode != 0
    status, reason, _ = availability(home)["fct_tickets"]
    assert status == "stale" and reason is not None and CAUSE in reason
