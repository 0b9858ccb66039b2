"""Selection in the Results, and the tables and figures behind the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cutline.display import catalogue
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Grid
from cutline.display.journal import table_alone
from cutline.languages import marked, tell
from cutline.manuscript.appendix import agreement, code_lists_grid, definitions_grid, software, where_to_look
from cutline.manuscript.checklist_summary import summary
from cutline.manuscript.consistency import consistency_grid
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, grid_block, reference
from cutline.manuscript.markdown import computed, in_text, look_up, paragraphs, sentences
from cutline.manuscript.quarto_shortcodes import new_page
from cutline.manuscript.receptors import receptor_details
from cutline.manuscript.rules import conventions_grid, criteria_grid
from cutline.selection_names import SIDES, size_key, smd_key, variables_compared

ONE_STEP = marked("Patients removed at the one step that removed anyone were compared with those who remained{shown}.")
SEVERAL_STEPS = marked(
    "Patients removed at each of the {steps} steps that removed anyone were compared with those who remained{shown}."
)


def selection(context: Context) -> str:
    """How those who were removed differed from those who remained; nothing where the study does not compare them."""
    if "selection" not in context.settings:
        return ""
    steps = [c for c in context.settings["criteria"] if context.count(size_key(c["id"], SIDES[0]))]
    if not steps:
        return ""
    table = find("table", context, "selection")
    told = {"steps": computed(len(steps)), "shown": f" ({reference(table)})" if table else ""}
    compared = tell(ONE_STEP if len(steps) == 1 else SEVERAL_STEPS, **told)
    return sentences([compared, _largest(context, [str(step["id"]) for step in steps])])


def _largest(context: Context, steps: list[str]) -> str:
    """The largest difference at any step, with its characteristic and step."""
    keys = {smd_key(step, name): (step, name) for step in steps for name in variables_compared(context.settings)}
    sizes = {key: value for key in keys if (value := context.value(key)) is not None}
    if not sizes:
        return tell("No standardised difference could be estimated.")
    key = max(sizes, key=lambda each: sizes[each])
    step, name = keys[key]
    labels = {str(criterion["id"]): in_text(str(criterion["label"])) for criterion in context.settings["criteria"]}
    variable = in_text(str(context.settings["variables"][name]["label"]))
    return tell(
        "The largest standardised mean difference was {difference}, in {variable} at the step “{step}”.",
        difference=look_up(key, "%.2f"),
        variable=variable,
        step=labels[step],
    )


WRITTEN_HERE: Mapping[str, Callable[[Exhibit, Context], Grid]] = {
    "criteria": criteria_grid, "conventions": conventions_grid, "consistency": consistency_grid,
    "definitions": definitions_grid, "code_lists": code_lists_grid,
}  # fmt: skip
"""Subjects of the tables that the manuscript writes itself."""


def supplement(context: Context) -> str:
    """What stands where, the rules in full, and the tables and figures that do not stand in the text."""
    blocks = [_block(table, context) for table in catalogue.supplement(context.settings)]
    blocks += [_block(figure, context) for figure in catalogue.supplementary_figures(context.settings)]
    details = receptor_details(context)
    first = [
        where_to_look(context),
        agreement(context),
        summary(context),
        software(context),
        tell("**Receptors:** {details}", details=details) if details else "",
    ]
    heading = f"# {tell('Supplement')} {{#sec-supplement .unnumbered}}"
    return paragraphs([new_page("typst", "openxml"), heading, *first, *blocks])


def _block(exhibit: Exhibit, context: Context) -> str:
    if exhibit.subject == "consistency" and not context.checks:
        return ""  # the text is still to be checked
    if exhibit.subject in WRITTEN_HERE:
        return grid_block(exhibit, WRITTEN_HERE[exhibit.subject](exhibit, context), context)
    called = " ".join(part for part in (exhibit.kind, exhibit.subject, exhibit.endpoint, exhibit.group) if part)
    return f"{{{{< {called} >}}}}"


def tables_alone(context: Context, styles: Mapping[str, str]) -> dict[str, str | bytes]:
    """The tables that the manuscript writes itself as files of their own, as `journal.table_alone` names them."""
    outputs: dict[str, str | bytes] = {}
    for exhibit in catalogue.written_by_the_report(context.settings):
        grid = WRITTEN_HERE[exhibit.subject](exhibit, context)
        outputs |= table_alone(exhibit, grid, context.settings, styles)
    return outputs


GENERATED = {"results.selection": selection, "results.supplement": supplement}
