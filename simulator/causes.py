"""Why things happen: the written-down chance of a solution, a repeat, a complaint, a low score and a departure.

Each is a logistic function of what the terms say, so that a regression of what happened on the terms gives the
coefficients back. The escalation of tickets, which depends on time, has a module of its own (hazard.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cause:
    """chance = 1 / (1 + exp(-(intercept + sum of coefficient * term)))"""

    name: str
    intercept: float
    coefficients: dict[str, float]

    def chance(self, terms: dict[str, np.ndarray]) -> np.ndarray:
        """The chance of each row. The terms must be those of the coefficients."""
        score = np.asarray(self.intercept)
        for name, coefficient in self.coefficients.items():
            score = score + coefficient * terms[name]
        return np.asarray(1.0 / (1.0 + np.exp(-score)))

    def own(self, terms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Those of the terms that this cause looks at."""
        return {name: terms[name] for name in self.coefficients}


# a call, chat or message settles the matter at once
SOLUTION = Cause("solution", 1.1, {
    "difficulty": -0.7,  # of the topic
    "ability": 1.0,  # hidden skill of the agent
    "learned": 1.0,  # what the stage reached in the topic is worth (learning.RESOLUTION)
    "willingness": 0.25,  # hidden, of the week
    "fatigue": -0.06,  # hours since the agent began, or came back from a pause
})  # fmt: skip

# a customer gets in touch again about the same matter within a week
REPEAT = Cause("repeat_contact", -3.4, {
    "gave_up": 2.7,
    "unresolved": 2.3,
    "waited": 0.15,  # log(1 + minutes)
    "transferred": 0.5,
    "difficulty": 0.2,
    "temper": 0.3,  # hidden: log of it
    "discontent": 0.35,  # hidden: the ill will that has gathered, 0 to 3
})  # fmt: skip

# a customer files a complaint after a contact, or when a ticket escalates
COMPLAINT = Cause("complaint", -7.0, {
    "escalated": 5.0,
    "gave_up": 0.8,
    "unresolved": 1.3,
    "waited": 0.25,
    "temper": 0.9,
    "discontent": 0.8,
    "complained": 0.7,  # earlier complaints, up to 3
})  # fmt: skip

# a customer leaves within the coming week
CHURN = Cause("churn", -7.4, {
    "discontent": 1.8,
    "bad_weeks": 0.7,  # weeks that went badly of late, up to 4
    "fourth_bad_week": 1.6,
    "contract_ending": 2.0,  # within 30 days
    "owing": 1.2,  # a failed payment within 30 days
    "young": 0.5,  # a customer for less than half a year
    "worth": -0.2,  # log of monthly value, standardised
    "dearer": 1.0,  # the plan costs more than when it was bought
    "climate": 1.0,  # what a scenario adds for everybody
})  # fmt: skip

HARM = {"gave_up": 0.5, "unresolved": 0.35, "long_wait": 0.25, "transferred": 0.12, "late": 0.3, "escalated": 1.2}
RELIEF = {"resolved": 0.15, "solved": 0.2}
LONG_WAIT_SECONDS = 300
BAD_WEEK = 0.45
FORGETTING = 0.985  # of good and ill will, a day
# bad weeks fade as well; four within two months are the fourth
WEEKS_FADE, FOURTH = 0.93, 3.0
