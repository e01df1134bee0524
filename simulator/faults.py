"""A handful of bad rows, so that quarantine and rejects have something to show. Each fault is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.draws import stream

# entity, column, what it becomes, name; chances are per day
DAILY = 0.012
KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("ticket_events", "occurred_at", "before_opening", "event before the ticket's opening"),
    ("ticket_events", "event_seq", "x", "event_seq isn't a number"),
    ("ticket_events", "value", "reticulated", "unknown status"),
    ("contacts", "ended_at", "before", "ended before it was offered"),
    ("contacts", "offered_at", "31.12.2025 25:61", "unreadable time"),
    ("contacts", "queue", "", "required queue is empty"),
    ("contacts", "talk_seconds", "-45", "negative duration"),
    ("tickets", "opened_at", "", "required opening is empty"),
    ("surveys", "csat", "9", "csat outside 1 to 5"),
    ("surveys", "sent_at", "yesterday", "unreadable time"),
    ("customers", "monthly_value", "n/a", "value isn't a number"),
    ("account_events", "kind", "", "required kind is empty"),
)
RAGGED = ("surveys", "S99,2026-01-01T00:00:00Z")


@dataclass
class Faults:
    """What was injected so far: rows per name of the fault."""

    injected: dict[str, int] = field(default_factory=dict)

    def inject(self, seed: int, day: int, tables: dict[str, pa.Table]) -> dict[str, list[str]]:
        """Add faulty copies of some of the day's rows to the tables, in place; returns raw broken lines by entity.

        The copies carry keys of their own, so that they hide no good row.
        """
        rng = stream(seed, "faults", day)
        chance = rng.random(len(KINDS) + 2)
        for number, (entity, column, value, name) in enumerate(KINDS):
            table = tables.get(entity)
            if chance[number] >= DAILY or table is None or not table.num_rows:
                continue
            row = _candidate(table, column, rng)
            if row is None:
                continue
            tables[entity] = pa.concat_tables([table, _faulty(row, entity, column, value, day)])
            self._count(name)
        if chance[-2] < 3 * DAILY and tables.get("contacts") is not None:
            table = tables["contacts"]
            at = int(rng.integers(0, table.num_rows))
            tables["contacts"] = pa.concat_tables([table, table.slice(at, 1)])
            self._count("identical row sent twice")
        if chance[-1] < DAILY:
            self._count("line with too few columns")
            return {RAGGED[0]: [RAGGED[1]]}
        return {}

    def _count(self, name: str) -> None:
        self.injected[name] = self.injected.get(name, 0) + 1


def _candidate(table: pa.Table, column: str, rng: np.random.Generator) -> pa.Table | None:
    """A row to copy; for `value` one of kind status, for `csat` an answered survey."""
    if column == "value":
        table = table.filter(pc.equal(table["kind"], "status"))
    if column == "csat":
        table = table.filter(pc.is_valid(table["csat"]))
    return table.slice(int(rng.integers(0, table.num_rows)), 1) if table.num_rows else None


def _faulty(row: pa.Table, entity: str, column: str, value: str, day: int) -> pa.Table:
    if value == "before_opening":
        value = "2001-01-01T00:00:00Z"
    if value == "before":
        value = "2024-01-01T00:00:00Z"
    changes = {column: value or None}
    if entity == "ticket_events":
        changes.setdefault("event_seq", str(9000 + day))
    elif entity in ("contacts", "tickets", "surveys"):
        key = f"{entity[:-1]}_id"
        changes[key] = f"{row[key][0].as_py()}X"
    for name, text in changes.items():
        row = row.set_column(row.column_names.index(name), name, pa.array([text], pa.string()))
    return row
