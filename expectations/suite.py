"""Finding a task's suite by the task's name. Nothing is registered: a module in `suites/` is enough."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from expectations.checks import Checks
from expectations.evidence import Evidence

PACKAGES = ("expectations.suites",)


class SuiteMissing(LookupError):
    """A task without a suite: nothing may be trained on features nobody checks."""


@dataclass(frozen=True)
class Suite:
    """`checks` lists the checks for given evidence; `shown` names columns whose categories may be shown as they are."""

    task: str
    checks: Callable[[Evidence], Checks]
    shown: tuple[str, ...] = ()


def suite_for(task: str, packages: Sequence[str] = PACKAGES) -> Suite:
    """The suite of `task`, from the first of `packages` that has a module of its name.

    The module holds `checks(evidence)` and, if categories may be shown, `SHOWN`. Raises SuiteMissing.
    """
    for package in packages:
        name = f"{package}.{task}"
        if importlib.util.find_spec(name) is not None:
            module = importlib.import_module(name)
            return Suite(task=task, checks=module.checks, shown=tuple(getattr(module, "SHOWN", ())))
    folders = ", ".join(package.replace(".", "/") for package in packages)
    raise SuiteMissing(f"task '{task}' has no suite: write {folders}/{task}.py with a function checks(evidence)")
