"""Which words of a text moved its score: it is scored again without them.

One booster looks for the stretches that matter, then for the words in them; the whole ensemble judges the few found.
That takes half a second for 500 texts of 80 words; each word by itself would take twice that. A word whose neighbour
says the opposite may go unnamed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.model import TrainedModel
from ml.text import EMPTY_TOKEN, NUMBER_TOKEN, phrases

MOST_NAMED = 3
STRETCH = 6  # words that are left out together at first
STRETCHES = 3  # stretches of a text whose words are looked at one by one
CANDIDATES = 6  # words of a text that the whole ensemble judges
# Without a word the log-odds change by this at least; less is under 1 % of the probability: not worth naming.
LEAST_EFFECT = 0.01
MOST_ROWS = 1_000  # the riskiest are read; words for tens of thousands of texts would take minutes
CHUNK = 200  # rows at a time: each becomes as many rows as it has words


def telling_words(model: TrainedModel, frame: pd.DataFrame, column: str, raises: np.ndarray) -> list[list[str]]:
    """For each row of a feature frame, up to three words or phrases of the text `column`, strongest first.

    They are the words that raise the row's score where `raises` holds, else those that lower it. The list is empty
    where no word does so noticeably, where the model doesn't learn from the column, and beyond the MOST_ROWS riskiest.
    """
    named: list[list[str]] = [[] for _ in range(len(frame))]
    if not model.uses_text or column not in model.preparation.of_kind("text"):
        return named
    matrix = model.preparation.transform(frame).reset_index(drop=True)
    odds = model.log_odds_of(matrix)
    sign = np.where(raises, 1.0, -1.0)
    sketch = replace(model, members=tuple(replace(m, boosters=m.boosters[:1]) for m in model.members if m.member.text))
    texts = frame[column].fillna("").astype(str).to_numpy()
    riskiest = np.argsort(-odds, kind="stable")[:MOST_ROWS]
    for rows in np.array_split(riskiest, max(1, -(-len(riskiest) // CHUNK))):
        part, direction = matrix.iloc[rows], sign[rows]
        base = sketch.log_odds_of(part)
        stretches = [_stretches(text) for text in part[column]]
        moving = _most(_effects(sketch, part, column, stretches, base, direction), STRETCHES)
        words = [[word for stretch in found for word in stretch.split(" ")] for found in moving]
        likely = _most(_effects(sketch, part, column, words, base, direction), CANDIDATES)
        judged = _effects(model, part, column, likely, odds[rows], direction)
        for row, found in zip(rows, judged, strict=True):
            telling = {w: e for w, e in found.items() if e >= LEAST_EFFECT and w not in (EMPTY_TOKEN, NUMBER_TOKEN)}
            named[row] = phrases(texts[row], telling)[:MOST_NAMED] if telling else []
    return named


def _stretches(text: str) -> list[str]:
    """A prepared text cut into a few neighbouring tokens at a time."""
    words = text.split(" ")
    return [" ".join(words[i : i + STRETCH]) for i in range(0, len(words), STRETCH)]


def _most(effects: list[dict[str, float]], count: int) -> list[list[str]]:
    """The few pieces of each row that move it most."""
    return [sorted(found, key=found.__getitem__, reverse=True)[:count] for found in effects]


def _effects(
    model: TrainedModel,
    matrix: pd.DataFrame,
    column: str,
    pieces: list[list[str]],
    odds: np.ndarray,
    sign: np.ndarray,
) -> list[dict[str, float]]:
    """For each prepared row and each piece of its text, by how much that moves the log-odds in the row's direction."""
    effects: list[dict[str, float]] = [{} for _ in pieces]
    if not any(pieces):
        return effects
    # A token stands once in a text, between spaces.
    texts = [f" {text} " for text in matrix[column]]
    pairs = [(row, piece) for row, found in enumerate(pieces) for piece in found]
    without = [texts[row].replace(f" {piece} ", " ", 1).strip() or EMPTY_TOKEN for row, piece in pairs]
    rows = np.array([row for row, _ in pairs])
    trial = matrix.iloc[rows].assign(**{column: without})
    moved = sign[rows] * (odds[rows] - model.log_odds_of(trial))
    for (row, piece), effect in zip(pairs, moved, strict=True):
        effects[row][piece] = float(effect)
    return effects
