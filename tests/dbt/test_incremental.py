"""Built file by file equals built at once: late files, corrections, back-dated rows, duplicates, a killed run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.dbt import DbtWarehouse

HISTORIES = (
    "customers", "contacts", "tickets", "ticket_events", "surveys", "calendar", "targets", "batch_knowledge",
)  # fmt: skip
GROWING = tuple(f"history__{name}" for name in HISTORIES)

# Files in landing order; a None stands for a run of dbt between them.
FILES: list[tuple[str, list[dict[str, Any]]] | None] = [
    ("customers", [
        {"customer_id": "c1", "valid_from": "2026-01-01", "segment": "small", "colour": "red"},
        {"customer_id": "c2", "valid_from": "2026-01-01", "segment": "large"},
    ]),
    ("tickets", [
        {"ticket_id": "t1", "opened_at": "2026-01-02T08:00:00Z", "customer_id": "c1"},
        {"ticket_id": "t2", "opened_at": "02/01/2026", "customer_id": "c1"},
    ]),
    ("ticket_events", [
        {"ticket_id": "t1", "event_seq": 1, "occurred_at": "2026-01-02T08:00:00Z", "kind": "status", "value": "new"},
        {"ticket_id": "t1", "event_seq": 2, "occurred_at": "2026-01-02T07:00:00Z", "kind": "comment"},
        {"ticket_id": "t3", "event_seq": 1, "occurred_at": "2026-01-03T07:00:00Z", "kind": "comment"},
        {"ticket_id": "t3", "event_seq": 2, "occurred_at": "2026-01-03T09:00:00Z", "kind": "comment"},
    ]),
    ("surveys", [
        {"survey_id": "s1", "sent_at": "2026-01-03", "responded_at": "2026-01-04", "csat": 4},
        {"survey_id": "s2", "sent_at": "2026-01-03"},
        {"survey_id": "s3", "sent_at": "2026-01-03", "csat": 6},
    ]),
    ("contacts", [
        {"contact_id": "k1", "channel": "voice", "queue": "q", "offered_at": "2026-01-03T10:00:00Z",
         "ended_at": "2026-01-03T10:05:00Z", "outcome": "answered"},
        {"contact_id": "k2", "channel": "fax", "queue": "q", "offered_at": "2026-01-03T10:00:00Z", "talk_seconds": -1,
         "outcome": "answered"},
    ]),
    None,
    # The ticket of events that have landed already, opened after one of them.
    ("tickets", [{"ticket_id": "t3", "opened_at": "2026-01-03T08:00:00Z"}]),
    # A correction without recorded_at: known from the watermark. A back-dated dimension row. A duplicate.
    ("customers", [
        {"customer_id": "c1", "valid_from": "2026-01-01", "segment": "medium"},
        {"customer_id": "c2", "valid_from": "2025-06-01", "segment": "small"},
        {"customer_id": "c2", "valid_from": "2026-01-01", "segment": "large"},
    ]),
    None,
    None,
    # Late: knowledge older than what has landed; with and without recorded_at.
    ("ticket_events", [
        {"ticket_id": "t1", "event_seq": 3, "occurred_at": "2026-01-02T09:00:00Z", "kind": "priority", "value": "high"},
        {"ticket_id": "t1", "event_seq": 1, "occurred_at": "2026-01-02T08:00:00Z", "kind": "status", "value": "open",
         "recorded_at": "2026-01-02T08:30:00Z"},
        {"ticket_id": "t1", "event_seq": 1, "occurred_at": "2026-01-02T08:00:00Z", "kind": "status", "value": "open",
         "recorded_at": "2026-01-02T08:30:00Z"},
        {"ticket_id": None, "event_seq": 1, "occurred_at": "2026-01-02T08:00:00Z", "kind": "comment"},
        {"ticket_id": "t1", "event_seq": None, "occurred_at": "2026-01-02T08:00:00Z", "kind": "comment"},
    ]),
    ("surveys", [
        {"survey_id": "s2", "sent_at": "2026-01-03", "responded_at": "2026-01-05", "csat": 1},
        {"survey_id": "s1", "sent_at": "2026-01-03", "responded_at": "2026-01-04", "csat": 5},
    ]),
    None,
    # A version recorded before the first one that landed: the ticket's opening is judged anew, and its events with it.
    ("tickets", [{"ticket_id": "t1", "opened_at": "2026-01-02T06:00:00Z", "recorded_at": "2026-01-02T06:30:00Z"}]),
    ("surveys", [{"survey_id": "s1", "sent_at": "2026-01-03", "responded_at": "2026-01-04", "csat": 5}]),
    ("contacts", []),
    ("calendar", [
        {"starts_at": "2027-01-01", "ends_at": "2027-01-02", "kind": "holiday", "name": "New Year"},
    ]),
    None,
    ("targets", [
        {"kpi": "service_level", "scope_kind": "company", "valid_from": "2026-01-01", "target": 0.8},
        {"kpi": "service_level", "scope_kind": "company", "valid_from": "2026-01-01", "target": 0.9},
    ]),
    ("customers", [{"customer_id": "c1", "valid_from": "2026-01-01", "segment": "small", "colour": "red"}]),
    None,
]  # fmt: skip


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """Built run by run; the tables are also kept as a full refresh makes them, in the schema `anew`."""
    warehouse = DbtWarehouse.create_built(tmp_path_factory.mktemp("grown"))
    for file in FILES:
        if file is None:
            warehouse.run(*GROWING)
        else:
            warehouse.land(*file)
    grown_tables = {name: contents(warehouse, f"history.{name}") for name in HISTORIES}
    warehouse.run(*GROWING, full_refresh=True)
    warehouse.grown_tables = grown_tables  # type: ignore[attr-defined]
    return warehouse


@pytest.mark.parametrize("name", HISTORIES)
def test_run_by_run_equals_a_full_refresh(grown: DbtWarehouse, name: str) -> None:
    assert grown.grown_tables[name] == contents(grown, f"history.{name}")  # type: ignore[attr-defined]


def contents(warehouse: DbtWarehouse, table: str) -> list[str]:
    return sorted(str(row) for row in warehouse.rows(f"select * from {table}"))


def test_the_chain_of_a_corrected_customer(grown: DbtWarehouse) -> None:
    day = datetime(2026, 1, 1)
    watermark_2, watermark_4 = datetime(2026, 1, 4), datetime(2026, 1, 5)
    versions = grown.rows(
        "select segment, known_from, known_to from core.customers where customer_id = 'c1' order by known_from"
    )
    assert versions == [
        ("small", day, watermark_2),
        ("medium", watermark_2, watermark_4),
        ("small", watermark_4, datetime(9999, 12, 31)),
    ]


def test_a_back_dated_row_is_a_record_of_its_own(grown: DbtWarehouse) -> None:
    fates = grown.rows(
        "select segment, known_from, known_to, fate from history.customers where customer_id = 'c2' order by all"
    )
    assert fates == [
        ("large", datetime(2026, 1, 1), datetime(9999, 12, 31), "accepted"),
        ("large", datetime(2026, 1, 4), datetime(2026, 1, 4), "duplicate"),
        ("small", datetime(2025, 6, 1), datetime(9999, 12, 31), "accepted"),
    ]


def test_unknown_columns_are_kept(grown: DbtWarehouse) -> None:
    assert grown.rows(
        "select distinct attributes from core.customers where segment = 'small' and customer_id = 'c1'"
    ) == [('{"colour": "red"}',)]


def test_an_event_before_its_tickets_opening_is_quarantined_however_they_landed(grown: DbtWarehouse) -> None:
    quarantined = grown.rows(
        "select ticket_id, event_seq, reasons from quarantine.ticket_events where event_seq is not null "
        "and ticket_id is not null order by all"
    )
    # t1's opening was corrected by a row recorded before its first: its early event stands after all.
    assert quarantined == [("t3", 1, ["occurred_at lies before the opening of the ticket"])]


def test_an_answer_is_known_when_given_and_a_changed_one_from_the_watermark(grown: DbtWarehouse) -> None:
    versions = grown.rows(
        "select survey_id, csat, known_from, known_to from core.surveys where known_from < known_to order by all"
    )
    forever = datetime(9999, 12, 31)
    watermark = datetime(2026, 1, 4)
    assert versions == [
        ("s1", 5, watermark, forever),
        ("s1", None, datetime(2026, 1, 3), datetime(2026, 1, 4)),
        ("s2", 1, datetime(2026, 1, 5), forever),
        ("s2", None, datetime(2026, 1, 3), watermark),
        ("s2", None, watermark, datetime(2026, 1, 5)),
    ]


def test_a_second_run_changes_nothing(grown: DbtWarehouse) -> None:
    before = {name: grown.rows(f"select rowid, * from history.{name}") for name in HISTORIES}
    ledger = grown.rows("select count(*) from ops.applied_batches")
    grown.run(*GROWING)
    assert {name: grown.rows(f"select rowid, * from history.{name}") for name in HISTORIES} == before
    assert grown.rows("select count(*) from ops.applied_batches") == ledger


def test_a_killed_run_is_caught_up(tmp_path: Path) -> None:
    """A run that got no further than one model leaves the others behind; the next run brings all to the same state."""
    warehouse = DbtWarehouse.create_built(tmp_path)
    names = ("customers", "tickets", "ticket_events", "batch_knowledge")
    growing = [f"history__{name}" for name in names]
    for file in FILES[:2]:
        warehouse.land(*file)  # type: ignore[misc]
    warehouse.run(*growing)
    warehouse.land(*FILES[2])  # type: ignore[misc]
    warehouse.run("history__batch_knowledge", "history__tickets")
    warehouse.land(*FILES[6])  # type: ignore[misc]
    warehouse.run(*growing)
    caught_up = {name: contents(warehouse, f"history.{name}") for name in names}
    warehouse.run(*growing, full_refresh=True)
    assert caught_up == {name: contents(warehouse, f"history.{name}") for name in names}
