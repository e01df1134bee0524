"""The switchboard and the mail desk against queueing theory, and rule by rule on calls made by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pytest
from scipy import stats

from simulator.floor import maildesk, switchboard
from simulator.floor.shifts import Spans, spans
from simulator.floor.switchboard import GAVE_UP, LEFT_NUMBER, TAKEN, Calls, Outbound, Outcomes, Switchboard

LONG = 10**9
# so that whole seconds are a negligible rounding of a service time
MEAN_SERVICE = 10_000.0


def calls_of(offered: list[int] | np.ndarray, **columns: object) -> Calls:
    """Calls to queue 0 by people who hold the line for ever and take a minute; columns say what differs."""
    count = len(offered)
    usual: dict[str, object] = {
        "queue": 0, "chat": False, "urgent": False, "patience": LONG, "work": 60, "leg": -1, "redial": -1,
        "redial_after": 0, "follows": False, "wants_callback": False, "reachable": True,
    }  # fmt: skip
    values = usual | columns
    made = {name: np.array(np.broadcast_to(np.asarray(value), count)) for name, value in values.items()}
    return Calls(offered=np.asarray(offered, dtype=np.int64), **made)


def on_duty(*stretches: tuple[int, int, int]) -> Spans:
    """agent, from, until."""
    agent, starts, ends = (np.array(column) for column in zip(*stretches, strict=True))
    return spans(agent, starts, ends, 1)


def play(
    calls: Calls, duty: Spans, skills: list[list[int]] | None = None, busy: list[int] | None = None
) -> tuple[Outcomes, Outbound]:
    """Run calls past agents of the usual pace; without `skills` all agents master queue 0."""
    mastered = np.array(skills or [[1]] * (int(duty.agent.max()) + 1))
    until = np.array(busy or [-LONG] * len(mastered))
    return Switchboard(calls, duty, mastered, np.ones(mastered.shape), until).run()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents who neither tire nor hurry, as theory has them."""
    for name in ("HURRY", "TIRING", "CHAT_SLOWDOWN"):
        monkeypatch.setattr(switchboard, name, 0.0)


@dataclass(frozen=True)
class Steady:
    """A queue in its steady state: the share who wait, the mean wait (seconds) of those served, the share who leave."""

    waits: float
    wait: float
    leaves: float


def erlang_a(arrivals: float, service: float, agents: int, patience: float) -> Steady:
    """M/M/c+M from the balance of its birth and death rates; without patience (infinite) it is Erlang C.

    arrivals: a second; service and patience: mean seconds. With n in the system the state falls at a rate of
    min(n, c) / service + max(n - c, 0) / patience. Little's law turns the mean number waiting into a mean wait;
    the wait of those served follows from those of all arrivals: among n who wait in front and one's own patience,
    a newcomer is served after n + 1 departures, each one's rate known (Garnett, Mandelbaum and Reiman, 2002).
    """
    most = agents + 4000
    state = np.arange(1, most + 1)
    deaths = np.minimum(state, agents) / service + np.maximum(state - agents, 0) / patience
    weight = np.concatenate([[0.0], np.cumsum(np.log(arrivals) - np.log(deaths))])
    share = np.exp(weight - weight.max())
    share /= share.sum()
    # one who finds `ahead` waiting moves up at these rates, until served; own impatience competes at each step
    ahead = np.arange(most - agents)
    rate = agents / service + ahead / patience
    stays = np.cumprod(rate / (rate + 1 / patience))
    until_served = np.cumsum(1 / (rate + 1 / patience))
    finds = share[agents:most]
    served = share[:agents].sum() + (finds * stays).sum()
    return Steady(finds.sum() + share[most], float((finds * stays * until_served).sum() / served), 1 - float(served))


@dataclass(frozen=True)
class Measured:
    waits: float
    wait: float
    leaves: float
    waiting: float  # time-average of the number in line
    by_little: float  # arrival rate times mean time in line


def simulate_queue(seed: int, load: float, agents: int, patience: float, services: float = 1600.0) -> Measured:
    """A stretch of `services` mean service times from an empty start; its first tenth isn't counted."""
    rng = np.random.default_rng(seed)
    horizon = services * MEAN_SERVICE
    count = rng.poisson(load / MEAN_SERVICE * horizon)
    offered = np.sort((rng.random(count) * horizon).astype(np.int64))
    work = rng.exponential(MEAN_SERVICE, count).astype(np.int64) + 1
    held = np.minimum(rng.exponential(patience, count), LONG).astype(np.int64) if np.isfinite(patience) else LONG
    duty = on_duty(*((agent, 0, 10 * LONG) for agent in range(agents)))
    found, _ = play(calls_of(offered, work=work, patience=held), duty)
    assert set(np.unique(found.fate)) <= {TAKEN, GAVE_UP}
    leaves_line = np.where(found.fate == TAKEN, found.answered, found.ended)
    since, until = int(horizon / 10), int(horizon)
    counted = offered >= since
    in_line = leaves_line - offered
    taken = counted & (found.fate == TAKEN)
    # the time-average looks at the window alone, Little's law at those who arrive in it
    present = np.minimum(leaves_line, until) - np.maximum(offered, since)
    return Measured(
        waits=float(((in_line > 0) | (found.fate == GAVE_UP))[counted].mean()),
        wait=float(in_line[taken].mean()),
        leaves=float((found.fate == GAVE_UP)[counted].mean()),
        waiting=float(np.maximum(present, 0).sum() / (until - since)),
        by_little=float(counted.sum() / (until - since) * in_line[counted].mean()),
    )


def within_four_errors(values: list[float], expected: float, floor: float) -> bool:
    """Whether replications agree with theory. floor: what rounding to whole seconds alone can make."""
    return abs(np.mean(values) - expected) <= 4 * stats.sem(values) + floor


def test_the_formula_itself_gives_known_values() -> None:
    # Erlang C of 10 erlang on 12 agents: 0.4494 wait, 0.4494 / (12 - 10) service times on average
    known = erlang_a(10.0, 1.0, 12, np.inf)
    assert known.waits == pytest.approx(0.4494, abs=1e-3)
    assert known.wait == pytest.approx(0.4494 / 2, abs=1e-3)
    # with patience equal to service it is M/M/infinity: a Poisson number in the system
    found = erlang_a(9.0, 1.0, 10, 1.0)
    assert found.waits == pytest.approx(float(stats.poisson(9.0).sf(9)))
    assert found.leaves == pytest.approx(float((stats.poisson(9.0).sf(np.arange(10, 80))).sum()) / 9.0)


@pytest.mark.parametrize(("name", "load"), [("light", 7.0), ("critical", 10.0), ("overloaded", 13.0)])
def test_waits_and_hang_ups_follow_erlang_a(plain: None, name: str, load: float) -> None:
    theory = erlang_a(load / MEAN_SERVICE, MEAN_SERVICE, 10, 1.5 * MEAN_SERVICE)
    runs = [simulate_queue(seed, load, 10, 1.5 * MEAN_SERVICE) for seed in range(12)]
    assert within_four_errors([run.waits for run in runs], theory.waits, 1e-3)
    assert within_four_errors([run.leaves for run in runs], theory.leaves, 1e-3)
    assert within_four_errors([run.wait for run in runs], theory.wait, 2.0)
    # and the errors are small enough for that to mean something
    assert stats.sem([run.waits for run in runs]) < 0.01


def test_waits_without_hang_ups_follow_erlang_c(plain: None) -> None:
    theory = erlang_a(8.0 / MEAN_SERVICE, MEAN_SERVICE, 10, np.inf)
    runs = [simulate_queue(seed, 8.0, 10, np.inf) for seed in range(100, 112)]
    assert all(run.leaves == 0 for run in runs)
    assert within_four_errors([run.waits for run in runs], theory.waits, 1e-3)
    assert within_four_errors([run.wait for run in runs], theory.wait, 2.0)


@pytest.mark.parametrize("patience", [1.5 * MEAN_SERVICE, np.inf])
def test_littles_law(plain: None, patience: float) -> None:
    run = simulate_queue(7, 9.0, 10, patience, services=8000)
    assert run.waiting == pytest.approx(run.by_little, rel=0.01)
    assert run.waiting > 0.3


def test_first_come_is_first_served(plain: None) -> None:
    found, _ = play(calls_of([0, 10, 20, 30]), on_duty((0, 0, 1000)))
    assert found.answered.tolist() == [0, 60, 120, 180]


def test_a_leg_goes_before_ordinary_calls(plain: None) -> None:
    found, _ = play(calls_of([0, 10, 20], urgent=[False, False, True]), on_duty((0, 0, 1000)))
    assert found.answered.tolist() == [0, 120, 60]


def test_a_leg_enters_its_queue_when_the_first_ends(plain: None) -> None:
    last = [False, False, True]
    calls = calls_of([0, 5, -1], queue=[0, 1, 1], leg=[2, -1, -1], follows=last, urgent=last)
    found, _ = play(calls, on_duty((0, 0, 1000), (1, 0, 1000)), [[1, 0], [0, 1]])
    assert found.offered.tolist() == [0, 5, 60]
    assert found.agent.tolist() == [0, 1, 1]
    assert found.answered.tolist() == [0, 5, 65]


def test_an_agent_of_many_skills_takes_the_longest_waiting(plain: None) -> None:
    calls = calls_of([0, 30, 20, 10], queue=[0, 0, 1, 2])
    found, _ = play(calls, on_duty((0, 0, 1000)), [[1, 1, 1]])
    assert found.answered.tolist() == [0, 180, 120, 60]


def test_calls_go_to_those_who_master_the_queue(plain: None) -> None:
    found, _ = play(calls_of([0, 1, 2], queue=[0, 1, 1]), on_duty((0, 0, 1000), (1, 0, 1000)), [[1, 0], [0, 1]])
    assert found.agent.tolist() == [0, 1, 1]
    assert found.answered.tolist() == [0, 1, 61]


def test_the_agent_who_has_been_idle_for_longest_answers(plain: None) -> None:
    found, _ = play(calls_of([10, 20, 100, 101]), on_duty((0, 5, 1000), (1, 0, 1000)))
    assert found.agent.tolist() == [1, 0, 1, 0]


def test_nobody_is_served_by_those_off_duty(plain: None) -> None:
    calls = calls_of([0, 50, 250], work=60)
    found, _ = play(calls, on_duty((0, 100, 150), (0, 300, 400)))
    # the second waits for the end of the first, and so for the second stretch
    assert found.answered.tolist() == [100, 300, 360]
    # nor by one who was idle when duty ended
    assert play(calls_of([200]), on_duty((0, 0, 100), (0, 300, 400)))[0].answered.tolist() == [300]


def test_a_call_is_finished_after_the_end_of_duty(plain: None) -> None:
    found, _ = play(calls_of([90, 95]), on_duty((0, 0, 100), (0, 200, 300)))
    assert found.answered.tolist() == [90, 200]
    assert found.ended.tolist() == [150, 260]


def test_a_call_from_the_day_before_keeps_its_agent_busy(plain: None) -> None:
    found, _ = play(calls_of([0, 0]), on_duty((0, 0, 1000), (1, 0, 40)), busy=[70, 50])
    assert found.answered.tolist() == [70, 130]


def test_who_waits_hangs_up_when_their_patience_ends(plain: None) -> None:
    calls = calls_of([0, 10, 10, 20], patience=[1, 49, 50, 41])
    found, _ = play(calls, on_duty((0, 0, 1000)))
    # the third's patience ends in the second in which the line is free: too late
    assert found.fate.tolist() == [TAKEN, GAVE_UP, GAVE_UP, TAKEN]
    assert found.ended.tolist() == [60, 59, 60, 120]
    assert found.answered.tolist() == [0, -1, -1, 60]
    assert found.agent.tolist() == [0, -1, -1, 0]


def test_who_hangs_up_dials_again_after_a_while(plain: None) -> None:
    calls = calls_of(
        [0, 10, 20, -1, -1], patience=[LONG, 30, LONG, LONG, LONG], redial=[-1, 3, 4, -1, -1], redial_after=500,
        follows=[False, False, False, True, True],
    )  # fmt: skip
    found, _ = play(calls, on_duty((0, 0, 5000)))
    assert found.fate.tolist() == [TAKEN, GAVE_UP, TAKEN, TAKEN, -1]
    assert found.offered[3] == 10 + 30 + 500
    assert found.answered[3] == 540


def test_an_agent_has_up_to_three_chats(plain: None) -> None:
    found, _ = play(calls_of([0, 1, 2, 3, 4], chat=[True] * 4 + [False], work=100), on_duty((0, 0, 5000)))
    # the fourth chat begins when the first ends; the call waits until there is no chat left
    assert found.answered.tolist() == [0, 1, 2, 100, 200]


def test_a_call_that_has_waited_longer_keeps_an_agent_from_more_chats(plain: None) -> None:
    found, _ = play(calls_of([0, 1, 2, 3, 4], chat=[True] * 3 + [False, True], work=100), on_duty((0, 0, 5000)))
    assert found.answered.tolist() == [0, 1, 2, 102, 202]


def test_no_chat_begins_beside_a_call(plain: None) -> None:
    found, _ = play(calls_of([0, 1, 2], chat=[False, True, True]), on_duty((0, 0, 5000)))
    assert found.answered.tolist() == [0, 60, 60]


def test_chats_are_spread_over_those_with_few(plain: None) -> None:
    calls = calls_of([0, 1, 2, 3], chat=True, work=1000)
    found, _ = play(calls, on_duty((0, 0, 5000), (1, 0, 5000)))
    assert sorted(np.bincount(found.agent).tolist()) == [2, 2]


def test_a_chat_does_not_overtake_a_call_of_its_queue(plain: None) -> None:
    # the agent has room for a second chat, but the call came first
    found, _ = play(calls_of([0, 1, 2], chat=[True, False, True], work=100), on_duty((0, 0, 5000)))
    assert found.answered.tolist() == [0, 100, 200]


def test_chats_beside_each_other_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "TIRING", 0.0)
    found, _ = play(calls_of([0, 1, 2], chat=True, work=1000), on_duty((0, 0, 9000)))
    assert found.handled.tolist() == [1000, 1300, 1600]


def test_agents_hurry_and_tire() -> None:
    found, _ = play(calls_of([0, 3600, 3600], work=1000), on_duty((0, 0, 9000)))
    assert found.handled[0] == 1000
    # an hour into the shift, then once more with nobody waiting behind
    assert found.handled.tolist()[1:] == [1008, int(1000 * (1 + 0.008 * 4608 / 3600))]
    calls = calls_of([0, 1, 2], work=1000)
    assert play(calls, on_duty((0, 0, 9000)))[0].handled[1] < 1000


def test_who_leaves_a_number_is_called_back_when_nobody_waits(plain: None) -> None:
    calls = calls_of([0, 10, 20, 30], wants_callback=[False, False, True, False], patience=LONG)
    found, back = play(calls, on_duty((0, 0, 1000)))
    assert found.fate.tolist() == [TAKEN, TAKEN, LEFT_NUMBER, TAKEN]
    assert found.answered.tolist() == [0, 60, -1, 120]
    assert back.of.tolist() == [2]
    assert back.dialled.tolist() == [180]
    assert back.handled.tolist() == [60 + switchboard.DIAL_SECONDS]


def test_nobody_is_called_back_while_still_leaving_the_number(plain: None) -> None:
    calls = calls_of([0, 58, 59], wants_callback=[False, False, True], patience=[LONG, 2, LONG])
    found, back = play(calls, on_duty((0, 0, 1000)))
    assert found.fate.tolist() == [TAKEN, GAVE_UP, LEFT_NUMBER]
    assert back.dialled.tolist() == [found.ended[2]]


def test_who_does_not_pick_up_costs_half_a_minute(plain: None) -> None:
    calls = calls_of([0, 10, 20, 130], wants_callback=[False, False, True, False], reachable=False)
    found, back = play(calls, on_duty((0, 0, 1000)))
    assert back.reached.tolist() == [0] and back.dialled.tolist() == [120]
    assert found.answered[3] == 120 + switchboard.UNANSWERED_SECONDS


def a_hard_day(seed: int) -> tuple[Calls, Spans, list[list[int]]]:
    """Two queues, chats, legs, redials and callbacks, more than eight agents with breaks can take."""
    rng = np.random.default_rng(seed)
    first, legs, again = 400, 40, 60
    count = first + legs + again
    follows = np.arange(count) >= first
    leg, redial = np.full(count, -1), np.full(count, -1)
    leg[:legs] = first + np.arange(legs)
    redial[200 : 200 + again] = first + legs + np.arange(again)
    calls = calls_of(
        np.where(follows, -1, np.sort(rng.integers(0, 20_000, count))), queue=rng.integers(0, 2, count),
        chat=rng.random(count) < 0.3, urgent=follows & (np.arange(count) < first + legs),
        patience=rng.integers(1, 900, count), work=rng.integers(20, 900, count), leg=leg, redial=redial,
        redial_after=rng.integers(20, 1000, count), follows=follows, wants_callback=rng.random(count) < 0.2,
        reachable=rng.random(count) < 0.8,
    )  # fmt: skip
    order = np.argsort(calls.offered[:first], kind="stable")
    calls.offered[:first] = calls.offered[:first][order]
    stretches = [(agent, 0, 8000) for agent in range(8)] + [(agent, 9000, 25_000) for agent in range(8)]
    return calls, on_duty(*stretches), [[1, 0], [0, 1], [1, 1], [1, 1]] * 2


def test_the_same_day_comes_out_the_same(plain: None) -> None:
    calls, duty, skills = a_hard_day(3)
    shuffled = duty.take(np.random.default_rng(0).permutation(len(duty)))
    first, second, third = (play(calls, some, skills) for some in (duty, duty, shuffled))
    for column in fields(Outcomes):
        assert (getattr(first[0], column.name) == getattr(second[0], column.name)).all()
        assert (getattr(first[0], column.name) == getattr(third[0], column.name)).all()
    for column in fields(Outbound):
        assert (getattr(first[1], column.name) == getattr(third[1], column.name)).all()
    assert len(first[1]) > 5
    assert set(np.unique(first[0].fate)) == {-1, TAKEN, GAVE_UP, LEFT_NUMBER}


@pytest.mark.parametrize("seed", range(5))
def test_a_hard_day_keeps_all_rules(seed: int) -> None:
    calls, duty, skills = a_hard_day(seed)
    found, back = play(calls, duty, skills)
    entered = found.fate >= 0
    assert entered[~calls.follows].all()
    gave_up = found.fate == GAVE_UP
    assert (found.ended - found.offered)[gave_up].tolist() == calls.patience[gave_up].tolist()
    taken = found.fate == TAKEN
    assert ((found.answered - found.offered)[taken] < calls.patience[taken]).all()
    assert (np.array(skills)[found.agent[taken], calls.queue[taken]] == 1).all()
    legs, again = calls.leg >= 0, calls.redial >= 0
    assert (entered[calls.leg[legs]] == taken[legs]).all()
    assert (entered[calls.redial[again]] == gave_up[again]).all()
    assert set(back.of.tolist()) <= set(np.flatnonzero(found.fate == LEFT_NUMBER).tolist())
    assert len(np.unique(back.of)) == len(back)
    for agent in range(len(skills)):
        mine = taken & (found.agent == agent)
        assert _in_hand(found, back, mine, calls.chat, agent).max() <= 3


def _in_hand(found: Outcomes, back: Outbound, mine: np.ndarray, chat: np.ndarray, agent: int) -> np.ndarray:
    """What an agent has in hand over time: each chat counts one, each call three."""
    out = back.agent == agent
    starts = np.concatenate([found.answered[mine], back.dialled[out]])
    ends = np.concatenate([(found.answered + found.handled)[mine], (back.dialled + back.handled)[out]])
    weight = np.concatenate([np.where(chat[mine], 1, 3), np.full(int(out.sum()), 3)])
    at, step = np.concatenate([starts, ends]), np.concatenate([weight, -weight])
    return np.asarray(step[np.lexsort((step, at))].cumsum())


# a mail takes its length divided by the share of an agent's time that is there for mail
SLOWER = 1 / maildesk.SHARE_OF_TIME


def answer(
    offered: list[int], duty: Spans, queue: list[int] | None = None, seconds: int = 30,
    skills: list[list[int]] | None = None, free: np.ndarray | None = None,
) -> tuple[list[int], list[int]]:  # fmt: skip
    mastered = np.array(skills or [[1]] * (int(duty.agent.max()) + 1))
    count = len(offered)
    taken, agent = maildesk.answer(
        np.array(offered), np.array(queue or [0] * count), np.full(count, seconds), duty, mastered,
        np.full(len(mastered), -LONG) if free is None else free,
    )  # fmt: skip
    return taken.tolist(), agent.tolist()


def test_mail_is_answered_in_the_order_of_its_queue() -> None:
    taken, _ = answer([0, 10, 20], on_duty((0, 0, 1000)))
    assert taken == [0, 100, 200]
    both = on_duty((0, 0, 1000), (1, 0, 1000))
    taken, agent = answer([0, 1, 2, 3], both, queue=[0, 1, 0, 1], skills=[[1, 0], [0, 1]])
    assert (taken, agent) == ([0, 1, 100, 101], [0, 1, 0, 1])


def test_mail_waits_for_somebody_at_work() -> None:
    taken, _ = answer([0, 250, 260], on_duty((0, 100, 200), (0, 300, 400)))
    assert taken == [100, 300, -1]
    assert answer([500], on_duty((0, 0, 400)))[0] == [-1]


def test_mail_in_hand_carries_over_to_the_next_day() -> None:
    free = np.full(1, -LONG)
    duty = on_duty((0, 0, 150), (0, 1000, 2000))
    assert answer([0, 10, 20], duty, free=free)[0] == [0, 100, 1000]
    assert free.tolist() == [1100]
    # the next day's run begins where this one has left its agent
    assert answer([900], duty, free=free)[0] == [1100]


@pytest.mark.parametrize("seed", range(6))
def test_no_agent_answers_two_mails_at_a_time_or_off_duty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    agents, count, queues = 6, 300, 3
    starts = np.concatenate([np.arange(4) * 20_000 + rng.integers(0, 4000) for _ in range(agents)])
    duty = spans(np.repeat(np.arange(agents), 4), starts, starts + rng.integers(3000, 9000, len(starts)), 1)
    skills = (rng.random((agents, queues)) < 0.6).astype(int)
    skills[0] = 1
    offered, queue = np.sort(rng.integers(0, 50_000, count)), rng.integers(0, queues, count)
    seconds = rng.integers(10, 120, count)
    taken, agent = maildesk.answer(offered, queue, seconds, duty, skills, np.full(agents, -LONG))
    done = agent >= 0
    assert (taken[done] >= offered[done]).all() and skills[agent[done], queue[done]].all()
    for one in range(agents):
        mine = np.flatnonzero(agent == one)
        mine = mine[np.argsort(taken[mine])]
        assert (np.diff(taken[mine]) >= np.round(seconds[mine] * SLOWER)[:-1]).all()
        own, at = duty.take(duty.agent == one), taken[mine][:, None]
        inside = (at >= own.starts) & (at < own.ends)
        assert inside.any(axis=1).all()
    for one in range(queues):
        # first come, first served; after one that nobody takes up none is taken up
        turns = np.where(done, taken, LONG)[queue == one]
        assert (np.diff(turns) >= 0).all()
