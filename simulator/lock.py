"""One simulation at a time in a folder, held by a lock that the kernel frees with its process, kill -9 included."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# who holds it in this process may ask again
_held: set[Path] = set()


@contextmanager
def alone(truth: Path) -> Iterator[None]:
    """Be the only one to simulate into `truth`, which is created where it is missing.

    Raises ValueError that names the process at work where another one is.
    """
    truth.mkdir(parents=True, exist_ok=True)
    path = truth.resolve() / ".lock"
    if path in _held:
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = path.read_text(encoding="utf-8").strip()
            raise ValueError(
                f"{truth}: {f'process {who}' if who else 'another process'} is simulating here; wait until it ends"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        _held.add(path)
        yield
    finally:
        _held.discard(path)
        os.close(descriptor)
