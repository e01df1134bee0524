"""The one writer of the warehouse, held by a lock that the kernel frees when its process dies, kill -9 included."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse.errors import WarehouseLocked
from warehouse.home import Home

_POLL_SECONDS = 0.1
# Who only looks whether the lock is free holds it for an instant.
_LOOK_SECONDS = 0.3


@dataclass
class _Held:
    descriptor: int
    depth: int


# The lock belongs to the process: a step that runs inside a job which already holds it goes on (depth + 1).
_held: dict[Path, _Held] = {}
_guard = threading.RLock()


def _forget_in_child() -> None:
    """A forked child shares the parent's lock and would keep it after the parent's death: let go of it there."""
    for held in _held.values():
        os.close(held.descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


@contextmanager
def writer_lock(home: Home, holder: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the warehouse for writing. `holder` is what others are told, such as "harken run".

    Re-entrant within a process. Raises WarehouseLocked, naming the pid and the job of the holder, when the lock isn't
    free within `wait_seconds`.
    """
    path = home.lock_file
    _take(path, holder, wait_seconds)
    try:
        yield
    finally:
        _release(path)


def lock_holder(home: Home, *, besides_us: bool = False) -> str | None:
    """Who holds the lock now ("pid 12 (harken run) since …"), or None where it is free (or ours, `besides_us`)."""
    path = home.lock_file
    with _guard:
        if path in _held:
            return None if besides_us else _describe(path)
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _describe(path)
    finally:
        os.close(descriptor)
    return None


def _take(path: Path, holder: str, wait_seconds: float) -> None:
    deadline = time.monotonic() + max(wait_seconds, _LOOK_SECONDS)
    while True:
        with _guard:
            if path in _held:
                _held[path].depth += 1
                return
            descriptor = _try_lock(path)
            if descriptor is not None:
                note = {"pid": os.getpid(), "holder": holder, "since": datetime.now(UTC).isoformat(timespec="seconds")}
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, json.dumps(note).encode(), 0)
                _held[path] = _Held(descriptor, 1)
                return
        if time.monotonic() >= deadline:
            raise WarehouseLocked(
                f"the warehouse is in use by {_describe(path)}: wait until it ends, or stop it, and run again"
            )
        time.sleep(_POLL_SECONDS)


def _try_lock(path: Path) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _release(path: Path) -> None:
    with _guard:
        held = _held.get(path)
        if held is None:  # a forked child leaves the block of its parent
            return
        held.depth -= 1
        if held.depth == 0:
            del _held[path]
            os.close(held.descriptor)


def _describe(path: Path) -> str:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return f"pid {note['pid']} ({note['holder']}) since {note['since']}"
    except (ValueError, KeyError, OSError):
        # Between the holder's lock and its note there is an instant without a name.
        return "another process"
