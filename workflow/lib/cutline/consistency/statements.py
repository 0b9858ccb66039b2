"""Checks of what must be said, and said alike throughout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cutline.consistency.account import KNOWLEDGE, NOTE, PRINTED, WARNING, Account, Checked
from cutline.languages import tell
from cutline.marking import marked, noted

UNREAD = "not checked in this language"
NOT_READ = noted("Not checked in this language: {what}. It has to be read by hand.")
NOT_STATED = noted("Not stated: {what}. {why}")
DIFFERENTLY = noted("Described differently ({attribute}): {told}.")
IN_SECTION, IN_SECTIONS = marked("{value} (section {sections})"), marked("{value} (sections {sections})")
NOTHING = marked("nothing")
CITED, AS = noted("{trial} is cited as {references}."), marked("and as")
DIFFERENT_CUTS = noted("Numbers of {trial} cited as {reference} come from different data cuts: {told}.")


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
    Statement("data_cutoff", noted("the data cut-off"),
              noted("Events and follow-up cannot be placed in time."), _always),
    Statement("median_follow_up", noted("the median follow-up"),
              noted("How much of the curves rests on observation cannot be judged."), _survival),
    Statement("prior_lines", noted("the number of earlier lines of therapy"),
              noted("How pretreated the patients were is asserted and cannot be compared."), _prior_therapy),
    Statement("response_confirmation", noted("whether responses had to be confirmed"),
              noted("The response rate cannot be set beside another."), _response),
    Statement("measurable_disease", noted("whether disease had to be measurable"),
              noted("Who could have a response cannot be told."), _response),
    Statement("ovarian_suppression", noted("ovarian suppression of premenopausal patients"),
              noted("An aromatase inhibitor does not work where the ovaries do."),
              _premenopausal_on_aromatase_inhibitor),
)  # fmt: skip


def essentials_stated(account: Account) -> Iterator[Checked]:
    """What must be stated is: the data cut-off, the follow-up, and what response and earlier therapy ask for."""
    for each in STATEMENTS:
        if each.needed(account) and each.name in account.unread:
            yield not_read(each.name, each.label)
        elif each.needed(account):
            holds = each.name in account.described("stated")
            yield Checked(
                each.name,
                holds,
                WARNING,
                found="stated" if holds else "not stated",
                expected=each.label,
                meaning=NOT_STATED.format(what=each.label, why=each.why),
            )


def not_read(subject: str, what: str) -> Checked:
    """Says that something was not looked for: it is neither there nor missing, and no check passes in silence."""
    return Checked(subject, False, NOTE, UNREAD, what, meaning=NOT_READ.format(what=what))


def population_named_alike(account: Account) -> Iterator[Checked]:
    """Every section that says who was studied says the same of them, and leaves nothing out."""
    sections = {each["section"]: each["who"] for each in account.described("population")}
    for attribute in dict.fromkeys(name for who in sections.values() for name in who):
        said = {section: who[attribute] for section, who in sections.items() if attribute in who}
        silent = [section for section in sections if section not in said]
        told = [_in_sections(value, said) for value in dict.fromkeys(said.values())]
        told += [_in_sections(tell(NOTHING), dict.fromkeys(silent, tell(NOTHING)))] if silent else []
        yield Checked(
            attribute,
            len(told) == 1,
            WARNING,
            found="; ".join(told),
            expected="the same throughout",
            meaning=DIFFERENTLY.format(attribute=account.label(attribute), told="; ".join(told)),
        )


def _in_sections(value: str, said: Mapping[str, str]) -> str:
    """What is said, and the sections that say so."""
    sections = [section for section, words in said.items() if words == value]
    return tell(IN_SECTIONS if len(sections) > 1 else IN_SECTION, value=value, sections=", ".join(sections))


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
            meaning=CITED.format(trial=trial, references=f" {tell(AS)} ".join(numbers)),
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
            meaning=DIFFERENT_CUTS.format(trial=trial, reference=reference, told=told),
            basis=KNOWLEDGE if any(each.get("sure") == "known" for each in of_it) else PRINTED,
        )
