"""A publication that is killed or runs out of disk: the former snapshot stays, and nothing that matters lies about."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.connect import connect
from warehouse.home import Home
from warehouse.publish import Snapshot, current_snapshot, list_snapshots, publish

_KILLED = """
import os, signal, sys
from warehouse import publish
from warehouse.home import open_home
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(publish, sys.argv[2], die)
publish.publish(open_home(sys.argv[1]), "killed", ["risk"])
"""

# No file may grow beyond so many bytes: what a full disk does, for this process only.
_FULL_DISK = """
import resource, sys
from warehouse.connect import connect
from warehouse.errors import PublishError
from warehouse.home import open_home
from warehouse.publish import publish
home = open_home(sys.argv[1])
with connect(home) as con:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), most))
    try:
        publish(home, "full", ["risk"], con=con)
    except PublishError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    con.execute("INSERT INTO ops.runs (run_id, message) VALUES ('full', 'noted')")
"""


def _publish_first(home: Home) -> Snapshot:
    with connect(home) as con:
        con.execute("CREATE SCHEMA published")
        con.execute("CREATE TABLE published.risk AS SELECT i, random() AS p, 'r1' AS run_id FROM range(20000) r(i)")
        return publish(home, "r1", ["risk"], con=con)


def _change(home: Home) -> None:
    with connect(home) as con:
        con.execute("UPDATE published.risk SET p = random(), run_id = 'r2'")


def _intact(home: Home, snapshot: Snapshot) -> None:
    assert current_snapshot(home) == snapshot
    with duckdb.connect(str(home.current.resolve() / "harken.duckdb"), read_only=True) as con:
        assert con.execute("SELECT DISTINCT run_id FROM published.risk").fetchall() == [("r1",)]


@pytest.mark.parametrize("moment", ["write_table", "write_duckdb", "sync_files", "sync_folder", "make_current"])
def test_kill_9_leaves_the_former_snapshot_and_the_next_run_publishes(home: Home, moment: str) -> None:
    first = _publish_first(home)
    _change(home)
    process = subprocess.run([sys.executable, "-c", _KILLED, str(home.root), moment], check=False)
    assert process.returncode == -signal.SIGKILL
    _intact(home, first)
    with connect(home) as con:
        second = publish(home, "r2", ["risk"], con=con)
    assert current_snapshot(home) == second
    assert [path.name for path in home.snapshots.glob(".*")] == []
    assert all(json.loads((s.path / "manifest.json").read_text())["tables"] for s in list_snapshots(home))


@pytest.mark.parametrize("size", [1_000, 250_000])
def test_a_full_disk_is_one_line_and_leaves_everything_as_it_was(home: Home, size: int) -> None:
    """1,000 bytes stop the Parquet file, 250,000 the DuckDB file. The warehouse can still be written afterwards."""
    first = _publish_first(home)
    _change(home)
    result = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(home.root), str(size)], check=True, capture_output=True, text=True
    )
    (line,) = result.stdout.splitlines()
    assert line.startswith("nothing was published, the former snapshot stays: ")
    _intact(home, first)
    assert list_snapshots(home) == [first]
    assert [path.name for path in home.snapshots.iterdir()] == [first.id]
    with connect(home) as con:
        assert con.execute("SELECT message FROM ops.runs").fetchall() == [("noted",)]
        assert publish(home, "r2", ["risk"], con=con).current


def test_a_file_system_without_hard_links_gets_copies(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = _publish_first(home)

    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", refuse)
    with connect(home) as con:
        second = publish(home, "r2", ["risk"], con=con)
    assert not (first.path / "risk.parquet").samefile(second.path / "risk.parquet")
    assert (first.path / "risk.parquet").read_bytes() == (second.path / "risk.parquet").read_bytes()
