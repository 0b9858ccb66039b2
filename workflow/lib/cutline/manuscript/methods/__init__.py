"""Methods, written by the configuration that ran: what is not in the study's file is not said."""

from __future__ import annotations

from cutline.manuscript.methods import design, limitations, outcomes, patients, response, statistics

GENERATED = {
    "methods.design": design.design,
    "methods.in_short": design.in_short,
    "methods.eligibility": patients.eligibility,
    "methods.variables": patients.variables,
    "methods.endpoints": outcomes.endpoints,
    "methods.response": response.response,
    "methods.statistics": statistics.statistics,
    "methods.outline": design.outline,
    "methods.question": design.question,
    "methods.limitations": limitations.limitations,
    "methods.sample_size": patients.sample_size,
    "methods.bias": patients.bias,
}
