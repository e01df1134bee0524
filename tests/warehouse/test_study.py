"""A study sees what was known at each morning, in a warehouse of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.connect import connect
from warehouse.contracts import load_contracts
from warehouse.errors import HarkenError
from warehouse.home import Home, open_home
from warehouse.operations import set_clock
from warehouse.study import open_study

STUDIED = ("features.calm", "labels.calm")
# Ticket a's event of the 5th was known a day later; b never had one; c's, far from any horizon, two hours later.
BUILT = """
create schema features; create schema labels; create schema core;
create table features.calm as
    select ticket_id, as_of, 'morning' as moment_kind, 1.0 as age
    from (select unnest(['a', 'b', 'c']) as ticket_id), (select unnest(generate_series(
        timestamp '2026-03-02 08:00', timestamp '2026-03-20 08:00', interval 1 day)) as as_of)
    where not (ticket_id = 'a' and as_of >= timestamp '2026-03-05 10:00');
create table core.ticket_events as
    select 'a' as ticket_id, timestamp '2026-03-06 10:00' as visible_from, timestamp '9999-12-31' as visible_to;
create table core.events as
    select * from (values
        ('a', timestamp '2026-03-05 10:00', timestamp '2026-03-06 10:00'),
        ('c', timestamp '2026-03-19 10:00', timestamp '2026-03-19 12:00')) as e (ticket_id, event_at, visible_from);
create table core.states as
    select * from (values
        ('a', timestamp '2026-03-03 10:00', timestamp '2026-03-05 00:00', true),
        ('a', timestamp '2026-03-05 00:00', timestamp '9999-12-31', false))
        as s (ticket_id, visible_from, visible_to, up);
create view core.flags as  -- a's was raised on the 3rd and taken back on the 5th
    select ticket_id, visible_from from core.states, (select max(clock) as now_at from ops.clock)
    where up and visible_from <= now_at and now_at < visible_to;
create or replace table ops.parameters as select 7 as horizon_days;
create view labels.calm_delay as
    select coalesce(quantile_cont(date_diff('second', event_at, visible_from), 0.99), 0)::bigint as seconds
    from core.events;
create view labels.calm as
    select f.ticket_id, f.as_of, f.moment_kind,
        coalesce(e.event_at <= f.as_of + to_days(p.horizon_days), false) as label,
        e.event_at, e.visible_from as event_visible_from,
        f.as_of + to_days(p.horizon_days) + to_seconds(d.seconds) as matures_at
    from features.calm as f cross join ops.parameters as p cross join labels.calm_delay as d
    left join core.events as e on f.ticket_id = e.ticket_id;
create view labels.of_another_task as select * from features.calm, labels.calm_delay;
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = open_home(tmp_path_factory.mktemp("studied") / "home")
    with connect(home) as con:
        con.execute(BUILT)
        set_clock(con, datetime(2026, 3, 25, 8), "built")
    return home


@pytest.fixture
def con(home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_study(home, open_home(tmp_path / "study"), load_contracts(), *STUDIED) as con:
        yield con


def labels(con: duckdb.DuckDBPyConnection, ticket: str, day: int) -> tuple[Any, ...]:
    [row] = con.execute(
        "select label, event_at, event_visible_from, matures_at from labels.calm where ticket_id = ? and as_of = ?",
        [ticket, datetime(2026, 3, day, 8)],
    ).fetchall()
    return tuple(row)


def test_nothing_is_there_before_a_moment_is_set(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("select count(*) from features.calm").fetchall() == [(0,)]
    assert con.execute("select count(*) from labels.calm").fetchall() == [(0,)]


def test_rows_come_with_their_morning(con: duckdb.DuckDBPyConnection) -> None:
    set_clock(con, datetime(2026, 3, 4, 8), "study")
    assert con.execute("select max(as_of), count(*) from features.calm").fetchall() == [(datetime(2026, 3, 4, 8), 9)]
    assert con.execute("select max(as_of), count(*) from labels.calm").fetchall() == [(datetime(2026, 3, 4, 8), 9)]
    assert con.execute("select count(*) from core.ticket_events").fetchall() == [(0,)]


def test_an_event_isnt_seen_before_it_was_known(con: duckdb.DuckDBPyConnection) -> None:
    set_clock(con, datetime(2026, 3, 6, 8), "study")  # it has happened, and nobody knows
    assert labels(con, "a", 4) == (False, None, None, datetime(2026, 3, 11, 8))
    set_clock(con, datetime(2026, 3, 7, 8), "study")
    event = datetime(2026, 3, 5, 10), datetime(2026, 3, 6, 10)
    # How late events become known is learnt with it: a day, so labels mature a day later.
    assert labels(con, "a", 4) == (True, *event, datetime(2026, 3, 12, 8))
    assert labels(con, "b", 4) == (False, None, None, datetime(2026, 3, 12, 8))


def test_what_was_taken_back_later_is_still_there(con: duckdb.DuckDBPyConnection) -> None:
    flags = "select ticket_id from core.flags"
    for day, there in ((3, []), (4, [("a",)]), (5, [])):
        set_clock(con, datetime(2026, 3, day, 8), "study")
        assert con.execute(flags).fetchall() == there


def test_the_delay_is_the_99th_percentile_of_what_is_known(con: duckdb.DuckDBPyConnection) -> None:
    set_clock(con, datetime(2026, 3, 20, 8), "study")
    # Between 2 h and 24 h, 0.99 of the way.
    assert labels(con, "b", 4)[3] == datetime(2026, 3, 11, 8) + timedelta(seconds=7200 + 0.99 * 79200)
    assert labels(con, "c", 10)[0] is False and labels(con, "c", 13)[0] is True


def test_the_home_is_only_read(home: Home, tmp_path: Path) -> None:
    before = home.warehouse_file.read_bytes()
    with open_study(home, open_home(tmp_path / "study"), load_contracts(), *STUDIED) as con:
        set_clock(con, datetime(2026, 3, 20, 8), "study")
        with pytest.raises(duckdb.Error):
            con.execute("delete from built.features.calm")
    assert home.warehouse_file.read_bytes() == before


def test_labels_that_arent_a_view_are_told_by_name(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    with connect(home) as con:
        con.execute("create schema features; create schema labels; create table features.calm as select now() as as_of")
        con.execute("create table labels.calm as select now() as as_of")
    with (
        pytest.raises(HarkenError, match=r"labels\.calm must be a view"),
        open_study(home, open_home(tmp_path / "study"), load_contracts(), *STUDIED),
    ):
        pass
