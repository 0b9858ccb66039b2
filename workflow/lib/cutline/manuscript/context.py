"""What every sentence of the report is written from: the study's configuration and its released results."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutline.checklists.answer import Answer
from cutline.consistency.account import Checked
from cutline.display.levels import level_of
from cutline.display.lookup import Results, Row, value_of
from cutline.errors import ReportError
from cutline.manuscript.lengths import Lengths


@dataclass(frozen=True)
class Context:
    """The settings of the report, the released results by key, and the SHA-256 of their file.

    `disagreeing` is how many published values do not agree with the results, None where none is published. `checks` are
    what the checks of consistency say, by what they are about, and `lengths` those of the composed document; none while
    it is composed for the first time. `codes` are the entries of each code list, as pairs of level and recorded word;
    `answers` are those to the items of each guideline of reporting, none while it is composed for the first time;
    `agreement` is what `certify` found when versions were last changed.
    """

    settings: Mapping[str, Any]
    results: Results
    digest: str = "not known"
    disagreeing: int | None = None
    checks: Mapping[str, Sequence[Checked]] = field(default_factory=dict)
    lengths: Lengths | None = None
    codes: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    agreement: Mapping[str, Any] | None = None
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)

    def row(self, key: str) -> Row:
        """The result of that key. Raises ReportError with the nearest key if there is none."""
        if key not in self.results:
            hint = nearest(key, self.results) or ("" if self.results else "; there are no results at all")
            raise ReportError(f"unknown result key {key!r}{hint}")
        return self.results[key]

    def value(self, key: str) -> float | None:
        """The number of that key; None where it is not estimable or not among the results."""
        return value_of(self.results, key)

    def count(self, key: str) -> int:
        """The number of that key as a count, 0 where there is none."""
        return int(self.value(key) or 0)

    def has(self, key: str) -> bool:
        return key in self.results

    @property
    def nobody(self) -> bool:
        """Whether no patient is in the cohort, so that nothing can be estimated."""
        return self.count("flow.included") == 0

    @property
    def randomised(self) -> bool:
        """Whether the groups that are compared were randomised."""
        return bool(self.settings.get("comparisons", {}).get("randomised"))

    @property
    def significance(self) -> float:
        """The level of significance: 1 less that of the study's intervals, without binary noise."""
        return round(1 - float(self.settings["statistics"]["conf_level"]), 10)

    @property
    def level_percent(self) -> str:
        """The confidence level in percent: 0.95 is 95."""
        return level_of(self.settings)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the closest known name, for the end of an error."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"; the nearest is {close[0]!r}" if close else ""
