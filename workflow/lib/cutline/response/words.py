"""The words of response, in the orders that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

WORST_OF_A_DAY = ["NE", "CR", "PR", "SD", "NON-CR/NON-PD", "PD"]
"""From best to worst, for several assessments of one day: what cannot be evaluated yields to what can."""

BEST_FIRST = ["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"]
"""The order in which the best overall response is looked for."""

RESPONDING = ["CR", "PR"]
CONTROLLED = ["CR", "PR", "SD", "NON-CR/NON-PD"]
"""Not progressive; stable disease and neither-nor count from a minimum duration on."""

SLUGS = {"CR": "complete", "PR": "partial", "SD": "stable", "NON-CR/NON-PD": "non_cr_non_pd", "PD": "progressive",
         "NE": "not_evaluable", "MISSING": "missing"}  # fmt: skip


# ── columns of words ─────────────────────────────────────────────────────────────────────────
# As categories, since comparing and choosing texts is most of the work of a million assessments.


def categories(places: npt.NDArray[np.int64], words: Sequence[str]) -> pd.Series:
    """A column of words from their places in the list; blank at -1."""
    return pd.Series(pd.Categorical.from_codes(places, pd.Index(words, dtype=object)))  # type: ignore[arg-type]


def first_that_holds(conditions: Mapping[str, pd.Series], otherwise: str) -> pd.Series:
    """For every row the first word whose condition holds."""
    which = [np.asarray(holds) for holds in conditions.values()]
    return categories(np.select(which, range(len(which)), len(which)), [*conditions, otherwise])


def numbered(words: pd.Series, numbers: Mapping[str, int], otherwise: int) -> npt.NDArray[np.int64]:
    """The number of each word of a column of categories; `otherwise` for words without one, and where missing."""
    each = [numbers.get(word, otherwise) for word in words.cat.categories]
    return np.array([*each, otherwise])[words.cat.codes]
