"""How a model is learnt: the members of the ensemble, row weights, folds and limits. Plain values, no environment.

Why these values: docs/DECISIONS.md, "How the model is learnt".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

HALF_LIVES = 5  # a row that weighs less than a thirtieth costs its time and changes nothing

# One naive Bayes column: CatBoost's default of every word and pair costs ten times the training and is no better
# (docs/DECISIONS.md). Tokens come divided by spaces from ml/text.py.
TEXT_PROCESSING: Mapping[str, Any] = MappingProxyType(
    {
        "tokenizers": [{"tokenizer_id": "Space", "delimiter": " "}],
        "dictionaries": [
            {"dictionary_id": "Word", "gram_order": "1", "occurrence_lower_bound": "20", "max_dictionary_size": "2000"}
        ],
        "feature_processing": {
            "default": [
                {
                    "dictionaries_names": ["Word"],
                    "feature_calcers": ["NaiveBayes"],
                    "tokenizers_names": ["Space"],
                }
            ]
        },
    }
)


@dataclass(frozen=True)
class Member:
    """One CatBoost model of the ensemble. `seeds` repeats it with other seeds and averages the log-odds.

    A row's weight halves with each `half_life_days` of its age, and rows older than HALF_LIVES of them are left out.
    It learns whether the event comes within `horizon_share` of the task's horizon: below 1 it may learn from younger
    rows. The folds choose the number of trees between `fewest_iterations` and `most_iterations`: with one fold of a few
    weeks the best step is mostly luck, and stopping far too early costs more than a few trees too many.
    In the folds, `fold_seeds` of them stand for all, which is quicker and slightly pessimistic.
    """

    name: str
    params: Mapping[str, Any]
    categories: Literal["codes", "native"] = "codes"
    horizon_share: float = 1.0
    half_life_days: float | None = None
    text: bool = False
    seeds: int = 1
    fold_seeds: int = 1
    fewest_iterations: int = 125
    most_iterations: int = 200


def _default_members() -> tuple[Member, ...]:
    params = {
        "depth": 6,
        "learning_rate": 0.1,
        "border_count": 64,
        "l2_leaf_reg": 10.0,
        "leaf_estimation_iterations": 1,
        "rsm": 0.3,
        "bootstrap_type": "Bernoulli",
        "subsample": 0.6,
    }
    return (Member("trees", MappingProxyType(params), horizon_share=0.5, text=True, seeds=4),)


@dataclass(frozen=True)
class LearningSettings:
    """All that decides a model besides its rows and its seed.

    `event_weight`: weight of a row at an event against 1 for a row at a review morning.
    `entity_power`: a row weighs 1 / (rows of its entity) ** power, so that long-lived tickets don't dominate.
    `most_rows`: of more rows than this the newest half are kept, and of the others a share by a hash of their key.
    """

    members: tuple[Member, ...] = field(default_factory=_default_members)
    event_weight: float = 0.5
    entity_power: float = 0.0
    most_rows: int = 60_000
    folds: int = 3
    fold_days: int = 7
    iteration_step: int = 25
    threads: int = 2
    bootstraps: int = 200

    def as_params(self) -> dict[str, Any]:
        """A flat dictionary for the record of a run."""
        flat = {k: v for k, v in asdict_plain(self).items() if k != "members"}
        for member in self.members:
            described = {"categories": member.categories, "text": member.text, "seeds": member.seeds, **member.params}
            flat |= {f"{member.name}.{key}": value for key, value in described.items()}
        return flat


def asdict_plain(settings: LearningSettings) -> dict[str, Any]:
    """The settings as plain dictionaries (mapping proxies can't be copied by `dataclasses.asdict`)."""
    plain = {k: getattr(settings, k) for k in settings.__dataclass_fields__ if k != "members"}
    plain["members"] = [
        {**{k: getattr(m, k) for k in m.__dataclass_fields__}, "params": dict(m.params)} for m in settings.members
    ]
    return plain


@dataclass(frozen=True)
class LifecycleSettings:
    """How long a model's life takes its time for each step, and what counts as a win. Days are days of the clock.

    `cooling_days`: after a promotion, refusal or rollback no drift asks for another retraining.
    `shadow_days`, `looks`: the candidate meets the champion after each `shadow_days` of matured days, `looks` times at
    most; the interval of each look is the wider for there being several. `watch_days`: how long the former champion
    goes on scoring after a promotion. `suspicion_days`: how long a suspicion may wait for its confirmation.
    `promotion_gain`: the least difference of the gate's metric that promotes; `relative_gain` the same as a share of
    the champion's metric. The larger counts: 0.01 keeps a rare label's noise out, three hundredths keep out what two
    seeds on the same rows differ by where the metric is high. A smaller win isn't worth new scores for everyone.
    `tolerance`: how much worse a candidate may be at its interval's lower end and still replace a champion that has
    fallen below its promise. `least_positives`: fewer matured positives (counted without weights) decide nothing.
    """

    cooling_days: int = 14
    shadow_days: int = 7
    looks: int = 4
    watch_days: int = 28
    suspicion_days: int = 14
    promotion_gain: float = 0.01
    relative_gain: float = 0.03
    tolerance: float = 0.02
    least_positives: int = 30
    bootstraps: int = 1_000
