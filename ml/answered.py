"""Drift that has had its answer: a retraining that was refused, or a person who accepts it.

The champion has still never seen what changed, so its rows alarm for as long as it stays champion. To train again on
the same change would end the same way; it is left to the weekly challenger. What labels show is never answered: there
are more of them each week.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from ml.status import State, Status
from ml.task import LearningError

if TYPE_CHECKING:
    from ml.drift.finding import Finding

# `ml.drift` is imported where it is used: it takes a second, and most questions about a status need none of it.


def unanswered(status: Status, suspects: Iterable[str]) -> tuple[str, ...]:
    """The suspects that have had no answer while this champion stands, in their order."""
    known = set(status.memory.get("answered", ()))
    return tuple(suspect for suspect in suspects if suspect not in known)


def more_of_the_same(status: Status, findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    """Kind, subject and value of alarms on rows that lie mostly where an answered value is: its words, its queue."""
    from ml.drift.finding import OF_LABELS, read_suspect

    known = [read_suspect(suspect) for suspect in status.memory.get("answered", ()) if suspect.count("\t") == 3]
    values = {f"{subject}={value}" for _, subject, value, _ in known if value}
    return {
        (f.kind, f.subject, f.value or "")
        for f in findings
        if f.alarm and f.slice in values and f.kind not in OF_LABELS
    }


def answer(status: Status, suspects: Iterable[str]) -> Status:
    """The status that remembers these suspects of rows as answered."""
    from ml.drift.finding import OF_LABELS

    of_rows = {suspect for suspect in suspects if suspect.split("\t")[0] not in OF_LABELS}
    known = {*status.memory.get("answered", ()), *of_rows}
    return status.remember(answered=sorted(known)) if known else status


def accept_drift(status: Status, clock: pd.Timestamp, reason: str) -> Status:
    """A person says that what is suspected of the world needs no retraining. Raises LearningError without one.

    A challenger that scores in the shadow goes on; a retraining that hasn't come to its end isn't asked for any more.
    """
    if not status.suspicions:
        raise LearningError(f"task {status.task} is {status.state.value}: no drift is suspected, nothing to accept")
    suspects = [suspect for suspicion in status.suspicions for suspect in suspicion["suspects"]]
    accepted = answer(status, suspects).forget("suspicions", "superseded")
    accepted = replace(accepted, number=status.number + 1, clock=clock, reason=reason)
    if status.state is State.AWAITING_WINDOW:
        return accepted
    return replace(accepted, state=State.QUIET, action=None)
