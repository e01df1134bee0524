"""Rows waiting for the day on which their source exports them: late slices, corrections, answers to surveys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DUE = "_due"


class Outbox:
    """Holds text rows per entity until their day."""

    def __init__(self) -> None:
        self._waiting: dict[str, pa.Table] = {}
        self._ready: dict[str, list[pa.Table]] = {}

    def add(self, entity: str, table: pa.Table, due: np.ndarray | None = None, today: int = 0) -> None:
        """Put rows in; without `due` they go out today."""
        if not table.num_rows:
            return
        if due is None or (due <= today).all():
            self._ready.setdefault(entity, []).append(table)
            return
        later = due > today
        self._ready.setdefault(entity, []).append(table.filter(pa.array(~later)))
        held = table.filter(pa.array(later)).append_column(DUE, pa.array(due[later], pa.int64()))
        before = self._waiting.get(entity)
        self._waiting[entity] = held if before is None else pa.concat_tables([before, held])

    def hold(self, entity: str, table: pa.Table, due: int) -> None:
        """Keep rows that were on their way out until a later day."""
        self.add(entity, table, np.full(table.num_rows, due), due - 1)

    def take(self, today: int) -> dict[str, pa.Table]:
        """The day's rows by entity: what was held for it first, then what is new."""
        out: dict[str, list[pa.Table]] = {}
        for entity, table in self._waiting.items():
            due = pc.less_equal(table[DUE], today)
            out.setdefault(entity, []).append(table.filter(due).drop_columns([DUE]))
            self._waiting[entity] = table.filter(pc.invert(due))
        for entity, tables in self._ready.items():
            out.setdefault(entity, []).extend(tables)
        self._ready = {}
        return {entity: pa.concat_tables(tables) for entity, tables in out.items()}

    def save(self, folder: Path) -> None:
        for entity, table in self._waiting.items():
            pq.write_table(table, folder / f"waiting_{entity}.parquet")

    @classmethod
    def load(cls, folder: Path) -> Outbox:
        box = cls()
        for path in sorted(folder.glob("waiting_*.parquet")):
            box._waiting[path.stem.removeprefix("waiting_")] = pq.read_table(path)
        return box
