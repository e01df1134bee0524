"""A trained model: its preparation, CatBoost members, calibration and what is usual; saved as plain files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml.calibrate import Calibration
from ml.evidence import Evidence
from ml.prepare import Preparation
from ml.settings import Member
from ml.task import LearningError
from ml.usual import Usual

if TYPE_CHECKING:
    from catboost import CatBoostClassifier, Pool

FORMAT = 1


@dataclass(frozen=True)
class FittedMember:
    """One member of the ensemble with its fitted boosters (one for each seed). The members' weights add up to 1."""

    member: Member
    boosters: tuple[CatBoostClassifier, ...]
    columns: tuple[str, ...]
    iterations: int
    weight: float = 1.0

    def log_odds(self, matrix: pd.DataFrame, preparation: Preparation, threads: int) -> np.ndarray:
        """Mean raw log-odds of the boosters; `matrix` is a prepared frame."""
        pool = member_pool(self.member, preparation, matrix[list(self.columns)])
        raw = [b.predict(pool, prediction_type="RawFormulaVal", thread_count=threads) for b in self.boosters]
        return np.mean(raw, axis=0)


@dataclass(frozen=True)
class Provenance:
    """Where a model comes from and how sure it can be. Times are UTC in ISO 8601."""

    task: str
    trained_from: str
    trained_to: str
    rows: int
    positives: int
    entities: int
    seed: int
    fold_kind: str
    folds: int
    fingerprint: str
    rows_before_thinning: int
    note: str = ""


@dataclass
class TrainedModel:
    """Predicts calibrated probabilities for prepared or raw feature frames.

    `evidence` is what the training showed; it lives only as long as the object and isn't saved.
    """

    preparation: Preparation
    members: tuple[FittedMember, ...]
    calibration: Calibration
    usual: Usual
    provenance: Provenance
    settings: dict[str, Any]
    threads: int = 2
    evidence: Evidence | None = field(default=None, repr=False)

    def log_odds(self, frame: pd.DataFrame) -> np.ndarray:
        """Weighted log-odds of the members, before calibration, one per row of a raw feature frame."""
        return self.log_odds_of(self.preparation.transform(frame, text=self.uses_text))

    def log_odds_of(self, matrix: pd.DataFrame) -> np.ndarray:
        """As `log_odds`, for a frame that is prepared already."""
        total = np.zeros(len(matrix))
        for fitted in self.members:
            total += fitted.weight * fitted.log_odds(matrix, self.preparation, self.threads)
        return total

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Calibrated probability of the label for each row, float64 in (0, 1)."""
        return self.calibration.apply(self.log_odds(frame)) if len(frame) else np.empty(0)

    @property
    def uses_text(self) -> bool:
        """True where any member learns from text columns."""
        return any(m.member.text for m in self.members)

    def shap_values(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Contribution of each feature to the log-odds (SHAP), weighted over the members; rows as in `frame`."""
        matrix = self.preparation.transform(frame, text=self.uses_text)
        total = pd.DataFrame(0.0, index=frame.index, columns=self.preparation.columns)
        for fitted in self.members:
            pool = member_pool(fitted.member, self.preparation, matrix[list(fitted.columns)])
            for booster in fitted.boosters:
                values = booster.get_feature_importance(pool, type="ShapValues", thread_count=self.threads)
                share = fitted.weight / len(fitted.boosters)
                total[list(fitted.columns)] += share * values[:, :-1]
        return total

    def importances(self) -> pd.Series:
        """Share of each feature in the model (CatBoost's prediction value change), adding up to 1, largest first."""
        total = pd.Series(0.0, index=self.preparation.columns)
        for fitted in self.members:
            for booster in fitted.boosters:
                values = booster.get_feature_importance(thread_count=self.threads)
                total[list(fitted.columns)] += fitted.weight * values / max(values.sum(), 1e-12) / len(fitted.boosters)
        return (total / max(total.sum(), 1e-12)).sort_values(ascending=False)

    def save(self, folder: Path) -> Path:
        """Write the model into `folder` (made where absent): `model.json` and one `.cbm` file for each booster."""
        folder.mkdir(parents=True, exist_ok=True)
        described = []
        for fitted in self.members:
            files = [f"{fitted.member.name}-{k}.cbm" for k in range(len(fitted.boosters))]
            for file, booster in zip(files, fitted.boosters, strict=True):
                booster.save_model(str(folder / file))
            member = {**vars(fitted.member), "params": dict(fitted.member.params)}
            described.append(
                {
                    "member": member,
                    "files": files,
                    "columns": list(fitted.columns),
                    "iterations": fitted.iterations,
                    "weight": fitted.weight,
                }
            )
        plain = {
            "format": FORMAT,
            "preparation": self.preparation.to_json(),
            "members": described,
            "calibration": self.calibration.to_json(),
            "usual": self.usual.to_json(),
            "provenance": vars(self.provenance),
            "settings": self.settings,
            "threads": self.threads,
        }
        (folder / "model.json").write_text(json.dumps(plain, indent=1, default=float), encoding="utf-8")
        return folder

    @classmethod
    def load(cls, folder: Path) -> TrainedModel:
        """Read what `save` wrote. Raises LearningError for a folder that holds no model, or one of another format."""
        from catboost import CatBoostClassifier

        file = folder / "model.json"
        if not file.is_file():
            raise LearningError(f"{folder} holds no model (model.json is missing)")
        plain = json.loads(file.read_text(encoding="utf-8"))
        if plain.get("format") != FORMAT:
            raise LearningError(
                f"{file}: model format {plain.get('format')}, this version reads {FORMAT}; retrain the task"
            )
        members = []
        for described in plain["members"]:
            boosters = tuple(CatBoostClassifier().load_model(str(folder / name)) for name in described["files"])
            member = Member(**described["member"])
            members.append(
                FittedMember(
                    member, boosters, tuple(described["columns"]), described["iterations"], described["weight"]
                )
            )
        return cls(
            preparation=Preparation.from_json(plain["preparation"]),
            members=tuple(members),
            calibration=Calibration(**plain["calibration"]),
            usual=Usual.from_json(plain["usual"]),
            provenance=Provenance(**plain["provenance"]),
            settings=plain["settings"],
            threads=plain["threads"],
        )


def member_columns(member: Member, preparation: Preparation) -> list[str]:
    """The columns that a member learns from: all, or all but the text."""
    return preparation.columns if member.text else preparation.of_kind("numeric", "categorical")


def member_pool(
    member: Member,
    preparation: Preparation,
    matrix: pd.DataFrame,
    label: np.ndarray | None = None,
    weight: np.ndarray | None = None,
) -> Pool:
    """A CatBoost pool of a prepared frame: codes as numbers or as native categories, text columns as text."""
    from catboost import Pool

    native = preparation.of_kind("categorical") if member.categories == "native" else []
    text = [column for column in preparation.of_kind("text") if column in matrix.columns]
    return Pool(matrix, label=label, weight=weight, cat_features=native, text_features=text)
