"""What happened to a task's models, one row of `ml.model_events` each, told from the status before and after a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

import pandas as pd

from ml.evaluate import Interval
from ml.promote import Decision
from ml.status import Action, State, Status
from ml.verdict import Verdict


@dataclass(frozen=True)
class ModelEvent:
    """A row of `ml.model_events`. `difference`, `low` and `high` are of `metric`; what wasn't measured is None.

    `number`: the step of the task's life (`ml.lifecycle`) that it belongs to.
    """

    task: str
    run_id: str
    clock: pd.Timestamp
    event: str
    model_version: str | None
    former_version: str | None
    reason: str
    metric: str | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int | None = None
    positives: int | None = None
    number: int | None = None


def to_frame(events: Iterable[ModelEvent]) -> pd.DataFrame:
    """The events as a frame shaped as `ml.model_events`."""
    return pd.DataFrame([asdict(event) for event in events], columns=[field.name for field in fields(ModelEvent)])


def event(
    status: Status,
    name: str,
    run_id: str,
    clock: pd.Timestamp,
    *,
    version: str | None = None,
    former: str | None = None,
    reason: str | None = None,
    shown: Verdict | Decision | None = None,
    metric: str = "pr_auc",
) -> ModelEvent:
    """One event of the status's task. `shown` is the verdict or decision that it rests on, with its figures."""
    measured: dict[str, float | int | str | None] = {}
    if shown is not None:
        measured = {"metric": metric, "rows": shown.rows, "positives": shown.positives, **_figures(shown.difference)}
    why = reason if reason is not None else status.reason
    told = ModelEvent(status.task, run_id, clock, name, version, former, why, number=status.number)
    return replace(told, **measured)  # type: ignore[arg-type]


def events_between(
    before: Status,
    after: Status,
    run_id: str,
    clock: pd.Timestamp,
    shown: Verdict | Decision | None = None,
) -> list[ModelEvent]:
    """What a step (a day or a finished job) has done, in the order in which it happened; empty for a day of calm.

    `shown` is what the step rests on: the verdict on the candidate or the former champion, or a challenger's decision.
    """

    def told(name: str, version: str | None, former: str | None = None) -> ModelEvent:
        return event(after, name, run_id, clock, version=version, former=former, shown=shown)

    found = []
    superseded = after.memory.get("superseded")
    if superseded is not None and superseded != before.memory.get("superseded"):
        found.append(told("superseded", superseded, before.champion))
    for name, why in _of_suspicions(before, after):
        found.append(event(after, name, run_id, clock, version=after.champion, reason=why))
    if before.action is Action.RETRAIN and after.state is State.COOLING_DOWN and after.champion == before.champion:
        found.append(told("retraining impossible", after.champion))
    if after.candidate is not None and after.candidate != before.candidate:
        found.append(told("in the shadow", after.candidate, after.champion))
    if after.champion != before.champion:
        found.append(told(_change(before, after), after.champion, before.champion))
    gone = before.candidate not in (None, after.candidate, after.champion) and superseded is None
    if gone and after.candidate is not None:
        why = f"version {after.candidate} took its place in the shadow"
        found.append(
            event(after, "superseded", run_id, clock, version=before.candidate, former=after.champion, reason=why)
        )
    elif gone:  # a rollback, or a champion set by hand, leaves the candidate without the one that it was compared with
        name = "refused" if after.champion == before.champion else "dropped"
        found.append(told(name, before.candidate, after.champion))
    if after.action is not None and (after.action, after.number) != (before.action, before.number):
        found.append(told(f"{_ASKED[after.action]} asked for", after.candidate or after.champion, after.former))
    return found


_ASKED = {
    Action.RETRAIN: "retraining",
    Action.PROMOTE: "promotion",
    Action.REFUSE: "refusal",
    Action.ROLL_BACK: "rollback",
}


def _of_suspicions(before: Status, after: Status) -> list[tuple[str, str]]:
    """Event and reason of the suspicions that began or ended. One that gave way to a decision ends with that."""
    if after.state is State.CONFIRMED and before.state is not State.CONFIRMED:
        return [("drift confirmed", after.reason)]
    if after.state not in (State.QUIET, State.SUSPECTED, State.AWAITING_WINDOW):
        return []
    was, now = ({s["at"]: s["why"] for s in status.suspicions} for status in (before, after))
    begun, dropped = ("; ".join(why for at, why in a.items() if at not in b) for a, b in ((now, was), (was, now)))
    told = [("drift suspected", begun)] if begun else []
    if dropped and (before.champion, before.candidate) == (after.champion, after.candidate):
        told.append(("drift not confirmed", f"not seen again: {dropped}"))
    return told


def _change(before: Status, after: Status) -> str:
    """What to call a change of champion."""
    if before.champion is None:
        return "first champion"
    if after.memory.get("promoted_at") != before.memory.get("promoted_at"):
        return "promoted"
    rolled_back = after.memory.get("rolled_back") and not before.memory.get("rolled_back")
    return "rolled back" if rolled_back else "set by hand"


def _figures(difference: Interval | None) -> dict[str, float | None]:
    if difference is None:
        return {"difference": None, "low": None, "high": None}
    return {"difference": difference.value, "low": difference.low, "high": difference.high}
