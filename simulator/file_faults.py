"""What goes wrong with whole files where a scenario asks for it: late, twice, lost, a column renamed, mojibake."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from simulator.draws import stream
from simulator.outbox import Outbox
from simulator.scenarios import Levers

# masters are sent by hand and looked at; it is the daily exports that go wrong
ENTITIES = ("account_events", "contacts", "queue_intervals", "self_service", "surveys", "ticket_events", "tickets")
# by entity: a required column and one that may be missing, and what they become
RENAMED = (("customer_id", "customerId"), ("recorded_at", "recordedAt"))
LONGEST_DELAY = 3


@dataclass
class FileFaults:
    """Draws the faults by day and entity, so that they don't depend on how files are split, and counts them."""

    seed: int
    levers: Levers
    count: Counter[str] = field(default_factory=Counter)

    def _strikes(self, fault: str, entity: str, day: int) -> bool:
        chance = self.levers.at(f"fault.{fault}", day)
        if not chance or entity not in ENTITIES:
            return False
        return bool(stream(self.seed, f"{fault} {entity}", day).random() < chance)

    def of_rows(self, day: int, tables: dict[str, pa.Table], box: Outbox) -> None:
        """Take a day's rows away, for good or for some days, in place."""
        for entity in [name for name in sorted(tables) if tables[name].num_rows]:
            if self._strikes("missing_day", entity, day):
                tables.pop(entity)
                self.count[f"day of {entity} lost"] += 1
            elif self._strikes("late_file", entity, day):
                days = int(stream(self.seed, "delay", day).integers(1, LONGEST_DELAY + 1))
                box.hold(entity, tables.pop(entity), day + days)
                self.count[f"day of {entity} late"] += 1

    def sent_twice(self, entity: str, days: range) -> bool:
        """Whether the file of these days is sent again under another name."""
        twice = any(self._strikes("duplicate_file", entity, day) for day in days)
        self.count[f"file of {entity} sent twice"] += twice
        return twice

    def renamed(self, entity: str, days: range, table: pa.Table) -> pa.Table:
        """The table with a column renamed, where the export was changed for a day."""
        struck = [day for day in days if self._strikes("renamed_column", entity, day)]
        if not struck:
            return table
        old, new = RENAMED[struck[0] % len(RENAMED)]
        if old not in table.column_names:
            return table
        self.count[f"column {old} of {entity} renamed"] += 1
        return table.rename_columns([new if name == old else name for name in table.column_names])

    def garbled(self, entity: str, days: range) -> bool:
        """Whether the file's text was decoded with the wrong encoding on its way."""
        struck = any(self._strikes("mojibake", entity, day) for day in days)
        self.count[f"file of {entity} with mojibake"] += struck
        return struck
