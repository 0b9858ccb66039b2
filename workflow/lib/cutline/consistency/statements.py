"""Checks of what must be said, and said alike throughout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cutline.consistency.account import KNOWLEDGE, NOTE, PRINTED, WARNING, Account, Checked


def _always(account: Account) -> bool:
    return account.describes("stated")


def _survival(account: Account) -> bool:
    return _always(account) and bool(account.landmarks or any(".km." in key for key in account.values))


def _response(account: Account) -> bool:
    return _always(account) and any(key.startswith("response.") for key in account.values)


def _prior_therapy(account: Account) -> bool:
    return _always(account) and any(each.get("concerns") == "prior_therapy" for each in account.described("criteria"))


def _premenopausal_on_aromatase_inhibitor(account: Account) -> bool:
    treated = "aromatase inhibitor" in account.described("treatment")
    return _always(account) and treated and bool(account.value("baseline.menopausal_status.premenopausal.n"))


@dataclass(frozen=True)
class Statement:
    """Something that a report of this kind has to state; `needed` says of which."""

    name: str
    label: str
    why: str
    needed: Callable[[Account], bool]


STATEMENTS = (
    Statement("data_cutoff", "the data cut-off",
              "Events and follow-up cannot be placed in time.", _always),
    Statement("median_follow_up", "the median follow-up",
              "How much of the curves rests on observation cannot be judged.", _survival),
    Statement("prior_lines", "the number of earlier lines of therapy",
              "How pretreated the patients were is asserted and cannot be compared.", _prior_therapy),
    Statement("response_confirmation", "whether responses had to be confirmed",
              "The response rate cannot be set beside another.", _response),
    Statement("measurable_disease", "whether disease had to be measurable",
              "Who could have a response cannot be told.", _response),
    Statement("ovarian_suppression", "ovarian suppression of premenopausal patients",
              "An aromatase inhibitor does not work where the ovaries do.", _premenopausal_on_aromatase_inhibitor),
)  # fmt: skip


def essentials_stated(account: Account) -> Iterator[Checked]:
    """What must be stated is: the data cut-off, the follow-up, and what response and earlier therapy ask for."""
    for each in STATEMENTS:
        if each.needed(account):
            holds = each.name in account.described("stated")
            yield Checked(
                each.name,
                holds,
                WARNING,
                found="stated" if holds else "not stated",
                expected=each.label,
                meaning=f"Not stated: {each.label}. {each.why}",
            )


def population_named_alike(account: Account) -> Iterator[Checked]:
    """Every section that says who was studied says the same of them, and leaves nothing out."""
    sections = {each["section"]: each["who"] for each in account.described("population")}
    for attribute in dict.fromkeys(name for who in sections.values() for name in who):
        said = {section: who[attribute] for section, who in sections.items() if attribute in who}
        silent = [section for section in sections if section not in said]
        told = [f"{value} ({_sections(said, value)})" for value in dict.fromkeys(said.values())]
        told += [f"nothing ({_sections(dict.fromkeys(silent, ''), '')})"] if silent else []
        yield Checked(
            attribute,
            len(told) == 1,
            WARNING,
            found="; ".join(told),
            expected="the same throughout",
            meaning=f"Described differently ({account.label(attribute)}): {'; '.join(told)}.",
        )


def _sections(said: Mapping[str, str], value: str) -> str:
    """The sections that say so."""
    sections = [section for section, words in said.items() if words == value]
    return f"section{'s' if len(sections) > 1 else ''} {', '.join(sections)}"


def source_cited_alike(account: Account) -> Iterator[Checked]:
    """One trial is cited by one reference throughout."""
    cited = account.described("citations")
    for trial in dict.fromkeys(each["trial"] for each in cited):
        numbers = sorted({each["reference"] for each in cited if each["trial"] == trial})
        yield Checked(
            trial,
            len(numbers) == 1,
            NOTE,
            found=", ".join(numbers),
            expected="one reference",
            meaning=f"{trial} is cited as {' and as '.join(numbers)}.",
        )


def one_data_cut_per_reference(account: Account) -> Iterator[Checked]:
    """What is quoted from one reference comes from one data cut of its trial."""
    quoted = [each for each in account.described("citations") if "data_cut" in each]
    for trial, reference in dict.fromkeys((each["trial"], each["reference"]) for each in quoted):
        of_it = [each for each in quoted if (each["trial"], each["reference"]) == (trial, reference)]
        told = "; ".join(f"{each['what']}, {each['data_cut']}" for each in of_it)
        yield Checked(
            trial,
            len({each["data_cut"] for each in of_it}) == 1,
            NOTE,
            found=told,
            expected="one data cut",
            meaning=f"Numbers of {trial} cited as {reference} come from different data cuts: {told}.",
            basis=KNOWLEDGE if any(each.get("sure") == "known" for each in of_it) else PRINTED,
        )
