"""Expands the paraphrase grammar into one pool of fragments, and composes messages from it in bulk.

A message is a row of fragment numbers; composing takes the fragments from one Arrow array and joins them, so
that a million messages cost seconds. Fragment 0 is empty. The second half of the pool holds the same
fragments with a slip of the keyboard.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.reference import CATEGORY_NAMES, LANGUAGES, PRODUCTS
from simulator.texts import en, es, zh

PACKS: tuple[ModuleType, ...] = (en, es, zh)
CHOICE = re.compile(r"\{([^{}]*)\}")
PER_OPENING, PER_SUBJECT, PER_TEMPLATE = 24, 10, 40
# characters that a hurried Chinese typist mistakes for each other
CONFUSED = str.maketrans("的在做帐象再", "得再作账像在")


def expand(template: str, chooser: random.Random) -> str:
    """One sentence of a template with its choices taken at random."""
    while (found := CHOICE.search(template)) is not None:
        chosen = chooser.choice(found.group(1).split("|"))
        template = template[: found.start()] + chosen + template[found.end() :]
    return template


def fill(sentence: str, product: str, chooser: random.Random, days: tuple[int, int] = (2, 9)) -> str:
    """Put a product and made-up numbers into a sentence."""
    sentence = sentence.replace("<product>", product)
    if "<" not in sentence:
        return sentence
    sentence = sentence.replace("<number>", str(chooser.randint(3, 89_999)))
    amount = f"{chooser.randint(4, 480)}.{chooser.randint(0, 99):02d}"
    return sentence.replace("<amount>", amount).replace("<days>", str(chooser.randint(*days)))


def slip(sentence: str, chooser: random.Random) -> str:
    """The sentence as typed in a hurry: letters swapped, dropped or doubled, or the punctuation left out."""
    if len(sentence) < 4:
        return sentence
    at = chooser.randrange(1, len(sentence) - 2)
    kind = chooser.randrange(4)
    if kind == 0:
        return sentence[:at] + sentence[at + 1] + sentence[at] + sentence[at + 2 :]
    if kind == 1:
        return sentence[:at] + sentence[at + 1 :]
    if kind == 2:
        return (sentence[:at] + sentence[at] + sentence[at:]).translate(CONFUSED)
    return re.sub(r"[.!?。！？]+(\s*)$", r"\1", sentence).lower()


class Texts:
    """All fragments. `pick(slot, language, level, uniform)` numbers them; `join` composes rows of numbers."""

    def __init__(self) -> None:
        self._fragments: list[str] = [""]
        self._pools: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        chooser = random.Random(20250701)
        self._add_levels(
            "subject", len(CATEGORY_NAMES) * len(PRODUCTS), self._by_product("SUBJECTS", PER_SUBJECT, chooser)
        )
        self._add_levels(
            "opening", len(CATEGORY_NAMES) * len(PRODUCTS), self._by_product("OPENINGS", PER_OPENING, chooser)
        )
        for slot, levels in en.SLOTS.items():
            self._add_levels(slot, len(levels), self._by_level(slot, chooser))
        self._count = len(self._fragments)
        slipped = [slip(fragment, chooser) for fragment in self._fragments]
        self._array = pa.array(self._fragments + slipped, pa.string())

    def _by_product(self, table: str, size: int, chooser: random.Random) -> list[list[list[str]]]:
        def sentence(pack: ModuleType, category: str, product: str) -> str:
            template = chooser.choice(getattr(pack, table)[category])
            return fill(expand(template, chooser), product, chooser).translate(pack.PUNCTUATION) + pack.JOINER

        return [
            [
                [sentence(pack, category, product) for _ in range(size)]
                for category in CATEGORY_NAMES
                for product in pack.PRODUCTS
            ]
            for pack in PACKS
        ]

    def _by_level(self, slot: str, chooser: random.Random) -> list[list[list[str]]]:
        pools = []
        for pack in PACKS:
            levels = []
            for level, templates in enumerate(pack.SLOTS[slot]):
                days = ((1, 1), (1, 2), (2, 5), (6, 16))[level] if slot == "waiting" else (2, 9)
                sentences = [
                    fill(expand(template, chooser), pack.PRODUCTS[0], chooser, days).translate(pack.PUNCTUATION)
                    for template in templates
                    for _ in range(PER_TEMPLATE)
                ]
                levels.append([sentence + pack.JOINER if sentence else "" for sentence in sentences])
            pools.append(levels)
        return pools

    def _add_levels(self, slot: str, levels: int, pools: list[list[list[str]]]) -> None:
        start = np.zeros((len(LANGUAGES), levels), dtype=np.int64)
        size = np.zeros_like(start)
        for language, by_level in enumerate(pools):
            for level, sentences in enumerate(by_level):
                start[language, level] = len(self._fragments)
                size[language, level] = len(sentences)
                self._fragments.extend(sentences)
        self._pools[slot] = (start, size)

    def pick(
        self,
        slot: str,
        language: np.ndarray,
        uniform: np.ndarray,
        level: np.ndarray | int = 0,
        slips: np.ndarray | None = None,
    ) -> np.ndarray:
        """Fragment numbers, one per row. `slips`: rows (bool) whose fragment is mistyped."""
        start, size = self._pools[slot]
        number = start[language, level] + (uniform * size[language, level]).astype(np.int64)
        return number if slips is None else np.where(slips, number + self._count, number)

    def join(self, *numbers: np.ndarray) -> pa.Array:
        """One text per row from columns of fragment numbers; an empty text is null."""
        parts = [pc.take(self._array, pa.array(column)) for column in numbers]
        joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, ""))
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


@lru_cache(maxsize=1)
def texts() -> Texts:
    """The pool, built on first use (about half a second)."""
    return Texts()
