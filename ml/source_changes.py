"""What a suspected source fault does to a task's status: its days are remembered, until somebody accepts the change."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ml.status import Seen, Status

MOST_FAULTY_DAYS = 400  # more than any training window holds


def unaccepted(status: Status, faults: tuple[str, ...]) -> tuple[str, ...]:
    """The source faults that nobody has accepted: while there is one, the task isn't scored."""
    return tuple(fault for fault in faults if fault not in status.memory.get("accepted", []))


def faulty_days(status: Status) -> tuple[str, ...]:
    """The days (ISO dates) whose rows a source fault has spoilt: they train nothing."""
    return tuple(sorted(status.memory.get("faulty_days", {})))


def accept_source_changes(status: Status, accept: tuple[str, ...], clock: pd.Timestamp, reason: str) -> Status:
    """A person says that these changes of the source are meant: from now on they are drift like any other of the world.

    Days that were faulty for nothing else may train again.
    """
    days = status.memory.get("faulty_days", {})
    left = {day: [f for f in faults if f not in accept] for day, faults in days.items()}
    accepted = sorted({*status.memory.get("accepted", []), *accept})
    kept = {day: faults for day, faults in left.items() if faults}
    noted = status.remember(accepted=accepted, faulty_days=kept)
    return replace(noted, number=status.number + 1, clock=clock, reason=reason)


def note_faults(status: Status, seen: Seen, clock: pd.Timestamp) -> tuple[Status, Seen]:
    """A source fault's days are remembered and prove no drift; a change of the source that was accepted does."""
    faults = unaccepted(status, seen.source_faults)
    if not faults:
        if not seen.source_faults:
            return status, seen
        suspects = (*seen.suspects, *seen.source_faults)
        why = seen.why or f"an accepted change of the source: {', '.join(seen.source_faults)}"
        return status, replace(seen, alarm=True, suspects=suspects, why=why, source_faults=())
    known = dict(status.memory.get("faulty_days", {}))
    for day in seen.days or (clock.date().isoformat(),):
        known[day] = sorted({*known.get(day, []), *faults})
    newest = dict(sorted(known.items())[-MOST_FAULTY_DAYS:])
    return status.remember(faulty_days=newest), replace(seen, alarm=False, suspects=(), confirmed={})
