"""The dbt project as Harken sees it: its files' fingerprint and its manifest, parsed once for each state of the code.

The manifest lies in `$HARKEN_HOME/dbt/target/<hash of the project's files>/`, so that loading the definitions reads a
file, and an edited model can't meet a manifest of the time before. Nothing here runs a model.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from warehouse.errors import HarkenError
from warehouse.home import Home

DBT_SUFFIXES = frozenset({".sql", ".yml", ".yaml", ".csv", ".py"})
# Bump it when a change outside dbt_project/ alters what the tables hold.
BUILD_VERSION = "1"


class ProjectError(HarkenError):
    """The dbt project can't be parsed; the message is dbt's, in one line."""


@dataclass(frozen=True)
class Project:
    """One dbt project folder, used from one home."""

    folder: Path
    home: Home

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything dbt reads, and of dbt's own version."""
        from importlib.metadata import version

        digest = hashlib.sha256()
        digest.update(f"{BUILD_VERSION} {version('dbt-core')} {version('dbt-duckdb')}".encode())
        for file in sorted(self.folder.rglob("*")):
            inside = file.relative_to(self.folder)
            if file.suffix in DBT_SUFFIXES and inside.parts[0] not in {"target", "logs"} and file.is_file():
                digest.update(str(inside).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    @property
    def target(self) -> Path:
        return self.home.dbt_target / self.fingerprint

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The parsed project as plain data; parsed now when there is none for this state of the code."""
        return json.loads(self.manifest_path().read_text(encoding="utf-8"))

    def manifest_path(self) -> Path:
        """Path of manifest.json, parsing the project where it is missing (a few seconds)."""
        path = self.target / "manifest.json"
        if not path.exists():
            self._parse()
        return path

    def arguments(self, target: Path | None = None) -> list[str]:
        """dbt's arguments that say where everything lies."""
        return [
            "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
            "--target-path", str(target or self.target), "--log-path", str(self.home.dbt_logs),
        ]  # fmt: skip

    def _parse(self) -> None:
        from dbt.cli.main import dbtRunner

        # Parsed aside and renamed: webserver, daemon and run may all find it missing at once.
        draft = self.home.dbt_target / f".{self.fingerprint}.{os.getpid()}"
        draft.mkdir(parents=True, exist_ok=True)
        try:
            outcome = dbtRunner().invoke(
                ["--log-level", "none", "--log-level-file", "info", "parse", *self.arguments(draft)]
            )
            if not outcome.success:
                raise ProjectError(f"the dbt project {self.folder} can't be parsed: {outcome.exception}")
            if not self.target.exists():
                draft.rename(self.target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._forget_older()

    def _forget_older(self, keep: int = 3) -> None:
        targets = [p for p in self.home.dbt_target.iterdir() if p.is_dir() and not p.name.startswith(".")]
        for old in sorted(targets, key=lambda p: p.stat().st_mtime, reverse=True)[keep:]:
            if old != self.target:
                shutil.rmtree(old, ignore_errors=True)


def nodes_tagged(manifest: dict[str, Any], tag: str) -> list[str]:
    """Unique ids of the models, seeds and snapshots that carry a tag."""
    kinds = {"model", "seed", "snapshot"}
    return sorted(
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in kinds and tag in node.get("tags", [])
    )


def relation_of(node: dict[str, Any]) -> str:
    """`schema.table` of a node."""
    return f"{node['schema']}.{node.get('alias') or node['name']}"


def descendants(manifest: dict[str, Any], unique_ids: set[str]) -> set[str]:
    """These nodes and everything built from them, however far."""
    found: set[str] = set()
    queue = list(unique_ids)
    while queue:
        node = queue.pop()
        if node not in found:
            found.add(node)
            queue.extend(manifest["child_map"].get(node, []))
    return found
