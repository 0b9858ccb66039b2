"""Where a result appears in the report, and which results a text of the report shows. No pandas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cutline.audit.cut import MANUSCRIPT, Cut
from cutline.audit.passages import Passage, cells, plain, sentences
from cutline.display.captions import caption
from cutline.display.catalogue import Exhibit, figures

TABLES = "aggregate/tables"
TEXT, TABLE, FIGURE = "text", "table", "figure"
IN_LEGEND = ("n", "events", "median", "median_lower", "median_upper")
"""Statistics that a survival figure prints above its curve."""
IN_RESPONSE = ("response.best.", "response.orr.", "response.dcr.")
"""How the keys begin that the response figure draws or prints."""


@dataclass(frozen=True)
class Place:
    """Where one result appears: `before` + `shown` + `after` is the sentence or cell; a figure has none of them.

    `where` is the section, table or figure; `row` and `column` are a table's; `format` is how the number was
    printed, where that is recorded; `file` is the figure's path in the cut, without its ending.
    """

    kind: str
    where: str
    before: str = ""
    shown: str = ""
    after: str = ""
    row: str = ""
    column: str = ""
    format: str = ""
    file: str = ""

    def as_data(self) -> dict[str, str]:
        """Its parts by name, without the blank ones."""
        return {name: value for name, value in asdict(self).items() if value}


def passages(cut: Cut) -> list[Passage]:
    """Sentences of the manuscript, then cells of its tables, in order; of a cut without a report those there are."""
    manuscript = cut.folder / MANUSCRIPT
    found = sentences(manuscript.read_text(encoding="utf-8")) if manuscript.is_file() else []
    tables = sorted((cut.folder / TABLES).glob("*.html"))
    return found + [cell for table in tables for cell in cells(table)]


def places(cut: Cut, report: Iterable[Passage]) -> dict[str, list[Place]]:
    """Where each key appears, text before tables before figures, what is in the supplement last; a key that appears
    nowhere is not in it."""
    found: dict[str, list[Place]] = {}
    for passage in report:
        for span in passage.spans:
            text, kind = passage.text, TABLE if passage.column or passage.row else TEXT
            around = text[: span.start], text[span.start : span.end], text[span.end :]
            place = Place(kind, passage.where, *around, passage.row, passage.column, span.format)
            found.setdefault(span.key, []).append(place)
    for place, keys in drawings(cut):
        for key in keys:
            found.setdefault(key, []).append(place)
    return {key: sorted(at, key=_in_supplement) for key, at in found.items()}


def _in_supplement(place: Place) -> bool:
    return place.where.startswith(("Table S", "Figure S"))


# ── figures ──────────────────────────────────────────────────────────────────────────────────


def drawings(cut: Cut) -> Iterator[tuple[Place, list[str]]]:
    """Every figure of the cut with the keys it draws or prints."""
    record = next((record for record in cut.records.values() if record.get("rule") == "draw_figures"), None)
    settings = record["settings"] if record else {}
    for exhibit in figures(settings) if settings else ():
        where = f"Figure {exhibit.numbered}. {plain(caption(exhibit, settings))}"
        keys = [key for key, row in cut.results.items() if _draws(exhibit, settings, key, row)]
        yield Place(FIGURE, where, file=f"aggregate/figures/{exhibit.name}"), keys


def _draws(exhibit: Exhibit, settings: Mapping[str, Any], key: str, row: Mapping[str, str]) -> bool:
    if row["variant"] or row["subset"]:
        return False
    match exhibit.subject:
        case "flow":
            return key.startswith("flow.") and row["statistic"] != "remaining"
        case "survival":
            return row["endpoint"] == exhibit.endpoint and _in_survival(settings, row)
        case "response":
            return key.startswith(IN_RESPONSE) and not row["statistic"].startswith("wilson")
        case _:
            return row["analysis"] == exhibit.subject


def _in_survival(settings: Mapping[str, Any], row: Mapping[str, str]) -> bool:
    """Everyone's curve, or the groups' with their test where the study compares them in figures."""
    comparisons = settings.get("comparisons", {})
    group = comparisons.get("main", "") if comparisons.get("in_figures") else ""
    if row["analysis"] == "logrank":
        return bool(group) and row["group"] == group and row["statistic"] == "p"
    on_curve = row["time_months"] != "" and row["unit"] == "probability"
    return row["analysis"] == "km" and row["group"] == group and (on_curve or row["statistic"] in IN_LEGEND)


# ── from what a reader sees ──────────────────────────────────────────────────────────────────

_ALIKE = str.maketrans(
    {"\u00a0": " ", "–": "-", "—": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-", "‘": "'", "’": "'"}
)
_WORD_OR_SIGN = re.compile(r"[\w.]+|[^\w\s]")


@dataclass(frozen=True)
class Seen:
    """A place that shows the text asked for, and the keys of the numbers in it; no key: somebody wrote it there."""

    passage: Passage
    keys: tuple[str, ...]


def seen(report: Iterable[Passage], text: str) -> list[Seen]:
    """Every place of the report that shows the text; case, kinds of dash and spaces between signs do not matter.

    `6.6` is found in `6.6 months` and not in `16.6` or `6.61`.
    """
    pattern = _pattern(text)
    return [
        Seen(passage, tuple(dict.fromkeys(keys)))
        for passage in report
        if (found := list(pattern.finditer(passage.text.translate(_ALIKE))) if pattern else [])
        for keys in [_keys_in(passage, found)]
    ]


def _pattern(text: str) -> re.Pattern[str] | None:
    signs = _WORD_OR_SIGN.findall(plain(text).strip().rstrip(".").translate(_ALIKE))
    words = r"\s*".join(map(re.escape, signs))
    return re.compile(rf"(?<!\w)(?<!\d\.){words}(?!\w)(?!\.\d)", re.IGNORECASE) if words else None


def _keys_in(passage: Passage, found: Iterable[re.Match[str]]) -> list[str]:
    return [
        span.key for match in found for span in passage.spans if span.start < match.end() and match.start() < span.end
    ]
