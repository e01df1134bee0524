"""What a run tells the person at the terminal: one line a step, with rows and seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class StepLine:
    """One step as it is shown. `rows` is what it wrote; `note` what else is worth a word."""

    name: str
    rows: int | None = None
    note: str = ""
    seconds: float = 0.0
    failed: str = ""

    def __str__(self) -> str:
        rows = f"{self.rows:>12,} rows" if self.rows is not None else " " * 17
        return f"{self.name:<28}{rows}{self.seconds:>8.1f} s  {self.failed or self.note}".rstrip()


@dataclass
class Report:
    """Collects the steps of a run and passes each line on as it comes. Silent without a `tell`."""

    tell: Callable[[str], None] = lambda line: None
    steps: list[StepLine] = field(default_factory=list)

    def step_done(self, line: StepLine) -> None:
        self.steps.append(line)
        self.tell(("[fail] " if line.failed else "[ ok ] ") + str(line))

    def say(self, text: str) -> None:
        self.tell(f"       {text}")
