"""One file into its landing table, within a transaction that the caller has begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connect import literal, quoted
from warehouse.contracts import Entity
from warehouse.errors import FileRejected
from warehouse.landing.incoming import Incoming
from warehouse.landing.read_csv import NotQuick, line_feeds_of, read_exactly, read_header, read_quickly
from warehouse.landing.read_jsonl import read_jsonl
from warehouse.landing.read_parquet import read_parquet
from warehouse.landing.report import Reject
from warehouse.landing.survey import Survey, file_format, survey


@dataclass(frozen=True)
class Loaded:
    """What a file brought: its columns by the contract's names, rows in the landing table, and unreadable lines."""

    columns: list[str]
    rows: int
    rejects: list[Reject]

    @property
    def unreadable(self) -> str | None:
        """Why the file counts as rejected whole although it could be opened: not one of its lines can be read."""
        if self.rows or not self.rejects:
            return None
        first = self.rejects[0]
        return f"none of its {len(self.rejects)} lines can be read; line {first.line}: {first.reason}"


def load(
    con: duckdb.DuckDBPyConnection, entity: Entity, path: Path, batch_id: int, restart: Callable[[], None]
) -> Loaded:
    """Insert the file's rows as batch `batch_id`. Raises FileRejected where the file as a whole is no good.

    `restart` rolls back what was inserted and begins anew: the quick reading of a CSV may turn out to be wrong.
    """
    kind = file_format(path.name)
    if kind == ".parquet":
        return _parquet(con, entity, path, batch_id)
    lines = survey(path)
    if kind in (".jsonl", ".jsonl.gz"):
        return _insert(con, entity, read_jsonl(path, entity), batch_id)
    try:
        return _quickly(con, entity, path, lines, batch_id)
    except (NotQuick, duckdb.Error):
        # Whatever DuckDB disliked, the exact reading names its line; a fault of the warehouse itself comes up again.
        restart()
    return _insert(con, entity, read_exactly(path, entity), batch_id)


def _parquet(con: duckdb.DuckDBPyConnection, entity: Entity, path: Path, batch_id: int) -> Loaded:
    incoming = read_parquet(con, path, entity)
    (piece,) = incoming.pieces
    try:
        return _insert(con, entity, Incoming(incoming.columns, iter([piece])), batch_id)
    except duckdb.Error:
        # The file's fault or the warehouse's? Its own, if reading it alone fails too.
        try:
            duckdb.execute(f"SELECT max(hash(file)) FROM {piece.relation(con)} AS file").fetchall()
        except duckdb.Error as error:
            raise FileRejected(f"damaged Parquet file: {str(error).splitlines()[0]}") from error
        raise


def _quickly(con: duckdb.DuckDBPyConnection, entity: Entity, path: Path, lines: Survey, batch_id: int) -> Loaded:
    incoming = read_quickly(path, entity)
    (piece,) = incoming.pieces
    loaded = _insert(con, entity, Incoming(incoming.columns, iter([piece])), batch_id)
    known = [quoted(name) for name in incoming.columns if name in entity.column_names]
    in_values = _number(
        con, f"SELECT {line_feeds_of(known)} FROM landing.{quoted(entity.table)} WHERE _batch = {batch_id}"
    )
    unknown = [f"c{place}" for place, name in enumerate(incoming.columns) if name not in entity.column_names]
    if unknown:
        in_values += _number(con, f"SELECT {line_feeds_of(unknown)} FROM {piece.relation(con)}")
    header = 1 + read_header(path, entity).line_feeds
    if header + loaded.rows + in_values != lines.newlines + lines.ends_open:
        raise NotQuick("rows and line feeds don't add up: empty lines, other line ends, or a misreading")
    return loaded


def _insert(con: duckdb.DuckDBPyConnection, entity: Entity, incoming: Incoming, batch_id: int) -> Loaded:
    statement = _statement(entity, incoming, batch_id)
    rows = 0
    for piece in incoming.pieces:
        rows += _number(con, statement.format(relation=piece.relation(con)))
    return Loaded(incoming.columns, rows, incoming.rejects)


def _statement(entity: Entity, incoming: Incoming, batch_id: int) -> str:
    targets, values, unknown = [], [], []
    for place, name in enumerate(incoming.columns):
        if name in entity.column_names or name == incoming.extra:
            targets.append(quoted(name))
            values.append(f"nullif(c{place}, '')")
        else:
            unknown.append(f"{literal(name)}, nullif(c{place}, '')")
    if unknown:
        targets.append("_extra")
        # Merging into nothing leaves out the nulls.
        values.append(f"nullif(json_merge_patch('{{}}', json_object({', '.join(unknown)}))::VARCHAR, '{{}}')")
    return (
        f"INSERT INTO landing.{quoted(entity.table)} ({', '.join(targets)}, _batch, _row) "
        f"SELECT {', '.join(values)}, {batch_id}, _row FROM "
    ).replace("{", "{{").replace("}", "}}") + "{relation}"


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    assert row is not None
    return int(row[0] or 0)
