"""Cox's proportional hazards model: the engine, the test of its assumption, its concordance, and its results as rows."""

from cutline.cox.models import Covariate, Estimate, estimates, fit_cox, model_rows

__all__ = ["Covariate", "Estimate", "estimates", "fit_cox", "model_rows"]
