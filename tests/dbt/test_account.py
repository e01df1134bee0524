"""The account (every landed row has one fate) holds, and fails when a row is lost, settled twice or made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.dbt import DbtWarehouse

ACCOUNT = "every_landed_row_has_one_fate"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    warehouse = DbtWarehouse.create_built(tmp_path_factory.mktemp("account"))
    opened = {"ticket_id": "t1", "opened_at": "2026-01-01T08:00:00Z"}
    warehouse.land("tickets", [opened, opened, {"ticket_id": "t2", "opened_at": "yesterday"}])
    warehouse.land("surveys", [{"survey_id": "s1", "sent_at": "2026-01-01", "responded_at": "2026-01-02", "csat": 5}])
    warehouse.run("path:models/history")
    return warehouse


@pytest.fixture
def copy(built: DbtWarehouse, tmp_path: Path) -> DbtWarehouse:
    (tmp_path / "harken.duckdb").write_bytes(built.file.read_bytes())
    return DbtWarehouse(tmp_path)


def test_the_account_and_the_chain_hold(built: DbtWarehouse) -> None:
    fates = built.rows("select fate from history.tickets order by row_number")
    assert fates == [("accepted",), ("duplicate",), ("quarantined",)]
    built.test(ACCOUNT, "history__surveys")


@pytest.mark.parametrize(
    "damage",
    [
        "delete from history.tickets where fate = 'duplicate'",
        "insert into history.tickets select * from history.tickets where fate = 'quarantined'",
        "update history.tickets set fate = null where fate = 'accepted'",
        "update history.tickets set row_number = 9 where fate = 'accepted'",
        "delete from landing.harken__surveys",
    ],
)
def test_the_account_fails_where_it_does_not_hold(copy: DbtWarehouse, damage: str) -> None:
    with copy.connect() as con:
        con.execute(damage)
    with pytest.raises(AssertionError, match=ACCOUNT):
        copy.test(ACCOUNT)


def test_the_chain_fails_where_versions_overlap(copy: DbtWarehouse) -> None:
    with copy.connect() as con:
        con.execute("update history.surveys set known_to = known_to + interval 1 day where part = 0")
    with pytest.raises(AssertionError, match="one_version_in_force"):
        copy.test("history__surveys")
