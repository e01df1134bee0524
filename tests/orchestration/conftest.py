"""One small home for all tests of this room: simulated once, run once with two small tasks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from orchestration.report import Report
from orchestration.run import Outcome, run_job
from orchestration.settings import Settings, load_settings
from simulator import simulate
from tests.orchestration.two_tasks import SUITES, TASKS, copy_project
from warehouse.home import Home, open_home


@dataclass(frozen=True)
class SmallRun:
    """A finished run of the daily job."""

    settings: Settings
    home: Home
    project: Path
    outcome: Outcome
    report: Report
    lines: list[str]


@pytest.fixture(scope="session")
def landing_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder of a contact centre of 40 days."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "landing", folder / "truth", seed=7, start=date(2026, 5, 22), days=40, contacts=2_500)
    for file in (folder / "landing").rglob("*.*"):
        os.utime(file, (file.stat().st_mtime - 60, file.stat().st_mtime - 60))  # settled, not being written
    return folder / "landing"


@pytest.fixture(scope="session")
def two_task_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("project"))


def new_home(folder: Path, landing_files: Path) -> Settings:
    """Settings of a home that holds the simulated files."""
    shutil.copytree(landing_files, folder / "landing")
    return load_settings(home=folder)


@pytest.fixture(scope="session")
def two_task_run(
    tmp_path_factory: pytest.TempPathFactory, landing_files: Path, two_task_project: Path
) -> Iterator[SmallRun]:
    """The daily job with the two tasks, of which `broken` fails its suite."""
    settings = new_home(tmp_path_factory.mktemp("home"), landing_files)
    lines: list[str] = []
    report = Report(tell=lines.append)
    outcome = run_job(settings, report=report, tasks=TASKS, dbt_project_dir=two_task_project, suites=SUITES)
    yield SmallRun(settings, open_home(settings.home), two_task_project, outcome, report, lines)
