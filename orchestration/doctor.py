"""Looks an installation over: what is installed, where things lie, who holds the lock, what is to be mended."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from orchestration.overlay import overlay_of
from orchestration.settings import REPOSITORY, Settings
from warehouse.errors import HarkenError, WarehouseLocked
from warehouse.home import Home

PACKAGES = (
    "dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "catboost", "mlflow", "great-expectations",
    "pandas", "numpy", "scikit-learn", "typer", "rich",
)  # fmt: skip
LEAST_PYTHON = (3, 11)
# A snapshot of the demo takes some 100 MB and the warehouse 1 GB; a full disk while publishing loses the run's work.
LEAST_FREE_BYTES = 2 * 1024**3


@dataclass
class Findings:
    """Rows to show by heading, and one line for each thing to mend."""

    sections: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    to_mend: list[str] = field(default_factory=list)


def examine(settings: Settings) -> Findings:
    """Look without changing anything: a home that isn't there stays so."""
    found = Findings()
    home = Home(settings.home)
    found.sections["versions"] = _versions(found)
    found.sections["paths"] = _paths(home, found)
    try:
        overlay_of(settings)
    except HarkenError as error:
        found.to_mend.append(str(error))
    found.sections["state"] = _state(home, found)
    found.sections["settings (value, where it comes from)"] = [
        (name, settings.shown(name), settings.origins[name]) for name in type(settings).model_fields
    ]
    return found


def _versions(found: Findings) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("python", sys.version.split()[0])]
    if sys.version_info[:2] < LEAST_PYTHON:
        found.to_mend.append(f"Python {sys.version.split()[0]} is too old: use 3.11 or newer")
    for package in PACKAGES:
        try:
            rows.append((package, version(package)))
        except PackageNotFoundError:
            rows.append((package, "missing"))
            found.to_mend.append(f"{package} isn't installed: run `make setup`")
    return rows


def _paths(home: Home, found: Findings) -> list[tuple[str, ...]]:
    named = {
        "home": home.root, "landing": home.landing, "warehouse": home.warehouse_file, "published": home.published,
        "mlflow": home.mlflow, "dagster": home.dagster, "dbt project": REPOSITORY / "dbt_project",
    }  # fmt: skip
    if home.root.exists():
        unusable = [
            p for p in (home.root, home.landing) if p.exists() and not os.access(p, os.R_OK | os.W_OK | os.X_OK)
        ]
        found.to_mend += [f"{path} can't be read and written: check its owner and mode" for path in unusable]
    elif not os.access(_existing(home.root), os.W_OK):
        found.to_mend.append(f"{home.root} can't be made: set HARKEN_HOME to a folder that can be written")
    return [(name, str(path), "" if path.exists() else "not there yet") for name, path in named.items()]


def _state(home: Home, found: Findings) -> list[tuple[str, ...]]:
    from warehouse.health import must_read_mlflow, open_problems
    from warehouse.lock import lock_holder
    from warehouse.publish import current_snapshot

    usage = shutil.disk_usage(_existing(home.root))
    rows: list[tuple[str, ...]] = [("free disk", f"{usage.free / 1024**3:.1f} GiB")]
    if usage.free < LEAST_FREE_BYTES:
        found.to_mend.append(f"only {usage.free / 1024**3:.1f} GiB are free at {home.root}: 2 GiB should be")
    try:
        layout = home.schema_version()
        rows.append(("layout version", str(layout) if layout else "no home yet"))
        rows.append(("writer's lock", lock_holder(home) or "free"))
        snapshot = current_snapshot(home) if home.root.exists() else None
        rows.append(("current snapshot", snapshot.id if snapshot else "nothing published yet"))
        if snapshot:
            stale = sorted(name for name, table in snapshot.tables.items() if table.get("carried_from"))
            rows.append(("stale tables", ", ".join(stale) or "none"))
            if stale:
                found.to_mend.append(f"stale: {', '.join(stale)}; published.availability says why")
        must_read_mlflow(home)
        found.to_mend += open_problems(home)
    except WarehouseLocked:
        rows.append(("files and runs", "not looked at: a run is writing"))
    except HarkenError as error:
        found.to_mend.append(str(error))
    return rows


def _existing(path: Path) -> Path:
    """The nearest folder that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
