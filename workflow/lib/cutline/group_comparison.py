"""Whether groups differ in a characteristic more than by chance: p-values beside Table 1, where a study asks for them.

Which test is used depends on the kind of characteristic, the number of groups and the expected counts, never on what
the tests say. Groups come as in `balance`; empty groups and levels that nobody has are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutline.balance import CONSTANT, NO_SPREAD, TOO_FEW
from cutline.marking import noted

SMALLEST_EXPECTED = 5
"""Cochran's rule: below this expected count the chi-square distribution is not relied on."""
TABLES, SEED = 9999, 1
WELCH = noted("Welch t test")
WILCOXON = noted("Wilcoxon rank-sum test (normal approximation with continuity correction)")
KRUSKAL = noted("Kruskal-Wallis test")
CHI_SQUARE = noted("chi-square test")
FISHER = noted("Fisher's exact test")
FISHER_DRAWN = noted("Fisher's exact test (on {tables} random tables)").format(tables=TABLES)


@dataclass(frozen=True)
class Tested:
    """A p-value with the name of its test, or none and why."""

    p: float | None
    method: str = ""
    note: str = ""


def p_of_numbers(groups: Sequence[NDArray[Any]], means: bool) -> Tested:
    """Two groups by Wilcoxon's rank-sum test, more by Kruskal and Wallis'; with `means` two by Welch's t test.

    `groups` hold the known numbers of each group. Two-sided; ties are corrected for.
    """
    from scipy import stats

    groups = [group for group in groups if len(group)]
    if len(groups) < 2 or (means and min(map(len, groups)) < 2):
        return Tested(None, note=TOO_FEW)
    if np.ptp(np.concatenate(groups)) == 0:
        return Tested(None, note=CONSTANT)
    if len(groups) > 2:
        return Tested(float(stats.kruskal(*groups).pvalue), KRUSKAL)
    if not means:
        return Tested(float(stats.mannwhitneyu(*groups, method="asymptotic").pvalue), WILCOXON)
    if all(np.ptp(group) == 0 for group in groups):
        return Tested(None, note=NO_SPREAD)
    return Tested(float(stats.ttest_ind(*groups, equal_var=False).pvalue), WELCH)


def p_of_counts(groups: Sequence[NDArray[Any]]) -> Tested:
    """Pearson's chi-square test, or Fisher's exact test where an expected count is below `SMALLEST_EXPECTED`.

    `groups` hold each group's numbers of persons by level. No continuity correction. Fisher's test of more than two
    groups or levels is on random tables with the same margins, drawn from a fixed seed.
    """
    from scipy import stats

    table = np.array([group for group in groups if np.sum(group)])
    if len(table) < 2:
        return Tested(None, note=TOO_FEW)
    table = table[:, table.any(axis=0)]
    if table.shape[1] < 2:
        return Tested(None, note=CONSTANT)
    if stats.contingency.expected_freq(table).min() >= SMALLEST_EXPECTED:
        return Tested(float(stats.chi2_contingency(table, correction=False).pvalue), CHI_SQUARE)
    if table.shape == (2, 2):
        return Tested(float(stats.fisher_exact(table).pvalue), FISHER)
    drawn = stats.PermutationMethod(n_resamples=TABLES, rng=np.random.default_rng(SEED))
    return Tested(float(stats.fisher_exact(table, method=drawn).pvalue), FISHER_DRAWN)
