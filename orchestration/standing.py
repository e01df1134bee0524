"""Where a task's model stands, for the command line: read from the registry and the warehouse, nothing is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.settings import Settings
from warehouse.home import open_home


@dataclass(frozen=True)
class Versions:
    """A sentence, and one row a version: version, roles, trained to, PR-AUC promised, why; the newest first."""

    sentence: str
    versions: list[tuple[str, str, str, str, str]] = field(default_factory=list)


def standing_of(settings: Settings, task_name: str) -> Versions:
    """The task's state and versions. Raises WarehouseLocked while a run writes."""
    import pandas as pd

    from ml.lifecycle import Status, run_key
    from ml.registry import Registry, list_versions
    from ml.tasks import all_tasks
    from warehouse.connect import connect
    from warehouse.health import must_read_mlflow
    from warehouse.model_tables import last_status

    home = open_home(settings.home)
    if not home.warehouse_file.exists():
        return Versions("nothing was ever run here")
    with connect(home, read_only=True) as con:
        row = last_status(con, task_name)
    must_read_mlflow(home)
    found = list_versions(Registry(home.mlflow_uri, home.mlflow_artifacts), all_tasks()[task_name])
    versions = [
        (
            v["version"],
            v["roles"],
            "" if pd.isna(v["trained_to"]) else f"{v['trained_to']:%Y-%m-%d %H:%M}",
            _promised(v),
            v["reason"] or "",
        )
        for v in found.to_dict("records")
    ]
    if row is None:
        return Versions("not looked at yet: `harken run` does", versions)
    status = Status.from_row(row)
    asked = f"; asks for {run_key(status)}" if status.action else ""
    until = status.memory.get("cooling_until")
    cooling = f" until {pd.Timestamp(until):%Y-%m-%d %H:%M}" if until else ""
    said = f"{status.state.value}{cooling}: {status.reason or 'nothing to tell'}{asked}"
    if status.champion is not None and status.champion not in {version for version, *_ in versions}:
        said += f"; its champion, version {status.champion}, isn't in {home.mlflow / 'mlflow.db'}: bring back a copy"
    return Versions(said, versions)


def _promised(version: Mapping[Any, Any]) -> str:
    """What a version's training promised, with its interval and on how many rows; empty where it isn't known."""
    figures = [version[name] for name in ("pr_auc", "low", "high", "rows")]
    if any(math.isnan(figure) for figure in figures):
        return ""
    return "{:.3f} [{:.3f}, {:.3f}] on {:,.0f} rows".format(*figures)
