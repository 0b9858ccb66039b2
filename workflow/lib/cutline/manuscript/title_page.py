"""The title page: who wrote it and where they work, under which approval, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display import catalogue
from cutline.languages import marked, tell, with_thousands_sign
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, paragraphs

ORCID = "https://orcid.org/"
TO_BE_STATED = marked("To be stated by the authors.")
NO_PATIENT = marked(
    "The records are synthetic: no patient was involved and no approval was needed. A study on real records states "
    "its approval here."
)
NOT_REGISTERED = marked("No registration is stated.")


def title_page(context: Context) -> str:
    """What journals ask for below the title, a line each; the authors' names stand above it."""
    settings = context.settings["report"]
    lines = {
        marked("Affiliations"): "; ".join(_affiliated(author) for author in settings.get("authors", [])),
        marked("Correspondence"): "; ".join(_reached(a) for a in settings.get("authors", []) if a.get("corresponding")),
        marked("Ethics approval"): ethics(context),
        marked("Registration"): registration(context),
        marked("Keywords"): keywords(context),
        marked("Length"): _length(context),
    }
    said = paragraphs(f"**{tell(name)}:** {text}" for name, text in lines.items() if text)
    return f'::: {{.title-page custom-style="Title Page"}}\n{said}\n:::'


def affiliations(author: Mapping[str, Any]) -> list[str]:
    """Where an author works: one place or several."""
    given = author.get("affiliation", [])
    return [given] if isinstance(given, str) else list(given)


def _affiliated(author: Mapping[str, Any]) -> str:
    name = escaped(str(author["name"]))
    orcid = f" (ORCID [{author['orcid']}]({ORCID}{author['orcid']}))" if "orcid" in author else ""
    places = ", ".join(escaped(place) for place in affiliations(author))
    return f"{name}{orcid}, {places}" if places else f"{name}{orcid}"


def _reached(author: Mapping[str, Any]) -> str:
    name = escaped(str(author["name"]))
    return f"{name}, <{author['email']}>" if "email" in author else name


def ethics(context: Context) -> str:
    """The approval the study states; of synthetic records, that none was needed."""
    return _stated(context, "ethics", NO_PATIENT if context.settings.get("synthetic") else TO_BE_STATED)


def registration(context: Context) -> str:
    """Where the study or its protocol is registered."""
    return _stated(context, "registration", NOT_REGISTERED)


def keywords(context: Context) -> str:
    """The keywords of the study; nothing if it names none."""
    return "; ".join(escaped(str(word)) for word in context.settings["report"].get("keywords", []))


def funding(context: Context) -> str:
    """Who paid for the study."""
    return _stated(context, "funding", TO_BE_STATED)


def competing_interests(context: Context) -> str:
    """What interests the authors declare."""
    return _stated(context, "competing_interests", TO_BE_STATED)


def acknowledgements(context: Context) -> str:
    """Whom the authors thank; nothing where they thank nobody."""
    thanks = _stated(context, "acknowledgements", "")
    return tell("**Acknowledgements:** {thanks}", thanks=thanks) if thanks else ""


def _stated(context: Context, name: str, otherwise: str) -> str:
    given = context.settings["report"].get(name)
    return escaped(str(given)) if given else tell(otherwise)


def _length(context: Context) -> str:
    """Words, exhibits and references, as journals limit them; nothing while the text is not composed yet."""
    if context.lengths is None:
        return ""
    tables = len(catalogue.main_tables(context.settings))
    figures = len(catalogue.main_figures(context.settings))
    found = context.lengths
    return tell(
        "abstract {abstract}; text {text}; {tables}; {figures}; {references}.",
        abstract=_counted(found.abstract, *WORDS),
        text=_counted(found.text, *WORDS),
        tables=_counted(tables, *TABLES),
        figures=_counted(figures, *FIGURES),
        references=_counted(found.references, *REFERENCES),
    )


WORDS = (marked("{n} word"), marked("{n} words"))
TABLES = (marked("{n} table"), marked("{n} tables"))
FIGURES = (marked("{n} figure"), marked("{n} figures"))
REFERENCES = (marked("{n} reference"), marked("{n} references"))
"""One, and several."""


def _counted(number: int, one: str, several: str) -> str:
    return tell(one if number == 1 else several, n=with_thousands_sign(number))


GENERATED = {
    "title_page": title_page,
    "declarations.ethics": ethics,
    "declarations.registration": registration,
    "declarations.funding": funding,
    "declarations.competing_interests": competing_interests,
    "declarations.acknowledgements": acknowledgements,
}
