"""Checks of the design: who was selected, how variables were made and timed, what the models hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cutline.consistency.account import KNOWLEDGE, NOTE, WARNING, Account, Checked
from cutline.display.numbers import format_date

EXCLUSION, INDEX_DATE, LAST_CONTACT = "exclusion", "index date", "last contact"
LACKS = {"SPSS": ("test of Schoenfeld residuals",)}
"""Software → tests that it does not offer. SPSS saves partial residuals and tests no proportional hazards with them;
a covariate that depends on time is its way (general knowledge of versions up to 26)."""


def criteria_have_numbers(account: Account) -> Iterator[Checked]:
    """Every ground of exclusion has its number in the flow, if it is none."""
    criteria = account.described("criteria")
    grounds = [each for each in criteria if each["kind"] == EXCLUSION]
    counted = [each for each in grounds if "n" in each]
    silent, wanting = ([each["name"] for each in criteria if (each["kind"] == EXCLUSION) is ground and "n" not in each]
                       for ground in (True, False))  # fmt: skip
    want = f", or for want of {_listed(wanting)}" if wanting else ""
    if grounds:
        yield Checked(
            "exclusion criteria",
            not silent,
            WARNING,
            found=f"{len(counted)} numbers",
            expected=f"{len(grounds)} numbers",
            meaning=(
                f"{len(grounds)} grounds of exclusion, {len(counted)} with a number. If the flow is complete, "
                f"nobody was left out for {_listed(silent)}{want}."
            ),
        )


def selection_free_of_outcome(account: Account) -> Iterator[Checked]:
    """Nobody is selected by having been followed up: least of all where then nobody is censored."""
    if not account.described("criteria"):
        return
    selecting = [each["name"] for each in account.described("criteria") if each.get("concerns") == "follow_up"]
    complete = [key.removesuffix(".censored") for key, n in account.values.items() if n == 0 and _of_endpoint(key)]
    yield Checked(
        "follow_up",
        not (selecting and complete),
        WARNING,
        found=_listed(selecting),
        expected="no selection by follow-up",
        meaning=(
            f"Patients were selected by follow-up ({_listed(selecting)}), and nobody is censored in "
            f"{_labels(account, complete)}: those lost to follow-up were left out instead of censored."
        ),
    )


def _of_endpoint(key: str) -> bool:
    """Whether the key is of an endpoint's censored persons, in the main analysis."""
    return key.endswith(".censored") and key.count(".") == 1 and "/" not in key


def groups_meet_at_cut_point(account: Account) -> Iterator[Checked]:
    """The groups on both sides of a cut-point leave no value without a group, and none in two."""
    for each in account.described("cut_points"):
        closed = [each["below"], each["above"]].count("closed")
        yield Checked(
            each["variable"],
            closed == 1,
            NOTE,
            found=f"below {each['below']}, above {each['above']}",
            expected="one of them closed",
            meaning=f"A value of exactly {each['value']} is in {'both groups' if closed else 'neither group'}.",
            section=each.get("section", ""),
        )


def cut_point_not_from_data(account: Account) -> Iterator[Checked]:
    """A variable of a model was not cut at a point that was taken from the same patients."""
    for each in account.described("cut_points"):
        yield Checked(
            each["variable"],
            not (each["from_data"] and each["variable"] in _modelled(account)),
            NOTE,
            found=each["value"],
            expected="a value fixed beforehand",
            meaning=(
                f"The cut-point {each['value']} was taken from these patients' own values, and the groups are a "
                "covariate."
            ),
            section=each.get("section", ""),
        )


def covariates_timed_at_index(account: Account) -> Iterator[Checked]:
    """Covariates are those of time zero."""
    timed = account.described("covariates_timed_at")
    earlier = {name: when for name, when in dict(timed).items() if when != INDEX_DATE}
    told = [f"{_labels(account, [name for name, at in earlier.items() if at == when])} at {when}"
            for when in dict.fromkeys(earlier.values())]  # fmt: skip
    if timed:
        yield Checked(
            "covariates",
            not earlier,
            NOTE,
            found="; ".join(told),
            expected=INDEX_DATE,
            meaning=f"Not those of time zero: {'; '.join(told)}. They may have changed by then.",
        )


def follow_up_reaches_endpoints(account: Account) -> Iterator[Checked]:
    """Follow-up does not stop, by its description, at what does not end the endpoint."""
    until = account.described("followed_until")
    for endpoint, events in dict(account.described("endpoint_events")).items() if until else ():
        short = [reason for reason in until if reason not in (*events, LAST_CONTACT)]
        yield Checked(
            endpoint,
            not short,
            NOTE,
            found=_listed(until),
            expected=_listed([*events, LAST_CONTACT]),
            meaning=(
                f"Patients are described as followed until {_listed(short)}, which does not end "
                f"{account.label(endpoint)}: how they were followed beyond it is not said."
            ),
        )


def models_hold_the_same(account: Account) -> Iterator[Checked]:
    """The models of all endpoints have the same covariates."""
    models = {each["endpoint"]: each["covariates"] for each in account.described("models")}
    lacking = {model: [name for name in _modelled(account) if name not in names] for model, names in models.items()}
    told = [f"{_labels(account, names)} not in that of {account.label(model)}"
            for model, names in lacking.items() if names]  # fmt: skip
    if len(models) > 1:
        yield Checked(
            ", ".join(models),
            not told,
            NOTE,
            found="; ".join(told),
            expected="the same covariates",
            meaning=f"The models differ and no reason is given: {'; '.join(told)}.",
        )


def coding_described(account: Account) -> Iterator[Checked]:
    """How a covariate entered the model is said of every one."""
    silent = [name for name in _modelled(account) if name not in account.described("coding_described_of")]
    number = len(_modelled(account))
    if account.describes("coding_described_of"):
        yield Checked(
            "covariates",
            not silent,
            NOTE,
            found=f"{number - len(silent)} covariates",
            expected=f"{number} covariates",
            meaning=(
                f"How they were coded is said of {number - len(silent)} of {number} covariates; not of "
                f"{_labels(account, silent)}."
            ),
        )


def software_offers_the_test(account: Account) -> Iterator[Checked]:
    """The software that is named has the tests that are reported."""
    software = str(account.description.get("software", ""))
    for test in account.described("tests"):
        yield Checked(
            test,
            test not in LACKS.get(software, ()),
            NOTE,
            found=software,
            expected="software that has it",
            meaning=f"{software} offers no {test}: how it was done is not said.",
            basis=KNOWLEDGE,
        )


def landmark_within_reach(account: Account) -> Iterator[Checked]:
    """Whoever entered within the study window can have been followed to the times that are reported."""
    if not (account.describes("window") and account.describes("collected_from")):
        return
    collected, end = account.described("collected_from"), account.described("window")["end"]
    for each in account.landmarks:
        last = _months_before(date.fromisoformat(collected), each.months)
        yield Checked(
            each.key,
            last >= date.fromisoformat(end),
            NOTE,
            found=f"entry by {format_date(last.isoformat())}",
            expected=f"entry by {format_date(end)}",
            meaning=(
                f"On {format_date(collected)}, when records began to be collected, only who entered by "
                f"{format_date(last.isoformat())} could have been followed {each.months} months; the window runs to "
                f"{format_date(end)}."
            ),
        )


def _months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the 28th where that month may lack it."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, 28))


def _modelled(account: Account) -> list[str]:
    """Every covariate of any model, once."""
    return list(dict.fromkeys(name for each in account.described("models") for name in each["covariates"]))


def _labels(account: Account, names: Sequence[str]) -> str:
    return _listed([account.label(name) for name in names])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
