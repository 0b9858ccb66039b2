"""Tables and figures inside the text: the Quarto block, its caption, label and alternative text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutline.display import captions, catalogue
from cutline.display.alt_text import alt_text
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Grid, shown, to_markdown
from cutline.display.widths import fitted
from cutline.errors import ReportError
from cutline.manuscript.context import Context, nearest
from cutline.manuscript.markdown import attribute, escaped
from cutline.manuscript.shortcodes import Handler, Shortcode, source_of

FIGURE_FOLDER = "../aggregate/figures"
PICTURES = (".svg", ".png")
FIGURE_WIDTH = "85%"
"""Of the text: lettering about as large as the text's own, and room for a paragraph on the same page."""


@dataclass(frozen=True)
class Files:
    """The exhibits' files by stem: Markdown tables, and the pictures of each figure."""

    tables: Mapping[str, Path]
    figures: Mapping[str, Mapping[str, Path]]


def exhibit_files(tables: Sequence[Path], figures: Sequence[Path]) -> Files:
    """The files a job was given, by the name of their exhibit."""
    pictures: dict[str, dict[str, Path]] = {}
    for path in figures:
        pictures.setdefault(path.stem, {})[path.suffix] = path
    return Files({path.stem: path for path in tables if path.suffix == ".md"}, pictures)


def exhibit_handler(kind: str, context: Context, files: Files) -> Handler:
    """The handler of `table` or `figure`: `{{< figure survival pfs >}}` names subject and endpoint."""
    listing, block = _KINDS[kind]
    known = {_called(exhibit): exhibit for exhibit in listing(context.settings)}

    def handle(shortcode: Shortcode) -> str:
        shortcode.only(arguments=(1, 2))
        wanted = " ".join(shortcode.arguments)
        if wanted not in known:
            raise ReportError(f"{shortcode.place}: this study has no {kind} {wanted!r}{nearest(wanted, known)}")
        return block(known[wanted], context, files)

    return handle


def _called(exhibit: Exhibit) -> str:
    return " ".join(part for part in (exhibit.subject, exhibit.endpoint, exhibit.group) if part)


def reference(exhibit: Exhibit) -> str:
    """The cross-reference to a table or figure; a link to one of the supplement, which no engine numbers."""
    return f"[{_title(exhibit)}](#{exhibit.label})" if exhibit.supplementary else f"@{exhibit.label}"


def _title(exhibit: Exhibit) -> str:
    return f"{exhibit.title}\u00a0{exhibit.numbered}"


def table_block(exhibit: Exhibit, context: Context, files: Files) -> str:
    """The table with its caption and label, then its notes, which a printed page keeps together.

    Raises ReportError if its file was not given.
    """
    if exhibit.name not in files.tables:
        raise ReportError(f"table {exhibit.name}: {exhibit.name}.md is missing; present_tables makes it")
    rows, notes = split_table(files.tables[exhibit.name].read_text(encoding="utf-8"))
    if not rows:
        raise ReportError(f"table {exhibit.name}: {exhibit.name}.md holds no pipe table; rerun present_tables")
    return laid_out(exhibit, with_sources(rows, context), notes, context)


def grid_block(exhibit: Exhibit, grid: Grid, context: Context) -> str:
    """The block of a table that the manuscript writes itself."""
    rows, notes = split_table(to_markdown(grid))
    return laid_out(exhibit, rows, notes, context, grid.shares)


def laid_out(exhibit: Exhibit, rows: str, notes: str, context: Context, shares: Sequence[int] = ()) -> str:
    """The table's block with its notes; `shares` of the page for its columns, else by their contents.

    A supplementary one has its number in a line above, since engines number only captions."""
    widths = f'tbl-colwidths="[{",".join(map(str, shares or column_widths(rows)))}]"'
    above, label = "", f": {_caption(exhibit, context)} {{#{exhibit.label} {widths}}}"
    if exhibit.supplementary:
        title = f"{_title(exhibit)}: {_caption(exhibit, context)}"
        above = f'::: {{#{exhibit.label} custom-style="Table Caption" typst:text:size="9pt"}}\n{title}\n:::'
        label = f": {{{widths}}}"
    below = _notes_block(notes) if notes else ""
    block = [above, f"{rows}\n\n{label}", below]
    if above:
        block[0] = "\n\n".join([_typst("#with-next["), above, _typst("]")])
    if rows.count("\n") - 1 <= KEPT_WHOLE:
        block = [_typst("#together["), *block, _typst("]")]
    return "\n\n".join(part for part in block if part)


_KEYS = re.compile(r'\{\.result key="([^" ]*)([^"]*)"\}')


def with_sources(rows: str, context: Context) -> str:
    """The rows with the source of each cell's first result beside its keys."""

    def add(found: re.Match[str]) -> str:
        return f"{found[0][:-1]} source={attribute(source_of(context.results.get(found[1], {})))}}}"

    return _KEYS.sub(add, rows)


def _typst(code: str) -> str:
    """A line for the printed page alone; styles/header.typ defines the function it calls."""
    return f"```{{=typst}}\n{code}\n```"


def split_table(text: str) -> tuple[str, str]:
    """The pipe table at the start of a Markdown file and the notes after it."""
    lines = text.strip().splitlines()
    height = next((place for place, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return "\n".join(lines[:height]), "\n".join(lines[height:]).strip()


KEPT_WHOLE = 20
"""Rows up to which a printed table is kept on one page: a longer one, kept whole, leaves half a page empty."""


def column_widths(rows: str) -> list[int]:
    """The share of the page of each column of a pipe table in percent, together 100."""
    lines = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in rows.splitlines()]
    header, *body = [lines[0], *lines[2:]]
    columns = [[name, *(shown(line[place]) for line in body)] for place, name in enumerate(header)]
    return fitted(columns)


def _notes_block(notes: str) -> str:
    return f'::: {{.table-notes custom-style="Table Notes" typst:text:size="8.5pt"}}\n{notes}\n:::'


def figure_block(exhibit: Exhibit, context: Context, files: Files) -> str:
    """The figure with caption, label and alternative text; its file has no ending, each format takes its own.

    A supplementary one has its number in a line below, since engines number only captions.
    Raises ReportError if one of its pictures was not given.
    """
    given = files.figures.get(exhibit.name, {})
    for ending in PICTURES:
        if ending not in given:
            raise ReportError(f"figure {exhibit.name}: {exhibit.name}{ending} is missing; draw_figures makes it")
    described = attribute(alt_text(exhibit, context.settings, context.results))
    picture, looks = f"({FIGURE_FOLDER}/{exhibit.name})", f"fig-alt={described} width={FIGURE_WIDTH}"
    caption = f"{_caption(exhibit, context)} {escaped(captions.explanation(exhibit, context.settings))}".strip()
    if not exhibit.supplementary:
        return f"![{caption}]{picture}{{#{exhibit.label} {looks}}}"
    below = f"{_below(exhibit)}\n{_title(exhibit)}: {caption}\n:::"
    return "\n\n".join([_typst("#together["), f"![]{picture}{{{looks}}}", below, _typst("]")])


def _below(exhibit: Exhibit) -> str:
    return f'::: {{#{exhibit.label} custom-style="Image Caption" typst:text:size="9pt"}}'


def _caption(exhibit: Exhibit, context: Context) -> str:
    return escaped(re.sub(r"\s+", " ", captions.caption(exhibit, context.settings))).rstrip(".") + "."


_KINDS: dict[str, tuple[Callable[[Mapping[str, Any]], list[Exhibit]], Callable[[Exhibit, Context, Files], str]]] = {
    "table": (catalogue.tables, table_block),
    "figure": (catalogue.figures, figure_block),
}


def find(kind: str, context: Context, subject: str, endpoint: str = "", group: str = "") -> Exhibit | None:
    """The study's table or figure of that subject, endpoint and group; None if it has none."""
    listing = catalogue.figures if kind == "figure" else _every_table
    wanted = (subject, endpoint, group)
    found = (each for each in listing(context.settings) if (each.subject, each.endpoint, each.group) == wanted)
    return next(found, None)


def _every_table(study: Mapping[str, Any]) -> list[Exhibit]:
    return catalogue.main_tables(study) + catalogue.supplement(study)
