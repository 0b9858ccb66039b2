"""The checklists of the report: a document of their own, and a summary for the supplement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cutline.checklists.answer import BY_HAND, MISSING, NOT_APPLICABLE, Answer, answered
from cutline.checklists.passage import Passage
from cutline.display.grid import piped
from cutline.errors import ReportError
from cutline.languages import marked, tell
from cutline.manuscript import front_matter
from cutline.manuscript.checklist_summary import counted
from cutline.manuscript.compose import CITATION_STYLE, Document, Sources, check_citations
from cutline.manuscript.context import Context
from cutline.manuscript.declarations import notice
from cutline.manuscript.markdown import capital, escaped, paragraphs
from cutline.manuscript.outline import passages
from cutline.manuscript.pages import Pages
from cutline.manuscript.quarto_shortcodes import new_page
from cutline.manuscript.shortcodes import Shortcode, check_resolved, expand
from cutline.manuscript.subset import check_subset

MAIN = "checklists.qmd"
WIDTHS = (9, 29, 17, 8, 37)
LONGEST = 220
"""Signs of a sentence that are quoted."""
HEADER = (marked("Item"), marked("What is asked"), marked("Section"), marked("Page"), marked("Where it is met"))
HOW = marked(
    "Each item was answered by program: a passage is quoted in which the report says what is asked, by its words or by "
    "the results it shows. Whether that is enough is for the authors to judge before the list is submitted."
)
OF_PAGES = marked("Pages are those of the PDF on which the paragraph begins.")
NOT_READ = marked("To be answered by hand: the program does not read what is asked in the language of this report.")
ANSWERED = marked("{answer} (answered by the authors)")
_CITED = re.compile(r"\s*\[[^\[\]]*@[^\[\]]*\]")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_REFERENCES = (
    (re.compile(r"@fig-[\w-]+"), marked("the figure")),
    (re.compile(r"@tbl-[\w-]+"), marked("the table")),
    (re.compile(r"-?@sec-[\w-]+"), marked("the section")),
)
_MARKUP = re.compile(r"(?<!\\)\*\*?|\\(?=\W)")
_ESCAPED_OR_PIPE = re.compile(r"\\.|\|")

Answers = Mapping[str, Sequence[Answer]]


def answers_of(context: Context, document: Document) -> dict[str, list[Answer]]:
    """Every guideline of the study answered from the composed report."""
    title = f"{document.head['title']}. {document.head['subtitle']}"
    report = passages(title, document.body)
    lists = context.settings.get("checklists", {})
    return {name: answered(name, checklist, report, context.settings) for name, checklist in lists.items()}


def require_complete(answers: Answers, settings: Mapping[str, Any]) -> None:
    """Raises ReportError with every missing item and what to add, if the study asks for that."""
    if not settings["report"].get("checklists", {}).get("fail_on_missing"):
        return
    missing = [f"{settings['checklists'][name]['name']} {each.item['id']}: {each.item['asks']}: {each.item['add']}"
               for name, of_it in answers.items() for each in of_it if each.status == MISSING]  # fmt: skip
    if missing:
        raise ReportError(
            "the report does not meet these items of its checklists (report.checklists.fail_on_missing). Add what is "
            "missing, or answer an item in report.checklists.answers:\n" + "\n".join(missing)
        )


def check_answers(settings: Mapping[str, Any], sources: Sources) -> None:
    """Raises ReportError for an answer of the study that cites what is not there, or is no plain Markdown."""
    answers = settings["report"].get("checklists", {}).get("answers", {})
    for name, item, answer in ((name, item, said) for name, of_it in answers.items() for item, said in of_it.items()):
        place = f"config/studies/{settings['study']}/study.yaml, report.checklists.answers.{name}.{item}"
        for said in answer.values():
            check_subset(said, place)
            check_citations(said, sources.text("references.bib"), place)


# ── the document ─────────────────────────────────────────────────────────────────────────────


def document_of(context: Context, sources: Sources, answers: Answers, pages: Pages) -> Document:
    """The checklists as a document, from the frame reports/checklists.qmd."""
    layout, body, before = front_matter.split(sources.text(MAIN), f"reports/{MAIN}")
    parts: Mapping[str, Callable[[], str]] = {
        "notice": lambda: notice(context),
        "checklists": lambda: _all(context, answers, pages),
        "references": lambda: tell("References"),
    }

    def generated(shortcode: Shortcode) -> str:
        shortcode.only()
        if shortcode.arguments[0] not in parts:
            raise ReportError(f"{shortcode.place}: nothing is generated under {shortcode.arguments[0]!r}")
        return parts[shortcode.arguments[0]]()

    text = expand("\n" * before + body, f"reports/{MAIN}", {"generated": generated}).strip() + "\n"
    check_resolved(text, MAIN)
    head = {
        "title": tell("Reporting checklists"),
        "subtitle": escaped(str(context.settings["title"])),
        "author": [],
        **front_matter.in_language(),
    }
    style = str(context.settings["report"].get("citation_style", CITATION_STYLE))
    layout |= {"format": front_matter.formats_of(layout)}
    return Document(head | layout, text, escaped(str(context.settings["short_title"])), "", style)


def _all(context: Context, answers: Answers, pages: Pages) -> str:
    blocks = [_block(context.settings["checklists"][name], of_it, pages) for name, of_it in answers.items()]
    return paragraphs([tell(HOW) + (f" {tell(OF_PAGES)}" if pages.blocks else ""), *blocks])


def _block(checklist: Mapping[str, Any], answers: Sequence[Answer], pages: Pages) -> str:
    cited = f" [@{checklist['source']}]" if "source" in checklist else ""
    about = f"{escaped(tell(checklist['title']))}{cited}; {escaped(tell(checklist['evidence']))}."
    rows: list[tuple[str, ...]] = []
    part = ""
    for each in answers:
        if each.item["part"] != part:
            part = each.item["part"]
            rows.append(("", f"**{escaped(tell(part))}**", "", "", ""))
        rows.append(_row(each, pages))
    table = f'{_table(rows)}\n\n: {{tbl-colwidths="[{",".join(map(str, WIDTHS))}]"}}'
    heading = f"# {escaped(checklist['name'])} {{.unnumbered}}"
    return paragraphs([new_page("openxml"), heading, about, counted(checklist, answers), table])


def _table(rows: Sequence[Sequence[str]]) -> str:
    """A pipe table of finished Markdown texts, every column to the left."""
    lines = ([tell(each) for each in HEADER], [":---"] * len(HEADER), *(map(_in_cell, row) for row in rows))
    return "\n".join(piped([*line]) for line in lines)


def _in_cell(text: str) -> str:
    """The text on one line, every pipe of it taken literally."""
    return _ESCAPED_OR_PIPE.sub(lambda found: found[0] if len(found[0]) > 1 else r"\|", " ".join(text.split()))


def _row(answer: Answer, pages: Pages) -> tuple[str, ...]:
    where = "; ".join(dict.fromkeys(escaped(passage.section) for passage in answer.where))
    found = dict.fromkeys(str(page) for passage in answer.where if (page := pages.of(passage)))
    return str(answer.item["id"]), tell(answer.item["asks"]), where, ", ".join(found), _how(answer)


def _how(answer: Answer) -> str:
    said = tell(answer.said)
    quoted = " … ".join(f"“{escaped(quoted_of(passage))}”" for passage in answer.where)
    there = " " + tell("There is: {passages}", passages=quoted) if quoted else ""
    if answer.status == MISSING:
        return tell("**Missing.** {advice}.", advice=said) + there
    if answer.status == BY_HAND:
        return tell(NOT_READ) + there
    if answer.status == NOT_APPLICABLE:
        return tell("Not applicable: {reason}.", reason=said)
    return quoted or tell(ANSWERED, answer=capital(said))


def quoted_of(passage: Passage) -> str:
    """The passage as a reader sees it, cut where it is long."""
    text = _LINK.sub(r"\1", _CITED.sub("", passage.numbered or passage.text))
    for pattern, name in _REFERENCES:
        text = pattern.sub(tell(name), text)
    plain = " ".join(_MARKUP.sub("", text).split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST].rsplit(' ', 1)[0]} …"
