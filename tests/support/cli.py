"""The command `harken` in a process of its own, on a home of its own, as a person uses it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import shared
from tests.support.forks import Fork
from tests.support.shared import once

REPOSITORY = Path(__file__).resolve().parents[2]
# Commands that read the dbt project.
READ_THE_PROJECT = {"run", "loop", "replay", "backtest"}


def harken(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `variables` are added to the environment, from which other HARKEN_* are taken."""
    return started(home, *arguments, **variables).completed()


def started(home: Path, *arguments: str, **variables: str) -> Fork:
    """The same, while it runs."""
    if arguments[0] in READ_THE_PROJECT:
        give_parsed_project(home)
    return Fork(_command, ["harken", *arguments], environment(home, **variables), home.parent, shared.scratch())


def harken_afresh(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command by a Python of its own, with nothing prepared."""
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(
        command, env=environment(home), cwd=home.parent, capture_output=True, text=True, timeout=900, check=False
    )


def environment(home: Path, **variables: str) -> dict[str, str]:
    """This process's environment with that home, and none of its own HARKEN_* variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    return {**kept, "HARKEN_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", **variables}


def _command() -> None:
    from orchestration.cli import app

    app(prog_name="harken")


def _parse(folder: Path) -> None:
    from orchestration.definitions import DBT_PROJECT
    from orchestration.project import Project
    from orchestration.settings import load_settings
    from warehouse.home import open_home

    with pytest.MonkeyPatch.context() as patched:
        for name, value in load_settings(home=folder / "home").subprocess_environment().items():
            patched.setenv(name, value)
        Project(DBT_PROJECT, open_home(folder / "home")).manifest_path()


def give_parsed_project(home: Path) -> None:
    """Spare a new home the seconds that parsing the dbt project takes; another state of the code isn't used by it."""
    target = home / "dbt" / "target"
    if not target.exists():
        parsed = once("parsed", _parse)
        shutil.copytree(parsed / "home" / "dbt" / "target", target)


def _demo(folder: Path) -> None:
    home = folder / "home"
    done = harken_afresh(home, "demo", "--contacts", "8000", "--days", "60")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (home / "demo.txt").write_text(done.stdout, encoding="utf-8")


def demo_home(folder: Path) -> Path:
    """A home of one's own after `harken demo` on a small contact centre; what it told lies in `demo.txt`."""
    made = once("demo", _demo) / "home"
    home = folder / "home"
    shutil.copytree(made, home, symlinks=True)
    # MLflow keeps whole paths, of the folder in which the demo ran.
    with contextlib.closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as con, con:
        for (table,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
            for _, column, kind, *_ in con.execute(f"pragma table_info('{table}')").fetchall():
                if kind.upper().startswith(("VARCHAR", "TEXT")):
                    change = f'update "{table}" set "{column}" = replace("{column}", ?, ?) where instr("{column}", ?)'
                    for draft in (f"{made.parent}.draft/home", str(made)):
                        con.execute(change, [draft, str(home), draft])
    return home


def age_files(home: Path) -> None:
    """Landing files as if written a minute earlier: they have settled."""
    for file in (home / "landing").rglob("*.*"):
        os.utime(file, (file.stat().st_mtime - 60,) * 2)


def one_line(text: str) -> str:
    """The error as shown: one line and no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    return lines[0]
