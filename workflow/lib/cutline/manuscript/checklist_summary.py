"""What the supplement says of the report's checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cutline.checklists.answer import BY_HAND, MET, MISSING, NOT_APPLICABLE, Answer, tally
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, listed

FILE = "report/checklists.docx"
NONE_MISSING = marked("{list}: of {n} items {met} met, none missing")
SOME_MISSING = marked("{list}: of {n} items {met} met, {missing} missing ({ids})")
OTHERS = {
    NOT_APPLICABLE: marked("{n} not applicable"),
    BY_HAND: marked("{n} to be answered by hand, in words that no program reads in this language"),
}
"""What is said of the items of a status, if there are any."""


def summary(context: Context) -> str:
    """How many items of each guideline are met, and which are missing; nothing while they are still unanswered."""
    said = [counted(context.settings["checklists"][name], answers) for name, answers in context.answers.items()]
    lists = " ".join(said)
    return tell("**Reporting checklists:** {lists} All items are in {file}.", lists=lists, file=FILE) if said else ""


def counted(checklist: Mapping[str, Any], answers: Sequence[Answer]) -> str:
    """The numbers of items by status in a sentence, with the ids of those that are missing."""
    counts = tally(answers)
    missing = [str(each.item["id"]) for each in answers if each.status == MISSING]
    name, met, ids = escaped(checklist["name"]), counts[MET], listed(missing)
    words = SOME_MISSING if missing else NONE_MISSING
    said = tell(words, list=name, n=len(answers), met=met, missing=len(missing), ids=ids)
    spared = [tell(words, n=counts[status]) for status, words in OTHERS.items() if counts[status]]
    return f"{', '.join([said, *spared])}."
