"""What the supplement says of the report's checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cutline.checklists.answer import MET, MISSING, NOT_APPLICABLE, Answer, tally
from cutline.languages import tell
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, listed


def summary(context: Context) -> str:
    """How many items of each guideline are met, and which are missing; nothing while they are still unanswered."""
    said = [counted(context.settings["checklists"][name], answers) for name, answers in context.answers.items()]
    if not said:
        return ""
    return tell(
        "**Reporting checklists:** {guidelines} All items are in report/checklists.docx.", guidelines=" ".join(said)
    )


def counted(checklist: Mapping[str, Any], answers: Sequence[Answer]) -> str:
    """The numbers of items by status in a sentence, with the ids of those that are missing."""
    counts = tally(answers)
    missing = [str(each.item["id"]) for each in answers if each.status == MISSING]
    items = tell("{n} missing ({items})", n=counts[MISSING], items=listed(missing))
    lacking = items if missing else tell("none missing")
    spared = tell(", {n} not applicable", n=counts[NOT_APPLICABLE]) if counts[NOT_APPLICABLE] else ""
    return tell(
        "{guideline}: of {all} items {met} met, {missing}{spared}.",
        guideline=escaped(checklist["name"]),
        all=len(answers),
        met=counts[MET],
        missing=lacking,
        spared=spared,
    )
