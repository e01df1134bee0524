"""Evidently's and NannyML's defaults on the batches that `benchmarks.drift` compares, each in its own environment."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.drift_data import CHANGES, World
from ml.drift import DAILY_RATE, compare, make_reference

CELLS = ((50, ""), (500, ""), (5_000, ""), *((5_000, change) for change in CHANGES))
FEATURES = 30
# Runs in the peers' environment, which has no Harken: files in, one JSON line a tool out.
SCRIPT = """
import json, sys, warnings, pathlib
warnings.filterwarnings("ignore")
import pandas as pd
folder = pathlib.Path(sys.argv[1])
reference = pd.read_parquet(folder / "reference.parquet")
files = sorted(folder.glob("batch*.parquet"))
found = {}
try:
    from evidently import Dataset, DataDefinition, Report
    from evidently.presets import DataDriftPreset
    numbers = [c for c in reference if c.startswith("n")]
    categories = [c for c in reference if c.startswith("c")]
    define = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
    old = Dataset.from_pandas(reference, data_definition=define)
    any_column, half = [], []
    for file in files:
        new = Dataset.from_pandas(pd.read_parquet(file), data_definition=define)
        result = json.loads(Report([DataDriftPreset()]).run(new, old).json())
        drifted = next(m["value"] for m in result["metrics"] if "DriftedColumnsCount" in str(m.get("metric_name", m)))
        any_column.append(drifted["count"] > 0)
        half.append(drifted["share"] >= 0.5)
    found["Evidently, any column"] = any_column
    found["Evidently, half of the columns"] = half
except Exception as error:
    found["Evidently: " + repr(error)[:200]] = []
try:
    import nannyml
    calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference), chunk_number=10)
    calculator.fit(reference)
    alarms = []
    for file in files:
        batch = pd.read_parquet(file)
        chunker = nannyml.chunk.SizeBasedChunker(chunk_size=len(batch))
        table = calculator.calculate(batch).filter(period="analysis").to_df()
        alert = [c for c in table.columns if c[-1] == "alert"]
        alarms.append(bool(table[alert].to_numpy().any()))
    found["NannyML, any column"] = alarms
except Exception as error:
    found["NannyML: " + repr(error)[:200]] = []
print(json.dumps(found))
"""


def run_peers(python: str, batches: int, limit_seconds: float) -> str:
    """A table of alarm rates on the same batches: Harken's, and what the peers of that interpreter say."""
    lines = ["\n| change | rows | tool | batches | alarms |", "|---|---|---|---|---|"]
    world = World(FEATURES)
    for rows, change in CELLS:
        random = np.random.default_rng([rows, 7, len(change)])
        started, ours = time.perf_counter(), []
        with tempfile.TemporaryDirectory() as folder:
            columns = list(world.importances().index)
            frame = world.rows(20_000, random, batch=False)
            frame[columns].to_parquet(Path(folder) / "reference.parquet")
            reference = make_reference(world.task, frame, world.importances(), seed=0)
            for number in range(batches):
                batch = world.rows(rows, random, batch=True, change=change)
                batch[columns].to_parquet(Path(folder) / f"batch{number:04d}.parquet")
                ours.append(compare(world.task, reference, batch, seed=number, alpha=DAILY_RATE).alarm)
                if time.perf_counter() - started > limit_seconds / 2:
                    break
            found = {"Harken": ours} | _peers(python, folder)
        for tool, alarms in found.items():
            rate = f"{np.mean(alarms):.0%}" if alarms else "-"
            lines.append(f"| {change or 'none'} | {rows:,} | {tool} | {len(alarms)} | {rate} |")
    return "\n".join(lines)


def _peers(python: str, folder: str) -> dict[str, list[bool]]:
    done = subprocess.run([python, "-c", SCRIPT, folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {f"peers failed: {done.stderr.strip().splitlines()[-1:]}": []}
    found: dict[str, list[bool]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
