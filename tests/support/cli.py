"""The command `harken` in a process of its own, on a home of its own, as a person uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.shared import once

REPOSITORY = Path(__file__).resolve().parents[2]
# Commands that read the dbt project. `demo` isn't one of them: its test is that of a home in which nothing is there.
READ_THE_PROJECT = {"run", "loop", "replay", "backtest"}


def harken(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command; `variables` are added to the environment, from which other HARKEN_* variables are taken."""
    if arguments[0] in READ_THE_PROJECT:
        give_parsed_project(home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    environment = {**kept, "HARKEN_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(command, env=environment, cwd=home.parent, capture_output=True, text=True, timeout=900)


def _parse(folder: Path) -> None:
    from orchestration.definitions import DBT_PROJECT
    from orchestration.project import Project
    from warehouse.home import open_home

    Project(DBT_PROJECT, open_home(folder / "home")).manifest_path()


def give_parsed_project(home: Path) -> None:
    """Spare a new home the seconds that parsing the dbt project takes; another state of the code isn't used by it."""
    target = home / "dbt" / "target"
    if not target.exists():
        parsed = once("parsed", _parse)
        shutil.copytree(parsed / "home" / "dbt" / "target", target)


def one_line(text: str) -> str:
    """The error as shown: one line and no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    return lines[0]
