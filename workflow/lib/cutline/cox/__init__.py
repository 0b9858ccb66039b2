"""Cox's proportional hazards model: engine, test of its assumption, concordance, guards, and its results."""

from cutline.cox.fit import fit_cox
from cutline.cox.rows import model_rows
from cutline.cox.terms import Covariate, Estimate

__all__ = ["Covariate", "Estimate", "fit_cox", "model_rows"]
