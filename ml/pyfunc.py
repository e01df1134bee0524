"""The file MLflow runs to load a logged model: feature rows in, calibrated probabilities out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd

from ml.model import TrainedModel


class HarkenModel(mlflow.pyfunc.PythonModel):
    """A TrainedModel behind MLflow's interface. The artifact `model` is the folder that `TrainedModel.save` wrote."""

    def load_context(self, context: Any) -> None:
        """Read the model's folder."""
        self.model = TrainedModel.load(Path(context.artifacts["model"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> np.ndarray:
        """Calibrated probability for each row of `model_input`."""
        return self.model.predict(model_input)


mlflow.models.set_model(HarkenModel())
