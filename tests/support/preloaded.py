"""Imports what takes most of a command's start, for processes that are forked from one that has done so (`forks.py`).

Of Harken itself as little as can be: what its modules make as they are imported belongs to a command's own terminal.
"""

from __future__ import annotations

import gc
import importlib
import os
from pathlib import Path

from orchestration.settings import load_settings

# Some of them read it as they are imported.
os.environ.update(load_settings(home=Path(__file__).with_suffix("")).subprocess_environment())

LARGE = (
    "catboost", "dagster", "dagster._core.storage.event_log.sqlite", "dagster_dbt", "dbt.adapters.duckdb.impl",
    "dbt.cli.main", "duckdb", "great_expectations.expectations", "holidays", "matplotlib.figure", "mlflow.artifacts",
    "mlflow.store.tracking.sqlalchemy_store", "pandas", "pyarrow.parquet", "scipy.stats", "sklearn.ensemble",
    "sklearn.isotonic", "sklearn.metrics", "sqlglot",
)  # fmt: skip
for name in LARGE:
    importlib.import_module(name)
# What is shared with the forks stays shared: their collector would touch, and so copy, all of it.
gc.freeze()
