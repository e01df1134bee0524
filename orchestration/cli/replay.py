"""`harken replay`: the learning of one task over many mornings, on features that are built once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import app, out, settings, wrong_use
from orchestration.cli.centre import SimulatedCentre
from orchestration.cli.loop import changes_of, day_within_reach

if TYPE_CHECKING:
    from orchestration.loop import Plan
    from orchestration.settings import Settings
    from orchestration.study import Arm
    from warehouse.home import Home

# Policies to compare with: how often a model is retrained, and whether it learns from the days since the change only.
NEVER, WEEKLY, NEW_REGIME = "never", "weekly", "new-regime"
ARMS = (NEVER, WEEKLY, NEW_REGIME)
WEEK = timedelta(days=7)
# Days of the new regime that the first model of that arm learns from.
OWN_DAYS = timedelta(days=35)


@app.command(
    epilog="Example: `HARKEN_HOME=/tmp/studied harken replay escalation --days 120 --from 2026-04-01 "
    "--scenario policy_change:2026-05-01`, or on what has landed: `harken replay escalation --as-landed …`"
)
def replay(
    task: Annotated[str, typer.Argument(help="Prediction task, such as escalation.")],
    days: Annotated[int, typer.Option(min=1, max=730, help="Mornings replayed.")],
    since: Annotated[str, typer.Option("--from", help="Day of the first morning.")],
    scenario: Annotated[
        list[str] | None, typer.Option(help="NAME, or NAME with :DATE and :SIZE after it; give it again for another.")
    ] = None,
    warm_up: Annotated[int, typer.Option(min=1, max=730, help="Days simulated before the first morning.")] = 60,
    contacts_a_day: Annotated[float, typer.Option(min=10, help="Size of the centre.")] = 2000,
    as_landed: Annotated[bool, typer.Option(help="Simulate nothing: replay what lies in the landing folder.")] = False,
    every: Annotated[int, typer.Option(min=1, max=28, help="Days from one morning to the next.")] = 1,
    arms: Annotated[
        str | None, typer.Option(help=f"Policies of retraining to compare with, with commas: {', '.join(ARMS)}.")
    ] = None,
    schedules: Annotated[bool, typer.Option(help="With the weekly challenger and the monthly backtest.")] = True,
    training_rows: Annotated[int | None, typer.Option(min=1000, help="Rows a model learns from at most.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder of the study; by default in the home.")] = None,
) -> None:
    """Replay learning, drift and what is done about models, morning by morning, where nobody acts on the tables.

    All days are simulated and built at once; models, scores and the report go into a folder of their own.
    """
    from ml.tasks import all_tasks
    from orchestration.loop import Plan, settle_lag
    from warehouse.home import open_home

    if task not in all_tasks():
        raise wrong_use(f"there is no task {task!r}: there are {', '.join(all_tasks())}")
    first = day_within_reach(since, warm_up, days)
    wanted = [name.strip() for name in (arms or "").split(",") if name.strip()]
    if set(wanted) - set(ARMS):
        raise wrong_use(f"--arms {arms!r}: there are {', '.join(ARMS)}")
    configured = settings()
    configured = settings() if not as_landed and settle_lag(configured) else configured
    if training_rows is not None:
        configured.training_rows = training_rows
    plan = Plan(first.date(), days, warm_up, contacts_a_day, tuple(scenario or ()))
    if NEW_REGIME in wanted and not changes_of(plan.scenarios, plan.start):
        raise wrong_use(f"--arms {NEW_REGIME}: there is none without a --scenario that changes something on a day")
    home = open_home(configured.home)
    if not as_landed:
        _simulate(configured, home, plan)
    clocks = [plan.clock(number, configured.review_hour) for number in range(0, days, every)]
    study = folder or home.root / "studies" / f"{task}-{datetime.now():%Y%m%dT%H%M%S}"
    _play(configured, task, plan, clocks, study, wanted, schedules)


def _simulate(configured: Settings, home: Home, plan: Plan) -> None:
    from orchestration.loop import keep_plan

    keep_plan(home, plan)
    centre = SimulatedCentre(home, configured.seed, plan.start, plan.contacts_a_day, plan.scenarios)
    # In the same files as `harken loop` lands: when a correction counts as known depends on the file it came in.
    rows = centre.live(plan.warm_up, act=False) + centre.live(plan.warm_up + plan.days, act=False)
    out.print(f"simulated: {rows:,} rows" if rows else "simulated before", highlight=False)


def _play(
    configured: Settings,
    name: str,
    plan: Plan,
    clocks: list[datetime],
    folder: Path,
    wanted: list[str],
    schedules: bool,
) -> None:
    from ml.tasks import all_tasks
    from orchestration.cli.runs import terminal_report
    from orchestration.definitions import configured as as_configured
    from orchestration.loop_report import Stretch, report_tables, write_report
    from orchestration.run import raise_problems, run_job
    from orchestration.steps.day import act
    from orchestration.study import arms, open_study, play_mornings
    from orchestration.workbench import Window

    def tell(line: str) -> None:
        out.print(line, highlight=False, markup=False)

    task = as_configured(all_tasks(), configured)[name]
    raise_problems(run_job(configured, Window(until=clocks[-1]), terminal_report(), tasks={name: task}, job="build"))
    changes = changes_of(plan.scenarios, plan.start)
    title = f"{name}: {len(clocks)} mornings from {clocks[0]:%Y-%m-%d}: {', '.join(changes) or 'calm'}"
    began = time.monotonic()
    with open_study(configured, task, folder, act, schedules) as study:
        play_mornings(study, clocks, tell)
        seconds = time.monotonic() - began
        out.print(f"{len(clocks)} mornings in {seconds:.0f} s, {seconds / len(clocks):.1f} s each", highlight=False)
        others = arms(study, clocks[-1], _arms(wanted, clocks[0], changes), tell) if wanted else {}
        tables = report_tables(study.con, Stretch(title, clocks[0], clocks[-1], changes), {name: task}, {name: others})
    for file in write_report(folder, title, tables):
        out.print(f"report: {file}", highlight=False)


def _arms(wanted: list[str], first: datetime, changes: Mapping[str, date]) -> dict[str, Arm]:
    from orchestration.study import Arm

    found = {NEVER: Arm(first), WEEKLY: Arm(first, WEEK)}
    if changes:
        changed = datetime.combine(min(changes.values()), first.time())
        found[NEW_REGIME] = Arm(max(changed + OWN_DAYS, first), WEEK, learns_from=changed)
    return {name: found[name] for name in wanted}
