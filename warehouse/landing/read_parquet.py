"""Reading Parquet: every value as text, times as ISO 8601 in UTC, nested values as JSON."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.connect import file_literal
from warehouse.contracts import Entity
from warehouse.errors import FileRejected
from warehouse.landing.incoming import Incoming, SqlPiece, named_columns

# Doubles hold every whole number up to here.
_EXACT_DOUBLE = 2**53


def read_parquet(con: duckdb.DuckDBPyConnection, path: Path, entity: Entity) -> Incoming:
    """The file as one piece. Raises FileRejected where it is no Parquet file, or cut short."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # DuckDB renames a column that comes twice; pyarrow says what is written.
        header = pq.read_schema(path).names
        relation = f"read_parquet({file_literal(path)}, binary_as_string=true, file_row_number=true)"
        types = [row[1] for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    except (pa.ArrowInvalid, pa.ArrowIOError, duckdb.Error) as error:
        raise FileRejected(f"not a whole Parquet file: {str(error).splitlines()[0]}") from error
    columns = named_columns(header, entity)
    names = [f"c{i}" for i in range(len(columns))]
    texts = ", ".join(f"{_as_text(name, type_)} AS {name}" for name, type_ in zip(names, types, strict=False))
    aliases = ", ".join([*names, "_position"])
    sql = f"(SELECT {texts}, _position + 1 AS _row FROM {relation} AS file({aliases}))"
    return Incoming(columns, iter([SqlPiece(sql)]))


def _as_text(name: str, type_: str) -> str:
    if type_ == "TIMESTAMP WITH TIME ZONE":
        text = f"replace(({name} AT TIME ZONE 'UTC')::VARCHAR, ' ', 'T') || 'Z'"
    elif type_.startswith("TIMESTAMP"):
        text = f"replace({name}::VARCHAR, ' ', 'T') || 'Z'"
    elif type_ in ("DOUBLE", "FLOAT"):
        # pandas makes doubles of integers with gaps: the customer 4711 isn't called 4711.0.
        whole = f"{name} = trunc({name}) AND abs({name}) <= {_EXACT_DOUBLE}"
        text = f"CASE WHEN {whole} THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
    elif type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        text = f"CASE WHEN {name} IS NOT NULL THEN to_json({name})::VARCHAR END"
    else:
        text = f"{name}::VARCHAR"
    return text
