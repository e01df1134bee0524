"""The escalation suite passes a sound feature table and names what is wrong with each unsound one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from expectations import SuiteResult, gather, validate
from tests.expectations.conftest import CLOCK, FEATURES, Query


def judged(query: Query, **changes: object) -> SuiteResult:
    """The suite's verdict on the table as it now is."""
    features = replace(FEATURES, **changes)  # type: ignore[arg-type]
    return validate("escalation", gather(query, features, CLOCK))


def test_a_sound_table_passes(query: Query) -> None:
    result = judged(query)
    assert result.success and result.reason == ""
    assert [r.message for r in result.failures] == []
    assert {"ExpectColumnPairValuesToBeEqual", "ExpectColumnValuesToBeBetween"} <= {
        r.expectation for r in result.results
    }


CORRUPT = {
    "ticket_id: expected one row per (ticket_id, as_of)": "insert into features.escalation "
    "from features.escalation_clean where ticket_id = 'T7' limit 1",
    "age_hours: expected between 0 and 1e+12, found smallest -3": "update features.escalation set age_hours = -3 "
    "where ticket_id = 'T7'",
    "messages_count: expected between 0 and 1e+12, found high": "update features.escalation set messages_count = 1e13 "
    "where ticket_id = 'T8'",
    "customer_past_escalation_rate: expected between 0 and 1": "update features.escalation set "
    "customer_past_escalation_rate = 'nan' where ticket_id = 'T9'",
    "ticket_id: expected never null": "update features.escalation set ticket_id = null where ticket_id = 'T7' "
    "and moment_kind = 'now'",
    "as_of: expected never null": "update features.escalation set as_of = null where ticket_id = 'T8' "
    "and moment_kind = 'now'",
    "moment_kind: expected one of event, morning, now": "update features.escalation set moment_kind = 'Anna 12' "
    "where moment_kind = 'now' and ticket_id = 'T9'",
    "as_of: expected no row after the clock": f"update features.escalation set as_of = timestamp '{CLOCK}' "
    "+ interval 1 minute where moment_kind = 'now' and ticket_id = 'T10'",
}


def test_a_corrupt_table_is_stopped_with_each_fault_named(con: duckdb.DuckDBPyConnection, query: Query) -> None:
    for damage in CORRUPT.values():
        con.execute(damage)
    result = judged(query)
    messages = [r.message for r in result.failures if r.severity == "critical"]
    assert [m for m in CORRUPT if not any(m in message for message in messages)] == [], messages
    assert "(and " in result.reason
    assert "Anna" not in str(result) and "xxxx 99" in str(result), "values are masked"


FAULTS = {
    "a vanished category": (
        f"delete from features.escalation where queue = 'orders' and as_of > timestamp '{CLOCK}' - interval 1 day",
        "queue = orders: expected still there",
    ),
    "an empty newest day": (
        f"delete from features.escalation where moment_kind <> 'now' and as_of > timestamp '{CLOCK}' - interval 1 day",
        "the day up to 2026-03-02 15:30: expected at least one row",
    ),
    "an empty day of last week": (
        f"delete from features.escalation where as_of > timestamp '{CLOCK}' - interval 4 day "
        f"and as_of <= timestamp '{CLOCK}' - interval 3 day",
        "the day up to 2026-02-27 15:30: expected at least one row",
    ),
    "a thin day": (
        f"delete from features.escalation where as_of > timestamp '{CLOCK}' - interval 1 day "
        "and ticket_id not like 'T%1'",
        "expected at least a fifth of the usual rows",
    ),
    "a column emptied": (
        f"update features.escalation set messages_count = null where as_of > timestamp '{CLOCK}' - interval 1 day",
        "messages_count: expected not suddenly empty",
    ),
    "a wrong type": (
        "alter table features.escalation alter messages_count type varchar",
        "messages_count: expected the type declared",
    ),
    "a lost column": (
        "drop view labels.escalation; alter table features.escalation drop column age_hours; "
        "create view labels.escalation as select true as label, as_of + interval 7 day as matures_at "
        "from features.escalation where random() < 0",
        "age_hours: expected the type declared",
    ),
    "no positive label": (
        "create or replace view labels.escalation as select false as label, as_of + interval 7 day as matures_at "
        "from features.escalation",
        "label: expected label rate between 0.0005 and 0.6",
    ),
    "only positive labels": (
        "create or replace view labels.escalation as select true as label, as_of + interval 7 day as matures_at "
        "from features.escalation",
        "label: expected label rate between 0.0005 and 0.6",
    ),
    "a stale table": (
        f"delete from features.escalation where as_of > timestamp '{CLOCK}' - interval 3 day",
        "as_of: expected newest row at most 25 hours before the clock",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_the_task_and_is_named(fault: str, con: duckdb.DuckDBPyConnection, query: Query) -> None:
    damage, message = FAULTS[fault]
    con.execute(damage)
    result = judged(query)
    assert not result.success
    assert any(message in r.message for r in result.failures if r.severity == "critical"), [
        r.message for r in result.failures
    ]
    assert result.reason


def test_more_nulls_than_usual_only_warn(con: duckdb.DuckDBPyConnection, query: Query) -> None:
    con.execute(
        "update features.escalation set messages_count = null "
        f"where as_of > timestamp '{CLOCK}' - interval 1 day and ticket_id like '%3%'"
    )
    result = judged(query)
    assert result.success
    assert [(r.column, r.severity) for r in result.failures] == [("messages_count", "warning")]


def test_what_the_champion_was_trained_on_must_be_there(query: Query) -> None:
    result = judged(query, signature={"age_hours": "string", "gone_count": "long"})
    failed = {r.column: r.observed for r in result.failures}
    assert failed == {"age_hours": "trained on text, given number", "gone_count": "trained on number, given missing"}
    assert judged(query, signature=None).success


def test_a_young_home_is_not_judged_by_a_past_it_lacks(con: duckdb.DuckDBPyConnection, query: Query) -> None:
    con.execute(f"delete from features.escalation where as_of < timestamp '{CLOCK}' - interval 3 day")
    result = judged(query)
    assert result.success
    notes = [r.message for r in result.results if r.observed == "not judged"]
    assert any("days of past, 7 are needed" in note for note in notes)
    assert any("mature rows" in note for note in notes)


def test_before_the_first_row_and_the_first_model_nothing_is_stale(
    con: duckdb.DuckDBPyConnection, query: Query
) -> None:
    con.execute("delete from features.escalation")
    assert judged(query, signature=None).success
    assert "newest row at most 25 hours" in judged(query).reason


def test_no_positive_is_a_fault_only_once_a_model_has_learnt(con: duckdb.DuckDBPyConnection, query: Query) -> None:
    con.execute("create table labels.without as select * replace (false as label) from labels.escalation")
    assert judged(query, label_table="labels.without", signature=None).success
    assert "label rate" in judged(query, label_table="labels.without").reason


def test_a_weekday_that_is_always_closed_is_no_empty_day(con: duckdb.DuckDBPyConnection, query: Query) -> None:
    con.execute("delete from features.escalation where dayofweek(as_of) = 0")
    con.execute(f"delete from features.escalation where epoch(timestamp '{CLOCK}' - as_of) // 86400 % 7 = 1")
    assert [r.message for r in judged(query).failures] == []


def test_a_later_clock_finds_the_table_stale(query: Query) -> None:
    evidence = gather(query, FEATURES, CLOCK + timedelta(days=2))
    assert "newest row at most 25 hours" in validate("escalation", evidence).reason


def test_the_page_shows_the_verdict_and_no_values(con: duckdb.DuckDBPyConnection, query: Query, tmp_path: Path) -> None:
    con.execute("update features.escalation set moment_kind = '<b>Anna</b>' where moment_kind = 'now'")
    result = validate("escalation", gather(query, FEATURES, CLOCK), folder=tmp_path / "checks" / "run-1")
    page = (tmp_path / "checks" / "run-1" / "escalation.html").read_text(encoding="utf-8")
    assert result.page is not None and result.page.endswith("escalation.html")
    assert "failed, the task stops" in page and "moment_kind" in page
    assert "Anna" not in page and "my order" not in page and "<b>" not in page


def test_results_become_rows_of_ops_check_results(query: Query) -> None:
    frame = judged(query).to_frame("run-1")
    assert list(frame.columns) == [
        "run_id",
        "task",
        "checked_at",
        "expectation",
        "column_name",
        "severity",
        "success",
        "observed",
        "message",
    ]
    assert (frame["run_id"] == "run-1").all() and (frame["checked_at"] == CLOCK).all() and frame["success"].all()
