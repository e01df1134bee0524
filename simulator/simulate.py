"""The simulator's one entry: simulate a window of days and write its landing files and its truth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from simulator import checkpoint
from simulator import truth as truth_files
from simulator.engine import Engine, Observed
from simulator.faults import Faults
from simulator.files import Format, Landing, Split
from simulator.scale import Scale

DEMO_START = date(2025, 7, 1)
DEMO_DAYS = 365
# rows held back (late slices, corrections, answers) are at most this old
LONGEST_HOLD = 30


@dataclass
class SimulationReport:
    """What was written: rows per entity, files, injected faults, and the best score that anybody can reach."""

    seed: int
    start: date
    from_day: int
    to_day: int
    rows: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    tickets_opened: int = 0
    escalations: int = 0
    open_at_end: int = 0
    best: dict[str, object] | None = None
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
    from_day: int = 0,
    to_day: int | None = None,
    format: Format = "csv",
    split: Split = "month",
    faults: bool = False,
    best_score: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationReport:
    """Simulate days [from_day, to_day) of a company that starts at `start`; the default is the demo's year.

    out: the landing folder's root; truth: a folder for what only a simulator knows. Size by one of `scale`,
    `contacts_per_day` or `contacts` (in all over `days`). The same seed, start and size give the same rows
    whatever the windows; a window that begins where the last one in `truth` ended goes on from its state.
    progress is called with (days done, days to do). Raises ValueError for impossible windows or sizes.
    """
    began = time.perf_counter()
    to_day = days if to_day is None else to_day
    if not 0 <= from_day < to_day:
        raise ValueError(f"from_day {from_day} must lie before to_day {to_day} and not below 0")
    size = _size(scale, contacts_per_day, contacts, days)
    truth.mkdir(parents=True, exist_ok=True)
    state = checkpoint.load(truth, seed, start, size, from_day) if from_day else None
    engine = Engine(seed, start, size, to_day, state)
    landing = Landing(out, engine.clock, format, split)
    injected = Faults()
    shares = truth_files.shares(size, from_day, to_day) if best_score else (0.0, 0.0)
    for day in range(engine.state.day, to_day):
        wanted = day >= from_day
        if day == from_day:
            engine.observed = Observed()
        tables = engine.day(day >= from_day - LONGEST_HOLD, *(shares if wanted else (0.0, 0.0)))
        if wanted:
            broken = injected.inject(seed, day, tables) if faults else {}
            landing.add(day, tables, broken if format != "parquet" else {})
        if progress is not None:
            progress(day + 1 - from_day, to_day - from_day)
    landing.flush(to_day - 1)
    report = SimulationReport(seed, start, from_day, to_day, landing.written, landing.paths, injected.injected)
    report.tickets_opened = engine.observed.opened
    report.escalations = int(sum(len(found) for found in engine.observed.escalations))
    report.open_at_end = int((engine.state.tickets.status < 4).sum())
    report.best = truth_files.write(truth, engine, from_day, best_score)
    checkpoint.save(truth, seed, start, size, engine.state)
    report.seconds = time.perf_counter() - began
    summary = {key: value for key, value in asdict(report).items() if key not in ("files", "seconds", "best")}
    (truth / f"report_{from_day}_{to_day}.json").write_text(json.dumps(summary, indent=1, default=str) + "\n")
    return report


def advance(
    out: Path, truth: Path, *, days: int = 1, format: Format = "csv", faults: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationReport:  # fmt: skip
    """Go on from where the last simulation into `truth` ended, one file per entity and day.

    Raises FileNotFoundError where nothing was simulated into `truth` before.
    """
    world = checkpoint.world(truth)
    return simulate(
        out, truth, seed=world.seed, start=world.start, scale=world.scale, from_day=world.day, to_day=world.day + days,
        format=format, split="day", faults=faults, best_score=False, progress=progress,
    )  # fmt: skip


def _size(scale: Scale | None, contacts_per_day: float | None, contacts: int | None, days: int) -> Scale:
    given = [value for value in (scale, contacts_per_day, contacts) if value is not None]
    if len(given) > 1:
        raise ValueError("give one of scale, contacts_per_day and contacts")
    if scale is not None:
        return scale
    if contacts is not None:
        return Scale.of(contacts / days)
    return Scale() if contacts_per_day is None else Scale.of(float(np.float64(contacts_per_day)))
