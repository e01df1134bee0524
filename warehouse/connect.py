"""Connections to the warehouse file: one process writes, and nobody reads it meanwhile (readers use the snapshots)."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from warehouse.contracts import Contracts
from warehouse.errors import HarkenError, WarehouseLocked
from warehouse.home import Home
from warehouse.schema import ensure_schema


def connect(home: Home, read_only: bool = False, contracts: Contracts | None = None) -> duckdb.DuckDBPyConnection:
    """A connection to the warehouse. A writing one creates missing schemas and tables first.

    Hold `writer_lock` around writing: DuckDB itself refuses a second process, but the lock says who is in the way.
    Opened without options, since dbt opens the same file in the same process and DuckDB wants equal options.
    """
    path = home.warehouse_file
    if read_only and not path.exists():
        raise HarkenError(f"there is no warehouse at {path} yet: run `harken run` first")
    con = open_file(path, read_only=read_only)
    if not read_only:
        ensure_schema(con, contracts)
    return con


def open_file(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, with times in UTC. Raises WarehouseLocked or HarkenError in one line."""
    try:
        con = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        text = str(error)
        if "lock" in text.lower():
            pid = text.partition("(PID ")[2].partition(")")[0]
            who = f"pid {pid}" if pid else "another process"
            raise WarehouseLocked(f"{path} is open in {who}: wait until it ends, or close it there") from error
        raise HarkenError(f"{path} can't be opened: {text.splitlines()[0]}") from error
    con.execute("SET TimeZone = 'UTC'")
    return con


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def file_literal(path: Path) -> str:
    """A file's path as an SQL literal for DuckDB's readers, which would take `*`, `?` and `[` for patterns."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def literal(text: str) -> str:
    """A text as an SQL literal, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
