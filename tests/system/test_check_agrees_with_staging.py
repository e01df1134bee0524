"""`harken check` promises what staging does: the same rows quarantined, for the same reasons, for every entity."""

from __future__ import annotations

import csv
import os
import random
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.dbt import DbtWarehouse
from warehouse.contracts import Column, Entity, load_contracts
from warehouse.home import Home, open_home
from warehouse.landing import check_file, land_all

LANDED_AT = datetime(2026, 1, 1)
ENTITIES = list(load_contracts().sources["harken"].values())
ROWS = 80

# Good and bad texts by type; some are good in one column and bad in another.
TEXTS = ["", " ", "x", "Jane 7", "status", "queue", "met", "open", "high"]
VALUES = {
    "text": TEXTS,
    "timestamp": [
        "2025-07-01T10:00:00Z", "2025-07-01 10:00:00.5", "2025-07-01", "2025-07-01T12:00:00+02:00", "2025-07-02T00:00Z",
        "2025-07-01 01:00:00 PM", "2025-07-01 12:00:00 Europe/Berlin", "0001-01-01", "1970-01-01T00:00Z",
        "2025-06-01",
        "01/07/2025", "2025-13-01", "infinity", "2031-01-01", "2026-01-01T00:04:59Z", "2026-01-01T00:05:01Z", "", "x",
    ],
    "date": ["2025-07-01", "2025-07-02", "2031-01-01", "1.7.2025", "2025-02-30", ""],
    "integer": ["1", "5", "10", "3.0", "3.5", "-1", "1e3", "99999999999999999999", "9223372036854775807", "1441", "x",
        "", " 7 "],
    "double": ["1", "0.5", "-0.1", "nan", "inf", "1,5", "x", "", "100", "1e308", "-1e13"],
    "boolean": ["true", "FALSE", "1", "yes", "perhaps", ""],
}  # fmt: skip


def _value(dice: random.Random, column: Column) -> str:
    if column.values and dice.random() < 0.95:
        return dice.choice(column.values)
    # Mostly the first, good ones: a row of nothing but faults tests little.
    choices = VALUES[column.type]
    return dice.choice(choices[:2] if dice.random() < 0.93 and column.type != "text" else choices)


def _write(home: Home, entity: Entity) -> Path:
    dice = random.Random(entity.name)
    path = home.landing / "harken" / entity.name / "a.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(entity.column_names)
        writer.writerows([_value(dice, column) for column in entity.columns] for _ in range(ROWS))
    os.utime(path, (time.time() - 60,) * 2)
    return path


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], dict[str, dict[int, list[str]]]]:
    """The files, and by entity the rows that staging quarantines with its reasons."""
    home = open_home(tmp_path_factory.mktemp("home"))
    dbt = DbtWarehouse.create(home.warehouse)
    files = {entity.name: _write(home, entity) for entity in ENTITIES}
    land_all(home, "r1", LANDED_AT)
    dbt.run("path:models/staging/harken")
    faults: dict[str, dict[int, list[str]]] = {}
    for name in files:
        rows: list[tuple[Any, ...]] = dbt.rows(
            f"SELECT row_number, quarantine_reasons FROM staging.stg_harken__{name} WHERE len(quarantine_reasons) > 0"
        )
        faults[name] = {row: sorted(reasons) for row, reasons in rows}
    return files, faults


@pytest.mark.parametrize("entity", [entity.name for entity in ENTITIES])
def test_the_same_rows_for_the_same_reasons(
    staged: tuple[dict[str, Path], dict[str, dict[int, list[str]]]], entity: str
) -> None:
    files, faults = staged
    report = check_file("harken", entity, files[entity], landed_at=LANDED_AT, examples=ROWS)
    assert report.rows == ROWS
    assert {row: sorted(reasons) for row, reasons in report.examples} == faults[entity]
    assert 0 < report.quarantined_rows < ROWS
