"""The published contracts as their yml files state them, and the lock file that remembers what was promised.

`dbt_project/published_contracts.json` holds, per table, its version and its columns with their types. A change that
takes something away from readers (a column removed, renamed or of another type, a table removed) needs a higher version
in the table's `meta`. After any change, write the lock anew and commit it with the change:

    .venv/bin/python -m tests.support.published_contracts
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
PUBLISHED = PROJECT / "models" / "published"
LOCK = PROJECT / "published_contracts.json"
COMMAND = ".venv/bin/python -m tests.support.published_contracts"

Contracts = dict[str, dict[str, Any]]


def models() -> dict[str, dict[str, Any]]:
    """Each published model's yml block, by name."""
    blocks: dict[str, dict[str, Any]] = {}
    for file in sorted(PUBLISHED.glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            blocks[block["name"]] = block
    return blocks


def monitoring_tables() -> set[str]:
    """The tables that tell of runs, data and models: built after any failure, never carried over."""
    return {file.stem for file in PUBLISHED.glob("*.sql") if "tags=['monitoring']" in file.read_text(encoding="utf-8")}


def current() -> Contracts:
    """What is promised now: {table: {version, columns: {name: type}}}."""
    return {
        name: {
            "version": block["config"]["meta"]["version"],
            "columns": {column["name"]: column["data_type"] for column in block["columns"]},
        }
        for name, block in models().items()
    }


def locked() -> Contracts:
    """What was promised when the lock was last written."""
    contracts: Contracts = json.loads(LOCK.read_text(encoding="utf-8"))
    return contracts


def breaking_changes(before: Contracts, now: Contracts) -> list[str]:
    """What readers lose without being told by a higher version, one line each."""
    broken = []
    for table, promise in before.items():
        if table not in now:
            # A table can't raise a version that is gone with it: its removal is a decision, made in the lock by hand.
            broken.append(f"{table}: the table was removed; take it out of {LOCK.name} by hand if that is meant")
            continue
        if now[table]["version"] > promise["version"]:
            continue
        columns = now[table]["columns"]
        for column, kind in promise["columns"].items():
            if column not in columns:
                broken.append(f"{table}.{column}: removed or renamed; raise meta.version above {promise['version']}")
            elif columns[column] != kind:
                broken.append(
                    f"{table}.{column}: was {kind}, is {columns[column]}; raise meta.version above {promise['version']}"
                )
        if now[table]["version"] < promise["version"]:
            broken.append(f"{table}: version {now[table]['version']} is below {promise['version']}")
    return broken


def write_lock() -> None:
    """Remember what is promised now. Refuses a breaking change without a higher version."""
    if LOCK.exists() and (broken := breaking_changes(locked(), current())):
        raise SystemExit("\n".join(broken))
    LOCK.write_text(json.dumps(current(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_lock()
