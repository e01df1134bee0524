"""kill -9 at any moment: all of a file or none of it, and the next landing ends where an undisturbed one does."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warehouse.connect import connect
from warehouse.contracts import load_contracts
from warehouse.home import Home, open_home
from warehouse.landing import land_all

Drop = Callable[..., Path]

# Dies with the second file: after its rows are in, before or after the commit; or lands all the same.
_LAND = """
import os, signal, sys
from warehouse.home import open_home
from warehouse.landing import land_all, ledger
moment, kills = sys.argv[2], getattr(ledger.Ledger, sys.argv[2], None)
def dying(self, candidate, *rest):
    if candidate.name == "b.csv":
        os.kill(os.getpid(), signal.SIGKILL)
    return kills(self, candidate, *rest)
if kills:
    setattr(ledger.Ledger, moment, dying)
print("ready", flush=True)
land_all(open_home(sys.argv[1]), "killed")
"""


def _land_in_a_process(home: Home, moment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _LAND, str(home.root), moment], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _state(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """All that landed, without the run's name and the wall clock."""
    with connect(home, read_only=True) as con:
        state = {
            entity.table: con.execute(f'SELECT * FROM landing."{entity.table}" ORDER BY _batch, _row').fetchall()
            for entity in load_contracts()
        }
        files = "SELECT * EXCLUDE (landed_at, run_id, path) FROM landing.files ORDER BY batch_id"
        return {**state, "files": con.execute(files).fetchall(), "rejects": con.table("landing.rejects").fetchall()}


def _files(drop: Drop, rows: int) -> None:
    header = "customer_id,occurred_at,kind,detail\n"
    for age, name in ((500, "a.csv"), (400, "b.csv"), (300, "c.csv")):
        text = header + "".join(f"{name}{i},t,k,{random.Random(i).random()}\n" for i in range(rows)) + "broken\n"
        drop("account_events", name, text, age=age)


@pytest.mark.parametrize(("moment", "whole_files"), [("write", 1), ("remember", 2)])
def test_a_kill_before_and_after_the_commit(
    home: Home, drop: Drop, tmp_path: Path, moment: str, whole_files: int
) -> None:
    _files(drop, rows=300)
    assert _land_in_a_process(home, moment).wait() == -signal.SIGKILL
    killed = _state(home)
    assert len(killed["harken__account_events"]) == 300 * whole_files
    assert len(killed["rejects"]) == len(killed["files"]) == whole_files
    report = land_all(home, "next")
    assert len(report.landed) == 3 - whole_files
    assert _state(home) == _undisturbed(home, tmp_path)


def test_a_kill_at_any_moment_of_a_larger_landing(home: Home, drop: Drop, tmp_path: Path) -> None:
    _files(drop, rows=6_000)
    dice = random.Random(7)
    for _ in range(3):
        process = _land_in_a_process(home, "nowhere")
        time.sleep(dice.uniform(0.05, 0.6))
        process.kill()
        process.wait()
        state = _state(home)
        assert len(state["harken__account_events"]) == 6_000 * len(state["files"])
    land_all(home, "next")
    assert _state(home) == _undisturbed(home, tmp_path)


def _undisturbed(home: Home, tmp_path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What one landing without a kill makes of the same files."""
    other = open_home(tmp_path / "undisturbed")
    other.landing.rmdir()
    other.landing.symlink_to(home.landing)
    land_all(other, "whole")
    return _state(other)
