"""A small feature table with five weeks of past, in a DuckDB of its own, that tests corrupt one way each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import duckdb
import pandas as pd
import pytest

from expectations import FeatureSet

CLOCK = datetime(2026, 3, 2, 15, 30)

FEATURES = FeatureSet(
    task="escalation",
    feature_table="features.escalation",
    label_table="labels.escalation",
    entity_key="ticket_id",
    columns={
        "ticket_id": "varchar",
        "as_of": "timestamp",
        "moment_kind": "varchar",
        "queue": "varchar",
        "text": "varchar",
        "age_hours": "double",
        "customer_past_escalation_rate": "double",
        "messages_count": "bigint",
    },
    roles={"ticket_id": "key", "as_of": "key", "moment_kind": "key", "queue": "categorical", "text": "text"},
    signature={"queue": "string", "age_hours": "double", "messages_count": "long"},
)

Query = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def template() -> Iterator[duckdb.DuckDBPyConnection]:
    """36 days, 60 open tickets each morning and 30 events a day, in three queues; 5 % of rows escalate."""
    con = duckdb.connect()
    con.execute("set threads = 1; create schema features; create schema labels")
    con.execute(
        f"""
        create table features.escalation_clean as
        with days as (select range as back from range(36)),
        moments as (
            select back, n, 'morning' as moment_kind, date_trunc('day', timestamp '{CLOCK}') + interval 8 hour
                - to_days(cast(back as integer)) as as_of from days, range(60) as tickets(n)
            union all
            select back, 100 + n, 'event', timestamp '{CLOCK}' - to_days(cast(back as integer))
                - to_minutes(cast(n * 7 as integer)) from days, range(30) as tickets(n)
            union all
            select 0, n, 'now', timestamp '{CLOCK}' from range(60) as tickets(n)
        )
        select
            'T' || n as ticket_id, as_of, moment_kind, ['billing', 'orders', 'technical'][n % 3 + 1] as queue,
            'my order is late' as text, cast(back * 24 + n as double) as age_hours,
            case when n % 10 > 0 then (n % 7) / 10.0 end as customer_past_escalation_rate, n % 5 as messages_count
        from moments
        """
    )
    yield con
    con.close()


@pytest.fixture
def con(template: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection with a fresh, faultless `features.escalation` and its labels."""
    template.execute("create or replace table features.escalation as from features.escalation_clean")
    template.execute(
        """
        create or replace view labels.escalation as
        select *, ticket_id in ('T5', 'T17', 'T33') as label, as_of + interval 7 day as matures_at
        from features.escalation
        """
    )
    return template


@pytest.fixture
def query(con: duckdb.DuckDBPyConnection) -> Query:
    """SQL in, frame out."""
    return lambda sql: con.execute(sql).df()
