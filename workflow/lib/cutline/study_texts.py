"""A study's own texts in the language of the report: `texts.<language>.yaml` beside its study.yaml.

The file is a mapping from each text of study.yaml to the same in that language. A study that is written in the language
of its report needs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cutline.configuration import nearest, read_yaml
from cutline.errors import ConfigError
from cutline.languages import ENGLISH

TEXTS = frozenset({"acknowledgements", "competing_interests", "description", "design", "ethics", "event_label",
                   "funding", "label", "note", "origin", "question", "reason", "registration", "short_title", "source",
                   "title", "unit"})  # fmt: skip
"""Keys whose value is a text for readers."""
LISTS = frozenset({"keywords", "limitations", "levels", "terms"})
"""Keys whose values, in a list or by name, are texts for readers."""
ELSEWHERE = ("checklists", "exports", "literature", "publication", "queries", "simulate", "software")
"""Sections whose texts the report does not tell, or not as the study's: they may be translated and need not be."""


def texts_in(value: Any, key: str = "") -> Iterator[str]:
    """Every text for readers below that place of a study."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts_in(each, key if key in LISTS else name)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, key)
    elif isinstance(value, str) and key in TEXTS | LISTS and any(sign.isalpha() for sign in value):
        yield value


def translated(value: Any, texts: Mapping[str, str], key: str = "") -> Any:
    """The same part of a study with its texts replaced."""
    if isinstance(value, Mapping):
        return {name: translated(each, texts, key if key in LISTS else name) for name, each in value.items()}
    if isinstance(value, list):
        return [translated(each, texts, key) for each in value]
    return texts.get(value, value) if isinstance(value, str) and key in TEXTS | LISTS else value


def load_texts(root: Path, study: Mapping[str, Any], published: list[dict[str, Any]]) -> dict[str, str]:
    """The texts of a study in the language of its report, by the text of study.yaml; empty without such a file.

    `published` are the published values, whose labels may be translated, as may what the study says of literature.
    Raises ConfigError for a text that is nowhere, and for one of study.yaml that is not translated.
    """
    language = study["report"]["language"]
    path = root / "config" / "studies" / study["study"] / f"texts.{language}.yaml"
    if language == ENGLISH or not path.is_file():
        return {}
    given, lines = read_yaml(path)
    told = list(dict.fromkeys(texts_in({name: part for name, part in study.items() if name not in ELSEWHERE})))
    known = [*told, *texts_in({name: study[name] for name in ELSEWHERE if name in study}), *texts_in(published)]
    faults = [f"{path}, line {lines[(text,)]}: the study has no text {text!r}{nearest(text, known)}"
              for text in given if text not in known]  # fmt: skip
    faults += [f"{path}: no translation of {text!r}" for text in told if not given.get(text)]
    if faults:
        raise ConfigError("\n".join(faults))
    return dict(given)
