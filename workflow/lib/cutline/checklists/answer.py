"""Which items of a guideline a report meets, where, and what to add for the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cutline.checklists.passage import Checklist, Passage
from cutline.languages import ENGLISH, language_of

MET, MISSING, NOT_APPLICABLE, BY_HAND = "met", "missing", "not applicable", "to be answered by hand"
ANY_LANGUAGE = "any"
"""Under which `says` has patterns for every language."""


@dataclass(frozen=True)
class Answer:
    """The answer to one item: its status, the passages that meet it, and what is said where none does."""

    item: Mapping[str, Any]
    status: str
    where: tuple[Passage, ...] = ()
    said: str = ""


def answered(name: str, checklist: Checklist, report: Sequence[Passage], settings: Mapping[str, Any]) -> list[Answer]:
    """Every item of the guideline answered from the passages of the report, or by the study (`answers`)."""
    by_hand = settings["report"].get("checklists", {}).get("answers", {}).get(name, {})
    return [_answer(item, by_hand.get(item["id"], {}), report, settings) for item in checklist["items"]]


def _answer(
    item: Mapping[str, Any], by_hand: Mapping[str, str], report: Sequence[Passage], settings: Mapping[str, Any]
) -> Answer:
    if by_hand:
        status, said = next(iter(by_hand.items()))
        return Answer(item, NOT_APPLICABLE if status == "not_applicable" else MET, said=said)
    if "applies" in item and not _applies(item["applies"], settings):
        return Answer(item, NOT_APPLICABLE, said=item["otherwise"])
    language = language_of(settings)
    found = [(_first(evidence, report, language), _read(evidence, language)) for evidence in item["met_by"]]
    where = tuple(dict.fromkeys(passage for passage, _ in found if passage is not None))
    if all(passage is not None for passage, _ in found):
        return Answer(item, MET, where)
    missing = any(passage is None and read for passage, read in found)
    return Answer(item, MISSING, where, item["add"]) if missing else Answer(item, BY_HAND, where)


def _applies(condition: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    if "without" in condition:
        return not settings.get(condition["without"])
    return any(bool(settings.get(key)) for key in condition.get("any", [condition.get("key")]))


def patterns(evidence: Mapping[str, Any], language: str) -> list[str]:
    """What a sentence says in that language to be this piece of evidence."""
    given = by_language(evidence)
    return [*given.get(ANY_LANGUAGE, []), *given.get(language, [])]


def by_language(evidence: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """The patterns of a piece of evidence in each language that it has some in."""
    says = evidence.get("says", [])
    return says if isinstance(says, Mapping) else {ENGLISH: says}


def _read(evidence: Mapping[str, Any], language: str) -> bool:
    """Whether the evidence can be seen in a report in that language: by results, by labels, or by its patterns."""
    return "says" not in evidence or bool(patterns(evidence, language))


def _first(evidence: Mapping[str, Any], report: Sequence[Passage], language: str) -> Passage | None:
    """The passage that is this piece of evidence: by the first pattern that fits any, the first it fits; else None."""
    shows = evidence.get("shows", [])
    if "exhibit" in evidence:
        exhibits = (passage for passage in report if passage.label.startswith(evidence["exhibit"]))
        return next((each for each in exhibits if not shows or any(_shows(glob, each) for glob in shows)), None)
    there = [passage for passage in report if not passage.label and _stands_in(evidence["in"], passage)]
    says = patterns(evidence, language)
    said = (each for pattern in says for each in there if re.search(pattern, each.text, re.IGNORECASE))
    shown = (each for glob in shows for each in there if _shows(glob, each))
    return next(said, None) or next(shown, None)


def _stands_in(sections: Sequence[str], passage: Passage) -> bool:
    """Whether the passage stands in one of the sections; `results/patients` is the one within the other."""
    above = {*passage.names, *passage.headings}
    return any(set(section.split("/")) <= above for section in sections)


def _shows(glob: str, passage: Passage) -> bool:
    return any(fnmatchcase(key, glob) for key in passage.keys)


def tally(answers: Sequence[Answer]) -> dict[str, int]:
    """How many items have each status."""
    return {
        status: sum(each.status == status for each in answers) for status in (MET, MISSING, NOT_APPLICABLE, BY_HAND)
    }
