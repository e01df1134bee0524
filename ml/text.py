"""Text of any language to tokens divided by one space, so that CatBoost needs no tokenizer that knows the language.

Words are lower-cased and numbers become `0`. Chinese, Japanese and Thai don't divide words by spaces, so a run of their
characters becomes its overlapping pairs. A token counts once in a text, at its first place: deterministic, and shorter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_PIECE = re.compile(rf"[{UNSPACED}]+|\d+|[^\W\d_{UNSPACED}]+")
_FIRST_UNSPACED = re.compile(rf"[{UNSPACED}]")

# A subject stands first and the newest message last; what lies between in a very long text costs time and adds little.
HEAD_CHARACTERS = 400
TAIL_CHARACTERS = 1_600
LONGEST_WORD = 24
EMPTY_TOKEN, NUMBER_TOKEN = "empty", "0"
# A day's texts are looked at several times: to be compared, scored, explained, and scored in the shadow. Those of a
# training (tens of megabytes) are, but for a week's, those of the one before it.
KEPT_TEXTS = 100_000


@lru_cache(maxsize=KEPT_TEXTS)
def tokens(text: str) -> str:
    """The tokens of one text, divided by spaces; `empty` where there are none."""
    return " ".join(dict.fromkeys(token for _, _, token in _spans(_shortened(text)))) or EMPTY_TOKEN


def phrases(text: str, weights: Mapping[str, float]) -> list[str]:
    """What the tokens of `weights` read like in a text, heaviest first: those that stand side by side as one phrase.

    A phrase all of whose tokens stand in a heavier one is left out.
    """
    shown = _shortened(text)
    runs: list[tuple[int, int, set[str]]] = []
    for start, end, token in _spans(shown):
        if token not in weights:
            continue
        if runs and not shown[runs[-1][1] : start].strip():  # they overlap, or a space is between them
            start, _, before = runs.pop()
            runs.append((start, end, before | {token}))
        else:
            runs.append((start, end, {token}))
    runs.sort(key=lambda run: -sum(weights[token] for token in run[2]))
    said: set[str] = set()
    found = []
    for start, end, members in runs:
        if not members <= said:
            found.append(" ".join(shown[start:end].split()))
            said |= members
    return found


def _shortened(text: str) -> str:
    """Lower-cased, in one form of Unicode, without the middle of a very long text."""
    if len(text) > HEAD_CHARACTERS + TAIL_CHARACTERS:
        text = text[:HEAD_CHARACTERS] + " " + text[-TAIL_CHARACTERS:]
    return unicodedata.normalize("NFKC", text).lower()


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and token of each piece of a shortened text, in its order."""
    for piece in _PIECE.finditer(text):
        start, words = piece.start(), piece.group()
        if words[0].isdigit():
            yield start, piece.end(), NUMBER_TOKEN
        elif _FIRST_UNSPACED.match(words) and len(words) > 1:
            for i in range(len(words) - 1):
                yield start + i, start + i + 2, words[i : i + 2]
        else:
            yield start, piece.end(), words[:LONGEST_WORD]


def tokenise(texts: pd.Series) -> np.ndarray:
    """`tokens` of each value (null is empty); each different text is worked on once."""
    codes, unique = pd.factorize(texts.fillna("").astype(str), sort=False)
    return (
        np.array([tokens(text) for text in unique], dtype=object)[codes] if len(texts) else np.array([], dtype=object)
    )
