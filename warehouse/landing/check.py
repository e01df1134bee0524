"""A dry run of one file: read as landing reads it, into a database in memory, and judged by the contract's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.connect import quoted
from warehouse.contracts import Contracts, Entity, load_contracts
from warehouse.errors import FileRejected
from warehouse.landing.load import load
from warehouse.landing.report import Reject, counted
from warehouse.landing.rules import quarantine_query, repeated_keys_query
from warehouse.landing.scan import UNFINISHED
from warehouse.landing.survey import FORMATS, file_format
from warehouse.schema import create_schema

EXAMPLES = 20


@dataclass(frozen=True)
class Reason:
    """Why rows would be quarantined: in words (values masked), how many rows, and the first of them."""

    text: str
    rows: int
    first_rows: list[int]


@dataclass(frozen=True)
class CheckReport:
    """What landing would do with one file. `rejected` says why nothing of it would land; then the rest is empty."""

    source: str
    entity: str
    path: Path
    rejected: str | None = None
    rows: int = 0
    absent_columns: list[str] = field(default_factory=list)  # of the contract, not required
    unknown_columns: list[str] = field(default_factory=list)  # kept in `attributes`
    rejects: list[Reject] = field(default_factory=list)
    quarantined_rows: int = 0
    reasons: list[Reason] = field(default_factory=list)  # most frequent first
    examples: list[tuple[int, list[str]]] = field(default_factory=list)  # (row, its reasons), the first ones
    repeated_keys: int = 0  # rows whose key stands in an earlier row; the last one stands

    @property
    def clean(self) -> bool:
        """Whether every row would land and none would be quarantined."""
        return self.rejected is None and not self.rejects and not self.quarantined_rows

    def lines(self) -> list[str]:
        """The report for people, a line each."""
        if self.rejected:
            return [f"{self.path.name}: would be rejected: {self.rejected}"]
        lines = [f"{self.path.name}: {counted(self.rows, 'row')} would land in {self.source}/{self.entity}"]
        if self.absent_columns:
            lines.append(f"columns of the contract that aren't in the file: {', '.join(self.absent_columns)}")
        if self.unknown_columns:
            lines.append(f"columns that the contract doesn't know, kept as attributes: {self._unknown()}")
        if self.rejects:
            lines.append(f"{counted(len(self.rejects), 'line')} can't be read (counted with the header):")
            lines += [f"  line {reject.line}: {reject.reason}" for reject in self.rejects[:EXAMPLES]]
        if self.quarantined_rows:
            found = counted(self.quarantined_rows, "row")
            lines.append(f"{found} would be quarantined (values masked: x for a letter, 9 for a digit):")
            lines += [f"  {r.rows} x {r.text} (row {', '.join(map(str, r.first_rows))})" for r in self.reasons]
        if self.repeated_keys:
            lines.append(f"rows that repeat the key of an earlier row: {self.repeated_keys}; the last one stands")
        return lines

    def _unknown(self) -> str:
        return ", ".join(self.unknown_columns)


def check_file(
    source: str,
    entity: str,
    file: Path,
    *,
    contracts: Contracts | None = None,
    landed_at: datetime | None = None,
    examples: int = EXAMPLES,
) -> CheckReport:
    """What would happen to a file. Writes nothing and needs no home.

    `landed_at` (UTC; now by default) is the moment after which times lie in the future; `examples` is how many rows are
    shown with their reasons. Raises ContractError on an unknown source or entity.
    """
    declared = (contracts or load_contracts()).entity(source, entity)
    path = Path(file).expanduser().absolute()
    if file_format(path.name) is None or path.name.lower().endswith(UNFINISHED):
        return CheckReport(source, entity, path, f"no known format: {', '.join(FORMATS)} are")
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        create_schema(con, Contracts({source: {entity: declared}}))
        con.begin()

        def restart() -> None:
            con.rollback()
            con.begin()

        try:
            loaded = load(con, declared, path, 1, restart)
        except FileRejected as rejection:
            return CheckReport(source, entity, path, str(rejection))
        except OSError as error:
            return CheckReport(source, entity, path, f"can't be read: {error.strerror or error}")
        if loaded.unreadable:
            return CheckReport(source, entity, path, loaded.unreadable, rejects=loaded.rejects)
        moment = landed_at or datetime.now(UTC).replace(tzinfo=None)
        return _judge(con, declared, path, loaded.columns, loaded.rows, loaded.rejects, moment, examples)


def _judge(
    con: duckdb.DuckDBPyConnection,
    entity: Entity,
    path: Path,
    columns: list[str],
    rows: int,
    rejects: list[Reject],
    landed_at: datetime,
    shown: int,
) -> CheckReport:
    query = quarantine_query(entity)
    con.execute(f"CREATE TEMP TABLE faults AS {query}", {"landed_at": landed_at})
    reasons = con.execute(
        "SELECT reason, count(*), list(_row ORDER BY _row)[1:5] "
        "FROM (SELECT _row, unnest(reasons) AS reason FROM faults) GROUP BY reason ORDER BY count(*) DESC, reason"
    ).fetchall()
    examples = con.execute(f"SELECT _row, reasons FROM faults ORDER BY _row LIMIT {shown}").fetchall()
    (quarantined,) = con.execute("SELECT count(*) FROM faults").fetchone() or (0,)
    if "_extra" in columns:  # JSONL: each line has keys of its own
        columns = _keys_given(con, entity)
    (repeated,) = con.execute(repeated_keys_query(entity)).fetchone() or (0,)
    return CheckReport(
        entity.source,
        entity.name,
        path,
        rows=rows,
        absent_columns=[name for name in entity.column_names if name not in columns],
        unknown_columns=[name for name in columns if name not in entity.column_names],
        rejects=rejects,
        quarantined_rows=quarantined,
        reasons=[Reason(*row) for row in reasons],
        examples=examples,
        repeated_keys=repeated,
    )


def _keys_given(con: duckdb.DuckDBPyConnection, entity: Entity) -> list[str]:
    """The keys that stood in any object of a JSONL file, those of the contract first."""
    table = f"landing.{quoted(entity.table)}"
    names = entity.column_names
    counts = (
        con.execute(f"SELECT {', '.join(f'count({quoted(name)})' for name in names)} FROM {table}").fetchone() or ()
    )
    others = con.execute(f"SELECT DISTINCT unnest(json_keys(_extra)) FROM {table} ORDER BY 1").fetchall()
    return [name for name, count in zip(names, counts, strict=True) if count] + [name for (name,) in others]
