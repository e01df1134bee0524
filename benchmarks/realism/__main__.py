"""Compare the simulated company with real call centres and a real ticket log.

    python -m benchmarks.realism --data DATA [--landing LANDING] [--out realism]

Simulates a centre into a temporary folder (or reads landing files in the contract's shape) and writes `realism.md` and
`realism.html` with pictures: daily profile, overdispersion, service time, patience, abandonment, waiting, and the
life of tickets. DATA holds `call_center_1999/`, `bank_calls/` and `servicenow_incidents/`, none of which belongs to the
project. The default size is about 1,500 calls a day, as many as the smaller of the real centres has.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta
from pathlib import Path

from benchmarks.realism import helpdesk, report, telephone
from benchmarks.realism.verdict import sentence

# days simulated before those compared: open tickets and returning callers have to build up first
WARM_UP = 28


def main() -> None:
    """Simulate if need be, compare, write the report and print its sentences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="the folder of the real data sets")
    parser.add_argument("--landing", type=Path, help="landing files to compare instead of a new simulation")
    parser.add_argument("--out", type=Path, default=Path("realism"), help="folder for the report")
    parser.add_argument("--days", type=int, default=182)
    parser.add_argument("--contacts-per-day", type=float, default=4_000)
    # Europe's clocks don't change within these days: the simulator keeps no summer time, and the hour's shift against
    # the queues' local time would look like overdispersion
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 3, 30))
    parser.add_argument("--seed", type=int, default=20260701)
    given = parser.parse_args()
    try:
        run(given)
    except FileNotFoundError as missing:
        parser.error(str(missing))


def run(given: argparse.Namespace) -> None:
    """Compare landing files that are there, or those of a new simulation."""
    if given.landing:
        compare(given.landing, given.data, given.out, "Simulated side: landing files that were there before.")
        return
    with tempfile.TemporaryDirectory(prefix="harken-realism-") as folder:
        about = (
            f"Simulated side: {given.days} days from {given.start}, {given.contacts_per_day:,.0f} contacts a day, "
            f"seed {given.seed}."
        )
        compare(simulated(Path(folder), given), given.data, given.out, about, given.start)


def simulated(folder: Path, given: argparse.Namespace) -> Path:
    """Simulate into a folder, without broken rows; gives back its landing folder."""
    from simulator import simulate

    simulate(
        folder / "landing", folder / "truth", seed=given.seed, start=given.start - timedelta(days=WARM_UP),
        days=given.days + WARM_UP, contacts_per_day=given.contacts_per_day, format="parquet", best_score=False,
    )  # fmt: skip
    return folder / "landing"


def compare(landing: Path, data: Path, out: Path, about: str, since: date | None = None) -> None:
    """Write the report on landing files, their calls from a day on, and print what it says."""
    found = [*telephone.sections(landing, data, since), *helpdesk.sections(landing, data)]
    paths = report.write(out, found, about)
    for section in found:
        print(f"{section.title}: {sentence(section.figures)}")
    print(report.summary(found))
    print(*paths)


if __name__ == "__main__":
    main()
