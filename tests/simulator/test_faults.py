"""Injected faults are counted and hide no good row."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import Scale, faults, simulate
from tests.simulator.conftest import START, read_landing

SMALL = Scale(contacts_per_day=25, customers=600, agents=56)


def test_faults_come_on_top_of_the_same_good_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate(tmp_path / "clean", tmp_path / "a", seed=3, start=START, days=20, scale=SMALL)
    monkeypatch.setattr(faults, "DAILY", 0.3)
    monkeypatch.setattr(faults, "RAGGED", ("contacts", "C99,voice"))
    report = simulate(tmp_path / "faulty", tmp_path / "b", seed=3, start=START, days=20, scale=SMALL, faults=True)
    clean = {path.name: path.read_text().splitlines() for path in (tmp_path / "clean").rglob("*.csv")}
    added = 0
    for path in (tmp_path / "faulty").rglob("*.csv"):
        lines = path.read_text().splitlines()
        good = clean[path.name]
        assert set(good) <= set(lines)
        added += len(lines) - len(good)
    assert added == sum(report.faults.values())
    assert {"event before the ticket's opening", "unreadable time", "line with too few columns"} <= set(report.faults)


def test_faults_are_rare_by_default(tmp_path: Path) -> None:
    report = simulate(tmp_path / "l", tmp_path / "t", seed=3, start=START, days=20, scale=SMALL, faults=True)
    assert sum(report.faults.values()) < 20
    assert read_landing(tmp_path / "l")["tickets"].opened_at.notna().mean() > 0.99
