"""The page of a day says the right thing first, holds all it needs, and lets nothing from the data act in it."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from ml.drift.page import write_page
from tests.support.drift_days import (
    CLOCK,
    TASK,
    all_days,
    calm,
    drift,
    event,
    events,
    finding,
    performance,
    step,
    steps,
)
from warehouse.schema import create_schema

DAYS = all_days()
TABLES = {"drift": "drift", "performance": "model_performance", "lifecycle": "lifecycle", "events": "model_events"}


def page(folder: Path, **given: Any) -> str:
    return write_page(TASK, CLOCK, folder, **given).read_text(encoding="utf-8")


class Words(HTMLParser):
    """The text of a page, and whether its tags close each other."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.told.append(data)


def words(html: str) -> str:
    return " ".join(" ".join(Words(html).told).split())


@pytest.mark.parametrize("day", DAYS)
def test_it_is_one_file_whole_and_the_same_each_time(tmp_path: Path, day: str) -> None:
    html = page(tmp_path, **DAYS[day])
    assert [file.relative_to(tmp_path) for file in tmp_path.rglob("*.*")] == [Path(TASK) / "2026-06-18.html"]
    assert not re.search(r'(src|href)="(?!data:)', html) and "<script" not in html and "@import" not in html
    assert Words(html).open == []
    assert len(html) < 1_000_000
    if day == "launch":
        assert page(tmp_path, **DAYS[day]) == html


@pytest.mark.parametrize(
    ("day", "title", "told"),
    [
        ("quiet", "No change that matters", ["4,812 rows of 1,730 tickets",
                                             "Version 3 is champion: nothing is under way"]),
        ("launch", "3 things have changed", ["solar battery", "4.3 × what matters", "mostly where queue is technical",
                                             "a change is suspected", "looked for again in tickets", "the world"]),
        ("fault", "The source looks broken", ["60 times as large", "wasn't scored", "Mend the source and run again",
                                              "No model is trained on these rows", "17.2 → 1,032"]),
        ("promoted", "No change that matters", ["Version 4 is champion", "the promotion is undone by itself",
                                                "Version 3, since no score of the champion has matured yet",
                                                "pr_auc +0.041 [+0.021, +0.061] on 6,100 rows"]),
        ("worn", "the scores are worse than promised", ["promise is broken in ranking (PR-AUC): 0.317, promised 0.42"]),
        ("nothing", "Nothing was compared", ["No score is old enough", "Nothing has happened to it yet"]),
    ],
)  # fmt: skip
def test_the_verdict_comes_first(tmp_path: Path, day: str, title: str, told: list[str]) -> None:
    shown = words(page(tmp_path, **DAYS[day]))
    assert shown.index(title) < 150
    assert [part for part in told if part not in shown] == []


def test_a_quiet_day_lists_no_alarm_and_what_came_closest(tmp_path: Path) -> None:
    shown = words(page(tmp_path, **DAYS["quiet"]))
    assert "What has changed" not in shown and "None of these is an alarm" in shown
    assert shown.index("hours_since_last_reply") < shown.index("category invoice") < shown.index("queue_backlog")


def test_an_estimate_says_what_it_cant_see(tmp_path: Path) -> None:
    shown = words(page(tmp_path, **DAYS["quiet"]))
    assert "Estimated without labels: pr_auc 0.405 (0.412 in training)" in shown
    assert "can't see a change of concept" in shown and shown.count("pr_auc") == 1
    assert "Estimated" not in words(page(tmp_path, **DAYS["fault"]))


def test_it_tells_only_of_its_task_and_of_what_was_known(tmp_path: Path) -> None:
    late = CLOCK + timedelta(days=1)
    rows = [*calm(), finding("level", "of_tomorrow", 1, 2, 9, 0, alarm=True, clock=late)]
    rows += [finding("level", "of_yesterday", 1, 2, 9, 0, alarm=True, clock=CLOCK - timedelta(days=1))]
    rows += [finding("level", "of_another", 1, 2, 9, 0, alarm=True, task="churn")]
    html = page(
        tmp_path,
        drift=drift(rows),
        performance=performance().assign(task="churn"),
        lifecycle=steps(step(1, 3, "quiet", "begun"), step(2, -1, "suspected", "of tomorrow")),
        events=events(event(-1, "rolled back", "2", "3", "of tomorrow")),
    )
    shown = words(html)
    assert "No change that matters" in shown and "nothing is under way" in shown
    assert not re.search("of.tomorrow|of_yesterday|of_another|rolled back", shown)
    assert "No score is old enough" in shown


def test_what_stands_in_the_data_cant_act(tmp_path: Path) -> None:
    bad = '<script>alert(1)</script><img src=x onerror="x">'
    row = finding(
        "new value", bad, 0, 1, 5, 0, value=bad, slice=f"queue={bad}", alarm=True, cause="world", sentence=bad
    )
    estimate = finding("estimated performance", bad, 0, 1, 0, 1)
    html = page(
        tmp_path,
        entity=bad,
        drift=drift([row, finding("level", bad, 0, 1, 0.1, 0.4, value=bad), estimate]),
        performance=performance(version=bad),
        lifecycle=steps(step(1, 0, bad, bad, champion=bad, candidate=bad, action=bad)),
        events=events(event(0, bad, bad, bad, bad, 0.1)),
        links={bad: "javascript:alert(1)", "a": 'https://h/"onmouseover="x'},
    )  # fmt: skip
    assert "<script" not in html and "onerror=&quot;" in html and 'onerror="' not in html
    assert "javascript:" not in html and '"onmouseover' not in html
    assert Words(html).open == []


def test_frames_as_the_warehouse_gives_them(tmp_path: Path) -> None:
    """Its own types: null texts, null days, booleans that may be null."""
    for name in ("promoted", "nothing"):
        day = DAYS[name]
        with duckdb.connect() as con:
            create_schema(con)
            given = dict(day)
            for argument, table in TABLES.items():
                frame: pd.DataFrame = given[argument]
                if len(frame):
                    columns = ", ".join(frame.columns)
                    con.execute(f"insert into ml.{table} ({columns}) select {columns} from frame")
                given[argument] = con.execute(f"select * from ml.{table}").df()
        assert words(page(tmp_path / "stored", **given)) == words(page(tmp_path / "made", **day)), name


def test_a_smaller_calibration_error_isnt_a_broken_promise(tmp_path: Path) -> None:
    days = performance(days=3)
    error = days["metric"] == "calibration_error"
    better = days.assign(**{end: days[end].mask(error, value) for end, value in (("low", 0.001), ("high", 0.003))})
    worse = days.assign(**{end: days[end].mask(error, value) for end, value in (("low", 0.03), ("high", 0.05))})
    base = DAYS["quiet"]
    assert "better than promised" in words(page(tmp_path, **{**base, "performance": better}))
    assert "The promise is broken in calibration error" in words(page(tmp_path, **{**base, "performance": worse}))


def test_pictures_and_links_are_shown(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    file = tmp_path / "given.png"
    Figure(figsize=(1, 1)).savefig(file)
    given = {
        **DAYS["fault"],
        "pictures": {"share of <category>": file},
        "links": {"the run": "http://127.0.0.1:3000/runs/1"},
    }
    html = page(tmp_path / "pages", **given)
    assert 'alt="share of &lt;category&gt;"' in html and '<a href="http://127.0.0.1:3000/runs/1">the run</a>' in html


def test_words_leave_room_for_others_and_nothing_is_told_twice(tmp_path: Path) -> None:
    rows = [finding("words", "text", 0.01, 0.02, 3 - n / 10, 0.1, value=f"word{n}") for n in range(9)]
    told = page(
        tmp_path,
        drift=drift([*rows, *calm()]),
        performance=performance(),
        lifecycle=steps(step(1, 9, "suspected", "billing grew"), step(2, 3, "cooling down", "until Friday")),
        events=events(
            event(9, "drift suspected", "3", None, "billing grew"),
            event(5, "challenger refused", "4", None, "pr_auc 0.001 against the champion's", 0.001),
            event(4, "challenger refused", "5", None, "no better", 0.002),
        ),
    )
    shown = words(told)
    assert shown.count("text word") == 3 and "hours_since_last_reply" in shown
    life = shown[shown.index("The model's life") :]
    assert life.count("billing grew") == 1 and "until Friday" in life
    assert "+0.001" not in life and "pr_auc +0.002" in life
