"""`harken loop`: a small centre played for three days, killed on the second, and played to the end."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from orchestration.settings import load_settings
from tests.support.cli import harken, one_line, started
from warehouse.connect import connect
from warehouse.home import Home, open_home
from warehouse.publish import current_snapshot

OPTIONS = (
    "loop", "--days", "3", "--from", "2026-03-02", "--warm-up", "20", "--contacts-a-day", "120",
    "--scenario", "policy_change:2026-03-02",
)  # fmt: skip


def killed_after(home: Home, beginning: str) -> str:
    """Play until the line of a day has been told and the next run is under way; then kill -9. What it told."""
    playing = started(home.root, *OPTIONS)
    told = playing.wait_for_line(beginning)
    time.sleep(2.0)
    playing.kill()
    return told


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str, str]:
    """The home, what the killed process told, and what the one told that went on."""
    home = open_home(tmp_path_factory.mktemp("loop") / "home")
    first = killed_after(home, "day   1")
    done = harken(home.root, *OPTIONS)
    assert done.returncode == 0, done.stdout + done.stderr
    return home, first, done.stdout


def test_a_killed_loop_goes_on_where_it_was(played: tuple[Home, str, str]) -> None:
    home, first, second = played
    assert "day   1  2026-03-02 08:00" in first
    assert "1 of 3 days are played already: going on" in second
    assert [line[:25] for line in second.splitlines() if line.startswith("day ")] == [
        "day   2  2026-03-03 08:00",
        "day   3  2026-03-04 08:00",
    ]
    with connect(home, read_only=True) as con:
        runs = con.execute("select clock, status from ops.runs where status <> 'killed' order by clock").fetchall()
        landed = con.execute("select name, count(*) from landing.files group by name having count(*) > 1").fetchall()
        held = con.execute("select max(as_of) from features.escalation").fetchone()
    assert runs == [(datetime(2026, 3, day, 8), "succeeded") for day in (2, 3, 4)]
    assert landed == []
    assert held == (datetime(2026, 3, 4, 8),)


def test_readers_see_the_last_day(played: tuple[Home, str, str]) -> None:
    snapshot = current_snapshot(played[0])
    assert snapshot is not None
    assert snapshot.clock == datetime(2026, 3, 4, 8)


def test_a_morning_is_the_same_for_who_scores_and_who_learns(played: tuple[Home, str, str]) -> None:
    """What landed in the night after it changes nothing of a morning's row: the lag of the files is a setting."""
    home, _, _ = played
    assert load_settings(home=home.root).arrival_lag_minutes == {"harken": 481}
    with connect(home, read_only=True) as con:
        [(late,)] = con.execute(
            "select count(*) from core.ticket_events where visible_from <= timestamp '2026-03-04 08:00'"
            " and batch_id in (select batch_id from landing.files where modified_at > timestamp '2026-03-04 00:00:00')"
        ).fetchall()
        [(scored,)] = con.execute(
            "select count(*) from features.escalation where as_of = timestamp '2026-03-04 08:00'"
            " and moment_kind = 'morning'"
        ).fetchall()
    assert late == 0
    assert scored > 20


def test_the_report_has_a_line_a_day(played: tuple[Home, str, str]) -> None:
    home, _, told = played
    markdown = (home.root / "loop" / "report.md").read_text(encoding="utf-8")
    assert f"report: {home.root / 'loop' / 'report.html'}" in told
    assert [line[:19] for line in markdown.splitlines() if line[:19].endswith(" 08:00 ")] == [
        f"| 2026-03-0{day} 08:00 " for day in (2, 3, 4)
    ]
    assert "| policy_change | 2026-03-02 |" in markdown
    assert "<td>2026-03-04 08:00" in (home.root / "loop" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--days", "3", "--from", "2026-03-02", "--contacts-a-day", "90"), 1, "plays another loop"),
        (("--days", "2", "--from", "2100-01-01"), 1, "lies in the future"),
        (("--days", "2", "--from", "2026-03-02T08:00"), 2, "begins with a day"),
        (("--days", "2", "--from", "2026-03-02", "--scenario", "rain"), 2, "rain"),
    ],
)
def test_what_cant_be_played_is_one_line(
    played: tuple[Home, str, str], arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = harken(played[0].root, "loop", *arguments)
    assert done.returncode == code
    assert message in one_line(done.stderr)
