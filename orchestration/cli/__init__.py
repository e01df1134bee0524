"""The command `harken`. Each module holds one group of commands; this one puts them together.

Exit codes: 0 done, 1 the job failed, 2 wrong use.
"""

from orchestration.cli import admin, backtest, demo, files, loop, models, published, replay, runs, simulate
from orchestration.cli.app import app

__all__ = [
    "admin", "app", "backtest", "demo", "files", "loop", "models", "published", "replay", "runs", "simulate",
]  # fmt: skip
