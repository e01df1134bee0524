"""Writes the day's rows into landing files, by month or by day."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from simulator.clock import Clock
from simulator.file_faults import FileFaults
from simulator.reference import DAY

Format = Literal["csv", "csv.gz", "parquet"]
Split = Literal["month", "day"]
SOURCE = "harken"


@dataclass
class Landing:
    """Collects rows and writes `<root>/harken/<entity>/<entity>_<period>.<format>`, all columns as text.

    `written` counts rows per entity. A file's modification time is the end of its period, so that files sort
    by it; a period that begins within a month is named by its days.
    """

    root: Path
    clock: Clock
    format: Format = "csv"
    split: Split = "month"
    faults: FileFaults | None = None
    written: dict[str, int] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    _first_day: int | None = None
    _parts: dict[str, list[pa.Table]] = field(default_factory=dict)
    _broken: dict[str, list[str]] = field(default_factory=dict)

    def add(self, day: int, tables: dict[str, pa.Table], broken: dict[str, list[str]] | None = None) -> None:
        """Take a day's rows (and raw lines that aren't rows, CSV only); writes the period if the day ends it."""
        if self._first_day is None:
            self._first_day = day
        for entity, table in tables.items():
            if table.num_rows:
                self._parts.setdefault(entity, []).append(table)
        for entity, lines in (broken or {}).items():
            self._broken.setdefault(entity, []).extend(lines)
        tomorrow = self.clock.date(day) + timedelta(days=1)
        if self.split == "day" or tomorrow.day == 1:
            self.flush(day)

    def flush(self, last_day: int) -> None:
        """Write what was collected up to and with this day."""
        if self._first_day is None:
            return
        period = _period(self.clock.date(self._first_day), self.clock.date(last_day), self.split)
        ends = self.clock.origin + (last_day + 1) * DAY
        for entity, tables in sorted(self._parts.items()):
            self._write_file(entity, period, pa.concat_tables(tables), ends, range(self._first_day, last_day + 1))
        self._first_day, self._parts, self._broken = None, {}, {}

    def _write_file(self, entity: str, period: str, table: pa.Table, ends: int, days: range) -> None:
        folder, faults = self.root / SOURCE / entity, self.faults
        names, garbled = [f"{entity}_{period}.{self.format}"], False
        if faults is not None:
            table = faults.renamed(entity, days, table)
            garbled = self.format == "csv" and faults.garbled(entity, days)
            if faults.sent_twice(entity, days):
                names.append(f"{entity}_{period}_again.{self.format}")
        for name in names:
            _write(folder / name, table, self.format, self._broken.get(entity, []), ends, garbled)
            self.written[entity] = self.written.get(entity, 0) + table.num_rows
            self.paths.append(folder / name)


def _period(first: date, last: date, split: Split) -> str:
    if split == "day":
        return first.isoformat()
    if first.day == 1:
        return f"{first:%Y-%m}"
    return f"{first.isoformat()}_to_{last.isoformat()}"


def _write(
    path: Path, table: pa.Table, format: Format, broken: list[str], modified: int, garbled: bool = False
) -> None:
    """Raises OSError where the folder can't be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if format == "parquet":
        pq.write_table(table, path, compression="zstd")
    elif format == "csv.gz":
        # no time and no name inside, so that the same rows give the same bytes
        with (
            path.open("wb") as raw,
            gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, compresslevel=4, filename="") as out,
        ):
            out.writelines(_csv(table, broken))
    else:
        with path.open("wb") as raw:
            raw.writelines(mojibake(piece) if garbled else piece for piece in _csv(table, broken))
    os.utime(path, (modified, modified))


def mojibake(text: bytes) -> bytes:
    """What a reader makes of UTF-8 that it takes for Latin-1, written as UTF-8 again."""
    return text.decode("latin-1").encode("utf-8")


def _csv(table: pa.Table, broken: list[str]) -> Iterator[bytes]:
    for number, rows in enumerate(_pieces(table)):
        buffer = pa.BufferOutputStream()
        pacsv.write_csv(rows, buffer, pacsv.WriteOptions(include_header=number == 0))
        yield buffer.getvalue().to_pybytes()
        if number == 0 and broken:
            yield ("\n".join(broken) + "\n").encode()


def _pieces(table: pa.Table, size: int = 100_000) -> Iterator[pa.Table]:
    for start in range(0, max(table.num_rows, 1), size):
        yield table.slice(start, size)
