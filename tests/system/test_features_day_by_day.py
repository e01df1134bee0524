"""Features built as files come, late ones, corrections, back-dated dimension rows and a killed run among them, equal a
full refresh; and a run without new files writes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator import simulate
from tests.support import dbt
from tests.support.dbt import DbtWarehouse
from tests.support.features import EVERYTHING, differences, feature_tables, land_day

START = date(2026, 3, 1)
BULK, DAYS = 22, 28
KINDS = ("event", "morning", "now")


def end_of(day: int) -> datetime:
    return datetime.combine(START, datetime.min.time()) + timedelta(days=day + 1)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    simulate(
        folder / "files",
        folder / "truth",
        start=START,
        days=DAYS,
        contacts=1000,
        split="day",
        faults=True,
        best_score=False,
    )
    return folder / "files"


@pytest.fixture(scope="module")
def grown(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """Three weeks at once, then day by day, with all that can go wrong."""
    warehouse = DbtWarehouse.create(tmp_path_factory.mktemp("grown"))
    for day in range(BULK):
        land_day(warehouse, landing, START + timedelta(days=day), without=("ticket_events",) if day == 15 else ())
    _run(warehouse, BULK - 1)
    # The events of a day last week come late, and an agent's past is written anew.
    land_day(warehouse, landing, START + timedelta(days=BULK))
    _late(warehouse, landing, 15)
    warehouse.land("agents", _back_dated(warehouse), landed_at=end_of(BULK))
    _run(warehouse, BULK)
    # A run is killed after some models; the next finds the files of two days. Tickets are corrected in between.
    land_day(warehouse, landing, START + timedelta(days=BULK + 1))
    warehouse.set_clock(end_of(BULK + 1))
    warehouse.run(EVERYTHING, exclude=["escalation", "escalation_messages+"])
    warehouse.land("tickets", _corrected(warehouse), landed_at=end_of(BULK + 1))
    land_day(warehouse, landing, START + timedelta(days=BULK + 2))
    _run(warehouse, BULK + 2)
    # The clock is set back for a run, then three days come at once.
    _run(warehouse, BULK)
    for day in range(BULK + 3, DAYS):
        land_day(warehouse, landing, START + timedelta(days=day))
    _run(warehouse, DAYS - 1)
    return warehouse


def _run(warehouse: DbtWarehouse, day: int) -> None:
    warehouse.set_clock(end_of(day))
    warehouse.run(EVERYTHING)


def _late(warehouse: DbtWarehouse, landing: Path, day: int) -> None:
    others = {folder.name for folder in (landing / "harken").iterdir()} - {"ticket_events"}
    land_day(warehouse, landing, START + timedelta(days=day), without=sorted(others))


def _back_dated(warehouse: DbtWarehouse) -> list[dict[str, Any]]:
    agents = warehouse.rows("select distinct agent_id from core.agents order by all limit 5")
    return [
        {
            "agent_id": agent,
            "valid_from": end_of(3),
            "hired_on": "2020-01-01",
            "team_id": "moved",
            "recorded_at": end_of(9),
        }
        for (agent,) in agents
    ]


def _corrected(warehouse: DbtWarehouse) -> list[dict[str, Any]]:
    columns = "ticket_id, opened_at, customer_id, channel, queue, product, subject, body"
    still_open = warehouse.records(
        f"""select {columns} from core.tickets semi join core.ticket_states as states
            on tickets.ticket_id = states.ticket_id and states.is_open and states.visible_to > '9999-01-01'
            where tickets.visible_to > '9999-01-01' order by ticket_id limit 20"""
    )
    return [ticket | {"category": "corrected"} for ticket in still_open]


@pytest.fixture
def small_slices() -> Iterator[None]:
    """The feature table is made in many slices, as for a large centre."""
    [model] = [
        node for node in dbt.manifest().nodes.values() if node.name == "escalation" and node.fqn[1] == "features"
    ]
    sliced: dict[str, Any] = model.config.extra["sliced_by"]  # type: ignore[attr-defined]
    rows = sliced["rows"]
    sliced["rows"] = 300
    yield
    sliced["rows"] = rows


def test_day_by_day_equals_a_full_refresh(grown: DbtWarehouse, small_slices: None, tmp_path: Path) -> None:
    assert grown.rows("select count(*) > 5 * 300 from features.escalation") == [(True,)]
    shutil.copy(grown.file, tmp_path / "harken.duckdb")
    anew = DbtWarehouse(tmp_path)
    anew.run(
        "escalation_trail",
        "escalation_messages",
        "escalation_window+",
        exclude=["path:models/labels"],
        full_refresh=True,
    )
    for table in feature_tables(dbt.manifest()):
        assert differences(grown, anew, table, until=end_of(DAYS), kinds=KINDS) == []


def test_what_went_wrong_did_matter(grown: DbtWarehouse) -> None:
    [(moved, corrected, now)] = grown.rows(
        """select count(*) filter (where agent_team = 'moved'), count(*) filter (where category = 'corrected'),
            count(distinct as_of) filter (where moment_kind = 'now') from features.escalation"""
    )
    assert moved > 0 and corrected > 0
    assert now <= 1, "clocks of earlier runs are gone"


def test_a_run_without_new_files_writes_nothing(grown: DbtWarehouse) -> None:
    before = grown.rows("select max(rowid), count(*) from features.escalation")
    grown.run("escalation_window+", exclude=["path:models/labels"])
    assert grown.rows("select max(rowid), count(*) from features.escalation") == before
