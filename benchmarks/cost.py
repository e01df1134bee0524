"""What Harken costs on this machine: the demo, a further day, and loading the definitions.

    .venv/bin/python benchmarks/cost.py [--scale 10] [--repeats 3]

Each repeat starts in an empty home. Prints, for each step, the median wall seconds and the largest resident memory of
its process, beside the budget for two cores at scale 1. `--scale 10` takes ten times the contacts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEMO_CONTACTS = 200_000
BUDGET_SECONDS = {"demo": 240.0, "one more day": 60.0, "loading the definitions": 6.0}
HARKEN = str(Path(sys.executable).with_name("harken"))


def measured(command: list[str], home: Path) -> tuple[float, float]:
    """Wall seconds and peak resident GiB of a command; its output shows what failed where it fails."""
    environment = {**os.environ, "HARKEN_HOME": str(home)}
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024**2


def one_repeat(scale: int) -> dict[str, tuple[float, float]]:
    with tempfile.TemporaryDirectory(prefix="harken-cost-") as folder:
        home = Path(folder)
        demo = [HARKEN, "demo", "--contacts", str(DEMO_CONTACTS * scale)]
        load = [sys.executable, "-c", "from orchestration.definitions import harken; harken()"]
        results = {"demo": measured(demo, home)}
        measured([HARKEN, "simulate", "--advance", "1"], home)
        results["one more day"] = measured([HARKEN, "run"], home)
        results["loading the definitions"] = measured(load, home)
        return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    repeats = [one_repeat(arguments.scale) for _ in range(arguments.repeats)]
    print(f"{os.cpu_count()} cores, {DEMO_CONTACTS * arguments.scale:,} contacts, {arguments.repeats} repeats")
    print(f"{'step':26} {'median s':>9} {'budget s':>9} {'peak GiB':>9}")
    for step in repeats[0]:
        seconds = statistics.median(repeat[step][0] for repeat in repeats)
        peak = max(repeat[step][1] for repeat in repeats)
        budget = f"{BUDGET_SECONDS[step]:9.0f}" if arguments.scale == 1 else " " * 9
        print(f"{step:26} {seconds:9.1f} {budget} {peak:9.2f}")


if __name__ == "__main__":
    main()
