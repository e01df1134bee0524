"""Whose voice a message has, and what else it brings up: agents' styles, customers' manners, second topics.

Style and manners follow from the person's number, so that they last and cost no draw.
"""

from __future__ import annotations

import numpy as np

from simulator.draws import pick
from simulator.reference import CATEGORY_NAMES, PRODUCT_CATEGORY, PRODUCTS
from simulator.texts.grammar import texts

FORMAL, WARM, TERSE = range(3)  # agents
POLITE, EASY, HURRIED = range(3)  # customers
# share of a customer's sentences that hold a slip, by manners
SLIPS = np.array([0.03, 0.07, 0.14])
# share of messages that mention a second topic in passing: those that open a ticket, and later ones
SECOND_TOPIC_AT_FIRST, SECOND_TOPIC_LATER = 0.12, 0.05


def agent_style(agent: np.ndarray) -> np.ndarray:
    """FORMAL, WARM or TERSE; formal where no agent is known (negative)."""
    return np.maximum(agent, 0) % 3


def manners(customer: np.ndarray) -> np.ndarray:
    """POLITE, EASY or HURRIED."""
    return customer % 3


def spare(uniform: np.ndarray) -> np.ndarray:
    """A second uniform: the digits of the first below those that a threshold or a choice of fragment looks at."""
    shifted = uniform * 4096.0
    return shifted - np.floor(shifted)


def aside(
    language: np.ndarray, category: np.ndarray, product: np.ndarray, uniform: np.ndarray, share: float
) -> np.ndarray:
    """A fragment on another category that the product knows, for this share of rows; 0 (empty) for the others."""
    number = np.zeros(len(uniform), dtype=np.int64)
    chosen = np.flatnonzero(uniform < share)
    again = uniform[chosen] / share
    other = pick(_OTHER, category[chosen] * len(PRODUCTS) + product[chosen], again)
    number[chosen] = texts().pick("aside", language[chosen], spare(again), other)
    return number


def _other_categories() -> np.ndarray:
    """Cumulative weights of the second topic: a row per category and product, a column per category."""
    weights = np.repeat(PRODUCT_CATEGORY[None], len(CATEGORY_NAMES), axis=0)
    own = np.arange(len(CATEGORY_NAMES))
    weights[own, :, own] = 0
    return np.cumsum(weights.reshape(-1, len(CATEGORY_NAMES)), axis=1)


_OTHER = _other_categories()
