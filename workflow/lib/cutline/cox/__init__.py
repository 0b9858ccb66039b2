"""Cox's proportional hazards model: engine, test of its assumption, concordance, guards, and its results as rows."""

from cutline.cox.fit import fit_cox
from cutline.cox.models import Covariate, Estimate, estimates, model_rows

__all__ = ["Covariate", "Estimate", "estimates", "fit_cox", "model_rows"]
