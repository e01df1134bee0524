"""What the jobs of a task's model do: retrain, promote, refuse, roll back, accept, challenge, backtest.

Each takes what was asked for, acts in the registry and writes the row of `ml.lifecycle` and of `ml.model_events` that
follows. A job that is repeated after a kill finds what was done and goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration.steps.labels import known_labels, label_delay
from orchestration.steps.learn import code_commit, learning_settings, registry, told_in_log, training_rows
from orchestration.steps.lifecycle import Standing, keep, lifecycle_settings, settle, standing, status_of
from orchestration.workbench import Workbench
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    import pandas as pd

    from ml.lifecycle import Action, Outcome, Status
    from ml.promote import Decision
    from ml.task import PredictionTask

BACKTEST_DAYS = 28
BACKTEST_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """What a job is asked for. Without a `run_key` a person asks, whatever the task's lifecycle wants."""

    run_key: str | None = None
    version: str | None = None
    reason: str | None = None

    @property
    def by_hand(self) -> bool:
        return self.run_key is None

    def why(self, status: Status) -> str:
        """The reason given, or the one that the lifecycle has for asking."""
        return self.reason or ("by hand" if self.by_hand else status.reason)


def retrain(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """Train a candidate on the window that proves best; it scores in the shadow from now on."""
    from ml.lifecycle import Action, Outcome, after_action
    from ml.registry import load_champion, note_version, set_candidate
    from ml.retrain import retrain as learn
    from ml.source_changes import faulty_days
    from ml.task import LearningError

    status, done = _begin(bench, task, asked)
    if done:
        return done
    clock, settings = _now(bench), lifecycle_settings(bench)
    keep(bench, after_action(status, Action.RETRAIN, Outcome("started"), _moment(bench, status), settings))
    status = status_of(bench, task)
    try:
        frame = training_rows(bench, task, known_labels(bench, task), clock)
        with told_in_log(bench):
            learned = learn(
                task,
                frame,
                trained_to=clock,
                champion=load_champion(registry(bench), task),
                registry=registry(bench),
                decision=asked.run_key or f"{task.name}-by-hand-{bench.run_id}",
                leave_out_days=faulty_days(status),
                **_how(bench),
            )
    except LearningError as error:
        outcome = Outcome("impossible", reason=f"retraining isn't possible: {error}", by_hand=asked.by_hand)
        return _end(bench, task, Action.RETRAIN, outcome)
    set_candidate(registry(bench), task, learned.logged.model_version)
    reason = f"{asked.why(status)}; {learned.reason}"
    note_version(registry(bench), task, learned.logged.model_version, reason=reason)
    outcome = Outcome("done", version=learned.logged.model_version, reason=reason, by_hand=asked.by_hand)
    return _end(bench, task, Action.RETRAIN, outcome)


def promote(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """Make a version the champion; the one before it is watched in the shadow."""
    from ml.lifecycle import Action, Outcome
    from ml.registry import known_version, load_version, note_version, set_champion

    status, done = _begin(bench, task, asked)
    if done:
        return done
    wanted = asked.version or status.candidate
    if wanted is None:
        raise HarkenError(f"task {task.name}: name the version to promote (`harken models {task.name}` lists them)")
    version = known_version(registry(bench), task, wanted)
    if version == status.champion:
        raise HarkenError(f"task {task.name}: version {version} is champion already")
    promised = load_version(registry(bench), task, version).promised(task.gate.metric)
    set_champion(registry(bench), task, version)
    note_version(registry(bench), task, version, reason=f"promoted: {asked.why(status)}")
    outcome = Outcome("done", version=version, reason=asked.why(status), promised_low=promised, by_hand=asked.by_hand)
    return _end(bench, task, Action.PROMOTE, outcome)


def refuse(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """Take the candidate out of the shadow."""
    from ml.lifecycle import Action, Outcome
    from ml.registry import note_version

    status, done = _begin(bench, task, asked)
    if done:
        return done
    if status.candidate is None:
        raise HarkenError(f"task {task.name}: there is no candidate to refuse")
    note_version(registry(bench), task, status.candidate, reason=f"refused: {asked.why(status)}")
    outcome = Outcome("done", version=status.candidate, reason=asked.why(status), by_hand=asked.by_hand)
    return _end(bench, task, Action.REFUSE, outcome)


def rollback(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """Make the former champion (or the version asked for) champion again."""
    from ml.lifecycle import Action, Outcome
    from ml.registry import known_version, roll_back_champion

    status, done = _begin(bench, task, asked)
    if done:
        return done
    wanted = asked.version and known_version(registry(bench), task, asked.version)
    version = roll_back_champion(registry(bench), task, wanted or status.former)
    outcome = Outcome("done", version=version, reason=asked.why(status), by_hand=asked.by_hand)
    return _end(bench, task, Action.ROLL_BACK, outcome)


def accept(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """Take the source faults that are suspected now for changes that are meant; without one, all suspected drift."""
    from ml.answered import accept_drift
    from ml.source_changes import accept_source_changes, unaccepted
    from ml.suspicions import why_suspected
    from warehouse.model_tables import source_faults

    status = status_of(bench, task)
    faults = unaccepted(status, source_faults(bench.con, task.name))
    if not faults:
        why = f"accepted ({asked.why(status)}): {why_suspected(status)}"
        status = accept_drift(status, _moment(bench, status), why)
        keep(bench, status)
        note_event(bench, task, status, "drift accepted", version=status.champion)
        return standing(status)
    status = accept_source_changes(
        status, faults, _moment(bench, status), f"accepted: {', '.join(faults)} ({asked.why(status)})"
    )
    keep(bench, status)
    note_event(bench, task, status, "source change accepted", version=status.champion)
    return standing(status)


def challenge(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """A challenger that stops some weeks ago against the champion on the weeks since; a winner enters the shadow."""
    from ml.lifecycle import after_challenge, may_challenge
    from ml.registry import load_champion, set_candidate
    from ml.retrain import challenger
    from ml.source_changes import faulty_days
    from ml.task import LearningError

    status, clock = status_of(bench, task), _now(bench)
    champion = load_champion(registry(bench), task)
    if champion is None or not may_challenge(status):
        return standing(status, note=f"no challenge while the task is {status.state.value}")
    try:
        frame = training_rows(bench, task, known_labels(bench, task), clock)
        with told_in_log(bench):
            challenged = challenger(
                task,
                frame,
                clock,
                champion,
                label_delay=label_delay(bench, task),
                registry=registry(bench),
                decision=f"{task.name}-challenge-{clock:%Y%m%d}",
                leave_out_days=faulty_days(status),
                lifecycle=lifecycle_settings(bench),
                **_how(bench),
            )
    except LearningError as error:
        return standing(status, note=f"no challenge: {error}")
    verdict, version = challenged.decision, challenged.logged.model_version
    if verdict.promoted:
        before = status
        status = after_challenge(status, version, verdict.reason, _moment(bench, status), lifecycle_settings(bench))
        set_candidate(registry(bench), task, version)
        settle(bench, task, before, status, verdict)
    else:
        note_event(bench, task, status, "challenger refused", version=version, reason=verdict.reason, shown=verdict)
    return standing(status, note=verdict.reason)


def backtest(bench: Workbench, task: PredictionTask, asked: Asked) -> Standing:
    """The last matured weeks, predicted by models retrained each week on what was mature then; figures are kept."""
    import pandas as pd

    from ml.backtest import backtest as play_through
    from ml.labels import mature_rows
    from ml.performance import trailing_performance
    from ml.task import LearningError
    from warehouse.operations import replace

    status, clock = status_of(bench, task), _now(bench)
    frame = training_rows(bench, task, known_labels(bench, task), clock)
    end = (clock - task.horizon - label_delay(bench, task)).floor("D")
    start = end - pd.Timedelta(days=BACKTEST_DAYS)
    try:
        with told_in_log(bench):
            settings = learning_settings(bench.settings)
            seed, every = bench.settings.seed, pd.Timedelta(BACKTEST_EVERY)
            predicted = play_through(task, frame, start, end, every, seed, settings=settings)
    except LearningError as error:
        return standing(status, note=f"no backtest: {error}")
    truth = mature_rows(task, frame, clock)[[*task.keys, "label", "matures_at"]]
    rows = predicted.merge(truth, on=task.keys)
    rows = rows[task.headline(rows)].assign(model_version="backtest")
    found = trailing_performance(task, rows, clock, bench.run_id)
    replace(bench.con, "ml.model_performance", found, {"task": task.name, "run_id": bench.run_id})
    headline = found[found["metric"] == task.gate.metric].iloc[0]
    reason = (
        f"{task.gate.metric} {headline['value']:.3f} [{headline['low']:.3f}, {headline['high']:.3f}] over "
        f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, retrained every {BACKTEST_EVERY.days} days"
    )
    note_event(bench, task, status, "backtest", version=status.champion, reason=reason)
    return standing(status, note=reason)


def _how(bench: Workbench) -> dict[str, Any]:
    """How a model is learnt, and what its record says of the code and the settings."""
    return {
        "seed": bench.settings.seed,
        "settings": learning_settings(bench.settings),
        "code_commit": code_commit(bench.project.folder),
        "application_settings": bench.settings.model_dump(mode="json"),
    }


def _begin(bench: Workbench, task: PredictionTask, asked: Asked) -> tuple[Status, Standing | None]:
    """The status, and the standing where the run that was asked for has been carried out already."""
    from ml.lifecycle import run_key

    status = status_of(bench, task)
    if asked.run_key is not None and asked.run_key != run_key(status):
        return status, standing(status, note=f"{asked.run_key} has been carried out already")
    return status, None


def _end(bench: Workbench, task: PredictionTask, action: Action, outcome: Outcome) -> Standing:
    """Write what the job has come to."""
    from ml.lifecycle import after_action

    before = status_of(bench, task)
    after = after_action(before, action, outcome, _moment(bench, before), lifecycle_settings(bench))
    settle(bench, task, before, after, by_hand=outcome.by_hand)
    who = "" if outcome.version is None else f"version {outcome.version} {_CAME_TO[action]}: "
    return standing(after, note=f"{who}{outcome.reason}")


_CAME_TO: Mapping[str, str] = {
    "retrain": "is trained and scores in the shadow",
    "promote": "is champion",
    "refuse": "is out of the shadow",
    "rollback": "is champion again",
}


def note_event(
    bench: Workbench,
    task: PredictionTask,
    status: Status,
    name: str,
    *,
    version: str | None,
    reason: str | None = None,
    shown: Decision | None = None,
) -> None:
    """A row of `ml.model_events` for what has changed no state."""
    from ml.events import event, to_frame
    from warehouse.model_tables import add_events

    told = event(
        status, name, bench.run_id, _moment(bench, status), version=version, former=None, reason=reason, shown=shown,
        metric=task.gate.metric,
    )  # fmt: skip
    add_events(bench.con, to_frame([told]))


def _now(bench: Workbench) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(bench.clock())


def _moment(bench: Workbench, status: Status) -> pd.Timestamp:
    """When a job takes place: a run at an earlier clock (`--until`) doesn't set a model's life back."""
    import pandas as pd

    return max(_now(bench), status.clock, pd.Timestamp(status.memory.get("examined", 0)))
