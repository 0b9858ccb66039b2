"""Checks of the design: who was selected, how variables were made and timed, what the models hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cutline.consistency.account import KNOWLEDGE, NOTE, WARNING, Account, Checked
from cutline.display.numbers import format_date
from cutline.languages import tell
from cutline.marking import marked, noted

EXCLUSION, INDEX_DATE, LAST_CONTACT = "exclusion", "index date", "last contact"
LACKS = {"SPSS": (noted("test of Schoenfeld residuals"),)}
"""Software → tests that it does not offer. SPSS saves partial residuals and tests no proportional hazards with them;
a covariate that depends on time is its way (general knowledge of versions up to 26)."""

UNCOUNTED = noted(
    "{grounds} grounds of exclusion, {counted} with a number. If the flow is complete, nobody was left out for "
    "{silent}."
)
UNCOUNTED_WANTS = noted(
    "{grounds} grounds of exclusion, {counted} with a number. If the flow is complete, nobody was left out for "
    "{silent}, or for want of {wanting}."
)
SELECTED = noted(
    "Patients were selected by follow-up ({criteria}), and nobody is censored in {endpoints}: those lost to follow-up "
    "were left out instead of censored."
)
IN_BOTH = noted("A value of exactly {value} is in both groups.")
IN_NEITHER = noted("A value of exactly {value} is in neither group.")
FROM_DATA = noted("The cut-point {value} was taken from these patients' own values, and the groups are a covariate.")
TIMED = marked("{covariates} at {when}")
NOT_OF_TIME_ZERO = noted("Not those of time zero: {told}. They may have changed by then.")
NOT_BEYOND = noted(
    "Patients are described as followed until {until}, which does not end {endpoint}: how they were followed beyond it "
    "is not said."
)
LACKING = noted("{covariates} not in that of {endpoint}")
MODELS_DIFFER = noted("The models differ and no reason is given: {told}.")
CODED = noted("How they were coded is said of {said} of {all} covariates; not of {silent}.")
NO_SUCH_TEST = noted("{software} offers no {test}: how it was done is not said.")
OUT_OF_REACH = noted(
    "On {collected}, when records began to be collected, only who entered by {last} could have been followed {months} "
    "months; the window runs to {end}."
)


def criteria_have_numbers(account: Account) -> Iterator[Checked]:
    """Every ground of exclusion has its number in the flow, if it is none."""
    criteria = account.described("criteria")
    grounds = [each for each in criteria if each["kind"] == EXCLUSION]
    counted = [each for each in grounds if "n" in each]
    silent, wanting = ([each["name"] for each in criteria if (each["kind"] == EXCLUSION) is ground and "n" not in each]
                       for ground in (True, False))  # fmt: skip
    wants = UNCOUNTED_WANTS if wanting else UNCOUNTED
    if grounds:
        yield Checked(
            "exclusion criteria",
            not silent,
            WARNING,
            found=f"{len(counted)} numbers",
            expected=f"{len(grounds)} numbers",
            meaning=wants.format(
                grounds=len(grounds), counted=len(counted), silent=_listed(silent), wanting=_listed(wanting)
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
        meaning=SELECTED.format(criteria=_listed(selecting), endpoints=_labels(account, complete)),
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
            meaning=(IN_BOTH if closed else IN_NEITHER).format(value=each["value"]),
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
            meaning=FROM_DATA.format(value=each["value"]),
            section=each.get("section", ""),
        )


def covariates_timed_at_index(account: Account) -> Iterator[Checked]:
    """Covariates are those of time zero."""
    timed = account.described("covariates_timed_at")
    earlier = {name: when for name, when in dict(timed).items() if when != INDEX_DATE}
    told = [tell(TIMED, covariates=_labels(account, [name for name, at in earlier.items() if at == when]),
                 when=tell(when)) for when in dict.fromkeys(earlier.values())]  # fmt: skip
    if timed:
        yield Checked(
            "covariates",
            not earlier,
            NOTE,
            found="; ".join(told),
            expected=INDEX_DATE,
            meaning=NOT_OF_TIME_ZERO.format(told="; ".join(told)),
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
            meaning=NOT_BEYOND.format(until=_listed(short), endpoint=account.label(endpoint)),
        )


def models_hold_the_same(account: Account) -> Iterator[Checked]:
    """The models of all endpoints have the same covariates."""
    models = {each["endpoint"]: each["covariates"] for each in account.described("models")}
    lacking = {model: [name for name in _modelled(account) if name not in names] for model, names in models.items()}
    told = [LACKING.format(covariates=_labels(account, names), endpoint=account.label(model))
            for model, names in lacking.items() if names]  # fmt: skip
    if len(models) > 1:
        yield Checked(
            ", ".join(models),
            not told,
            NOTE,
            found="; ".join(told),
            expected="the same covariates",
            meaning=MODELS_DIFFER.format(told="; ".join(told)),
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
            meaning=CODED.format(said=number - len(silent), all=number, silent=_labels(account, silent)),
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
            meaning=NO_SUCH_TEST.format(software=software, test=test),
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
            meaning=OUT_OF_REACH.format(
                collected=format_date(collected),
                last=format_date(last.isoformat()),
                months=each.months,
                end=format_date(end),
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
