"""Whether what is printed under a key is its value, everywhere alike, and what has to be shown is."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from cutline.consistency.account import Printed
from cutline.display.labels import label
from cutline.display.lookup import Results, value_of
from cutline.display.numbers import times_hundred
from cutline.languages import decimal_sign, with_decimal_point
from cutline.manuscript.context import nearest
from cutline.manuscript.lint.sentences import Shown

NO_NUMBERS = ("not_estimable", "not_reached", "ne")
"""The labels of what is printed where there is no number."""
_MARKUP = re.compile(r"\\(?=[^\w\s])")
LARGE, SMALL = ">", "<"


def contradicting(of: Iterable[Shown], results: Results) -> Iterator[str]:
    """Every number in text or table that is not the value of its key at the digits printed.

    So no key is printed with two values: each of them is held against the result itself.
    """
    number = _number(decimal_sign(), tuple(map(label, NO_NUMBERS)))
    for each in of:
        printed = number.findall(_MARKUP.sub("", each.text))
        if len(printed) != len(each.keys):
            continue
        for text, key in zip(printed, each.keys, strict=True):
            if not _is_value_of(text, key, results):
                where = "in the text" if each.in_sentence else "in a table"
                yield (
                    f"manuscript.qmd, line {each.line}: {key} is printed as {text} {where}, and its value is "
                    f"{value_of(results, key)}; one of the two is of another run"
                )


@functools.cache
def _number(decimal_sign: str, words: tuple[str, ...]) -> re.Pattern[str]:
    """A number as the language writes it, or one of these words instead of it."""
    choice = "|".join(map(re.escape, words))
    return re.compile(rf"[<>\u2212-]?\u00a0?\d+(?:{re.escape(decimal_sign)}\d+)?|(?:{choice})\b")


def _is_value_of(text: str, key: str, results: Results) -> bool:
    value = value_of(results, key)
    if not text[-1].isdigit() or value is None:
        return not text[-1].isdigit() and value is None
    bare = with_decimal_point(text).replace("\u2212", "-").replace("\u00a0", "")
    if bare[0] in (LARGE, SMALL):
        return value > float(bare[1:]) if bare[0] == LARGE else value < float(bare[1:])
    printed = Printed.of(bare)
    return printed.agrees(value) or (results[key]["unit"] == "probability" and printed.agrees(times_hundred(value)))


def unused(required: Sequence[str], of: Iterable[Shown], results: Results) -> Iterator[str]:
    """Every required result that has a value and no sentence shows, or that there is none of."""
    told = {key for each in of if each.in_sentence for key in each.keys}
    for key in required:
        if key not in results:
            yield f"study.yaml: report.required: there is no result {key!r}{nearest(key, results)}"
        elif key not in told and results[key]["value"] is not None:  # what is not estimable is told in words
            yield f"study.yaml: report.required: no sentence of the report shows {key!r}; look it up in a section"
