"""The ServiceNow adapter on rows of the vendor's shape, landed over three days; each incident is one case.

The warehouse is built day by day once, and beside it all at once: both must hold the same.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.support.dbt import DbtWarehouse

GROWING = (
    "stg_servicenow__updates", "history__batch_knowledge", "history__tickets", "history__ticket_events",
    "ticket_states",
)  # fmt: skip
COMPARED = ("history.tickets", "history.ticket_events", "core.ticket_states")

# What a new incident looks like; `?` is the vendor's mark for missing.
OPENING = {
    "incident_state": "New", "active": "true", "reassignment_count": "0", "reopen_count": "0", "sys_mod_count": "0",
    "made_sla": "true", "caller_id": "Caller 1", "opened_by": "Opened by  8", "opened_at": "1/3/2016 09:00",
    "sys_created_by": "?", "sys_created_at": "?", "sys_updated_by": "Updated by 21", "sys_updated_at": "1/3/2016 09:00",
    "contact_type": "Phone", "location": "Location 1", "category": "Category 1", "subcategory": "Subcategory 1",
    "u_symptom": "?", "cmdb_ci": "?", "impact": "2 - Medium", "urgency": "2 - Medium", "priority": "3 - Moderate",
    "assignment_group": "Group 1", "assigned_to": "?", "knowledge": "false", "u_priority_confirmation": "false",
    "notify": "Do Not Notify", "problem_id": "?", "rfc": "?", "vendor": "?", "caused_by": "?",
    "closed_code": "code 5", "resolved_by": "Resolved by 1", "resolved_at": "5/3/2016 11:29",
    "closed_at": "9/3/2016 12:00",
}  # fmt: skip


def log(number: str, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The log of one incident: each row is the row before with some changes; `at` is the day in March and the time."""
    rows = [OPENING | {"number": number}]
    for place, change in enumerate(changes, start=1):
        day, time = change.pop("at").split()
        stamp = {"sys_updated_at": f"{day}/3/2016 {time}", "sys_mod_count": str(place)}
        rows.append(rows[-1] | stamp | {name: str(value) for name, value in change.items()})
    return rows


JUMPED = log(
    "JUMPED",
    {"at": "1 10:00", "reassignment_count": 2, "assignment_group": "Group 3", "incident_state": "Active"},
    {"at": "1 11:00", "reassignment_count": 4, "assignment_group": "Group 5"},
)
INVISIBLE = log(
    "INVISIBLE",
    {"at": "1 10:00", "reassignment_count": 1, "assignment_group": "?", "assigned_to": "Resolver 1"},
    {"at": "1 11:00", "reassignment_count": 2, "assigned_to": "?"},
    {"at": "1 12:00", "reassignment_count": 3},
)
SHUFFLED = [
    log("SHUFFLED", {"at": "1 10:00", "priority": "4 - Low"}, {"at": "1 11:00", "priority": "2 - High"})[place]
    for place in (2, 0, 1)
]
LEFT_RESOLVED = log(
    "LEFT_RESOLVED",
    {"at": "1 10:00", "incident_state": "Resolved"},
    {"at": "1 11:00", "incident_state": "New"},
    {"at": "2 12:00", "incident_state": "Closed"},
)
REOPENED = log(
    "REOPENED",
    {"at": "1 10:00", "incident_state": "Resolved"},
    {"at": "1 11:00", "incident_state": "Active", "reopen_count": 1},
)
MOVED_SILENTLY = log("MOVED_SILENTLY", {"at": "1 10:00", "assignment_group": "Group 2"})
# The same life with and without a stamp of the record's end, which nothing may depend on.
STAMPED = [row | {"assigned_to": "Resolver 8"} for row in log("STAMPED", {"at": "1 10:00", "incident_state": "Active"})]
NOT_STAMPED = [
    row | {"number": "NOT_STAMPED", "closed_code": "?", "resolved_by": "?", "resolved_at": "?", "closed_at": "?"}
    | {"made_sla": "false", "active": "?", "assigned_to": "?"}
    for row in STAMPED
]  # fmt: skip
PERSON = [
    row | {"assigned_to": person}
    for row, person in zip(
        log("PERSON", {"at": "1 10:00"}, {"at": "1 11:00"}, {"at": "1 12:00"}),
        ("Resolver 8", "Resolver 8", "?", "Resolver 8"),
        strict=True,
    )
]
BAD_DATE = [
    *log("BAD_DATE", {"at": "1 10:00", "priority": "1 - Critical"}),
    OPENING | {"number": "BAD_DATE", "sys_updated_at": "3/31/2016 11:00", "sys_mod_count": "2"},
]
# Its second update comes a day after the third, which then changed less than it seemed to.
LATE = log(
    "LATE", {"at": "1 10:00", "reassignment_count": 1, "assignment_group": "Group 2"},
    {"at": "1 11:00", "reassignment_count": 3, "assignment_group": "Group 4"}, {"at": "1 12:00", "priority": "4 - Low"},
)  # fmt: skip
# The first row of all comes last.
LATE_OPENING = log("LATE_OPENING", {"at": "1 10:00", "caller_id": "Caller 2", "priority": "2 - High"})
CORRECTED = log("CORRECTED", {"at": "1 10:00", "priority": "2 - High"})
CORRECTION = CORRECTED[1] | {"priority": "4 - Low"}

DAYS = [
    [
        *JUMPED, *INVISIBLE, *SHUFFLED, *LEFT_RESOLVED[:3], *REOPENED, *STAMPED, *NOT_STAMPED, *PERSON, *BAD_DATE,
        LATE[0], LATE[2], LATE_OPENING[1], *CORRECTED,
    ],
    [*LEFT_RESOLVED[3:], *MOVED_SILENTLY, LATE[1], LATE[3], CORRECTION, *JUMPED],
    [LATE_OPENING[0], CORRECTED[1], CORRECTION],
]  # fmt: skip


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """Three files, three runs."""
    warehouse = DbtWarehouse.create(tmp_path_factory.mktemp("daily"))
    with warehouse.connect() as con:
        con.execute(
            "insert into ops.escalation_rules "
            "values ('servicenow', 'priority_raised'), ('servicenow', 'reopened'), ('servicenow', 'reassigned_3')"
        )
    for day, rows in enumerate(DAYS):
        warehouse.land("incident_event_log", rows, source="servicenow")
        warehouse.run(*(GROWING if day else ["+escalations"]))
    return warehouse


@pytest.fixture(scope="module")
def at_once(daily: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """The same three files, everything built anew from all of them."""
    folder = tmp_path_factory.mktemp("at_once")
    shutil.copy(daily.file, folder / daily.file.name)
    warehouse = DbtWarehouse(folder)
    warehouse.run(*GROWING, full_refresh=True)
    return warehouse


def at(text: str) -> datetime:
    """A day and time of March 2016."""
    return datetime.fromisoformat(f"2016-03-{text}:00")


def events(warehouse: DbtWarehouse, ticket: str, kind: str) -> list[tuple[Any, ...]]:
    """(occurred_at, field, value) of one kind, in order, without those that only say that there was an update."""
    return warehouse.rows(
        "select occurred_at, field, value from core.ticket_events "
        "where ticket_id = ? and kind = ? and field <> 'update' and known_from < known_to order by event_seq",
        [ticket, kind],
    )


def escalation(warehouse: DbtWarehouse, ticket: str) -> tuple[Any, ...] | None:
    rows = warehouse.rows("select escalated_at, rule from core.escalations where ticket_id = ?", [ticket])
    return rows[0] if rows else None


def fates(warehouse: DbtWarehouse, ticket: str) -> Counter[str]:
    rows = warehouse.rows(
        "select any_value(fate) from history.ticket_events where ticket_id = ? group by batch_id, row_number", [ticket]
    )
    return Counter(fate for (fate,) in rows)


def test_a_count_that_jumps_is_as_many_assignments(at_once: DbtWarehouse) -> None:
    assert events(at_once, "JUMPED", "assignment") == [
        (at("01 09:00"), "queue", "Group 1"),
        (at("01 10:00"), "queue", None),
        (at("01 10:00"), "queue", "Group 3"),
        (at("01 11:00"), "queue", None),
        (at("01 11:00"), "queue", "Group 5"),
    ]
    assert escalation(at_once, "JUMPED") == (at("01 11:00"), "reassigned_3")


def test_an_assignment_to_a_holder_that_does_not_show_counts(at_once: DbtWarehouse) -> None:
    assert events(at_once, "INVISIBLE", "assignment") == [
        (at("01 09:00"), "queue", "Group 1"),
        (at("01 10:00"), "queue", None),
        (at("01 10:00"), "agent", "Resolver 1"),
        (at("01 11:00"), "queue", None),
        (at("01 11:00"), "agent", None),
        (at("01 12:00"), "queue", None),
    ]
    assert escalation(at_once, "INVISIBLE") == (at("01 12:00"), "reassigned_3")


def test_rows_out_of_order_are_put_in_order(at_once: DbtWarehouse) -> None:
    assert [value for _, _, value in events(at_once, "SHUFFLED", "priority")] == ["normal", "low", "high"]
    assert escalation(at_once, "SHUFFLED") == (at("01 11:00"), "priority_raised")


def test_leaving_resolved_without_a_counted_reopening_is_none(at_once: DbtWarehouse) -> None:
    statuses = events(at_once, "LEFT_RESOLVED", "status")
    assert statuses == [
        (at("01 09:00"), "status", "new"),
        (at("01 10:00"), "status", "solved"),
        (at("02 12:00"), "status", "closed"),
    ]
    assert (at("01 11:00"), "incident_state", "New") in events(at_once, "LEFT_RESOLVED", "attribute")
    assert escalation(at_once, "LEFT_RESOLVED") is None


def test_a_counted_reopening_escalates(at_once: DbtWarehouse) -> None:
    assert escalation(at_once, "REOPENED") == (at("01 11:00"), "reopened")


def test_a_silent_move_changes_the_queue_and_counts_nothing(at_once: DbtWarehouse) -> None:
    assert events(at_once, "MOVED_SILENTLY", "assignment") == [(at("01 09:00"), "queue", "Group 1")]
    state = at_once.rows(
        "select queue, reassignments from core.ticket_states where ticket_id = 'MOVED_SILENTLY' order by visible_from"
    )
    assert state == [("Group 1", 0), ("Group 2", 0)]


def test_a_stamp_of_the_end_changes_nothing(at_once: DbtWarehouse) -> None:
    content = (
        "select event_seq, occurred_at, kind, field, value from core.ticket_events where ticket_id = ? order by all"
    )
    assert at_once.rows(content, ["STAMPED"]) == at_once.rows(content, ["NOT_STAMPED"])
    opening = "select * exclude (ticket_id, batch_id, row_number) from core.tickets where ticket_id = ?"
    assert at_once.rows(opening, ["STAMPED"]) == at_once.rows(opening, ["NOT_STAMPED"])


def test_a_person_is_believed_from_the_first_change_on(at_once: DbtWarehouse) -> None:
    assert [value for _, field, value in events(at_once, "PERSON", "assignment") if field == "agent"] == [
        None,
        "Resolver 8",
    ]
    state = "select agent_id from core.ticket_states where ticket_id = 'PERSON' order by visible_from"
    assert at_once.rows(state) == [(None,), (None,), (None,), ("Resolver 8",)]


def test_a_question_mark_is_missing(at_once: DbtWarehouse) -> None:
    [(product, attributes)] = at_once.rows("select product, attributes from core.tickets where ticket_id = 'STAMPED'")
    assert product is None
    assert "?" not in attributes
    assert "u_symptom" not in attributes


def test_a_date_in_another_order_is_put_in_quarantine_and_the_rest_goes_on(at_once: DbtWarehouse) -> None:
    assert fates(at_once, "BAD_DATE") == {"accepted": 2, "quarantined": 1}
    quarantined = "select reasons, row_number from history.ticket_events where fate = 'quarantined'"
    [(reasons, number)] = at_once.rows(quarantined)
    assert reasons == ["sys_updated_at is not a day/month/year time"]
    assert DAYS[0][number - 1] == BAD_DATE[-1]
    assert escalation(at_once, "BAD_DATE") == (at("01 10:00"), "priority_raised")


def test_an_update_that_comes_late_changes_what_the_next_one_changed(daily: DbtWarehouse) -> None:
    assert events(daily, "LATE", "assignment") == [
        (at("01 09:00"), "queue", "Group 1"),
        (at("01 10:00"), "queue", "Group 2"),
        (at("01 11:00"), "queue", None),
        (at("01 11:00"), "queue", "Group 4"),
    ]
    [ticket] = daily.rows("select customer_id, known_from from core.tickets where ticket_id = 'LATE_OPENING'")
    assert ticket == ("Caller 1", at("01 09:00"))
    assert escalation(daily, "LATE_OPENING") == (at("01 10:00"), "priority_raised")


def test_a_corrected_update_is_superseded_and_a_repeated_one_a_duplicate(daily: DbtWarehouse) -> None:
    assert [value for _, _, value in events(daily, "CORRECTED", "priority")] == ["normal", "low"]
    assert fates(daily, "CORRECTED") == {"accepted": 2, "superseded": 1, "duplicate": 2}
    assert fates(daily, "JUMPED") == {"accepted": 3, "duplicate": 3}


def test_every_landed_row_has_one_fate(daily: DbtWarehouse) -> None:
    account = daily.rows(
        "select log._batch, log._row, count(distinct fate) from landing.servicenow__incident_event_log as log "
        "left join history.ticket_events as history on log._batch = history.batch_id and log._row = history.row_number "
        "group by all having count(distinct fate) <> 1"
    )
    assert account == []


@pytest.mark.parametrize("table", COMPARED)
def test_built_day_by_day_equals_built_at_once(daily: DbtWarehouse, at_once: DbtWarehouse, table: str) -> None:
    every_row = f"select * from {table} order by all"
    assert daily.records(every_row) == at_once.records(every_row)


def test_a_run_without_new_files_writes_nothing(daily: DbtWarehouse) -> None:
    before = daily.records("select * from core.ticket_states order by all")
    result = daily.run("ticket_states")
    assert [item.adapter_response.get("rows_affected", 0) for item in result.result.results] == [0]
    assert daily.records("select * from core.ticket_states order by all") == before
