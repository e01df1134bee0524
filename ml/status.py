"""Where a task's model stands: the row of `ml.lifecycle`, what a day may show, and what a job may come to.

Plain values and questions about them; `ml/lifecycle.py` holds the transitions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

import pandas as pd

from ml.settings import LifecycleSettings
from ml.verdict import Verdict

BEGINNING = pd.Timestamp(0)  # before any day was examined


class State(StrEnum):
    """Where a task's model stands."""

    QUIET = "quiet"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    RETRAINING = "retraining"
    AWAITING_WINDOW = "awaiting a window"
    PROMOTED = "promoted"
    REFUSED = "refused"
    COOLING_DOWN = "cooling down"


class Action(StrEnum):
    """What a job is asked to do; the value ends the job's name."""

    RETRAIN = "retrain"
    PROMOTE = "promote"
    REFUSE = "refuse"
    ROLL_BACK = "rollback"


# The states that wait for a job, each with the action that it asks for. A roll back is asked for from any other.
ASKED: Mapping[State, Action] = {
    State.RETRAINING: Action.RETRAIN,
    State.PROMOTED: Action.PROMOTE,
    State.REFUSED: Action.REFUSE,
}


@dataclass(frozen=True)
class Status:
    """A row of `ml.lifecycle`. `champion`, `candidate` and `former` are model versions.

    `memory`, where present: `examined` (clock of the last day seen), `suspicions` [{suspects, at, looks, why}],
    `shadow` {from, looks, origin: drift | challenger; of drift also made_for and all suspects since}, `watch` {from,
    looks} of the former champion, `cooling_until`, `promoted_at`, `rolled_back`, `promised_low`, `faulty_days` {day:
    faults}, `accepted` faults, `answered` suspects, `superseded` version.
    """

    task: str
    number: int = 0
    clock: pd.Timestamp = BEGINNING
    state: State = State.QUIET
    champion: str | None = None
    candidate: str | None = None
    former: str | None = None
    action: Action | None = None
    reason: str = ""
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def suspicions(self) -> list[dict[str, Any]]:
        """What is suspected or confirmed, the oldest first; `at` is the clock of its alarm and names it."""
        return list(self.memory.get("suspicions", ()))

    def remember(self, **notes: Any) -> Status:
        """The status with these notes in its memory."""
        return replace(self, memory={**self.memory, **notes})

    def forget(self, *names: str) -> Status:
        """The status without these notes."""
        return replace(self, memory={k: v for k, v in self.memory.items() if k not in names})

    def to_row(self, run_id: str) -> dict[str, Any]:
        """The row of `ml.lifecycle` with this run's id; memory as JSON with sorted keys."""
        row = {
            **asdict(self),
            "run_id": run_id,
            "state": self.state.value,
            "memory": json.dumps(self.memory, sort_keys=True),
        }
        return row | {"action": None if self.action is None else self.action.value}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Status:
        """The inverse of `to_row`, of a row as a data frame or DuckDB gives it."""
        text = {name: None if pd.isna(row[name]) else str(row[name]) for name in ("champion", "candidate", "former")}
        action = None if pd.isna(row["action"]) else Action(row["action"])
        memory = {} if pd.isna(row["memory"]) else json.loads(row["memory"])
        return cls(
            task=row["task"],
            number=int(row["number"]),
            clock=pd.Timestamp(row["clock"]),
            state=State(row["state"]),
            action=action,
            reason=row["reason"],
            memory=memory,
            **text,
        )


@dataclass(frozen=True)
class Seen:
    """What one day showed. `champion` is the version that the registry names, `replaced` the one that it names as
    champion before it; None where it isn't asked.

    `suspects` name the statistics that alarmed, of drift whose cause is the world, and `why` says it in a sentence.
    `unlearnt` are those that a candidate made for drift can't have learnt: labels show them of days since its training.
    `confirmed` says of each suspicion (by its `at`) whether fresh rows show it too, where a look was due and possible.
    `source_faults` name faults of the source (such as
    'unit: hours_waiting'), which stop scoring; `days` are the days of the examined batch (the clock's where empty).
    `candidate` and `former` are verdicts on those models against the champion, None where no look is due.
    `can_learn` is False while too few labels since the change are mature for a retraining to learn from.
    """

    champion: str | None
    alarm: bool = False
    suspects: tuple[str, ...] = ()
    why: str = ""
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    source_faults: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    candidate: Verdict | None = None
    former: Verdict | None = None
    can_learn: bool = True
    replaced: str | None = None
    unlearnt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a job. `version` is the model that it made, promoted, refused or went back to.

    'started' and 'failed' leave the action asked for (a failed job is requested again); 'impossible' ends it: there was
    nothing to learn from. `by_hand`: a person asked for it, whatever the status asks for.
    `promised_low` is the lower end of what a promoted model promises in the gate's metric.
    """

    kind: Literal["started", "done", "failed", "impossible"]
    version: str | None = None
    reason: str = ""
    promised_low: float | None = None
    by_hand: bool = False


def run_key(status: Status) -> str | None:
    """The key of the run that the status asks for, the same at every evaluation; None where it asks for nothing."""
    return None if status.action is None else f"{status.task}-{status.number}-{status.action.value}"


def may_challenge(status: Status) -> bool:
    """Whether a weekly challenger may enter: the task is quiet, has a champion and asks for nothing."""
    return status.state is State.QUIET and status.action is None and status.champion is not None


def shadow_versions(status: Status, clock: pd.Timestamp, settings: LifecycleSettings) -> dict[str, str]:
    """Role -> version of the models that score beside the champion at `clock`: 'candidate' and 'former'."""
    found = {}
    if status.candidate is not None and status.state is State.AWAITING_WINDOW:
        found["candidate"] = status.candidate
    watched = pd.Timedelta(days=settings.watch_days)
    if status.former is not None and "watch" in status.memory:
        began = pd.Timestamp(status.memory["watch"]["from"])
        found |= {"former": status.former} if clock <= began + watched else {}
    return found


def due_look(
    status: Status, role: Literal["candidate", "former"], matured_to: pd.Timestamp, settings: LifecycleSettings
) -> int | None:
    """The look (1 to `looks`) that is due: enough days since the shadow began have matured, and it wasn't taken yet.

    `matured_to` is the newest as_of whose label is mature. Looks that were missed are skipped, not made up for.
    """
    known = status.memory.get("shadow" if role == "candidate" else "watch")
    if known is None:
        return None
    days = (matured_to - pd.Timestamp(known["from"])) / pd.Timedelta(days=1)
    look = min(int(days // settings.shadow_days), settings.looks)
    return look if look > known["looks"] else None
