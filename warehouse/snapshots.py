"""Published snapshots on disk: finding them, switching between them, letting old ones go.

    published/snapshots/<id>/manifest.json      written last within a draft: a snapshot is whole or not there
    published/snapshots/<id>/harken.duckdb      every table, in the schema `published`
    published/snapshots/<id>/<table>.parquet    or <table>/month=YYYY-MM.parquet for partitioned tables
    published/current -> snapshots/<id>         swapped in one step

How to read without ever seeing two runs at once: **resolve the symlink once** (`readlink -f published/current`, or
`current_snapshot`), then open everything below the folder that it gave. A path through `current` is resolved again by
each open, so that two files may come from two runs; and DuckDB keeps a file that it has opened under a path, so that a
process that stays open sees the old one until it closes it. A snapshot never changes, and it outlives its successor.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.errors import PublishError
from warehouse.home import Home
from warehouse.lock import writer_lock

# Hidden names hold what isn't (or no longer) a snapshot; a kill leaves nothing else behind.
DRAFT = ".draft-"
TRASH = ".trash-"
# Whoever resolved the symlink just before a swap goes on reading; queries of BI tools end within the hour.
GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot; `manifest` as it stands in manifest.json."""

    id: str
    path: Path
    manifest: dict[str, Any]
    current: bool = False

    @property
    def created_at(self) -> datetime:
        """When it was published (UTC, wall clock)."""
        return datetime.fromisoformat(self.manifest["created_at"])

    @property
    def clock(self) -> datetime | None:
        """The moment as of which its tables are (UTC), where the run had one."""
        clock = self.manifest.get("clock")
        return datetime.fromisoformat(clock) if clock else None

    @property
    def run_id(self) -> str:
        return str(self.manifest["run_id"])

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return dict(self.manifest["tables"])

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.tables.values())

    @property
    def duckdb_file(self) -> Path:
        return self.path / "harken.duckdb"


def list_snapshots(home: Home) -> list[Snapshot]:
    """All snapshots that can be read, oldest first."""
    now = _current_id(home)
    found = []
    for manifest in home.snapshots.glob("[!.]*/manifest.json"):
        # A damaged snapshot must not stand in the way of the others; whoever names it is told.
        with contextlib.suppress(PublishError):
            found.append(_read(manifest.parent, manifest.parent.name == now))
    return sorted(found, key=lambda snapshot: (snapshot.created_at, snapshot.id))


def current_snapshot(home: Home) -> Snapshot | None:
    """The snapshot that readers get now, its path free of symlinks; None before the first one."""
    name = _current_id(home)
    return _read(home.snapshots / name, True) if name else None


def rollback(home: Home, snapshot_id: str | None = None) -> Snapshot:
    """Make an earlier snapshot the current one: the one named, or the one before the current.

    Nothing is deleted, so that one can go forward again by name. Raises PublishError where there is none such.
    """
    with writer_lock(home, "rollback"):
        snapshots = {snapshot.id: snapshot for snapshot in list_snapshots(home)}
        target = _named(snapshot_id, snapshots) if snapshot_id else _before_current(list(snapshots.values()))
        if target is None:
            raise PublishError("there is no earlier snapshot to roll back to")
        if target not in snapshots:
            raise PublishError(f"there is no snapshot {target}: there are {', '.join(snapshots) or 'none'}")
        make_current(home, target)
        return _read(snapshots[target].path, True)


def _named(given: str, snapshots: Iterable[str]) -> str:
    """The snapshot of this id, or the only one whose id begins so."""
    beginning = [name for name in snapshots if name.startswith(given)]
    return beginning[0] if len(beginning) == 1 else given


def make_current(home: Home, snapshot_id: str) -> None:
    """Point `current` at a snapshot in one step that survives a power cut."""
    link = home.published / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("snapshots") / snapshot_id)
    link.replace(home.current)
    sync_folder(home.published)


def prune(home: Home, keep_count: int, keep_days: float, grace: timedelta = GRACE) -> list[str]:
    """Delete snapshots that are neither among the newest `keep_count` nor younger than `keep_days`; gives their ids.

    The current one always stays, and so does the one before it (a rollback needs it), and any that was the current
    one within `grace`.
    """
    snapshots = list_snapshots(home)
    now = datetime.now(UTC).replace(tzinfo=None)
    kept = {snapshot.id for snapshot in snapshots[-keep_count:]}
    kept |= {snapshot.id for snapshot in snapshots if snapshot.created_at > now - timedelta(days=keep_days)}
    kept |= {snapshot.id for snapshot in snapshots if snapshot.current}
    kept.add(_before_current(snapshots) or "")
    kept |= {snapshot.id for snapshot, successor in itertools.pairwise(snapshots) if successor.created_at > now - grace}
    gone = [snapshot for snapshot in snapshots if snapshot.id not in kept]
    for snapshot in gone:
        # Out of the listing first, so that a kill halfway leaves no half snapshot.
        trash = home.snapshots / f"{TRASH}{snapshot.id}"
        snapshot.path.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
    return [snapshot.id for snapshot in gone]


def clear_debris(home: Home) -> None:
    """Remove what a killed publication left. Call under the writer's lock."""
    for path in home.snapshots.iterdir():
        if path.name.startswith((DRAFT, TRASH)):
            shutil.rmtree(path, ignore_errors=True)
    for link in home.published.glob(".current-*"):
        link.unlink()


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _before_current(snapshots: list[Snapshot]) -> str | None:
    """What the current snapshot replaced; where that is gone, the newest one older than the current."""
    now = next((snapshot for snapshot in snapshots if snapshot.current), None)
    if now is None:
        return snapshots[-1].id if snapshots else None
    ids = [snapshot.id for snapshot in snapshots]
    if now.manifest.get("previous") in ids:
        return str(now.manifest["previous"])
    older = ids[: ids.index(now.id)]
    return older[-1] if older else None


def _current_id(home: Home) -> str | None:
    try:
        return home.current.readlink().name
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PublishError(f"{home.current} isn't a symlink to a snapshot: move it away and roll back") from error


def _read(path: Path, current: bool) -> Snapshot:
    manifest = path / "manifest.json"
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        missing = {"created_at", "run_id", "tables"} - set(found)
        if missing:
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
        return Snapshot(path.name, path.resolve(), found, current)
    except (OSError, ValueError, TypeError) as error:
        raise PublishError(
            f"{manifest} can't be read ({error}): delete this snapshot or roll back to another"
        ) from error
