"""What an operator should know of a home between runs: files that never got in, and a run that didn't end well."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import duckdb

from warehouse.connect import connect
from warehouse.errors import HarkenError
from warehouse.home import Home

NAMED = 3  # files named one by one; of more than these only the number is said


def open_problems(home: Home) -> list[str]:
    """One line for each thing to mend in the warehouse's own records. Raises WarehouseLocked while a run writes."""
    if not home.warehouse_file.exists():
        return []
    with connect(home, read_only=True) as con:
        return [*_files(con), *_last_run(con)]


def must_read_mlflow(home: Home) -> None:
    """Raises HarkenError where MLflow's database is there and can't be read."""
    file = home.mlflow / "mlflow.db"
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as con:
            con.execute("select count(*) from sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise HarkenError(
            f"{file} can't be read ({error}): bring back a copy; without one move {home.mlflow} away, and the next run "
            "trains anew"
        ) from error


def _files(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Files that were rejected and haven't come again since, and what the last landing left aside."""
    rejected = con.execute(
        "SELECT source, entity, name, reason FROM landing.files "
        "QUALIFY row_number() OVER (PARTITION BY source, entity, name ORDER BY batch_id DESC) = 1 "
        "AND status = 'rejected' ORDER BY batch_id"
    ).fetchall()
    aside = con.execute(
        "SELECT source, entity, name, status || ': ' || reason FROM landing.left_aside ORDER BY ALL"
    ).fetchall()
    found = []
    for what, rows in (("rejected", rejected), ("left aside", aside)):
        for source, entity, name, reason in rows[:NAMED]:
            found.append(f"{'/'.join(part for part in (source, entity, name) if part)} is {what}: {reason}")
        if rows[NAMED:]:
            found.append(f"{len(rows) - NAMED} more are {what}: see published.data_quality")
    return found


def _last_run(con: duckdb.DuckDBPyConnection) -> list[str]:
    row = con.execute("SELECT status, message, started_at FROM ops.runs ORDER BY started_at DESC LIMIT 1").fetchone()
    if row is None or row[0] == "succeeded":
        return []
    status, message, started = row
    if status == "running":
        return [f"the run of {started:%Y-%m-%d %H:%M} UTC didn't end (killed?): `harken run` goes on from there"]
    return [f"the last run ({started:%Y-%m-%d %H:%M} UTC) failed: {message or 'see it in the UI'}"]
