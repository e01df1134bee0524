"""Text of any language to tokens divided by one space, so that CatBoost needs no tokenizer that knows the language.

Words are lower-cased and numbers become `0`. Chinese, Japanese and Thai don't divide words by spaces, so a run of their
characters becomes its overlapping pairs. A token counts once in a text, at its first place: deterministic, and shorter.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_PIECE = re.compile(rf"[{UNSPACED}]+|\d+|[^\W\d_{UNSPACED}]+")
_FIRST_UNSPACED = re.compile(rf"[{UNSPACED}]")

# A subject stands first and the newest message last; what lies between in a very long text costs time and adds little.
HEAD_CHARACTERS = 400
TAIL_CHARACTERS = 1_600
LONGEST_WORD = 24
EMPTY_TOKEN = "empty"


def tokens(text: str) -> str:
    """The tokens of one text, divided by spaces; `empty` where there are none."""
    if len(text) > HEAD_CHARACTERS + TAIL_CHARACTERS:
        text = text[:HEAD_CHARACTERS] + " " + text[-TAIL_CHARACTERS:]
    found: dict[str, None] = {}
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text).lower()):
        if piece[0].isdigit():
            found["0"] = None
        elif _FIRST_UNSPACED.match(piece) and len(piece) > 1:
            found.update(dict.fromkeys(piece[i : i + 2] for i in range(len(piece) - 1)))
        else:
            found[piece[:LONGEST_WORD]] = None
    return " ".join(found) or EMPTY_TOKEN


def tokenise(texts: pd.Series) -> np.ndarray:
    """`tokens` of each value (null is empty); each different text is worked on once."""
    codes, unique = pd.factorize(texts.fillna("").astype(str), sort=False)
    return (
        np.array([tokens(text) for text in unique], dtype=object)[codes] if len(texts) else np.array([], dtype=object)
    )
