"""What a simulation writes is written aside and moved into place when all of it is there.

Half a simulation lies in a hidden folder of the landing folder, which nobody reads, and in one of the truth's. Once
everything is written, the latter is renamed to WHOLE. From then on there is no way back: files are moved into place,
the state last, and whoever finds WHOLE after a crash goes on moving. So a simulation that was killed leaves either
nothing or, as soon as anything is simulated here again, all of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UNDER_WAY, WHOLE = ".simulating", ".simulated"
STATE = "state"


@dataclass(frozen=True)
class Staging:
    """The folders aside of a landing folder and of a truth folder."""

    out: Path
    truth_in_place: Path

    @property
    def landing(self) -> Path:
        return self.out / UNDER_WAY

    @property
    def truth(self) -> Path:
        return self.truth_in_place / UNDER_WAY

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Begin with empty folders; at the end all goes into place, after an error nothing does."""
        self._discard()
        self.landing.mkdir(parents=True)
        self.truth.mkdir(parents=True)
        try:
            yield
        except BaseException:
            self._discard()
            raise
        self.truth.rename(self.truth_in_place / WHOLE)
        self.finish()

    def in_place(self, path: Path) -> Path:
        """Where a landing file written aside will be."""
        return self.out / path.relative_to(self.landing)

    def finish(self) -> bool:
        """Move a whole simulation into place; false where none is waiting for it. May be cut off and done again."""
        whole = self.truth_in_place / WHOLE
        if not whole.is_dir():
            return False
        for path in sorted(self.landing.rglob("*")):
            if path.is_file():
                target = self.in_place(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        shutil.rmtree(self.landing, ignore_errors=True)
        for path in sorted(whole.iterdir()):
            if path.name != STATE:
                path.replace(self.truth_in_place / path.name)
        if (whole / STATE).is_dir():
            if (self.truth_in_place / STATE).exists():
                shutil.rmtree(self.truth_in_place / STATE)
            (whole / STATE).rename(self.truth_in_place / STATE)
        whole.rmdir()
        return True

    def _discard(self) -> None:
        shutil.rmtree(self.landing, ignore_errors=True)
        shutil.rmtree(self.truth, ignore_errors=True)
