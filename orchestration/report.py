"""What a run tells the person at the terminal: one line a step, with rows and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from warehouse.errors import HarkenError, was_interrupt

STOPPED = "stopped"


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
    """Collects the steps of a run and passes each line on as it comes. Silent without a `tell`.

    `facts` holds what the steps found, for each other and for the summary.
    """

    tell: Callable[[str], None] = lambda line: None
    steps: list[StepLine] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Forget the lines and findings of a former run. Who holds them goes on holding them: they are made anew."""
        self.steps, self.facts = [], {}

    @property
    def stopped(self) -> bool:
        """Whether a signal ended a step."""
        return any(line.failed == STOPPED for line in self.steps)

    @contextmanager
    def step(self, name: str) -> Iterator[StepLine]:
        """Time a step and tell its line when it ends; one that raises is told as failed, with the cause in a line.

        Raises KeyboardInterrupt where DuckDB made an ordinary error of an interrupt: else the next step would follow.
        """
        line = StepLine(name)
        started = time.monotonic()
        try:
            yield line
        except Exception as error:
            if was_interrupt(error):
                line.failed = STOPPED
                raise KeyboardInterrupt from error
            line.failed = one_line(error)
            raise
        except BaseException:
            line.failed = STOPPED
            raise
        finally:
            line.seconds = time.monotonic() - started
            self.steps.append(line)
            self.tell(("[fail] " if line.failed else "[ ok ] ") + str(line))

    def say(self, text: str) -> None:
        """A line beside the steps."""
        self.tell(f"       {text}")


def one_line(error: BaseException) -> str:
    """The cause of an error as one line a person can act on."""
    cause: BaseException = error
    while not isinstance(cause, HarkenError) and cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, HarkenError):
        return str(cause)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
