"""Small helpers to write columns of text: identifiers, names, numbers with gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def label(prefix: str, number: np.ndarray, digits: int) -> pa.Array:
    """Identifiers like C00012345; null where the number is negative."""
    number = np.asarray(number)
    text = pc.utf8_lpad(pa.array(np.maximum(number, 0)).cast(pa.string()), digits, "0")
    written = pc.binary_join_element_wise(pa.scalar(prefix), text, "")
    return blank(written, number < 0)


def customer_id(number: np.ndarray) -> pa.Array:
    return label("K", number, 7)


def agent_id(number: np.ndarray) -> pa.Array:
    return label("A", number, 4)


def contact_id(number: np.ndarray) -> pa.Array:
    return label("C", number, 8)


def ticket_id(number: np.ndarray) -> pa.Array:
    return label("T", number, 7)


def word(words: Sequence[str], number: np.ndarray) -> pa.Array:
    """The word at each number; null where the number is negative."""
    number = np.asarray(number)
    return blank(pc.take(pa.array(list(words), pa.string()), pa.array(np.maximum(number, 0))), number < 0)


def whole(number: np.ndarray) -> pa.Array:
    """Integers as text; null where negative."""
    number = np.asarray(number, dtype=np.int64)
    return blank(pa.array(number).cast(pa.string()), number < 0)


def decimal(number: np.ndarray, digits: int = 2) -> pa.Array:
    """Numbers as text with a fixed count of decimals; null where not a number."""
    cents = np.rint(np.nan_to_num(number) * 10**digits).astype(np.int64)
    head = pa.array(cents // 10**digits).cast(pa.string())
    tail = pc.utf8_lpad(pa.array(cents % 10**digits).cast(pa.string()), digits, "0")
    return blank(pc.binary_join_element_wise(head, tail, "."), np.isnan(number))


def flag(value: np.ndarray) -> pa.Array:
    """true and false."""
    return word(("false", "true"), np.asarray(value).astype(np.int8))


def nothing(count: int) -> pa.Array:
    return pa.nulls(count, pa.string())


def blank(text: pa.Array, where: np.ndarray) -> pa.Array:
    """Null where told, the text elsewhere."""
    if not where.any():
        return text
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), text)
