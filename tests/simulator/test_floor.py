"""The floor as its systems report it: who was offered, who took it and when, and whether all counts agree."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from simulator import causes, simulate
from simulator.contacts import Staff, answer_written, blank
from simulator.customers import create_customers
from simulator.demand import Wishes
from simulator.floor.shifts import WORKED, spans
from simulator.learning import create_learning
from simulator.reference import DAY, EMAIL, HOUR
from simulator.scale import Scale
from simulator.scenarios import Levers, load_levers
from simulator.workforce import create_agents
from tests.simulator.conftest import Company, read_landing

# winter, so that the clocks of all queues stand where the simulator (which knows no summer time) puts them
START, DAYS = date(2025, 11, 5), 22
# what is spoken is exported within four days (late slices); written contacts may wait a week before that
SPOKEN_SETTLED, ALL_SETTLED = DAYS - 4, DAYS - 12
SPOKEN = ["voice", "chat"]
PAUSES = ["break", "training", "meeting"]
LATEST_REDIAL = pd.Timedelta(seconds=7220)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company that loses half of its agents, so that people wait, hang up, dial again; a file a day."""
    root = tmp_path_factory.mktemp("floor")
    landing, truth = root / "landing", root / "truth"
    scale = Scale(contacts_per_day=560.0, customers=7000, agents=90)
    report = simulate(
        landing, truth, seed=5, start=START, days=DAYS, scale=scale, scenarios=("staff_cut:2025-11-08:1.7",),
        best_score=False, split="day",
    )  # fmt: skip
    found = Company(report, landing, truth, read_landing(landing))
    # a corrected contact names another reason; nothing that happened on the floor differs
    found.tables["contacts"] = found["contacts"].drop_duplicates("contact_id").reset_index(drop=True)
    return found


def day_number(times: pd.Series) -> pd.Series:
    return (times - pd.Timestamp(START, tz="UTC")).dt.days


def exported(table: pd.DataFrame) -> pd.Series:
    """The day on which each row went out."""
    return day_number(pd.to_datetime(table.file.str[-14:-4], utc=True))


@pytest.fixture(scope="module")
def spoken(floor: Company) -> pd.DataFrame:
    """Calls and chats of the days that have been exported in full, with numbers as numbers."""
    contacts = floor["contacts"]
    found = contacts[contacts.channel.isin(SPOKEN)].copy()
    for column in ("talk_seconds", "hold_seconds", "wrap_seconds"):
        found[column] = pd.to_numeric(found[column])
    found["day"] = day_number(found.offered_at)
    return found[found.day < SPOKEN_SETTLED]


@pytest.fixture(scope="module")
def shifts(floor: Company) -> pd.DataFrame:
    return floor["agent_shifts"].assign(ends_at=lambda table: pd.to_datetime(table.ends_at, utc=True))


def inbound(contacts: pd.DataFrame) -> pd.DataFrame:
    return contacts[contacts.direction == "inbound"]


def test_each_contact_has_one_fate(floor: Company, spoken: pd.DataFrame) -> None:
    contacts = floor["contacts"]
    taken = contacts.outcome.isin(["answered", "transferred"])
    assert (taken | contacts.outcome.isin(["abandoned", "callback"])).all()
    assert (taken == contacts.answered_at.notna()).all()
    # who dials somebody's number has worked on it, picked up or not
    tried = contacts.direction == "outbound"
    assert ((taken | tried) == (contacts.agent_id != "")).all()
    assert 0.05 < (contacts.outcome[tried] == "abandoned").mean() < 0.4
    assert contacts.ended_at.notna().all()
    assert ((contacts.transferred_to != "") == (contacts.outcome == "transferred")).all()
    written = contacts[~contacts.channel.isin(SPOKEN)]
    assert set(written.outcome) <= {"answered", "abandoned"}
    # every fate is met with, or the tests below prove little
    assert spoken.outcome.value_counts().min() > 20
    assert set(spoken.outcome) == {"answered", "transferred", "abandoned", "callback"}


def test_contacts_are_numbered_without_a_gap(spoken: pd.DataFrame, floor: Company) -> None:
    contacts = floor["contacts"]
    number = contacts.contact_id.str[1:].astype(int)
    early = number[day_number(contacts.offered_at) < ALL_SETTLED]
    assert set(range(1, early.max() + 1)) <= set(number)


def test_who_left_a_number_is_called_back_once(spoken: pd.DataFrame, shifts: pd.DataFrame, floor: Company) -> None:
    left, back = spoken[spoken.outcome == "callback"], spoken[spoken.direction == "outbound"]
    assert set(left.channel) | set(back.channel) == {"voice"}
    assert (back.parent_contact_id == "").all()
    by = ["customer_id", "queue", "turn"]
    left = left.assign(turn=left.groupby(by[:2]).cumcount())
    back = back.assign(turn=back.groupby(by[:2]).cumcount())
    pairs = left.merge(back, on=by, how="outer", suffixes=("", "_back"))
    assert pairs.offered_at.notna().all()
    called = pairs[pairs.offered_at_back.notna()]
    assert len(called) > 20
    assert (called.offered_at_back >= called.ended_at).all()
    # whom nobody could call on the day itself is called first thing on the next
    assert (called.day_back - called.day).isin([0, 1]).all()
    assert (called.day_back == called.day).mean() > 0.6
    # of those who are never called nobody who masters the queue came to work until the end of the next day
    skills = floor["agents"].drop_duplicates("agent_id").set_index("agent_id")
    front = skills[skills.team_id.str[4:].astype(int) % 3 == 0].skills.str.split(";")
    worked = shifts[(shifts.activity == "worked") & shifts.agent_id.isin(front.index)]
    for call in pairs[pairs.offered_at_back.isna()].itertuples():
        masters = front.index[[call.queue in mastered for mastered in front]]
        since = worked[worked.agent_id.isin(masters) & (worked.starts_at > call.ended_at)]
        assert not (day_number(since.starts_at) <= call.day + 1).any(), call.contact_id


def test_a_transferred_contact_has_one_leg(spoken: pd.DataFrame) -> None:
    first = spoken[spoken.outcome == "transferred"].set_index("contact_id")
    legs = spoken[spoken.parent_contact_id != ""]
    assert legs.parent_contact_id.is_unique
    assert set(legs.parent_contact_id) == set(first.index)
    parent = first.loc[legs.parent_contact_id]
    assert (legs.offered_at.to_numpy() >= parent.ended_at.to_numpy()).all()
    for leg, before in (("queue", "transferred_to"), ("customer_id", "customer_id"), ("channel", "channel")):
        assert (legs[leg].to_numpy() == parent[before].to_numpy()).all()
    assert (legs.direction == "inbound").all()


def opening(queues: pd.DataFrame) -> dict[str, tuple[ZoneInfo, list[tuple[int, int]]]]:
    """By queue: its clock, and the hours open and close of each weekday, read from the published text."""
    found = {}
    for row in queues.itertuples():
        hours = [(0, 0)] * 7
        for part in row.opening_hours.split("; "):
            days, _, span = part.partition(" ")
            opens, closes = (int(text[:2]) for text in span.split("-"))
            for weekday in range(5) if days == "Mo-Fr" else (5, 6):
                hours[weekday] = opens, closes
        found[row.queue] = ZoneInfo(row.time_zone), hours
    return found


def is_open(queues: pd.DataFrame, queue: pd.Series, at: pd.Series) -> pd.Series:
    known, out = opening(queues), pd.Series(False, index=at.index)
    for name, times in at.groupby(queue):
        zone, hours = known[name]
        local = times.dt.tz_convert(zone)
        opens, closes = np.array(hours)[local.dt.weekday].T
        out[times.index] = (local.dt.hour >= opens) & (local.dt.hour < closes)
    return out


def test_a_closed_queue_is_offered_only_what_follows_from_its_open_hours(floor: Company, spoken: pd.DataFrame) -> None:
    begun = inbound(spoken)[inbound(spoken).parent_contact_id == ""]
    shut = begun[~is_open(floor["queues"], begun.queue, begun.offered_at)]
    gave_up = begun[begun.outcome == "abandoned"]
    tried = shut.merge(gave_up, on=["customer_id", "queue", "channel"], suffixes=("", "_before"))
    since = tried.offered_at - tried.ended_at_before
    redials = tried.contact_id[(since > pd.Timedelta(0)) & (since <= LATEST_REDIAL)]
    assert set(shut.contact_id) <= set(redials)


def test_self_service_hands_over_to_contacts_that_exist(floor: Company, spoken: pd.DataFrame) -> None:
    sessions, contacts = floor["self_service"], floor["contacts"].set_index("contact_id")
    ends = pd.to_datetime(sessions.ended_at, utc=True)
    handed = sessions[sessions.outcome == "handed_over"]
    assert ((sessions.contact_id != "") == (sessions.outcome == "handed_over")).all()
    assert handed.contact_id.is_unique
    old = handed[day_number(ends[handed.index]) < ALL_SETTLED]
    assert set(old.contact_id) <= set(contacts.index)
    known = handed[handed.contact_id.isin(contacts.index)]
    to = contacts.loc[known.contact_id]
    assert (ends[known.index].to_numpy() == to.offered_at.to_numpy()).all()
    assert (known.customer_id.to_numpy() == to.customer_id.to_numpy()).all()
    kind = known.channel.map({"ivr": "voice", "bot": "chat", "app": "app"}).fillna("web")
    assert (kind.to_numpy() == to.channel.replace("email", "web").to_numpy()).all()
    begun = inbound(spoken)[inbound(spoken).parent_contact_id == ""]
    assert set(begun.contact_id) <= set(handed.contact_id)
    others = spoken[(spoken.parent_contact_id != "") | (spoken.direction == "outbound")]
    assert not set(others.contact_id) & set(handed.contact_id)


def test_whoever_finds_a_queue_closed_hangs_up_in_the_menu(floor: Company) -> None:
    sessions = floor["self_service"]
    sessions = sessions[sessions.channel.isin(["ivr", "bot"])]
    ends = pd.to_datetime(sessions.ended_at, utc=True)
    contacts = floor["contacts"]
    begun = contacts[(contacts.reason_code != "") & (contacts.parent_contact_id == "")]
    department = begun.queue.str.split("_").str[0].groupby(begun.reason_code).first()
    language = floor["customers"].drop_duplicates("customer_id").set_index("customer_id").language
    queue = sessions.intent.map(department) + "_" + sessions.customer_id.map(language)
    known = queue.isin(floor["queues"].queue)
    assert known.mean() > 0.99
    shut = sessions[known][~is_open(floor["queues"], queue[known], ends[known])]
    # a session beside the last ones of the day may be contained a few minutes after closing
    assert (shut.outcome == "abandoned").sum() > 100
    handed = shut[shut.outcome == "handed_over"]
    again = contacts.set_index("contact_id").loc[handed.contact_id]
    gave_up = contacts[contacts.outcome == "abandoned"]
    tried = again.reset_index().merge(gave_up, on=["customer_id", "queue"], suffixes=("", "_before"))
    assert set(handed.contact_id) <= set(tried.contact_id[tried.ended_at_before < tried.offered_at])


def most_at_once(table: pd.DataFrame, starts: pd.Series, ends: pd.Series) -> int:
    """The largest number of these spans (closed at the start, open at the end) that one agent has at a time."""
    at = np.concatenate([starts.to_numpy(), ends.to_numpy()])
    step = np.repeat([1, -1], len(table))
    agent = np.tile(table.agent_id.to_numpy(), 2)
    return int(step[np.lexsort((step, at, agent))].cumsum().max())


def test_an_agent_has_one_call_or_three_chats_in_hand(spoken: pd.DataFrame) -> None:
    taken = spoken[spoken.agent_id != ""].copy()
    # an agent who dials is busy from then on, whether anybody picks up or not
    taken["since"] = taken.answered_at.where(taken.direction == "inbound", taken.offered_at)
    taken["until"] = taken.ended_at + pd.to_timedelta(taken.wrap_seconds.fillna(0), unit="s")
    calls, chats = taken[taken.channel == "voice"], taken[taken.channel == "chat"]
    assert most_at_once(calls, calls.since, calls.until) == 1
    assert most_at_once(chats, chats.since, chats.until) == 3
    # a call counts for three: beside it there is room for nothing
    heavy = pd.concat([calls, calls, calls, chats])
    assert most_at_once(heavy, heavy.since, heavy.until) == 3


def covered(agent: pd.Series, at: pd.Series, stretches: pd.DataFrame, inside: bool) -> np.ndarray:
    """Whether each moment lies in one of its agent's spans; with `inside` the bounds don't count."""
    out = np.zeros(len(at), dtype=bool)
    by_agent = dict(iter(stretches.groupby("agent_id")))
    moments = at.to_numpy()
    for name, rows in pd.Series(range(len(at))).groupby(agent.to_numpy()):
        if name not in by_agent:
            continue
        starts, ends = by_agent[name].starts_at.to_numpy(), by_agent[name].ends_at.to_numpy()
        when = moments[rows.to_numpy()][:, None]
        hit = (when > starts) & (when < ends) if inside else (when >= starts) & (when <= ends)
        out[rows.to_numpy()] = hit.any(axis=1)
    return out


def test_agents_take_contacts_only_on_shift(floor: Company, shifts: pd.DataFrame) -> None:
    contacts = floor["contacts"]
    taken = contacts[(contacts.agent_id != "") & (contacts.direction == "inbound")]
    taken = taken[day_number(taken.answered_at) < DAYS - 2]
    assert covered(taken.agent_id, taken.answered_at, shifts[shifts.activity == "worked"], inside=False).all()
    assert not covered(taken.agent_id, taken.answered_at, shifts[shifts.activity.isin(PAUSES)], inside=True).any()


def test_calls_and_chats_are_taken_by_those_who_master_the_queue(floor: Company) -> None:
    contacts, agents = floor["contacts"], floor["agents"]
    taken = contacts[contacts.agent_id != ""]
    skills = agents.drop_duplicates("agent_id").set_index("agent_id").skills.str.split(";")
    assert all(queue in mastered for queue, mastered in zip(taken.queue, skills[taken.agent_id], strict=True))


def test_intervals_add_up_to_the_contacts(floor: Company, spoken: pd.DataFrame) -> None:
    queues = floor["queues"].set_index("queue")
    mine = inbound(spoken).copy()
    limit = mine.queue.map(queues.service_level_seconds).astype(int)
    mine["handled"], mine["abandoned"] = mine.answered_at.notna(), mine.outcome == "abandoned"
    wait = (mine.answered_at.fillna(mine.ended_at) - mine.offered_at).dt.total_seconds()
    mine["short_abandoned"] = mine.abandoned & (wait <= 5)
    mine["answered_within_threshold"] = mine.handled & (wait <= limit)
    mine["abandoned_within_threshold"] = mine.abandoned & (wait <= limit)
    mine["wait_seconds"] = wait.where(mine.handled, 0)
    mine["offered"] = 1
    sums = [
        "offered", "handled", "abandoned", "short_abandoned", "answered_within_threshold",
        "abandoned_within_threshold", "wait_seconds", "talk_seconds", "hold_seconds", "wrap_seconds",
    ]  # fmt: skip
    mine["interval_start"] = mine.offered_at.dt.floor("30min")
    key = ["queue", "channel", "interval_start"]
    expected = mine.groupby(key)[sums].sum().astype(int)
    told = floor["queue_intervals"].assign(interval_start=lambda t: pd.to_datetime(t.interval_start, utc=True))
    told = told[day_number(told.interval_start) < SPOKEN_SETTLED].set_index(key)
    assert told.index.is_unique
    pd.testing.assert_frame_equal(told[sums].astype(int).sort_index(), expected.sort_index(), check_dtype=False)


def test_agents_available_are_those_on_duty_who_master_the_queue(floor: Company, shifts: pd.DataFrame) -> None:
    agents = floor["agents"].drop_duplicates("agent_id").set_index("agent_id")
    # the first team of three at a site takes calls and chats
    front = agents[agents.team_id.str[4:].astype(int) % 3 == 0].skills.str.split(";")
    day = pd.Timestamp(START, tz="UTC") + pd.Timedelta(days=8)
    on = np.zeros((len(front), 86400), dtype=bool)
    for wanted, activities in ((True, ["worked"]), (False, PAUSES)):
        for row in shifts[shifts.activity.isin(activities) & shifts.agent_id.isin(front.index)].itertuples():
            lo, hi = (int(np.clip((t - day).total_seconds(), 0, 86400)) for t in (row.starts_at, row.ends_at))
            on[front.index.get_loc(row.agent_id), lo:hi] = wanted
    half_hours = on.reshape(len(front), 48, 1800).sum(axis=2)
    told = floor["queue_intervals"].assign(interval_start=lambda t: pd.to_datetime(t.interval_start, utc=True))
    told = told[day_number(told.interval_start) == 8]
    for row in told.itertuples():
        masters = np.array([row.queue in mastered for mastered in front])
        slot = int((row.interval_start - day).total_seconds() // 1800)
        assert int(row.agents_available_seconds) == half_hours[masters, slot].sum(), (row.queue, row.interval_start)


def test_a_survey_is_exported_as_sent_and_again_as_answered(floor: Company) -> None:
    surveys = floor["surveys"]
    exported = pd.to_datetime(surveys.file.str.extract(r"(\d{4}-\d{2}-\d{2})")[0], utc=True)
    first = surveys.assign(exported=exported).drop_duplicates("survey_id")
    # Nothing in a day's file tells which of its surveys will be answered.
    assert (first.exported == first.sent_at.dt.floor("D")).all()
    assert (surveys.responded_at.isna() | (surveys.responded_at.dt.floor("D") == exported)).all()
    again = surveys[surveys.survey_id.duplicated()].set_index("survey_id")
    assert len(again) > 20
    assert again.index.is_unique
    asked = ["sent_at", "contact_id", "ticket_id", "customer_id"]
    assert (again[asked] == first.set_index("survey_id")[asked].loc[again.index]).all().all()


def test_surveys_and_reviews_name_what_they_are_about(floor: Company) -> None:
    contacts, tickets = floor["contacts"].set_index("contact_id"), set(floor["tickets"].ticket_id)
    surveys, reviews = floor["surveys"], floor["quality_reviews"]
    assert ((surveys.ticket_id != "") ^ (surveys.contact_id != "")).all()
    assert set(surveys.ticket_id) - {""} <= tickets
    early = surveys[(day_number(surveys.sent_at) < SPOKEN_SETTLED) & (surveys.contact_id != "")]
    assert set(early.contact_id) <= set(contacts.index)
    about = contacts.loc[early.contact_id]
    assert (about.customer_id.to_numpy() == early.customer_id.to_numpy()).all()
    assert (about.ended_at.to_numpy() <= early.sent_at.to_numpy()).all()
    assert len(reviews) > 100 and reviews.review_id.is_unique
    known = reviews[reviews.contact_id.isin(contacts.index)]
    # the contact of a late slice comes after the review
    assert len(known) > 0.99 * len(reviews)
    heard = contacts.loc[known.contact_id]
    assert (heard.agent_id.to_numpy() == known.agent_id.to_numpy()).all()
    assert (heard.ended_at.to_numpy() < known.reviewed_at.to_numpy()).all()


def test_topics_are_learned_checked_simulated_and_executed_in_turn(floor: Company) -> None:
    learning = floor["agent_learning"].copy()
    learning["stage"] = learning.stage.map({"learned": 0, "checked": 1, "simulated": 2, "executed": 3})
    learning = learning.sort_values(["agent_id", "topic", "occurred_at"])
    same = learning.duplicated(["agent_id", "topic"])
    assert (learning.stage[~same] == 0).all()
    passed = learning.passed == "true"
    due = (learning.stage + passed).shift()
    assert (learning.stage[same] == due[same]).all()
    assert ((learning.score.astype(float) >= 0.7) == passed).all()
    assert 0.05 < (~passed).mean() < 0.25
    # who is known only from the first day's export has finished long ago, or is in the middle of it
    assert not learning.duplicated(["agent_id", "topic", "stage", "occurred_at"]).any()


def test_nobody_is_taught_a_topic_twice_in_all_the_years() -> None:
    launch = load_levers(("product_launch",), START)
    found = create_learning(3, create_agents(3, Scale(agents=300)), launch)
    order = np.lexsort((found.at, found.topic, found.agent))
    agent, topic, due = found.agent[order], found.topic[order], (found.stage + found.passed)[order]
    same = (agent[1:] == agent[:-1]) & (topic[1:] == topic[:-1])
    assert (found.stage[order][1:] == np.where(same, due[:-1], 0)).all()


def test_training_takes_place_where_a_stage_is_taken(floor: Company, shifts: pd.DataFrame) -> None:
    trained = shifts[shifts.activity == "training"]
    learning = floor["agent_learning"]
    days = set(zip(learning.agent_id, day_number(learning.occurred_at), strict=True))
    assert len(trained)
    # a shift of the Americas' or Asia's local day may begin on the UTC day beside it
    near = [
        any((agent, day + step) in days for step in (-1, 0, 1))
        for agent, day in zip(trained.agent_id, day_number(trained.starts_at), strict=True)
    ]
    assert all(near)


def test_shifts_are_known_a_week_ahead(shifts: pd.DataFrame) -> None:
    planned = shifts[shifts.activity == "scheduled"]
    ahead = day_number(planned.starts_at) - exported(planned)
    # a local day begins up to six hours after or eight hours before the UTC day
    assert (ahead[exported(planned) > 0] >= 6).all()
    assert not shifts.duplicated(["agent_id", "starts_at", "activity"]).any()
    told = shifts[shifts.activity != "scheduled"]
    assert (exported(told) >= day_number(told.ends_at)).all()


def test_people_live_their_planned_shifts_or_are_absent(shifts: pd.DataFrame) -> None:
    past = shifts[day_number(shifts.starts_at) < DAYS - 2]
    planned = past[past.activity == "scheduled"].sort_values("starts_at")
    worked = past[past.activity == "worked"].sort_values("starts_at")
    hour = pd.Timedelta(hours=1)
    lived = pd.merge_asof(worked, planned, on="starts_at", by="agent_id", suffixes=("", "_plan"), tolerance=hour)
    assert lived.ends_at_plan.notna().all()
    over = lived.ends_at - lived.ends_at_plan
    assert (over >= pd.Timedelta(0)).all() and (over <= hour).all()
    absent = past[past.activity == "absence"]
    same = absent.merge(planned, on=["agent_id", "starts_at", "ends_at"])
    assert len(same) == len(absent) > 20
    met = absent.merge(worked, on="agent_id", suffixes=("", "_worked"))
    assert not ((met.starts_at < met.ends_at_worked) & (met.ends_at > met.starts_at_worked)).any()
    # each planned shift ends in one of the two
    assert len(planned[day_number(planned.ends_at) < DAYS - 2]) <= len(worked) + len(absent)
    assert most_at_once(worked, worked.starts_at, worked.ends_at) == 1


def test_mail_and_calls_tire_by_the_time_on_duty_not_by_the_time_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []

    class Remembers:
        def chance(self, terms: dict[str, np.ndarray]) -> np.ndarray:
            seen.append(terms["fatigue"])
            return np.zeros(len(terms["fatigue"]))

    monkeypatch.setattr(causes, "SOLUTION", Remembers())
    agents = create_agents(1, Scale())
    staff = Staff(agents, np.zeros((len(agents), 12), dtype=int), np.zeros(len(agents)), np.full(len(agents), -DAY))
    back = np.flatnonzero(~agents.front & (agents.language == 0))[:3]
    # two stretches a shift; the mail has come in the night before
    begins = DAY + np.array([8, 13] * 3) * HOUR
    duty = spans(np.repeat(back, 2), begins, begins + 4 * HOUR, WORKED)
    customers = create_customers(1, Scale(), Levers())
    english = np.flatnonzero(customers.language == 0)[:120]
    zeros = np.zeros(len(english), dtype=int)
    mail = blank(customers, Wishes(english, zeros, zeros, zeros + EMAIL, DAY - 9 * HOUR + np.arange(len(english))))
    answer_written(1, 0, mail, duty, staff)
    taken = mail.agent >= 0
    assert taken.sum() > 20
    hour = (mail.answered[taken] - DAY) / HOUR
    assert seen[0][taken] == pytest.approx(np.where(hour < 13, hour - 8, hour - 13))
    assert (seen[0][~taken] == 0).all()


def test_a_company_whose_agents_have_all_gone_goes_on(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    simulate(
        landing, tmp_path / "truth", seed=5, start=START, days=3, contacts_per_day=60.0,
        scenarios=("staff_cut:2025-11-01:4",), best_score=False,
    )  # fmt: skip
    contacts = read_landing(landing)["contacts"]
    assert set(contacts.outcome) <= {"abandoned", "callback"}
    assert (contacts.direction == "inbound").all()
