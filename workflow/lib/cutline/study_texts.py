"""A study's own texts in the language of the report: `texts.<language>.yaml` beside its study.yaml.

The file is a mapping from each text of study.yaml to the same in that language. A study that is written in the language
of its report needs none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cutline.configuration import read_yaml
from cutline.errors import ConfigError
from cutline.languages import ENGLISH

Places = Sequence[Sequence[str]]
"""Places of a study as keys, one below the other; `*` is any name, and any entry of a list."""


def _places(*written: str) -> Places:
    return [place.split(".") for place in written]


SHOWN = _places(
    "title", "short_title", "design", "source.description", "source.tables.*.columns.*.description", "index_date.label",
    "variables.*.label", "variables.*.note", "variables.*.unit", "variables.*.levels.*", "criteria.*.label",
    "criteria.*.source", "what_if.*.label", "what_if.*.with.*.label", "what_if.*.with.*.source", "endpoints.*.label",
    "endpoints.*.event_label", "endpoints.*.events.*.reason", "endpoints.*.censoring.*.reason", "rule_sets.*.label",
    "progression_anchors.*.label", "safety.terms.*", "analysis_plan.document", "analysis_plan.post_hoc.*",
    "report.keywords.*", "report.limitations.*", "report.numbers.*.say", "report.ethics", "report.registration",
    "report.funding", "report.competing_interests", "report.acknowledgements",
    "report.checklists.answers.*.*.met", "report.checklists.answers.*.*.not_applicable",
)  # fmt: skip
"""The texts of a study that its report tells: each of them is translated."""
OTHERS = _places(
    "report.authors.*.affiliation", "report.authors.*.affiliation.*", "report.authors.*.roles.*",
    "literature.endpoints.*.label", "literature.endpoints.*.short", "literature.sources.*", "literature.trials.*.label",
    "literature.trials.*.design", "literature.trials.*.patients", "literature.trials.*.arms.*",
    "literature.trials.*.cuts.*", "literature.trials.*.populations.*", "literature.trials.*.terms.*",
    "literature.trials.*.values.*.seen_on", "publication.description.absent.*.name",
    "publication.description.absent.*.needs", "publication.description.captured.*",
    "publication.description.citations.*.data_cut", "publication.description.citations.*.what",
    "publication.description.claims.*.name", "publication.description.criteria.*.name",
    "publication.description.listings.*.entries.*.name", "publication.description.listings.*.name",
    "publication.description.population.*.who.*", "publication.description.references.*.data_cut",
)  # fmt: skip
"""Texts that may be translated and need not be: names, and what is said of published trials and of the publication."""
COMPARED = _places("publication.description.covariates_timed_at.*")
"""Texts that may be translated too, where they are told: what they are compared with stays as it is."""
PUBLISHED = _places("*.section")
"""The texts of published values, the same."""


def texts_in(value: Any, places: Places) -> Iterator[str]:
    """Every text at these places of a study; a number or a sign alone is none."""
    if not isinstance(value, str):
        for name, each in _parts(value):
            yield from texts_in(each, _below(places, name))
    elif [] in places and any(sign.isalpha() for sign in value):
        yield value


def translated(value: Any, texts: Mapping[str, str], places: Places = (*SHOWN, *OTHERS)) -> Any:
    """The same part of a study with the texts at these places replaced; everything else as it was."""
    if not places:
        return value
    if isinstance(value, Mapping):
        return {name: translated(each, texts, _below(places, name)) for name, each in value.items()}
    if isinstance(value, list):
        return [translated(each, texts, _below(places, "*")) for each in value]
    return texts.get(value, value) if isinstance(value, str) and [] in places else value


def load_texts(root: Path, study: Mapping[str, Any], published: list[dict[str, Any]]) -> dict[str, str]:
    """The texts of a study in the language of its report, by the text of study.yaml; empty without such a file.

    `published` are the published values. Raises ConfigError for a text that the study does not have, for one that is no
    text, and for one that is not translated.
    """
    language = study["report"]["language"]
    folder = root / "config" / "studies" / study["study"]
    path = folder / f"texts.{language}.yaml"
    if language == ENGLISH or not path.is_file():
        return {}
    given, lines = read_yaml(path)
    if not isinstance(given, Mapping):
        raise ConfigError(
            f"{path}, line 1: found no mapping; expected lines of the form `text of study.yaml: the same`"
        )
    shown = list(dict.fromkeys(texts_in(study, SHOWN)))
    known = [*shown, *texts_in(study, [*OTHERS, *COMPARED]), *texts_in(published, PUBLISHED)]
    faults = [f"{path}, line {lines[(text,)]}: {text!r}: {fault}"
              for text, said in given.items() if (fault := _fault(text, said, known))]  # fmt: skip
    absent = [text for text in shown if text not in given]
    faults += [f"{place}: {text!r} is not translated; add it to {path}"
               for text, place in zip(absent, _stand(absent, folder / "study.yaml"), strict=True)]  # fmt: skip
    if faults:
        raise ConfigError("\n".join(faults))
    return dict(given)


def _fault(text: str, said: Any, known: Sequence[str]) -> str:
    """What is wrong with an entry; blank if nothing is."""
    if text not in known:
        close = difflib.get_close_matches(text, known, n=1)
        return "the study has no such text" + (f"; did you mean {close[0]!r}?" if close else "")
    return "" if isinstance(said, str) and said.strip() else "expected its translation, found none"


def _stand(texts: Sequence[str], path: Path) -> list[str]:
    """Of each text the file and line where it stands first; the file alone where something else brought it."""
    if not texts:
        return []
    document, lines = read_yaml(path)
    found: dict[str, int] = {}
    for place, text in _placed(document, ()):
        found.setdefault(text, lines[place])
    return [f"{path}, line {found[text]}" if text in found else str(path) for text in texts]


def _placed(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield place, value
    named = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, each in named:
        yield from _placed(each, (*place, name))


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a mapping by name, those of a list all as `*`."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from (("*", each) for each in value)


def _below(places: Places, name: str) -> Places:
    """What remains of the places that lead through this name."""
    return [place[1:] for place in places if place and place[0] in (name, "*")]
