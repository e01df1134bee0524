"""Killed with -9 in the middle of the Dagster job: the next run starts at once and ends with the same tables."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.instance import open_instance
from orchestration.run import run_job
from tests.orchestration import run_two_tasks
from tests.orchestration.conftest import SmallRun, new_home
from tests.orchestration.two_tasks import REPOSITORY, SUITES, TASKS
from tests.support import shared
from tests.support.forks import Fork
from warehouse.home import Home, open_home

# Columns that say which run wrote a row.
OF_THE_RUN = {"run_id", "landed_at", "scored_at", "model_version"}


def kill_after(home: Path, project: Path, step: str, seconds: float) -> None:
    """Start the job in a process and kill it `seconds` after the line of `step`."""
    arguments = ["run_two_tasks", str(home), str(project)]
    child = Fork(run_two_tasks.main, arguments, os.environ, REPOSITORY, shared.scratch())
    told = child.wait_for_line(step)
    time.sleep(seconds)
    child.kill()
    assert "ended" not in told + child.stdout, "the run ended before it could be killed"


def tables(file: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
            " where schema_name in ('history', 'features') and not internal group by all"
        ).fetchall()
    return {name: [column for column in columns if column not in OF_THE_RUN] for name, columns in rows}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, landing_files: Path, two_task_run: SmallRun) -> tuple[Home, float]:
    """A home whose run was killed in the middle of `core`, then run to the end; with the seconds to its first step."""
    settings = new_home(tmp_path_factory.mktemp("killed"), landing_files)
    kill_after(settings.home, two_task_run.project, "[ ok ] land ", 1.5)
    started = time.monotonic()
    first_step: list[float] = []

    from orchestration.report import Report

    report = Report(tell=lambda line: first_step.append(time.monotonic() - started))
    run_job(settings, report=report, tasks=TASKS, dbt_project_dir=two_task_run.project, suites=SUITES)
    return open_home(settings.home), first_step[0]


def test_the_next_run_starts_at_once(killed: tuple[Home, float]) -> None:
    assert killed[1] < 30


def test_it_ends_with_the_tables_of_an_undisturbed_run(killed: tuple[Home, float], two_task_run: SmallRun) -> None:
    home, _ = killed
    expected = tables(two_task_run.home.warehouse_file)
    assert tables(home.warehouse_file) == expected
    with duckdb.connect() as con:
        con.execute(f"attach '{home.warehouse_file}' as found (read_only)")
        con.execute(f"attach '{two_task_run.home.warehouse_file}' as wanted (read_only)")
        for name, columns in expected.items():
            listed = ", ".join(f'"{column}"' for column in columns)
            for one, other in (("found", "wanted"), ("wanted", "found")):
                query = f"select {listed} from {one}.{name} except all select {listed} from {other}.{name}"
                assert con.execute(f"select count(*) from ({query})").fetchone() == (0,), f"{name}: {one} only"


def test_the_killed_run_is_shown_as_failed(killed: tuple[Home, float]) -> None:
    with open_instance(killed[0]) as instance:
        runs = instance.get_runs()
    assert len(runs) == 2
    assert {run.status for run in runs} == {dg.DagsterRunStatus.FAILURE}  # the second: its task `broken`
    with duckdb.connect(str(killed[0].warehouse_file), read_only=True) as con:
        [(files, rows)] = con.execute(
            "select files_landed, rows_landed from ops.runs where status = 'killed'"
        ).fetchall()
        landed = con.execute("select count(*), sum(rows) from landing.files where status = 'landed'").fetchone()
    assert (files, rows) == landed
