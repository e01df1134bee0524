"""Feature tables as the time-travel tests see them: which there are, and where two warehouses differ in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from dbt.contracts.graph.manifest import Manifest

from tests.support.dbt import DbtWarehouse, manifest
from warehouse.contracts import load_contracts

KEY = ("ticket_id", "as_of")
# What the features are made of, from staging on.
EVERYTHING = "+path:models/features"


def feature_tables(project: Manifest) -> list[str]:
    """`schema.table` of every model under models/features/, so that a new one can't escape the tests."""
    nodes = [node for node in project.nodes.values() if node.original_file_path.startswith("models/features/")]
    return sorted(f"{node.schema}.{node.alias}" for node in nodes if node.resource_type == "model")


def entities_behind_features(project: Manifest) -> set[str]:
    """The entities of the contract that any feature table is made of."""
    todo = [
        node.unique_id for node in project.nodes.values() if f"{node.schema}.{node.alias}" in feature_tables(project)
    ]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += project.parent_map.get(name, [])
    nodes = [project.nodes[name] for name in seen if name in project.nodes]
    return {node.alias for node in nodes if node.original_file_path.startswith("models/history/")}


def differences(
    one: DbtWarehouse, other: DbtWarehouse, table: str, until: datetime, kinds: Sequence[str] = ("event", "morning")
) -> list[str]:
    """Where two warehouses differ in a feature table's rows up to `until`: one line per column, or per missing rows.

    Equal as DESIGN.md defines it: integers, times and text exactly, doubles to 12 significant digits or 1e-9.
    """
    with one.connect() as con:
        con.execute(f"attach '{other.file}' as other (read_only)")
        columns = {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}
        given = {"until": until, "kinds": list(kinds)}
        if "moment_kind" not in columns:
            kept = "as_of <= $until and len($kinds) > 0"
        else:
            kept = "as_of <= $until and moment_kind in (select unnest($kinds))"
        con.execute(f"create temp view ours as select * from {table}")
        joined = f"""
            (select *, true as is_ours from ours where {kept}) as ours
            full join (select *, true as is_theirs from other.{table} where {kept}) as theirs using ({", ".join(KEY)})
        """
        counts = ", ".join(
            f"count(*) filter (where is_ours and is_theirs and {_differs(name, kind)})"
            for name, kind in columns.items()
        )
        row = con.execute(
            f"select count(*), count(*) filter (where is_ours is null or is_theirs is null), {counts} from {joined}",
            given,
        ).fetchone()
    assert row is not None and row[0] > 0, f"{table} has no rows up to {until}: nothing was compared"
    lines = [f"{table}: {row[1]} of {row[0]} rows are in one warehouse only"] if row[1] else []
    return lines + [
        f"{table}.{name} differs in {count} of {row[0]} rows"
        for name, count in zip(columns, row[2:], strict=True)
        if count
    ]


def _differs(column: str, kind: str) -> str:
    if column in KEY:
        return "false"
    ours, theirs = f'ours."{column}"', f'theirs."{column}"'
    if kind != "DOUBLE":
        return f"{ours} is distinct from {theirs}"
    tolerance = f"greatest(1e-9, 1e-12 * greatest(abs({ours}), abs({theirs})))"
    return f"(({ours} is null) <> ({theirs} is null) or abs({ours} - {theirs}) > {tolerance})"


def land_file(warehouse: DbtWarehouse, source: str, entity: str, path: Path, landed_at: datetime) -> None:
    """Land a CSV file as it stands, without the landing room's care for broken lines."""
    columns = load_contracts().entity(source, entity).column_names
    with warehouse.connect() as con:
        batch: Any = con.execute("select coalesce(max(batch_id), 0) + 1 from landing.files").fetchall()[0][0]
        rows = f"read_csv('{path}', all_varchar = true, null_padding = true, ignore_errors = true)"
        there = {row[0] for row in con.execute(f"describe select * from {rows}").fetchall()}
        values = ", ".join(f'"{name}"' if name in there else "null" for name in columns)
        con.execute(
            f'insert into landing."{source}__{entity}" select {values}, null, {batch}, row_number() over () from {rows}'
        )
        con.execute(
            "insert into landing.files select ?, ?, ?, ?, '', ?, 0, ?, 'landed', null, count(*), 0, ?, 'test' "
            f'from landing."{source}__{entity}" where _batch = ?',
            [batch, source, entity, path.name, landed_at, str(batch), landed_at, batch],
        )


def land_day(warehouse: DbtWarehouse, landing: Path, day: date, without: Sequence[str] = ()) -> None:
    """Land the simulator's files of one day that features are made of, at the end of that day."""
    landed_at = datetime.combine(day, time()) + timedelta(days=1)
    for entity in sorted(entities_behind_features(manifest()) - set(without)):
        file = landing / "harken" / entity / f"{entity}_{day:%Y-%m-%d}.csv"
        if file.exists():
            land_file(warehouse, "harken", entity, file, landed_at)
