"""The measures of the realism report on made data whose answers are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.realism import arrivals, measures, sources
from benchmarks.realism.verdict import CORRELATION, PROBABILITY, SIMULATED, SIZE, Figure, compared, sentence, show

PROFILE = np.concatenate([np.linspace(0.2, 1.6, 10), np.linspace(1.6, 0.4, 18)])
WEEKDAY = np.array([1.15, 1.0, 0.95, 0.95, 0.98])


def counts(days: int, mean: float, day_factor: np.ndarray | None = None, seed: int = 3) -> pd.DataFrame:
    """Poisson counts of half-hours with weekdays, a profile, a season and, if given, a factor by day."""
    index = pd.bdate_range("2026-01-05", periods=days)
    season = 1 + 0.1 * np.sin(np.arange(days) / days * 3)
    factor = np.ones(days) if day_factor is None else day_factor
    rate = mean * np.outer(WEEKDAY[index.day_of_week] * season * factor, PROFILE)
    drawn = np.random.default_rng(seed).poisson(rate)
    return pd.DataFrame(drawn, index=index, columns=np.arange(len(PROFILE)) * 30 + 420)


def autoregressive(days: int, sd: float, phi: float, seed: int = 5) -> np.ndarray:
    """Log day factors that remember the day before."""
    shocks = np.random.default_rng(seed).standard_normal(days) * sd * np.sqrt(1 - phi**2)
    found = np.zeros(days)
    for day in range(1, days):
        found[day] = phi * found[day - 1] + shocks[day]
    return np.exp(found)


def test_kaplan_meier_against_a_case_worked_by_hand() -> None:
    # six callers: give up at 3, 5, 5 and 9; answered at 5 (still at risk then) and at 7
    curve = measures.kaplan_meier(np.array([3, 5, 5, 5, 7, 9]), np.array([1, 1, 1, 0, 0, 1]))
    assert curve.at(2.9) == 1
    assert curve.at(3) == pytest.approx(5 / 6)
    assert curve.at(5) == pytest.approx(5 / 6 * 3 / 5)
    assert curve.at(8) == pytest.approx(0.5)
    assert curve.at(9) == 0
    assert np.isnan(curve.at(10))
    assert curve.gone_by(0.5) == 5


def test_kaplan_meier_agrees_with_scipy() -> None:
    from scipy.stats import CensoredData, ecdf

    rng = np.random.default_rng(1)
    patience, service = rng.exponential(100, 500).round(), rng.exponential(60, 500).round()
    happened = patience <= service
    curve = measures.kaplan_meier(np.minimum(patience, service), happened)
    theirs = ecdf(CensoredData(uncensored=patience[happened], right=service[~happened])).sf
    assert [curve.at(t) for t in (1, 20, 60, 150)] == pytest.approx(theirs.evaluate([1, 20, 60, 150]))


def test_hazards_are_events_over_time_at_risk() -> None:
    # to 10 s: 4 + 10 + 10 s at risk and one event; beyond: 5 + 10 s and one event
    found = measures.hazards(np.array([4, 15, 25]), np.array([True, True, False]), (0, 10, 20, 50, 60))
    assert found[:3] == pytest.approx([1 / 24, 1 / 15, 0])
    assert np.isnan(found[3])


def test_exponential_patience_has_a_flat_hazard_and_the_known_median() -> None:
    rng = np.random.default_rng(2)
    patience, wait = rng.exponential(300, 60_000), rng.exponential(200, 60_000)
    calls = pd.DataFrame({"waited": np.minimum(patience, wait), "gave_up": patience < wait})
    assert measures.patience_hazards(calls) * 300 == pytest.approx(1, abs=0.12)
    assert measures.patience(calls).gone_by(0.5) == pytest.approx(300 * np.log(2), rel=0.03)


def test_poisson_counts_are_not_overdispersed() -> None:
    poisson = counts(250, 40)
    for given_total in (False, True):
        assert arrivals.dispersion(poisson, given_total=given_total).variance_to_mean == pytest.approx(1, abs=0.05)
    total = poisson.sum(axis=1)
    assert arrivals.dispersion(total.to_frame(), given_total=False).variance_to_mean == pytest.approx(1, abs=0.3)
    assert arrivals.day_factor_sd(total) < 0.015
    assert np.isnan(arrivals.day_autocorrelation(total))
    assert np.isnan(arrivals.halves_correlation(poisson))
    assert np.isnan(arrivals.within_day_correlation(poisson))


def test_a_day_factor_is_found_again_whatever_the_volume() -> None:
    factor = autoregressive(600, 0.1, 0.6)
    for mean in (40, 400):
        table = counts(600, mean, factor)
        total = table.sum(axis=1)
        assert arrivals.day_factor_sd(total) == pytest.approx(0.1, abs=0.02)
        assert arrivals.day_autocorrelation(total) == pytest.approx(0.6, abs=0.12)
        assert arrivals.halves_correlation(table) == pytest.approx(1, abs=0.05)
        assert arrivals.dispersion(table, given_total=False).rate_cv == pytest.approx(0.1, abs=0.02)
        assert arrivals.dispersion(table, given_total=True).variance_to_mean == pytest.approx(1, abs=0.05)


def test_a_rate_that_wanders_within_the_day_is_found_again() -> None:
    wander = np.stack([autoregressive(len(PROFILE), 0.15, 0.6, seed) for seed in range(300)])
    table = counts(300, 200)
    table[:] = np.random.default_rng(4).poisson(200 * WEEKDAY[table.index.day_of_week][:, None] * PROFILE * wander)
    found = arrivals.dispersion(table, given_total=True)
    # fixing the day's total takes a part of a wander that lasts for hours
    assert 0.10 < found.rate_cv < 0.16
    assert 0.4 < arrivals.within_day_correlation(table) < 0.7


def test_a_missing_day_makes_no_pair() -> None:
    # of every second working day none has the day before it, and all have the one before that
    total = counts(600, 400, autoregressive(600, 0.1, 0.6)).sum(axis=1).iloc[::2]
    assert np.isnan(arrivals.day_autocorrelation(total, lag=1))
    assert arrivals.day_autocorrelation(total, lag=2) == pytest.approx(0.36, abs=0.15)


def test_profile_shares() -> None:
    table = counts(20, 50)
    assert arrivals.profile(table).sum() == pytest.approx(1)
    parts = [arrivals.percent_between(table, a, b) for a, b in ((7, 12), (12, 21))]
    assert sum(parts) == pytest.approx(100)


def test_log_spread_of_a_lognormal_is_its_sigma() -> None:
    seconds = pd.Series(np.exp(5 + 0.9 * np.random.default_rng(0).standard_normal(50_000)))
    assert measures.log_spread(seconds) == pytest.approx(0.9, abs=0.02)
    assert measures.log_spread(pd.concat([seconds, pd.Series([0.0] * 100)])) == pytest.approx(0.9, abs=0.02)


def test_excess_cv_of_exponential_waits_is_one() -> None:
    assert measures.excess_cv(pd.Series(np.random.default_rng(0).exponential(80, 50_000)), 10) == pytest.approx(
        1, abs=0.03
    )


def test_abandonment_by_half_hour() -> None:
    at = pd.to_datetime(["2026-03-02 09:01"] * 6 + ["2026-03-02 09:31"] * 6 + ["2026-03-02 10:05"] * 2)
    waited = [0.0] * 6 + [100.0] * 6 + [900.0] * 2
    calls = pd.DataFrame({"offered_at": at, "waited": waited, "gave_up": [False] * 6 + [True] * 3 + [False] * 5})
    cells = measures.half_hours(calls)
    assert list(cells["calls"]) == [6, 6]  # the third has too few
    assert measures.abandon_line(cells) == pytest.approx((0, 0.005))
    groups = measures.abandoned_by_wait(cells, (0, 50, 200))
    assert list(groups["abandoned"]) == [0, 0.5]


def test_tickets_gaps_ages_and_moves() -> None:
    day = pd.Timestamp("2026-03-02")
    at = [day, day + pd.Timedelta(hours=2), day + pd.Timedelta(hours=5), day]
    updates = pd.DataFrame({"ticket": ["a", "a", "a", "b"], "at": at})
    assert list(measures.gaps_hours(updates)) == [2, 3]
    tickets = pd.DataFrame(
        {"opened_at": [day, day, day], "solved_at": [day + pd.Timedelta(hours=4), pd.NaT, day], "reassigned": [1, 9, 6]}
    )
    ages = measures.age_at_solution(tickets, day + pd.Timedelta(hours=2))
    # one at once, one censored at two hours, one after four
    assert ages.at(0) == pytest.approx(2 / 3)
    assert ages.at(3) == pytest.approx(2 / 3)
    assert ages.at(4) == 0
    assert list(measures.reassignment_shares(tickets, 4)) == [0, 0.5, 0, 0, 0.5]


def test_a_figure_differs_only_outside_the_real_range_and_its_limit() -> None:
    two = {"a": 100.0, "b": 150.0, "c": float("nan")}
    assert not Figure("x", 120, two).differs
    assert not Figure("x", 180, two).differs
    assert Figure("x", 200, two).differs
    assert Figure("x", 70, two).differs
    assert not Figure("x", float("nan"), two).judged
    assert not Figure("x", 500, two, limit=None).differs
    assert Figure("x", 0, {"a": 5.0}).differs
    assert Figure("x", 0.1, {"a": 0.16}, limit=PROBABILITY).differs
    assert not Figure("x", 0.3, {"a": 0.45}, limit=CORRELATION).differs


def test_the_sentence_is_made_from_the_figures() -> None:
    alike, apart = Figure("mean", 110, {"a": 100.0}, "s"), Figure("median", 300, {"a": 100.0}, "s")
    assert sentence([alike, apart]) == (
        "1 of 2 figures lie further apart than their limits, most of all median (300 against 100 s, 3.00 times)."
    )
    assert (
        sentence([alike])
        == "All 1 figures lie within their limits; the furthest apart is mean (110 against 100 s, 1.10 times)."
    )
    assert "could be measured" in sentence([Figure("mean", float("nan"), {"a": 1.0})])
    assert sentence([Figure(str(n), 9, {"a": 1.0}, limit=SIZE) for n in range(5)]).endswith("; and 2 more.")


def test_the_same_measure_of_every_side() -> None:
    figure = compared("mean", np.mean, {SIMULATED: [1, 2, 3], "real": [4, 6]})
    assert (figure.simulated, figure.real) == (2, {"real": 5})


def test_numbers_are_shown_with_three_figures() -> None:
    assert [show(v) for v in (0.01234, 1.5, 42.24, 1234.5, 0, float("nan"))] == [
        "0.0123",
        "1.50",
        "42.2",
        "1,234",
        "0",
        "–",
    ]


def test_landing_contacts_become_calls_in_local_time(tmp_path: Path) -> None:
    folder = tmp_path / "harken"
    for entity, text in {
        "contacts": (
            "contact_id,parent_contact_id,channel,direction,queue,offered_at,answered_at,ended_at,talk_seconds,hold_seconds,outcome\n"
            "1,,voice,inbound,q,2026-03-02T08:00:00Z,2026-03-02T08:00:20Z,2026-03-02T08:02:00Z,90,10,answered\n"
            "2,,voice,inbound,q,2026-03-02T09:00:00Z,,2026-03-02T09:00:40Z,,,abandoned\n"
            "3,1,voice,inbound,q,2026-03-02T08:02:00Z,2026-03-02T08:02:20Z,2026-03-02T08:03:00Z,40,0,answered\n"
            "4,,chat,inbound,q,2026-03-02T08:00:00Z,2026-03-02T08:00:20Z,2026-03-02T08:02:00Z,90,10,answered\n"
            "5,,voice,inbound,q,2026-03-03T08:00:00Z,2026-03-03T08:00:20Z,2026-03-03T08:02:00Z,90,10,answered\n"
            "6,,voice,inbound,q,2026-03-07T08:00:00Z,2026-03-07T08:00:20Z,2026-03-07T08:02:00Z,90,10,answered\n"
            "2,,voice,inbound,q,2026-03-02T09:00:00Z,,2026-03-02T09:00:50Z,,,abandoned\n"
        ),
        "queues": "queue,time_zone\nq,Europe/Madrid\n",
        "calendar": "starts_at,kind\n2026-03-03T00:00:00Z,holiday\n2026-03-02T00:00:00Z,billing\n",
    }.items():
        (folder / entity).mkdir(parents=True)
        (folder / entity / f"{entity}.csv").write_text(text)
    calls = sources.simulated_calls(tmp_path)
    # without the second leg, the chat, the holiday and the Saturday; the abandon as it was sent last
    assert list(calls["offered_at"]) == [pd.Timestamp("2026-03-02 09:00"), pd.Timestamp("2026-03-02 10:00")]
    assert list(calls["waited"]) == [20, 50]
    assert list(calls["gave_up"]) == [False, True]
    assert calls["service"].iloc[0] == 100
    assert np.isnan(calls["service"].iloc[1])
    assert calls["zone_known"].all()
    assert sources.simulated_calls(tmp_path, date(2026, 3, 3)).empty


def test_a_landing_folder_without_contacts_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="contacts holds no files"):
        sources.simulated_calls(tmp_path)


def test_ticket_events_become_updates_moves_and_solutions(tmp_path: Path) -> None:
    folder = tmp_path / "harken"
    (folder / "tickets").mkdir(parents=True)
    (folder / "ticket_events").mkdir()
    (folder / "tickets" / "t.csv").write_text(
        "ticket_id,opened_at,queue\nold,2026-01-01T00:00:00Z,a\nt,2026-03-01T10:00:00Z,a\n"
    )
    (folder / "ticket_events" / "e.csv").write_text(
        "ticket_id,event_seq,occurred_at,kind,field,value\n"
        "t,1,2026-03-01T10:00:00Z,priority,,high\n"
        "t,2,2026-03-01T11:00:05Z,assignment,queue,b\n"
        "t,3,2026-03-01T11:00:45Z,comment,,\n"
        "t,4,2026-03-01T12:00:00Z,sla,policy,met\n"
        "t,5,2026-03-01T13:00:00Z,assignment,queue,b\n"
        "t,6,2026-03-01T14:00:00Z,status,,solved\n"
        "t,7,2026-03-05T14:00:00Z,status,,closed\n"
    )
    log = sources.simulated_log(tmp_path, days=10)
    assert list(log.tickets.index) == ["t"]
    # the move to b is one; the second changes nothing
    assert log.tickets["reassigned"].tolist() == [1]
    assert log.tickets["solved_at"].tolist() == [pd.Timestamp("2026-03-01 14:00")]
    assert measures.gaps_hours(log.updates).tolist() == [1, 2, 1]


def test_the_real_sets_read_as_described(real_data: Path) -> None:
    calls = sources.real_calls(real_data)
    assert calls["waited"].ge(0).all()
    assert calls.loc[calls["gave_up"], "service"].isna().all()
    assert sources.bank_counts(real_data, 30).shape == (100, 28)
    log = sources.real_log(real_data)
    assert len(log.tickets) == 17_136
