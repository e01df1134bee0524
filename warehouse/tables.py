"""Looking at tables, without writing: what is published (from the current snapshot) and what the warehouse holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.connect import connect, open_file, quoted
from warehouse.errors import HarkenError
from warehouse.home import Home
from warehouse.snapshots import Snapshot, current_snapshot

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TableInfo:
    """One table or view. `carried_from`: the snapshot whose rows a published table still shows, if not this one's."""

    schema: str
    name: str
    rows: int
    columns: int
    carried_from: str | None = None


@dataclass(frozen=True)
class TableRows:
    """Some rows of a published table, in its order. `snapshot_id` says whose they are."""

    snapshot_id: str
    table: str
    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    total: int


def published_tables(home: Home) -> list[TableInfo]:
    """The tables of the current snapshot, from its manifest: no lock, no database opened."""
    return [
        TableInfo("published", name, table["rows"], len(table["columns"]), table["carried_from"])
        for name, table in sorted(_current(home).tables.items())
    ]


def warehouse_tables(home: Home, schemas: tuple[str, ...] = ()) -> list[TableInfo]:
    """Tables of the warehouse file (all schemas, or some) with exact row counts; views aren't counted or listed.

    Raises WarehouseLocked while a run writes.
    """
    with connect(home, read_only=True) as con:
        found = con.execute(
            "SELECT schema_name, table_name, column_count FROM duckdb_tables() "
            "WHERE database_name = current_database() AND NOT temporary AND (len($schemas) = 0 "
            "OR list_contains($schemas, schema_name)) ORDER BY schema_name, table_name",
            {"schemas": list(schemas)},
        ).fetchall()
        tables = []
        for schema, name, columns in found:
            (rows,) = con.execute(f"SELECT count(*) FROM {quoted(schema)}.{quoted(name)}").fetchone() or (0,)
            tables.append(TableInfo(schema, name, rows, columns))
        return tables


def show(home: Home, table: str, limit: int = 10, order_by: str | None = None, descending: bool = False) -> TableRows:
    """The first rows of a published table, from the current snapshot, by `order_by`, or by its rank where it has one.

    Without either, a table that tells of runs (it has a `clock`) comes newest first.

    `published.` before the name may be left out. Raises HarkenError for an unknown table or column.
    """
    snapshot = _current(home)
    name = table.removeprefix("published.")
    if name not in snapshot.tables:
        raise HarkenError(f"no published table '{name}': there are {', '.join(sorted(snapshot.tables))}")
    columns = [column["name"] for column in snapshot.tables[name]["columns"]]
    if order_by is not None and order_by not in columns:
        raise HarkenError(f"published.{name} has no column '{order_by}': there are {', '.join(columns)}")
    with open_file(snapshot.duckdb_file, read_only=True) as con:
        by = order_by or next((usual for usual in ("rank", "clock") if usual in columns), None)
        way = "DESC" if descending or (order_by is None and by == "clock") else "ASC"
        order = f" ORDER BY {quoted(by)} {way} NULLS LAST" if by else ""
        result = con.execute(f"SELECT * FROM published.{quoted(name)}{order} LIMIT {int(limit)}")
        described = result.description or []
        return TableRows(
            snapshot.id,
            name,
            [column[0] for column in described],
            [str(column[1]) for column in described],
            result.fetchall(),
            snapshot.tables[name]["rows"],
        )


def read_published(home: Home, table: str) -> pa.Table:
    """All rows of a published table, from the current snapshot. Raises HarkenError where there is no such table."""
    snapshot = _current(home)
    if table not in snapshot.tables:
        raise HarkenError(f"published.{table} isn't published: there are {', '.join(sorted(snapshot.tables))}")
    with open_file(snapshot.duckdb_file, read_only=True) as con:
        return con.execute(f"SELECT * FROM published.{quoted(table)}").to_arrow_table()


def why_empty(home: Home) -> dict[str, str]:
    """Why tables of the current snapshot hold no rows, by table, as published.availability says it."""
    snapshot = _current(home)
    if "availability" not in snapshot.tables:
        return {}
    with open_file(snapshot.duckdb_file, read_only=True) as con:
        rows = con.execute(
            "SELECT table_name, reason FROM published.availability WHERE status = 'empty' AND reason IS NOT NULL"
        ).fetchall()
    return {name: f"empty: {reason}" for name, reason in rows}


def _current(home: Home) -> Snapshot:
    snapshot = current_snapshot(home)
    if snapshot is None:
        raise HarkenError(f"nothing is published in {home.published} yet: run `harken run` first")
    return snapshot
