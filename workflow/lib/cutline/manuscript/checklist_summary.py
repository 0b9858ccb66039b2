"""What the supplement says of the report's checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cutline.checklists.answer import MET, MISSING, NOT_APPLICABLE, Answer, tally
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, listed


def summary(context: Context) -> str:
    """How many items of each guideline are met, and which are missing; nothing while they are still unanswered."""
    said = [counted(context.settings["checklists"][name], answers) for name, answers in context.answers.items()]
    return f"**Reporting checklists:** {' '.join(said)} All items are in report/checklists.docx." if said else ""


def counted(checklist: Mapping[str, Any], answers: Sequence[Answer]) -> str:
    """The numbers of items by status in a sentence, with the ids of those that are missing."""
    counts = tally(answers)
    missing = [str(each.item["id"]) for each in answers if each.status == MISSING]
    lacking = f"{counts[MISSING]} missing ({listed(missing)})" if missing else "none missing"
    spared = f", {counts[NOT_APPLICABLE]} not applicable" if counts[NOT_APPLICABLE] else ""
    return f"{escaped(checklist['name'])}: of {len(answers)} items {counts[MET]} met, {lacking}{spared}."
