"""What each exhibit is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.analysis_plan import is_post_hoc
from cutline.disclosure.profiles import is_public
from cutline.display.catalogue import OF_SURVIVAL, Exhibit
from cutline.display.convention_words import in_words as convention_in_words
from cutline.display.labels import in_sentence, label
from cutline.display.levels import level_of
from cutline.languages import tell, upper_first
from cutline.survival.convention import convention_of

NO_BREAK_SPACE, WORD_JOINER = "\u00a0", "\u2060"


INSIDE = ("cox", "context")
"""Subjects whose caption names the endpoint within its sentence."""


def caption(exhibit: Exhibit, settings: Mapping[str, Any]) -> str:
    """The caption of a table or figure, without its number and full stop, marked if the analysis is post hoc."""
    words = _caption(exhibit, settings)
    return label("post_hoc", words=words) if _is_post_hoc(exhibit, settings) else words


OF_MODELS = ("cox", "forest", "schoenfeld")


def _is_post_hoc(exhibit: Exhibit, settings: Mapping[str, Any]) -> bool:
    """Whether its endpoint, or where it shows models those, were not planned beforehand."""
    paths = [f"endpoints.{exhibit.endpoint}"] if exhibit.endpoint else []
    paths += [f"models.{exhibit.endpoint}"] if exhibit.subject in OF_MODELS else []
    return is_post_hoc(settings, *paths)


def _caption(exhibit: Exhibit, settings: Mapping[str, Any]) -> str:
    if exhibit.subject == "baseline" and (group := exhibit.group or next(iter(settings["baseline"].get("by", [])), "")):
        return label("caption_baseline_by", group=in_sentence(str(settings["variables"][group]["label"])))
    endpoint = endpoint_label(settings, exhibit.endpoint)
    inside = exhibit.subject in INSIDE
    name = in_sentence(endpoint) if inside else endpoint
    return label(f"caption_{exhibit.subject}", endpoint=name)


EXPLAINED = ("survival", "forest", "schoenfeld", "context")


def explanation(exhibit: Exhibit, settings: Mapping[str, Any]) -> str:
    """What stands below a figure after its caption, in sentences: what its signs mean, and the convention in force."""
    if exhibit.subject not in EXPLAINED:
        return ""
    redrawn = "_public" if exhibit.subject == "survival" and is_public(settings) else ""
    signs = label(f"explain_{exhibit.subject}{redrawn}", level=level_of(settings))
    return f"{signs} {convention_note(exhibit, settings)}"


def convention_note(exhibit: Exhibit, settings: Mapping[str, Any]) -> str:
    """The study's convention for survival analysis in one sentence; blank below what has no such results."""
    return convention_in_words(convention_of(settings["statistics"])) if exhibit.subject in OF_SURVIVAL else ""


def endpoint_label(settings: Mapping[str, Any], endpoint: str) -> str:
    """The endpoint in the study's words; its id in plain words if the settings do not hold it."""
    return str(settings.get("endpoints", {}).get(endpoint, {}).get("label", in_words(endpoint)))


def level_label(settings: Mapping[str, Any], variable: str, level: str) -> str:
    """A level of a variable in the study's words; its id in plain words if the study names none."""
    return str(settings.get("variables", {}).get(variable, {}).get("levels", {}).get(level, in_words(level)))


def variable_label(settings: Mapping[str, Any], variable: str) -> str:
    """A variable in the study's words, with its unit if it has one; the unit never breaks over two lines."""
    spec = settings["variables"][variable]
    name, unit = str(spec["label"]), spec.get("unit")
    return label("with_unit", label=name, unit=unbroken(str(unit))) if unit else name


def unbroken(text: str) -> str:
    """The text without a place to break: no-break spaces, and no break at a slash."""
    return text.replace(" ", NO_BREAK_SPACE).replace("/", f"{WORD_JOINER}/{WORD_JOINER}")


def breakable(text: str) -> str:
    """The text with ordinary spaces and without signs that only guide line breaks."""
    return text.replace(NO_BREAK_SPACE, " ").replace(WORD_JOINER, "")


SPELT = {"akt": "AKT", "alt": "ALT", "ast": "AST", "cdk46": "CDK4/6", "her2": "HER2", "mtor": "mTOR", "pi3k": "PI3K"}
"""Words of ids that are not spelt as they stand in one."""


def in_words(identifier: str) -> str:
    """An id as words, told if the catalogue knows them: `no_prior_chemotherapy` is `No prior chemotherapy`."""
    words = " ".join(SPELT.get(word, word) for word in identifier.split("_"))
    # Of English, whatever language is in force.
    title = words if words.split(" ")[0] in SPELT.values() else words[:1].upper() + words[1:]
    for known in (title, words):
        if (said := tell(known)) != known:
            return said if said[1:2].isupper() else upper_first(said)
    return title
