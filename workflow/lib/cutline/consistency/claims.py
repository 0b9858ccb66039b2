"""Checks of claims: what is concluded must follow from what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cutline.consistency.account import KNOWLEDGE, NOTE, PRINTED, WARNING, Account, Checked, joined
from cutline.consistency.statements import not_read
from cutline.marking import noted

SEVERAL_TIMES = 2.0
"""A rate so many times another's is told."""
EQUAL_WITHIN = 0.2
"""Medians within this share of each other count as equal."""
DETECTABLE = 2.8
"""Normal quantiles of 80 % power and of a two-sided level of 0.05 together: Schoenfeld's formula for a hazard ratio."""

READ_AS_NONE = noted("whether a difference that was not significant is read as there being none")
NOT_LOOKED_FOR = noted(
    "No {name} is reported, but there was no {needs}: what was not recorded cannot be called absent."
)
RESPONDS_MORE = noted(
    "{rate}% responded, {times} times the {of_trial}% of {trial} ({data_cut}), while median progression-free survival "
    "is about the same ({median} and {median_of_trial} months)."
)
CONCLUDED = noted("“{claim}” is concluded from no difference being significant. Smaller differences may be there.")
CONCLUDED_FROM = noted(
    "“{claim}” is concluded from no difference being significant. These events could show hazard ratios from {low} to "
    "{high} on, by covariate. Smaller differences may be there."
)
COMPARED = noted("“{claim}” is stated, and groups are compared in models of {endpoints}.")
PRETREATED = noted("“{claim}” is said in comparison with {trials}, without a number of lines on either side.")
ONE_ARM = noted("{trial} was randomised, and only one of its arms is quoted.")


def absence_was_looked_for(account: Account) -> Iterator[Checked]:
    """That something did not happen is said only where it was captured."""
    for each in account.described("absent"):
        yield Checked(
            each["name"],
            each["needs"] in account.described("captured"),
            WARNING,
            found="none",
            expected=each["needs"],
            meaning=NOT_LOOKED_FOR.format(name=each["name"], needs=each["needs"]),
            section=each.get("section", ""),
        )


def response_fits_survival(account: Account) -> Iterator[Checked]:
    """A response rate is not several times that of the trial the study rests on while progression comes as soon."""
    rate, median = _response_percent(account), account.value("pfs.km.median")
    for each in account.described("references"):
        if rate is None or median is None:
            continue
        times = rate / each["response_percent"]
        alike = abs(median / each["median_pfs_months"] - 1) <= EQUAL_WITHIN
        yield Checked(
            each["trial"],
            not (times >= SEVERAL_TIMES and alike),
            WARNING,
            found=f"{rate:.1f}%",
            expected=f"{each['response_percent']}%",
            meaning=RESPONDS_MORE.format(
                rate=f"{rate:.1f}",
                times=f"{times:.1f}",
                of_trial=each["response_percent"],
                trial=each["trial"],
                data_cut=each["data_cut"],
                median=f"{median:g}",
                median_of_trial=each["median_pfs_months"],
            ),
            basis=_basis(each),
        )


def _response_percent(account: Account) -> float | None:
    """The objective response rate, or complete and partial responses of all where only these are there."""
    if (printed := account.value("response.orr.percent")) is not None:
        return printed
    complete, partial = (account.value(f"response.best.{category}.n") for category in ("complete", "partial"))
    total = account.value("flow.included")
    return 100 * ((complete or 0) + partial) / total if total and partial is not None else None


def no_difference_not_sameness(account: Account) -> Iterator[Checked]:
    """A difference that was not significant is not read as there being none."""
    if "claims" in account.unread:
        yield not_read("claims", READ_AS_NONE)
        return
    claims = _claims(account, "sameness")
    for each in claims:
        yield Checked(
            each["name"],
            False,
            WARNING,
            found="not significant",
            expected="an estimate and its interval",
            meaning=_concluded(each["name"], account),
            section=each.get("section", ""),
        )
    if account.describes("claims") and not claims:
        yield Checked("claims", True, WARNING)


def _concluded(claim: str, account: Account) -> str:
    """What the claim rests on, and from which hazard ratios on the events could show a difference."""
    ratios = [ratio for model in account.described("models") for ratio in _ratios(account, model)]
    if not ratios:
        return CONCLUDED.format(claim=claim)
    return CONCLUDED_FROM.format(claim=claim, low=f"{min(ratios):.1f}", high=f"{max(ratios):.1f}")


def _ratios(account: Account, model: Mapping[str, Any]) -> Iterator[float]:
    """The smallest hazard ratios that the events could show between the two groups of each covariate."""
    events = account.value(f"{model['endpoint']}.events")
    for name in model["covariates"]:
        path = f"baseline.{name}."
        counts = [n for key, n in account.values.items() if key.startswith(path) and key.endswith(".n")]
        if events and len(counts) == 2 and all(counts):
            share = counts[0] / sum(counts)
            yield math.exp(DETECTABLE / math.sqrt(events * share * (1 - share)))


def comparisons_not_denied(account: Account) -> Iterator[Checked]:
    """Who states that no comparisons were made reports none."""
    compared = [account.label(model["endpoint"]) for model in account.described("models")]
    for each in _claims(account, "no_comparisons"):
        yield Checked(
            each["name"],
            not compared,
            NOTE,
            found=f"{len(compared)} models",
            expected="none",
            meaning=COMPARED.format(claim=each["name"], endpoints=joined(compared)),
            section=each.get("section", ""),
        )


def pretreatment_counted(account: Account) -> Iterator[Checked]:
    """Patients are called more pretreated than a trial's only where the numbers of lines are given."""
    for each in _claims(account, "more_pretreated"):
        yield Checked(
            each["name"],
            "prior_lines" in account.described("stated"),
            WARNING,
            found="not counted",
            expected="numbers of lines",
            meaning=PRETREATED.format(claim=each["name"], trials=", ".join(each["than"])),
            section=each.get("section", ""),
        )


def trial_with_its_control(account: Account) -> Iterator[Checked]:
    """A randomised trial's result is quoted with that of its control group."""
    for each in account.described("trials"):
        yield Checked(
            each["trial"],
            each["design"] != "randomised" or each["control_given"],
            WARNING,
            found="both arms" if each["control_given"] else "one arm",
            expected="both arms of a randomised trial",
            meaning=ONE_ARM.format(trial=each["trial"]),
            section=each.get("section", ""),
        )


def _claims(account: Account, kind: str) -> list[Mapping[str, Any]]:
    return [each for each in account.described("claims") if each["kind"] == kind]


def _basis(each: Mapping[str, Any]) -> str:
    return KNOWLEDGE if each.get("sure") == "known" else PRINTED
