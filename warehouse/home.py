"""The state folder (HARKEN_HOME): where everything lies, and which version of the layout it has."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import HomeError

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Home:
    """Paths of one state folder. Building it touches nothing; `create` makes the folders and `open_home` does both."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def warehouse_file(self) -> Path:
        return self.warehouse / "harken.duckdb"

    @property
    def lock_file(self) -> Path:
        return self.warehouse / "writer.lock"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def snapshots(self) -> Path:
        return self.published / "snapshots"

    @property
    def current(self) -> Path:
        """The symlink that readers resolve once, before they open a file behind it."""
        return self.published / "current"

    @property
    def mlflow(self) -> Path:
        return self.root / "mlflow"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.mlflow / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> Path:
        return self.mlflow / "artifacts"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def dbt_target(self) -> Path:
        return self.dbt / "target"

    @property
    def dbt_projects(self) -> Path:
        """The dbt project with an overlay's files, one folder for each state of the two."""
        return self.dbt / "projects"

    @property
    def dbt_logs(self) -> Path:
        return self.dbt / "logs"

    @property
    def checks(self) -> Path:
        return self.root / "checks"

    @property
    def monitoring(self) -> Path:
        """The page of each task and day."""
        return self.root / "monitoring"

    @property
    def truth(self) -> Path:
        return self.root / "truth"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def settings_file(self) -> Path:
        return self.root / "harken.toml"

    @property
    def version_file(self) -> Path:
        return self.root / "home.json"

    def folders(self) -> tuple[Path, ...]:
        """Every folder of the layout, parents first."""
        return (
            self.root, self.landing, self.warehouse, self.published, self.snapshots, self.mlflow,
            self.mlflow_artifacts, self.dagster, self.dbt, self.dbt_target, self.dbt_projects, self.dbt_logs,
            self.checks, self.monitoring, self.truth, self.logs,
        )  # fmt: skip

    def create(self) -> Home:
        """Make the folders and the version file; safe to repeat. Raises HomeError on a newer or unusable home."""
        version = self.schema_version()
        if version is not None and version > SCHEMA_VERSION:
            raise HomeError(
                f"{self.root} was written by a newer Harken (layout {version}, this one knows {SCHEMA_VERSION}): "
                "update Harken, or set HARKEN_HOME to another folder"
            )
        try:
            for folder in self.folders():
                folder.mkdir(parents=True, exist_ok=True)
            if version is None:
                draft = self.version_file.with_suffix(f".{os.getpid()}.tmp")
                draft.write_text(json.dumps({"schema_version": SCHEMA_VERSION}) + "\n", encoding="utf-8")
                draft.replace(self.version_file)
        except OSError as error:
            raise HomeError(f"{self.root} can't be used as HARKEN_HOME: {error.strerror}: {error.filename}") from error
        return self

    def schema_version(self) -> int | None:
        """The layout version of an existing home; None where there is none yet."""
        try:
            text = self.version_file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            return int(json.loads(text)["schema_version"])
        except (ValueError, KeyError, TypeError) as error:
            raise HomeError(
                f'{self.version_file} is damaged: it should read {{"schema_version": {SCHEMA_VERSION}}}'
            ) from error


def open_home(root: Path | str) -> Home:
    """The home at `root` (made absolute, so that a later change of folder doesn't move it), created where missing."""
    path = Path(root).expanduser().resolve()
    if set(str(path)) & set("*?["):
        raise HomeError(f"{path}: a home's path can't hold *, ? or [, which DuckDB takes for patterns")
    return Home(path).create()
