"""Keeping files named by hand in the landing folder, which is the record of everything that came."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

from warehouse.errors import HarkenError
from warehouse.home import Home


def keep(home: Home, source: str, entity: str, file: Path) -> Path:
    """Copy `file` into the landing folder, whole or not at all, and return the copy's path.

    A file that lies there already stays; one of the same name with other content gets a number before its name, so
    that nothing that came is overwritten. Raises HarkenError where it can't be copied.
    """
    folder = home.landing / source / entity
    file = file.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file.parent == folder.resolve():
            return file
        target = _free_name(folder, file)
        if not target.exists():
            draft = folder / f".{target.name}.{os.getpid()}.part"
            shutil.copy2(file, draft)
            draft.replace(target)
    except OSError as error:
        raise HarkenError(f"{file} can't be copied to {folder}: {error.strerror or error}") from error
    return target


def _free_name(folder: Path, file: Path) -> Path:
    target, number = folder / file.name, 2
    while target.exists() and not filecmp.cmp(file, target, shallow=False):
        target, number = folder / f"{number}-{file.name}", number + 1
    return target
