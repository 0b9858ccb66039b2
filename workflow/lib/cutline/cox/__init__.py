"""Cox's proportional hazards model: the engine, the test of its assumption, its concordance, and its results."""

from cutline.cox.rows import fit_cox, model_rows
from cutline.cox.terms import Covariate, Estimate

__all__ = ["Covariate", "Estimate", "fit_cox", "model_rows"]
