"""A composed report as passages: each sentence with the sections it stands in, and each table and figure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cutline.checklists.passage import Passage
from cutline.languages import marked, tell
from cutline.manuscript.lint.sentences import sentences, shown

TITLE, TITLE_PAGE = marked("Title"), marked("Title page")
_HEADING = re.compile(r"^(#{1,6}) +(.*?)\s*(\{[^}]*\})?$")
_NAME = re.compile(r"#sec-([\w-]+)")
_LABEL = re.compile(r"\{#((?:fig|tbl|supplement)-[\w-]+)")
_COUNTED = re.compile(r"\{#((fig|tbl|eq)-[\w-]+)")
_REFERENCE = re.compile(r"(?P<bare>-)?@(?P<label>(?:fig|tbl|eq|sec)-[\w-]+)")


@dataclass(frozen=True)
class _Heading:
    line: int
    titles: tuple[str, ...]
    section: str
    names: tuple[str, ...] = ()


def passages(title: str, text: str) -> list[Passage]:
    """Every passage of a composed report: `title` (with its subtitle), then sentences, then tables and figures."""
    headings = list(_headings(text.splitlines()))
    said = [each for each in sentences(text) if not _HEADING.match(each.text)]
    found = [_passage(each.text, each.keys, _above(headings, each.line)) for each in said]
    numbers = _numbers(text, headings)

    def printed(reference: re.Match[str]) -> str:
        whole = numbers.get(reference["label"], reference[0])
        return whole.split()[-1] if reference["bare"] else whole

    told = [replace(each, numbered=_REFERENCE.sub(printed, each.text)) for each in (*found, *_exhibits(text, headings))]
    return [Passage(title, (), (TITLE.lower(),), tell(TITLE)), *told]


def _numbers(text: str, headings: Sequence[_Heading]) -> dict[str, str]:
    """Each label with what engines print for a reference to it, such as `Figure 1` or `Section 4.1`."""
    found = {f"sec-{each.names[-1]}": tell("Section") + f" {each.section.split()[0]}"
             for each in headings if each.names and each.names[-1] and each.section != each.titles[-1]}  # fmt: skip
    for kind, word in (("fig", tell("Figure")), ("tbl", tell("Table")), ("eq", tell("Equation"))):
        labels = dict.fromkeys(label for label, of in _COUNTED.findall(text) if of == kind)
        found |= {label: f"{word} {number}" for number, label in enumerate(labels, 1)}
    return found


def _passage(text: str, keys: Sequence[str], above: _Heading, label: str = "") -> Passage:
    return Passage(text, tuple(keys), tuple(each.lower() for each in above.titles), above.section, label, above.names)


def _headings(lines: Sequence[str]) -> Iterator[_Heading]:
    """Every heading with those above it; numbers as the engines give them."""
    titles: list[str] = []
    names: list[str] = []
    numbers: list[int] = []
    for line, content in enumerate(lines, 1):
        found = _HEADING.match(content)
        if not found:
            continue
        level = len(found[1])
        titles = [*titles[: level - 1], found[2]]
        name = _NAME.search(found[3] or "")
        names = [*names[: level - 1], *[""] * (level - 1 - len(names)), name[1] if name else ""]
        if ".unnumbered" in (found[3] or ""):
            yield _Heading(line, tuple(titles), found[2], tuple(names))
            continue
        numbers = [*numbers[:level], *[0] * (level - len(numbers))]
        numbers[level - 1] += 1
        yield _Heading(line, tuple(titles), f"{'.'.join(map(str, numbers))} {found[2]}", tuple(names))


def _above(headings: Sequence[_Heading], line: int) -> _Heading:
    place = bisect_right([heading.line for heading in headings], line)
    return headings[place - 1] if place else _Heading(0, (TITLE_PAGE,), tell(TITLE_PAGE))


def _exhibits(text: str, headings: Sequence[_Heading]) -> Iterator[Passage]:
    """Tables and figures by their labels, with their captions and the results that the whole report shows in tables."""
    lines = text.splitlines()
    keys: dict[int, list[str]] = {}
    for each in shown(text):
        keys.setdefault(each.line, []).extend(each.keys)
    for number, line in enumerate(lines, 1):
        for label in _LABEL.findall(line):
            above = _above(headings, number)
            rows = _rows(lines, number)
            yield _passage(_caption(lines, number), [key for row in rows for key in keys.get(row, ())], above, label)


def _caption(lines: Sequence[str], number: int) -> str:
    line = lines[number - 1]
    own = line if line.startswith((":", "!")) and not line.startswith(":::") else lines[number]
    return re.sub(r"\]\(.*|\s*\{[#.].*", "", own.lstrip(":![ ")).strip()


def _rows(lines: Sequence[str], number: int) -> list[int]:
    """The lines of the table that the label belongs to: the nearest one, above a caption or below a title."""
    step = 1 if lines[number - 1].startswith(":::") else -1
    place = number + step
    while 1 <= place <= len(lines) and not lines[place - 1].startswith("|") and abs(place - number) < 8:
        place += step
    rows = []
    while 1 <= place <= len(lines) and lines[place - 1].startswith("|"):
        rows.append(place)
        place += step
    return rows
