"""Methods: how tumour response was found, confirmed and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.languages import tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.markdown import sentences


def response(context: Context) -> str:
    """How best overall response was found; nothing where the study does not record it."""
    if "response" not in context.settings:
        return ""
    spec = context.settings["response"]
    return sentences(
        [
            _overall_response(spec),
            _best_response(spec),
            tell("Stable disease had to last at least {days} days.", days=spec["minimum_stable_days"]),
            _confirmation(spec),
            tell(
                "The objective response rate counts complete and partial responses, the disease control rate adds "
                "stable disease, and the clinical benefit rate adds to the responses those whose disease was still "
                "stable at an assessment {days} days or more after the index date.",
                days=spec["clinical_benefit_days"],
            ),
            tell(
                "Rates are proportions of all included patients, whether assessed or not, and of the evaluable, who "
                "have at least one assessment that can be evaluated; their intervals in the text are exact "
                "(Clopper–Pearson) [@clopper1934], beside Wilson's in the table [@wilson1927]."
            ),
            _response_groups(context),
        ]
    )


def _best_response(spec: Mapping[str, Any]) -> str:
    if spec.get("after_start"):
        return tell(
            "Best overall response was the best of these after the index date up to progression, of several on one day "
            "the worst."
        )
    return tell(
        "Best overall response was the best of these from the index date up to progression, of several on one day the "
        "worst."
    )


def _response_groups(context: Context) -> str:
    """By what responses are shown beside those of all patients, and how the groups were compared."""
    by = context.settings["response"].get("by")
    if by is None:
        return ""
    return tell(
        "Figure and table of responses show them by {variable}; rates of groups were compared by their difference with "
        "Newcombe's hybrid score interval [@newcombe1998] and by Fisher's exact test, not adjusted for the number of "
        "tests.",
        variable=variable_name(by, context),
    )


def _overall_response(spec: Mapping[str, Any]) -> str:
    """Where the response of each assessment is from."""
    if spec["overall"] == "recorded":
        return tell(
            "The overall response of each assessment is the recorded one, by the Response Evaluation Criteria in Solid "
            "Tumors, version 1.1 [@eisenhauer2009]; it was compared with the one that the measurements give, and a "
            "query raised where the two differ."
        )
    return tell(
        "The overall response of each assessment was derived by the Response Evaluation Criteria in Solid Tumors, "
        "version 1.1 [@eisenhauer2009]: from the sum of the target lesions against the baseline (at most {days} days "
        "before the index date) and the smallest sum so far, and from non-target and new lesions. Where this cannot be "
        "done the recorded response stands; where the two differ the derived one was used and a query raised.",
        days=spec["baseline_days_before"],
    )


def _confirmation(spec: Mapping[str, Any]) -> str:
    tolerated = spec["max_not_evaluable"]
    between = (
        tell("at most {number} assessment that could not be evaluated", number=tolerated)
        if tolerated == 1
        else tell("at most {number} assessments that could not be evaluated", number=tolerated)
    )
    if spec["accept_stable"]:
        between = tell("{assessments}, or one with stable disease,", assessments=between)
    return tell(
        "Responses are reported unconfirmed, which is the main analysis, and confirmed by another assessment at least "
        "{days} days later with {assessments} in between.",
        days=spec["confirmation_days"],
        assessments=between,
    )
