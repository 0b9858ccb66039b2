"""Response by RECIST 1.1: of each assessment, at best, and as rates."""

from cutline.response.best import assessment_dates, best_overall_response, response_parameters
from cutline.response.derive import derive_response
from cutline.response.rates import summarise_response
from cutline.response.words import BEST_FIRST

__all__ = [
    "BEST_FIRST",
    "assessment_dates",
    "best_overall_response",
    "derive_response",
    "response_parameters",
    "summarise_response",
]
