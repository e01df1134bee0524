"""Shifts, as planned and as lived: a week's work, sickness, cuts, given plans, and who is on duty when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from simulator import simulate
from simulator.clock import Clock
from simulator.floor.calendar import DutyCalendar
from simulator.floor.shifts import (
    ABSENCE,
    AWAY,
    BREAK,
    MEETING,
    SCHEDULED,
    SHIFT_HOURS,
    TRAINING,
    WORKED,
    Floor,
    Spans,
    lived,
    on_duty,
    planned_days,
    schedule,
    sick_days,
    spans,
)
from simulator.learning import create_learning
from simulator.reference import DAY, HOUR
from simulator.scale import Scale
from simulator.scenarios import Effect, Levers
from simulator.workforce import SITE_OFFSET, create_agents

SEED, START = 3, date(2025, 11, 5)
WEEKS = 52


def floor_of(levers: Levers | None = None) -> Floor:
    given = levers or Levers()
    agents = create_agents(SEED, Scale(agents=300))
    return Floor(SEED, agents, Clock(START), given, create_learning(SEED, agents, given))


@pytest.fixture(scope="module")
def floor() -> Floor:
    return floor_of()


@pytest.fixture(scope="module")
def planned(floor: Floor) -> np.ndarray:
    """days x agents: who is planned, over a year of those who are here throughout."""
    return np.array([planned_days(floor, day) for day in range(WEEKS * 7)])[:, here_all_year(floor)]


def here_all_year(floor: Floor) -> np.ndarray:
    return floor.agents.employed(0) & floor.agents.employed(WEEKS * 7)


def test_agents_work_five_days_a_week_net_of_leave(floor: Floor, planned: np.ndarray) -> None:
    # from the first Monday on
    first = (7 - floor.clock.weekday(0)) % 7
    weeks = planned[first : first + (WEEKS - 1) * 7].reshape(-1, 7, planned.shape[1]).sum(axis=1)
    # a week is worked in full or spent on leave
    assert set(np.unique(weeks)) == {0, 5}
    on_leave = (weeks == 0).sum(axis=0)
    assert set(np.unique(on_leave)) <= {4, 5}
    assert weeks[weeks > 0].mean() == 5.0


def test_weekends_are_worked_in_turn(floor: Floor, planned: np.ndarray) -> None:
    weekday = np.array([floor.clock.weekday(day) for day in range(len(planned))])
    front = floor.agents.front[here_all_year(floor)]
    ordinary = planned[weekday < 5].mean(axis=0)
    for mine, turn in ((front, 2), (~front, 4)):
        # weeks of leave fall on weekends at work a little more often than on others
        share = planned[weekday >= 5][:, mine].mean()
        assert share == pytest.approx((1 - 5 / 52) / turn, rel=0.08)
        assert ordinary[mine].mean() == pytest.approx((1 - 5 / 52) * (1 - 0.4 / turn), rel=0.05)
    # no weekday is left to a few
    by_weekday = np.array([planned[weekday == number].mean() for number in range(5)])
    assert by_weekday.min() > 0.9 * by_weekday.max()


def test_nobody_is_planned_before_the_hire_or_after_leaving(floor: Floor) -> None:
    agents = floor.agents
    for day in range(0, 365, 5):
        on = planned_days(floor, day)
        assert (agents.hired[on] < day * DAY).all()
        assert ((agents.left[on] < -DAY) | (agents.left[on] > (day + 1) * DAY)).all()


def test_sickness_comes_in_spells_of_days(floor: Floor) -> None:
    sick = np.array([sick_days(floor, day) for day in range(700)])
    share = sick.mean()
    assert 0.015 < share < 0.045
    # the day after a sick day is most likely sick too, far beyond what is usual
    assert sick[1:][sick[:-1]].mean() > 10 * share
    own = sick - sick.mean(axis=0)
    correlation = [float((own[lag:] * own[:-lag]).mean() / (own**2).mean()) for lag in (1, 2, 4, 10)]
    assert correlation[0] > 0.5
    assert correlation[0] > correlation[1] > correlation[2] > correlation[3]
    assert abs(correlation[3]) < 0.05
    # a spell has two days at least, and ends
    edges = np.diff(np.vstack([np.zeros(sick.shape[1]), sick, np.zeros(sick.shape[1])]), axis=0)
    for agent in range(sick.shape[1]):
        length = np.flatnonzero(edges[:, agent] < 0) - np.flatnonzero(edges[:, agent] > 0)
        assert (length[1:-1] >= 2).all() and (length <= 14).all()


def test_the_sick_are_absent_and_the_others_come(floor: Floor) -> None:
    for day in range(20, 40):
        plan = schedule(floor, day)
        went = lived(floor, day, plan)
        sick = sick_days(floor, day)
        absent = went.take(went.activity == ABSENCE)
        assert (np.sort(absent.agent) == np.sort(plan.agent[sick[plan.agent]])).all()
        worked = went.take(went.activity == WORKED)
        assert (np.sort(worked.agent) == np.sort(plan.agent[~sick[plan.agent]])).all()
        assert not sick[went.agent[went.activity != ABSENCE]].any()
        hour = dict(zip(plan.agent.tolist(), plan.starts.tolist(), strict=True))
        late = worked.starts - np.array([hour[agent] for agent in worked.agent.tolist()])
        assert late.min() >= 0 and late.max() < HOUR


def test_a_day_can_be_laid_out_without_the_ones_before(floor: Floor) -> None:
    there, fresh = DutyCalendar(floor, None), DutyCalendar(floor, None)
    for day in range(30):
        there.front(day), there.back(day)
    for name, values in there.front(30).arrays().items():
        assert (values == getattr(fresh.front(30), name)).all()
    for name, values in there.back(30).arrays().items():
        assert (values == getattr(fresh.back(30), name)).all()


def test_a_cut_takes_its_share_of_the_agents_away() -> None:
    before, after = floor_of(), floor_of(Levers((Effect("staff", -0.25, "step", 0, 30),)))
    for day in range(20, 30):
        assert (planned_days(before, day) == planned_days(after, day)).all()
    shares = []
    for day in range(30, 100):
        usual, left = planned_days(before, day), planned_days(after, day)
        assert (left <= usual).all()
        shares.append(left.sum() / usual.sum())
    # the same people are gone for good, and about a quarter of them
    assert np.mean(shares) == pytest.approx(0.75, abs=0.04)
    gone = {agent for day in range(30, 100) for agent in np.flatnonzero(planned_days(after, day)).tolist()}
    assert (after.agents.keep[sorted(gone)] < 0.75).all()


def given_plan(floor: Floor, days: range) -> Spans:
    """Two in front of each site who start at noon for six hours, with a break of their own."""
    parts = []
    for day in days:
        front = np.flatnonzero(floor.agents.front & floor.agents.employed(day))
        who = np.concatenate([front[floor.agents.site[front] == site][:2] for site in range(len(SITE_OFFSET))])
        starts = day * DAY + (12 - SITE_OFFSET[floor.agents.site[who]]) * HOUR
        parts += [spans(who, starts, starts + 6 * HOUR, SCHEDULED)]
        parts += [spans(who, starts + 2 * HOUR, starts + 2 * HOUR + 1200, BREAK)]
    return Spans.join(parts)


def test_a_given_plan_replaces_the_front_desks_shifts_on_its_days(floor: Floor) -> None:
    plan = given_plan(floor, range(10, 13))
    front = floor.agents.front
    for day in range(8, 15):
        own, found = schedule(floor, day), schedule(floor, day, plan)
        ours, theirs = own.take(~front[own.agent]), found.take(~front[found.agent])
        assert (ours.agent == theirs.agent).all() and (ours.starts == theirs.starts).all()
        here = found.take(front[found.agent])
        if 10 <= day < 13:
            assert sorted(here.activity.tolist()) == [SCHEDULED] * 12 + [BREAK] * 12
            local = here.starts + SITE_OFFSET[floor.agents.site[here.agent]] * HOUR - day * DAY
            assert set(local[here.activity == SCHEDULED].tolist()) == {12 * HOUR}
        else:
            assert (here.starts == own.starts[front[own.agent]]).all()


def test_a_given_plan_is_lived(floor: Floor) -> None:
    plan = given_plan(floor, range(10, 13))
    went = lived(floor, 11, schedule(floor, 11, plan))
    front = floor.agents.front[went.agent]
    sick = sick_days(floor, 11)
    worked = went.take(front & (went.activity == WORKED))
    pauses = went.take(front & np.isin(went.activity, AWAY))
    planned = plan.take((plan.activity == SCHEDULED) & (plan.starts // DAY == 11) & ~sick[plan.agent])
    assert set(worked.agent.tolist()) == set(planned.agent.tolist())
    # the breaks are the plan's: none of the usual ones beside them
    assert sorted(pauses.agent.tolist()) == sorted(worked.agent.tolist())
    assert (pauses.ends - pauses.starts >= 1200).all()


def test_a_plan_for_agents_of_the_back_desk_is_left_aside(floor: Floor) -> None:
    back = np.flatnonzero(~floor.agents.front & planned_days(floor, 10))[:3]
    local = 10 * DAY - SITE_OFFSET[floor.agents.site[back]] * HOUR
    theirs = spans(back, local + 9 * HOUR, local + 15 * HOUR, SCHEDULED)
    found = schedule(floor, 10, Spans.join([given_plan(floor, range(10, 11)), theirs]))
    kept = found.take(np.isin(found.agent, back))
    assert len(kept) == 3
    assert set((kept.ends - kept.starts).tolist()) == {SHIFT_HOURS * HOUR}
    # and a plan of theirs alone says nothing about the front desk
    assert len(schedule(floor, 10, theirs)) == len(schedule(floor, 10))


def test_a_plan_brings_nobody_back_who_has_been_cut() -> None:
    cut = floor_of(Levers((Effect("staff", -0.5, "step", 0, 0),)))
    found = schedule(cut, 10, given_plan(cut, range(10, 11)))
    assert len(found) > 0
    assert (cut.agents.keep[found.agent] < 0.5).all()


def test_a_plan_that_names_a_stranger_is_refused(tmp_path: Path) -> None:
    plan = pa.table({
        "agent_id": ["A0001", "A9000"], "starts_at": ["2025-11-06T09:00:00Z"] * 2,
        "ends_at": ["2025-11-06T15:00:00Z"] * 2, "activity": ["scheduled"] * 2,
    })  # fmt: skip
    with pytest.raises(ValueError, match="'A9000' is no agent of this company"):
        simulate(tmp_path / "landing", tmp_path / "truth", start=START, days=2, contacts_per_day=50, shift_plan=plan)


def minute_by_minute(actual: Spans, front: np.ndarray, wanted: bool, minutes: int) -> np.ndarray:
    """agents x minutes: whether each is on duty, by looking at every span on its own."""
    on = np.zeros((len(front), minutes), dtype=bool)
    for inside in (True, False):
        for agent, starts, ends, activity in zip(*actual.arrays().values(), strict=True):
            if activity == WORKED if inside else activity in (BREAK, TRAINING, MEETING):
                on[agent, max(starts, 0) : max(ends, 0)] = inside
    return on & (front == wanted)[:, None]


def random_day(rng: np.random.Generator) -> tuple[Spans, np.ndarray]:
    """Disjoint stretches of work, and pauses anywhere: in, around, across and upon each other, some of no length."""
    agents, minutes = 5, 200
    parts = []
    for agent in range(agents):
        bounds = np.sort(rng.choice(minutes, 2 * int(rng.integers(0, 4)), replace=False))
        starts, ends = bounds[::2].copy(), bounds[1::2]
        if len(starts) > 1 and rng.random() < 0.3:
            # two stretches that touch
            starts[1] = ends[0]
        parts.append(spans(np.full(len(starts), agent), starts, ends, WORKED))
        count = int(rng.integers(0, 6))
        begins = rng.integers(0, minutes, count)
        if len(bounds) and count and rng.random() < 0.5:
            begins[0] = rng.choice(bounds)
        length = rng.integers(0, 40, count)
        parts.append(spans(np.full(count, agent), begins, begins + length, rng.choice(AWAY, count)))
        # what was planned or missed takes nobody to work or away
        other, activity = rng.integers(0, minutes, 1), int(rng.choice([SCHEDULED, ABSENCE]))
        parts.append(spans(np.array([agent]), other, other + 20, activity))
    actual = Spans.join(parts)
    return actual.take(rng.permutation(len(actual))), rng.random(agents) < 0.6


@pytest.mark.parametrize("wanted", [True, False])
def test_on_duty_is_work_less_pauses(wanted: bool) -> None:
    rng = np.random.default_rng(17)
    for _ in range(400):
        actual, front = random_day(rng)
        found = on_duty(actual, front, wanted)
        assert (found.ends > found.starts).all()
        seen = np.zeros((len(front), 300), dtype=int)
        for agent, starts, ends, _ in zip(*found.arrays().values(), strict=True):
            seen[agent, starts:ends] += 1
        # disjoint, within what was worked, and all of it
        assert seen.max(initial=0) <= 1
        assert (seen.astype(bool) == minute_by_minute(actual, front, wanted, 300)).all()


def test_on_duty_on_a_company_s_own_days(floor: Floor) -> None:
    calendar = DutyCalendar(floor, None)
    for day in (5, 40):
        front, back = calendar.front(day), calendar.back(day)
        assert floor.agents.front[front.agent].all() and not floor.agents.front[back.agent].any()
        for found in (front, back):
            same = found.agent[1:] == found.agent[:-1]
            assert (found.starts[1:][same] >= found.ends[:-1][same]).all()
        # lunch, a short break and, for some, a meeting: between three and five stretches a shift
        shifts = sum(int((calendar.lived(some).activity == WORKED).sum()) for some in range(day - 1, day + 2))
        assert 3 <= len(front) / (shifts * floor.agents.front.mean()) <= 5
