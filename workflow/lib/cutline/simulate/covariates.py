"""Baseline covariates: free draws, or exact published margins with no significant Cox result."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cutline.errors import ConfigError
from cutline.simulate.columns import Array, Columns, pick, shuffled
from cutline.simulate.hazards import fit, proportional_p
from cutline.simulate.targets import Targets

P_FLOOR = 0.06
"""A little above 0.05, so that other ties and tests agree."""
ATTEMPTS = 5000

SHARES: dict[str, dict[str, float]] = {
    "menopausal_status": {"postmenopausal": 53, "premenopausal": 17},
    "ecog": {"0": 56, "1": 14},
    "her2_status": {"zero": 33, "low": 37},
    "cdk46_inhibitor": {"palbociclib": 37, "ribociclib": 33},
    "histology": {"ductal": 37, "no_special_type": 26, "lobular": 7},
    "cdk46_duration_group": {"below_median": 35, "at_or_above_median": 35},
}
"""Weights of the free draw; the calibrated one takes its margins from the published values."""


def free_covariates(rng: np.random.Generator, size: int) -> Columns:
    """Each covariate's level, drawn independently."""
    return {variable: pick(rng, levels, size) for variable, levels in SHARES.items()}


def calibrated_covariates(rng: np.random.Generator, targets: Targets, times: dict[str, tuple[Array, Array]]) -> Columns:
    """Levels with the published margins, drawn until no Cox or proportional-hazards test is significant.

    `times` holds days and events of each endpoint, in the order of the persons.
    """
    margins = {variable: targets.counts(f"baseline.{variable}") for variable in SHARES}
    for _ in range(ATTEMPTS):
        levels = {variable: shuffled(rng, counts) for variable, counts in margins.items()}
        models = {endpoint: [levels[name] for name in targets.modelled(endpoint)] for endpoint in times}
        if all(_unremarkable(models[endpoint], *times[endpoint]) for endpoint in times):
            return levels
    raise ConfigError(
        f"published.yaml: baseline: none of {ATTEMPTS} random assignments left every Cox p value above {P_FLOOR}; "
        "check the margins, or set simulate.calibrate to false"
    )


def _unremarkable(variables: list[Array], time: Array, event: Array) -> bool:
    """Whether neither the univariable models nor the multivariable one have a p value below the floor."""
    designs = [_dummies(levels) for levels in variables]
    edges = np.cumsum([0, *(design.shape[1] for design in designs)])
    terms = [range(start, end) for start, end in pairwise(edges)]
    single = all(_passes(time, event, design, [range(design.shape[1])]) for design in designs)
    return single and _passes(time, event, np.hstack(designs), terms)


def _passes(time: Array, event: Array, design: Array, terms: list[range]) -> bool:
    found = fit(time, event, design)
    if found is None or found.wald_p().min() < P_FLOOR:
        return False
    return min(proportional_p(found, time, event, terms)) >= P_FLOOR


def _dummies(levels: Array) -> Array:
    """One column of 0 and 1 per level but the most frequent, which is the reference."""
    names, counts = np.unique(levels.astype(str), return_counts=True)
    others = np.delete(names, counts.argmax())
    return np.asarray(levels[:, None] == others[None, :], dtype=float)
