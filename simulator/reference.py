"""The names the simulated company uses: regions, languages, queues, products, categories, statuses."""

from __future__ import annotations

import numpy as np

LANGUAGES = ("en", "es", "zh")

# name, country of its holidays, hours ahead of UTC (summer time is ignored), share of customers, language shares
REGIONS = (
    ("uk", "GB", 0, 0.27, (1.0, 0.0, 0.0)),
    ("us", "US", -6, 0.20, (0.85, 0.15, 0.0)),
    ("spain", "ES", 1, 0.20, (0.05, 0.95, 0.0)),
    ("mexico", "MX", -6, 0.10, (0.0, 1.0, 0.0)),
    ("china", "CN", 8, 0.15, (0.03, 0.0, 0.97)),
    ("singapore", "SG", 8, 0.08, (0.5, 0.0, 0.5)),
)
REGION_OFFSET = np.array([region[2] for region in REGIONS])
REGION_SHARE = np.array([region[3] for region in REGIONS])

DEPARTMENTS = ("billing", "technical", "orders", "accounts")
CATEGORIES = (
    ("invoice_error", 0),
    ("refund", 0),
    ("payment", 0),
    ("connectivity", 1),
    ("app_failure", 1),
    ("device_setup", 1),
    ("delivery_late", 2),
    ("wrong_item", 2),
    ("login", 3),
    ("contract_change", 3),
    ("pairing", 1),
    ("esim_activation", 1),
)
# Categories known from the first day; those after them come with the smart watch's launch.
LAUNCHED_CATEGORIES = 10
CATEGORY_NAMES = tuple(name for name, _ in CATEGORIES)
CONNECTIVITY = CATEGORY_NAMES.index("connectivity")
CONTRACT_CHANGE = CATEGORY_NAMES.index("contract_change")
CATEGORY_DEPARTMENT = np.array([department for _, department in CATEGORIES])
CATEGORY_DIFFICULTY = np.array([0.2, 0.5, -0.3, 0.9, 0.6, 0.1, 0.4, -0.1, -0.8, 0.0, 0.3, 0.8])

PRODUCTS = (
    "fibre_home", "mobile_plan", "tv_box", "smart_home", "cloud_storage", "business_line", "router", "security_suite",
    "smart_watch",
)  # fmt: skip
# Products sold from the first day; the smart watch waits for its launch.
LAUNCHED_PRODUCTS = 8
# weight of each category among the contacts about a product; only the smart watch knows the last two
PRODUCT_CATEGORY = np.array([
    [10, 5, 7, 24, 3, 6, 3, 1, 6, 9, 0, 0],
    [12, 6, 12, 12, 6, 4, 3, 2, 8, 10, 0, 0],
    [6, 5, 5, 6, 10, 12, 6, 4, 6, 4, 0, 0],
    [4, 6, 4, 9, 12, 14, 8, 6, 4, 2, 0, 0],
    [7, 5, 8, 3, 12, 3, 0, 0, 14, 5, 0, 0],
    [12, 6, 6, 18, 4, 5, 4, 2, 6, 12, 0, 0],
    [3, 6, 3, 18, 5, 18, 10, 8, 3, 1, 0, 0],
    [7, 8, 8, 3, 16, 8, 0, 0, 10, 5, 0, 0],
    [3, 5, 3, 5, 10, 6, 8, 4, 4, 2, 26, 20],
], dtype=float)  # fmt: skip

QUEUES = (
    *(f"{department}_{language}" for department in DEPARTMENTS for language in LANGUAGES),
    "second_line",
    "retention",
)
SECOND_LINE = QUEUES.index("second_line")
RETENTION = QUEUES.index("retention")
# opening hours by the queue's own clock: on weekdays by language and for the two lines, and on weekends
OPENS, CLOSES = np.array([8] * 14), np.array([22, 23, 19] * 4 + [20, 20])
WEEKEND_OPENS, WEEKEND_CLOSES = np.array([9] * 12 + [0, 0]), np.array([17] * 12 + [0, 0])
# hours ahead of UTC of each queue's clock
QUEUE_OFFSET = np.array([0, 1, 8] * 4 + [0, 0])
QUEUE_TIME_ZONE = ("Europe/London", "Europe/Madrid", "Asia/Shanghai") * 4 + ("Europe/London", "Europe/London")

CHANNELS = ("voice", "chat", "email", "web", "app")
VOICE, CHAT, EMAIL, WEB, APP = range(5)

SEGMENTS = ("consumer", "family", "small_business", "enterprise")
PLANS = ("basic", "standard", "plus", "premium")

STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
NEW, OPEN, PENDING, ON_HOLD, SOLVED, CLOSED = range(6)
PRIORITIES = ("low", "normal", "high", "urgent")
LOW, NORMAL, HIGH, URGENT = range(4)
# hours to the first reply that the service promises, by priority
FIRST_REPLY_TARGET = np.array([48, 24, 8, 4])

HOUR = 3600
DAY = 86400


def queue_of(category: np.ndarray, language: np.ndarray) -> np.ndarray:
    """The queue index that a contact of this category and language enters."""
    return CATEGORY_DEPARTMENT[category] * len(LANGUAGES) + language
