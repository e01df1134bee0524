"""Readers in a loop while snapshots are published: no error, no torn read, every read belongs to one snapshot."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

from warehouse.connect import connect
from warehouse.home import Home
from warehouse.publish import publish

READERS = 3
PUBLICATIONS = 6

# As docs tell BI to read: resolve the symlink once, then everything below the folder it gave.
_READER = """
import json, pathlib, sys, time
import duckdb
current, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
reads, runs = 0, []
while not stop.exists():
    folder = current.resolve()
    run = json.loads((folder / "manifest.json").read_text())["run_id"]
    with duckdb.connect(str(folder / "harken.duckdb"), read_only=True) as con:
        risk = con.execute("SELECT run_id, count(*) FROM published.risk GROUP BY 1").fetchall()
        history = con.execute("SELECT max(run_id), count(*) FROM published.history").fetchall()
        number = int(run.removeprefix("run"))
        assert risk == [(run, 500)], (run, risk)
        assert history == [(f"run{number:03}", number)], (run, history)
        assert con.execute(f"SELECT DISTINCT run_id FROM '{folder}/risk.parquet'").fetchall() == [(run,)]
        parts = con.execute(f"SELECT max(run_id), count(*) FROM '{folder}/history/*.parquet'").fetchall()
        assert parts == history, (run, parts)
    reads += 1
    runs.append(run)
    if reads == 1:
        print("reading", flush=True)
    time.sleep(0.05)
print(json.dumps({"reads": reads, "runs": len(set(runs)), "in_order": runs == sorted(runs)}))
"""


def _publish_run(home: Home, number: int) -> None:
    """A run whose every row carries its name; the history grows by one row, and by one month every few runs."""
    run = f"run{number:03}"
    with connect(home) as con:
        con.execute("CREATE SCHEMA IF NOT EXISTS published")
        con.execute("CREATE TABLE IF NOT EXISTS published.history (as_of TIMESTAMP, run_id VARCHAR)")
        con.execute(
            f"INSERT INTO published.history SELECT TIMESTAMP '2026-01-01' + INTERVAL ({number * 9}) DAY, '{run}'"
        )
        con.execute(f"CREATE OR REPLACE TABLE published.risk AS SELECT i, '{run}' AS run_id FROM range(500) r(i)")
        publish(
            home, run, ["risk", "history"], con=con, partitioned={"history": "as_of"}, keep_count=3, keep_days=0,
            grace=timedelta(seconds=30),
        )  # fmt: skip


def test_every_read_belongs_to_one_snapshot(home: Home) -> None:
    _publish_run(home, 1)
    stop = home.root / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", _READER, str(home.current), str(stop)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(READERS)
    ]  # fmt: skip
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n", reader.stderr and reader.stderr.read()
        for number in range(2, PUBLICATIONS + 2):
            _publish_run(home, number)
    finally:
        stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        found = json.loads(out)
        assert found["reads"] > 5
        assert found["runs"] > 1
        assert found["in_order"]
