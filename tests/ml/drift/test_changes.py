"""What has changed is found, named, placed and told from a fault of the source."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.drift import compare, confirm, make_reference, source_faults
from ml.drift.finding import COLUMNS


def changed(rows, column, values, **kwargs):
    batch = rows(2_000, 40, day=28)
    return batch.assign(**{column: values(batch, np.random.default_rng(0))})


@pytest.mark.parametrize(
    ("column", "values", "kind", "value"),
    [
        ("hours", lambda b, r: b["hours"] + 2.0, "level", None),
        ("hours", lambda b, r: b["hours"].where(r.random(len(b)) > 0.03), "missing", None),
        ("product", lambda b, r: b["product"].where(r.random(len(b)) > 0.05, "watch"), "new value", "watch"),
        ("product", lambda b, r: b["product"].where(b["product"] != "tv", "phone"), "vanished value", "tv"),
        ("queue", lambda b, r: b["queue"].where(r.random(len(b)) > 0.2, "sales"), "share", "sales"),
        ("hours", lambda b, r: 12 + (b["hours"] - 12) * 1.8, "spread", None),
        ("text", lambda b, r: b["text"].where(r.random(len(b)) > 0.06, "the watch stopped"), "words", "watch"),
    ],
)
def test_a_change_is_named(task, rows, reference, column, values, kind, value):
    found = compare(task, reference, changed(rows, column, values), seed=0)
    assert found.source_fault is None
    alarms = [f for f in found.findings if f.alarm]
    assert {f.subject for f in alarms} == {column}
    assert (kind, value) in {(f.kind, f.value) for f in alarms}
    assert all(f.cause == "world" and abs(f.effect) >= f.effect_limit for f in alarms)
    assert list(found.to_frame().columns) == list(COLUMNS)


def test_an_unimportant_feature_needs_more(task, rows, reference):
    """The agent isn't used by the champion: a change that would alarm in the queue doesn't here."""
    batch = rows(2_000, 41, day=28)
    batch["agent"] = batch["agent"].where(np.random.default_rng(0).random(len(batch)) > 0.1, "A001")
    assert not compare(task, reference, batch, seed=0).alarm


def test_the_slice_is_named_with_counts(task, rows, reference):
    batch = rows(3_000, 42, day=28)
    hit = (batch["queue"] == "sales") & (np.random.default_rng(0).random(len(batch)) < 0.4)
    found = compare(task, reference, batch.assign(product=batch["product"].where(~hit, "watch")), seed=0)
    new = next(f for f in found.findings if f.kind == "new value")
    assert new.slice == "queue=sales"
    assert f"({int(hit.sum()):,} of 3,000 ticket rows)" in new.sentence
    assert "most of it in queue=sales" in new.sentence


def test_predictions_are_compared_where_both_are_known(task, rows):
    p = np.random.default_rng(0).beta(1, 9, 6_000)
    reference = make_reference(task, rows(6_000, 1, days=28), pd.Series({"hours": 1.0}), p=p, seed=0)
    batch = rows(1_500, 43, day=28)
    now = np.random.default_rng(1).beta(1, 9, len(batch))
    now[:200] = np.nan
    assert not compare(task, reference, batch, p=now, seed=0).alarm
    found = compare(task, reference, batch, p=np.clip(now * 1.5, 0, 1), seed=0)
    assert {f.kind for f in found.findings if f.alarm} == {"prediction"}


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("hours", lambda b, r: b["hours"] * 60, "unit"),
        ("hours", lambda b, r: b["hours"] / 24, "unit"),
        ("hours", lambda b, r: b["hours"].where(r.random(len(b)) > 0.3, b["hours"] * 3_600), "unit"),
        ("hours", lambda b, r: np.nan, "missing"),
        ("hours", lambda b, r: b["hours"].where(r.random(len(b)) > 0.3), "missing"),
        ("hours", lambda b, r: 3.0, "unit"),
        ("hours", lambda b, r: b["hours"].astype(str) + " h", "unit"),
        ("product", lambda b, r: b["product"].str.upper(), "new value"),
        ("product", lambda b, r: "SKU-" + b["product"].map(hash).astype(str), "new value"),
    ],
)
def test_a_source_fault_is_told_with_its_mend(task, rows, reference, column, values, kind):
    found = compare(task, reference, changed(rows, column, values), seed=0)
    assert found.source_fault is not None
    assert (found.source_fault.subject, found.source_fault.kind) == (column, kind)
    assert found.source_fault.cause == "source"
    assert "harken accept made_up" in found.source_fault.sentence
    assert found.suspects == ()


def test_an_absent_column_is_a_fault_even_without_rows(task, rows, reference):
    found = source_faults(task, reference, rows(20, 1, day=28).drop(columns="queue").iloc[:0])
    assert [f.subject for f in found] == ["queue"]


def test_no_fault_in_clean_launched_or_small_batches(task, rows, reference):
    for i in range(30):
        assert source_faults(task, reference, rows(15, 1_000 + i, day=28)) == []
    for share in (0.12, 0.2):
        batch = rows(1_000, 44, day=28)
        new = np.random.default_rng(0).random(len(batch)) < share
        assert source_faults(task, reference, batch.assign(product=batch["product"].where(~new, "watch"))) == []


def test_a_count_that_falls_is_no_other_unit_and_seconds_to_minutes_are_one(task, rows):
    """Escalations that reach the log late empty a count of the last week; a duration divided by 60 stays a fault."""
    random = np.random.default_rng(3)
    old = rows(3_000, 1, days=28)
    old = old.assign(
        recent=np.ceil(random.gamma(1.5, 12.0, len(old))), wait=np.round(random.gamma(4.0, 400.0, len(old)))
    )
    reference = make_reference(task, old, pd.Series({"recent": 0.5, "wait": 0.5}), seed=0)
    batch = rows(400, 2, day=28)
    few, usual = (np.ceil(random.gamma(1.5, scale, len(batch))) for scale in (1.2, 12.0))
    seconds = np.round(random.gamma(4.0, 400.0, len(batch)))
    assert source_faults(task, reference, batch.assign(recent=few, wait=seconds)) == []
    [fault] = source_faults(task, reference, batch.assign(recent=usual, wait=np.round(seconds / 60)))
    assert (fault.subject, fault.value) == ("wait", "x 1/60")


def test_mojibake_is_recognised(task, rows):
    old = rows(3_000, 1, days=28).assign(product=lambda f: f["product"].replace({"tv": "fernseher größe"}))
    reference = make_reference(task, old, pd.Series({"product": 1.0}), seed=0)
    broken = "fernseher größe".encode().decode("latin-1")
    batch = rows(500, 2, day=28).assign(product=lambda f: f["product"].replace({"tv": broken}))
    found = source_faults(task, reference, batch)
    assert "'fernseher größe' written differently" in found[0].sentence


def test_confirmation_needs_fresh_tickets_and_the_same_direction(task, rows, reference):
    batch = rows(2_000, 45, day=28).assign(hours=lambda f: f["hours"] + 2.0)
    suspects = compare(task, reference, batch, seed=0).suspects
    fresh = rows(600, 46, day=29, days=4)
    few = confirm(task, reference, fresh.iloc[:50], suspects, look=1, looks=4, seed=0)
    assert few.waiting
    again = confirm(task, reference, fresh.assign(hours=fresh["hours"] + 2.0), suspects, look=1, looks=4, seed=0)
    assert again.confirmed
    assert {f.subject for f in again.findings if f.alarm} == {"hours"}
    other = confirm(task, reference, fresh.assign(hours=fresh["hours"] - 2.0), suspects, look=1, looks=4, seed=0)
    assert not other.confirmed


def test_fresh_tickets_are_compared_with_tickets_as_young(task, rows, long_reference):
    """Age grows with the days that a ticket is open: fresh tickets are all young, which must not confirm anything."""
    old = rows(1_500, 2, days=28, life=5.0)
    old["hours"] = age_hours(old)
    reference = make_reference(task, old, pd.Series({"hours": 1.0}), seed=0)
    fresh = rows(500, 47, day=29, days=5, life=5.0)
    fresh["hours"] = age_hours(fresh)
    suspects = ("level\thours\t\t-", "spread\thours\t\t-", "spread\thours\t\t+")
    assert not confirm(task, reference, fresh, suspects, look=1, looks=1, seed=0).confirmed


def age_hours(frame):
    first = frame.groupby("ticket_id")["as_of"].transform("min")
    return (frame["as_of"] - first).dt.total_seconds() / 3_600 + np.random.default_rng(0).random(len(frame))


def test_false_suspicions_are_seldom_confirmed(task, rows, reference):
    suspects = ("level\thours\t\t+", "share\tqueue\tbilling\t-", "level\tamount\t\t+")
    confirmed = 0
    for i in range(30):
        fresh = rows(150, 2_000 + i, day=30, days=4)
        confirmed += any(
            confirm(task, reference, fresh, suspects, look=look, looks=4, seed=i).confirmed for look in (1, 2)
        )
    assert confirmed <= 8
