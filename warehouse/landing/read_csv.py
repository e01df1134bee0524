"""Reading CSV: quickly where the file is without fault, exactly where it isn't.

DuckDB reads a clean file several times faster than Python, but its account of faulty lines can't be trusted with quoted
line breaks, and a misread line end has been seen to lose rows in silence (2.0.0, `new_line` with CRLF). So the quick
reading stands only if DuckDB met no fault and every line feed of the file is accounted for; else `read_exactly` reads
the file again, record by record.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.connect import file_literal, literal
from warehouse.contracts import Entity
from warehouse.errors import FileRejected
from warehouse.landing.incoming import CHUNK_ROWS, Incoming, Piece, RowsPiece, SqlPiece, named_columns
from warehouse.landing.report import Reject, masked
from warehouse.landing.survey import open_bytes, refuse_foreign_encoding

DELIMITERS = ",;"
# Longer fields are a fault of the file, not a text: the record is rejected.
MAX_FIELD = 64 << 20
_QUICK_MAX_LINE = 32 << 20


class NotQuick(Exception):
    """The quick reading met something it can't vouch for. Never leaves this room."""


@dataclass(frozen=True)
class Header:
    """The first record: its names as they came, the delimiter, and the line feeds within it."""

    names: list[str]
    delimiter: str
    line_feeds: int


def read_header(path: Path, entity: Entity) -> Header:
    """The first record under the delimiter that finds more of the contract's columns."""
    csv.field_size_limit(MAX_FIELD)
    known = {name.lower() for name in entity.column_names}
    headers: list[tuple[int, Header]] = []
    for delimiter in DELIMITERS:
        try:
            header = _header(path, delimiter)
        except UnicodeDecodeError:
            refuse_foreign_encoding(path)
            raise
        except csv.Error:
            continue
        headers.append((len(known & {name.strip().lower() for name in header.names}), header))
    found, best = max(headers, key=lambda entry: entry[0], default=(0, None))
    if best is None or (not found and len(headers) < len(DELIMITERS)):
        raise FileRejected("the header can't be read: its quotes are wrong, or one is never closed")
    return best


def _header(path: Path, delimiter: str) -> Header:
    with _text(path) as stream:
        lines = _Counted(stream)
        names = next(_reader(lines, delimiter), [])
        return Header(names, delimiter, max(lines.line_feeds - 1, 0))


def read_quickly(path: Path, entity: Entity) -> Incoming:
    """The file as one piece that DuckDB reads. It stands only if its line feeds add up (see land.py)."""
    header = read_header(path, entity)
    columns = named_columns(header.names, entity)
    if len(columns) == 1:
        raise NotQuick("an empty line is no row, but DuckDB takes it for one in a single column")
    types = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(columns)))
    relation = (
        "(SELECT *, row_number() OVER () AS _row FROM read_csv("
        f"{file_literal(path)}, auto_detect=false, header=true, columns={{{types}}}, "
        f"delim={literal(header.delimiter)}, "
        "quote='\"', escape='\"', comment='', strict_mode=true, null_padding=false, ignore_errors=false, "
        f"hive_partitioning=false, max_line_size={_QUICK_MAX_LINE}))"
    )
    return Incoming(columns, iter([SqlPiece(relation)]))


def line_feeds_of(names: list[str]) -> str:
    """SQL for the line feeds within the values of these columns, over all rows."""
    terms = (
        f"sum(CASE WHEN contains({name}, chr(10)) THEN length({name}) - length(replace({name}, chr(10), '')) END)"
        for name in names
    )
    return " + ".join(f"coalesce({term}, 0)" for term in terms)


def read_exactly(path: Path, entity: Entity) -> Incoming:
    """The file record by record. Faulty records go to `rejects` with the line they begin on; the rest goes on."""
    header = read_header(path, entity)
    columns = named_columns(header.names, entity)
    incoming = Incoming(columns, iter(()))
    incoming.pieces = _exact_pieces(path, header, len(columns), incoming.rejects)
    return incoming


def _exact_pieces(path: Path, header: Header, width: int, rejects: list[Reject]) -> Iterator[Piece]:
    try:
        with _text(path) as stream:
            records = _Records(stream, header.delimiter, width, rejects.append)
            while rows := records.take(CHUNK_ROWS):
                numbers = [number for number, _ in rows]
                yield RowsPiece(list(zip(*(values for _, values in rows), strict=True)), numbers)
    except UnicodeDecodeError:
        refuse_foreign_encoding(path)
        raise


@dataclass
class _Records:
    """The data records of an open CSV text, one at a time, with recovery after a fault.

    A record whose quotes are wrong often is one bad line that swallowed the lines after it, as a quote left open does:
    its first line alone is rejected and reading begins again at the line after it. There, until the end of what was
    swallowed, a record must have an even number of quotes, so that the tail of a broken record isn't taken for a row.
    """

    stream: io.TextIOWrapper
    delimiter: str
    width: int
    reject: Callable[[Reject], None]
    line: int = 0
    row: int = 0
    _again: deque[str] = field(default_factory=deque)
    _used: list[str] = field(default_factory=list)
    _suspect_until: int = 0

    def __post_init__(self) -> None:
        self._reader = _reader(self._lines(), self.delimiter)
        next(self._reader)
        self._used.clear()

    def take(self, count: int) -> list[tuple[int, list[str]]]:
        """The next (row number, values), at most `count`; none at the end. A row number counts rejected records too."""
        rows: list[tuple[int, list[str]]] = []
        while len(rows) < count:
            first = self.line + 1
            self._used.clear()
            try:
                values = next(self._reader)
            except StopIteration:
                break
            except csv.Error as error:
                self._recover(first, str(error))
                continue
            if not values:
                continue
            self.row += 1
            if len(values) == self.width and first > self._suspect_until:
                rows.append((self.row, values))
                continue
            if len(values) > self.width and not any(values[self.width :]):
                # Delimiters at a row's end say nothing; DuckDB passes over them too.
                values = values[: self.width]
            fault = self._fault(first, values)
            if fault:
                self.reject(Reject(first, fault, masked("".join(self._used))))
            else:
                rows.append((self.row, values))
        return rows

    def _fault(self, first: int, values: list[str]) -> str | None:
        if len(values) != self.width:
            span = (
                f" (lines {first} to {self.line} read as one row: is a quote left open?)" if self.line > first else ""
            )
            return f"{len(values)} fields where the header has {self.width}{span}"
        if first <= self._suspect_until and sum(line.count('"') for line in self._used) % 2:
            return "the rest of a row that is broken before this line"
        return None

    def _recover(self, first: int, error: str) -> None:
        self.row += 1
        unread = self._used[1:]
        fault = "a quote is left open" if "end of data" in error else f"bad quoting ({error})"
        if "field larger" in error:
            fault = f"a field is longer than {MAX_FIELD >> 20} MB, or a quote is left open"
        self.reject(Reject(first, fault, masked(self._used[0])))
        self._suspect_until = max(self._suspect_until, self.line)
        self._again.extendleft(reversed(unread))
        self.line = first
        # The lines' generator ended if the file did; a new reader begins afresh either way.
        self._reader = _reader(self._lines(), self.delimiter)

    def _lines(self) -> Iterator[str]:
        while True:
            text = self._again.popleft() if self._again else next(self.stream, "")
            if not text:
                return
            self.line += 1
            self._used.append(text)
            yield text


class _Counted:
    """An iterator over lines that knows how many line feeds it gave."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self.line_feeds = 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.line_feeds += line.endswith("\n")
        return line


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    # As in DuckDB, spaces before an opening quote are none of the value. Those before an unquoted value go as well:
    # staging trims every value anyway.
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def _text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="")
