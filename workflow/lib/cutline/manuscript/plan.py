"""What the Methods say of when the analyses were planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.analysis_plan import SECTION, is_stated
from cutline.display.captions import endpoint_label, in_words, variable_label
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, in_text, listed, sentences

OF_SENSITIVITY = {
    "landmarks_months": marked("landmark analyses"),
    "replace": marked("models with other codings"),
    "imputation": marked("models with imputed covariates"),
}
NOT_STATED = marked("Which analyses were planned before the results were known is not stated.")


def plan(context: Context) -> str:
    """Which analyses were fixed beforehand and which are post hoc, each with its reason."""
    if not is_stated(context.settings):
        return tell(NOT_STATED)
    section = context.settings[SECTION]
    document, post_hoc = escaped(section.get("document", "")), section.get("post_hoc", {})
    if not post_hoc:
        return _all_specified(document)
    named = listed([f"{_named(path, context)} ({escaped(str(why).rstrip('.'))})" for path, why in post_hoc.items()])
    return sentences(
        [
            _specified_but_for(named, document),
            tell("Those are marked where they are shown, and they generate hypotheses only."),
        ]
    )


def _all_specified(document: str) -> str:
    if not document:
        return tell("All analyses were specified before the results were known.")
    return tell("All analyses were specified before the results were known in {document}.", document=document)


def _specified_but_for(named: str, document: str) -> str:
    if not document:
        return tell("Analyses were specified before the results were known; post hoc are {analyses}.", analyses=named)
    return tell("Analyses were specified before the results were known in {document}; post hoc are {analyses}.",
                document=document, analyses=named)  # fmt: skip


def _named(path: str, context: Context) -> str:
    """The analysis in words: the label of what the study labels, else its path as words."""
    section, *steps = path.split(".")
    settings = context.settings
    if section in ("endpoints", "models") and steps:
        name = in_text(endpoint_label(settings, steps[0]))
        return tell("the models of {endpoint}", endpoint=name) if section == "models" else name
    if steps and steps[-1] in settings["variables"]:
        return tell("groups by {variables}", variables=in_text(variable_label(settings, steps[-1])))
    labels = _labels(settings, section)
    if steps and steps[0] in labels:
        return f"“{in_text(labels[steps[0]])}”"
    if steps and steps[0] in OF_SENSITIVITY:
        return tell(OF_SENSITIVITY[steps[0]])
    return in_text(in_words(path.rpartition(".")[2]))


def _labels(settings: Mapping[str, Any], section: str) -> dict[str, str]:
    """The labels of the variants of one kind by their ids."""
    if section == "what_if":
        return {each["id"]: str(each["label"]) for each in settings.get(section, [])}
    if section in ("rule_sets", "progression_anchors"):
        return {name: str(spec["label"]) for name, spec in settings.get(section, {}).items()}
    return {}


GENERATED = {"methods.plan": plan}
