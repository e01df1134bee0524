"""Slips of the keyboard: how a sentence typed in a hurry differs from the one that was meant.

Each kind takes a sentence and returns it changed, or as it was where the kind has nothing to get wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Kind = Callable[[str, random.Random], str]
# sentence marks; a point within a number stays
MARKS = re.compile(r"[.,!?:;¡¿。，！？：]+(?!\d)")
ACCENTS = str.maketrans("áéíóúüñÁÉÍÓÚÑ", "aeiouunAEIOUN")
# characters that sound alike, so that the input method offers the wrong one
HOMOPHONES = str.maketrans(
    "的得在再做作账像已那录订请新是到有码没们过点里",
    "得的再在作做帐象以哪陆定清心事道又吗每门果电理",
)
SOUNDS_ALIKE = re.compile("[" + "".join(map(chr, HOMOPHONES)) + "]")


def _letter(sentence: str, chooser: random.Random) -> int:
    """Where a letter stands that has another letter behind it, not at the start; -1 if nowhere."""
    last = len(sentence) - 1
    first = 1 + int(chooser.random() * max(last - 1, 1))
    for at in (*range(first, last), *range(1, min(first, last))):
        if sentence[at].isalpha() and sentence[at + 1].isalpha():
            return at
    return -1


def dropped(sentence: str, chooser: random.Random) -> str:
    at = _letter(sentence, chooser)
    return sentence if at < 0 else sentence[:at] + sentence[at + 1 :]


def doubled(sentence: str, chooser: random.Random) -> str:
    at = _letter(sentence, chooser)
    return sentence if at < 0 else sentence[:at] + sentence[at] + sentence[at:]


def swapped(sentence: str, chooser: random.Random) -> str:
    at = _letter(sentence, chooser)
    return sentence if at < 0 else sentence[:at] + sentence[at + 1] + sentence[at] + sentence[at + 2 :]


def unpunctuated(sentence: str, chooser: random.Random) -> str:
    return MARKS.sub("", sentence)


def lowered(sentence: str, chooser: random.Random) -> str:
    return sentence.lower()


def unaccented(sentence: str, chooser: random.Random) -> str:
    return sentence.translate(ACCENTS)


def homophone(sentence: str, chooser: random.Random) -> str:
    """One character taken for another that sounds the same."""
    found = [match.start() for match in SOUNDS_ALIKE.finditer(sentence)]
    if not found:
        return sentence
    at = found[int(chooser.random() * len(found))]
    return sentence[:at] + sentence[at].translate(HOMOPHONES) + sentence[at + 1 :]


LETTERS: tuple[Kind, ...] = (dropped, doubled, swapped)
# who types Chinese by sound mostly picks a wrong character; who types Spanish mostly leaves the accents out
KINDS: dict[str, tuple[Kind, ...]] = {
    "en": (*LETTERS, unpunctuated, lowered),
    "es": (*LETTERS, unpunctuated, lowered, unaccented, unaccented),
    "zh": (homophone, homophone, homophone, unpunctuated, unpunctuated, dropped, doubled),
}


def slip(sentence: str, chooser: random.Random, language: str = "en") -> str:
    """The sentence with one slip of a kind that its language knows and that changes it."""
    kinds = KINDS[language]
    first = int(chooser.random() * len(kinds))
    for kind in kinds[first:] + kinds[:first]:
        changed = kind(sentence, chooser)
        if changed != sentence:
            return changed
    return sentence
