"""One day of a model's life: shadow scores, what has matured, one transition, its events and alerts."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.steps.learn import champion_of_the_run, registry
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from ml.lifecycle import LifecycleSettings, Seen, Status
    from ml.task import PredictionTask
    from orchestration.alerts import Severity


@dataclass(frozen=True)
class Standing:
    """Where a model stands, as the graph and the sensors see it."""

    state: str
    action: str = ""
    run_key: str = ""
    version: str | None = None
    reason: str = ""
    note: str = ""
    page: Path | None = None


def live(bench: Workbench, task: PredictionTask) -> Standing:
    """Take the task's day: score in the shadow, judge what has matured, write what follows. Never twice for a clock."""
    import pandas as pd

    from ml.lifecycle import Action, next_status

    status, clock = status_of(bench, task), pd.Timestamp(bench.clock())
    if clock <= pd.Timestamp(status.memory.get("examined", 0)):
        return standing(status, note=f"{status.state.value}; {clock:%Y-%m-%d %H:%M} was looked at before")
    shadow_scores(bench, task, status)
    seen = look(bench, task, status)
    after = next_status(status, seen, clock, lifecycle_settings(bench))
    if not after.number:
        after = dataclasses.replace(after, clock=clock)  # a life begins with its first day
    tell(bench, task)
    settle(bench, task, status, after, seen.former if after.action == Action.ROLL_BACK else seen.candidate)
    return standing(after, page=write_page(bench, task) if bench.explains else None)


def status_of(bench: Workbench, task: PredictionTask) -> Status:
    """Where the task stands now; quiet and new where nothing was ever written."""
    from ml.lifecycle import Status
    from warehouse.model_tables import last_status

    row = last_status(bench.con, task.name)
    return Status(task.name) if row is None else Status.from_row(row)


def keep(bench: Workbench, status: Status) -> None:
    """Write the status as its row of `ml.lifecycle`; a row of the same number is written over.

    A day that only looked leaves the row with the run that took the step.
    """
    import pandas as pd

    from warehouse.model_tables import last_status
    from warehouse.operations import replace

    before = last_status(bench.con, status.task)
    same = before is not None and (before["number"], before["state"]) == (status.number, status.state.value)
    row = pd.DataFrame([status.to_row(before["run_id"] if before is not None and same else bench.run_id)])
    replace(bench.con, "ml.lifecycle", row, {"task": status.task, "number": status.number})


def standing(status: Status, note: str = "", page: Path | None = None) -> Standing:
    """The status as the graph shows it."""
    from ml.lifecycle import run_key

    action = status.action.value if status.action else ""
    version = {"promote": status.candidate, "rollback": status.former}.get(action)
    words = f"{status.state.value}: {status.reason}" if status.reason else status.state.value
    return Standing(
        state=status.state.value,
        action=action,
        run_key=run_key(status) or "",
        version=version,
        reason=status.reason,
        note=note or (f"{words}; asks to {action}" if action else words),
        page=page,
    )


def lifecycle_settings(bench: Workbench) -> LifecycleSettings:
    """The rules of a model's life, with what the settings say about them."""
    from ml.settings import LifecycleSettings

    given = bench.settings
    return LifecycleSettings(
        cooling_days=given.cooling_days,
        shadow_days=given.shadow_days,
        looks=given.shadow_looks,
        watch_days=given.watch_days,
        suspicion_days=given.suspicion_days,
        promotion_gain=given.promotion_gain,
    )


def shadow_scores(bench: Workbench, task: PredictionTask, status: Status) -> None:
    """Score what is open at the clock by the candidate and by the former champion; nobody acts on these scores."""
    import pandas as pd

    from ml.lifecycle import shadow_versions
    from ml.registry import load_version
    from ml.shadow import shadow_scores as score
    from ml.task import LearningError
    from warehouse.model_tables import replace_shadow
    from warehouse.operations import read

    clock = bench.clock()
    versions = shadow_versions(status, pd.Timestamp(clock), lifecycle_settings(bench))
    facts = bench.branch(task.name).facts
    if not versions or facts.get("faults"):
        return
    rows = facts["to_score"] if "to_score" in facts else read(bench.con, task.feature_table, "as_of = ?", [clock])
    models = bench.facts.setdefault("shadow models", {})
    frames = []
    for role, version in versions.items():
        try:
            if (task.name, version) not in models:
                models[task.name, version] = load_version(registry(bench), task, version).model
        except LearningError as error:
            _tell_unreadable(bench, task, role, version, str(error))
            continue
        frames.append(score(task, models[task.name, version], rows, version, role, bench.run_id))
    if frames:
        replace_shadow(bench.con, pd.concat(frames, ignore_index=True), task.name, [clock])


def _tell_unreadable(bench: Workbench, task: PredictionTask, role: str, version: str, error: str) -> None:
    """A model that only scores in the shadow is broken: the champion's day goes on, and somebody is told."""
    from orchestration.alerts import Alert, raise_alerts

    message = f"the {role} can't score: {error}; bring its files back, or replace it with `harken retrain {task.name}`"
    bench.report.say(f"version {version}: {message}")
    alert = Alert(task.name, bench.run_id, bench.clock(), "critical", "unreadable model", version, message)
    raise_alerts(bench.con, [alert])


def look(bench: Workbench, task: PredictionTask, status: Status) -> Seen:
    """What the day has shown: drift, matured performance, verdicts on the models in the shadow."""
    from ml.answered import more_of_the_same
    from ml.drift import read_suspect
    from ml.lifecycle import Seen
    from ml.registry import FORMER, version_of
    from ml.suspicions import news
    from orchestration.steps import judging

    found = champion_of_the_run(bench, task)
    facts = bench.branch(task.name).facts
    if found is None or found.model is None:
        return Seen(champion=status.champion)
    settings = lifecycle_settings(bench)
    facts["judged"] = judging.judge(bench, task, found)
    alarmed = [c for c in (facts.get("comparison"), facts["judged"]) if c is not None and c.alarm]
    same = {key for c in alarmed for key in more_of_the_same(status, c.findings)}
    suspects = tuple(sorted({s for c in alarmed for s in c.suspects if read_suspect(s)[:3] not in same}))
    days = sorted({day.isoformat() for day in facts["batch"]["as_of"].dt.date}) if "batch" in facts else []
    untold = {read_suspect(suspect)[:2] for suspect in news(status, suspects)}
    told = [
        f.sentence
        for c in alarmed
        for f in c.findings
        if f.alarm and f.cause != "source" and (f.kind, f.subject) in untold
    ]
    of_same = found.model_version == status.champion
    sure = judging.confirmed(bench, task, found, status, settings.suspicion_days) if of_same else {}
    return Seen(
        champion=found.model_version,
        replaced=None if of_same else version_of(registry(bench), task, FORMER),
        alarm=bool(suspects),
        suspects=suspects,
        why=told[0] if told else "",
        unlearnt=judging.unlearnt(bench, task, status, suspects),
        confirmed=sure,
        source_faults=tuple(f"{f.kind}: {f.subject}" for f in facts.get("faults", [])),
        days=tuple(days),
        candidate=judging.verdict(bench, task, found, status, "candidate", settings),
        former=judging.verdict(bench, task, found, status, "former", settings),
        can_learn=judging.can_learn(bench, task, status, sure),
    )


def settle(
    bench: Workbench, task: PredictionTask, before: Status, after: Status, shown: Any = None, by_hand: bool = False
) -> None:
    """Write the status, what happened on the way to it, and whom it should alert: what a person did wakes nobody."""
    import pandas as pd

    from ml.events import events_between, to_frame
    from ml.registry import CANDIDATE, forget_role
    from orchestration.alerts import Alert, raise_alerts
    from warehouse.model_tables import add_events

    clock = max(after.clock, pd.Timestamp(bench.clock()))
    events = events_between(before, after, bench.run_id, clock, shown)
    add_events(bench.con, to_frame(events))
    keep(bench, after)
    if before.candidate is not None and after.candidate is None:
        forget_role(registry(bench), task, CANDIDATE)
    raise_alerts(
        bench.con,
        [
            Alert(
                task.name, bench.run_id, bench.clock(), _severity(e.event, by_hand), e.event, e.model_version, e.reason
            )
            for e in events
        ],
    )


def _severity(event: str, by_hand: bool) -> Severity:
    if by_hand:
        return "notice"
    if event in {"rolled back", "rollback asked for", "retraining impossible"}:
        return "critical"
    return "warning" if event in {"drift confirmed"} else "notice"


def tell(bench: Workbench, task: PredictionTask) -> None:
    """What the day's labels have shown, as rows of `ml.drift` and `ml.model_performance`."""
    from ml.performance import trailing_performance
    from orchestration.steps.judging import SCORES, matured
    from orchestration.steps.monitor import drift_rows
    from warehouse.operations import append, replace

    facts = bench.branch(task.name).facts
    found = champion_of_the_run(bench, task)
    if found is None:
        return
    if facts.get("judged") is not None:
        append(bench.con, "ml.drift", drift_rows(bench, task, found, facts["judged"].findings))
        scored = matured(bench, task, found.model_version, SCORES)
        measured = trailing_performance(
            task, scored, _now(bench), bench.run_id, promised={found.model_version: found.figures}
        )
        replace(bench.con, "ml.model_performance", measured, {"task": task.name, "run_id": bench.run_id, "day": None})


def write_page(bench: Workbench, task: PredictionTask) -> Path:
    """The task's page of the day, from what the tables say."""
    from ml.drift.page import write_page as write
    from warehouse.operations import read

    def rows(table: str, order_by: str) -> pd.DataFrame:
        return read(bench.con, table, "task = ? and clock <= ?", [task.name, bench.clock()], order_by=order_by)

    return write(
        task.name,
        bench.clock(),
        bench.home.monitoring,
        entity=task.entity,
        drift=rows("ml.drift", "clock, kind, subject"),
        performance=rows("ml.model_performance", "clock, day, metric"),
        lifecycle=rows("ml.lifecycle", "number"),
        events=rows("ml.model_events", "clock"),
        predictions=bench.branch(task.name).facts.get("predictions"),
    )


def _now(bench: Workbench) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(bench.clock())
