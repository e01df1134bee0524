"""Writing the files of one snapshot: Parquet first, then the DuckDB file from that Parquet.

Parquet is written in parts: one for a table, or one a month for a partitioned table. A part whose rows haven't changed
since the former snapshot is a hard link to the former file, so that history is neither written nor stored twice.

The DuckDB file holds **tables**, not views over the Parquet parts. A view has to name its files: a relative path is
resolved against the reader's folder, not the file's; an absolute one breaks when the folder is mounted or copied
elsewhere, and both break when the snapshot is pruned under an open connection. The price is one more copy of the
published rows per snapshot.

It is built in a DuckDB instance of its own: a full disk makes an instance unusable, and the warehouse's must live on to
record that.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connect import literal, quoted
from warehouse.errors import PublishError

# The oldest format that drivers in use read (DuckDB 1.2 and later).
STORAGE_VERSION = "v1.2.0"
# Rows without a month; also the one part of a table without rows, so that `<table>/*.parquet` always finds a file.
NO_MONTH = "none"


@dataclass(frozen=True)
class Part:
    """One Parquet file, relative to the snapshot. Equal fingerprints, equal rows and columns."""

    file: str
    rows: int
    fingerprint: str
    bytes: int


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    comment: str | None = None


# Table -> its columns and its comment.
Described = dict[str, tuple[list[Column], str | None]]


@dataclass(frozen=True)
class Table:
    """One table as the manifest describes it. `carried_from`: the snapshot whose rows these are, if not this one's."""

    name: str
    columns: list[Column]
    parts: list[Part]
    comment: str | None = None
    month_column: str | None = None
    carried_from: str | None = None

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    def as_manifest(self) -> dict[str, Any]:
        fields = asdict(self)
        del fields["name"]
        return {"rows": self.rows, **fields}

    @staticmethod
    def from_manifest(name: str, fields: dict[str, Any]) -> Table:
        return Table(
            name,
            [Column(**column) for column in fields["columns"]],
            [Part(**part) for part in fields["parts"]],
            fields["comment"],
            fields["month_column"],
            fields["carried_from"],
        )


class Former:
    """The former snapshot as a store of parts."""

    def __init__(self, path: Path | None, snapshot_id: str | None, tables: dict[str, dict[str, Any]]) -> None:
        self.path = path
        self.id = snapshot_id
        self.tables = {name: Table.from_manifest(name, fields) for name, fields in tables.items()}

    def has(self, part: Part) -> bool:
        """Whether the part is there as it was written, as far as its size tells."""
        if self.path is None:
            return False
        try:
            return (self.path / part.file).stat().st_size == part.bytes
        except OSError:
            return False

    def link(self, part: Part, draft: Path) -> None:
        assert self.path is not None
        target = draft / part.file
        target.parent.mkdir(exist_ok=True)
        try:
            os.link(self.path / part.file, target)
        except OSError:
            # File systems without hard links: the same bytes, at the price of a copy.
            shutil.copyfile(self.path / part.file, target)


def write_table(
    con: duckdb.DuckDBPyConnection,
    draft: Path,
    name: str,
    described: tuple[list[Column], str | None],
    former: Former,
    month_column: str | None,
    rows: bool = True,
) -> Table:
    """The parts of `published.<name>`, changed ones written and others linked. `rows=False` writes its columns only."""
    relation = f"published.{quoted(name)}"
    columns, comment = described
    if month_column and month_column not in [column.name for column in columns]:
        raise PublishError(f"published.{name} has no column {month_column} to be partitioned by")
    before = former.tables.get(name)
    known = {part.file: part for part in before.parts} if before else {}
    parts = []
    for month, count, fingerprint in _fingerprints(con, relation, columns, month_column, rows):
        file = f"{name}/month={month}.parquet" if month_column else f"{name}.parquet"
        old = known.get(file)
        if old and old.fingerprint == fingerprint and former.has(old):
            former.link(old, draft)
            parts.append(old)
            continue
        chosen = "true" if rows else "false"
        if month_column and rows:
            chosen = f"{_month(month_column)} = {literal(month)}"
        (draft / file).parent.mkdir(exist_ok=True)
        con.execute(f"COPY (SELECT * FROM {relation} WHERE {chosen}) TO {literal(str(draft / file))} (FORMAT parquet)")
        parts.append(Part(file, count, fingerprint, (draft / file).stat().st_size))
    return Table(name, columns, parts, comment, month_column)


def carry_table(draft: Path, table: Table, former: Former) -> Table:
    """A table of the former snapshot, unchanged. Raises PublishError where a file of it is gone or has another size."""
    for part in table.parts:
        if not former.has(part):
            raise PublishError(f"{part.file} of the snapshot {former.id} is damaged: it can't be carried over")
        former.link(part, draft)
    return Table(
        table.name, table.columns, table.parts, table.comment, table.month_column, table.carried_from or former.id
    )


def write_duckdb(draft: Path, tables: Iterable[Table]) -> list[Table]:
    """harken.duckdb with every table in the schema `published`, read back from the Parquet parts, with comments.

    Takes each table once its parts are written, and gives them all back.
    """
    spill = draft / ".spill"
    with duckdb.connect() as con:
        con.execute(f"SET temp_directory = {literal(str(spill))}")
        con.execute(f"ATTACH {literal(str(draft / 'harken.duckdb'))} AS harken (STORAGE_VERSION '{STORAGE_VERSION}')")
        # One transaction: each of its own would write the file's catalogue once more.
        con.execute("BEGIN")
        con.execute("CREATE SCHEMA harken.published")
        loaded = []
        for table in tables:
            _load(con, draft, table)
            loaded.append(table)
        con.execute("COMMIT")
        con.execute("DETACH harken")
    shutil.rmtree(spill, ignore_errors=True)
    return loaded


def sync_files(draft: Path) -> None:
    """Flush every file and folder of the draft to disk."""
    for folder, _, names in os.walk(draft, topdown=False):
        for name in names:
            with (Path(folder) / name).open("rb") as stream:
                os.fsync(stream.fileno())
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(descriptor)
        os.close(descriptor)


def _load(con: duckdb.DuckDBPyConnection, draft: Path, table: Table) -> None:
    name = f"harken.published.{quoted(table.name)}"
    # Parquet knows fewer types than DuckDB: the declared ones are what was promised.
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    con.execute(f"CREATE TABLE {name} ({columns})")
    files = ", ".join(literal(str(draft / part.file)) for part in table.parts)
    con.execute(f"INSERT INTO {name} SELECT * FROM read_parquet([{files}], hive_partitioning=false)")
    (count,) = con.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
    if count != table.rows:
        raise PublishError(f"{table.name}: {count} rows came back from Parquet where {table.rows} were written")
    if table.comment:
        con.execute(f"COMMENT ON TABLE {name} IS {literal(table.comment)}")
    for column in table.columns:
        if column.comment:
            con.execute(f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {literal(column.comment)}")


def describe(con: duckdb.DuckDBPyConnection) -> Described:
    """Columns and comment of every published table."""
    columns: dict[str, list[Column]] = {}
    for table, *column in con.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'published' ORDER BY table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(Column(*column))
    comments = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'published' UNION ALL SELECT view_name, comment FROM duckdb_views() "
        "WHERE database_name = current_database() AND schema_name = 'published'"
    ).fetchall()
    return {table: (columns.get(table, []), comment) for table, comment in comments}


def _fingerprints(
    con: duckdb.DuckDBPyConnection, relation: str, columns: list[Column], month_column: str | None, rows: bool
) -> list[tuple[str, int, str]]:
    """(month, rows, fingerprint) of each part; at least one. Order of rows doesn't count, their values and types do."""
    shape = repr([(column.name, column.type) for column in columns])
    # DuckDB's hash() may change between versions: its version is part of the fingerprint.
    stamp = (
        f"md5({literal(duckdb.__version__ + shape)} || count(*) || ':' || sum(row_hash) || ':' || bit_xor(row_hash))"
    )
    values = ", ".join(quoted(column.name) for column in columns)
    month = _month(month_column) if month_column else literal(NO_MONTH)
    found = con.execute(
        f"SELECT month, count(*), {stamp} FROM (SELECT {month} AS month, hash({values}) AS row_hash FROM {relation} "
        f"WHERE {str(rows).lower()}) GROUP BY month ORDER BY month"
    ).fetchall()
    return found or [(NO_MONTH, 0, f"no rows: {duckdb.__version__} {shape}")]


def _month(column: str) -> str:
    return f"coalesce(strftime({quoted(column)}, '%Y-%m'), '{NO_MONTH}')"
