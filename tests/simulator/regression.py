"""Logistic regression with standard errors, to ask whether what happened gives the written-down coefficients back."""

from __future__ import annotations

import numpy as np


def logistic(terms: np.ndarray, happened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors by Newton's method, in steps of at most one.

    terms: rows x terms, the first column all ones; happened: 0 or 1.
    """
    beta = np.zeros(terms.shape[1])
    beta[0] = np.log(happened.mean() / (1 - happened.mean()))
    for _ in range(40):
        chance = 1 / (1 + np.exp(-terms @ beta))
        information = terms.T @ (terms * (chance * (1 - chance))[:, None])
        step = np.linalg.solve(information, terms.T @ (happened - chance))
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-4:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def recovered(terms: dict[str, np.ndarray], happened: np.ndarray, least: int = 30) -> dict[str, tuple[float, float]]:
    """Coefficient and standard error by term, `intercept` among them.

    Terms that are other than 0 in fewer than `least` rows (or always the same) have nothing to be learnt from and
    are left out, for a regression without variation has no solution.
    """
    seen = {
        name: values for name, values in terms.items() if (values != 0).sum() >= least and values.std() > 1e-9
    }  # fmt: skip
    columns = np.column_stack([np.ones(len(happened)), *seen.values()])
    beta, error = logistic(columns, happened.astype(float))
    return dict(zip(["intercept", *seen], zip(beta.tolist(), error.tolist(), strict=True), strict=True))
