"""Plays a contact centre day by day in one process: a day is lived, its files land, the daily job runs, sensors follow.

The clock of a day is its review hour (UTC): the centre has lived until the midnight before it, and acts on what was
published that morning when it lives the day. What belongs here: the order of things, and where a loop that was stopped
goes on. The centre itself comes from the command line (`Centre`), the runs from `orchestration.run`, what the tables
say of the days from `loop_report.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from orchestration.report import Report
from orchestration.settings import Settings
from orchestration.workbench import DAILY, Window
from warehouse.errors import HarkenError
from warehouse.home import Home, open_home

if TYPE_CHECKING:
    from ml.task import PredictionTask
    from orchestration.follow_up import Followed
    from orchestration.run import Outcome, Session

PLAN_FILE = "loop.json"
# The source whose files a simulated centre sends.
SOURCE = "harken"


class Centre(Protocol):
    """What lives the days. Both raise HarkenError where it can't."""

    def days_lived(self) -> int:
        """Whole days lived so far, from the centre's first."""

    def live(self, days: int, act: bool) -> int:
        """Live until so many days are over, and land their files; rows written. `act`: on what is published now."""


@dataclass(frozen=True)
class Plan:
    """What is played. `first`: the day of the first run; `warm_up`: days lived before it, landed at once."""

    first: date
    days: int
    warm_up: int
    contacts_a_day: float
    scenarios: tuple[str, ...] = ()
    acts_on: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The centre's first day."""
        return self.first - timedelta(days=self.warm_up)

    def clock(self, number: int, review_hour: int) -> datetime:
        """The moment (UTC) at which day `number` (0 is the first) is looked at."""
        return datetime(self.first.year, self.first.month, self.first.day, review_hour) + timedelta(days=number)


@dataclass(frozen=True)
class Played:
    """A day just played. Seconds of wall time; `steps`: seconds of the daily job by step; `cpu`: of this process."""

    number: int
    clock: datetime
    outcome: Outcome
    rows: int
    followed: list[Followed] = field(default_factory=list)
    living: float = 0.0
    running: float = 0.0
    following: float = 0.0
    cpu: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.living + self.running + self.following

    @property
    def problems(self) -> list[str]:
        return [*self.outcome.problems, *(f"{run.job}: {p}" for run in self.followed for p in run.outcome.problems)]

    def __str__(self) -> str:
        asked = ", ".join(run.job for run in self.followed)
        told = "; ".join(dict.fromkeys(self.problems)) or asked
        return (
            f"day {self.number + 1:>3}  {self.clock:%Y-%m-%d %H:%M}{self.rows:>12,} rows"
            f"{self.living:>7.1f} + {self.running:.1f} + {self.following:.1f} s  {told}"
        ).rstrip()


def play(
    settings: Settings,
    plan: Plan,
    centre: Centre,
    tell: Callable[[str], None] = lambda line: None,
    *,
    tasks: Mapping[str, PredictionTask] | None = None,
    dbt_project_dir: Path | None = None,
    suites: Sequence[str] | None = None,
) -> list[Played]:
    """Play the days that this home hasn't played yet; a day whose run fails is told, and the next one follows.

    Raises HarkenError where the home plays something else already, where a day would lie in the future, or where the
    centre or a sensor can't go on.
    """
    from orchestration.run import open_session

    # Nobody is to be woken by what a simulated centre is alerted of.
    settings = settings.model_copy(update={"alert_webhook": SecretStr("")})
    home = open_home(settings.home)
    _must_be_past(plan, settings)
    keep_plan(home, plan)
    report = Report()
    with open_session(settings, report, tasks, dbt_project_dir, suites, "harken loop") as session:
        done = _days_played(session, plan)
        if done:
            tell(f"{done} of {plan.days} days are played already: going on")
            _follow(session, plan, done - 1)
        played = []
        for number in range(done, plan.days):
            played.append(_play_day(session, plan, centre, number))
            tell(str(played[-1]))
        return played


def settle_lag(settings: Settings) -> bool:
    """Write the lag of a centre whose files come at midnight into a home's settings; whether it wasn't there.

    A row that trains may use what was known at its morning; without a lag that would be the night's events too, which
    no scoring ever has (its files come at the next midnight): the model would learn from rows it never sees again, and
    every day would look like drift. It stands in harken.toml, so that every command on this home builds alike.
    """
    if SOURCE in settings.arrival_lag_minutes:
        return False
    # One minute more, so that what happened at midnight itself is on the same side everywhere.
    lag = settings.review_hour * 60 + 1
    if settings.arrival_lag_minutes:
        raise HarkenError(f"arrival_lag_minutes names no lag of {SOURCE}: add one, such as {lag}")
    with open_home(settings.home).settings_file.open("a", encoding="utf-8") as file:
        file.write("\n# A day's files come at midnight and are looked at in the morning.\n")
        file.write(f"[arrival_lag_minutes]\n{SOURCE} = {lag}\n")
    return True


def _play_day(session: Session, plan: Plan, centre: Centre, number: int) -> Played:
    clock = plan.clock(number, session.settings.review_hour)
    before, cpu = time.monotonic(), time.process_time()
    centre.live(plan.warm_up + number, act=number > 0)
    lived = time.monotonic()
    outcome = session.run(DAILY, Window(until=clock))
    ran = time.monotonic()
    landing = session.report.facts.get("landing")
    steps = {line.name: line.seconds for line in session.report.steps}
    followed = _follow(session, plan, number)
    ended = time.monotonic()
    return Played(
        number,
        clock,
        outcome,
        landing.rows if landing else 0,
        followed,
        lived - before,
        ran - lived,
        ended - ran,
        time.process_time() - cpu,
        steps,
    )


def _follow(session: Session, plan: Plan, number: int) -> list[Followed]:
    from orchestration.follow_up import follow_up

    hour = session.settings.review_hour
    return follow_up(session, plan.clock(number, hour), plan.clock(number + 1, hour))


def _must_be_past(plan: Plan, settings: Settings) -> None:
    """Landing quarantines rows of the future, and rightly: a day can be played once it is over."""
    last = plan.clock(plan.days - 1, settings.review_hour)
    if last > datetime.now(UTC).replace(tzinfo=None):
        raise HarkenError(
            f"the last day, {last:%Y-%m-%d}, lies in the future, and rows of the future would be quarantined: "
            "begin earlier or play fewer days"
        )


def keep_plan(home: Home, plan: Plan) -> None:
    """Write down what this home plays, or compare with what it says. Only the number of days may change."""
    file = home.truth / PLAN_FILE
    wanted = {key: value for key, value in json.loads(json.dumps(asdict(plan), default=str)).items() if key != "days"}
    if file.exists():
        kept = json.loads(file.read_text(encoding="utf-8"))
        different = [f"{key} {kept.get(key)!r}" for key in wanted if kept.get(key) != wanted[key]]
        if different:
            raise HarkenError(
                f"{home.root} plays another loop ({', '.join(different)}): repeat its options, or give this one "
                "another HARKEN_HOME"
            )
        return
    if any(path.is_file() for path in home.landing.rglob("*")):
        raise HarkenError(f"{home.landing} holds files already: give the loop a home of its own with HARKEN_HOME")
    file.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")


def _days_played(session: Session, plan: Plan) -> int:
    """Days from the first whose daily job came to its end, well or not. One that was killed is run again."""
    from orchestration.instance import close_orphaned_runs
    from warehouse.connect import connect
    from warehouse.operations import read

    # Under the writer's lock: what still says that it runs was killed.
    close_orphaned_runs(session.instance, besides="")
    if not session.home.warehouse_file.exists():
        return 0
    with connect(session.home) as con:
        runs = read(con, "ops.runs", "job = ? and status in ('succeeded', 'failed')", [DAILY])
    ended = {moment.to_pydatetime() for moment in runs["clock"].dropna()}
    number = 0
    while plan.clock(number, session.settings.review_hour) in ended:
        number += 1
    return min(number, plan.days)
