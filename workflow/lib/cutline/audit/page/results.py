"""The results of a cut as the script of the audit page needs them. No pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, repeat

from cutline.audit.appearances import FIGURE, Place
from cutline.audit.chain import Data
from cutline.audit.cut import MANUSCRIPT
from cutline.audit.page.facts import WEB_PAGE, Facts, as_yaml
from cutline.audit.page.titles import title
from cutline.audit.passages import Passage

OF_ROW = ("value", "unit", "conf_level", "method", "note", "filter", "n")
"""Columns of the results that the page shows as they are."""
_PICTURE = re.compile(r"\(\.\./(aggregate/figures/\w+)\)\{#([\w-]+)")


def page_data(facts: Facts) -> Data:
    """Every result with its places and chain, and the parameters that several of them share once."""
    return _Results(facts).data()


class _Results:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.used: dict[str, int] = {}
        self.links = _links(facts.chains.report)

    def data(self) -> Data:
        results = [self._result(key) for key in self.facts.cut.results]
        return {"results": results, "used": [as_yaml(json.loads(used)) for used in self.used]}

    def _result(self, key: str) -> Data:
        found, row = self.facts.chains.of(key), self.facts.cut.results[key]
        result = {name: row[name] for name in OF_ROW} | {
            "key": key,
            "title": title(row, self.facts.words),
            "shown": found["shown"],
            "behind": row["n_contributing"],
            "denominator": found["persons"]["denominator"],
            "contributing": found["persons"]["contributing"],
            "rule": row["rule"],
            "used": self.used.setdefault(json.dumps(found["used"]), len(self.used)),
            "places": list(self._places(key)),
            "breaks": found["breaks"],
        }
        return {name: value for name, value in result.items() if value not in ("", [])}

    def _places(self, key: str) -> Iterator[Data]:
        """Where the result appears; sentences and cells come first, in the order of their links, then figures."""
        links = chain(self.links.get(key, ()), repeat(""))
        for place, link in zip(self.facts.chains.places.get(key, ()), links, strict=False):
            yield self._place(place, self._figures.get(place.file, "") if place.kind == FIGURE else link)

    def _place(self, place: Place, anchor: str) -> Data:
        about = {name: text for name, text in place.as_data().items() if name not in ("format", "file")}
        return about | ({"link": f"{WEB_PAGE}#{anchor}"} if anchor and self.facts.has_web_page else {})

    @cached_property
    def _figures(self) -> dict[str, str]:
        """The label of each figure in the manuscript, by its file in the cut without the ending."""
        manuscript = self.facts.cut.folder / MANUSCRIPT
        return dict(_PICTURE.findall(manuscript.read_text(encoding="utf-8"))) if manuscript.is_file() else {}


def _links(report: Iterable[Passage]) -> dict[str, list[str]]:
    """By key: the places of its numbers in the web page, in the report's order, as result_links.lua names them."""
    counts: dict[str, int] = {}
    found: dict[str, list[str]] = {}

    def next_place(name: str) -> str:
        counts[name] = counts.get(name, 0) + 1
        return f"{name}{counts[name]}"

    for passage in report:
        is_cell = bool(passage.row or passage.column) and bool(passage.spans)
        cell = next_place(f"{passage.spans[0].key}:cell") if is_cell else ""
        for span in passage.spans:
            found.setdefault(span.key, []).append(cell or next_place(f"{span.key}:"))
    return found
