"""Schema, contracts and home: created once, repeatable, and the errors of each in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.connect import connect, open_file
from warehouse.contracts import Contracts, Entity, load_contracts
from warehouse.errors import ContractError, HarkenError, HomeError
from warehouse.home import SCHEMA_VERSION, open_home
from warehouse.schema import create_schema


def test_home_is_created_and_can_be_opened_again(tmp_path: Path) -> None:
    home = open_home(tmp_path / "var")
    assert open_home(tmp_path / "var") == home
    assert home.schema_version() == SCHEMA_VERSION
    assert all(folder.is_dir() for folder in home.folders())


def test_a_newer_home_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1}))
    with pytest.raises(HomeError, match="newer Harken") as caught:
        open_home(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_damaged_version_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text("{")
    with pytest.raises(HomeError, match=r"home\.json is damaged"):
        open_home(tmp_path)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(HomeError, match="can't be used as HARKEN_HOME"):
        open_home(tmp_path / "taken")


def test_every_declared_entity_has_an_empty_landing_table(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with connect(home) as con:
        for entity in load_contracts():
            described = con.execute(f'DESCRIBE landing."{entity.table}"').fetchall()
            assert [row[0] for row in described] == [*entity.column_names, "_extra", "_batch", "_row"]
            assert {row[1] for row in described[:-2]} == {"VARCHAR"}


def test_creating_the_schema_twice_changes_nothing(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with connect(home) as con:
        con.execute("INSERT INTO ops.clock VALUES ('2026-01-01', 'r')")
        before = con.execute("SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL").fetchall()
        create_schema(con)
        after = con.execute("SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL").fetchall()
        assert before == after
        assert con.execute("SELECT count(*) FROM ops.clock").fetchone() == (1,)


def test_a_contract_that_learns_a_column_takes_it_from_extra(tmp_path: Path) -> None:
    known = load_contracts().entity("harken", "account_events")
    narrow = Entity(known.source, known.name, known.key, tuple(c for c in known.columns if c.name != "detail"))
    home = open_home(tmp_path)
    with connect(home, contracts=Contracts({"harken": {"account_events": narrow}})) as con:
        con.execute(
            "INSERT INTO landing.harken__account_events (customer_id, _extra, _batch, _row) VALUES "
            """('a', '{"detail": "x", "more": "y"}', 1, 1), ('b', '{"detail": "z"}', 1, 2), ('c', NULL, 1, 3)"""
        )
    with connect(home) as con:
        rows = con.execute("SELECT detail, _extra FROM landing.harken__account_events ORDER BY _row").fetchall()
    assert rows == [("x", '{"more":"y"}'), ("z", None), (None, None)]


def test_the_contract_knows_all_entities_and_their_required_columns() -> None:
    contracts = load_contracts()
    assert len(contracts.sources["harken"]) == 18
    assert contracts.entity("harken", "tickets").required == ("ticket_id", "opened_at")
    assert contracts.entity("harken", "tickets").column_names[-1] == "recorded_at"
    assert len(contracts.entity("servicenow", "incident_event_log").columns) == 36


@pytest.mark.parametrize(("source", "entity"), [("zendesk", "tickets"), ("harken", "ticket")])
def test_an_unknown_source_or_entity_lists_the_known_ones(source: str, entity: str) -> None:
    with pytest.raises(ContractError, match="known are"):
        load_contracts().entity(source, entity)


def test_a_wrong_contract_names_file_and_fault(tmp_path: Path) -> None:
    text = "source: mine\nentities:\n  orders:\n    key: [id]\n    columns:\n      - {name: id, type: number}\n"
    (tmp_path / "mine.yml").write_text(text)
    with pytest.raises(ContractError, match=r"mine\.yml.*unknown type of id"):
        load_contracts(tmp_path)


def test_reading_a_warehouse_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HarkenError, match="run `harken run` first"):
        connect(open_home(tmp_path), read_only=True)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    path.write_text("no database " * 1000)
    with pytest.raises(HarkenError, match="can't be opened") as caught:
        open_file(path)
    assert "\n" not in str(caught.value)
