"""Selection in the Results, and the tables behind the text."""

from __future__ import annotations

from cutline.display.catalogue import tables
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import in_text, look_up, paragraphs, sentences
from cutline.selection_names import SIDES, size_key, smd_key, variables_compared


def selection(context: Context) -> str:
    """How those who were removed differed from those who remained; nothing where the study does not compare them."""
    if "selection" not in context.settings:
        return ""
    table = find("table", context, "selection")
    shown = f" ({reference(table)})" if table else ""
    steps = [c for c in context.settings["criteria"] if context.count(size_key(c["id"], SIDES[0]))]
    if not steps:
        return ""
    count = "the one step" if len(steps) == 1 else f"each of the {len(steps)} steps"
    compared = f"Patients removed at {count} that removed anyone were compared with those who remained{shown}."
    return sentences([compared, _largest(context, [str(step["id"]) for step in steps])])


def _largest(context: Context, steps: list[str]) -> str:
    """The largest difference at any step, with its characteristic and step."""
    keys = {smd_key(step, name): (step, name) for step in steps for name in variables_compared(context.settings)}
    sizes = {key: value for key in keys if (value := context.value(key)) is not None}
    if not sizes:
        return "No standardised difference could be estimated."
    key = max(sizes, key=lambda each: sizes[each])
    step, name = keys[key]
    labels = {str(criterion["id"]): in_text(str(criterion["label"])) for criterion in context.settings["criteria"]}
    variable = in_text(str(context.settings["variables"][name]["label"]))
    return (
        f"The largest standardised mean difference was {look_up(key, '%.2f')}, in {variable} at the step "
        f"“{labels[step]}”."
    )


def supplement(context: Context) -> str:
    """The tables that the text refers to and that do not stand in it; nothing where there are none."""
    shown = [table for table in tables(context.settings) if table.subject == "selection" or table.group]
    called = [" ".join(part for part in (table.subject, table.endpoint, table.group) if part) for table in shown]
    blocks = [f"{{{{< table {name} >}}}}" for name in called]
    return paragraphs(["# Supplementary tables {#sec-supplement .unnumbered}", *blocks]) if blocks else ""


GENERATED = {"results.selection": selection, "results.supplement": supplement}
