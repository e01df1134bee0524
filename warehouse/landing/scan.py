"""What lies in the landing folder: files in landing order, and what has to be left aside."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse.contracts import Contracts, Entity
from warehouse.home import Home
from warehouse.landing.report import FileOutcome
from warehouse.landing.survey import FORMATS, file_format

# Names that programs give to files they haven't finished.
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~")


@dataclass(frozen=True)
class Candidate:
    """A file to be settled. `modified_at` is UTC without zone, to the microsecond, as `landing.files` keeps it."""

    entity: Entity
    path: Path
    name: str
    modified_at: datetime
    size: int

    def outcome(self, status: str, reason: str | None = None, **counts: int) -> FileOutcome:
        return FileOutcome(self.entity.source, self.entity.name, self.name, self.path, status, reason, **counts)  # type: ignore[arg-type]

    def unchanged(self) -> bool:
        """Whether the file on disk still has the size and time it was found with."""
        return _measure(self.path) == (self.modified_at, self.size)


def scan(
    home: Home, contracts: Contracts, only: Collection[tuple[str, str]] | None = None
) -> tuple[list[Candidate], list[FileOutcome]]:
    """All files of `landing/<source>/<entity>/` in landing order, and what can't be looked at, each with its reason.

    Landing order is the order of arrival: by modification time, then by the contract's order of entities, then by name.
    Versions of a row are ordered by it, so it must not depend on which folder the system lists first.
    """
    found: list[Candidate] = []
    aside: list[FileOutcome] = []
    order = {(entity.source, entity.name): place for place, entity in enumerate(contracts)}
    for source in _listing(home.landing, "", "", aside, folders=True):
        known = contracts.sources.get(source.name)
        if known is None:
            names = ", ".join(sorted(contracts.sources))
            reason = f"no contract for this source: known are {names}"
            aside.append(FileOutcome(_readable(source.name), "", "", source, "unknown", reason))
            continue
        for folder in _listing(source, source.name, "", aside, folders=True):
            if only is not None and (source.name, folder.name) not in only:
                continue
            if folder.name not in known:
                reason = "no such entity in the source's contract"
                aside.append(FileOutcome(source.name, _readable(folder.name), "", folder, "unknown", reason))
                continue
            files = _listing(folder, source.name, folder.name, aside, folders=False)
            candidates, left = measure(known[folder.name], files)
            found += candidates
            aside += left
    found.sort(key=lambda c: (c.modified_at, order[c.entity.source, c.entity.name], c.name))
    return found, aside


def measure(entity: Entity, files: Iterable[Path]) -> tuple[list[Candidate], list[FileOutcome]]:
    """Candidates for files of one entity, in the order given, and those that are none."""
    found: list[Candidate] = []
    aside: list[FileOutcome] = []
    for path in files:
        try:
            modified_at, size = _measure(path)
        except OSError as error:
            aside.append(_unreadable(entity.source, entity.name, path.name, path, error))
            continue
        if not stat.S_ISREG(path.stat().st_mode):
            reason = "not a regular file"
            aside.append(FileOutcome(entity.source, entity.name, _readable(path.name), path, "unknown", reason))
            continue
        if _readable(path.name) != path.name:
            reason = "its name isn't UTF-8: rename it"
            aside.append(FileOutcome(entity.source, entity.name, _readable(path.name), path, "unreadable", reason))
            continue
        candidate = Candidate(entity, path, path.name, modified_at, size)
        if path.name.lower().endswith(UNFINISHED):
            aside.append(candidate.outcome("waiting", "still being written: its name says so"))
        elif file_format(path.name) is None:
            aside.append(candidate.outcome("unknown", f"no known format: {', '.join(FORMATS)} are"))
        else:
            found.append(candidate)
    return found, aside


def _listing(folder: Path, source: str, entity: str, aside: list[FileOutcome], folders: bool) -> list[Path]:
    """Sub-folders or files, sorted by name; hidden ones are nobody's business. A folder that can't be read is told."""
    try:
        with os.scandir(folder) as entries:
            paths = sorted(Path(entry.path) for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        aside.append(_unreadable(source, entity, "", folder, error))
        return []
    chosen = []
    for path in paths:
        name = _readable(path.name)
        names = (source, entity, name) if entity else (source or name, name if source else "", "")
        try:
            if stat.S_ISDIR(path.stat().st_mode) == folders:
                chosen.append(path)
            else:
                aside.append(
                    FileOutcome(*names, path, "unknown", "files are read from landing/<source>/<entity>/ only")
                )
        except OSError as error:
            aside.append(_unreadable(*names, path, error))
    return chosen


def _unreadable(source: str, entity: str, name: str, path: Path, error: OSError) -> FileOutcome:
    reason = f"can't be read: {error.strerror or error}: {_readable(str(path))}"
    return FileOutcome(_readable(source), _readable(entity), _readable(name), path, "unreadable", reason)


def _readable(name: str) -> str:
    """A name as text that can be stored: bytes that aren't UTF-8 are written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _measure(path: Path) -> tuple[datetime, int]:
    found = path.stat()
    modified = datetime.fromtimestamp(found.st_mtime_ns // 1_000_000_000, UTC)
    return modified.replace(microsecond=found.st_mtime_ns // 1000 % 1_000_000, tzinfo=None), found.st_size
