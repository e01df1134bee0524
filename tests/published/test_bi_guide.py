"""What docs/BI.md tells readers to do works on a published snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.published.conftest import RUN
from tests.support.dbt import DbtWarehouse
from tests.support.published_contracts import models
from warehouse.home import open_home
from warehouse.publish import publish

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "BI.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", GUIDE, flags=re.DOTALL)
PARTITIONED = {
    name: block["config"]["meta"]["partition_by_month"]
    for name, block in models().items()
    if "partition_by_month" in block["config"]["meta"]
}


@pytest.fixture(scope="module")
def snapshot(warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that `published/current` leads to."""
    home = open_home(tmp_path_factory.mktemp("home"))
    with warehouse.connect() as con:
        publish(home, RUN, sorted(models()), partitioned=PARTITIONED, con=con)
    yield (home.published / "current").resolve()


@pytest.fixture(scope="module")
def con(snapshot: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(snapshot / "harken.duckdb"), read_only=True)
    yield connection
    connection.close()


def test_there_are_at_least_five_queries() -> None:
    assert len(QUERIES) >= 5


@pytest.mark.parametrize("query", QUERIES, ids=[f"query_{n}" for n in range(1, len(QUERIES) + 1)])
def test_a_sample_query_runs(con: duckdb.DuckDBPyConnection, query: str) -> None:
    con.execute(query).fetchall()


def test_the_sample_queries_find_what_is_there(con: duckdb.DuckDBPyConnection) -> None:
    stale = dict(con.execute(f"select table_name, status from ({QUERIES[0].strip().rstrip(';')})").fetchall())
    assert stale["escalation_risk"] == "stale" and stale["fct_surveys"] == "empty"
    first = con.execute(QUERIES[1]).fetchone()
    assert first is not None and first[:4] == (1, "t3", 0.7, "no reply from us for 40 hours")
    level = con.execute(QUERIES[2]).fetchone()
    assert level is not None and level[3:7] == (8, 8, 1.0, 0.0)
    trust = con.execute(_query("promised.metric =")).fetchall()
    assert [row[2:6] for row in trust] == [("pr_auc", 0.42, 0.38, 0.31)]
    changed = con.execute(_query("times_the_limit")).fetchone()
    assert changed is not None and changed[2:7] == (
        "world", "category is invoice twice as often", "queue=billing", 3.0, "suspected",
    )  # fmt: skip


def _query(part: str) -> str:
    """The one sample query that holds `part`."""
    (found,) = [query for query in QUERIES if part in query]
    return found


def test_every_table_and_column_of_the_contract_is_there_with_its_comment(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("select table_name, column_name, comment from duckdb_columns() where schema_name = 'published'")
    comments = {(table, column): comment for table, column, comment in rows.fetchall()}
    for table, block in models().items():
        for column in block["columns"]:
            assert comments[table, column["name"]] == column["description"], (table, column["name"])


def test_the_guide_names_every_table() -> None:
    assert [table for table in models() if f"`{table}`" not in GUIDE] == []


def test_parquet_files_hold_the_same_rows(snapshot: Path, con: duckdb.DuckDBPyConnection) -> None:
    for table in models():
        files = snapshot / table / "*.parquet" if table in PARTITIONED else snapshot / f"{table}.parquet"
        in_parquet = con.execute(f"select count(*) from read_parquet('{files}')").fetchone()
        assert in_parquet == con.execute(f"select count(*) from published.{table}").fetchone(), table
