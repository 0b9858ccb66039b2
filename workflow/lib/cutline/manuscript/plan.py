"""What the Methods say of when the analyses were planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.analysis_plan import SECTION, is_stated
from cutline.display.captions import endpoint_label, in_words, variable_label
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, in_text, listed, sentences

OF_SENSITIVITY = {
    "landmarks_months": "landmark analyses",
    "replace": "models with other codings",
    "imputation": "models with imputed covariates",
}
NOT_STATED = "Which analyses were planned before the results were known is not stated."


def plan(context: Context) -> str:
    """Which analyses were fixed beforehand and which are post hoc, each with its reason."""
    if not is_stated(context.settings):
        return NOT_STATED
    section = context.settings[SECTION]
    post_hoc = section.get("post_hoc", {})
    fixed = f" in {escaped(section['document'])}" if "document" in section else ""
    if not post_hoc:
        return f"All analyses were specified before the results were known{fixed}."
    named = [f"{_named(path, context)} ({escaped(str(why).rstrip('.'))})" for path, why in post_hoc.items()]
    return sentences(
        [
            f"Analyses were specified before the results were known{fixed}; post hoc are {listed(named)}.",
            "Those are marked where they are shown, and they generate hypotheses only.",
        ]
    )


def _named(path: str, context: Context) -> str:
    """The analysis in words: the label of what the study labels, else its path as words."""
    section, *steps = path.split(".")
    settings = context.settings
    if section in ("endpoints", "models") and steps:
        name = in_text(endpoint_label(settings, steps[0]))
        return f"the models of {name}" if section == "models" else name
    if steps and steps[-1] in settings["variables"]:
        return f"groups by {in_text(variable_label(settings, steps[-1]))}"
    labels = _labels(settings, section)
    if steps and steps[0] in labels:
        return f"“{in_text(labels[steps[0]])}”"
    return OF_SENSITIVITY.get(steps[0]) or in_text(in_words(steps[-1])) if steps else in_text(in_words(section))


def _labels(settings: Mapping[str, Any], section: str) -> dict[str, str]:
    """The labels of the variants of one kind by their ids."""
    if section == "what_if":
        return {each["id"]: str(each["label"]) for each in settings.get(section, [])}
    if section in ("rule_sets", "progression_anchors"):
        return {name: str(spec["label"]) for name, spec in settings.get(section, {}).items()}
    return {}


GENERATED = {"methods.plan": plan}
