"""The limitations that the study states, and those of every analysis made this way."""

from __future__ import annotations

from cutline.expressions import AS_MISSING, asked_by
from cutline.languages import tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.markdown import escaped, paragraphs, sentences


def limitations(context: Context) -> str:
    """The limitations that the study's configuration states, and those of every analysis made this way."""
    stated = [escaped(str(each)) for each in context.settings["report"].get("limitations", [])]
    return paragraphs([sentences(stated), sentences([_unmeasured(context), _left_out(context), _many_looks(context)])])


def _left_out(context: Context) -> str:
    """That patients without the data asked for are not among those analysed."""
    asks = any(context.count(f"flow.excluded.{each['id']}")
               for each in context.settings["criteria"]
               if each.get("unknown") == AS_MISSING or {"known", "known_columns"} & set(asked_by(each)))  # fmt: skip
    if not asks:
        return ""
    return tell(
        "Patients without the data that the criteria ask for were left out, and may differ from those who remained."
    )


def _many_looks(context: Context) -> str:
    """That several associations were looked at; nothing without models."""
    if not any(len(names) > 1 for names in context.settings["models"].values()):
        return ""
    return tell(
        "Several characteristics were examined without adjustment for their number, so a small p-value may be due to "
        "chance alone."
    )


def _unmeasured(context: Context) -> str:
    """What a comparison of groups cannot tell, apart from the groups that were randomised."""
    if context.randomised:
        return tell(
            "Only the {variable} was assigned at random: a difference between groups by any other characteristic may "
            "be due to something that was not measured.",
            variable=variable_name(context.settings["comparisons"]["main"], context),
        )
    return tell(
        "One limitation holds for every analysis of this kind: characteristics were not assigned at random, so a "
        "difference between groups may be due to something that was not measured."
    )
