"""Wording is varied, in three languages, and tells of the mood without naming it."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pandas as pd

from simulator.texts.grammar import PACKS, expand, slip, texts
from tests.simulator.conftest import Company

CHINESE = r"[\u4e00-\u9fff]"


def test_every_language_has_every_slot() -> None:
    for pack in PACKS[1:]:
        assert {slot: len(levels) for slot, levels in pack.SLOTS.items()} == {
            slot: len(levels) for slot, levels in PACKS[0].SLOTS.items()
        }
        assert pack.SUBJECTS.keys() == PACKS[0].SUBJECTS.keys() == pack.OPENINGS.keys()


def test_choices_expand_to_one_sentence() -> None:
    found = {expand("{a|b{c|d}}e", random.Random(number)) for number in range(50)}
    assert found == {"ae", "bce", "bde"}


def test_a_slip_changes_little() -> None:
    sentence = "I have been waiting for three days now."
    for number in range(30):
        slipped = slip(sentence, random.Random(number))
        assert abs(len(slipped) - len(sentence)) <= 2


def test_no_placeholder_is_left_in_a_message(company: Company) -> None:
    written = pd.concat([company["tickets"].subject, company["tickets"].body, company["ticket_events"].body])
    assert not written.str.contains(r"[{}|<>]").any()
    assert (company["tickets"].body != "").all()


def test_three_languages_follow_the_customer(company: Company) -> None:
    language = company["customers"].drop_duplicates("customer_id").set_index("customer_id").language
    spoken = company["tickets"].customer_id.map(language)
    chinese = company["tickets"].body.str.contains(CHINESE)
    assert (chinese == (spoken == "zh")).all()
    assert spoken.value_counts(normalize=True).min() > 0.1


def test_messages_seldom_repeat(company: Company) -> None:
    events = company["ticket_events"]
    customers = events[(events.kind == "comment") & (events.actor_kind == "customer")].body
    assert customers.nunique() > 0.9 * len(customers)
    assert company["tickets"].drop_duplicates("ticket_id").body.nunique() > 0.97 * company.report.tickets_opened


def test_tone_is_worded_differently_at_each_level() -> None:
    wording = texts()
    u = np.linspace(0, 0.999, 400)
    spoken = [
        set(wording.join(wording.pick("tone", np.zeros(400, dtype=int), u, level)).to_pylist()) for level in range(5)
    ]
    for milder, harsher in pairwise(spoken):
        assert len(milder & harsher) == 0
        assert len(harsher) > 15
