"""Where a task's model stands, for the command line: read from the registry and the warehouse, nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    from orchestration.definitions import all_tasks
    from warehouse.connect import connect
    from warehouse.model_tables import last_status

    home = open_home(settings.home)
    if not home.warehouse_file.exists():
        return Versions("nothing was ever run here")
    with connect(home, read_only=True) as con:
        row = last_status(con, task_name)
    found = list_versions(Registry(home.mlflow_uri, home.mlflow_artifacts), all_tasks()[task_name])
    versions = [
        (
            v["version"],
            v["roles"],
            "" if pd.isna(v["trained_to"]) else f"{v['trained_to']:%Y-%m-%d %H:%M}",
            "" if pd.isna(v["pr_auc"]) else f"{v['pr_auc']:.3f}",
            v["reason"] or "",
        )
        for v in found.to_dict("records")
    ]
    if row is None:
        return Versions("not looked at yet: `harken run` does", versions)
    status = Status.from_row(row)
    asked = f"; asks for {run_key(status)}" if status.action else ""
    return Versions(f"{status.state.value}: {status.reason or 'nothing to tell'}{asked}", versions)
