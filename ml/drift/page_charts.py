"""Pictures of the page of a day, as data URIs, so that the page is one file. Matplotlib without a display."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, NOW, THEN, PROMISE = "#1d2733", "#1f5fa8", "#9aa7b4", "#20603d"
BINS = 20


def metric_over_time(rows: pd.DataFrame, promised: Mapping[Any, Any] | None, title: str) -> str:
    """A metric with its interval band over days, and the promise as a band behind it.

    `rows`: columns at, value, low, high, model_version; `promised`: value, low, high, or None where nothing is known.
    """

    def draw(axes: Axes) -> None:
        if promised is not None and pd.notna(promised["value"]):
            if pd.notna(promised["low"]):
                axes.axhspan(promised["low"], promised["high"], color=PROMISE, alpha=0.12, linewidth=0)
            axes.axhline(promised["value"], color=PROMISE, linewidth=1, linestyle="--", label="promised")
        for number, (version, part) in enumerate(rows.groupby("model_version", sort=False)):
            shade = NOW if number == rows["model_version"].nunique() - 1 else THEN
            axes.fill_between(part["at"], part["low"], part["high"], color=shade, alpha=0.18, linewidth=0)
            axes.plot(part["at"], part["value"], color=shade, marker="o", markersize=3, label=f"version {version}")
        axes.set_title(title, loc="left")
        axes.legend(loc="best", frameon=False, fontsize=8)

    return _picture(draw, dates=True)


def rates_over_time(rows: pd.DataFrame, title: str) -> str:
    """What happened against what was predicted; columns at, base_rate, mean_p (shares)."""

    def draw(axes: Axes) -> None:
        axes.plot(rows["at"], 100 * rows["base_rate"], color=INK, marker="o", markersize=3, label="happened")
        if rows["mean_p"].notna().any():
            axes.plot(rows["at"], 100 * rows["mean_p"], color=NOW, linestyle="--", label="predicted")
        axes.set_ylim(bottom=0)
        axes.set_ylabel("% of rows")
        axes.set_title(title, loc="left")
        axes.legend(loc="best", frameon=False, fontsize=8)

    return _picture(draw, dates=True)


def histogram(then: np.ndarray, now: np.ndarray) -> str:
    """Histograms of predicted probabilities: the reference's rows against the day's, each as shares of its rows."""
    top = float(np.quantile(np.concatenate([then, now]), 0.995)) or 1.0
    edges = np.linspace(0, top, BINS + 1)

    def draw(axes: Axes) -> None:
        for values, color, filled, name in ((then, THEN, True, "in training"), (now, NOW, False, "now")):
            weights = np.full(len(values), 100 / max(len(values), 1))
            heights, _ = np.histogram(np.clip(values, 0, top), edges, weights=weights)
            axes.stairs(heights, edges, fill=filled, color=color, linewidth=1.8, label=name)
        axes.set_xlabel("predicted probability")
        axes.set_ylabel("% of rows")
        axes.set_title("Predictions, then and now", loc="left")
        axes.legend(loc="best", frameon=False, fontsize=8)

    return _picture(draw)


def data_uri(png: bytes) -> str:
    """A PNG inside the page."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _picture(draw: Callable[[Axes], None], dates: bool = False) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 2.6))
    FigureCanvasAgg(figure)
    # Fixed margins: matplotlib's own layout engines cost a second a picture.
    axes = figure.subplots(gridspec_kw={"left": 0.13, "right": 0.97, "bottom": 0.17, "top": 0.88})
    draw(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    for part in (axes.title, axes.xaxis.label, axes.yaxis.label):
        part.set_fontsize(9)
    if dates:
        from matplotlib.dates import AutoDateLocator, DateFormatter

        axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))
        axes.xaxis.set_major_formatter(DateFormatter("%d %b"))
    buffer = io.BytesIO()
    # Without the software's name and version the same figures give the same bytes.
    figure.savefig(buffer, dpi=130, format="png", metadata={"Software": None})
    return data_uri(buffer.getvalue())
