"""The first rule: features use only what was known. Built from the landing rows known at a moment, or from all that
ever landed, the rows up to that moment are the same, for every model under models/features/.

One warehouse holds a small simulated centre and, where HARKEN_TEST_DATA is set, every fifteenth incident of the real
log: the simulation is dated into the months of the log.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from simulator import simulate
from tests.support import dbt
from tests.support.cut import cut
from tests.support.dbt import LANDED_AT, DbtWarehouse
from tests.support.features import EVERYTHING, differences, entities_behind_features, feature_tables, land_file

END = datetime(2016, 4, 11, 12, 0)
CUTS = (
    datetime(2016, 3, 9, 17, 30),
    datetime(2016, 3, 17, 8, 0),
    datetime(2016, 3, 24, 18, 45, 30),
    datetime(2016, 4, 1, 2, 11),
    datetime(2016, 4, 7, 13, 59, 59),
)
RULES = ("priority_raised", "reopened", "reassigned_3")
LEAK = """
select moments.ticket_id, moments.as_of, moments.moment_kind, last_state.status as status_today
from {{ ref('escalation_moments') }} as moments
inner join {{ ref('ticket_states') }} as last_state
    on moments.ticket_id = last_state.ticket_id and last_state.visible_to = timestamp '9999-12-31'
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """All that ever landed."""
    folder = tmp_path_factory.mktemp("all")
    simulate(
        folder / "files",
        folder / "truth",
        start=date(2016, 3, 1),
        days=42,
        contacts=1400,
        faults=True,
        best_score=False,
    )
    warehouse = DbtWarehouse.create(folder)
    for entity in sorted(entities_behind_features(dbt.manifest())):
        for file in sorted((folder / "files" / "harken" / entity).glob("*.csv")):
            land_file(warehouse, "harken", entity, file, LANDED_AT)
    if os.environ.get("HARKEN_TEST_DATA"):
        [log] = Path(os.environ["HARKEN_TEST_DATA"], "servicenow_incidents").glob("*.csv.gz")
        land_file(warehouse, "servicenow", "incident_event_log", _sample(log, folder), LANDED_AT)
    with warehouse.connect() as con:
        con.executemany("insert into ops.escalation_rules values ('servicenow', ?)", [(rule,) for rule in RULES])
    warehouse.set_clock(END)
    warehouse.run(EVERYTHING)
    return warehouse


def _sample(log: Path, folder: Path) -> Path:
    rows = f"read_csv('{log}', all_varchar = true)"
    file = folder / "log.csv"
    duckdb.connect().execute(f"copy (select * from {rows} where cast(right(number, 7) as int) % 15 = 0) to '{file}'")
    return file


@pytest.fixture(scope="module")
def built_as_of(built: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Callable[[datetime], DbtWarehouse]:
    """The warehouse as it would have been at a moment, built from the first row on; each is made once."""
    made: dict[datetime, DbtWarehouse] = {}

    def build(moment: datetime) -> DbtWarehouse:
        if moment not in made:
            made[moment] = cut(built, tmp_path_factory.mktemp("cut"), moment)
            made[moment].set_clock(moment)
            made[moment].run(EVERYTHING, full_refresh=True)
        return made[moment]

    return build


@pytest.mark.parametrize("moment", CUTS, ids=str)
def test_what_is_learnt_later_changes_no_feature(
    moment: datetime, built: DbtWarehouse, built_as_of: Callable[[datetime], DbtWarehouse]
) -> None:
    then = built_as_of(moment)
    for table in feature_tables(dbt.manifest()):
        assert differences(built, then, table, until=moment) == []


def test_the_incident_log_was_compared(built: DbtWarehouse, incident_log: Path) -> None:
    sources = built.rows(
        "select source, count(*) > 1500, max(silence_hours) > 100 from features.escalation group by source"
    )
    assert {source for source, many, _ in sources if many} >= {"servicenow"}, (incident_log, sources)


def test_a_clock_set_back_hides_what_is_known_since(
    built: DbtWarehouse, built_as_of: Callable[[datetime], DbtWarehouse], tmp_path: Path
) -> None:
    """`--until` gives the rows that are scored, `now` among them, as they'd have been at that moment."""
    moment = CUTS[3]
    shutil.copy(built.file, tmp_path / "harken.duckdb")
    hidden = DbtWarehouse(tmp_path)
    hidden.set_clock(moment)
    hidden.run("escalation_window+", exclude=["labels__escalation"])
    kinds = ("event", "morning", "now")
    assert differences(hidden, built_as_of(moment), "features.escalation", until=END, kinds=kinds) == []


def test_a_leaking_model_is_caught(
    built: DbtWarehouse,
    built_as_of: Callable[[datetime], DbtWarehouse],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proof can fail: a model that joins today's status to yesterday's moment doesn't pass."""
    project = tmp_path / "dbt_project"
    shutil.copytree(dbt.PROJECT, project)
    (project / "models" / "features" / "leaking.sql").write_text("{{ config(materialized='table') }}" + LEAK)
    monkeypatch.setattr(dbt, "PROJECT", project)
    then = built_as_of(CUTS[2])
    dbt.parse(tmp_path / "parsed")
    manifest = dbt.parsed(tmp_path / "parsed")
    monkeypatch.setattr(dbt, "manifest", lambda: manifest)
    for warehouse in (built, then):
        warehouse.run("leaking")
    assert "features.leaking" in feature_tables(manifest)
    assert any("status_today differs" in line for line in differences(built, then, "features.leaking", until=CUTS[2]))
