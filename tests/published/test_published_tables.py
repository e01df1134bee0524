"""The published tables as built from landed files: what they account for, and what they say is missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.published.conftest import CLOCK
from tests.support.dbt import DbtWarehouse
from tests.support.published_contracts import monitoring_tables


def test_every_row_of_every_file_is_accounted_for(warehouse: DbtWarehouse) -> None:
    lost = warehouse.rows(
        """
        select file_name from published.data_quality
        where kind = 'file' and rows_landed <> rows_accepted + rows_superseded + rows_duplicate + rows_no_change
            + rows_quarantined + rows_pending
        """
    )
    assert lost == []
    assert warehouse.rows("select sum(rows_pending) from published.data_quality") == [(0,)]


def test_files_with_faults_say_what_and_how_often(warehouse: DbtWarehouse) -> None:
    found = {
        row["file_name"]: row
        for row in warehouse.records("select * from published.data_quality where kind = 'file' and status <> 'ok'")
    }
    assert set(found) == {
        "broken.csv",
        "tickets_1.csv",
        "contacts_3.csv",
        "contacts_4.csv",
        "contacts_5.csv",
        "agents_7.csv",
        "half.csv",
    }
    assert found["broken.csv"]["status"] == "failed"
    assert found["broken.csv"]["message"] == "required column opened_at is missing"
    assert found["tickets_1.csv"]["message"] == "lines rejected: too few columns (2)"
    assert (found["contacts_3.csv"]["rows_quarantined"], found["contacts_3.csv"]["rows_duplicate"]) == (1, 1)
    assert "talk_seconds" in found["contacts_3.csv"]["message"] and "(1)" in found["contacts_3.csv"]["message"]
    assert found["contacts_5.csv"]["message"] == "the file holds no rows"
    assert (found["half.csv"]["status"], found["half.csv"]["rows_landed"]) == ("attention", 0)
    assert found["half.csv"]["message"] == "left aside, waiting: changed 2 s ago"


def test_checks_stand_beside_the_files(warehouse: DbtWarehouse) -> None:
    checks = warehouse.rows(
        "select recorded_at, status from published.data_quality where kind = 'check' order by recorded_at"
    )
    assert checks == [(CLOCK - timedelta(days=1), "failed"), (CLOCK, "ok")]


@pytest.mark.parametrize(
    ("table", "status", "reason"),
    [
        ("fct_tickets", "fresh", None),
        ("fct_contacts", "fresh", "some columns are null: no rows of queues"),
        ("fct_surveys", "empty", "no rows of surveys have landed"),
        ("dim_agents", "empty", "no row of agents could be read: see data_quality"),
        ("escalation_risk", "stale", "checks failed: as_of is old"),
        ("runs", "fresh", None),
        ("drift", "fresh", None),
        ("alerts", "empty", "no alert so far"),
        ("model_events", "empty", "nothing has happened to a model yet"),
    ],
)
def test_availability_tells_fresh_stale_and_empty_tables_apart(
    warehouse: DbtWarehouse, table: str, status: str, reason: str | None
) -> None:
    row = warehouse.records("select * from published.availability where table_name = ?", [table])[0]
    assert (row["status"], row["reason"]) == (status, reason)
    # A table may be empty because nothing has happened: that is known as of the clock. Without input nothing is.
    looked_at = status == "empty" and table in monitoring_tables()
    expected = {"fresh": CLOCK, "stale": CLOCK - timedelta(days=1), "empty": CLOCK if looked_at else None}[status]
    assert row["fresh_as_of"] == expected


def test_availability_speaks_of_every_published_table(warehouse: DbtWarehouse) -> None:
    tables = warehouse.rows("select table_name from information_schema.tables where table_schema = 'published'")
    assert sorted(tables) == sorted(warehouse.rows("select table_name from published.availability"))


def test_risk_holds_the_latest_scores_known_at_the_clock(warehouse: DbtWarehouse) -> None:
    rows = warehouse.rows(
        "select ticket_id, probability, as_of, queue, status, customer_id, age_hours "
        "from published.escalation_risk order by rank"
    )
    assert rows[0] == ("t3", 0.7, CLOCK, "billing", "open", "c1", 45.0)
    assert len(rows) == 3
    assert warehouse.rows("select count(*), max(as_of) from published.escalation_scores_history") == [(6, CLOCK)]


def test_drift_and_the_life_of_models_are_those_known_at_the_clock(warehouse: DbtWarehouse) -> None:
    assert warehouse.rows("select subject, value, alarm, cause from published.drift order by alarm") == [
        ("site", None, False, None),
        ("category", "invoice", True, "world"),
    ]
    assert warehouse.rows("select max(clock), max(clock_local) from published.drift") == [
        (CLOCK, CLOCK + timedelta(hours=1))
    ]
    # The step of tomorrow isn't known yet, so that the one before it holds.
    assert warehouse.rows("select number, state, is_current from published.model_lifecycle order by number") == [
        (1, "quiet", False),
        (2, "suspected", True),
    ]


def test_days_know_holidays_weeks_and_the_change_of_clocks(warehouse: DbtWarehouse) -> None:
    days = {row["day"]: row for row in warehouse.records("select * from published.dim_dates order by day")}
    assert (min(days), max(days)) == (date(2026, 1, 1), date(2027, 12, 31))
    assert len(days) == 730
    assert [day for day in days if days[day]["is_holiday"]] == [date(2026, 3, 9), date(2026, 4, 3)]
    assert days[date(2026, 3, 9)]["holiday_name"] == "Founders' day"
    assert not days[date(2026, 3, 9)]["is_working_day"] and days[date(2026, 3, 10)]["is_working_day"]
    spring = days[date(2026, 3, 29)]
    assert spring["ends_at"] - spring["starts_at"] == timedelta(hours=23)
    assert spring["starts_at"] == datetime(2026, 3, 28, 23)
    assert (days[date(2027, 1, 1)]["iso_year"], days[date(2027, 1, 1)]["iso_week"]) == (2026, 53)


def test_data_tests_of_the_published_tables_pass(warehouse: DbtWarehouse) -> None:
    warehouse.test("tag:layer:published")


def test_unit_tests_of_the_published_models_pass(warehouse: DbtWarehouse) -> None:
    warehouse.test("tag:layer:published", unit=True)
