"""A warehouse as it was at a moment: only the landing rows that were known by then. For the time-travel tests.

When a landed row was known stands in `history`: it isn't always on the row itself, since a correction without
recorded_at is known from the watermark of its batch. An answered survey known by its sending only loses its answer.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from tests.support.dbt import DbtWarehouse
from warehouse.contracts import load_contracts

# Landing table -> the entity in whose history its rows find their fate, where the names differ.
FATE_IN = {"incident_event_log": "ticket_events"}
ANSWER = ("responded_at", "csat", "nps", "ces", "comment")


def cut(built: DbtWarehouse, folder: Path, moment: datetime) -> DbtWarehouse:
    """A copy of a built warehouse whose landing holds what was known at or before `moment`. Its models aren't built:
    run them with full_refresh."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(built.file, folder / "harken.duckdb")
    warehouse = DbtWarehouse(folder)
    with warehouse.connect() as con:
        for entity in load_contracts():
            _cut_table(con, entity.source, entity.name, moment)
    return warehouse


def _cut_table(con: duckdb.DuckDBPyConnection, source: str, entity: str, moment: datetime) -> None:
    history = f"history.{FATE_IN.get(entity, entity)}"
    table = f'landing."{source}__{entity}"'
    if con.execute(f"select count(*) from {table}").fetchone() == (0,):
        return
    parameters = [source, moment]
    later = (
        f"(_batch, _row) in (select (batch_id, row_number) from {history} where source = ? "
        "group by batch_id, row_number having min(known_from) > ?)"
    )
    con.execute(f"delete from {table} where {later}", parameters)
    if entity == "surveys":
        unanswered = later.replace("min(known_from)", "max(known_from)")
        con.execute(
            f"update {table} set {', '.join(f'{name} = null' for name in ANSWER)} where {unanswered}", parameters
        )
