"""The life of a task's model: where it stands, what one day makes of it, and what a finished job makes of it.

`next_status` is the only transition of a day and `after_action` the only one of a job; both are pure. A status is a row
of `ml.lifecycle`. Its number rises when the state, the action or a model changes; with the number unchanged the row
is to be written in place of itself (its memory may have learnt something).

    quiet -> suspected -> confirmed [retrain] -> retraining -> awaiting a window
          -> promoted [promote] or refused [refuse] -> cooling down -> quiet

A rollback may be asked for in any state that asks for nothing else.

While an action is asked for, no day asks for another one nor takes it back: the row stays, and so does its run key.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ml.answered import answer
from ml.settings import LifecycleSettings
from ml.source_changes import note_faults
from ml.status import (
    ASKED,
    Action,
    Outcome,
    Seen,
    State,
    Status,
    due_look,
    may_challenge,
    run_key,
    shadow_versions,
)
from ml.suspicions import looked_again, why_suspected
from ml.task import LearningError
from ml.verdict import Verdict

__all__ = [
    "Action",
    "LifecycleSettings",
    "Outcome",
    "Seen",
    "State",
    "Status",
    "Verdict",
    "after_action",
    "after_challenge",
    "due_look",
    "may_challenge",
    "next_status",
    "run_key",
    "shadow_versions",
]


def next_status(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """What a day makes of the status. A day that was seen already (a re-run, a back-fill) changes nothing.

    Raises LearningError for what can't be: a verdict on a model that doesn't stand there, an alarm that names nothing.
    """
    if "examined" in status.memory and clock <= pd.Timestamp(status.memory["examined"]):
        return status
    _check(status, seen, settings)
    noted, seen = note_faults(status.remember(examined=clock.isoformat()), seen, clock)
    if status.action is not None:
        return noted
    return _numbered(status, _day(noted, seen, clock, settings), clock)


def after_action(
    status: Status, action: Action, outcome: Outcome, clock: pd.Timestamp, settings: LifecycleSettings
) -> Status:
    """What a finished job makes of the status. Raises LearningError for a job that nobody asked for.

    A job that runs again after it had finished (its process was killed before its end was recorded) finds the action
    gone; it is told by that error, and there is nothing left to do.
    """
    if outcome.kind == "started":
        began = status.action is action is Action.RETRAIN and status.state is State.CONFIRMED
        return replace(status, state=State.RETRAINING) if began else status
    if outcome.kind == "failed":
        return status
    if action is not status.action and not outcome.by_hand:
        asked = "nothing" if status.action is None else repr(status.action.value)
        raise LearningError(f"task {status.task}: row {status.number} asks for {asked}, not for {action.value!r}")
    if outcome.kind == "impossible":
        cooled = _cooling(status, clock, settings, outcome.reason, days=settings.cooling_days)
        return _numbered(status, cooled, clock)
    if outcome.version is None:
        raise LearningError(f"task {status.task}: the job to {action.value} names no model version")
    return _numbered(status, _DONE[action](status, outcome, clock, settings), clock)


def after_challenge(
    status: Status, version: str, reason: str, clock: pd.Timestamp, settings: LifecycleSettings
) -> Status:
    """The weekly challenger that won on the matured past enters the shadow. Only from quiet (see `may_challenge`)."""
    if not may_challenge(status):
        raise LearningError(f"task {status.task} is {status.state.value}: a challenger enters from quiet only")
    if version == status.champion:
        raise LearningError(f"task {status.task}: version {version} is champion already, it can't challenge itself")
    return _numbered(status, _into_shadow(status, version, "challenger", reason, clock), clock)


def _day(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """A day on which no action is under way."""
    if seen.champion != status.champion:
        return _adopt(status, seen, clock, settings)
    if seen.former is not None:
        status = _watch(status, seen.former, settings)
        if status.action is not None:
            return status
    match status.state:
        case State.AWAITING_WINDOW:
            return _shadow(status, seen, clock, settings)
        case State.COOLING_DOWN if clock < pd.Timestamp(status.memory["cooling_until"]):
            return status
        case State.COOLING_DOWN:
            rested = replace(status, state=State.QUIET, reason="cooled down").forget("cooling_until")
            return _drift(rested, seen, clock, settings)
    return _drift(status, seen, clock, settings)


def _drift(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """Quiet, suspected, or confirmed while too few labels are mature to learn from."""
    if status.state is not State.CONFIRMED:
        status, confirmed = looked_again(status, seen, clock, settings)
        if not confirmed and status.suspicions:
            return replace(status, state=State.SUSPECTED, reason=status.suspicions[-1]["why"])
        if not confirmed:
            lapsed = replace(status, state=State.QUIET, reason=f"not confirmed in {settings.suspicion_days} days")
            return lapsed if status.state is State.SUSPECTED else status
        status = replace(status, state=State.CONFIRMED, reason=f"confirmed on fresh rows: {why_suspected(status)}")
    return replace(status, action=Action.RETRAIN) if seen.can_learn else status


def _shadow(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """A candidate scores in the shadow. It gives way to a drift that it can't have learnt, unless it has won just now:
    one that was trained in calm to any, one made for drift to what labels show of later days."""
    shadow, verdict = status.memory["shadow"], seen.candidate
    won = verdict is not None and verdict.outcome == "better"
    counted = seen
    if shadow["origin"] == "drift":
        counted = replace(seen, suspects=seen.unlearnt, alarm=bool(seen.unlearnt))
        shadow = {**shadow, "suspects": sorted({*shadow.get("suspects", ()), *seen.suspects})}
        status = status.remember(shadow=shadow)
    status, confirmed = looked_again(status, counted, clock, settings)
    if confirmed and not won:
        why = f"confirmed on fresh rows: {why_suspected(status)}; supersedes version {status.candidate}"
        status = status.forget("shadow").remember(superseded=status.candidate)
        action = Action.RETRAIN if seen.can_learn else None
        return replace(status, state=State.CONFIRMED, candidate=None, action=action, reason=why)
    if verdict is None:
        return status
    status = status.remember(shadow={**shadow, "looks": verdict.look})
    if won:
        return replace(status, state=State.PROMOTED, action=Action.PROMOTE, reason=verdict.reason)
    if verdict.outcome == "worse" or verdict.look >= settings.looks:
        last = "" if verdict.outcome == "worse" else f" after the last of {settings.looks} looks"
        return replace(status, state=State.REFUSED, action=Action.REFUSE, reason=f"{verdict.reason}{last}")
    return status


def _watch(status: Status, verdict: Verdict, settings: LifecycleSettings) -> Status:
    """Back to the former champion where it is the better one; the watch ends with its last look."""
    if verdict.outcome == "better" and not status.memory.get("rolled_back", False):
        return replace(status, action=Action.ROLL_BACK, reason=verdict.reason)
    status = status.remember(watch={**status.memory["watch"], "looks": verdict.look})
    if verdict.look < settings.looks:
        return status
    return replace(status.forget("watch"), former=None, reason=f"the watch is over: {verdict.reason}")


def _adopt(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """The registry names another champion than the status: the first one, or one that was set past these jobs.

    A promotion whose job was killed before it wrote the status looks like the second; the registry names the champion
    that it replaced, and that one is watched.
    """
    champion = seen.champion
    if status.champion is None:
        return replace(status, champion=champion, reason=f"version {champion} is the first champion")
    reason = f"version {champion} was made champion in the registry, in the place of version {status.champion}"
    former = status.champion if seen.replaced == status.champion else None
    status = replace(status, champion=champion, former=former).forget("watch", "accepted", "answered")
    if former is not None:
        status = status.remember(watch={"from": clock.isoformat(), "looks": 0}, rolled_back=False)
    return _cooling(status, clock, settings, reason, days=settings.cooling_days)


def _retrained(status: Status, outcome: Outcome, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    version = str(outcome.version)
    if version == status.champion:
        raise LearningError(f"task {status.task}: the retraining gave version {version}, which is champion already")
    return _into_shadow(status, version, "drift", outcome.reason, clock)


def _promoted(status: Status, outcome: Outcome, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    if outcome.version == status.champion:
        raise LearningError(f"task {status.task}: version {outcome.version} is champion already")
    if outcome.version != status.candidate and not outcome.by_hand:
        raise LearningError(
            f"task {status.task}: version {outcome.version} was promoted, the candidate is {status.candidate}"
        )
    watch = {"from": clock.isoformat(), "looks": 0}
    given = {"watch": watch} if status.champion is not None else {}
    promised = {} if outcome.promised_low is None else {"promised_low": outcome.promised_low}
    status = status.forget("accepted", "answered", "promised_low").remember(
        promoted_at=clock.isoformat(),
        rolled_back=False,
        **given,
        **promised,
    )
    days = _rest(status, settings) if outcome.version == status.candidate else settings.cooling_days
    status = replace(status, champion=outcome.version, former=status.champion)
    return _cooling(status, clock, settings, outcome.reason or status.reason, days=days)


def _refused(status: Status, outcome: Outcome, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    """What alarmed beside a refused candidate of drift is answered."""
    if status.candidate is None:
        raise LearningError(f"task {status.task}: there is no candidate to refuse (row {status.number})")
    status = answer(status, status.memory.get("shadow", {}).get("suspects", ()))
    days = _rest(status, settings)
    return _cooling(status, clock, settings, outcome.reason or status.reason, days=days)


def _rest(status: Status, settings: LifecycleSettings) -> int:
    """Days to cool down after a candidate; one of calm days answers no drift, so it keeps none waiting."""
    return 0 if status.memory.get("shadow", {}).get("origin") == "challenger" else settings.cooling_days


def _rolled_back(status: Status, outcome: Outcome, clock: pd.Timestamp, settings: LifecycleSettings) -> Status:
    if outcome.version != status.former and not outcome.by_hand:
        raise LearningError(
            f"task {status.task}: went back to version {outcome.version}, the former is {status.former}"
        )
    status = status.remember(rolled_back=True).forget("watch", "answered", "promised_low")
    status = replace(status, champion=outcome.version, former=None)
    return _cooling(status, clock, settings, outcome.reason or status.reason, days=settings.cooling_days)


_DONE = {
    Action.RETRAIN: _retrained,
    Action.PROMOTE: _promoted,
    Action.REFUSE: _refused,
    Action.ROLL_BACK: _rolled_back,
}


def _into_shadow(status: Status, version: str, origin: str, reason: str, clock: pd.Timestamp) -> Status:
    shadow = {"from": clock.isoformat(), "looks": 0, "origin": origin}
    if origin == "drift":
        made_for = sorted({suspect for known in status.suspicions for suspect in known["suspects"]})
        shadow |= {"made_for": made_for, "suspects": made_for}
    status = status.forget("suspicions", "superseded").remember(shadow=shadow)
    return replace(status, state=State.AWAITING_WINDOW, candidate=version, action=None, reason=reason)


def _cooling(status: Status, clock: pd.Timestamp, settings: LifecycleSettings, reason: str, *, days: int) -> Status:
    """Cooling down, with nothing suspected and no candidate."""
    until = (clock + pd.Timedelta(days=days)).isoformat()
    status = status.forget("shadow", "suspicions", "superseded").remember(cooling_until=until)
    return replace(status, state=State.COOLING_DOWN, candidate=None, action=None, reason=reason)


def _check(status: Status, seen: Seen, settings: LifecycleSettings) -> None:
    task = f"task {status.task}"
    if status.champion is not None and seen.champion is None:
        raise LearningError(
            f"{task}: the registry names no champion, row {status.number} has version {status.champion}"
        )
    if seen.alarm and not seen.suspects:
        raise LearningError(f"{task}: an alarm that names no suspect can't be confirmed")
    if not set(seen.confirmed) <= {suspicion["at"] for suspicion in status.suspicions}:
        raise LearningError(f"{task}: a confirmation came of what isn't suspected (row {status.number})")
    if status.state in ASKED and status.action is not ASKED[status.state]:
        raise LearningError(
            f"{task}: row {status.number} is {status.state.value} and asks for no {ASKED[status.state].value}"
        )
    for role, memory, verdict in (("candidate", "shadow", seen.candidate), ("former", "watch", seen.former)):
        if verdict is None:
            continue
        known = status.memory.get(memory)
        if known is None or getattr(status, role) is None:
            raise LearningError(f"{task}: a verdict on a {role} came where there's none (row {status.number})")
        if not known["looks"] < verdict.look <= settings.looks:
            raise LearningError(f"{task}: look {verdict.look} at the {role} came after look {known['looks']}")


def _numbered(before: Status, after: Status, clock: pd.Timestamp) -> Status:
    """A row of its own where anything but the memory changed, else the same row."""
    if replace(after, memory=before.memory) == before:
        return after
    return replace(after, number=before.number + 1, clock=clock)
