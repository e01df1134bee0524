"""Which words moved a score: on made-up texts where one word matters, in English and in Chinese."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.model import TrainedModel
from ml.reasons import LOWERS, top_reasons
from ml.task import ReasonGroup
from ml.text import phrases
from ml.train import mature_rows, train
from ml.wording import MOST_NAMED, telling_words
from tests.ml.conftest import CLOCK, SETTINGS, TASK, made_up_rows

ENGLISH = [f"{a}{b}" for a in ("ba", "de", "fi", "go", "lu", "mo") for b in ("ran", "sel", "tik", "vor", "wun", "zes")]
CHINESE = [
    "订单",
    "发票",
    "账户",
    "地址",
    "电话",
    "快递",
    "商品",
    "客服",
    "今天",
    "昨天",
    "谢谢",
    "请问",
    "帮助",
    "时间",
]
WORD, 词 = "chargeback", "退款"
WORDED = replace(
    TASK,
    reasons=tuple(
        ReasonGroup("wording", ("text",), lambda row, usual: f"words: {', '.join(row.get('text_words', ['?']))}")
        if group.name == "wording"
        else group
        for group in TASK.reasons
    ),
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """The made-up rows, their text of random words; a third of the tickets says the word that raises the risk."""
    random = np.random.default_rng(11)
    rows = made_up_rows(tickets=900)
    tickets = rows["ticket_id"].unique()
    texts, marked = {}, {}
    for ticket in tickets:
        chinese, marked[ticket] = random.random() < 0.4, random.random() < 0.33
        words = list(random.choice(CHINESE if chinese else ENGLISH, size=14))
        if marked[ticket]:
            words.insert(int(random.integers(0, 14)), 词 if chinese else WORD)
        texts[ticket] = ("，" if chinese else " ").join(words)
    mark = rows["ticket_id"].map(marked).to_numpy(bool)
    label = random.random(len(rows)) < np.where(mark, 0.55, 0.12)
    event = (rows["as_of"] + pd.Timedelta(days=2)).where(label)
    return rows.assign(
        text=rows["ticket_id"].map(texts), label=label, escalated_at=event, escalation_visible_from=event, mark=mark
    )


@pytest.fixture(scope="module")
def model(frame: pd.DataFrame) -> TrainedModel:
    return train(WORDED, mature_rows(TASK, frame.drop(columns="mark"), CLOCK), trained_to=CLOCK, settings=SETTINGS)


@pytest.fixture(scope="module")
def tickets(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop_duplicates("ticket_id").head(200).reset_index(drop=True)


def test_the_word_that_matters_is_named_first(model: TrainedModel, tickets: pd.DataFrame) -> None:
    named = telling_words(model, tickets, "text", np.ones(len(tickets), bool))
    assert max(map(len, named)) <= MOST_NAMED
    first = [words[0] if words else "" for words in named]
    says = [WORD in text or 词 in text for text in tickets["text"]]
    right = [WORD in word or 词 in word for word in first]
    assert sum(right[n] for n in range(len(says)) if says[n]) > 0.95 * sum(says)
    assert not [first[n] for n in range(len(says)) if right[n] and not says[n]]
    assert {WORD, 词} <= {word for words in named for word in words}


def test_the_score_without_a_named_word_is_lower(model: TrainedModel, tickets: pd.DataFrame) -> None:
    marked = tickets[tickets["text"].str.contains(WORD)]
    without = marked.assign(text=marked["text"].str.replace(WORD, "", regex=False))
    assert (model.predict(without) < model.predict(marked)).mean() > 0.95


def test_what_raises_the_risk_is_never_said_in_its_favour(model: TrainedModel, tickets: pd.DataFrame) -> None:
    named = telling_words(model, tickets, "text", np.zeros(len(tickets), bool))
    assert np.mean([WORD in words or 词 in words for words in named]) < 0.02


def test_a_reason_names_the_words(model: TrainedModel, tickets: pd.DataFrame) -> None:
    reasons = top_reasons(WORDED, model, tickets)
    wording = [
        (str(reason), bool(mark))
        for row, mark in zip(reasons.to_numpy(), tickets["mark"], strict=True)
        for reason in row
        if reason and "words: " in reason
    ]
    raising = [reason for reason, mark in wording if mark and reason.startswith("words: ")]
    assert len(raising) > 0.5 * tickets["mark"].sum()
    assert np.mean([WORD in reason or 词 in reason for reason in raising]) > 0.95
    assert not [reason for reason, _ in wording if reason.startswith(LOWERS) and WORD in reason]


def test_rows_keep_their_reasons_whatever_the_others_are(model: TrainedModel, tickets: pd.DataFrame) -> None:
    few = tickets.iloc[[5, 3, 9]]
    pd.testing.assert_frame_equal(top_reasons(WORDED, model, few), top_reasons(WORDED, model, tickets).loc[few.index])


def test_texts_without_words_have_none(model: TrainedModel, tickets: pd.DataFrame) -> None:
    odd = tickets.head(3).assign(text=[None, "", "12 345 !!"])
    assert telling_words(model, odd, "text", np.ones(3, bool)) == [[], [], []]
    assert telling_words(model, tickets.head(0), "text", np.ones(0, bool)) == []
    assert telling_words(model, odd, "queue", np.ones(3, bool)) == [[], [], []]


@pytest.mark.parametrize(
    ("text", "weights", "expected"),
    [
        ("I want a REFUND now", {"refund": 1.0}, ["refund"]),
        ("my lawyer says: cancel my contract", {"lawyer": 0.2, "cancel": 0.5, "contract": 0.4, "my": 0.1},
         ["cancel my contract", "my lawyer"]),
        ("我要求退款", {"要求": 0.3, "求退": 0.1, "退款": 0.4}, ["要求退款"]),
        ("退款，谢谢，退款", {"退款": 0.4}, ["退款"]),
        ("refund\n\nrefund please", {"refund": 0.4}, ["refund refund"]),
        ("nothing here", {"refund": 1.0}, []),
    ],
)  # fmt: skip
def test_words_that_stand_together_are_one_phrase(text: str, weights: dict[str, float], expected: list[str]) -> None:
    assert phrases(text, weights) == expected
