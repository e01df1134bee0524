"""Files that go wrong as a scenario asks: what is late comes, what is sent twice is the same, what is lost is lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulator import Scale, SimulationReport, simulate
from simulator.files import mojibake
from tests.simulator.conftest import START

SMALL = Scale(contacts_per_day=25, customers=600, agents=56)
SCENARIO = """
description: faults of one kind
starts: 0
effects:
  - {{lever: fault.{kind}, size: {chance}}}
"""


def centre(root: Path, kind: str | None = None, chance: float = 0.15, days: int = 24) -> SimulationReport:
    """24 days of a small centre with one kind of fault; a file a day."""
    scenarios: tuple[str, ...] = ()
    if kind is not None:
        path = root / f"{kind}.yaml"
        root.mkdir(parents=True, exist_ok=True)
        path.write_text(SCENARIO.format(kind=kind, chance=chance))
        scenarios = (str(path),)
    return simulate(
        root / "landing", root / "truth", seed=3, start=START, days=days, scale=SMALL, split="day", scenarios=scenarios,
        best_score=False,
    )  # fmt: skip


def rows(root: Path, entity: str) -> pd.DataFrame:
    """All rows of an entity with the name of their file, in order of the files."""
    files = sorted((root / "landing" / "harken" / entity).glob("*.csv"))
    parts = [pd.read_csv(file, dtype=str, keep_default_na=False).assign(file=file.stem) for file in files]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("clean")
    centre(root)
    return root


def test_late_rows_come_with_a_later_file_and_none_is_lost(clean: Path, tmp_path: Path) -> None:
    report = centre(tmp_path, "late_file")
    assert report.faults
    late, usual = rows(tmp_path, "contacts"), rows(clean, "contacts")
    joined = late.merge(usual, on="contact_id", suffixes=("", "_usual")).drop_duplicates("contact_id")
    moved = joined[joined.file != joined.file_usual]
    assert len(moved) > 0
    assert (moved.file > moved.file_usual).all()
    # what is still held at the end comes later
    missing = usual[~usual.contact_id.isin(late.contact_id)]
    assert (missing.file >= "contacts_2025-07-22").all()


def test_a_file_sent_twice_is_the_same_file(tmp_path: Path) -> None:
    centre(tmp_path, "duplicate_file")
    again = sorted((tmp_path / "landing").rglob("*_again.csv"))
    assert again
    for file in again:
        assert file.read_bytes() == file.with_name(file.name.replace("_again", "")).read_bytes()


def test_a_lost_day_is_missing_for_good(clean: Path, tmp_path: Path) -> None:
    report = centre(tmp_path, "missing_day")
    there = {path.name for path in (tmp_path / "landing").rglob("*.csv")}
    usual = {path.name for path in (clean / "landing").rglob("*.csv")}
    lost = sum(count for name, count in report.faults.items() if name.endswith("lost"))
    assert 0 < lost == len(usual - there)


def test_a_renamed_column_is_the_only_change(clean: Path, tmp_path: Path) -> None:
    centre(tmp_path, "renamed_column")
    changed = 0
    for file in (tmp_path / "landing").rglob("*.csv"):
        header, *lines = file.read_text().splitlines()
        usual, *expected = (clean / file.relative_to(tmp_path)).read_text().splitlines()
        assert lines == expected
        if header != usual:
            changed += 1
            assert {"customerId", "recordedAt"} & {name.strip('"') for name in header.split(",")}
    assert changed > 3


def test_mojibake_is_valid_text_that_reads_wrong(clean: Path, tmp_path: Path) -> None:
    centre(tmp_path, "mojibake")
    assert mojibake("García".encode()).decode() == "GarcÃ\xada"
    differing = [
        file
        for file in (tmp_path / "landing").rglob("*.csv")
        if file.read_bytes() != (clean / file.relative_to(tmp_path)).read_bytes()
    ]
    assert differing
    for file in differing:
        assert mojibake((clean / file.relative_to(tmp_path)).read_bytes()) == file.read_bytes()
