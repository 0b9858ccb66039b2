"""The blocks of a web page, as the embedded engine and Quarto write one."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

from cutline.renderings.blocks import CAPTION, HEADING, PARAGRAPH, PICTURE, WORK, Block, Collector, Words, words_of

VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
INLINE = ("a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "math", "q",
          "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var")  # fmt: skip
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
NOT_READ = ("head", "script", "style", "template", "nav", "button", "annotation", "annotation-xml")
UNREAD_CLASSES = ("screen-reader-only", "visually-hidden", "footnote-back", "anchorjs-link", "quarto-appendix-heading",
                  "author", "date", "quarto-title-meta", "callout-icon-container", "callout-btn-toggle")  # fmt: skip
"""What an engine adds of its own: names of boxes for screen readers, ways back, its own lines of authors and date."""


FORMULA = "formula"
"""A displayed formula stands in a paragraph of its own in Word."""


class _Open(NamedTuple):
    tag: str
    unread: bool
    reference: bool
    kind: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Collector()
        self.open: list[_Open] = [_Open("", unread=False, reference=False, kind=PARAGRAPH)]
        self.runs: list[tuple[str, bool]] = []
        self.cells: list[Words] | None = None
        self.in_cell, self.spanned = False, 0
        self.tabs: dict[str, str] = {}
        self.tab = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._begin(tag, given)
        if tag not in VOID:
            self.open.append(self._opened(tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, {name: value or "" for name, value in attrs})

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if self.open[-1].unread:
            self._note_tab(given)
            return
        if not self._in_math() and (tag not in INLINE or given.get("display") == "block"):
            self._end_of_block()
        if tag == "tr":
            self.cells = []
        if tag in ("td", "th"):
            self.in_cell, self.spanned = True, int(given.get("colspan", "1")) - 1
        if tag == "img":
            self.found.add(PICTURE, words_of([(given.get("alt", ""), False)]))
        if given.get("role") == "tabpanel":
            self.found.add(PARAGRAPH, words_of([(self.tabs.get(given.get("aria-labelledby", ""), ""), False)]))

    def _opened(self, tag: str, given: dict[str, str]) -> _Open:
        outer, classes = self.open[-1], given.get("class", "").split()
        unread = tag in NOT_READ or any(each in UNREAD_CLASSES for each in classes) or given.get("role") == "tablist"
        internal = tag == "a" and given.get("href", "").startswith("#")
        kind = HEADING if tag in HEADINGS else CAPTION if tag in ("caption", "figcaption") else outer.kind
        kind = WORK if "csl-entry" in classes else FORMULA if given.get("display") == "block" else kind
        return _Open(tag, outer.unread or unread, outer.reference or internal, kind)

    def _note_tab(self, given: dict[str, str]) -> None:
        """The titles of tabs stand in a list above them; each is read with its own tab."""
        if given.get("role") == "tab":
            self.tab = given.get("id", "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in (each.tag for each in self.open):
            return
        closing = self.open[-1].kind
        while self.open[-1].tag != tag:
            self.open.pop()
        ended = self.open.pop()
        if ended.unread:
            return
        if not self._in_math() and (tag not in INLINE or ended.kind == FORMULA):
            self._end_of_block(closing)
        if tag in ("td", "th") and self.cells is not None:
            self.cells += [words_of(self.runs), *[()] * self.spanned]
            self.runs, self.in_cell = [], False
        if tag == "tr" and self.cells is not None:
            self.found.row(self.cells)
            self.cells = None

    def handle_data(self, data: str) -> None:
        if self.open[-1].unread:
            if self.tab:
                self.tabs[self.tab] = self.tabs.get(self.tab, "") + data
            return
        text = "".join(data.split()) if self._in_math() else data
        self.runs.append((text, self.open[-1].reference))

    def _in_math(self) -> bool:
        return any(each.tag == "math" for each in self.open)

    def _end_of_block(self, kind: str = "") -> None:
        kind = (kind or self.open[-1].kind).replace(FORMULA, PARAGRAPH)
        if self.in_cell or (kind == WORK and self.open[-1].kind == WORK):
            self.runs.append((" ", False))
            return
        self.found.add(kind, words_of(self.runs))
        self.runs = []


def blocks_of_html(page: str) -> list[Block]:
    """The blocks of the page, without its list of contents and what only navigates."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found.blocks
