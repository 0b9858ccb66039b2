"""Names of the variants that analyse the main tables otherwise; other variants have times or a cohort of their own."""

from __future__ import annotations

FIRTH = "firth"
"""Cox models with a term that separates, by Firth's penalised likelihood."""
IMPUTED = "imputed"
"""The multivariable model with missing covariates imputed."""
LANDMARK = "landmark_"
"""From so many months after time zero, of those still at risk: `landmark_6m`."""
WITH = "with_"
"""The multivariable model with this variable in place of another one: `with_cdk46_duration`."""
SPLINE = "spline_"
"""The multivariable model with a spline of this variable in place of its categories: `spline_cdk46_duration`."""


def landmark_variant(months: int) -> str:
    return f"{LANDMARK}{months}m"


def is_reanalysis(variant: str) -> bool:
    """Whether a variant speaks of the times and persons of the main analysis."""
    return variant in (FIRTH, IMPUTED) or variant.startswith((LANDMARK, WITH, SPLINE))
