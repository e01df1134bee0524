"""How long the simulator takes and how much memory: `python benchmarks/simulator.py [--contacts 1000000] [--days 365]`.

Prints one JSON line a size: seconds, processor seconds, peak memory, rows per entity and the best possible scores.
Requirement: 1,000,000 contacts within 90 s and 4 GiB, on two cores otherwise idle. `--stream` writes a Parquet file a
day, as 10,000,000 contacts need it: memory then depends on the company's size, not on the days, which `memory_gib`
shows: day, what is used at that moment, and the most used until then, by both processes together.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (200_000, 1_000_000)
LOOKS = 10


def measure(contacts: int, days: int, stream: bool) -> dict[str, object]:
    """Simulate one size in this process."""
    sys.path.insert(0, str(ROOT))
    began, used = time.perf_counter(), time.process_time()
    from simulator import simulate

    folder = Path(tempfile.mkdtemp(prefix="harken-simulator-"))
    memory: list[tuple[int, float, float]] = []

    def look(done: int, of: int) -> None:
        if done * LOOKS // of > (done - 1) * LOOKS // of:
            memory.append((done, _memory("VmRSS"), _memory("VmHWM")))
            print(f"day {done}: {memory[-1][1]} GiB, at most {memory[-1][2]}", file=sys.stderr, flush=True)

    try:
        report = simulate(
            folder / "landing", folder / "truth", days=days, contacts=contacts, faults=True,
            format="parquet" if stream else "csv", split="day" if stream else "month",
            progress=look,
        )  # fmt: skip
        size = sum(path.stat().st_size for path in report.files)
    finally:
        shutil.rmtree(folder)
    best = report.best or {}
    return {
        "contacts": contacts,
        "days": days,
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - used + _children(), 1),
        "peak_gib": round(_peak(resource.RUSAGE_SELF) + _peak(resource.RUSAGE_CHILDREN), 2),
        "memory_gib": memory,
        "load_before": round(os.getloadavg()[0], 1),
        "landing_mib": round(size / 2**20),
        "rows": report.rows,
        "tickets": report.tickets_opened,
        "escalated_share": round(report.escalations / report.tickets_opened, 4),
        "open_at_end": report.open_at_end,
        "best_pr_auc": {task: found["best_pr_auc"] for task, found in best.items()},
        "rules_pr_auc": best.get("escalation", {}).get("rules_pr_auc"),
    }


def _memory(line: str) -> float:
    """GiB of a line of /proc/PID/status, of this process and its writer."""
    found = 0
    for process in (os.getpid(), *(child.pid for child in multiprocessing.active_children())):
        status = dict(text.split(":", 1) for text in Path(f"/proc/{process}/status").read_text().splitlines())
        found += int(status[line].split()[0])
    return round(found / 2**20, 2)


def _peak(who: int) -> float:
    """GiB at most, of this process or of the largest of its children (the writer)."""
    return resource.getrusage(who).ru_maxrss / 2**20


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, help="one size only")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--stream", action="store_true", help="a Parquet file a day")
    given = parser.parse_args()
    if given.contacts is not None:
        print(json.dumps(measure(given.contacts, given.days, given.stream)))
        return
    for size in SIZES:
        # a process each, so that the peak is the size's own
        subprocess.run([sys.executable, __file__, "--contacts", str(size), "--days", str(given.days)], check=True)


if __name__ == "__main__":
    main()
