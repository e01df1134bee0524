"""Files named by hand are kept in the landing folder; nothing that came before is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.errors import HarkenError
from warehouse.home import Home
from warehouse.landing.inbox import keep


def test_a_file_is_copied_once_and_other_content_gets_another_name(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("one")
    kept = keep(home, "harken", "tickets", file)
    assert kept == home.landing / "harken" / "tickets" / "a.csv"
    assert keep(home, "harken", "tickets", file) == kept
    assert keep(home, "harken", "tickets", kept) == kept
    file.write_text("two")
    assert keep(home, "harken", "tickets", file).name == "2-a.csv"
    assert kept.read_text() == "one"
    assert sorted(path.name for path in kept.parent.iterdir()) == ["2-a.csv", "a.csv"]


def test_a_file_that_is_not_there_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(HarkenError, match=r"nowhere\.csv can't be copied to"):
        keep(home, "harken", "tickets", tmp_path / "nowhere.csv")
    assert list((home.landing / "harken" / "tickets").iterdir()) == []
