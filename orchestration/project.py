"""The dbt project as Harken sees it: its files' fingerprint and its manifest, parsed once for each state of the code.

The manifest lies in `$HARKEN_HOME/dbt/target/<hash of the project's files>/`, so that loading the definitions reads a
file, and an edited model can't meet a manifest of the time before. Nothing here runs a model.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from orchestration.overlay import Overlay
from orchestration.standing_views import standing_views
from warehouse.errors import HarkenError
from warehouse.home import Home

DBT_SUFFIXES = frozenset({".sql", ".yml", ".yaml", ".csv", ".py"})
# Bump it when a change outside dbt_project/ alters what the tables hold.
BUILD_VERSION = "1"


class ProjectError(HarkenError):
    """The dbt project can't be parsed; the message is dbt's, in one line."""


@dataclass(frozen=True)
class Project:
    """One dbt project folder, used from one home, with the sources of an overlay where there is one.

    dbt then reads a copy in the home that holds the files of both: an overlay needs no installation and no network,
    and its models are built, tested, tagged and shown as Harken's own.
    """

    folder: Path
    home: Home
    overlay: Overlay | None = None

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
        if self.overlay is not None:
            digest.update(repr(self.overlay.lines).encode() + self.overlay.contracts.fingerprint().encode())
            for file, place in self.overlay.files():
                digest.update(str(place).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    @cached_property
    def root(self) -> Path:
        """The folder that dbt reads."""
        if self.overlay is None:
            return self.folder
        root = self.home.dbt_projects / self.fingerprint
        if not root.exists():
            with _drafted(root) as draft:
                shutil.copytree(self.folder, draft, ignore=shutil.ignore_patterns("target", "logs"), dirs_exist_ok=True)
                self.overlay.lay_into(draft)
            _forget_older(self.home.dbt_projects, root)
        return root

    @property
    def target(self) -> Path:
        return self.home.dbt_target / self.fingerprint

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The parsed project as plain data; parsed now when there is none for this state of the code."""
        return json.loads(self.manifest_path().read_text(encoding="utf-8"))

    @cached_property
    def standing_views(self) -> frozenset[str]:
        """The views whose SQL is the same in every run of this state of the code."""
        return standing_views(self.manifest)

    @cached_property
    def order(self) -> dict[str, int]:
        """Unique id -> its place in an order in which everything comes after what it is built from."""
        parents: dict[str, list[str]] = self.manifest["parent_map"]
        return {unique_id: place for place, unique_id in enumerate(TopologicalSorter(parents).static_order())}

    def manifest_path(self) -> Path:
        """Path of manifest.json, parsing the project where it is missing (a few seconds)."""
        path = self.target / "manifest.json"
        if not path.exists():
            self._parse()
        return path

    def arguments(self, target: Path | None = None) -> list[str]:
        """dbt's arguments that say where everything lies."""
        return [
            "--project-dir", str(self.root), "--profiles-dir", str(self.root),
            "--target-path", str(target or self.target), "--log-path", str(self.home.dbt_logs),
        ]  # fmt: skip

    def _parse(self) -> None:
        from dbt.cli.main import dbtRunner

        with _drafted(self.target) as draft:
            outcome = dbtRunner().invoke(
                ["--log-level", "none", "--log-level-file", "info", "parse", *self.arguments(draft)]
            )
            if not outcome.success:
                which = f"{self.folder} with the overlay {self.overlay.folder}" if self.overlay else str(self.folder)
                fault = " ".join(str(outcome.exception).split())
                raise ProjectError(f"the dbt project {which} can't be parsed: {fault}")
        _forget_older(self.home.dbt_target, self.target)


@contextmanager
def _drafted(target: Path) -> Iterator[Path]:
    """A folder made aside and renamed: webserver, daemon and run may all find it missing at once."""
    draft = target.parent / f".{target.name}.{os.getpid()}"
    draft.mkdir(parents=True, exist_ok=True)
    try:
        yield draft
        if not target.exists():
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _forget_older(folder: Path, used: Path, keep: int = 3) -> None:
    """Delete the states of the code but the newest few."""
    states = [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    for old in sorted(states, key=lambda p: p.stat().st_mtime, reverse=True)[keep:]:
        if old != used:
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
