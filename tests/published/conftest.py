"""A small contact centre, landed and built up to the published tables once for this folder."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pytest

from tests.support.dbt import DbtWarehouse

CLOCK = datetime(2026, 3, 10, 12)
RUN = "run-7"


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """Tickets with a log, contacts of which two break the contract, agents none of which can be read, no surveys."""
    built = DbtWarehouse.create(tmp_path_factory.mktemp("published"))
    _land(built)
    built.set_clock(CLOCK, RUN)
    _write_what_python_writes(built)
    published = [
        "+fct_tickets", "+fct_contacts", "+fct_surveys", "+dim_customers", "+dim_agents", "+dim_dates",
        "escalation_risk", "escalation_scores_history",
    ]  # fmt: skip
    built.run(*published)
    built.run("tag:monitoring")
    return built


def _land(built: DbtWarehouse) -> None:
    opened = CLOCK - timedelta(days=2)
    built.land(
        "tickets",
        [
            {"ticket_id": f"t{n}", "opened_at": opened + timedelta(hours=n), "customer_id": f"c{n % 2}",
             "channel": "email", "queue": "billing", "category": "invoice"} for n in range(6)
        ],
    )  # fmt: skip
    built.land(
        "ticket_events",
        [
            {"ticket_id": f"t{n}", "event_seq": seq, "occurred_at": opened + timedelta(hours=n + seq), "kind": kind,
             "value": value, "actor_kind": "agent", "actor_id": "a1", "is_public": True}
            for n in range(6)
            for seq, kind, value in ((1, "comment", None), (2, "status", "solved" if n < 3 else "open"))
        ],
    )  # fmt: skip
    contact = {"channel": "voice", "queue": "billing", "customer_id": "c0", "outcome": "answered", "agent_id": "a1"}
    contacts = [
        contact
        | {"contact_id": f"k{n}", "offered_at": opened + timedelta(minutes=n), "talk_seconds": 60,
           "answered_at": opened + timedelta(minutes=n, seconds=10), "ended_at": opened + timedelta(minutes=n + 1)}
        for n in range(8)
    ]  # fmt: skip
    built.land("contacts", [*contacts, contacts[0] | {"contact_id": "k8", "talk_seconds": -1}, contacts[1]])
    built.land("contacts", [contact | {"contact_id": "k9", "offered_at": "01.03.2026"}])
    built.land("contacts", [])
    built.land(
        "customers",
        [
            {"customer_id": f"c{n}", "valid_from": "2025-06-01", "segment": segment, "monthly_value": 10 * n}
            for n, segment in enumerate(("home", "business"))
        ],
    )
    built.land("agents", [{"agent_id": "a1", "valid_from": "first of June"}])
    built.land("calendar", [{"starts_at": "2026-03-08T23:00:00Z", "ends_at": "2026-03-09T23:00:00Z", "kind": "holiday",
                             "name": "Founders' day"}])  # fmt: skip


def _write_what_python_writes(built: DbtWarehouse) -> None:
    with built.connect() as con:
        con.execute("update ops.parameters set time_zone = 'Europe/Berlin'")
        con.execute("insert into ops.holidays values ('2026-04-03', 'Karfreitag')")
        con.execute(
            "insert into landing.files values (900, 'harken', 'tickets', 'broken.csv', '', ?, 10, 'x', 'rejected', "
            "'required column opened_at is missing', 0, 0, ?, ?)", [CLOCK, CLOCK, RUN],
        )  # fmt: skip
        con.execute("update landing.files set rejected_lines = 2 where batch_id = 1")
        con.execute(
            "insert into landing.rejects values (1, 'harken', 'tickets', 'tickets_1.csv', 4, 'too few columns', 'x')"
        )
        con.execute(
            "insert into landing.rejects values (1, 'harken', 'tickets', 'tickets_1.csv', 9, 'too few columns', 'x')"
        )
        con.execute(
            "insert into landing.left_aside values "
            "('harken', 'surveys', 'half.csv', 'waiting', 'changed 2 s ago', ?, ?)",
            [CLOCK, RUN],
        )
        con.execute("insert into ops.task_state values ('escalation', ?, ?, 'stale', 'checks failed: as_of is old', ?)",
                    [RUN, CLOCK, CLOCK - timedelta(days=1)])  # fmt: skip
        for as_of, p in ((CLOCK - timedelta(days=1), 0.2), (CLOCK, 0.7), (CLOCK + timedelta(days=1), 0.9)):
            con.execute(
                "insert into ml.scores select 'escalation', 't' || n, ?, ? / (n - 2), n - 2, (n - 3) / 3, "
                "'no reply from us for 40 hours', null, null, 'escalation', '3', ?, ?, ? from range(3, 6) as t(n)",
                [as_of, p, as_of - timedelta(days=9), RUN, as_of],
            )  # fmt: skip
        con.execute(
            "insert into ml.model_performance values ('escalation', ?, ?, ?, '3', 'pr_auc', 0.4, 0.3, 0.5, 100, 9)",
            [RUN, CLOCK, CLOCK.date() - timedelta(days=8)],
        )
        _write_the_life_of_a_model(con)
        con.execute("insert into ops.runs values (?, 'daily', ?, ?, ?, 'success', 9, 40, 3, 100, 0, null, null)",
                    [RUN, CLOCK, CLOCK, CLOCK + timedelta(seconds=40)])  # fmt: skip
        for when, success in ((CLOCK - timedelta(days=1), False), (CLOCK - timedelta(days=1), True), (CLOCK, True)):
            row = [RUN, "escalation", when, "Expect", "age", "critical", success, "1", "message"]
            con.execute("insert into ops.check_results values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _write_the_life_of_a_model(con: duckdb.DuckDBPyConnection) -> None:
    """Trailing figures, a day with an alarm, its steps; and the same of a day that the clock hasn't reached."""
    window = "insert into ml.model_performance values ('escalation', ?, ?, null, '3', ?, ?, ?, ?, 2000, 150)"
    con.execute(window, [RUN, CLOCK, "pr_auc", 0.31, 0.27, 0.35])
    con.execute(window, [RUN, CLOCK, "promised.pr_auc", 0.42, 0.38, 0.46])
    for run_id, clock in ((RUN, CLOCK), ("run-8", CLOCK + timedelta(days=1))):
        con.execute(
            "insert into ml.drift values ('escalation', ?, ?, ?, '3', 'share', 'category', 'invoice', 'queue=billing', "
            "900, 300, 0.1, 0.2, 0.09, 0.03, 0.00001, true, 'world', 'category is invoice twice as often')",
            [run_id, clock, clock.date()],
        )
        con.execute(
            "insert into ml.drift values ('escalation', ?, ?, ?, '3', 'missing', 'site', null, null, "
            "900, 300, 0.1, 0.1, 0.0, 0.03, 0.7, false, null, 'site is missing as often as before')",
            [run_id, clock, clock.date()],
        )
    steps = ((1, CLOCK - timedelta(days=1), "quiet"), (2, CLOCK, "suspected"), (3, CLOCK + timedelta(days=1), "quiet"))
    for number, clock, state in steps:
        con.execute(
            "insert into ml.lifecycle values ('escalation', ?, ?, ?, ?, '3', null, '2', null, 'a reason', '{}')",
            [number, RUN, clock, state],
        )
