"""Adverse events as they are shown: which terms and organ classes, in which order, under which names."""

from __future__ import annotations

from dataclasses import dataclass, field

from cutline.display.captions import in_words, level_label
from cutline.display.grid import Cell, Footnotes, GridRow
from cutline.display.labels import Worded
from cutline.display.levels import level_of
from cutline.display.lookup import Results, notes_of, value_of, with_prefix
from cutline.display.numbers import format_count
from cutline.groups import reference_of
from cutline.languages import tell
from cutline.safety.names import CLASS, CLASS_NAMES, TERM, UNMAPPED

EVERYONE = "safety"


@dataclass
class Safety(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes = field(default_factory=Footnotes)

    @property
    def by(self) -> str:
        """The variable whose levels are compared; blank without one."""
        return str(self.settings["safety"].get("by", ""))

    @property
    def levels(self) -> list[str]:
        """The levels that are compared and that anybody has, in the study's order."""
        levels = self.settings["variables"][self.by]["levels"] if self.by else ()
        return [level for level in levels if self.size(level)]

    @property
    def reference(self) -> str:
        """The level that the others are compared with."""
        return reference_of(self.settings["variables"][self.by])

    @property
    def conf_level(self) -> str:
        return level_of(self.settings)

    def place(self, level: str) -> str:
        """Where the results of a level are; of everyone without one."""
        return f"{EVERYONE}.{self.by}={level}" if level else EVERYONE

    def size(self, level: str = "") -> int:
        """The patients of a level, or all: everyone in whom adverse events were looked for."""
        row = self.results.get(f"{self.place(level)}.any.n") or self.results.get(f"{self.place(level)}.none.n") or {}
        shown = (row["n"] for _, row in with_prefix(self.results, "safety.") if row["n"] is not None)
        return int(row["n"]) if row.get("n") is not None else 0 if level else max(shown, default=0)

    def level_name(self, level: str) -> str:
        return level_label(self.settings, self.by, level)

    def terms(self) -> list[str]:
        """Ids: most frequent first, then as the study lists them, then by name; unmapped ones last, if any."""
        listed = list(self.settings["safety"]["terms"])
        place = {term: listed.index(term) if term in listed else len(listed) for term in self._ids(TERM)}
        return self._ordered(TERM, place)

    def classes(self) -> list[str]:
        """Ids of organ classes: most frequent first, then by name; the unmapped events last, if there are any."""
        return self._ordered(CLASS, dict.fromkeys(self._ids(CLASS), 0))

    def _ids(self, part: str) -> list[str]:
        """Everything of one kind that has a number of patients."""
        split = (rest.split(".") for rest, _ in with_prefix(self.results, f"{EVERYONE}.{part}."))
        return [found[0] for found in split if len(found) == 2 and found[1] == "n"]

    def _ordered(self, part: str, place: dict[str, int]) -> list[str]:
        count = {name: value_of(self.results, f"{EVERYONE}.{part}.{name}.n") or 0 for name in place}
        unmapped = [UNMAPPED] if count.get(UNMAPPED) else []
        named = sorted(set(place) - {UNMAPPED}, key=lambda name: (-count[name], place[name], name))
        return named + unmapped

    def term_name(self, term: str) -> str:
        other = self.words("unmapped_terms") if term == UNMAPPED else in_words(term)
        return str(self.settings["safety"]["terms"].get(term, other))

    def class_name(self, soc: str) -> str:
        if soc == UNMAPPED:
            return self.words("unmapped_terms")
        return tell(CLASS_NAMES[soc]) if soc in CLASS_NAMES else in_words(soc)

    def lines(self) -> list[tuple[str, str] | str]:
        """The rows of a table in full: any event, then organ classes and terms, each under a heading.

        A row is its place in the keys and its name, a heading its name alone.
        """
        classes = [(f"{CLASS}.{soc}", self.class_name(soc)) for soc in self.classes()]
        terms = [(f"{TERM}.{term}", self.term_name(term)) for term in self.terms()]
        return [("", self.words("any_recorded")), self.words("by_class"), *classes, self.words("by_term"), *terms]

    def patients(self, path: str, marked: bool = True) -> Cell:
        """Patients and percent of a path; `marked` with the footnotes of both."""
        keys = tuple(key for key in (f"{path}.n", f"{path}.percent") if key in self.results)
        count, percent = (value_of(self.results, f"{path}.{name}") for name in ("n", "percent"))
        notes = notes_of(self.results, keys) if marked else []
        marks = tuple(mark for note in notes for mark in self.footnotes.mark(note))
        return Cell(format_count(count, percent, self.words("ne")), marks, keys)


def heading(text: str) -> GridRow:
    return GridRow(Cell(text), heading=True)
