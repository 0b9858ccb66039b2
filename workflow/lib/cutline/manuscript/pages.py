"""On which page of the PDF a passage stands, as typst laid it out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typst

from cutline.checklists.passage import Passage

LABEL = "cutline-pages"
QUERY = f"""
#let plain-text(it) = {{
  if type(it) == str {{ return it }}
  if type(it) != content {{ return "" }}
  let parts = ("children", "child", "body", "text").filter(name => it.has(name)).map(name => it.at(name))
  parts.map(part => if type(part) == array {{ part.map(plain-text).join(" ") }} else {{ plain-text(part) }}).join(" ")
}}
#context [#metadata(
  query(selector(par).or(figure.caption).or(heading)).map(it => (plain-text(it.body), it.location().page()))
) <{LABEL}>]
"""
"""Appended to the document: it adds nothing to a page or to the PDF, and says of each paragraph where it begins."""
PRINTED, ASKED = "manuscript.typ", "pages.typ"
_REFERENCE = re.compile(r"\[[^\[\]]*@[^\[\]]*\]|-?@[\w-]+|\]\([^)]*\)|\{[^}]*\}|[\[\]]")
"""What the PDF prints in other words: citations, references, the targets of links, attributes."""
SHORTEST = 12
"""Letters that a piece of text needs to be known again."""


@dataclass(frozen=True)
class Pages:
    """The text of each paragraph, caption and heading, letters only, with its page; empty if there is no PDF."""

    blocks: Sequence[tuple[str, int]] = ()

    def of(self, passage: Passage) -> int | None:
        """The page of the paragraph or caption that the passage is or stands in, below its headings; None if not found.

        A caption, which has its number before it, may be said again in a paragraph elsewhere.
        """
        wanted = max((_letters(piece) for piece in _REFERENCE.split(passage.text)), key=len)
        below = self.blocks[self._below(passage.headings) :]
        if passage.label and (caption := next((page for block, page in below if block.endswith(wanted)), None)):
            return caption
        return next((page for block, page in below if wanted in block), None) if len(wanted) >= SHORTEST else None

    def _below(self, headings: Sequence[str]) -> int:
        """Where the innermost of the headings stands: the same sentence may stand in the abstract too."""
        place = 0
        for heading in headings:
            found = (at for at, (block, _) in enumerate(self.blocks) if at >= place and block == _letters(heading))
            place = next(found, place)
        return place


def asked(report: Path) -> Path:
    """The file of the document in typst with the question behind it.

    Where the PDF is made of this file, typst has laid it out when it is asked for the pages: it remembers in a process.
    """
    file = report / ASKED
    file.write_text((report / PRINTED).read_text(encoding="utf-8") + QUERY, encoding="utf-8")
    return file


def pages_of(report: Path) -> Pages:
    """The pages of the document that an engine left as manuscript.typ in that folder; none if it left none.

    Quarto's own typst may be another version than the package's; what the package cannot read has no pages.
    """
    if not (report / PRINTED).is_file():
        return Pages()
    try:
        found = typst.query(
            str(asked(report)), f"<{LABEL}>", field="value", one=True, root=str(report.parent), ignore_system_fonts=True
        )
    except RuntimeError:
        return Pages()
    return Pages([(_letters(text or ""), page) for text, page in json.loads(found)])


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalpha())
