"""From days to files, beside the simulation: a second process writes a day while the next one is simulated."""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from simulator.aftermath import Moment
from simulator.export import Company, Day, write_day
from simulator.faults import Faults
from simulator.file_faults import FileFaults
from simulator.files import Landing
from simulator.outbox import Outbox

DAYS_BEHIND = 3
# below so many contacts, starting a process costs more than it saves
WORTH_A_PROCESS = 60_000
_own = threading.local()


@dataclass
class Written:
    """What came of it: rows by entity, the files, the faults put in, and what still waits for its day."""

    rows: dict[str, int]
    paths: list[Path]
    faults: dict[str, int]
    box: Outbox


class Writer:
    """Puts days into files. broken: whether a few faulty rows are put in besides what the scenarios ask for."""

    def __init__(self, company: Company, box: Outbox, landing: Landing, broken: bool) -> None:
        self._company, self._box, self._broken, self._landing = company, box, broken, landing
        self._row_faults = Faults()
        self._file_faults = landing.faults = FileFaults(company.seed, company.levers)

    def write(self, day: Day, wanted: bool) -> tuple[int, Moment]:
        """Take a day in; without `wanted` only what is held back is kept. Returns the day's number and its scores."""
        surveys = write_day(self._company, self._box, day)
        tables = self._box.take(day.number)
        if wanted:
            self._export(day.number, tables)
        return day.number, surveys.moment

    def _export(self, day: int, tables: dict[str, pa.Table]) -> None:
        for name, factor in sorted(self._company.levers.family("unit", day).items()):
            entity, _, column = name.partition(".")
            if entity in tables and column in tables[entity].column_names:
                tables[entity] = in_other_unit(tables[entity], column, factor)
        self._file_faults.of_rows(day, tables, self._box)
        lines = self._row_faults.inject(self._company.seed, day, tables) if self._broken else {}
        self._landing.add(day, tables, lines if self._landing.format != "parquet" else {})

    def end(self, last_day: int) -> Written:
        """Write the files of the period under way."""
        self._landing.flush(last_day)
        faults = self._row_faults.injected | {name: n for name, n in self._file_faults.count.items() if n}
        return Written(self._landing.written, self._landing.paths, faults, self._box)


def _end_with_parent() -> None:
    """A writer whose simulation was killed would wait for days for ever, and write into the next one's folder."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _begin(company: Company, box: Outbox, landing: Landing, broken: bool) -> None:
    _own.writer = Writer(company, box, landing, broken)


def _begin_process(company: Company, box: Outbox, landing: Landing, broken: bool) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _begin(company, box, landing, broken)


def _write(day: Day, wanted: bool) -> tuple[int, Moment]:
    found: tuple[int, Moment] = _own.writer.write(day, wanted)
    return found


def _end(last_day: int) -> Written:
    found: Written = _own.writer.end(last_day)
    return found


class Exporter:
    """Hands days to a writer and waits for it where it falls behind. contacts: how many there will be, about."""

    def __init__(self, company: Company, box: Outbox, landing: Landing, broken: bool, contacts: float) -> None:
        given = (company, box, landing, broken)
        self._writer: Executor = (
            ProcessPoolExecutor(1, get_context("spawn"), _begin_process, given)
            if contacts >= WORTH_A_PROCESS
            else ThreadPoolExecutor(1, initializer=_begin, initargs=given)
        )
        self._days: deque[Future[tuple[int, Moment]]] = deque()
        self.scores: list[tuple[int, Moment]] = []

    def __enter__(self) -> Exporter:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.shutdown(cancel_futures=True)

    def add(self, day: Day, wanted: bool) -> None:
        """Have a day written when the ones before are."""
        while len(self._days) >= DAYS_BEHIND:
            self._finish()
        try:
            self._days.append(self._writer.submit(_write, day, wanted))
        except BrokenExecutor:
            raise _lost() from None

    def end(self, last_day: int) -> Written:
        """Wait for all days, and for the files of the period under way."""
        while self._days:
            self._finish()
        try:
            return self._writer.submit(_end, last_day).result()
        except BrokenExecutor:
            raise _lost() from None

    def _finish(self) -> None:
        # a day's survey scores are known when its rows are
        try:
            self.scores.append(self._days.popleft().result())
        except BrokenExecutor:
            raise _lost() from None


def _lost() -> ChildProcessError:
    return ChildProcessError("the process that writes the files was ended from outside, perhaps for want of memory")


def in_other_unit(table: pa.Table, column: str, factor: float) -> pa.Table:
    """The table with a column of numbers (as text) multiplied and rounded to whole ones."""
    number = pc.cast(pc.round(pc.multiply(pc.cast(table[column], pa.float64()), factor)), pa.int64())
    return table.set_column(table.column_names.index(column), column, pc.cast(number, pa.string()))
