"""`harken loop`: a simulated centre played day by day, with the real jobs and sensors."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import FAILED, app, moment, out, settings, wrong_use
from orchestration.cli.centre import SimulatedCentre
from orchestration.cli.simulate import wanted_tables

if TYPE_CHECKING:
    from orchestration.loop_report import Stretch
    from warehouse.home import Home


@app.command(
    epilog="Example: `HARKEN_HOME=/tmp/played harken loop --days 90 --scenario policy_change:2026-05-01 "
    "--from 2026-04-01 --out report`"
)
def loop(
    days: Annotated[int, typer.Option(min=1, max=730, help="Days played, one run each.")],
    since: Annotated[str, typer.Option("--from", help="Day of the first run.")],
    scenario: Annotated[
        list[str] | None, typer.Option(help="NAME, or NAME with :DATE and :SIZE after it; give it again for another.")
    ] = None,
    warm_up: Annotated[int, typer.Option(min=1, max=730, help="Days simulated at once before the first run.")] = 60,
    contacts_a_day: Annotated[float, typer.Option(min=10, help="Size of the centre.")] = 2000,
    act_on: Annotated[
        str | None, typer.Option(help="What the centre acts on: interventions, shift_plan, or both.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder of the report; by default in the home.")] = None,
) -> None:
    """Play a centre day by day: a day is simulated, its files land, the daily job runs, the sensors are followed.

    Stopped at any point, the same command goes on where it was.
    """
    from orchestration.loop import Plan, play, settle_lag
    from orchestration.loop_report import Stretch
    from warehouse.home import open_home

    first = day_within_reach(since, warm_up, days)
    if (first.hour, first.minute, first.second) != (0, 0, 0):
        raise wrong_use(f"--from {since!r}: a loop begins with a day, such as 2026-04-01")
    acts_on = wanted_tables(act_on)
    configured = settings()
    configured = settings() if settle_lag(configured) else configured
    plan = Plan(first.date(), days, warm_up, contacts_a_day, tuple(scenario or ()), acts_on)
    changes = changes_of(plan.scenarios, plan.start)
    home = open_home(configured.home)
    centre = SimulatedCentre(home, configured.seed, plan.start, contacts_a_day, plan.scenarios, acts_on)
    began = time.monotonic()
    played = play(configured, plan, centre, lambda line: out.print(line, highlight=False, markup=False))
    if played:
        seconds = time.monotonic() - began
        out.print(f"{len(played)} days in {seconds:.0f} s, {seconds / len(played):.1f} s a day", highlight=False)
    clocks = [plan.clock(number, configured.review_hour) for number in (0, days - 1)]
    title = f"{days} days from {plan.first}, {contacts_a_day:,.0f} contacts a day: {', '.join(changes) or 'calm'}"
    tell_report(home, Stretch(title, clocks[0], clocks[1], changes), folder or home.root / "loop")
    if any(day.problems for day in played):
        raise typer.Exit(FAILED)


def day_within_reach(since: str, before: int, after: int) -> datetime:
    """The moment of --from; exit 2 where so many days before or after it there is no calendar."""
    first = moment(since, "--from")
    assert first is not None
    try:
        _ = first - timedelta(days=before + 1), first + timedelta(days=after + 1)
    except OverflowError:
        raise wrong_use(f"--from {since!r} lies too near the end of all calendars") from None
    return first


def changes_of(scenarios: tuple[str, ...], start: date) -> dict[str, date]:
    """Scenario -> the day from which on it changes anything; exit 2 where one isn't known."""
    from simulator.scenarios import load_levers

    found: dict[str, date] = {}
    for text in scenarios:
        try:
            effects = load_levers((text,), start).effects
        except ValueError as error:
            raise wrong_use(str(error)) from None
        if effects:
            found[text.partition(":")[0]] = start + timedelta(days=min(effect.starts for effect in effects))
    return found


def tell_report(home: Home, stretch: Stretch, folder: Path) -> None:
    """Write the report from the home's tables, and say where it is."""
    from ml.tasks import all_tasks
    from orchestration.loop_report import report_tables, write_report
    from warehouse.connect import connect

    with connect(home) as con:
        tables = report_tables(con, stretch, all_tasks())
    for file in write_report(folder, stretch.title, tables):
        out.print(f"report: {file}", highlight=False)
