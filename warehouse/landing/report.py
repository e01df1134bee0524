"""What became of each file: the words that people read, and the values that `landing.files` keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Status = Literal[
    "landed",  # all its rows are in the warehouse
    "rejected",  # nothing of it is; it lands when it changes
    "duplicate",  # the same content as its latest landed version
    "known",  # settled by an earlier run and unchanged since
    "still rejected",  # rejected by an earlier run, and still there unchanged
    "waiting",  # still being written: the next run looks again
    "unreadable",  # the system doesn't let us read it: the next run tries again
    "unknown",  # no contract, or no format, for it
]

LEFT_ASIDE: tuple[Status, ...] = ("waiting", "unreadable", "unknown")
MASKED_LENGTH = 200


@dataclass(frozen=True)
class Reject:
    """One line that couldn't be read. `line` counts from 1, the header included; `content` is masked."""

    line: int
    reason: str
    content: str


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file (or of a folder that couldn't be read, whose `name` is then empty)."""

    source: str
    entity: str
    name: str
    path: Path
    status: Status
    reason: str | None = None
    batch_id: int | None = None
    rows: int = 0
    rejected_lines: int = 0

    def line(self) -> str:
        """One line for people."""
        where = "/".join(part for part in (self.source, self.entity, self.name) if part)
        if self.status == "landed":
            lost = f", {counted(self.rejected_lines, 'line')} rejected ({self.reason})" if self.rejected_lines else ""
            return f"{where}: {counted(self.rows, 'row')} landed{lost}"
        return f"{where}: {self.status}: {self.reason}"


@dataclass
class LandingReport:
    """All that one landing did, in landing order."""

    run_id: str
    files: list[FileOutcome] = field(default_factory=list)

    def of(self, *statuses: Status) -> list[FileOutcome]:
        return [outcome for outcome in self.files if outcome.status in statuses]

    @property
    def landed(self) -> list[FileOutcome]:
        return self.of("landed")

    @property
    def rejected(self) -> list[FileOutcome]:
        return self.of("rejected")

    @property
    def rows(self) -> int:
        return sum(outcome.rows for outcome in self.landed)

    @property
    def rejected_lines(self) -> int:
        return sum(outcome.rejected_lines for outcome in self.files if outcome.status in ("landed", "rejected"))

    def rows_by_entity(self) -> dict[tuple[str, str], int]:
        """Rows landed by (source, entity)."""
        counts: Counter[tuple[str, str]] = Counter()
        for outcome in self.landed:
            counts[outcome.source, outcome.entity] += outcome.rows
        return dict(counts)

    def summary(self) -> str:
        """The landing in a phrase: "3 files landed, 1 rejected, 12 known before"."""
        words = {
            "landed": "landed",
            "duplicate": "sent again unchanged",
            "rejected": "rejected",
            "still rejected": "rejected before and still there",
            "known": "known before",
        }
        parts = [f"{len(self.of(status))} {text}" for status, text in words.items() if self.of(status)]  # type: ignore[arg-type]
        left = len(self.of(*LEFT_ASIDE))
        if left:
            parts.append(f"{left} left aside")
        return "files: " + (", ".join(parts) or "none")

    def messages(self) -> list[str]:
        """One line for each file that didn't land whole, for the log and the summary."""
        return [
            o.line() for o in self.files if o.rejected_lines or o.status in ("rejected", "still rejected", *LEFT_ASIDE)
        ]


def counted(number: int, what: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def masked(text: str) -> str:
    """Personal data out of a text, its shape kept: letters become x, digits 9; cut at 200 characters."""
    return "".join(
        "x" if character.isalpha() else "9" if character.isdigit() else character for character in text[:MASKED_LENGTH]
    )
