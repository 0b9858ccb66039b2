"""The YAML head of the document: layout from reports/manuscript.qmd, title and authors from the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from cutline.display.numbers import format_date
from cutline.errors import ReportError
from cutline.languages import ENGLISH, marked, spoken, tell, upper_first
from cutline.manuscript.markdown import escaped
from cutline.manuscript.title_page import affiliations

UNNAMED = marked("Authors to be named")
NUMBERED = {
    "toc-title-document": marked("Contents"),
    "crossref-fig-title": marked("Figure"), "crossref-fig-prefix": "Figure",
    "crossref-tbl-title": marked("Table"), "crossref-tbl-prefix": "Table",
    "crossref-eq-prefix": marked("Equation"), "crossref-sec-prefix": marked("Section"),
    "callout-note-title": marked("Note"), "callout-tip-title": marked("Tip"),
    "callout-important-title": marked("Important"), "callout-warning-title": marked("Warning"),
    "callout-caution-title": marked("Caution"),
}  # fmt: skip
"""Quarto's key of each word that an engine writes by itself; in English they know them."""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a person can read them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def split(text: str, name: str) -> tuple[dict[str, Any], str, int]:
    """The YAML head, the body, and the number of lines before the body.

    Raises ReportError if the document does not start with a YAML mapping between two lines `---`.
    """
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not lines or lines[0].rstrip() != "---" or not end:
        raise ReportError(f"{name}, line 1: expected the YAML head of a Quarto document between two lines ---")
    try:
        head = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.YAMLError as error:
        raise ReportError(f"{name}: its YAML head cannot be read: {error}") from error
    if not isinstance(head, dict):
        raise ReportError(f"{name}: its YAML head is not a mapping of keys to values")
    return head, "\n".join(lines[end + 1 :]), end + 1


def described(layout: Mapping[str, Any], settings: Mapping[str, Any], typst_header: str) -> dict[str, Any]:
    """The head of the study's document, in the order a reader expects. Its texts are Markdown, so they are escaped."""
    head: dict[str, Any] = {
        "title": escaped(str(settings["title"])),
        "subtitle": escaped(subtitle(settings)),
        "author": authors(settings),
        **in_language(),
    }
    # Quarto's template of the PDF puts them between quotation marks as they are.
    words = [escaped(str(word).replace('"', "”")) for word in settings["report"].get("keywords", [])]
    head |= {"keywords": words} if words else {}
    formats = formats_of(layout)
    if "typst" in formats:
        formats["typst"]["include-in-header"] = [{"text": typst_header}]
    return head | {key: value for key, value in layout.items() if key != "format"} | {"format": formats}


def in_language() -> dict[str, Any]:
    """The language in force, and in it the words that an engine writes by itself."""
    words = {key: tell(word) for key, word in NUMBERED.items()}
    return {"lang": spoken()} | ({"language": words} if spoken() != ENGLISH else {})


def formats_of(layout: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The formats of a document with their options, the title of the contents in the language in force."""
    formats = {name: dict(options) for name, options in layout.get("format", {}).items()}
    for options in formats.values():
        options |= {"toc-title": tell(str(options["toc-title"]))} if "toc-title" in options else {}
    return formats


def subtitle(settings: Mapping[str, Any]) -> str:
    """The design and, where there are dates, the data cut-off."""
    kind = upper_first(str(settings["design"]))
    if settings.get("time_only"):
        return kind
    return tell("{design}; data cut-off {date}", design=kind, date=format_date(str(settings["data_cutoff"])))


def authors(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The authors as Quarto's schema has them; nobody is invented."""
    return [_author(each) for each in settings["report"].get("authors") or [{"name": tell(UNNAMED)}]]


def _author(given: Mapping[str, Any]) -> dict[str, Any]:
    author: dict[str, Any] = {"name": escaped(str(given["name"]))}
    author |= {key: str(given[key]) for key in ("orcid", "email") if given.get(key)}
    places = [{"name": escaped(place)} for place in affiliations(given)]
    return author | ({"affiliations": places} if places else {})


def written(head: Mapping[str, Any]) -> str:
    """The head as YAML between its two lines."""
    body = yaml.dump(dict(head), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{body}---\n"
