"""What is kept from run to run is known by the rows that it was made from, and no event is lost."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd

from warehouse.model_tables import add_events, rows_fingerprint
from warehouse.schema import create_schema

FIRST, LAST = datetime(2026, 1, 1, 8), datetime(2026, 1, 2, 8)


def test_a_fingerprint_tells_of_every_change_within_its_time_and_of_nothing_else() -> None:
    with duckdb.connect() as con:
        con.execute("create schema features")
        con.execute(
            "create table features.f as select * from (values ('t', timestamp '2026-01-01 08:00', 'morning', 1.0),"
            " ('t', timestamp '2026-01-02 08:00', 'morning', 2.0)) as rows(ticket_id, as_of, moment_kind, value)"
        )

        def fingerprint() -> tuple[object, ...]:
            return rows_fingerprint(con, "features.f", FIRST, LAST, "morning")

        made_from = fingerprint()
        con.execute("insert into features.f values ('t', timestamp '2026-01-03 08:00', 'morning', 3.0)")
        con.execute("insert into features.f values ('t', timestamp '2026-01-02 09:00', 'event', 3.0)")
        assert fingerprint() == made_from
        con.execute("create or replace table features.f as select * from features.f order by as_of desc")
        assert fingerprint() == made_from
        con.execute("update features.f set value = null where as_of = timestamp '2026-01-01 08:00'")
        assert fingerprint() != made_from


def test_events_of_two_versions_or_steps_at_one_clock_are_kept_and_a_repeated_run_writes_its_own_anew() -> None:
    def told(run_id: str, version: str | None, number: int = 1) -> pd.DataFrame:
        event = {"task": "t", "run_id": run_id, "clock": pd.Timestamp(LAST), "number": number, "event": "in the shadow"}
        return pd.DataFrame([{**event, "model_version": version, "reason": run_id}])

    with duckdb.connect() as con:
        create_schema(con)
        for run_id, version in (("killed", "2"), ("repeated", "2"), ("later", "3"), ("odd", None), ("even", None)):
            add_events(con, told(run_id, version))
        add_events(con, told("again", "2", number=2))
        kept = con.execute("select model_version, run_id from ml.model_events order by rowid").fetchall()
    assert kept == [("2", "repeated"), ("3", "later"), (None, "even"), ("2", "again")]
