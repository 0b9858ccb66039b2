"""What is in the data sets, for people and for programs: one row per column, and a page of words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from cutline.exports.dataset import Column, Dataset
from cutline.exports.names import LABEL_BYTES, TEXT_BYTES, short_labels
from cutline.exports.plan import PROGRAMS

HEADER = ("dataset", "position", "variable", "label", "label_in_xpt", "type", "format", "codes", "origin")
TYPES = {"text": "character", "number": "numeric", "date": "date"}
FORMATS = {"text": "", "number": "", "date": "YYYY-MM-DD in csv, DATE9 in xpt, DATE11 in sav"}


def definition_csv(data: Iterable[Dataset]) -> str:
    """One row per data set and column: name, labels, type, format, codes (`1 = Premenopausal; 2 = …`), origin."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    for each in data:
        short = short_labels([column.label for column in each.columns])
        for position, (column, label) in enumerate(zip(each.columns, short, strict=True), 1):
            writer.writerow([each.name.upper(), position, column.name, column.label, label, TYPES[column.kind],
                             FORMATS[column.kind], _codes(column), column.origin])  # fmt: skip
    return stream.getvalue()


def _codes(column: Column) -> str:
    return "; ".join(f"{code} = {meaning}" for code, meaning in column.codes.items())


def readme(settings: Mapping[str, Any], data: Iterable[Dataset]) -> str:
    """The page beside the files: what they are, and how the programs are run."""
    formats = settings["exports"]["formats"]
    synthetic = "The patients are synthetic." if settings["synthetic"] else "One row is one patient: keep them here."
    rows = [f"| `{each.name}` | {each.label} | {len(each.rows)} | {len(each.columns)} |" for each in data]
    programs = [f"- `{PROGRAMS[suffix]}` {_HOW[suffix]}" for suffix in formats]
    return "\n".join(
        [
            f"# Data sets of {settings['short_title']}",
            "",
            f"Data cut-off {settings['data_cutoff']}. {synthetic}",
            "",
            f"Each data set is there as {', '.join(formats)}.",
            "",
            "| data set | content | rows | columns |",
            "|---|---|---|---|",
            *rows,
            "",
            "`define.csv` says what every column is: label, type, codes, origin. Names have 8 characters at most; in "
            f"`.xpt` a label has {LABEL_BYTES} bytes at most and a text {TEXT_BYTES}. Text is UTF-8. What is missing "
            "is blank; in a study without dates all dates are. A category has its label and, in the column with N "
            "behind the name, its code: what `codes` of `define.csv` says. `CNSR` is 0 where the event happened and "
            "1 where the person was censored.",
            "",
            "## Programs",
            "",
            *programs,
            "",
            "What each of them was and was not run with stands in its first lines.",
            "",
        ]
    )


_HOW = {
    "csv": "reads the `.csv`: `Rscript tables.R` in this folder, or open it in RStudio and run it here.",
    "sav": "reads the `.sav`: open it in SPSS, make this the working folder (`CD`), and run all.",
    "xpt": "reads the `.xpt`: in SAS with UTF-8 as session encoding, give `%let folder` this folder, and run it.",
}
