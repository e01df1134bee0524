"""Wording is varied, in three languages, and tells of mood and topic without settling them."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from simulator.reference import (
    CATEGORY_NAMES,
    LANGUAGES,
    LAUNCHED_CATEGORIES,
    LAUNCHED_PRODUCTS,
    PRODUCT_CATEGORY,
    PRODUCTS,
)
from simulator.texts import slips
from simulator.texts.grammar import PACKS, Texts, expand, fill, texts
from simulator.texts.voices import SECOND_TOPIC_AT_FIRST, SECOND_TOPIC_LATER, agent_style, aside
from tests.simulator.conftest import Company

CHINESE = r"[\u4e00-\u9fff]"
BY_LANGUAGE = pytest.mark.parametrize("language", range(len(LANGUAGES)), ids=LANGUAGES)


@pytest.fixture(scope="module")
def wording() -> Texts:
    return texts()


def without_numbers(sentences: list[str]) -> set[str]:
    return {re.sub(r"\d+", "0", sentence) for sentence in sentences}


def levels(slot: str) -> int:
    if slot in ("subject", "opening"):
        return len(CATEGORY_NAMES) * len(PRODUCTS)
    return len(CATEGORY_NAMES) if slot == "aside" else len(PACKS[0].SLOTS[slot])


def everything(wording: Texts, language: int, slipped: bool = False) -> list[str]:
    slots = ["subject", "opening", "aside", *PACKS[0].SLOTS]
    return [s for slot in slots for k in range(levels(slot)) for s in wording.fragments(slot, language, k, slipped)]


def test_every_language_has_every_slot() -> None:
    for pack in PACKS[1:]:
        for table in ("SLOTS", "BETWEEN"):
            assert {slot: len(said) for slot, said in getattr(pack, table).items()} == {
                slot: len(said) for slot, said in getattr(PACKS[0], table).items()
            }
        for table in ("SHARED_SUBJECTS", "SHARED_OPENINGS"):
            assert [pair for pair, _ in getattr(pack, table)] == [pair for pair, _ in getattr(PACKS[0], table)]


@BY_LANGUAGE
def test_every_category_and_product_has_wording(wording: Texts, language: int) -> None:
    pack = PACKS[language]
    assert len(pack.PRODUCTS) == len(PRODUCTS) == len(set(pack.PRODUCTS))
    for table in (pack.SUBJECTS, pack.OPENINGS, pack.ASIDES):
        assert tuple(table) == CATEGORY_NAMES
    for topic in range(levels("opening")):
        named = pack.PRODUCTS[topic % len(PRODUCTS)].removeprefix("el ").removeprefix("la ")
        assert sum(named.lower() in said.lower() for said in wording.fragments("opening", language, topic)) > 2
        assert len(set(wording.fragments("subject", language, topic))) > 5


def test_choices_expand_to_one_sentence() -> None:
    found = {expand("{a|b{c|d}}e", random.Random(number)) for number in range(50)}
    assert found == {"ae", "bce", "bde"}


def test_spanish_contracts_the_article() -> None:
    said = fill("<product> y la app de <product>.", "el router", random.Random(1))
    assert said == "El router y la app del router."


@BY_LANGUAGE
def test_no_placeholder_and_no_stray_space_is_left(wording: Texts, language: int) -> None:
    for slipped in (False, True):
        assert not [said for said in everything(wording, language, slipped) if re.search(r"[{}|<>]", said)]
    assert not [said for said in everything(wording, language) if re.search(r"  | [.,?!:;]", said)]


def test_no_placeholder_is_left_in_a_message(company: Company) -> None:
    written = pd.concat([company["tickets"].subject, company["tickets"].body, company["ticket_events"].body])
    assert not written.str.contains(r"[{}|<>]").any()
    assert (company["tickets"].body != "").all()


def test_nothing_of_the_launch_appears_without_it(company: Company) -> None:
    sold, known = {"", *PRODUCTS[:LAUNCHED_PRODUCTS]}, {"", *CATEGORY_NAMES[:LAUNCHED_CATEGORIES]}
    tickets, contacts = company["tickets"], company["contacts"]
    products = pd.concat([tickets["product"], contacts["product"], company["account_events"].detail])
    assert set(products) == sold
    assert set(tickets.category) | set(contacts.reason_code) == known
    written = pd.concat([tickets.subject, tickets.body, contacts.subject, company["ticket_events"].body])
    assert not written.str.contains("smart watch|reloj inteligente|智能手表|esim|电子卡|虚拟卡", case=False).any()


def test_three_languages_follow_the_customer(company: Company) -> None:
    language = company["customers"].drop_duplicates("customer_id").set_index("customer_id").language
    spoken = company["tickets"].customer_id.map(language)
    chinese = company["tickets"].body.str.contains(CHINESE)
    assert (chinese == (spoken == "zh")).all()
    assert spoken.value_counts(normalize=True).min() > 0.1


def test_chinese_has_no_latin_letters(wording: Texts, company: Company) -> None:
    for slipped in (False, True):
        assert not [said for said in everything(wording, LANGUAGES.index("zh"), slipped) if re.search("[A-Za-z]", said)]
    written = pd.concat([company["tickets"].body, company["ticket_events"].body])
    assert not written[written.str.contains(CHINESE)].str.contains("[A-Za-z]").any()


def test_messages_seldom_repeat(company: Company) -> None:
    events = company["ticket_events"]
    customers = events[(events.kind == "comment") & (events.actor_kind == "customer")].body
    assert customers.nunique() > 0.9 * len(customers)
    assert company["tickets"].drop_duplicates("ticket_id").body.nunique() > 0.97 * company.report.tickets_opened


@BY_LANGUAGE
def test_neighbouring_tones_share_phrases_but_most_are_their_own(wording: Texts, language: int) -> None:
    spoken = [Counter(wording.fragments("tone", language, level)) for level in range(5)]
    for milder, harsher in pairwise(spoken):
        also = [
            sum(n for said, n in one.items() if said in other) for one, other in ((milder, harsher), (harsher, milder))
        ]
        assert 0.15 < also[0] / milder.total() < 0.5
        assert 0.15 < also[1] / harsher.total() < 0.5
        assert len(harsher) > 30
    # irony: what a friendly customer says, said by a furious one
    assert spoken[0].keys() & spoken[4].keys()
    assert not spoken[1].keys() & spoken[4].keys()


@BY_LANGUAGE
def test_every_category_shares_phrases_with_another(wording: Texts, language: int) -> None:
    router = PRODUCTS.index("router")
    said = [
        without_numbers(wording.fragments("opening", language, category * len(PRODUCTS) + router))
        for category in range(len(CATEGORY_NAMES))
    ]
    for category, mine in enumerate(said):
        others = set().union(*(other for k, other in enumerate(said) if k != category))
        assert 0 < len(mine & others) < 0.6 * len(mine), CATEGORY_NAMES[category]


def test_a_second_topic_comes_up_in_the_stated_share(wording: Texts, company: Company) -> None:
    said = {
        part
        for language in range(len(LANGUAGES))
        for k in range(levels("aside"))
        for slipped in (False, True)
        for part in wording.fragments("aside", language, k, slipped)
    }
    events = company["ticket_events"]
    later = events[(events.kind == "comment") & (events.actor_kind == "customer")].body
    first = company["tickets"].drop_duplicates("ticket_id").body
    for bodies, stated in ((first, SECOND_TOPIC_AT_FIRST), (later, SECOND_TOPIC_LATER)):
        share = np.mean([any(part in body for part in said) for body in bodies])
        assert abs(share - stated) < 0.025


def test_the_second_topic_is_another_one_that_the_product_knows(wording: Texts) -> None:
    random_numbers = np.random.default_rng(3)
    english = np.zeros(4000, dtype=np.int64)
    for category, product in ((0, 0), (3, 6), (8, 4), (10, 8)):
        number = aside(english, english + category, english + product, random_numbers.random(4000), 0.5)
        assert 0.45 < (number > 0).mean() < 0.55
        heard = set(wording.join(number[number > 0]).to_pylist())
        for other, weight in enumerate(PRODUCT_CATEGORY[product]):
            assert bool(heard & set(wording.fragments("aside", 0, other))) == (other != category and weight > 0)


def test_a_slip_changes_little() -> None:
    sentence = "I have been waiting for three days now."
    for number in range(30):
        slipped = slips.slip(sentence, random.Random(number))
        assert slipped != sentence
        assert abs(len(slipped) - len(sentence)) <= 2


def slip_between(meant: str, typed: str) -> str:
    """Which kind of slip makes the one of the other."""
    for kind in (slips.lowered, slips.unaccented, slips.unpunctuated):
        if typed == kind(meant, random.Random(0)):
            return kind.__name__
    if len(typed) != len(meant):
        return "dropped" if len(typed) < len(meant) else "doubled"
    return "swapped" if sorted(typed) == sorted(meant) else "homophone"


@BY_LANGUAGE
def test_slips_of_each_kind_occur(wording: Texts, language: int) -> None:
    meant, typed = (
        [part for k in range(5) for part in wording.fragments("tone", language, k, slipped)]
        for slipped in (False, True)
    )
    found = Counter(slip_between(a, b) for a, b in zip(meant, typed, strict=True) if a != b)
    expected = {kind.__name__ for kind in slips.KINDS[LANGUAGES[language]]}
    assert found.keys() == expected
    assert min(found.values()) > 0.02 * found.total()
    assert found.total() > 0.95 * len(meant)


def test_a_slip_leaves_the_point_in_an_amount() -> None:
    assert slips.unpunctuated("A fee of 12.50, why?", random.Random(0)) == "A fee of 12.50 why"


def test_agents_keep_to_their_style(wording: Texts, company: Company) -> None:
    events = company["ticket_events"]
    replies = events[(events.kind == "comment") & (events.actor_kind == "agent") & (events.is_public == "true")]
    style = agent_style(replies.actor_id.str[1:].astype(int).to_numpy())
    found = {
        "agent_greeting": str.startswith, "agent_sorry": str.__contains__, "agent_progress": str.__contains__,
        "agent_signoff": str.endswith,
    }  # fmt: skip
    for slot, holds in found.items():
        phrases = [
            {
                part
                for language in range(len(LANGUAGES))
                for part in wording.fragments(slot, language, k)
                if len(part) > 6
            }
            for k in range(3)
        ]
        for own in range(3):
            # a phrase of one style may hold a shorter one of another
            others = " ".join(phrases[own - 1] | phrases[own - 2])
            only_here = [part for part in phrases[own] if part not in others]
            uses = np.array([any(holds(body, part) for part in only_here) for body in replies.body])
            assert uses[style == own].mean() > 0.02, (slot, own)
            assert not uses[style != own].any(), (slot, own)
