"""`harken simulate`: the landing files of a contact centre whose truth is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import app, moment, out, settings, wrong_use
from orchestration.cli.centre import ACTED_ON, must_be_empty, one_line_errors, tables_to_act_on

if TYPE_CHECKING:
    from simulator import SimulationReport


@app.command(
    epilog="Example: `harken simulate --contacts 200000 --scenario staff_cut:2026-01-15:0.5`, "
    "and later `harken simulate --advance 1d --act-on interventions`"
)
def simulate(
    contacts: Annotated[int | None, typer.Option(min=100, help="Contacts in all; 200,000 a year by default.")] = None,
    start: Annotated[str, typer.Option(help="First day.")] = "2025-07-01",
    days: Annotated[int, typer.Option(min=1, help="Days from the first.")] = 365,
    seed: Annotated[int | None, typer.Option(help="Seed; the setting `seed` by default.")] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="NAME, or NAME with :DATE and :SIZE after it; give it again for another.")
    ] = None,
    advance: Annotated[str | None, typer.Option(help="Go on by so many days (1d), one file a day.")] = None,
    act_on: Annotated[
        str | None, typer.Option(help="With --advance, what to act on: interventions, shift_plan, or both.")
    ] = None,
    faults: Annotated[bool, typer.Option(help="Put broken rows and lines in.")] = False,
) -> None:
    """Write the landing files of a simulated contact centre, and its ground truth apart from them."""
    first = moment(start, "--start")
    assert first is not None
    if first != first.replace(hour=0, minute=0, second=0, microsecond=0):
        raise wrong_use(f"--start {start!r}: a simulation starts with a whole day, such as 2025-07-01")
    ahead = _days(advance)
    wanted = wanted_tables(act_on)
    if ahead is not None and (contacts is not None or seed is not None):
        raise wrong_use("--contacts and --seed belong to the start of a simulation; --advance goes on with what it has")
    if wanted and ahead is None:
        raise wrong_use("--act-on needs --advance: the past was simulated without the tables")
    if ahead is not None and scenario:
        raise wrong_use("--scenario belongs to the start of a simulation; --advance goes on with the scenarios it has")
    configured = settings()
    from warehouse.home import open_home

    home = open_home(configured.home)
    from simulator import Staging, alone
    from simulator import advance as go_on
    from simulator import simulate as begin
    from simulator.scenarios import load_levers

    try:
        load_levers(tuple(scenario or ()), first.date())
    except ValueError as error:
        raise wrong_use(str(error)) from None
    with one_line_errors():
        if ahead is not None:
            report = go_on(home.landing, home.truth, days=ahead, faults=faults, **tables_to_act_on(home, wanted))
        else:
            with alone(home.truth):
                if Staging(home.landing, home.truth).finish():
                    out.print("the simulation that was interrupted here was whole: its files are in place now")
                must_be_empty(home)
                report = begin(
                    home.landing,
                    home.truth,
                    seed=configured.seed if seed is None else seed,
                    start=first.date(),
                    days=days,
                    contacts=contacts,
                    scenarios=tuple(scenario or ()),
                    faults=faults,
                )
    tell_simulated(report)


def _days(text: str | None) -> int | None:
    """Days to go on by: `1d` or `1`."""
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,3})d?", text)
    if found is None:
        raise wrong_use(f"--advance {text!r} is no number of days: write 1d")
    return int(found[1])


def wanted_tables(text: str | None) -> tuple[str, ...]:
    """The words of --act-on; exit 2 on one that isn't known."""
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    unknown = [name for name in names if name not in ACTED_ON]
    if unknown:
        raise wrong_use(f"--act-on {unknown[0]!r} is none of {', '.join(ACTED_ON)}")
    return names


def tell_simulated(report: SimulationReport) -> None:
    """The rows by entity, in one line each, and what was done on purpose."""
    if report.finished_first:
        out.print("the days that were interrupted before were whole: their files are in place, and these follow them")
    for entity, rows in report.rows.items():
        out.print(f"{entity:<24}{rows:>12,} rows", highlight=False)
    out.print(
        f"{len(report.files)} files, {report.tickets_opened:,} tickets opened, {report.escalations:,} escalated, "
        f"{report.seconds:.1f} s",
        highlight=False,
    )
    if report.interventions:
        out.print(f"{report.interventions:,} rows of the intervention queue acted on", highlight=False)
    for name, count in sorted(report.faults.items()):
        out.print(f"fault put in: {name} ({count:,})", highlight=False)
