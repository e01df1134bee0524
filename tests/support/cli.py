"""The command `harken` in a process of its own, on a home of its own, as a person uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def harken(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command; `variables` are added to the environment, from which other HARKEN_* variables are taken."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    environment = {**kept, "HARKEN_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(command, env=environment, cwd=home.parent, capture_output=True, text=True, timeout=900)


def one_line(text: str) -> str:
    """The error as shown: one line and no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    return lines[0]
