"""Pictures of a training: calibration, gain, precision-recall and importances. Matplotlib without a display."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.evidence import PROBABILITY
from ml.task import LABEL, PredictionTask

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 10
SHOWN_IMPORTANCES = 20


def draw_all(
    task: PredictionTask, rows: pd.DataFrame, baselines: list[str], importances: pd.Series, folder: Path
) -> dict[str, Path]:
    """Write one PNG for each picture into `folder`; `rows` are out-of-fold headline rows."""
    folder.mkdir(parents=True, exist_ok=True)
    label, p = rows[LABEL].to_numpy(bool), rows[PROBABILITY].to_numpy()
    scores = {"model": p, **{name: rows[name].to_numpy(np.float64) for name in baselines}}
    return {
        "calibration": _save(folder / "calibration.png", lambda axes: draw_calibration(axes, label, p)),
        "gain": _save(folder / "gain.png", lambda axes: draw_gain(axes, label, scores, task.capacity)),
        "precision_recall": _save(folder / "precision_recall.png", lambda axes: draw_curve(axes, label, scores)),
        "importances": _save(folder / "importances.png", lambda axes: draw_importances(axes, importances), 0.36),
    }


def draw_calibration(axes: Axes, label: np.ndarray, p: np.ndarray) -> None:
    """Observed share against mean probability, in ten bins of equal size."""
    bins = np.array_split(np.argsort(p, kind="stable"), BINS)
    predicted, observed = [p[b].mean() for b in bins if len(b)], [label[b].mean() for b in bins if len(b)]
    top = max(*predicted, *observed) * 1.05
    axes.plot([0, top], [0, top], color="grey", linewidth=1, label="perfect")
    axes.plot(predicted, observed, marker="o", label="model")
    axes.set(xlabel="mean predicted probability", ylabel="observed share", title="Calibration, out of fold")
    axes.legend()


def draw_gain(axes: Axes, label: np.ndarray, scores: dict[str, np.ndarray], capacity: float) -> None:
    """Share of positives found against the share reviewed, with the day's capacity marked."""
    reviewed = np.arange(1, len(label) + 1) / len(label)
    for name, score in scores.items():
        axes.plot(reviewed, np.cumsum(label[np.argsort(-score, kind="stable")]) / max(label.sum(), 1), label=name)
    axes.axvline(capacity, color="grey", linestyle="--", linewidth=1)
    axes.annotate("capacity", (capacity, 0.02), textcoords="offset points", xytext=(4, 0))
    axes.set(xlabel="share reviewed", ylabel="share of positives found", title="Gain, out of fold")
    axes.legend()


def draw_curve(axes: Axes, label: np.ndarray, scores: dict[str, np.ndarray]) -> None:
    """Precision against recall, for the model and each baseline."""
    from sklearn.metrics import precision_recall_curve

    for name, score in scores.items():
        precision, recall, _ = precision_recall_curve(label, score)
        axes.plot(recall[:-1], precision[:-1], label=name)
    axes.axhline(label.mean(), color="grey", linestyle="--", linewidth=1)
    axes.set(xlabel="recall", ylabel="precision", title="Precision and recall, out of fold", ylim=(0, 1))
    axes.legend()


def draw_importances(axes: Axes, importances: pd.Series) -> None:
    """The features that move the model most."""
    shown = importances.head(SHOWN_IMPORTANCES)[::-1]
    axes.barh(shown.index.astype(str), shown.to_numpy())
    axes.set(xlabel="share of the model", title="Feature importances")


def _save(file: Path, draw: Callable[[Axes], None], left: float = 0.1) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.8))
    FigureCanvasAgg(figure)
    # Fixed margins: matplotlib's own layout engines cost a second a picture.
    draw(figure.subplots(gridspec_kw={"left": left, "right": 0.97, "bottom": 0.12, "top": 0.92}))
    figure.savefig(file, dpi=90)
    return file
