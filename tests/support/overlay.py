"""The worked example of docs/OVERLAY.md as files."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "OVERLAY.md"
_FILE = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)```", re.MULTILINE | re.DOTALL)
_SAMPLE = re.compile(r"```csv\n(.*?)```", re.DOTALL)


def write_example(folder: Path) -> Path:
    """Write the overlay that the guide shows, and give its folder."""
    for name, text in _FILE.findall(GUIDE.read_text(encoding="utf-8")):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def sample_file(folder: Path) -> Path:
    """Write the file of cases that the guide shows."""
    [text] = _SAMPLE.findall(GUIDE.read_text(encoding="utf-8"))
    file = folder / "cases.csv"
    file.write_text(text, encoding="utf-8")
    return file
