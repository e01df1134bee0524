"""`harken run`: the daily job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import app, moment, out, settings, wrong_use
from orchestration.report import Report
from orchestration.workbench import Window

if TYPE_CHECKING:
    from orchestration.settings import Settings


@app.command(epilog="Example: `harken run`, or `harken run --from 2026-06-01 --to 2026-06-14` to back-fill.")
def run(
    until: Annotated[str | None, typer.Option(help="The run's clock (UTC): what became known later is hidden.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Back-fill: first day to score.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Back-fill: last day to score, and the run's clock.")] = None,
) -> None:
    """Land, build, validate, train if there is no champion, score, publish."""
    configured = settings()
    window = _window(configured, until, since, to)
    from orchestration.cli.summary import print_summary
    from orchestration.run import raise_problems, run_job
    from warehouse.home import open_home

    report = terminal_report()
    outcome = run_job(configured, window, report)
    print_summary(open_home(configured.home), report)
    raise_problems(outcome)


def terminal_report() -> Report:
    """A report that prints each step as it ends."""
    return Report(tell=lambda line: out.print(line, highlight=False, markup=False))


def _window(configured: Settings, until: str | None, since: str | None, to: str | None) -> Window:
    if (since is None) != (to is None):
        raise wrong_use("--from and --to belong together")
    if until is not None and since is not None:
        raise wrong_use("give either --until or --from with --to")
    if since is None:
        return Window(until=_past(moment(until, "--until"), "--until"))
    first, last = (_morning(moment(text, option), configured) for text, option in ((since, "--from"), (to, "--to")))
    if first > last:
        raise wrong_use("--from lies after --to")
    return Window(until=_past(last, "--to"), since=first)


def _past(given: datetime | None, option: str) -> datetime | None:
    """Nothing is known of the future: a clock set there would only make mornings that never were."""
    if given is not None and given > datetime.now(UTC).replace(tzinfo=None):
        raise wrong_use(f"{option} lies in the future")
    return given


def _morning(given: datetime | None, configured: Settings) -> datetime:
    """A day means its review hour."""
    assert given is not None
    midnight = given.replace(hour=0, minute=0, second=0, microsecond=0)
    return given if given != midnight else midnight + timedelta(hours=configured.review_hour)
