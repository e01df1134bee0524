"""What is kept from run to run is known by the rows that it was made from."""

from __future__ import annotations

from datetime import datetime

import duckdb

from warehouse.model_tables import rows_fingerprint

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
