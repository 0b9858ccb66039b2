"""Methods: who was included, and how the characteristics of the patients were taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import described, variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, escaped, in_digits, in_text, listed, paragraphs, sentences
from cutline.manuscript.receptors import is_receptor, receptors
from cutline.manuscript.rules import sensitivity_labels
from cutline.manuscript.variables import days_around


def eligibility(context: Context) -> str:
    """The reasons for exclusion in their order; their rules too where there is only one."""
    criteria = context.settings["criteria"]
    if len(criteria) == 1:
        return tell("The only reason for exclusion was: {reason}.", reason=described(criteria[0], context))
    reasons = listed([in_text(str(criterion["label"])) for criterion in criteria])
    table = find("table", context, "criteria")
    place = reference(table) if table else tell("the supplement")
    return sentences(
        [
            tell("Criteria were applied in a fixed order, and a patient excluded by several is counted at the first of "
                 "them."),
            tell("Reasons for exclusion were {reasons}.", reasons=reasons),
            tell("The rule behind each, and what an unknown answer did, is given in {place}.", place=place)
            if any("unknown" in criterion for criterion in criteria)
            else tell("The rule behind each is given in {place}.", place=place),
        ]
    )  # fmt: skip


def sample_size(context: Context) -> str:
    """That nobody was sampled; of a trial, that its calculation is not repeated here."""
    if context.randomised:
        return tell("The number of patients is that of the trial; how it was calculated is not part of these data.")
    return tell("Everyone who met the criteria was included; no sample size was calculated.")


def bias(context: Context) -> str:
    """What shows how far bias may reach, of what the study asks for; nothing of a trial."""
    settings = context.settings
    efforts = {
        tell("patients whom each criterion removed are compared with those who remained"): "selection" in settings,
        tell("the main analyses are repeated under other conventions of censoring"): sensitivity_labels(settings),
        tell("they are repeated with other criteria"): settings.get("what_if"),
    }
    made = [words for words, asked in efforts.items() if asked]
    if context.randomised or not made:
        return ""
    return tell("Bias is not removed but made visible: {efforts}.", efforts=listed(made))


def variables(context: Context) -> str:
    """When the characteristics were taken, where those of the models were cut, and how receptors were read."""
    settings = context.settings
    return paragraphs([sentences([_taken(context), *_cuts(settings, context)]), receptors(context)])


def _taken(context: Context) -> str:
    """The characteristics that were looked up around a date, with their window; the table has the rest."""
    timed: dict[tuple[str, str], list[str]] = {}
    for name in context.settings["baseline"]["variables"]:
        spec = context.settings["variables"][name]
        if spec.get("note") and not is_receptor(spec) and (window := _window(spec)):
            timed.setdefault((escaped(spec["note"]), window), []).append(variable_name(name, context))
    if not timed:
        return ""
    clauses = [tell("{characteristics} {note} ({window})", characteristics=listed(names), note=note, window=window)
               for (note, window), names in timed.items()]  # fmt: skip
    return tell(
        "Of characteristics that change, the record nearest to a date was used: {characteristics}. The dates of all "
        "others are named below the table that shows them.",
        characteristics=listed(clauses),
    )


WINDOW = (
    marked("within {before} days before and {after} days after"),
    marked("within {before} days before"),
    marked("within {after} days after"),
)


def _window(spec: Mapping[str, Any]) -> str:
    """`within 90 days before and 30 days after`; nothing for what is not one record near a date."""
    select = spec.get("select", {})
    bounded = "days_before" in select or "days_after" in select
    return days_around(WINDOW, select) if bounded and select.get("take") == "nearest" else ""


def _cuts(settings: Mapping[str, Any], context: Context) -> list[str]:
    modelled = dict.fromkeys(name for names in settings["models"].values() for name in names)
    specs = [settings["variables"][name] for name in modelled]
    return [_cut(spec, context) for spec in specs if spec.get("cut_points")]


def _cut(spec: Mapping[str, Any], context: Context) -> str:
    source = context.settings["variables"][spec["inputs"][0]]
    points = listed([in_digits(point) for point in spec["cut_points"]])
    return tell(
        "{characteristic} was divided at {points}, at every data cut-off alike.",
        characteristic=capital(variable_name(spec["inputs"][0], context)),
        points=f"{points} {source['unit']}" if source.get("unit") else points,
    )
