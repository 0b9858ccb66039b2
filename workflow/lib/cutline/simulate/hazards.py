"""A small Cox model (Breslow's ties) and its proportional-hazards test, fast enough to run a thousand times.

The score test is Grambsch and Therneau's as R's `cox.zph` computes it since survival 3.0: no lifelines or
statsmodels here, whose import alone takes longer than a whole calibrated draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from cutline.simulate.columns import Array

STEPS = 25
TOLERANCE = 1e-9
TRANSFORMS = ("km", "rank", "identity")


@dataclass(frozen=True)
class Fit:
    """Coefficients; per event its time, score residual and information."""

    beta: Array
    times: Array
    residuals: Array
    information: Array

    def wald_p(self) -> Array:
        variance = np.diag(np.linalg.inv(self.information.sum(axis=0)))
        return np.asarray(chdtrc(1, self.beta**2 / variance))


def fit(time: Array, event: Array, design: Array) -> Fit | None:
    """The model of the design's columns, or None if it does not converge (a level without an event)."""
    order = np.argsort(time, kind="stable")
    time, event, design = time[order], event[order], design[order]
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        residuals, information = _at(beta, time, event, design)
        try:
            step = np.linalg.solve(information.sum(axis=0), residuals.sum(axis=0))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if np.abs(beta).max() > 5:
            return None
        if np.abs(step).max() < TOLERANCE:
            return Fit(beta, time[event], *_at(beta, time, event, design))
    return None


def _at(beta: Array, time: Array, event: Array, design: Array) -> tuple[Array, Array]:
    """Score residual and information of each event at these coefficients."""
    weight = np.exp(design @ beta)
    moments = [weight, weight[:, None] * design, weight[:, None, None] * design[:, :, None] * design[:, None, :]]
    first_at_risk = np.searchsorted(time, time[event], side="left")
    zero, one, two = (np.cumsum(moment[::-1], axis=0)[::-1][first_at_risk] for moment in moments)
    mean = one / zero[:, None]
    return design[event] - mean, two / zero[:, None, None] - mean[:, :, None] * mean[:, None, :]


def proportional_p(found: Fit, time: Array, event: Array, terms: Sequence[Sequence[int]]) -> list[float]:
    """p values of the score test of each term (its columns) and of all together, for every transform of time."""
    values = []
    for name in TRANSFORMS:
        g = _transformed(name, found.times, time, event)
        g = g - g.mean()
        score = (g[:, None] * found.residuals).sum(axis=0)
        plain, once, twice = (
            (weight[:, None, None] * found.information).sum(axis=0) for weight in (np.ones_like(g), g, g**2)
        )
        groups = [*terms, range(len(score))]
        values += [_score_p(score, plain, once, twice, list(columns)) for columns in groups]
    return values


def _score_p(score: Array, plain: Array, once: Array, twice: Array, columns: list[int]) -> float:
    joint = np.block([[plain, once[:, columns]], [once[:, columns].T, twice[np.ix_(columns, columns)]]])
    vector = np.concatenate([np.zeros(len(plain)), score[columns]])
    return float(chdtrc(len(columns), vector @ np.linalg.solve(joint, vector)))


def _transformed(name: str, times: Array, time: Array, event: Array) -> Array:
    """The events' times as they are, as average ranks among all times, or as 1 - KM just before."""
    if name == "identity":
        return times.astype(float)
    ordered = np.sort(time)
    if name == "rank":
        return (np.searchsorted(ordered, times, "left") + np.searchsorted(ordered, times, "right") + 1) / 2
    distinct = np.unique(times)
    at_risk = len(ordered) - np.searchsorted(ordered, distinct, "left")
    deaths = np.array([(time[event] == moment).sum() for moment in distinct])
    before = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)[:-1]])
    return np.asarray(1 - before[np.searchsorted(distinct, times)])
