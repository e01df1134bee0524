"""What a task's day consists of, in order. Dagster's assets run these steps, and so does a replay without Dagster.

A step belongs here when the daily job runs it for each task between the features and what is published. Its asset
(`defs/`) says what Dagster shows of it; this says that it is part of a day, and where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.steps import learn, lifecycle, models, monitor
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    from ml.task import PredictionTask

Act = Callable[[Workbench, "PredictionTask", Any], Any]


@dataclass(frozen=True)
class DayStep:
    """`run` gives what its asset shows. A step that `needs_sound_source` is left out where a step before it gave a
    result with a `fault`, as the blocking check of that step stops it in the daily job."""

    name: str
    run: Callable[[Workbench, PredictionTask], Any]
    needs_sound_source: bool = False


DAY = (
    DayStep("champion", learn.champion),
    DayStep("drift", monitor.examine),
    DayStep("scores", learn.score_open, needs_sound_source=True),
    DayStep("performance", learn.measure, needs_sound_source=True),
    DayStep("lifecycle", lifecycle.live),
)


def act(bench: Workbench, task: PredictionTask, standing: Any) -> Any:
    """Carry out what a task's standing asks for, as the job of its model does that the sensor would ask for."""
    job: Act = getattr(models, standing.action)
    return job(bench, task, models.Asked(run_key=standing.run_key, version=standing.version))


def run_step(name: str, bench: Workbench, task: PredictionTask) -> Any:
    """Run one step of the day by its name."""
    [step] = [step for step in DAY if step.name == name]
    return step.run(bench, task)


def run_day(
    bench: Workbench, task: PredictionTask, act: Act | None = None, most: int = 8, scheduled: Sequence[str] = ()
) -> list[str]:
    """All steps of a day at the bench's clock, then what the last one's result asks for (its `action`, in words).

    act: carries out what a standing asks for and gives the standing that follows, as the task's jobs do. Before it, as
    in a daemon's night, the jobs that are `scheduled`. Returns the actions carried out; at most `most`, as sensors are
    followed.
    """
    result: Any = None
    faulty = False
    for step in DAY:
        if not (faulty and step.needs_sound_source):
            result = step.run(bench, task)
            faulty = faulty or bool(getattr(result, "fault", ""))
    done = list(scheduled)
    for what in scheduled:
        result = getattr(models, what)(bench, task, models.Asked())
    while act is not None and getattr(result, "action", None) and len(done) < most + len(scheduled):
        done.append(result.action)
        before, result = result.run_key, act(bench, task, result)
        if result.action and result.run_key == before:
            break  # it couldn't be done: it is asked for again tomorrow
    return done
