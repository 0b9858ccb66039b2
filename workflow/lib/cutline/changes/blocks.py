"""Pieces of the change report's Markdown: tables, callouts, lists, counts with their nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cutline.display.grid import Grid, to_markdown
from cutline.manuscript import exhibits
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import column_widths, split_table
from cutline.manuscript.markdown import escaped, paragraphs


def table(grid: Grid, label: str, widths: Sequence[int] = (), context: Context | None = None) -> str:
    """A table with caption and label, its notes below; nothing for one without rows.

    `widths` are the shares of the page of its columns in percent; without them each is as wide as it needs. `context`
    says where the results come from that its cells lead to, if they do.
    """
    if not grid.rows:
        return ""
    rows, notes = split_table(to_markdown(grid))
    shares = ",".join(map(str, widths or column_widths(rows)))
    rows = exhibits.with_sources(rows, context) if context else rows
    caption = f': {escaped(grid.caption)}. {{#tbl-{label} tbl-colwidths="[{shares}]"}}'
    below = f'::: {{.table-notes custom-style="Table Notes"}}\n{notes}\n:::' if notes else ""
    return paragraphs([rows, caption, below])


def callout(kind: str, title: str, *texts: str) -> str:
    """A boxed remark: `kind` is note, important, warning …"""
    return f'::: {{.callout-{kind} title="{title}"}}\n{paragraphs(texts)}\n:::'


def bullets(items: Iterable[str]) -> str:
    """A list; its items are paragraphs of their own, which Word sets like the text."""
    return paragraphs(f"- {item}" for item in items if item)


def numbered(items: Iterable[str]) -> str:
    return paragraphs(f"{number}. {item}" for number, item in enumerate(items, 1))


def counted(n: int, noun: str) -> str:
    """A number with its noun: `1 patient`, `5 patients`, `no patient`."""
    return f"{n or 'no'} {plural(n, noun) if n else noun}"


def plural(n: int, noun: str) -> str:
    return noun if n == 1 else f"{noun}s"
