"""Columns of equal length held together: a struct of arrays that can be cut, joined and stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np


@dataclass
class Columns:
    """Base of dataclasses whose fields are all arrays of one length."""

    def __len__(self) -> int:
        return len(next(iter(self.__dict__.values())))

    def take(self, rows: np.ndarray) -> Self:
        """The rows chosen by numbers or by a mask, copied."""
        return type(self)(*(column[rows] for column in self.__dict__.values()))

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns by name, in the order of the fields."""
        return self.__dict__

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)})
