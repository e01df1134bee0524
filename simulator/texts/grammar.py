"""Expands the paraphrase grammar into one pool of fragments, and composes messages from it in bulk.

A message is a row of fragment numbers; composing takes the fragments from one Arrow array and joins them, so
that a million messages cost seconds. Fragment 0 is empty. The second half of the pool holds the same
fragments with a slip of the keyboard.
"""

from __future__ import annotations

import random
import re
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.reference import CATEGORY_NAMES, LANGUAGES, PRODUCTS
from simulator.texts import en, es, zh
from simulator.texts.slips import slip

PACKS: tuple[ModuleType, ...] = (en, es, zh)
TOKEN = re.compile(r"[{}|]|[^{}|]+")
PER_OPENING, PER_SUBJECT, PER_ASIDE, PER_TEMPLATE = 36, 14, 60, 40
# waiting is told in days: by level, the least and the most
WAITED_DAYS = ((1, 1), (1, 1), (2, 5), (6, 16))
# typed by customers, so that they may hold slips; colleagues and survey forms correct them
TYPED = {
    "subject", "opening", "aside", "greeting", "signoff", "history", "tone", "urgency", "waiting", "threat", "info",
    "still",
}  # fmt: skip

# a template read: texts and choices in turn; a choice is a list of templates
Template = list[Any]


@cache
def parse(template: str) -> Template:
    """A template as texts (str) and choices (list of templates) in the order they are said."""
    open_choices: list[list[Template]] = [[[]]]
    for token in TOKEN.findall(template):
        if token == "{":
            open_choices.append([[]])
        elif token == "|":
            open_choices[-1].append([])
        elif token == "}":
            closed = open_choices.pop()
            open_choices[-1][-1].append(closed)
        else:
            open_choices[-1][-1].append(token)
    return open_choices[0][0]


def say(parsed: Template, chooser: random.Random) -> str:
    said = ""
    for part in parsed:
        said += part if isinstance(part, str) else say(part[int(chooser.random() * len(part))], chooser)
    return said


def expand(template: str, chooser: random.Random) -> str:
    """One sentence of a template with its choices taken at random."""
    return say(parse(template), chooser)


def fill(sentence: str, product: str, chooser: random.Random, days: tuple[int, int] = (2, 9)) -> str:
    """Put a product and made-up numbers into a sentence, which then begins with a capital if it did with a slot."""
    if "<" not in sentence:
        return sentence
    if product.startswith("el "):  # Spanish contracts: "de el router" is "del router"
        sentence = sentence.replace(" de <product>", " d" + product).replace(" a <product>", " a" + product[1:])
    if sentence.startswith("<product>"):
        sentence = product[:1].upper() + product[1:] + sentence[len("<product>") :]
    sentence = sentence.replace("<product>", product)
    if "<" not in sentence:
        return sentence
    amount = f"{4 + int(chooser.random() * 477)}.{int(chooser.random() * 100):02d}"
    waited = days[0] + int(chooser.random() * (days[1] - days[0] + 1))
    while "<number>" in sentence:
        sentence = sentence.replace("<number>", str(3 + int(chooser.random() * 89_997)), 1)
    few = str(4 + int(chooser.random() * 16))
    return sentence.replace("<amount>", amount).replace("<days>", str(waited)).replace("<few>", few)


class Texts:
    """All fragments. `pick(slot, language, level, uniform)` numbers them; `join` composes rows of numbers."""

    def __init__(self) -> None:
        self._fragments: list[str] = [""]
        self._slipped: list[str] = [""]
        self._pools: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        chooser = random.Random(20250701)
        self._add("subject", [_by_product(pack, "SUBJECTS", PER_SUBJECT, chooser) for pack in PACKS], chooser)
        self._add("opening", [_by_product(pack, "OPENINGS", PER_OPENING, chooser) for pack in PACKS], chooser)
        self._add("aside", [_asides(pack, chooser) for pack in PACKS], chooser)
        for slot in en.SLOTS:
            self._add(slot, [_by_level(pack, slot, chooser) for pack in PACKS], chooser)
        self._count = len(self._fragments)
        self._array = pa.array(self._fragments + self._slipped, pa.string())

    def _add(self, slot: str, pools: list[list[list[str]]], chooser: random.Random) -> None:
        start = np.zeros((len(LANGUAGES), len(pools[0])), dtype=np.int64)
        size = np.zeros_like(start)
        for language, by_level in enumerate(pools):
            for level, sentences in enumerate(by_level):
                start[language, level] = len(self._fragments)
                size[language, level] = len(sentences)
                self._fragments.extend(sentences)
                name = LANGUAGES[language]
                typed = slot in TYPED
                self._slipped.extend([slip(s, chooser, name) for s in sentences] if typed else sentences)
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
        return number if slips is None else number + slips * self._count

    def fragments(self, slot: str, language: int, level: int = 0, slipped: bool = False) -> list[str]:
        """What may be said in a slot, as often as it is likely."""
        start, size = (table[language, level] for table in self._pools[slot])
        return [part.strip() for part in (self._slipped if slipped else self._fragments)[start : start + size]]

    def join(self, *numbers: np.ndarray) -> pa.Array:
        """One text per row from columns of fragment numbers; an empty text is null."""
        parts = [pc.take(self._array, pa.array(column)) for column in numbers]
        joined = pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]
        # a blank can only stand at the end, behind the last fragment
        joined = pc.ascii_rtrim_whitespace(joined)
        return pc.if_else(pc.equal(pc.binary_length(joined), 0), pa.scalar(None, pa.string()), joined)


def _by_product(pack: ModuleType, table: str, size: int, chooser: random.Random) -> list[list[str]]:
    """Sentences of each category and product (category by category), those shared with another category included."""
    pools = []
    for category in CATEGORY_NAMES:
        shared = [t for pair, said in getattr(pack, f"SHARED_{table}") if category in pair for t in said]
        templates = getattr(pack, table)[category] + shared
        for number in range(len(PRODUCTS)):
            product = pack.PRODUCTS[number]
            said = [expand(templates[int(chooser.random() * len(templates))], chooser) for _ in range(size)]
            pools.append(_finish(pack, [fill(sentence, product, chooser) for sentence in said]))
    return pools


def _asides(pack: ModuleType, chooser: random.Random) -> list[list[str]]:
    """Sentences that bring up each category in passing."""
    pools = []
    for category in CATEGORY_NAMES:
        said = [
            expand(chooser.choice(pack.ASIDE_LEADS) + chooser.choice(pack.ASIDES[category]), chooser)
            for _ in range(PER_ASIDE)
        ]
        pools.append(_finish(pack, [fill(sentence, "", chooser) for sentence in said]))
    return pools


def _by_level(pack: ModuleType, slot: str, chooser: random.Random) -> list[list[str]]:
    """Sentences of each level of a slot, those said at the neighbouring level too included."""
    between = pack.BETWEEN.get(slot, [])
    pools = []
    for level, own in enumerate(pack.SLOTS[slot]):
        days = WAITED_DAYS[level] if slot == "waiting" else (2, 9)
        neighbours = [template for shared in between[max(level - 1, 0) : level + 1] for template in shared]
        templates = [template for template in own + neighbours for _ in range(PER_TEMPLATE)]
        pools.append(_finish(pack, [fill(expand(t, chooser), pack.PRODUCTS[0], chooser, days) for t in templates]))
    return pools


def _finish(pack: ModuleType, sentences: list[str]) -> list[str]:
    marked = [s.translate(pack.PUNCTUATION) for s in sentences] if pack.PUNCTUATION else sentences
    return [s + pack.JOINER if s else "" for s in marked]


@cache
def texts() -> Texts:
    """The pool, built on first use (about 0.7 seconds)."""
    return Texts()
