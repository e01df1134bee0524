"""Every state of a model's life, with everything that a day may show and every way a job may end."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from ml.answered import accept_drift, answer, more_of_the_same
from ml.drift.finding import Finding
from ml.events import events_between, to_frame
from ml.lifecycle import (
    Action,
    LifecycleSettings,
    Seen,
    State,
    Status,
    after_action,
    after_challenge,
    due_look,
    may_challenge,
    next_status,
    run_key,
    shadow_versions,
)
from ml.source_changes import accept_source_changes, faulty_days, unaccepted
from ml.status import Outcome
from ml.task import LearningError
from ml.verdict import Verdict

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-03-01 08:00")
SETTINGS = LifecycleSettings()
CALM = Seen(champion="1")
ALARM = Seen(champion="1", alarm=True, suspects=("share: queue = billing",), why="billing went from 10 % to 13 %")
FAULT = Seen(champion="1", source_faults=("unit: hours_waiting",))


def verdict(outcome: str, look: int = 1) -> Verdict:
    return Verdict(outcome, f"the verdict: {outcome}", None, 900, 90, look)


def quiet() -> Status:
    return Status("t", 3, START, State.QUIET, champion="1", memory={"examined": START.isoformat()})


def suspected() -> Status:
    return next_status(quiet(), ALARM, START + DAY, SETTINGS)


def looked(status: Status, sure: bool) -> dict[str, bool]:
    """What a look says of the oldest suspicion."""
    return {suspicion["at"]: sure for suspicion in status.suspicions[:1]}


def confirmed() -> Status:
    return next_status(suspected(), replace(CALM, confirmed=looked(suspected(), True)), START + 2 * DAY, SETTINGS)


def retraining() -> Status:
    return after_action(confirmed(), Action.RETRAIN, Outcome("started"), START + 2 * DAY, SETTINGS)


def awaiting() -> Status:
    done = Outcome("done", version="2", reason="trained on the window 'recent'")
    return after_action(retraining(), Action.RETRAIN, done, START + 2 * DAY, SETTINGS)


def challenged() -> Status:
    return after_challenge(quiet(), "2", "won the challenge", START + DAY, SETTINGS)


def promoted() -> Status:
    return next_status(awaiting(), replace(CALM, candidate=verdict("better")), START + 17 * DAY, SETTINGS)


def refused() -> Status:
    return next_status(awaiting(), replace(CALM, candidate=verdict("worse")), START + 17 * DAY, SETTINGS)


def cooling() -> Status:
    done = Outcome("done", version="2", promised_low=0.3)
    return after_action(promoted(), Action.PROMOTE, done, START + 17 * DAY, SETTINGS)


def rolling_back() -> Status:
    lost = Seen(champion="2", former=verdict("better"))
    return next_status(cooling(), lost, START + 18 * DAY, SETTINGS)


NOW = START + 30 * DAY  # later than any status above; the suspicions of these states are too old by then
LOOKED = {"confirmed": {(START + DAY).isoformat(): True}}


@pytest.mark.parametrize(
    ("status", "seen", "state", "action"),
    [
        (quiet, {}, State.QUIET, None),
        (quiet, {"alarm": True, "suspects": ("x",)}, State.SUSPECTED, None),
        (quiet, {"alarm": True, "suspects": ("x",), "source_faults": ("unit: x",)}, State.QUIET, None),
        (suspected, {}, State.QUIET, None),  # too old
        (suspected, LOOKED, State.CONFIRMED, Action.RETRAIN),
        (suspected, {**LOOKED, "can_learn": False}, State.CONFIRMED, None),
        (suspected, {**LOOKED, "source_faults": ("unit: x",)}, State.QUIET, None),
        (confirmed, {}, State.CONFIRMED, Action.RETRAIN),
        (retraining, {"alarm": True, "suspects": ("x",)}, State.RETRAINING, Action.RETRAIN),
        (awaiting, {}, State.AWAITING_WINDOW, None),
        (awaiting, {"alarm": True, "suspects": ("x",)}, State.AWAITING_WINDOW, None),
        (awaiting, {"candidate": verdict("undecided")}, State.AWAITING_WINDOW, None),
        (awaiting, {"candidate": verdict("undecided", 4)}, State.REFUSED, Action.REFUSE),
        (awaiting, {"candidate": verdict("worse")}, State.REFUSED, Action.REFUSE),
        (awaiting, {"candidate": verdict("better", 4)}, State.PROMOTED, Action.PROMOTE),
        (challenged, {"candidate": verdict("better")}, State.PROMOTED, Action.PROMOTE),
        (challenged, {"candidate": verdict("undecided", 4)}, State.REFUSED, Action.REFUSE),
        (promoted, {"alarm": True, "suspects": ("x",)}, State.PROMOTED, Action.PROMOTE),
        (refused, {}, State.REFUSED, Action.REFUSE),
        (cooling, {"champion": "2", "alarm": True, "suspects": ("x",)}, State.COOLING_DOWN, None),
        (cooling, {"champion": "2", "former": verdict("better")}, State.COOLING_DOWN, Action.ROLL_BACK),
        (cooling, {"champion": "2", "former": verdict("worse")}, State.COOLING_DOWN, None),
        (rolling_back, {"champion": "2", "alarm": True, "suspects": ("x",)}, State.COOLING_DOWN, Action.ROLL_BACK),
    ],
)
def test_what_a_day_makes_of_each_state(status, seen, state, action):
    before = status()
    after = next_status(before, Seen(**{"champion": "1", **seen}), NOW, SETTINGS)
    assert (after.state, after.action) == (state, action)
    pending = before.action is not None
    changed = (before.state, before.action) != (after.state, after.action)
    assert after.number == before.number + (changed and not pending)
    assert after.memory["examined"] == NOW.isoformat()
    assert next_status(after, Seen(**{"champion": "1", **seen}), NOW, SETTINGS) is after  # the same day again


@pytest.mark.parametrize(
    ("status", "seen", "told"),
    [
        (quiet, {"alarm": True}, "names no suspect"),
        (quiet, LOOKED, "what isn't suspected"),
        (suspected, {"confirmed": {NOW.isoformat(): True}}, "what isn't suspected"),
        (quiet, {"champion": None}, "names no champion"),
        (quiet, {"candidate": verdict("better")}, "a verdict on a candidate"),
        (quiet, {"former": verdict("better")}, "a verdict on a former"),
        (awaiting, {"former": verdict("better")}, "a verdict on a former"),
        (awaiting, {"candidate": verdict("better", 0)}, "look 0"),
        (awaiting, {"candidate": verdict("better", 5)}, "look 5"),
        (cooling, {"champion": "2", "candidate": verdict("better")}, "a verdict on a candidate"),
        (lambda: replace(promoted(), action=None), {}, "asks for no promote"),
        (lambda: replace(retraining(), action=None), {}, "asks for no retrain"),
    ],
)
def test_what_cannot_be_is_an_error_that_says_so(status, seen, told):
    with pytest.raises(LearningError, match=told):
        next_status(status(), Seen(**{"champion": "1", **seen}), NOW, SETTINGS)


@pytest.mark.parametrize(
    ("status", "action", "outcome", "state", "models"),
    [
        (confirmed, Action.RETRAIN, Outcome("done", "2"), State.AWAITING_WINDOW, ("1", "2", None)),
        (retraining, Action.RETRAIN, Outcome("done", "2"), State.AWAITING_WINDOW, ("1", "2", None)),
        (retraining, Action.RETRAIN, Outcome("impossible"), State.COOLING_DOWN, ("1", None, None)),
        (promoted, Action.PROMOTE, Outcome("done", "2"), State.COOLING_DOWN, ("2", None, "1")),
        (refused, Action.REFUSE, Outcome("done", "2"), State.COOLING_DOWN, ("1", None, None)),
        (rolling_back, Action.ROLL_BACK, Outcome("done", "1"), State.COOLING_DOWN, ("1", None, None)),
        (awaiting, Action.PROMOTE, Outcome("done", "2", by_hand=True), State.COOLING_DOWN, ("2", None, "1")),
        (awaiting, Action.REFUSE, Outcome("done", "2", by_hand=True), State.COOLING_DOWN, ("1", None, None)),
        (quiet, Action.PROMOTE, Outcome("done", "7", by_hand=True), State.COOLING_DOWN, ("7", None, "1")),
        (quiet, Action.RETRAIN, Outcome("done", "7", by_hand=True), State.AWAITING_WINDOW, ("1", "7", None)),
        (cooling, Action.ROLL_BACK, Outcome("done", "1", by_hand=True), State.COOLING_DOWN, ("1", None, None)),
    ],
)
def test_what_a_finished_job_makes_of_the_status(status, action, outcome, state, models):
    before = status()
    after = after_action(before, action, outcome, NOW, SETTINGS)
    assert (after.state, after.action, after.number) == (state, None, before.number + 1)
    assert (after.champion, after.candidate, after.former) == models and after.clock == NOW


@pytest.mark.parametrize("status", [confirmed, retraining, promoted, refused, rolling_back])
def test_a_failed_or_begun_job_leaves_what_was_asked_for(status):
    before = status()
    for kind in ("started", "failed"):
        after = after_action(before, before.action, Outcome(kind), NOW, SETTINGS)
        assert run_key(after) == run_key(before) is not None
        assert next_status(after, replace(CALM, champion=before.champion), NOW, SETTINGS).action is before.action


@pytest.mark.parametrize(
    ("status", "action", "outcome", "told"),
    [
        (quiet, Action.RETRAIN, Outcome("done", "2"), "asks for nothing"),
        (promoted, Action.REFUSE, Outcome("done", "2"), "asks for 'promote', not for 'refuse'"),
        (promoted, Action.PROMOTE, Outcome("done", "9"), "the candidate is 2"),
        (promoted, Action.PROMOTE, Outcome("done"), "names no model version"),
        (confirmed, Action.RETRAIN, Outcome("done", "1"), "champion already"),
        (rolling_back, Action.ROLL_BACK, Outcome("done", "9"), "the former is 1"),
        (quiet, Action.REFUSE, Outcome("done", "2", by_hand=True), "no candidate"),
        (quiet, Action.PROMOTE, Outcome("done", "1", by_hand=True), "champion already"),
    ],
)
def test_a_job_that_nobody_asked_for_is_an_error(status, action, outcome, told):
    with pytest.raises(LearningError, match=told):
        after_action(status(), action, outcome, NOW, SETTINGS)


EVERY_STATE = (quiet, suspected, confirmed, retraining, awaiting, challenged, promoted, refused, cooling, rolling_back)


@pytest.mark.parametrize("status", EVERY_STATE)
def test_every_state_has_an_answer_to_all_that_a_day_may_show(status):
    """Either a status, at most one row further, or an error that says what can't be; nothing pending is ever lost."""
    before = status()
    verdicts = (None, *(verdict(outcome, look) for outcome in ("better", "worse", "undecided") for look in (1, 4)))
    shown = product((False, True), (None, False, True), ((), FAULT.source_faults), verdicts, verdicts, (True, False))
    answered = 0
    for alarm, sure, faults, candidate, former, can_learn in shown:
        again = {} if sure is None else looked(before, sure)
        seen = Seen(before.champion, alarm, ("x",), "why", again, faults, (), candidate, former, can_learn)
        try:
            after = next_status(before, seen, NOW, SETTINGS)
        except LearningError:
            continue
        answered += 1
        assert after.number - before.number in (0, 1)
        assert before.action is None or run_key(after) == run_key(before)
        assert not (faults and after.action is Action.RETRAIN is not before.action)
        assert Status.from_row(after.to_row("r")) == after
        assert next_status(after, replace(CALM, champion=after.champion), NOW + DAY, SETTINGS)
    assert answered >= 8


def test_a_finished_job_cannot_be_counted_twice():
    done = Outcome("done", "2")
    after = after_action(promoted(), Action.PROMOTE, done, NOW, SETTINGS)
    with pytest.raises(LearningError, match="asks for nothing"):
        after_action(after, Action.PROMOTE, done, NOW, SETTINGS)


def test_pending_days_keep_the_run_key_and_still_note_a_fault():
    status = confirmed()
    for day in range(3, 9):
        status = next_status(status, FAULT if day == 5 else ALARM, START + day * DAY, SETTINGS)
        assert run_key(status) == f"t-{confirmed().number}-retrain"
    assert faulty_days(status) == ("2026-03-06",)


def test_a_suspicion_ends_by_itself_and_its_looks_are_counted():
    status = suspected()
    for day in range(2, 15):
        status = next_status(status, replace(CALM, confirmed=looked(status, False)), START + day * DAY, SETTINGS)
        assert status.state is State.SUSPECTED and status.suspicions[0]["looks"] == day - 1
    status = next_status(status, CALM, START + 15 * DAY, SETTINGS)
    assert status.state is State.QUIET and not status.suspicions and "not confirmed" in status.reason


def test_a_suspicion_keeps_no_other_one_waiting():
    late = replace(ALARM, suspects=("new value: topic", *ALARM.suspects), why="a topic is new")
    status = next_status(suspected(), late, START + 6 * DAY, SETTINGS)
    assert status.reason == "a topic is new" and status.number == suspected().number + 1
    assert [s["suspects"] for s in status.suspicions] == [list(ALARM.suspects), ["new value: topic"]]
    same = next_status(status, late, START + 7 * DAY, SETTINGS)
    assert (same.number, same.suspicions) == (status.number, status.suspicions)
    first, second = (suspicion["at"] for suspicion in status.suspicions)
    seen = replace(CALM, confirmed={first: False, second: True})
    sure = next_status(status, seen, START + 13 * DAY, SETTINGS)
    assert (sure.action, sure.reason) == (Action.RETRAIN, "confirmed on fresh rows: a topic is new")
    after = after_action(sure, Action.RETRAIN, Outcome("done", "2"), START + 13 * DAY, SETTINGS)
    assert after.memory["shadow"]["suspects"] == ["new value: topic"]
    left = next_status(status, CALM, START + 15 * DAY, SETTINGS)
    assert left.state is State.SUSPECTED and [s["at"] for s in left.suspicions] == [second]
    told = [(e.event, e.reason) for e in events_between(status, left, "r", NOW)]
    assert told == [("drift not confirmed", "not seen again: billing went from 10 % to 13 %")]
    both = events_between(status, next_status(status, CALM, NOW, SETTINGS), "r", NOW)
    assert [e.reason for e in both] == ["not seen again: billing went from 10 % to 13 %; a topic is new"]


def test_a_source_fault_never_leads_to_retraining_until_someone_accepts_it():
    status, clock = quiet(), START
    for _ in range(40):
        clock += DAY
        status = next_status(status, replace(FAULT, alarm=True, suspects=("hours_waiting",)), clock, SETTINGS)
        assert status.state is State.QUIET and status.number == quiet().number
    assert len(faulty_days(status)) == 40 and unaccepted(status, FAULT.source_faults)
    status = accept_source_changes(status, ("unit: hours_waiting",), clock, "the export changed")
    assert not faulty_days(status) and not unaccepted(status, FAULT.source_faults)
    status = next_status(status, FAULT, clock + DAY, SETTINGS)
    assert status.state is State.SUSPECTED and status.suspicions[0]["suspects"] == ["unit: hours_waiting"]
    other = next_status(status, replace(CALM, source_faults=("missing: plan",)), clock + 2 * DAY, SETTINGS)
    assert faulty_days(other) == ((clock + 2 * DAY).date().isoformat(),)


def test_days_of_the_batch_are_the_faulty_ones_where_they_are_told():
    status = next_status(quiet(), replace(FAULT, days=("2026-02-27", "2026-02-28")), START + DAY, SETTINGS)
    assert faulty_days(status) == ("2026-02-27", "2026-02-28")


def test_drift_supersedes_a_challenger_of_calm_days_but_not_a_candidate_made_for_it():
    status = next_status(challenged(), ALARM, START + 2 * DAY, SETTINGS)
    assert status.state is State.AWAITING_WINDOW and status.candidate == "2"
    sure = looked(status, True)
    won = next_status(status, replace(CALM, confirmed=sure, candidate=verdict("better")), START + 3 * DAY, SETTINGS)
    assert (won.state, won.action, won.candidate) == (State.PROMOTED, Action.PROMOTE, "2")
    both = replace(CALM, confirmed=sure, candidate=verdict("undecided"))
    status = next_status(status, both, START + 3 * DAY, SETTINGS)
    assert (status.state, status.action, status.candidate) == (State.CONFIRMED, Action.RETRAIN, None)
    assert status.memory["superseded"] == "2" and "supersedes version 2" in status.reason
    status = after_action(status, Action.RETRAIN, Outcome("done", "3"), START + 3 * DAY, SETTINGS)
    assert status.candidate == "3" and status.memory["shadow"]["origin"] == "drift"
    assert "superseded" not in status.memory and not status.suspicions


def test_a_candidate_made_for_drift_gives_way_to_what_labels_show_of_later_days():
    labels = "performance\tpr_auc\t\t-"
    beside = next_status(awaiting(), replace(ALARM, suspects=(labels,)), START + 3 * DAY, SETTINGS)
    assert beside.state is State.AWAITING_WINDOW and not beside.suspicions
    later = replace(ALARM, suspects=(*ALARM.suspects, labels), unlearnt=(labels,))
    status = next_status(awaiting(), later, START + 12 * DAY, SETTINGS)
    assert status.state is State.AWAITING_WINDOW and status.candidate == "2"
    assert [suspicion["suspects"] for suspicion in status.suspicions] == [[labels]]
    sure = replace(CALM, confirmed=looked(status, True))
    won = next_status(status, replace(sure, candidate=verdict("better")), START + 19 * DAY, SETTINGS)
    assert (won.state, won.action) == (State.PROMOTED, Action.PROMOTE)
    after = next_status(status, sure, START + 19 * DAY, SETTINGS)
    assert (after.state, after.action, after.candidate) == (State.CONFIRMED, Action.RETRAIN, None)
    assert after.memory["superseded"] == "2"
    again = after_action(after, Action.RETRAIN, Outcome("done", "3"), START + 19 * DAY, SETTINGS)
    assert again.memory["shadow"]["made_for"] == [labels]


def test_a_challenger_of_calm_days_keeps_no_drift_waiting():
    for outcome, action in (("worse", Action.REFUSE), ("better", Action.PROMOTE)):
        status = next_status(challenged(), replace(CALM, candidate=verdict(outcome)), START + 10 * DAY, SETTINGS)
        status = after_action(status, action, Outcome("done", "2"), START + 10 * DAY, SETTINGS)
        alarm = replace(ALARM, champion=status.champion)
        assert next_status(status, alarm, START + 11 * DAY, SETTINGS).state is State.SUSPECTED
    other = after_action(challenged(), Action.PROMOTE, Outcome("done", "7", by_hand=True), START + DAY, SETTINGS)
    alarm = replace(ALARM, champion="7")
    assert next_status(other, alarm, START + 2 * DAY, SETTINGS).state is State.COOLING_DOWN
    drift = after_action(refused(), Action.REFUSE, Outcome("done", "2"), START + 10 * DAY, SETTINGS)
    for day in range(11, 24):
        drift = next_status(drift, ALARM, START + day * DAY, SETTINGS)
        assert drift.state is State.COOLING_DOWN
    assert next_status(drift, CALM, START + 24 * DAY, SETTINGS).state is State.QUIET


def test_what_alarmed_beside_a_refused_candidate_asks_for_no_other_retraining():
    rows, labels = "new value\ttopic\tatlas\t+", "performance\tpr_auc\t\t-"
    beside = replace(ALARM, suspects=(rows, labels))
    status = next_status(
        next_status(awaiting(), beside, NOW, SETTINGS), replace(CALM, candidate=verdict("worse")), NOW + DAY, SETTINGS
    )
    status = after_action(status, Action.REFUSE, Outcome("done", "2"), NOW + DAY, SETTINGS)
    rested = NOW + (2 + SETTINGS.cooling_days) * DAY
    again = replace(ALARM, suspects=(*ALARM.suspects, rows))
    assert next_status(status, again, rested, SETTINGS).state is State.QUIET
    for news in (labels, "new value\ttopic\tother\t+"):
        asked = next_status(status, replace(again, suspects=(*again.suspects, news)), rested, SETTINGS)
        assert asked.state is State.SUSPECTED and asked.suspicions[0]["suspects"] == [news]
    another = next_status(status, replace(again, champion="9"), rested, SETTINGS)
    assert "answered" not in another.memory


def test_the_words_of_an_answered_product_are_more_of_the_same():
    status = answer(quiet(), ("new value\tproduct\twatch\t+", "unit: hours_waiting"))
    word = Finding("words", "text", "strap", slice="product=watch", alarm=True)
    findings = [word, replace(word, value="crown", slice="product=phone"), replace(word, value="pin", slice=None)]
    findings += [Finding("performance", "log_loss", slice="product=watch", alarm=True)]
    assert more_of_the_same(status, findings) == {("words", "text", "strap")}
    assert more_of_the_same(quiet(), findings) == set()


def test_a_person_may_accept_a_drift_that_is_suspected():
    for status in (suspected(), confirmed(), retraining()):
        accepted = accept_drift(status, NOW, "accepted: known")
        assert (accepted.state, accepted.action, accepted.number) == (State.QUIET, None, status.number + 1)
        assert next_status(accepted, ALARM, NOW + DAY, SETTINGS).state is State.QUIET
    beside = next_status(challenged(), ALARM, START + 2 * DAY, SETTINGS)
    accepted = accept_drift(beside, NOW, "accepted: known")
    assert (accepted.state, accepted.candidate) == (State.AWAITING_WINDOW, "2")
    assert not next_status(accepted, ALARM, NOW + DAY, SETTINGS).suspicions
    with pytest.raises(LearningError, match="is quiet: no drift is suspected"):
        accept_drift(quiet(), NOW, "")


def test_a_promoted_model_is_rolled_back_once_and_watched_no_longer():
    before = cooling()
    assert before.memory["promised_low"] == 0.3 and shadow_versions(before, NOW, SETTINGS) == {"former": "1"}
    asked = rolling_back()
    assert run_key(asked) == f"t-{asked.number}-rollback" and asked.number == before.number + 1
    back = after_action(asked, Action.ROLL_BACK, Outcome("done", "1"), START + 18 * DAY, SETTINGS)
    assert back.memory["rolled_back"] and not shadow_versions(back, NOW, SETTINGS)
    assert due_look(back, "former", NOW + 99 * DAY, SETTINGS) is None
    for day in range(19, 60):
        back = next_status(back, CALM, START + day * DAY, SETTINGS)
        assert back.action is None and back.champion == "1"


def test_the_watch_of_the_former_ends_after_its_last_look():
    status = cooling()
    for look in range(1, 5):
        clock = START + (25 + 7 * look) * DAY
        status = next_status(status, Seen("2", former=verdict("undecided", look)), clock, SETTINGS)
        assert status.former == (None if look == 4 else "1")
    assert "watch" not in status.memory


def test_looks_come_with_matured_days_and_missed_ones_are_skipped():
    status = awaiting()
    began = pd.Timestamp(status.memory["shadow"]["from"])
    assert [due_look(status, "candidate", began + days * DAY, SETTINGS) for days in (-8, 0, 6, 7, 13, 22, 300)] == [
        *(None, None, None, 1, 1, 3, 4)
    ]
    looked = next_status(status, replace(CALM, candidate=verdict("undecided", 3)), NOW, SETTINGS)
    assert due_look(looked, "candidate", began + 22 * DAY, SETTINGS) is None
    assert due_look(looked, "candidate", began + 28 * DAY, SETTINGS) == 4
    with pytest.raises(LearningError, match="look 3 at the candidate came after look 3"):
        next_status(looked, replace(CALM, candidate=verdict("undecided", 3)), NOW + DAY, SETTINGS)


def test_the_first_champion_is_adopted_and_one_set_past_the_jobs_cools_down():
    first = next_status(Status("t"), CALM, START, SETTINGS)
    assert (first.state, first.champion, first.number) == (State.QUIET, "1", 1)
    assert next_status(Status("t"), Seen(champion=None), START, SETTINGS).number == 0
    other = next_status(awaiting(), Seen(champion="5"), NOW, SETTINGS)
    assert (other.state, other.champion, other.candidate) == (State.COOLING_DOWN, "5", None)
    # a promotion that was killed before its row: the registry names the one it replaced, which is watched
    cut_off = next_status(quiet(), Seen(champion="2", replaced="1"), NOW, SETTINGS)
    assert (cut_off.champion, cut_off.former) == ("2", "1")
    assert shadow_versions(cut_off, NOW + DAY, SETTINGS) == {"former": "1"}
    assert next_status(quiet(), Seen(champion="5", replaced="3"), NOW, SETTINGS).former is None
    # the promotion's job was killed after it had moved the alias: the row still asks for it
    killed = next_status(promoted(), Seen(champion="2"), NOW, SETTINGS)
    assert run_key(killed) == run_key(promoted())


def test_a_challenger_enters_from_quiet_only():
    assert may_challenge(quiet()) and challenged().state is State.AWAITING_WINDOW
    for status in (suspected(), confirmed(), awaiting(), promoted(), refused(), cooling(), Status("t")):
        assert not may_challenge(status)
        with pytest.raises(LearningError, match="enters from quiet only"):
            after_challenge(status, "9", "won", NOW, SETTINGS)


@pytest.mark.parametrize("status", [quiet, suspected, confirmed, awaiting, promoted, rolling_back])
def test_a_status_survives_its_row(status):
    row = pd.DataFrame([status().to_row("run")]).iloc[0]
    assert Status.from_row(row) == status()
    assert row["run_id"] == "run" and isinstance(row["memory"], str)
    nulls = {name: np.nan if value is None else value for name, value in row.items()}
    assert Status.from_row(nulls) == status()


def test_each_step_leaves_its_events():
    def names(before, after):
        return [event.event for event in events_between(before, after, "r", NOW)]

    assert names(quiet(), next_status(quiet(), CALM, NOW, SETTINGS)) == []
    assert names(quiet(), suspected()) == ["drift suspected"]
    assert names(suspected(), confirmed()) == ["drift confirmed", "retraining asked for"]
    assert names(confirmed(), retraining()) == []
    assert names(retraining(), awaiting()) == ["in the shadow"]
    assert names(awaiting(), promoted()) == ["promotion asked for"]
    assert names(promoted(), cooling()) == ["promoted"]
    assert names(cooling(), rolling_back()) == ["rollback asked for"]
    back = after_action(rolling_back(), Action.ROLL_BACK, Outcome("done", "1"), NOW, SETTINGS)
    assert names(rolling_back(), back) == ["rolled back"]
    assert names(refused(), after_action(refused(), Action.REFUSE, Outcome("done", "2"), NOW, SETTINGS)) == ["refused"]
    by_hand = after_action(awaiting(), Action.PROMOTE, Outcome("done", "7", by_hand=True), NOW, SETTINGS)
    assert names(awaiting(), by_hand) == ["promoted", "dropped"]
    again = after_action(awaiting(), Action.RETRAIN, Outcome("done", "3", by_hand=True), NOW, SETTINGS)
    assert names(awaiting(), again) == ["in the shadow", "superseded"]
    told = events_between(awaiting(), again, "r", NOW)[1]
    assert (told.model_version, told.reason) == ("2", "version 3 took its place in the shadow")
    first = next_status(Status("t"), CALM, NOW, SETTINGS)
    assert names(Status("t"), first) == ["first champion"]
    impossible = after_action(retraining(), Action.RETRAIN, Outcome("impossible", reason="too few"), NOW, SETTINGS)
    assert names(retraining(), impossible) == ["retraining impossible"]
    drift = next_status(challenged(), ALARM, START + 2 * DAY, SETTINGS)
    assert names(challenged(), drift) == ["drift suspected"]
    drift = (drift, next_status(drift, replace(CALM, confirmed=looked(drift, True)), START + 3 * DAY, SETTINGS))
    assert names(*drift) == ["superseded", "drift confirmed", "retraining asked for"]
    assert names(suspected(), next_status(suspected(), CALM, NOW, SETTINGS)) == ["drift not confirmed"]
    frame = to_frame(events_between(promoted(), cooling(), "r", NOW, verdict("better")))
    assert frame.loc[0, ["model_version", "former_version", "rows", "positives"]].tolist() == ["2", "1", 900, 90]
