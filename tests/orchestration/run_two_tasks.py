"""Runs the daily job with the two test tasks in a process of its own, telling each step: a test kills it."""

from __future__ import annotations

import sys
from pathlib import Path

from orchestration.report import Report
from orchestration.run import run_job
from orchestration.settings import load_settings
from tests.orchestration.two_tasks import SUITES, TASKS


def main() -> None:
    home, project = Path(sys.argv[1]), Path(sys.argv[2])
    report = Report(tell=lambda line: print(line, flush=True))
    run_job(load_settings(home=home), report=report, tasks=TASKS, dbt_project_dir=project, suites=SUITES)
    print("ended", flush=True)
