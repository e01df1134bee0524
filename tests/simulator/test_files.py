"""The same company gives the same bytes, whatever the windows it is simulated in."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator import Scale, advance, simulate, writer
from tests.simulator.conftest import START

SMALL = Scale(contacts_per_day=25, customers=600, agents=56)


def contents(landing: Path) -> dict[str, bytes]:
    """Every landing file by its path."""
    return {str(path.relative_to(landing)): path.read_bytes() for path in sorted(landing.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 days at once, in a file a day."""
    root = tmp_path_factory.mktemp("at-once")
    simulate(root / "landing", root / "truth", seed=3, start=START, days=36, scale=SMALL, split="day", best_score=False)
    return root / "landing"


def test_the_same_seed_gives_the_same_bytes(by_day: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "landing", tmp_path / "truth", seed=3, start=START, days=36, scale=SMALL, split="day")
    assert contents(tmp_path / "landing") == contents(by_day)
    assert {path.name for path in (tmp_path / "truth").iterdir()} >= {
        "best_possible.json", "escalation_mornings.parquet", "hazard_hours.parquet", "escalations_0_36.parquet",
    }  # fmt: skip


def test_a_writer_in_a_process_of_its_own_gives_the_same_bytes(
    by_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WORTH_A_PROCESS", 0)
    simulate(tmp_path / "landing", tmp_path / "truth", seed=3, start=START, days=20, scale=SMALL, split="day")
    advance(tmp_path / "landing", tmp_path / "truth", days=16)
    assert contents(tmp_path / "landing") == contents(by_day)


def test_another_seed_gives_another_company(by_day: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "landing", tmp_path / "truth", seed=4, start=START, days=3, scale=SMALL, split="day")
    name = "harken/contacts/contacts_2025-07-02.csv"
    assert contents(tmp_path / "landing")[name] != contents(by_day)[name]


def test_advancing_day_by_day_equals_simulating_at_once(by_day: Path, tmp_path: Path) -> None:
    landing, truth = tmp_path / "landing", tmp_path / "truth"
    simulate(landing, truth, seed=3, start=START, days=32, scale=SMALL, split="day")
    for days in (1, 2, 1):
        advance(landing, truth, days=days)
    assert contents(landing) == contents(by_day)


def test_a_window_without_a_kept_state_gives_the_same_rows(by_day: Path, tmp_path: Path) -> None:
    report = simulate(
        tmp_path / "landing", tmp_path / "truth", seed=3, start=START, scale=SMALL, from_day=33, to_day=36, split="day"
    )
    expected = {name: text for name, text in contents(by_day).items() if name[-14:-4] >= "2025-08-03"}
    assert contents(tmp_path / "landing") == expected
    assert 0 < report.tickets_opened < 60


def test_monthly_files_hold_the_daily_rows_in_order(by_day: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "landing", tmp_path / "truth", seed=3, start=START, days=36, scale=SMALL)
    monthly = tmp_path / "landing" / "harken" / "ticket_events" / "ticket_events_2025-07.csv"
    days = sorted((by_day / "harken" / "ticket_events").glob("ticket_events_2025-07-*.csv"))
    header, *_ = monthly.read_text().splitlines(keepends=True)
    rows = "".join(path.read_text().removeprefix(header) for path in days)
    assert monthly.read_text() == header + rows


def test_a_window_that_begins_within_a_month_is_named_by_its_days(tmp_path: Path) -> None:
    simulate(
        tmp_path / "landing",
        tmp_path / "truth",
        seed=3,
        start=START,
        scale=SMALL,
        from_day=2,
        to_day=4,
        best_score=False,
    )
    names = {path.name for path in (tmp_path / "landing" / "harken" / "contacts").iterdir()}
    assert names == {"contacts_2025-07-03_to_2025-07-04.csv"}


@pytest.mark.parametrize("form", ["csv.gz", "parquet"])
def test_other_formats_hold_the_same_rows(by_day: Path, tmp_path: Path, form: str) -> None:
    simulate(tmp_path / "l", tmp_path / "t", seed=3, start=START, days=2, scale=SMALL, split="day", format=form)  # type: ignore[arg-type]
    path = tmp_path / "l" / "harken" / "tickets" / f"tickets_2025-07-02.{form}"
    expected = by_day / "harken" / "tickets" / "tickets_2025-07-02.csv"
    if form == "csv.gz":
        assert gzip.decompress(path.read_bytes()) == expected.read_bytes()
    else:
        pd.testing.assert_frame_equal(
            pd.read_parquet(path).fillna("").astype(object), pd.read_csv(expected, dtype=str).fillna("").astype(object)
        )


def test_nothing_half_written_is_left(by_day: Path) -> None:
    assert not list(by_day.rglob(".*"))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"from_day": 5, "to_day": 5}, "from_day 5 must lie before"),
        ({"days": 2000}, "laid out for 1096 days"),
        ({"days": 2, "contacts": 10, "contacts_per_day": 3.0}, "give one of"),
        ({"days": 2, "scale_of": -1.0}, "contacts_per_day must be positive"),
    ],
)
def test_impossible_wishes_are_told(tmp_path: Path, given: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        if "scale_of" in given:
            Scale(contacts_per_day=given["scale_of"])
        simulate(tmp_path, tmp_path, start=date(2025, 7, 1), **given)  # type: ignore[arg-type]


def test_advancing_from_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing was simulated here yet"):
        advance(tmp_path, tmp_path)
