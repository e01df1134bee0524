"""`harken demo`: a simulated contact centre from files to published predictions, in a fresh home."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import app, settings
from orchestration.workbench import Window
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from orchestration.report import Report
    from orchestration.settings import Settings
    from warehouse.home import Home


@app.command(epilog="Example: `harken demo`, or `HARKEN_HOME=/tmp/demo harken demo --contacts 20000` for a small one")
def demo(
    contacts: Annotated[int | None, typer.Option(min=1000, help="Contacts; 200,000 by default.")] = None,
    days: Annotated[int, typer.Option(min=60, max=365, help="Days, up to 2026-06-30.")] = 365,
) -> None:
    """Simulate a year of a contact centre into a fresh home, run the daily job, and show what came out."""
    configured = settings()
    from warehouse.home import open_home

    home = open_home(configured.home)
    from orchestration.cli.runs import terminal_report
    from orchestration.cli.summary import print_demo
    from orchestration.run import raise_problems, run_job

    started = time.monotonic()
    report = terminal_report()
    _simulate(configured, home, contacts, days, report)
    _let_files_settle(home)
    outcome = run_job(configured, Window(), report)
    print_demo(home, report, time.monotonic() - started)
    raise_problems(outcome)


def _simulate(configured: Settings, home: Home, contacts: int | None, days: int, report: Report) -> None:
    """Write the files, unless this home holds those of an earlier demo."""
    from orchestration.cli.simulate import one_line_errors
    from simulator import Staging, alone

    with one_line_errors(), alone(home.truth):
        # an interrupted demo left either nothing that counts or a year that only waits to be moved into place
        Staging(home.landing, home.truth).finish()
        landed = any(path.is_file() for folder in home.landing.glob("[!.]*") for path in (folder, *folder.rglob("*")))
        simulated = (home.truth / "state").exists()
        if landed and not simulated:
            raise HarkenError(f"{home.landing} holds files already: give the demo a home of its own with HARKEN_HOME")
        if landed:
            report.say(f"{home.landing} holds the files of an earlier demo: going on with them")
            return
        _simulate_year(configured, home, contacts, days, report)


def _simulate_year(configured: Settings, home: Home, contacts: int | None, days: int, report: Report) -> None:
    from datetime import date, timedelta

    from simulator import simulate

    last = date(2026, 6, 30)
    with report.step("simulate") as line:
        made = simulate(
            home.landing,
            home.truth,
            seed=configured.seed,
            start=last - timedelta(days=days - 1),
            days=days,
            contacts=contacts,
            faults=True,
        )
        line.rows = sum(made.rows.values())
        line.note = f"{made.tickets_opened:,} tickets, {made.escalations:,} of them escalated"


def _let_files_settle(home: Home) -> None:
    """Landing leaves a file alone that changed within the last two seconds: it may still be written."""
    from warehouse.landing.land import SETTLE_SECONDS

    newest = max((p.stat().st_mtime for p in home.landing.rglob("*") if p.is_file()), default=0.0)
    time.sleep(max(0.0, newest + SETTLE_SECONDS - time.time()))
