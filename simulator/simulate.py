"""The simulator's one entry: simulate a window of days and write its landing files and its truth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from simulator import checkpoint
from simulator import truth as truth_files
from simulator.checkpoint import SimulatedWorld
from simulator.engine import Engine, Told
from simulator.files import Format, Landing, Split
from simulator.lock import alone
from simulator.reference import SOLVED
from simulator.scale import Scale
from simulator.scenarios import load_levers
from simulator.shift_plan import read_plan
from simulator.staging import Staging
from simulator.watch import Observed, Shares
from simulator.writer import Exporter, Written

DEMO_START = date(2025, 7, 1)
DEMO_DAYS = 365
# calendars and earlier sign-ups must fit
FIRST_YEAR, LAST_YEAR = 1990, 2200
# rows held back (late slices, corrections, answers) are at most this old
LONGEST_HOLD = 30


@dataclass
class SimulationReport:
    """What was written: rows per entity, files, injected faults, and the best score that anybody can reach by task."""

    seed: int
    start: date
    from_day: int
    to_day: int
    scenarios: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    tickets_opened: int = 0
    escalations: int = 0
    open_at_end: int = 0
    interventions: int = 0
    finished_first: bool = False  # an interrupted simulation was whole, and was moved into place before
    best: dict[str, Any] | None = None
    seconds: float = 0.0


def simulate(
    out: Path,
    truth: Path,
    *,
    seed: int = 20260701,
    start: date = DEMO_START,
    days: int = DEMO_DAYS,
    contacts_per_day: float | None = None,
    contacts: int | None = None,
    scale: Scale | None = None,
    scenarios: tuple[str, ...] = (),
    from_day: int = 0,
    to_day: int | None = None,
    format: Format = "csv",
    split: Split = "month",
    faults: bool = False,
    best_score: bool = True,
    interventions: pa.Table | None = None,
    shift_plan: pa.Table | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationReport:
    """Simulate days [from_day, to_day) of a company that starts at `start`; the default is the demo's year.

    out: the landing folder's root; truth: a folder for what only a simulator knows. Size by one of `scale`,
    `contacts_per_day` or `contacts` (in all over `days`). scenarios: `NAME[:DATE[:SIZE]]`, see simulator/scenarios.
    The same seed, start, size and scenarios give the same rows whatever the windows; a window that begins where the
    last one in `truth` ended goes on from its state. interventions and shift_plan: rows of the published tables that
    the company acts on. best_score: sample the truth and compute the best scores; going on, it is sampled as at the
    start. progress is called with (days done, days to do). Everything appears at once at the end; after an error or a
    crash nothing of it is there, or the next simulation here moves it into place. Raises ValueError for impossible
    windows, sizes, scenarios or tables, and where another process simulates into `truth`.
    """
    began = time.perf_counter()
    to_day = days if to_day is None else to_day
    if not 0 <= from_day < to_day:
        raise ValueError(f"from_day {from_day} must lie before to_day {to_day} and not below 0")
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise ValueError(f"start {start}: must lie within the years {FIRST_YEAR} to {LAST_YEAR}")
    size = _size(scale, contacts_per_day, contacts, days)
    levers = load_levers(scenarios, start)
    staging = Staging(out, truth)
    with alone(truth):
        finished = staging.finish()
        state = checkpoint.load(truth, SimulatedWorld(seed, start, size, scenarios, from_day)) if from_day else None
        told = Told(None, None if shift_plan is None else read_plan(shift_plan, start))
        engine = Engine(seed, start, size, levers, to_day, state, told)
        if state is None:
            engine.state.shares = truth_files.shares(size, from_day, to_day) if best_score else Shares()
        with staging.writing():
            landing = Landing(staging.landing, engine.clock, format, split)
            written = _live(engine, landing, from_day, to_day, faults, interventions, progress)
            report = _report(engine, written, from_day, scenarios, start)
            report.files = [staging.in_place(path) for path in written.paths]
            report.best = truth_files.write(
                staging.truth, engine, from_day, bool(engine.state.shares.mornings), going_on=state is not None
            )
            checkpoint.save(staging.truth, SimulatedWorld(seed, start, size, scenarios, to_day), engine.state)
            left_out = ("files", "seconds", "best", "finished_first")
            summary = {key: value for key, value in asdict(report).items() if key not in left_out}
            (staging.truth / f"report_{from_day}_{to_day}.json").write_text(
                json.dumps(summary, indent=1, default=str) + "\n"
            )
    report.finished_first, report.seconds = finished, time.perf_counter() - began
    return report


def _live(
    engine: Engine, landing: Landing, from_day: int, to_day: int, faults: bool, interventions: pa.Table | None,
    progress: Callable[[int, int], None] | None,
) -> Written:  # fmt: skip
    """Simulate the days that the engine hasn't yet, and write those of the window."""
    state, told, shares = engine.state, engine.told, engine.state.shares
    contacts = engine.scale.contacts_per_day * (to_day - from_day)
    with Exporter(engine.company, state.outbox, landing, faults, contacts) as exporter:
        for day in range(state.day, to_day):
            wanted = day >= from_day
            if day == from_day:
                # what is done about predictions belongs to the window, not to the days played again before it
                engine.observed, told.interventions = Observed(), interventions
            lived = engine.day(shares if wanted else Shares())
            if day >= from_day - LONGEST_HOLD:
                exporter.add(lived, wanted)
            if progress is not None:
                progress(day + 1 - from_day, to_day - from_day)
        written = exporter.end(to_day - 1)
    state.outbox = written.box
    for day, scores in exporter.scores:
        if day >= from_day:
            engine.observed.cause(engine.seed, day, scores, shares.moments)
    return written


def _report(
    engine: Engine, written: Written, from_day: int, scenarios: tuple[str, ...], start: date
) -> SimulationReport:  # fmt: skip
    return SimulationReport(
        engine.seed, start, from_day, engine.state.day, scenarios, written.rows, faults=written.faults,
        tickets_opened=engine.observed.opened,
        escalations=int(sum(len(found) for found in engine.observed.escalations)),
        open_at_end=int((engine.state.tickets.status < SOLVED).sum()),
        interventions=sum(table.num_rows for table in engine.told.effects),
    )  # fmt: skip


def advance(
    out: Path, truth: Path, *, days: int = 1, format: Format = "csv", faults: bool = False,
    interventions: pa.Table | None = None, shift_plan: pa.Table | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationReport:  # fmt: skip
    """Go on from where the last simulation into `truth` ended, one file per entity and day.

    Raises FileNotFoundError where nothing was simulated into `truth` before, ValueError for tables it can't act on or
    where another process simulates into it.
    """
    with alone(truth):
        finished = Staging(out, truth).finish()
        world = checkpoint.world(truth)
        report = simulate(
            out, truth, seed=world.seed, start=world.start, scale=world.scale, scenarios=world.scenarios,
            from_day=world.day, to_day=world.day + days, format=format, split="day", faults=faults,
            interventions=interventions, shift_plan=shift_plan, progress=progress,
        )  # fmt: skip
    report.finished_first = finished
    return report


def _size(scale: Scale | None, contacts_per_day: float | None, contacts: int | None, days: int) -> Scale:
    given = [value for value in (scale, contacts_per_day, contacts) if value is not None]
    if len(given) > 1:
        raise ValueError("give one of scale, contacts_per_day and contacts")
    if scale is not None:
        return scale
    if contacts is not None:
        return Scale.of(contacts / days)
    return Scale() if contacts_per_day is None else Scale.of(float(np.float64(contacts_per_day)))
