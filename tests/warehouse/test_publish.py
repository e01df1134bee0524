"""Snapshots: what is in them, what is carried over, shared, kept and rolled back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.connect import connect
from warehouse.errors import HarkenError, PublishError
from warehouse.home import Home
from warehouse.publish import Snapshot, current_snapshot, list_snapshots, prune, publish, rollback
from warehouse.tables import published_tables, show, warehouse_tables

CLOCK = datetime(2026, 6, 30, 8)


@pytest.fixture
def con(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(home) as connection:
        connection.execute("CREATE SCHEMA published")
        connection.execute(
            "CREATE TABLE published.risk AS SELECT 't' || i AS ticket_id, i / 10 AS p, i::HUGEINT AS big, "
            "TIMESTAMP '2026-06-30' AS at, ['a', 'b'] AS tags FROM range(3) r(i)"
        )
        connection.execute("COMMENT ON TABLE published.risk IS 'One row per open ticket.'")
        connection.execute("COMMENT ON COLUMN published.risk.p IS 'It''s a probability.'")
        connection.execute(
            "CREATE VIEW published.history AS SELECT TIMESTAMP '2026-05-15' + INTERVAL (i) DAY AS as_of, i "
            "FROM range(30) r(i)"
        )
        yield connection


def put(home: Home, con: duckdb.DuckDBPyConnection, run: str = "r1", **more: Any) -> Snapshot:
    arguments: dict[str, Any] = {"partitioned": {"history": "as_of"}, "clock": CLOCK, **more}
    return publish(home, run, ["risk", "history"], con=con, **arguments)


def read(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(snapshot.duckdb_file), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_snapshot_holds_duckdb_parquet_and_manifest(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshot = put(home, con, manifest_extra={"code": "abc"})
    assert snapshot.id == "20260630T080000Z-r1"
    assert home.current.readlink() == Path("snapshots") / snapshot.id
    files = sorted(str(path.relative_to(snapshot.path)) for path in snapshot.path.rglob("*") if path.is_file())
    assert files == [
        "harken.duckdb", "history/month=2026-05.parquet", "history/month=2026-06.parquet", "manifest.json",
        "risk.parquet",
    ]  # fmt: skip
    manifest = json.loads((snapshot.path / "manifest.json").read_text())
    assert manifest["snapshot_id"] == snapshot.id
    assert (manifest["run_id"], manifest["clock"], manifest["code"]) == ("r1", "2026-06-30T08:00:00", "abc")
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == {"risk": 3, "history": 30}
    assert manifest["contract_hash"]
    assert manifest["model_versions"] == {}
    assert [column["name"] for column in manifest["tables"]["risk"]["columns"]] == [
        "ticket_id",
        "p",
        "big",
        "at",
        "tags",
    ]


def test_duckdb_and_parquet_hold_the_same_typed_rows_and_comments(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshot = put(home, con)
    assert read(snapshot, "SELECT * FROM published.risk") == con.execute("SELECT * FROM published.risk").fetchall()
    described = con.execute("DESCRIBE published.risk").fetchall()
    assert read(snapshot, "DESCRIBE published.risk") == described
    assert read(snapshot, "SELECT comment FROM duckdb_tables() WHERE table_name = 'risk'") == [
        ("One row per open ticket.",)
    ]
    assert ("It's a probability.",) in read(snapshot, "SELECT comment FROM duckdb_columns()")
    history = duckdb.execute(f"SELECT * FROM '{snapshot.path}/history/*.parquet' ORDER BY i").fetchall()
    assert history == read(snapshot, "SELECT * FROM published.history ORDER BY i")
    assert len(history[0]) == 2


def test_the_duckdb_file_is_of_the_old_storage_version(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshot = put(home, con)
    tags = read(snapshot, "SELECT tags::VARCHAR FROM duckdb_databases() WHERE database_name = 'harken'")
    assert "v1.2" in tags[0][0]


def test_a_snapshot_can_be_read_wherever_it_is_copied(
    home: Home, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    import shutil

    snapshot = put(home, con)
    copy = Path(shutil.copytree(snapshot.path, tmp_path / "elsewhere"))
    shutil.rmtree(snapshot.path)
    with duckdb.connect(str(copy / "harken.duckdb"), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM published.history").fetchone() == (30,)


def test_months_that_have_not_changed_are_hard_links(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first = put(home, con)
    con.execute(
        "CREATE OR REPLACE VIEW published.history AS SELECT TIMESTAMP '2026-05-15' + INTERVAL (i) DAY AS as_of, i "
        "FROM range(31) r(i)"
    )
    second = put(home, con, "r2")
    may, june = "history/month=2026-05.parquet", "history/month=2026-06.parquet"
    assert (first.path / may).samefile(second.path / may)
    assert not (first.path / june).samefile(second.path / june)
    assert read(second, "SELECT count(*) FROM published.history") == [(31,)]
    assert read(first, "SELECT count(*) FROM published.history") == [(30,)]


def test_a_changed_column_rewrites_every_month(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first = put(home, con)
    con.execute(
        "CREATE OR REPLACE VIEW published.history AS SELECT TIMESTAMP '2026-05-15' + INTERVAL (i) DAY AS as_of, "
        "i::DOUBLE AS i FROM range(30) r(i)"
    )
    second = put(home, con, "r2")
    assert first.manifest["contract_hash"] != second.manifest["contract_hash"]
    assert read(second, "SELECT DISTINCT typeof(i) FROM published.history") == [("DOUBLE",)]


def test_a_damaged_former_part_is_written_anew(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first = put(home, con)
    (first.path / "risk.parquet").write_bytes(b"")
    assert read(put(home, con, "r2"), "SELECT count(*) FROM published.risk") == [(3,)]


def test_carried_tables_are_those_of_the_former_snapshot(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first = put(home, con)
    con.execute("CREATE OR REPLACE TABLE published.risk AS SELECT 1 AS quite, 2 AS another")
    second = put(home, con, "r2", carried={"risk", "history"})
    third = put(home, con, "r3", carried={"risk"})
    for snapshot in (second, third):
        assert (first.path / "risk.parquet").samefile(snapshot.path / "risk.parquet")
        assert read(snapshot, "SELECT * FROM published.risk") == read(first, "SELECT * FROM published.risk")
        assert snapshot.tables["risk"]["carried_from"] == first.id
    assert third.tables["history"]["carried_from"] is None


def test_a_carried_table_without_a_former_one_is_published_empty(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshot = publish(home, "r1", ["risk", "history", "gone"], {"risk", "history", "gone"}, con=con, clock=CLOCK)
    assert snapshot.rows == 0
    assert snapshot.manifest["missing"] == ["gone"]
    assert read(snapshot, "SELECT * FROM published.risk") == []


def test_a_damaged_carried_table_is_an_error_and_the_former_stays(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first = put(home, con)
    (first.path / "risk.parquet").unlink()
    with pytest.raises(PublishError, match=r"risk\.parquet .* is damaged"):
        put(home, con, "r2", carried={"risk"})
    assert current_snapshot(home) == first


def test_an_empty_partitioned_table_still_has_a_file(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE OR REPLACE VIEW published.history AS SELECT NULL::TIMESTAMP AS as_of, 1 AS i WHERE false")
    snapshot = put(home, con)
    assert duckdb.execute(f"SELECT count(*) FROM '{snapshot.path}/history/*.parquet'").fetchone() == (0,)


def test_a_table_that_is_not_there_is_named(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(PublishError, match=r"no table published\.nothing"):
        publish(home, "r1", ["nothing"], con=con)
    assert current_snapshot(home) is None
    assert list(home.snapshots.iterdir()) == []


def test_the_clock_and_the_model_versions_come_from_the_warehouse(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    con.execute("INSERT INTO ops.clock VALUES (?, 'r1')", [CLOCK])
    con.execute(
        "INSERT INTO ml.scores (task, entity_id, model_version, scored_at) VALUES "
        "('escalation', 'a', '1', '2026-01-01'), ('escalation', 'b', '2', '2026-02-01')"
    )
    snapshot = publish(home, "r1", ["risk"], con=con)
    assert snapshot.id.startswith("20260630T080000Z")
    assert snapshot.manifest["model_versions"] == {"escalation": "2"}


def test_the_same_run_and_clock_twice_makes_two_snapshots(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    assert [put(home, con).id, put(home, con).id] == ["20260630T080000Z-r1", "20260630T080000Z-r1-2"]


def test_rollback_goes_back_step_by_step_and_forward_by_name(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    ids = [put(home, con, f"r{i}").id for i in range(3)]
    assert rollback(home).id == ids[1]
    assert rollback(home).id == ids[0]
    with pytest.raises(PublishError, match="no earlier snapshot"):
        rollback(home)
    assert rollback(home, ids[2]).id == ids[2]
    with pytest.raises(PublishError, match=f"there is no snapshot x: there are {ids[0]}"):
        rollback(home, "x")
    assert [snapshot.current for snapshot in list_snapshots(home)] == [False, False, True]


def test_what_is_published_after_a_rollback_builds_on_it(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    first, second = put(home, con, "r1"), put(home, con, "r2")
    rollback(home)
    third = put(home, con, "r3")
    assert third.manifest["previous"] == first.id
    assert rollback(home).id == first.id
    assert second.path.is_dir()


@pytest.mark.parametrize("damaged", ["r1", "r3"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"created_at": "x"}'])
def test_a_damaged_manifest_does_not_stand_in_the_way_of_a_rollback(
    home: Home, con: duckdb.DuckDBPyConnection, damaged: str, text: str
) -> None:
    snapshots = {run: put(home, con, run) for run in ("r1", "r2", "r3")}
    (snapshots[damaged].path / "manifest.json").write_text(text)
    assert rollback(home, snapshots["r2"].id).run_id == "r2"
    assert home.current.readlink().name == snapshots["r2"].id
    with pytest.raises(PublishError, match="there is no snapshot"):
        rollback(home, snapshots[damaged].id)


def test_rollback_mends_a_current_that_points_nowhere(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    import shutil

    first, second = put(home, con, "r1"), put(home, con, "r2")
    shutil.rmtree(second.path)
    with pytest.raises(PublishError, match="roll back"):
        current_snapshot(home)
    assert rollback(home).id == first.id


def _age(snapshot: Snapshot, days: float) -> None:
    path = snapshot.path / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["created_at"] = (datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)).isoformat()
    path.write_text(json.dumps(manifest))


def test_old_snapshots_go_by_age_and_count(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshots = [put(home, con, f"r{i}") for i in range(6)]
    for snapshot, days in zip(snapshots, (50, 40, 35, 20, 10, 0), strict=True):
        _age(snapshot, days)
    assert prune(home, keep_count=4, keep_days=30) == [snapshots[0].id, snapshots[1].id]
    assert prune(home, keep_count=1, keep_days=15) == [snapshots[2].id, snapshots[3].id]


def test_the_current_one_and_the_one_before_always_stay(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    snapshots = [put(home, con, f"r{i}") for i in range(4)]
    rollback(home, snapshots[1].id)
    for snapshot in snapshots:
        _age(snapshot, 100)
    assert prune(home, keep_count=1, keep_days=0) == [snapshots[2].id]
    assert {snapshot.id for snapshot in list_snapshots(home)} == {snapshots[i].id for i in (0, 1, 3)}
    assert prune(home, keep_count=1, keep_days=0) == []


def test_a_snapshot_replaced_a_moment_ago_stays_for_its_readers(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    for i in range(4):
        put(home, con, f"r{i}", keep_count=1, keep_days=0)
    assert len(list_snapshots(home)) == 4
    assert len(prune(home, keep_count=1, keep_days=0, grace=timedelta(0))) == 2


def test_tables_and_rows_for_the_command_line(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(HarkenError, match="nothing is published"):
        published_tables(home)
    snapshot = put(home, con)
    assert [(t.name, t.rows, t.columns) for t in published_tables(home)] == [("history", 30, 2), ("risk", 3, 5)]
    shown = show(home, "published.risk", limit=2)
    assert (shown.snapshot_id, shown.total, len(shown.rows), shown.columns[0]) == (snapshot.id, 3, 2, "ticket_id")
    with pytest.raises(HarkenError, match="there are history, risk"):
        show(home, "rsik")
    con.close()
    assert [(t.schema, t.name, t.rows) for t in warehouse_tables(home, ("published",))] == [("published", "risk", 3)]
