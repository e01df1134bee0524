"""The dry run says what landing and staging would do, and writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import ContractError
from warehouse.landing import check_file

AT = datetime(2026, 1, 1)


def test_a_clean_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ticket_id,opened_at,queue\nt1,2025-07-01T10:00:00Z,billing\n")
    report = check_file("harken", "tickets", path, landed_at=AT)
    assert report.clean
    assert report.rows == 1
    assert "customer_id" in report.absent_columns
    assert report.lines()[0] == "a.csv: 1 row would land in harken/tickets"


def test_an_amount_that_no_currency_reaches_is_quarantined(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "customer_id,valid_from,monthly_value\nc1,2025-07-01,-40\nc2,2025-07-01,1e308\nc3,2025-07-01,-2e12\n"
    )
    assert dict(check_file("harken", "customers", path, landed_at=AT).examples) == {
        2: ["monthly_value is above 1000000000000: 9x999"],
        3: ["monthly_value is below -1000000000000: -9x99"],
    }


def test_columns_rows_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "contact_id,channel,queue,offered_at,ended_at,outcome,talk_seconds,rings,resolved,shoe,plan\n"
        "c1,voice,q,2025-07-01T10:00:00Z,2025-07-01T10:05:00+02:00,answered,3.5,2,true,44,\n"
        "c2,pigeon,q,01/07/2025 10:00,,answered,-5,2.5,perhaps,,\n"
        ",voice,q,2031-07-01,,answered,nan,3.0,1,,\n"
        "c1,voice,q,2025-07-01\n"
        "c1,voice,q,2025-07-01,,abandoned,,,,,\n"
    )
    report = check_file("harken", "contacts", path, landed_at=AT)
    assert (report.rows, report.quarantined_rows, report.repeated_keys) == (4, 3, 1)
    assert report.unknown_columns == ["shoe", "plan"]
    assert [reject.line for reject in report.rejects] == [5]
    assert dict(report.examples) == {
        1: ["ended_at lies before offered_at"],
        2: [
            "channel is none of voice, chat, email, web, social, app: xxxxxx",
            "offered_at doesn't read as an ISO 8601 time: 99/99/9999 99:99",
            "rings doesn't read as a whole number: 9.9",
            "talk_seconds is below 0: -9",
            "resolved doesn't read as true or false: xxxxxxx",
        ],
        3: [
            "contact_id is missing",
            "talk_seconds doesn't read as a number: xxx",
            "offered_at lies after the file was landed",
        ],
    }
    assert all("\n" not in line for line in report.lines())
    assert not report.clean


@pytest.mark.parametrize(
    ("opened_at", "recorded_at", "reason"),
    [
        ("2025-07-01 01:00:00 PM", "", "opened_at doesn't read as an ISO 8601 time: 9999-99-99 99:99:99 xx"),
        ("2025-07-01 12:00:00 CET", "", "opened_at doesn't read as an ISO 8601 time: 9999-99-99 99:99:99 xxx"),
        ("0001-01-01", "", "opened_at lies before 1980-01-02: a placeholder"),
        ("2025-07-01T10:00:00Z", "2025-06-01", "opened_at lies after recorded_at"),
    ],
)
def test_a_time_that_would_mislead_is_quarantined(
    tmp_path: Path, opened_at: str, recorded_at: str, reason: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"ticket_id,opened_at,recorded_at\nt,{opened_at},{recorded_at}\nu,2025-07-01,2025-07-01\n")
    assert check_file("harken", "tickets", path, landed_at=AT).examples == [(1, [reason])]


def test_what_holds_may_be_recorded_ahead(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("customer_id,valid_from,recorded_at\nc,2025-07-01,2025-06-01\nd,1900-01-01,2025-06-01\n")
    assert check_file("harken", "customers", path, landed_at=AT).clean


@pytest.mark.parametrize(("minutes", "clean"), [(15, True), (60, False), (1441, False), (2**63 - 1, False)])
def test_an_interval_ends_before_its_file_lands(tmp_path: Path, minutes: int, clean: bool) -> None:
    path = tmp_path / "a.csv"
    start = AT - timedelta(minutes=30)
    path.write_text(f"queue,channel,interval_start,interval_minutes,offered\nq,voice,{start},{minutes},1\n")
    assert check_file("harken", "queue_intervals", path, landed_at=AT).clean == clean


def test_keys_of_a_jsonl_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"ticket_id": "t", "opened_at": "2025-07-01"}\n{"ticket_id": "u", "opened_at": "2025-07-01", "shoe": 4}\n'
    )
    report = check_file("harken", "tickets", path, landed_at=AT)
    assert report.unknown_columns == ["shoe"]
    assert "queue" in report.absent_columns and "ticket_id" not in report.absent_columns


def test_plans_may_lie_in_the_future(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "agent_id,starts_at,ends_at,activity\n"
        "a,2031-01-01T08:00:00Z,2031-01-01T16:00:00Z,scheduled\nb,2031-01-01,2031-01-02,worked\n"
    )
    report = check_file("harken", "agent_shifts", path, landed_at=AT)
    assert [row for row, _ in report.examples] == [2]


def test_another_source_has_its_own_times_and_nulls(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "number,incident_state,reassignment_count,sys_mod_count,opened_at,sys_updated_at,priority,closed_at\n"
        "i1,New,0,0,29/2/2016 01:16,29/2/2016 01:23,3 - Moderate,5/3/2031 12:00\n"
        "i2,New,0,?,2016-02-29T01:16,29/2/2016 01:23,3 - Moderate,?\n"
    )
    report = check_file("servicenow", "incident_event_log", path, landed_at=AT)
    assert dict(report.examples).keys() == {2}
    assert {reason.text.split(":")[0] for reason in report.reasons} == {
        "sys_mod_count is missing", "opened_at doesn't read as a time like %d/%m/%Y %H",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"ticket_id\nx\n", "required column missing: opened_at"),
        ("a.csv", b"", "empty"),
        ("a.txt", b"x", "no known format"),
        ("a.csv", b"ticket_id,opened_at\na\n", "none of its 1 lines can be read"),
        ("a.parquet", b"x", "not a whole Parquet file"),
    ],
)
def test_what_would_be_rejected(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    report = check_file("harken", "tickets", path)
    assert reason in (report.rejected or "")
    assert len(report.lines()) == 1


def test_a_file_that_is_not_there_and_an_entity_that_is_not_known(tmp_path: Path) -> None:
    assert "No such file" in (check_file("harken", "tickets", tmp_path / "a.csv").rejected or "")
    with pytest.raises(ContractError, match="no entity 'ticket'"):
        check_file("harken", "ticket", tmp_path / "a.csv")
