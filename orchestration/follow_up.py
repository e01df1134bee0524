"""Carries out in this process what a daemon would: asks every sensor, keeps every schedule, runs what they request.

The evaluation functions are the real ones, and a request is known by its run key as the daemon knows it: one that has
been run is never run again, so that a process killed here does nothing twice. What belongs here: asking and running.
What a sensor asks for is its own business.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orchestration.report import one_line
from orchestration.workbench import DAILY, Window
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    import dagster as dg

    from orchestration.run import Outcome, Session

# A sensor that asks again after each answer: retrain, promote and their like follow one another, but not for ever.
MOST_ROUNDS = 8
CURSOR = "harken/follow_up/{}"


@dataclass(frozen=True)
class Followed:
    """A run that was asked for. `by`: the sensor or schedule."""

    by: str
    job: str
    run_key: str
    outcome: Outcome


def follow_up(session: Session, clock: datetime, until: datetime | None = None) -> list[Followed]:
    """Run what the schedules ask for in [clock, until) and what the sensors ask for, until they ask for nothing more.

    `clock`: the clock of the daily job just run (UTC), which the asked-for runs get as theirs; `until`: that of the
    next one. The schedule of the daily job itself is left out: who calls this runs it. A run that fails ends its
    sensor's turn, with the cursor where it was: it asks again next time. Raises HarkenError where a sensor can't be
    evaluated, or never stops asking.
    """
    done = _keep_schedules(session, clock, until) if until is not None else []
    stopped: set[str] = set()
    for _ in range(MOST_ROUNDS):
        found = list(_ask_sensors(session, clock, stopped))
        done += found
        if not found:
            return done
        stopped |= {run.by for run in found if run.outcome.problems}
    raise HarkenError(f"the sensors go on asking after {MOST_ROUNDS} rounds, last {done[-1].by} for {done[-1].run_key}")


def _ask_sensors(session: Session, clock: datetime, stopped: set[str]) -> Iterator[Followed]:
    """One turn of each sensor. Its cursor moves when all that it asked for has succeeded."""
    import dagster as dg
    from dagster._core.definitions.sensor_definition import SensorType
    from dagster._core.storage.tags import SENSOR_NAME_TAG

    storage = session.instance.run_storage
    for sensor in session.definitions.get_repository_def().sensor_defs:
        if sensor.name in stopped or sensor.sensor_type != SensorType.STANDARD:
            continue
        key = CURSOR.format(sensor.name)
        cursor = storage.get_cursor_values({key}).get(key)
        context = dg.build_sensor_context(
            session.instance, cursor, definitions=session.definitions, sensor_name=sensor.name
        )
        try:
            asked = sensor.evaluate_tick(context)
        except Exception as error:
            raise HarkenError(f"sensor {sensor.name}: {one_line(error)}") from error
        whole = True
        for request in asked.run_requests or ():
            job = request.job_name or sensor.job_name or DAILY
            ran = _run(session, request, sensor.name, job, {SENSOR_NAME_TAG: sensor.name}, clock)
            if ran is not None:
                yield ran
                whole = whole and not ran.outcome.problems
        if whole and asked.cursor is not None and asked.cursor != cursor:
            storage.set_cursor_values({key: asked.cursor})


def _keep_schedules(session: Session, clock: datetime, until: datetime) -> list[Followed]:
    """The schedules whose time has come, in the order of their times."""
    import dagster as dg
    from dagster._core.storage.tags import SCHEDULE_NAME_TAG

    done = []
    for at, schedule in sorted(_times(session, clock, until), key=lambda found: (found[0], found[1].name)):
        context = dg.build_schedule_context(
            session.instance, at, repository_def=session.definitions.get_repository_def()
        )
        try:
            asked = schedule.evaluate_tick(context)
        except Exception as error:
            raise HarkenError(f"schedule {schedule.name}: {one_line(error)}") from error
        for request in asked.run_requests or ():
            job = request.job_name or schedule.job_name
            ran = _run(session, request, schedule.name, job, {SCHEDULE_NAME_TAG: schedule.name}, clock, at)
            if ran is not None:
                done.append(ran)
    return done


def _times(session: Session, clock: datetime, until: datetime) -> Iterator[tuple[datetime, dg.ScheduleDefinition]]:
    for schedule in session.definitions.get_repository_def().schedule_defs:
        if schedule.job_name != DAILY:
            zone = schedule.execution_timezone or "UTC"
            yield from ((at, schedule) for at in times_of(schedule.cron_schedule, zone, clock, until))


def times_of(cron: str | Sequence[str], zone: str, first: datetime, until: datetime) -> list[datetime]:
    """The moments in [first, until) (UTC) at which a schedule's time has come."""
    from dagster._utils.schedules import schedule_execution_time_iterator

    times: Iterable[datetime] = schedule_execution_time_iterator(first.replace(tzinfo=UTC).timestamp(), cron, zone)
    return list(itertools.takewhile(lambda at: at < until.replace(tzinfo=UTC), times))


def _run(
    session: Session,
    request: dg.RunRequest,
    by: str,
    job: str,
    tags: dict[str, str],
    clock: datetime,
    at: datetime | None = None,
) -> Followed | None:
    """Run a request, unless its key has been run before; then None."""
    from dagster import RunsFilter
    from dagster._core.storage.tags import RUN_KEY_TAG

    run_key = request.run_key or (f"{by}-{at.isoformat()}" if at else None)
    if run_key:
        tags = {**tags, RUN_KEY_TAG: run_key}
        if session.instance.get_runs(RunsFilter(job_name=job, tags=tags), limit=1):
            return None
    outcome = session.run(
        job,
        Window(until=clock),
        run_config=request.run_config,
        tags={**request.tags, **tags},
        asset_selection=request.asset_selection,
    )
    return Followed(by, job, run_key or "", outcome)
