"""What a reader hands over: the file's columns by name, and its rows in pieces that SQL can select from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

from warehouse.contracts import Entity
from warehouse.errors import FileRejected
from warehouse.landing.report import Reject

# Rows that a Python reader hands over at once: bounds the memory, few enough statements.
CHUNK_ROWS = 20_000


@dataclass
class Incoming:
    """One file, opened. `columns[i]` is the name of the pieces' column c<i>; each piece has `_row` besides.

    Empty texts are nulls. `rejects` grows while `pieces` is consumed. `extra` names the column that holds the unknown
    columns as JSON, where the reader has made it; else it is made from the columns that the contract doesn't know.
    """

    columns: list[str]
    pieces: Iterator[Piece]
    rejects: list[Reject] = field(default_factory=list)
    extra: str | None = None


class Piece(Protocol):
    """Some rows of a file, as something that stands after FROM."""

    def relation(self, con: duckdb.DuckDBPyConnection) -> str: ...


@dataclass(frozen=True)
class SqlPiece:
    """Rows that DuckDB reads itself."""

    sql: str

    def relation(self, con: duckdb.DuckDBPyConnection) -> str:
        return self.sql


@dataclass(frozen=True)
class RowsPiece:
    """Rows read in Python: texts by column (None is null) and the row numbers."""

    columns: Sequence[Sequence[str | None]]
    row_numbers: Sequence[int]

    def relation(self, con: duckdb.DuckDBPyConnection) -> str:
        import pyarrow as pa

        arrays = [pa.array(column, pa.large_string()) for column in self.columns]
        names = [f"c{i}" for i in range(len(arrays))]
        table = pa.table([*arrays, pa.array(self.row_numbers, pa.int64())], names=[*names, "_row"])
        con.register("incoming_rows", table)
        return "incoming_rows"


def named_columns(header: Sequence[str], entity: Entity) -> list[str]:
    """The header's names, trimmed; a name of the contract is recognised whatever its case.

    Unknown names that come twice are numbered. Raises FileRejected where a required column is missing, or a column of
    the contract comes twice: which of the two is meant, only the sender knows.
    """
    known = {name.lower(): name for name in entity.column_names}
    names = [known.get(name.strip().lower(), name.strip()) for name in header]
    counts = Counter(names)
    twice = [name for name in entity.column_names if counts[name] > 1]
    if twice:
        raise FileRejected(f"the column {_listed(twice)} comes more than once in the header: name each once")
    refuse_missing(entity, set(names))
    return _numbered(names)


def refuse_missing(entity: Entity, there: set[str]) -> None:
    """Raise FileRejected naming every required column that isn't there; return where none is missing."""
    missing = [name for name in entity.required if name not in there]
    if missing:
        headless = not any(name in there for name in entity.column_names)
        hint = "; none of the contract's columns is there: has the file a header?" if headless else ""
        raise FileRejected(f"required column missing: {_listed(missing)}{hint}")


def _numbered(names: list[str]) -> list[str]:
    taken: set[str] = set()
    unique = []
    for position, name in enumerate(names, start=1):
        candidate = name or f"column_{position}"
        while candidate in taken:
            candidate = f"{candidate}_{position}"
        taken.add(candidate)
        unique.append(candidate)
    return unique


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
