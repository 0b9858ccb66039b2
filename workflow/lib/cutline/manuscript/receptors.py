"""Methods: how receptor status was read, and from which sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import in_text, listed, sentences
from cutline.manuscript.record_words import value_in_words
from cutline.manuscript.variables import days_around
from cutline.tables.covariates import SAMPLES

Variables = Mapping[str, Mapping[str, Any]]
PREFIX = "receptor_"
THEN = marked("then")


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
    without_percentage = tell("A report of a positive hormone receptor without a percentage counts as positive.")
    groups = tell(
        "Where ratio and copy number of the in situ hybridisation were reported, its groups 2 to 4 were resolved by "
        "the immunohistochemistry of the sample."
    )
    unclear = tell(
        "Texts that admit two readings, and tests, samples of one day or words that contradict each other, left the "
        "status unknown and went to the query list."
    )
    return sentences([without_percentage if hormones else "", groups if "receptor_her2" in found else "", unclear])


def _hormone_receptors(levels: Mapping[str, Any]) -> str:
    if "low_positive" in levels.get("receptor_er", {}):
        return tell(
            "Oestrogen and progesterone receptors are positive from 1% of stained nuclei [@allison2020]; an oestrogen "
            "receptor of 1 to 10% is low positive."
        )
    return tell("Oestrogen and progesterone receptors are positive from 1% of stained nuclei [@allison2020].")


def _subtype(variables: Variables) -> str:
    if not any(spec.get("derive") == "subtype" for spec in variables.values()):
        return ""
    return tell("Disease is hormone receptor-positive if either receptor is positive.")


def _her2(levels: Mapping[str, str]) -> str:
    unresolved = (
        tell("Immunohistochemistry 2+ without in situ hybridisation is equivocal, never low.")
        if "equivocal" in levels
        else tell("Immunohistochemistry 2+ without in situ hybridisation is unknown, never low.")
    )
    return sentences(
        [
            tell(
                "HER2 is positive at immunohistochemistry 3+, or 2+ with a positive in situ hybridisation "
                "[@wolff2018]; among the negative, 1+, and 2+ with a negative in situ hybridisation, are called "
                "HER2-low [@tarantino2020]."
            ),
            unresolved,
        ]
    )


def _samples(found: Variables, context: Context) -> list[str]:
    """Which sample counts, receptors with the same choice in one sentence."""
    chosen: dict[str, list[str]] = {}
    for spec in found.values():
        chosen.setdefault(_choice(spec, context), []).append(in_text(str(spec["label"])))
    return [tell("For {receptors}, {sample} counts.", receptors=listed(names), sample=sample)
            for sample, names in chosen.items()]  # fmt: skip


WINDOW = (
    marked("{sample} and at most {before} days before it and {after} days after it"),
    marked("{sample} and at most {before} days before it"),
    marked("{sample} and at most {after} days after it"),
)
BY_TIME = {"first": marked("the tested sample taken first"), "last": marked("the tested sample taken last")}


def _choice(spec: Mapping[str, Any], context: Context) -> str:
    """The sample that counts: `the tested sample nearest to the date of diagnosis, metastasis before any other,`."""
    select = SAMPLES | spec.get("select", {})
    sample = _nearest(spec, context) if select["take"] == "nearest" else tell(BY_TIME[select["take"]])
    if "days_before" in select or "days_after" in select:
        sample = days_around(WINDOW, select, sample=sample)
    preferred = [value_in_words(value) for values in select.get("prefer", {}).values() for value in values]
    if not preferred:
        return sample
    return tell("{sample}, {specimens} before any other,", sample=sample, specimens=listed(preferred, THEN))


def _nearest(spec: Mapping[str, Any], context: Context) -> str:
    anchor = context.settings["variables"].get(spec.get("anchor", ""), {}).get("label")
    date = in_text(str(anchor)) if anchor else tell("index date")
    return tell("the tested sample nearest to the date of {date}", date=date)
