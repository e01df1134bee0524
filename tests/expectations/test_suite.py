"""Suites are found by their task's name, and importing the room stays cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

from expectations import SuiteMissing, suite_for


def test_a_suite_is_found_by_the_task_name() -> None:
    suite = suite_for("escalation")
    assert suite.task == "escalation" and "queue" in suite.shown


def test_a_task_without_suite_is_told_what_to_write() -> None:
    with pytest.raises(SuiteMissing, match=r"write expectations/suites/nothing\.py with a function checks"):
        suite_for("nothing")


def test_importing_the_room_does_not_import_great_expectations() -> None:
    code = "import sys, expectations; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
