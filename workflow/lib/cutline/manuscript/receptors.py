"""Methods: how receptor status was read, and from which sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, in_text, listed, sentences
from cutline.tables.covariates import SAMPLES

Variables = Mapping[str, Mapping[str, Any]]
PREFIX = "receptor_"


def is_receptor(spec: Mapping[str, Any]) -> bool:
    return str(spec.get("derive")).startswith(PREFIX)


def receptors(context: Context) -> str:
    """The rules in force for the receptors that the study derives from pathology texts; nothing if it derives none."""
    variables = context.settings["variables"]
    found = {name: spec for name, spec in variables.items() if is_receptor(spec)}
    if not found:
        return ""
    levels = {spec["derive"]: spec["levels"] for spec in found.values()}
    hormones = any(derive in levels for derive in ("receptor_er", "receptor_pr"))
    return sentences(
        [
            _hormone_receptors(levels) if hormones else "",
            _subtype(variables),
            _her2(levels["receptor_her2"]) if "receptor_her2" in levels else "",
            *_samples(found, context),
        ]
    )


def receptor_details(context: Context) -> str:
    """What was made of reports that do not speak plainly; nothing if the study derives no receptor."""
    found = {spec["derive"] for spec in context.settings["variables"].values() if is_receptor(spec)}
    hormones = {"receptor_er", "receptor_pr"} & found
    if not found:
        return ""
    return sentences(
        [
            "A report of a positive hormone receptor without a percentage counts as positive." if hormones else "",
            "Where ratio and copy number of the in situ hybridisation were reported, its groups 2 to 4 were resolved "
            "by the immunohistochemistry of the sample." if "receptor_her2" in found else "",
            "Texts that admit two readings, and tests, samples of one day or words that contradict each other, left "
            "the status unknown and went to the query list.",
        ]
    )  # fmt: skip


def _hormone_receptors(levels: Mapping[str, Any]) -> str:
    low = (
        "; an oestrogen receptor of 1 to 10% is low positive" if "low_positive" in levels.get("receptor_er", {}) else ""
    )
    return f"Oestrogen and progesterone receptors are positive from 1% of stained nuclei [@allison2020]{low}."


def _subtype(variables: Variables) -> str:
    if not any(spec.get("derive") == "subtype" for spec in variables.values()):
        return ""
    return "Disease is hormone receptor-positive if either receptor is positive."


def _her2(levels: Mapping[str, str]) -> str:
    unresolved = "equivocal" if "equivocal" in levels else "unknown"
    return (
        "HER2 is positive at immunohistochemistry 3+, or 2+ with a positive in situ hybridisation [@wolff2018]; among "
        "the negative, 1+, and 2+ with a negative in situ hybridisation, are called HER2-low [@tarantino2020]. "
        f"Immunohistochemistry 2+ without in situ hybridisation is {unresolved}, never low."
    )


def _samples(found: Variables, context: Context) -> list[str]:
    """Which sample counts, receptors with the same choice in one sentence."""
    chosen: dict[str, list[str]] = {}
    for spec in found.values():
        chosen.setdefault(_choice(spec, context), []).append(in_text(str(spec["label"])))
    return [f"For {listed(names)}, {words} counts." for words, names in chosen.items()]


def _choice(spec: Mapping[str, Any], context: Context) -> str:
    select = SAMPLES | spec.get("select", {})
    anchor = context.settings["variables"].get(spec.get("anchor", ""), {}).get("label", "index date")
    order = (
        f"nearest to the date of {in_text(str(anchor))}" if select["take"] == "nearest" else f"taken {select['take']}"
    )
    window = [f"{select[key]} days {word} it" for key, word in (("days_before", "before"), ("days_after", "after"))
              if key in select]  # fmt: skip
    within = f" and at most {listed(window)}" if window else ""
    preferred = [escaped(value) for values in select.get("prefer", {}).values() for value in values]
    before = f", {listed(preferred, 'then')} before any other," if preferred else ""
    return f"the tested sample {order}{within}{before}"
