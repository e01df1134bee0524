"""Each written-down cause can be learnt back from what happened, and its traces stand in the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import aftermath, causes, feedback
from simulator.aftermath import COMPLAINT_DELAY
from simulator.clock import MISSING
from simulator.contacts import INBOUND, TRANSFERRED, Contacts
from simulator.customers import TWIN_NUMBER
from simulator.draws import stream
from simulator.engine import Engine
from simulator.export import Day
from simulator.learning import RESOLUTION
from simulator.reference import CATEGORY_DEPARTMENT, CATEGORY_DIFFICULTY, CONNECTIVITY, DAY, HOUR, REGION_SHARE
from simulator.scale import Scale
from simulator.scenarios import Levers, load_levers
from simulator.seasons import BILLING_FACTOR, day_factor, outages, volume_factor
from simulator.watch import Shares
from tests.simulator.conftest import START, Company
from tests.simulator.regression import recovered

SEED, DAYS = 18, 140
# a dearer plan, so that the terms of leaving that only a scenario moves vary too; and enough outages to look at
LEVERS = load_levers(("tariff_change:2025-08-15", "outage_storm:2025-10-25"), START)
STRONG = {
    "repeat_contact": {"gave_up", "unresolved", "transferred", "temper", "discontent"},
    "complaint": {"escalated", "unresolved", "temper", "discontent", "complained"},
    "churn": {"discontent", "bad_weeks", "fourth_bad_week", "contract_ending", "owing", "dearer", "climate"},
}


@dataclass
class Lived:
    """A company's life, all its causes kept: contacts day by day, answered surveys, and the terms of solutions."""

    engine: Engine
    contacts: pd.DataFrame
    surveys: pd.DataFrame
    solutions: dict[str, np.ndarray] = field(repr=False)


@pytest.fixture(scope="module")
def lived() -> Lived:
    engine = Engine(SEED, START, Scale(), LEVERS, DAYS)
    contacts, surveys, solutions = [], [], []
    for number in range(DAYS):
        day = engine.day(Shares(moments=1.0, mondays=1.0))
        surveys.append(answered_surveys(engine, day))
        solutions.append(solution_terms(engine, day))
        contacts.append(
            pd.DataFrame({
                "day": number, "category": day.contacts.category,
                "region": engine.customers.region[day.contacts.customer], "offered": day.contacts.offered,
                "first": (day.contacts.direction == INBOUND) & (day.contacts.parent < 0) & (day.contacts.ticket < 0),
            })
        )  # fmt: skip
    joined = {name: np.concatenate([part[name] for part in solutions]) for name in solutions[0]}
    return Lived(engine, pd.concat(contacts, ignore_index=True), pd.concat(surveys), joined)


def answered_surveys(engine: Engine, day: Day) -> pd.DataFrame:
    """The day's answered surveys with the customer's habit, which only the simulator knows."""
    rng = stream(SEED, "surveys", day.number)
    found = feedback.survey_table(
        rng, engine.clock, 1, day.tickets, day.acts, day.contacts, engine.customers
    )  # fmt: skip
    answered = found.table.to_pandas().dropna(subset=["csat"])
    customer = answered.customer_id.str[1:].astype(int).to_numpy() % TWIN_NUMBER
    return pd.DataFrame({
        "chance": found.moment.chance, "low": found.moment.happened, "mood": found.moment.terms["mood"],
        "bias": engine.customers.bias[customer],
    })  # fmt: skip


def solution_terms(engine: Engine, day: Day) -> dict[str, np.ndarray]:
    """The terms of settling a matter at once, put together anew from the day's contacts, agents and duty."""
    contacts, staff = day.contacts, day.staff
    spoken_with = (contacts.agent >= 0) & (contacts.answered != MISSING)
    chosen = np.flatnonzero(spoken_with & (contacts.outcome != TRANSFERRED))
    who, topic, at = contacts.agent[chosen], contacts.category[chosen], contacts.answered[chosen]
    duties = [engine.duty.front(day.number), engine.duty.back(day.number)]
    since = pd.DataFrame({
        "agent": np.concatenate([duty.agent for duty in duties]),
        "begun": np.concatenate([duty.starts for duty in duties]),
    }).sort_values("begun")  # fmt: skip
    asked = pd.DataFrame({"agent": who, "at": at, "order": np.arange(len(at))}).sort_values("at")
    begun = pd.merge_asof(asked, since, left_on="at", right_on="begun", by="agent").sort_values("order").begun
    return {
        "difficulty": CATEGORY_DIFFICULTY[topic],
        "ability": staff.agents.skill[who],
        "learned": RESOLUTION[staff.stage[who, topic]],
        "willingness": staff.willing[who],
        "fatigue": np.clip((at - begun.to_numpy()) / HOUR, 0, 9),
        "happened": contacts.resolved[chosen] == 1,
    }


def kept(lived: Lived, cause: causes.Cause) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The terms, the chance, and what happened, over all moments of a cause."""
    moments = [moment for moment in lived.engine.observed.moments if moment.name == cause.name]
    terms = {name: np.concatenate([moment.terms[name] for moment in moments]) for name in cause.coefficients}
    chance = np.concatenate([moment.chance for moment in moments])
    return terms, chance, np.concatenate([moment.happened for moment in moments])


def distances(cause: causes.Cause, found: dict[str, tuple[float, float]]) -> np.ndarray:
    """How many standard errors each coefficient found lies from the one written down."""
    true = cause.coefficients | {"intercept": cause.intercept}
    return np.array([(value - true[name]) / error for name, (value, error) in found.items()])


@pytest.mark.parametrize("cause", [causes.REPEAT, causes.COMPLAINT, causes.CHURN], ids=lambda cause: str(cause.name))
def test_a_logistic_regression_recovers_the_cause(lived: Lived, cause: causes.Cause) -> None:
    terms, chance, happened = kept(lived, cause)
    found = recovered(terms, happened)
    z = distances(cause, found)
    assert happened.sum() > 400
    assert np.abs(z).max() < 4, found
    assert (z**2).mean() < 2.2, found
    assert set(found) == {"intercept", *cause.coefficients}
    for name in STRONG[cause.name]:
        value, error = found[name]
        assert abs(value / error) > 3, name
    # the chance kept is the one that the terms give, and it adds up to what happened
    assert np.allclose(cause.chance(terms), chance)
    assert abs(happened.sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())


def test_a_logistic_regression_recovers_what_settles_a_matter(lived: Lived) -> None:
    terms = dict(lived.solutions)
    happened = terms.pop("happened")
    found = recovered(terms, happened)
    z = distances(causes.SOLUTION, found)
    assert np.abs(z).max() < 4, found
    assert (z**2).mean() < 2.2, found
    for name in causes.SOLUTION.coefficients:
        value, error = found[name]
        assert abs(value / error) > 4, name


def test_the_chance_of_a_low_score_is_calibrated(lived: Lived) -> None:
    surveys = lived.surveys
    bins = surveys.groupby(pd.qcut(surveys.chance.rank(method="first"), 10, labels=False))
    said, came, count = bins.chance.mean(), bins.low.mean(), bins.size()
    assert count.min() > 300
    assert (np.abs(said - came) < 4 * np.sqrt(said * (1 - said) / count) + 1e-3).all()
    assert came.iloc[-1] > 5 * came.iloc[0]


def test_the_habit_of_a_customer_enters_the_score_by_its_slope(lived: Lived) -> None:
    """Two customers alike in what happened to them, one unit of habit apart, are OWN_BIAS apart in mood."""
    surveys = lived.surveys
    slope = np.polyfit(surveys.bias, surveys.mood, 1)[0]
    assert slope == pytest.approx(feedback.OWN_BIAS, abs=0.1)
    lowest, highest = surveys.bias.quantile([0.2, 0.8])
    grim, kind = surveys[surveys.bias < lowest], surveys[surveys.bias > highest]
    assert grim.low.mean() > 1.5 * kind.low.mean()


def test_four_bad_weeks_drive_customers_away(lived: Lived) -> None:
    terms, _, left = kept(lived, causes.CHURN)
    after_four = terms["fourth_bad_week"] > 0
    assert after_four.sum() > 50
    assert left[after_four].mean() > 20 * left[~after_four].mean()
    # one bad week more is worse than none, and two are worse than one
    weeks = np.floor(terms["bad_weeks"] + 0.3)
    by_weeks = [left[weeks == number].mean() for number in range(3)]
    assert by_weeks[0] < by_weeks[1] < by_weeks[2]


def test_an_outage_brings_its_region_to_the_phones(lived: Lived) -> None:
    contacts = lived.contacts[lived.contacts["first"] & (lived.contacts.category == CONNECTIVITY)]
    found = [(day, outage) for day in range(DAYS) for outage in outages(SEED, day, LEVERS)]
    struck = {day for day, _ in found}
    calm = contacts[~contacts.day.isin(struck)]
    assert len(found) >= 4
    for day, outage in found:
        # from the outage on, against the same hours of other days: in the evening the phones are closed
        after = contacts.offered - contacts.day * DAY >= outage.starts - day * DAY
        here = contacts.region == outage.region
        usual = (after & here)[calm.index].sum() / (DAYS - len(struck))
        assert (after & here & (contacts.day == day)).sum() > 2.5 * usual + 3
        others = [other.region for when, other in found if when == day]
        far = ~contacts.region.isin(others)
        assert (far & (contacts.day == day)).sum() < 2.5 * far[calm.index].sum() / (DAYS - len(struck))


def test_bills_are_asked_about_on_the_third(lived: Lived) -> None:
    contacts = lived.contacts[lived.contacts["first"]]
    number = contacts.day.map(lambda day: lived.engine.clock.date(day).day)
    by_day = pd.Series(CATEGORY_DEPARTMENT[contacts.category] == 0).groupby(number.to_numpy()).mean()
    assert by_day.idxmax() == max(BILLING_FACTOR, key=lambda day: BILLING_FACTOR[day]) == 3
    assert by_day[3] > 1.5 * by_day.drop(list(BILLING_FACTOR)).mean()


def test_days_in_a_row_are_alike_beyond_the_seasons(lived: Lived) -> None:
    calm = [day for day in range(DAYS) if not outages(SEED, day, LEVERS)]
    counts = lived.contacts[lived.contacts["first"]].groupby("day").size()
    expected = np.array([(volume_factor(lived.engine.clock, day) * REGION_SHARE).sum() for day in range(DAYS)])
    beyond = pd.Series(np.log(counts.to_numpy() / expected), index=range(DAYS)).loc[calm]
    # weekdays differ a little in how many come again; what is left is the day's own
    beyond -= beyond.groupby([lived.engine.clock.weekday(day) for day in calm]).transform("mean")
    known = pd.Series({day: np.log(day_factor(SEED, day)) for day in calm})
    assert beyond.corr(known) > 0.6
    following = [day for day in calm if day + 1 in beyond.index]
    assert np.corrcoef(beyond[following], beyond[[day + 1 for day in following]])[0, 1] > 0.2


def test_who_wasnt_helped_comes_back_within_a_week(company: Company) -> None:
    """Seen in the landing files alone: any contact of the same customer, and one for the same reason."""
    contacts = company["contacts"].drop_duplicates("contact_id").sort_values("offered_at")
    contacts = contacts[(contacts.direction == "inbound") & (contacts.ticket_id == "")]
    whole = contacts.ended_at < contacts.offered_at.max() - pd.Timedelta(days=7)
    unresolved = whole & (contacts.outcome == "answered") & (contacts.resolved == "false")
    resolved, hung_up = whole & (contacts.resolved == "true"), whole & (contacts.outcome == "abandoned")

    def back(key: list[str]) -> pd.Series:
        return contacts.groupby(key).offered_at.shift(-1) - contacts.ended_at < pd.Timedelta(days=7)

    at_all, for_the_same = back(["customer_id"]), back(["customer_id", "reason_code"])
    assert at_all[unresolved].mean() > at_all[resolved].mean() + 0.08
    assert at_all[hung_up].mean() > at_all[resolved].mean() + 0.08
    assert for_the_same[unresolved].mean() > 2 * for_the_same[resolved].mean()


def test_nobody_complains_before_what_they_complain_about(company: Company) -> None:
    """An e-mail that is answered days later has no consequences before: no label can be seen before its moment."""
    contacts, complaints = company["contacts"], company["account_events"].query("kind == 'complaint'")
    escalated = company["ticket_events"].query("kind == 'escalation'")
    owner = company["tickets"].drop_duplicates("ticket_id").set_index("ticket_id").customer_id
    moments = pd.concat([
        contacts[["customer_id", "ended_at"]].set_axis(["customer_id", "at"], axis=1),
        pd.DataFrame({"customer_id": escalated.ticket_id.map(owner), "at": escalated.occurred_at}),
    ])  # fmt: skip
    # customers who are held twice write under their other number
    moments["customer_id"] = "K" + (moments.customer_id.str[1:].astype(int) % TWIN_NUMBER).astype(str).str.zfill(7)
    # what they complain about may be exported late, after the last day
    complaints = complaints[complaints.occurred_at < complaints.occurred_at.max() - pd.Timedelta(days=4)]
    both = complaints.merge(moments, on="customer_id")
    lag = (both.occurred_at - both["at"]).dt.total_seconds()
    explained = both[(lag >= 60) & (lag < COMPLAINT_DELAY)][["customer_id", "occurred_at"]].drop_duplicates()
    assert len(complaints) > 10
    assert len(explained) == len(complaints)


def test_nothing_follows_before_a_contact_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of e-mails answered days later: neither the next contact nor the complaint comes before."""
    plain, early, slow, complaints = aftermath.after_contacts, [], [], []

    def watched(rng: np.random.Generator, contacts: Contacts, *rest: Any) -> aftermath.Aftermath:
        found = plain(rng, contacts, *rest)
        ended = pd.Series(contacts.ended // DAY).groupby(contacts.customer).min()
        early.append((found.returns.due <= ended.reindex(found.returns.customer).to_numpy()).sum())
        slow.append((ended > rest[-1]).sum())
        complaints.append(found.complaints)
        return found

    monkeypatch.setattr(aftermath, "after_contacts", watched)
    engine = Engine(SEED, START, Scale(), Levers(), 40)
    written: set[str] = set()
    for _ in range(40):
        account, _ = engine.day().account
        written |= set(account["occurred_at"].to_pylist())
    meant = np.concatenate([at for _, at in complaints])
    assert len(meant) > 30
    assert set(engine.clock.times(meant).to_pylist()) <= written
    assert sum(slow) > 50
    assert sum(early) == 0
