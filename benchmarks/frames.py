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
        from warehouse.connect import connect
        from warehouse.home import open_home
        from warehouse.operations import training_frame

        with connect(open_home(Path(home)), read_only=True) as con:
            return training_frame(con, task.feature_table, task.label_table, task.keys)
    raise SystemExit("give --frame FILE or --home FOLDER")
