"""`harken replay`: mornings played over features that are built once, beside which the home stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import demo_home, harken
from warehouse.connect import connect
from warehouse.home import open_home

OPTIONS = ("replay", "escalation", "--as-landed", "--from", "2026-06-20", "--training-rows", "3000")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The home, the study's folder, and what the replay told."""
    home = demo_home(tmp_path_factory.mktemp("replay"))
    folder = home / "studies" / "one"
    done = harken(home, *OPTIONS, "--days", "4", "--arms", "never", "--out", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return home, folder, done.stdout


def test_each_morning_is_told(played: tuple[Path, Path, str]) -> None:
    _, _, told = played
    assert [line[:25] for line in told.splitlines() if line.startswith("day ")] == [
        f"day   {number}  2026-06-{19 + number} 08:00" for number in (1, 2, 3, 4)
    ]
    assert "4 mornings in" in told


def test_each_morning_was_scored_by_a_model_of_the_past(played: tuple[Path, Path, str]) -> None:
    with connect(open_home(played[1]), read_only=True) as con:
        scored = con.execute("select as_of::date::text, count(*) from ml.scores group by 1 order by 1").fetchall()
        trained = con.execute("select max(trained_to)::text from ml.training_runs").fetchall()
    assert [day for day, _ in scored] == [f"2026-06-{day}" for day in (20, 21, 22, 23)]
    assert min(rows for _, rows in scored) > 20
    assert trained == [("2026-06-20 08:00:00",)]


def test_the_report_compares_with_the_other_policy(played: tuple[Path, Path, str]) -> None:
    markdown = (played[1] / "report.md").read_text(encoding="utf-8")
    assert "4 mornings from 2026-06-20" in markdown and "never" in markdown


def test_the_home_keeps_its_own_models_and_scores(played: tuple[Path, Path, str]) -> None:
    home, _, _ = played
    with connect(open_home(home), read_only=True) as con:
        runs = con.execute("select distinct run_id from ml.scores where run_id like 'study-%'").fetchall()
        events = con.execute("select count(*) from ml.model_events").fetchall()
    assert runs == [] and events == [(1,)]
    assert "champion" in harken(home, "models", "escalation").stdout
