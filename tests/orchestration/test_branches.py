"""A failing suite stops its task and nothing else; what Dagster shows of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.instance import open_instance
from tests.orchestration.conftest import SmallRun
from warehouse.connect import connect
from warehouse.publish import current_snapshot


@pytest.fixture(scope="module")
def instance(two_task_run: SmallRun) -> Iterator[dg.DagsterInstance]:
    with open_instance(two_task_run.home) as found:
        yield found


def states(run: SmallRun) -> dict[str, tuple[str, str]]:
    with connect(run.home, read_only=True) as con:
        rows = con.execute("select task, status, coalesce(reason, '') from ops.task_state").fetchall()
    return {task: (status, reason) for task, status, reason in rows}


def test_only_the_broken_task_stopped(two_task_run: SmallRun) -> None:
    found = states(two_task_run)
    assert found["calm"] == ("fresh", "")
    assert found["broken"][0] == "stale"
    assert "a billion rows" in found["broken"][1]


def test_nothing_was_trained_or_scored_for_it(two_task_run: SmallRun) -> None:
    with connect(two_task_run.home, read_only=True) as con:
        trained = con.execute("select distinct task from ml.training_runs").fetchall()
        scored = con.execute("select distinct task from ml.scores").fetchall()
    assert trained == [("calm",)]
    assert scored == [("calm",)]


def test_the_rest_is_published(two_task_run: SmallRun) -> None:
    snapshot = current_snapshot(two_task_run.home)
    assert snapshot is not None
    assert snapshot.run_id == two_task_run.outcome.run_id
    assert snapshot.tables["calm_risk"]["rows"] > 0
    assert snapshot.tables["fct_contacts"]["rows"] > 2_000


def test_the_run_is_not_green_and_says_why_in_one_line(two_task_run: SmallRun) -> None:
    assert [line for line in two_task_run.outcome.problems if "broken" in line and "a billion rows" in line]
    assert not [line for line in two_task_run.outcome.problems if "calm" in line]
    assert [line for line in two_task_run.lines if line.startswith("[fail] broken: suite")]


def test_the_snapshot_holds_the_whole_row_of_its_own_run(two_task_run: SmallRun) -> None:
    snapshot = current_snapshot(two_task_run.home)
    assert snapshot is not None
    columns = "snapshot_id, status, files_landed, checks_passed, checks_failed, finished_at is not null, message"
    query = f"select {columns} from published.runs where run_id = ?"
    with duckdb.connect(str(snapshot.duckdb_file), read_only=True) as con:
        shown = con.execute(query, [two_task_run.outcome.run_id]).fetchall()
    with connect(two_task_run.home, read_only=True) as con:
        ended = con.execute(query.replace("published.", "ops."), [two_task_run.outcome.run_id]).fetchall()
    own_checks = 1  # of the table of runs itself: it comes after it
    [(snapshot_id, status, files, passed, failed, has_ended, message)] = shown
    assert (snapshot_id, status, has_ended) == (snapshot.id, "failed", True)
    assert files > 10 and "a billion rows" in message
    assert ended == [(snapshot_id, status, files, passed + own_checks, failed, True, message)]


def test_publishing_came_last(two_task_run: SmallRun) -> None:
    names = [line.name for line in two_task_run.report.steps]
    assert names[-4:] == ["published: shared", "published: monitoring", "published: runs", "snapshot"]
    assert names.index("calm: published") < names.index("published: shared")


def test_dagster_keeps_the_run_with_its_checks(two_task_run: SmallRun, instance: dg.DagsterInstance) -> None:
    run = instance.get_run_by_id(two_task_run.outcome.run_id)
    assert run is not None
    assert run.job_name == "daily"
    assert run.status == dg.DagsterRunStatus.FAILURE
    checks = {
        (event.asset_key.to_user_string(), event.check_name): event.passed
        for record in instance.all_logs(run.run_id)
        if record.dagster_event and record.dagster_event.event_type_value == "ASSET_CHECK_EVALUATION"
        for event in [record.dagster_event.asset_check_evaluation_data]
    }
    assert checks["features/broken", "suite"] is False
    assert checks["features/calm", "suite"] is True
    assert len(checks) > 20


def materialization(instance: dg.DagsterInstance, *key: str) -> Any:
    event = instance.get_latest_materialization_event(dg.AssetKey(list(key)))
    assert event is not None, key
    assert event.asset_materialization is not None
    return event.asset_materialization.metadata


def test_tables_show_rows_columns_and_lineage(instance: dg.DagsterInstance) -> None:
    metadata = materialization(instance, "core", "tickets")
    assert metadata["dagster/row_count"].value > 400
    schema = metadata["dagster/column_schema"].schema
    assert "visible_from" in {column.name for column in schema.columns}
    lineage = metadata["dagster/column_lineage"].lineage.deps_by_column
    assert [dep.asset_key.path for dep in lineage["ticket_id"]] == [["history", "tickets"]]


def test_the_model_links_to_mlflow_and_carries_pictures(instance: dg.DagsterInstance) -> None:
    metadata = materialization(instance, "ml", "calm_model")
    assert "/runs/" in metadata["MLflow run"].value
    for picture in ("calibration", "gain", "importances"):
        assert metadata[picture].value.startswith(f"![{picture}](data:image/png;base64,")
    assert 0 < metadata["pr_auc"].value <= 1
