"""A table as its reader sees it, and three of its forms: Markdown, HTML, CSV. Word and Excel have their own modules.

Every table of the report is a `Grid` of finished texts; what a format needs (escaping, marks,
header cells) is known where that format is written and nowhere else.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cutline.display.captions import NO_BREAK_SPACE, breakable
from cutline.display.labels import label
from cutline.languages import spoken, upper_first

INDENT = "\u2003"  # em space: survives Markdown, which drops ordinary leading spaces


@dataclass(frozen=True)
class Cell:
    """A finished text, the marks of its footnotes and the result keys it shows."""

    text: str = ""
    marks: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class GridRow:
    """A row: its label and its cells. `heading` rows name a group of the indented rows below them.

    An indented row without cells names a part of its group.
    """

    label: Cell
    cells: tuple[Cell, ...] = ()
    heading: bool = False
    indented: bool = False

    @property
    def names_a_part(self) -> bool:
        return self.indented and not self.cells


@dataclass(frozen=True)
class Note:
    """A footnote; without a mark it is about the whole table."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: its caption, a header as wide as every row with its label, the rows and the footnotes.

    `stamp` marks a draft and what is not about real patients; `level_header` names the second column of the CSV,
    where an indented row's label stands apart from its heading. A table of `prose` has every column to the left; of
    another those of words are. `shares` of the page for its columns, in percent; else by their contents.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[GridRow, ...]
    notes: tuple[Note, ...] = ()
    stamp: str = ""
    level_header: str = ""
    language: str = field(default_factory=spoken)
    prose: bool = False
    shares: tuple[int, ...] = ()


@dataclass
class Footnotes:
    """Hands out marks a, b, c … to footnote texts: the same text always has the same mark."""

    texts: dict[str, str] = field(default_factory=dict)

    def mark(self, text: str) -> tuple[str, ...]:
        """The mark of that footnote as a cell takes it; nothing for an empty text."""
        if not text:
            return ()
        return (self.texts.setdefault(text, _letters(len(self.texts))),)

    def notes(self) -> list[Note]:
        """The footnotes handed out, in the order of their marks."""
        return [Note(sentence(text), mark) for text, mark in self.texts.items()]


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = capitalised(text.strip())
    return text + ("" if text.endswith((".", "!", "?")) else ".")


def capitalised(text: str) -> str:
    """The text with a capital first letter; `pH` and the like stay as they are."""
    return text if text[1:2].isupper() else upper_first(text)


def _letters(position: int) -> str:
    """a to z, then aa, ab …"""
    first, last = divmod(position, 26)
    return (chr(96 + first) if first else "") + chr(97 + last)


def to_the_left(grid: Grid) -> list[bool]:
    """Whether each column stands to the left: labels, sentences, and words where most cells begin with a letter.

    Numbers, and what stands in a number's place, are to the right.
    """
    columns = [[row.cells[place].text for row in grid.rows if place < len(row.cells) and row.cells[place].text]
               for place in range(len(grid.header) - 1)]  # fmt: skip
    missing = label("ne")
    words = [sum(text[0].isalpha() and text.split(" ")[0] != missing for text in texts) for texts in columns]
    return [True, *(grid.prose or 2 * some > len(texts) for some, texts in zip(words, columns, strict=True))]


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────


def to_markdown(grid: Grid) -> str:
    """A pandoc pipe table without its caption, then the footnotes as one paragraph."""
    lines = [[_escaped(text) for text in grid.header]] + [_markdown_row(row, len(grid.header)) for row in grid.rows]
    widths = [max(len(shown(cell)) for cell in column) for column in zip(*lines, strict=True)]
    body = [piped(line) for line in lines]
    return "\n".join([body[0], _ruler(widths, to_the_left(grid)), *body[1:], "", _markdown_notes(grid), ""])


def _ruler(widths: Sequence[int], left: Sequence[bool]) -> str:
    """The line below the header: pandoc shares the width of a wide table by these dashes."""
    marks = ["-" * max(width, 3) for width in widths]
    return piped([f":{mark}" if side else f"{mark}:" for mark, side in zip(marks, left, strict=True)])


def piped(cells: Sequence[str]) -> str:
    """A line of a pipe table, of finished Markdown texts."""
    return "| " + " | ".join(cells) + " |"


_RESULT = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\{\.result [^}]*\}")


def shown(cell: str) -> str:
    """The text of a Markdown cell as its reader sees it: without the keys behind it, escapes and marks of style."""
    return breakable(re.sub(r"\\(.)|\*{1,2}|\^", r"\1", _RESULT.sub(r"\1", cell)))


def _markdown_row(row: GridRow, width: int) -> list[str]:
    name = _escaped(row.label.text)
    name = f"*{name}*" if row.names_a_part else name
    name = f"**{name}**" if row.heading else f"{INDENT if row.indented else ''}{name}"
    cells = [_markdown_text(cell) + _markdown_marks(cell.marks) for cell in row.cells]
    return [name + _markdown_marks(row.label.marks), *cells, *[""] * (width - 1 - len(cells))]


def _markdown_text(cell: Cell) -> str:
    """The text in a span that carries its keys, which the web page makes a link of."""
    text = _escaped(cell.text)
    return f'[{text}]{{.result key="{" ".join(cell.keys)}"}}' if text and cell.keys else text


def _markdown_marks(marks: Sequence[str]) -> str:
    return f"^{','.join(marks)}^" if marks else ""


def _markdown_notes(grid: Grid) -> str:
    notes = [_markdown_marks((note.mark,) if note.mark else ()) + _escaped(note.text) for note in grid.notes]
    stamp = [f"**{_escaped(grid.stamp)}.**"] if grid.stamp else []
    return " ".join(stamp + notes)


def _escaped(text: str) -> str:
    """The text with every sign that Markdown or Quarto could read as markup taken literally.

    A number and a full stop at its start keep their space unbroken: typst would read them as an entry of a list.
    """
    text = re.sub(r"^(\d+\.) ", rf"\1{NO_BREAK_SPACE}", text)
    return re.sub(r"([\\`*_{}\[\]<>#|$^~@\"'])|(-(?=-)|\.(?=\.))", lambda found: "\\" + found[0], text)


# ── HTML ─────────────────────────────────────────────────────────────────────────────────────

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{caption}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{table}
{notes}
</main>
</body>
</html>
"""

_STYLE = """body { font: 16px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; margin: 1.5rem auto; max-width: 62rem;
  padding: 0 1rem; color: #1a1a1a; background: #fff; }
.scroll { overflow-x: auto; }
.left { text-align: left; }
table { border-collapse: collapse; width: 100%; border-bottom: 2px solid #1a1a1a; }
caption { text-align: left; font-weight: bold; padding-bottom: .6rem; }
th, td { padding: .25rem .7rem; vertical-align: top; text-align: right; font-variant-numeric: tabular-nums; }
thead th { border-top: 2px solid #1a1a1a; border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
th:first-child { text-align: left; }
tbody th { font-weight: normal; }
tbody th.heading { font-weight: bold; padding-top: .6rem; }
tbody th.heading ~ td { padding-top: .6rem; }
tbody th.indented { padding-left: 1.8rem; }
tbody th.part { font-style: italic; }
td { white-space: nowrap; }
sup { line-height: 0; }
.notes { font-size: .875rem; }
.notes p { margin: .35rem 0; }
.stamp { font-weight: bold; }
@media print { body { margin: 0; max-width: none; } .scroll { overflow: visible; } }"""


def to_html(grid: Grid) -> str:
    """A complete page with the one table: caption, header cells with their scope, footnotes."""
    caption = html.escape(grid.caption)
    table = "\n".join(
        [f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0">', "<table>"]
        + [f"<caption>{caption}</caption>", _html_header(grid)]
        + [_html_group(group, to_the_left(grid)) for group in _groups(grid.rows)]
        + ["</table>", "</div>"]
    )
    page = {"language": grid.language, "caption": caption, "style": _STYLE, "table": table, "notes": _html_notes(grid)}
    return _PAGE.format(**page)


def _html_header(grid: Grid) -> str:
    sides = zip(grid.header, to_the_left(grid), strict=True)
    cells = "".join(f'<th scope="col"{_side(left)}>{html.escape(text)}</th>' for text, left in sides)
    return f"<thead><tr>{cells}</tr></thead>"


def _groups(rows: Sequence[GridRow]) -> list[list[GridRow]]:
    """The rows in groups that each start with a heading; rows without a heading are a group of their own."""
    groups: list[list[GridRow]] = []
    for row in rows:
        continues = bool(groups) and not row.heading and row.indented
        if continues:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _side(left: bool) -> str:
    return ' class="left"' if left else ""


def _html_group(rows: Sequence[GridRow], left: Sequence[bool]) -> str:
    return "<tbody>\n" + "\n".join(_html_row(row, left) for row in rows) + "\n</tbody>"


def _html_row(row: GridRow, left: Sequence[bool]) -> str:
    name = html.escape(row.label.text) + _html_marks(row.label.marks)
    span = f' colspan="{len(left)}"' if not row.cells else ""
    scope = "rowgroup" if row.heading else "row"
    indented = ' class="indented part"' if row.names_a_part else ' class="indented"'
    kind = ' class="heading"' if row.heading else indented if row.indented else ""
    cells = "".join(_html_cell(cell, side) for cell, side in zip(row.cells, left[1:], strict=False))
    return f'<tr><th scope="{scope}"{kind}{span}>{name}</th>{cells}</tr>'


def _html_cell(cell: Cell, left: bool) -> str:
    keys = f' data-keys="{html.escape(" ".join(cell.keys))}"' if cell.keys else ""
    return f"<td{_side(left)}{keys}>{html.escape(cell.text)}{_html_marks(cell.marks)}</td>"


def _html_marks(marks: Sequence[str]) -> str:
    return f"<sup>{','.join(marks)}</sup>" if marks else ""


def _html_notes(grid: Grid) -> str:
    stamp = [f'<p class="stamp">{html.escape(grid.stamp)}.</p>'] if grid.stamp else []
    notes = [f"<p>{_html_marks((note.mark,) if note.mark else ())}{html.escape(note.text)}</p>" for note in grid.notes]
    return "\n".join(['<div class="notes">', *stamp, *notes, "</div>"])


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────


def to_csv(grid: Grid) -> str:
    """The table as shown, a header row first: headings and their rows share the first two columns, no footnotes.

    Spaces are ordinary ones, for programs that compare texts.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    first = f"{grid.header[0]} ({grid.stamp})" if grid.stamp else grid.header[0]
    writer.writerow(map(breakable, [first, grid.level_header, *grid.header[1:]]))
    width = len(grid.header) - 1
    heading = ""
    for row in grid.rows:
        heading = row.label.text if not row.indented else heading
        texts = [cell.text for cell in row.cells]
        if texts:
            line = [heading, row.label.text if row.indented else "", *texts, *[""] * (width - len(texts))]
            writer.writerow(map(breakable, line))
    return out.getvalue()
