"""What the test processes of one session share: made by the first that needs it, used by all.

folder = once("parsed", lambda draft: (draft / "file").write_text("dear to make"))
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

# Set by the fixture `shared_root` before the first test.
_root: Path | None = None


def set_root(folder: Path) -> None:
    global _root
    _root = folder


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name; `make` fills an empty one where it isn't there yet. The others wait meanwhile."""
    assert _root is not None, "shared_root didn't run"
    folder, draft = _root / name, _root / f"{name}.draft"
    with (_root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


def scratch() -> Path:
    """An empty folder of this session."""
    assert _root is not None, "shared_root didn't run"
    return Path(tempfile.mkdtemp(dir=_root))
