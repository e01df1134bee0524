"""False alarms, power and false confirmations of drift detection, beside Evidently's and NannyML's defaults.

    python -m benchmarks.drift [--quick] [--limit-seconds 300] [--peer-python PATH] [--to results.md]

False alarms: clean batches of 50 to 500,000 rows with 5, 30 and 300 features, rows independent or several of a ticket;
2,000 batches a cell up to 5,000 rows and 50 above, or as many as the time limit allows (the number done is shown).
Power: a shift of 0.1 sd, a share of 10 % that becomes 13 %, 2 % that turn missing, each in one of 30 features, at 5,000
independent tickets. A year: daily looks at overlapping tickets without drift, with confirmations on fresh ones.
`--peer-python` is the interpreter of an environment with evidently (and nannyml) in it; the peers see the same batches.
The thresholds are those of `ml.drift`, fixed before any of this is run.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.drift_data import CHANGES, World
from benchmarks.drift_peers import run_peers
from benchmarks.drift_year import false_confirmations
from ml.drift import DAILY_RATE, Reference, compare, make_reference
from ml.drift.limits import LEAST_EFFECT, effect_limit

SIZES = (50, 500, 5_000, 50_000, 500_000)
FEATURES = (5, 30, 300)
A_REFERENCE = 100  # batches that are compared with one reference before another is drawn
MOST_RATE = 0.015


@dataclass
class Cell:
    """Alarms among the batches of one setting, and the seconds that a comparison took."""

    rows: int
    features: int
    a_ticket: int
    change: str = ""
    batches: int = 0
    alarms: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """One line of the table."""
        low, high = wilson(self.alarms, self.batches)
        tickets = "independent" if self.a_ticket == 1 else f"{self.a_ticket} a ticket"
        return (
            f"| {self.change or 'none'} | {self.rows:,} | {self.features} | {tickets} | {self.batches:,} "
            f"| {self.alarms} | {self.alarms / max(self.batches, 1):.2%} [{low:.2%}, {high:.2%}] "
            f"| {self.seconds / max(self.batches, 1):.3f} |"
        )


def main() -> None:
    """Run the cells and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100 batches a cell, up to 5,000 rows, 30 features")
    parser.add_argument("--limit-seconds", type=float, default=300.0, help="CPU time limit of each cell")
    parser.add_argument("--peer-python", help="interpreter of an environment with evidently or nannyml")
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--to", type=Path, help="write the table into this file as it grows")
    parser.add_argument("--parts", default="power,peers,years,false", help="which parts to run, in this order")
    args = parser.parse_args()
    say = _printer(args.to)
    say(
        f"Stated rate {DAILY_RATE:.0%} a task and day; an effect matters from {LEAST_EFFECT} sd on in a feature with a "
        f"share of 3 % (here, of 30 even features, {effect_limit(1 / 30):.3f}; of 300, {effect_limit(1 / 300):.3f}).\n"
    )
    parts: dict[str, Callable[[], None]] = {
        "power": lambda: _power(say, args),
        "peers": lambda: _peers(say, args),
        "years": lambda: say(false_confirmations(20 if args.quick else args.years, 4 * args.limit_seconds)),
        "false": lambda: _false_alarms(say, args),
    }
    for part in args.parts.split(","):
        parts[part]()


def _power(say: Callable[[str], None], args: argparse.Namespace) -> None:
    say(HEADER)
    for change in CHANGES:
        cell = Cell(5_000, 30, 1, change)
        run_cell(cell, 50 if args.quick else 500, args.limit_seconds)
        say(cell.line())


def _false_alarms(say: Callable[[str], None], args: argparse.Namespace) -> None:
    say(HEADER)
    sizes, features = (SIZES[:3], FEATURES[:2]) if args.quick else (SIZES, FEATURES)
    for rows, count, a_ticket in itertools.product(sizes, features, (1, 3)):
        cell = Cell(rows, count, a_ticket)
        batches = 100 if args.quick else 2_000 if rows <= 5_000 else 50
        run_cell(cell, batches, args.limit_seconds)
        say(cell.line() + (" time limit" if cell.batches < batches else ""))


def _peers(say: Callable[[str], None], args: argparse.Namespace) -> None:
    if args.peer_python:
        say(run_peers(args.peer_python, 20 if args.quick else 100, args.limit_seconds))


HEADER = (
    "\n| change | rows | features | rows of a ticket | batches | alarms | rate [95 % interval] | seconds each |\n"
    "|---|---|---|---|---|---|---|---|"
)


def run_cell(cell: Cell, batches: int, limit_seconds: float) -> None:
    """Compare batch after batch, each cell with seeds of its own, until all are done or the time is up."""
    world, started = World(cell.features, cell.a_ticket), time.process_time()
    random = np.random.default_rng([cell.rows, cell.features, cell.a_ticket, len(cell.change)])
    reference: Reference | None = None
    for number in range(batches):
        if number % A_REFERENCE == 0:
            reference = draw_reference(world, random)
        batch = world.rows(cell.rows, random, batch=True, change=cell.change)
        at = time.process_time()
        assert reference is not None
        found = compare(world.task, reference, batch, seed=number, alpha=DAILY_RATE)
        cell.seconds += time.process_time() - at
        cell.batches += 1
        cell.alarms += found.alarm
        if time.process_time() - started > limit_seconds:
            break


def draw_reference(world: World, random: np.random.Generator) -> Reference:
    """A reference of the world."""
    return make_reference(world.task, world.rows(20_000, random, batch=False), world.importances(), seed=0)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def _printer(to: Path | None) -> Callable[[str], None]:
    if to is not None:
        to.write_text("")

    def say(line: str) -> None:
        print(line, flush=True)
        if to is not None:
            with to.open("a") as file:
                file.write(line + "\n")

    return say


if __name__ == "__main__":
    main()
