"""Feature frames for the benchmarks: a Parquet file, or the training frame of a built home."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ml.task import PredictionTask


def read_frame(task: PredictionTask, file: str | None, home: str | None) -> pd.DataFrame:
    """Features with label, matures_at and event times of every row, from a Parquet file or a home."""
    if file:
        return pd.read_parquet(file)
    if home:
        from orchestration.frames import training_frame

        return training_frame(Path(home), task)
    raise SystemExit("give --frame FILE or --home FOLDER")
