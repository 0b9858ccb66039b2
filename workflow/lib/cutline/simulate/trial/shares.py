"""What differs between arms: a value of each, and which of its persons something happens to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cutline.simulate.columns import Array, chosen


def of_arms(arms: Array, values: Mapping[str, float]) -> Array:
    """The value of each person's arm."""
    found = np.zeros(len(arms), dtype=float)
    for arm, value in values.items():
        found[arms == arm] = value
    return found


def affected(
    rng: np.random.Generator, arms: Array, eligible: Array, percent: Mapping[str, float], exact: bool
) -> Array:
    """True for so many percent of each arm, all of them eligible: of a whole arm if `exact`, else each by chance."""
    marked = np.zeros(len(arms), dtype=bool)
    for arm, share in percent.items():
        of_arm = np.asarray(arms == arm)
        if exact:
            marked |= chosen(rng, of_arm & eligible, round(share / 100 * int(of_arm.sum())))
        else:
            marked |= of_arm & eligible & (rng.random(len(arms)) < share / 100)
    return marked
