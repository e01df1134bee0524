"""Going on samples the truth as the start did: day by day it holds the same rows as at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import advance, read_truth, simulate
from tests.simulator.conftest import START
from tests.simulator.test_files import SMALL

SAMPLED = (
    "cause_repeat_contact", "cause_complaint", "cause_churn", "cause_low_csat", "escalation_mornings", "hazard_hours",
)  # fmt: skip


@pytest.fixture(scope="module")
def truths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The truth of 40 days at once, and of 24 and then 16 more by one, two and five days."""
    root = tmp_path_factory.mktemp("truth")
    simulate(root / "l1", root / "at-once", seed=3, start=START, days=40, scale=SMALL, split="day")
    simulate(root / "l2", root / "by-day", seed=3, start=START, days=24, scale=SMALL, split="day")
    for days in (1, 1, 2, 5, 1, 1, 5):
        advance(root / "l2", root / "by-day", days=days)
    return root / "at-once", root / "by-day"


@pytest.mark.parametrize("name", SAMPLED)
def test_day_by_day_samples_the_rows_of_at_once(truths: tuple[Path, Path], name: str) -> None:
    at_once, by_day = (read_truth(folder, name) for folder in truths)
    assert at_once.num_rows > 30
    assert len(list(truths[1].glob(f"{name}_*_*.parquet"))) >= 2
    assert by_day.equals(at_once)
