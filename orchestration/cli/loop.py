"""`harken loop`: a simulated centre played day by day, with the real jobs and sensors."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.app import app, moment, out, settings, wrong_use
from orchestration.cli.centre import SimulatedCentre
from orchestration.cli.simulate import wanted_tables


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
    from orchestration.loop import Plan, play
    from orchestration.loop_report import write_report
    from simulator.scenarios import load_levers
    from warehouse.home import open_home

    first = moment(since, "--from")
    assert first is not None
    if (first.hour, first.minute, first.second) != (0, 0, 0):
        raise wrong_use(f"--from {since!r}: a loop begins with a day, such as 2026-04-01")
    acts_on = wanted_tables(act_on)
    configured = settings()
    plan = Plan(first.date(), days, warm_up, contacts_a_day, tuple(scenario or ()), acts_on)
    try:
        load_levers(plan.scenarios, plan.start)
    except ValueError as error:
        raise wrong_use(str(error)) from None
    home = open_home(configured.home)
    centre = SimulatedCentre(home, configured.seed, plan.start, contacts_a_day, plan.scenarios, acts_on)
    began = time.monotonic()
    played = play(configured, plan, centre, lambda line: out.print(line, highlight=False, markup=False))
    if played:
        seconds = time.monotonic() - began
        out.print(f"{len(played)} days in {seconds:.0f} s", highlight=False)
    for file in write_report(home, plan, configured, folder or home.root / "loop"):
        out.print(f"report: {file}", highlight=False)
