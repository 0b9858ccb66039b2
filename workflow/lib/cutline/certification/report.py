"""The agreement report: a page for readers and JSON for programs."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Sequence
from html import escape
from importlib.metadata import version

from cutline.certification.agreement import Agreement, Summary, summarised

PACKAGES = ("numpy", "scipy", "pandas", "lifelines", "statsmodels")
WHAT_IT_IS = (
    "It shows agreement for these statistics, data sets and versions on this machine. It is not a validation "
    "of software for regulatory use."
)


def versions() -> dict[str, str]:
    """What computed these numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def as_json(found: Sequence[Agreement]) -> str:
    """Every comparison; a number that does not exist is null."""
    rows = [
        {
            "data_set": each.reference.data_set,
            "members": each.reference.members,
            "statistic": each.reference.statistic,
            "options": each.reference.chosen,
            "reference": _number(each.reference.value),
            "cutline": _number(each.ours),
            "difference": _number(each.difference),
            "tolerance": each.tolerance,
            "agrees": each.agrees,
            "error": each.error,
            "source": each.reference.call,
        }
        for each in found
    ]
    content = {"about": WHAT_IT_IS, "versions": versions(), "counts": counts(found), "comparisons": rows}
    return json.dumps(content, indent=1) + "\n"


def _number(value: float) -> float | str | None:
    return None if math.isnan(value) else value if math.isfinite(value) else "infinite"


def counts(found: Sequence[Agreement]) -> dict[str, int]:
    """How many numbers were compared, and how many disagree."""
    return {"compared": len(found), "disagreeing": sum(not each.agrees for each in found)}


def as_page(found: Sequence[Agreement]) -> str:
    """The page: a verdict, what disagrees, and a line per statistic and data set."""
    number, wrong = counts(found).values()
    summaries = summarised(list(found))
    tables = [_of_data_set(name, summaries) for name in dict.fromkeys(each.data_set for each in summaries)]
    computed = ", ".join(f"{name} {text}" for name, text in versions().items())
    return PAGE.format(
        style=STYLE, about=WHAT_IT_IS, compared=f"{number:,}", disagreeing=wrong or "none", versions=computed,
        verdict=' class="wrong"' if wrong else "", wrong=_wrong(found) if wrong else "", tables="\n".join(tables),
    )  # fmt: skip


def _wrong(found: Sequence[Agreement]) -> str:
    """What disagrees, number by number, in red."""
    heads = ("Data set", "Statistic", "Options", "Reference", "Cutline", "Difference", "Reference from")
    rows = [
        (f"{each.reference.data_set} {each.reference.members}", each.reference.statistic, each.reference.options,
         shown(each.reference.value), each.error or shown(each.ours), shown(each.difference), each.reference.call)
        for each in found
        if not each.agrees
    ]  # fmt: skip
    return "<h2>Outside tolerance</h2>\n" + _table(heads, [(row, True) for row in rows])


def _of_data_set(name: str, summaries: Sequence[Summary]) -> str:
    heads = ("Statistic", "Compared", "Largest relative difference", "Outside tolerance")
    rows = [
        ((line.statistic.replace("_", " "), str(line.compared), shown(line.largest), str(line.disagreeing)),
         line.disagreeing > 0)
        for line in summaries
        if line.data_set == name
    ]  # fmt: skip
    return f"<h2>{escape(name)}</h2>\n" + _table(heads, rows)


def _table(heads: Sequence[str], rows: Sequence[tuple[Sequence[str], bool]]) -> str:
    """A table; rows that are marked are red."""
    lines = [_line("th", heads, False), *(_line("td", cells, marked) for cells, marked in rows)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _line(tag: str, cells: Sequence[str], marked: bool) -> str:
    inner = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
    start = '<tr class="wrong">' if marked else "<tr>"
    return f"{start}{inner}</tr>"


def shown(value: float) -> str:
    """A number in few digits; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.6g}"


STYLE = """
body { font: 16px/1.5 Georgia, serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; font: 14px/1.4 system-ui, sans-serif; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
th { border-bottom: 2px solid #1a1a1a; }
td { font-variant-numeric: tabular-nums; }
.wrong, .wrong td { color: #b00020; }
.small { font-size: .875rem; color: #555; }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Numerical agreement of the survival statistics</title>
<style>{style}</style>
</head>
<body>
<h1>Numerical agreement of the survival statistics</h1>
<p{verdict}><strong>{compared} numbers compared, {disagreeing} outside tolerance.</strong></p>
<p>The functions that every report is made with were run on data sets whose answers were computed with R's package
survival or are printed elsewhere. A closed formula may differ by 10<sup>−8</sup> of its value, what rests on an
iterative fit by 10<sup>−6</sup>, a printed value by its rounding. {about}</p>
<p class="small">Computed with {versions}. The references, with the call that gave each, are in
<code>tests/reference/</code>; every single comparison is in <code>agreement.json</code> beside this page.</p>
{wrong}
{tables}
</body>
</html>
"""
