"""Without drift the stated rate holds, whatever hangs together in a ticket, a day or a trend.

The rate is set to 5 % so that a few dozen batches tell: 80 clean ones bring more than 15 alarms once in 100,000
runs, and the seeds are fixed; without the control under test nearly every batch would alarm.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.drift import compare, make_reference
from ml.drift.draws import draw
from ml.drift.pool import RARE, make_pool

RATE = 0.05


def test_rate_of_small_independent_batches(task, rows, reference):
    batches = (rows(60, 100 + i, day=28) for i in range(80))
    assert sum(compare(task, reference, b, seed=i, alpha=RATE).alarm for i, b in enumerate(batches)) <= 15


def test_rate_where_rows_of_a_ticket_hang_together_over_days(task, rows, long_reference):
    batches = (rows(60, 300 + i, day=28, days=20, life=5.0) for i in range(40))
    assert sum(compare(task, long_reference, b, seed=i, alpha=RATE).alarm for i, b in enumerate(batches)) <= 8


def test_rate_of_one_day_of_long_lived_tickets(task, rows, long_reference):
    alarms = 0
    for i in range(40):
        weeks = rows(600, 500 + i, day=20, days=21, life=5.0)
        batch = weeks[weeks["as_of"] == weeks["as_of"].max()]
        alarms += compare(task, long_reference, batch, seed=i, alpha=RATE).alarm
    assert alarms <= 8


def test_rare_values_are_no_rarer_on_one_day_than_over_weeks(task, rows):
    """A ticket that stays for days has its rare value in many rows of the reference and in one of the day's."""

    def with_names(frame, seed):
        tickets = frame["ticket_id"].unique()
        share = 1 / np.arange(1, 401)
        names = np.random.default_rng(seed).choice(400, len(tickets), p=share / share.sum())
        return frame.assign(agent=frame["ticket_id"].map(dict(zip(tickets, names.astype(str), strict=True))))

    old = with_names(rows(1_500, 2, days=28, life=5.0), 0)
    reference = make_reference(task, old, pd.Series({"agent": 1.0}), seed=0)
    gaps = []
    for i in range(5):
        weeks = with_names(rows(900, 800 + i, day=20, days=21, life=5.0), i)
        batch = weeks[weeks["as_of"] == weeks["as_of"].max()]
        pool = make_pool(task, reference.encoder, reference.encoded, reference.encoder.encode(task, batch, None), set())
        rare = pool.matrix.column(pool.statistics.identities().index(("share", "agent", RARE)))
        gaps.append(rare[pool.in_batch].mean() - rare[~pool.in_batch].mean())
    assert abs(np.mean(gaps)) < 0.05


def test_what_all_tickets_of_a_day_share_must_exceed_the_other_days(task, rows, reference):
    found = [compare(task, reference, rows(300, 700 + i, day=28 + i), seed=i, alpha=RATE) for i in range(40)]
    assert sum(f.alarm for c in found for f in c.findings if f.subject == "load") <= 8
    assert sum(c.alarm for c in found) <= 8


def test_what_all_tickets_of_a_queue_share_is_one_observation(task, rows):
    """One queue of twelve had a single case this week, and all its tickets count it; where all had one, it's drift."""

    def counted(frame, cases):
        queue = frame["ticket_id"].str.rsplit("-").str[-1].astype(int) % 12
        return frame.assign(
            queue=queue.astype(str).where(queue != 5), cases=[cases.get(q, cases.get("all", 0)) for q in queue]
        )

    shared = replace(task, shared={"queue": ("cases",)})
    past = counted(rows(3_000, 2, days=28), {0: 1})
    past["cases"] *= past["as_of"].dt.day == 6  # once in four weeks
    for one, cases, alarms in ((shared, {3: 1}, []), (task, {3: 1}, ["cases"]), (shared, {"all": 1}, ["cases"])):
        reference = make_reference(one, past, pd.Series({"cases": 0.3, "hours": 0.3}), seed=0)
        found = compare(one, reference, counted(rows(1_000, 3, day=28), cases), seed=0)
        assert sorted({f.subject for f in found.findings if f.alarm}) == alarms


def test_what_all_tickets_of_an_agent_share_follows_what_the_agents_hold(task, rows):
    """A few agents who hold many tickets come and go, and their team's share with them; where all of a team hold
    a third of what they did, it's drift.

    Of 20 batches in which each agent holds another number of tickets than before, hardly one may alarm.
    """
    teams = 5

    def held(frame, seed):
        random = np.random.default_rng(seed)
        holds = random.gamma(0.5, size=100)
        agents = random.choice(100, len(frame), p=holds / holds.sum())
        return frame.assign(agent=agents.astype(str), team=(agents % teams).astype(str))

    def third(frame, team):
        return frame[(frame["team"] != team) | (np.arange(len(frame)) % 3 == 0)]

    def alarms(one, batches):
        past = held(rows(3_000, 2, days=28), 2)
        reference = make_reference(one, past, pd.Series({"team": 0.3, "hours": 0.3}), seed=0)
        found = [compare(one, reference, batch, seed=0) for batch in batches]
        return sum(any(f.alarm and f.subject == "team" for f in c.findings) for c in found)

    shared = replace(task, shared={"agent": ("team",)})
    batches = [held(rows(1_000, 900 + i, day=28), 50 + i) for i in range(20)]
    assert alarms(shared, batches) <= 1 < 10 < alarms(task, batches)
    same = held(rows(1_000, 3, day=28), 2)
    assert alarms(shared, [same]) == 0
    assert alarms(shared, [third(same, str(team)) for team in range(teams)]) >= teams - 1


def test_what_follows_the_season_must_exceed_what_the_weeks_do(task, rows):
    """A slow move hides in a few rows a week; one day a week of all tickets shows it."""

    def seasonal(frame):
        week = (frame["as_of"] - pd.Timestamp("2026-01-05")).dt.days // 7
        return frame.assign(amount=frame["amount"] * np.exp(0.04 * week))

    past = seasonal(rows(700, 2, days=112))
    weekly = pd.concat([seasonal(rows(1_500, 40 + n, day=6 + 7 * n)) for n in range(16)], ignore_index=True)
    batches = [seasonal(rows(1_000, 60 + n, day=118 + 7 * n)) for n in range(4)]
    importances = pd.Series({"amount": 0.3, "hours": 0.3})

    def alarms(weeks, batches):
        reference = make_reference(task, past, importances, weeks=weeks, seed=0)
        found = [compare(task, reference, batch, seed=0) for batch in batches]
        return sum(any(f.alarm and f.subject == "amount" for f in c.findings) for c in found)

    assert alarms(None, batches) > 0 == alarms(weekly, batches)
    assert alarms(weekly, [batch.assign(amount=10 * batch["amount"]) for batch in batches]) == len(batches)


def test_what_weeks_differ_by_is_no_drift_in_a_large_batch_either(task, rows):
    """So many rows are sure of a difference that matters; weeks have such differences by themselves."""

    def differing(frame, strays):
        week = (frame["as_of"] - pd.Timestamp("2026-01-05")).dt.days // 7
        return frame.assign(hours=frame["hours"] * np.exp(strays[week]))

    strays = np.random.default_rng(5).normal(0, 0.15, 40)
    past = differing(rows(8_000, 2, days=112), strays)
    reference = make_reference(task, past, pd.Series({"hours": 0.3, "amount": 0.3}), seed=0)
    batches = [differing(rows(4_000, 700 + n, day=112 + 7 * n), strays) for n in range(20)]
    assert sum(compare(task, reference, batch, seed=0).p_value <= 0.1 for batch in batches) <= 4
    assert compare(task, reference, batches[0].assign(hours=3 * batches[0]["hours"]), seed=0).alarm


def test_growing_features_are_set_against_their_trend(task, rows, reference):
    later = rows(2_000, 900, day=42)
    assert not compare(task, reference, later, seed=0).alarm
    stuck = later.assign(tenure_days=later["tenure_days"] - 84)
    found = compare(task, reference, stuck, seed=0)
    assert [f.subject for f in found.findings if f.alarm] == ["tenure_days"]
    assert "expected by its trend" in found.findings[0].sentence


def test_the_calendar_is_left_out(task, rows, reference):
    assert not any(f.subject == "weekday" for f in compare(task, reference, rows(500, 5, day=28), seed=0).findings)


def test_same_seed_same_comparison(task, rows, reference):
    batch = rows(200, 77, day=28)
    first, second = (compare(task, reference, batch, seed=3) for _ in range(2))
    assert first.p_value == second.p_value
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())


def test_draws_give_an_exact_p_value():
    """Sums of 10 of 50 units, drawn as the batch was: p is at most alpha in a share alpha of cases."""
    random = np.random.default_rng(0)
    low = 0
    for i in range(200):
        values = random.standard_normal(50)
        values -= values.mean()
        outcome = draw(
            abs(values[:10].sum()), 0.05, 50, 10, lambda w, _, v=values: np.abs(np.asarray(w @ v)).ravel(), i
        )
        low += outcome.p_value <= 0.05
    assert 1 <= low <= 24


def test_reference_of_a_single_day_and_tiny_batches(task, rows):
    reference = make_reference(task, rows(500, 8), pd.Series(dtype=float), seed=0)
    assert compare(task, reference, rows(9, 9, day=1), seed=0).note
    assert not compare(task, reference, rows(9, 9, day=1).iloc[:0], seed=0).alarm
    assert compare(task, reference, rows(60, 9, day=1), seed=0).p_value > 0.01


def test_large_batches_are_judged_on_a_sample(task, rows, reference):
    found = compare(task, reference, rows(30_000, 10, day=28), seed=0)
    assert not found.alarm
    assert found.findings[0].rows < 25_000
