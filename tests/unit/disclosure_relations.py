"""What an attacker knows of the results of a study: the published numbers, the rules of rounding, and what must hold.

The rules are those of docs/disclosure.md, written down anew: nothing is taken from the code that rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from tests.unit.disclosure_attack import Attack

BEST = ("complete", "partial", "stable", "non_cr_non_pd", "progressive", "not_evaluable", "missing")
WORST_FIRST = ("5", "4", "3", "not_recorded", "2", "1")
ASPECTS = ("related", "dose_reduced", "interrupted", "discontinued", "fatal", "grade_3_or_higher", "grade_3_or_4")
EVERYONE = ""
REST = "(rest)"


def behind(shown: float) -> tuple[int, int]:
    """What a rounded number can stand for, as the manual says."""
    return {0: (0, 7), 10: (8, 14)}.get(int(shown), (int(shown) - 5, int(shown) + 4))


@dataclass
class Known:
    """The published results of one cut, by key, and the name of the cut.

    `stands_for` is the rule of rounding; `sums` whether it was applied to running sums of parts, as this program does,
    or to each part.
    """

    attack: Attack
    results: pd.DataFrame
    cut: str
    group: str = ""
    levels: Sequence[str] = ()
    stands_for: Callable[[float], tuple[int, int]] = behind
    sums: bool = True

    def __post_init__(self) -> None:
        self.values = self.results.set_index("key")["value"]
        self.strata = [*self.levels, REST] if self.group else [EVERYONE]

    def shown(self, cell: str, stratum: str) -> float | None:
        """What is published of a cell in a stratum; of those at no level what is left."""
        if stratum == EVERYONE:
            value = self.values.get(cell)
        elif stratum == REST:
            parts = [self.shown(cell, level) for level in self.levels]
            total = self.values.get(cell)
            value = None if total is None or None in parts else total - sum(parts)
        else:
            value = self.values.get(self.key(cell, stratum))
        return None if value is None or value != value else value

    def key(self, cell: str, level: str) -> str:
        place, inside = cell.split(".", 1)
        within = f"{self.group}={level}"
        if place in ("baseline", "safety"):
            return f"{place}.{within}.{inside}"
        if place == "response":
            path = "response.confirmed" if inside.startswith("confirmed.") else "response"
            return f"{path}.{within}.{cell.removeprefix(path + '.')}"
        return f"{place}.km.{within}.{inside.removeprefix('km.')}"

    def name(self, cell: str, stratum: str) -> str:
        return f"{self.cut}|{stratum}|{cell}"

    def has(self, cell: str) -> bool:
        return all(self.shown(cell, stratum) is not None for stratum in self.strata)

    # ── published numbers ────────────────────────────────────────────────────────────────────

    def rounded(self, *cells: str) -> None:
        for cell in filter(self.has, cells):
            for stratum in self.strata:
                self.attack.know({self.name(cell, stratum): 1}, *self.stands_for(self.shown(cell, stratum)))

    def running(self, cells: Iterable[str], whole: str = "") -> None:
        """Running sums are what is rounded; together they are the whole."""
        cells = [cell for cell in cells if self.has(cell)]
        for stratum in self.strata if cells else []:
            names, total = [], 0.0
            for cell in cells:
                names.append(self.name(cell, stratum))
                total = self.shown(cell, stratum) + (total if self.sums else 0)
                self.attack.know(dict.fromkeys(names if self.sums else names[-1:], 1), *self.stands_for(total))
            if whole:
                self.attack.equal(self.name(whole, stratum), names)

    def equal(self, whole: str, *parts: str) -> None:
        for stratum in self.strata:
            self.attack.equal(self.name(whole, stratum), [self.name(part, stratum) for part in parts])

    def at_most(self, small: str, large: str) -> None:
        for stratum in self.strata:
            self.attack.at_most(self.name(small, stratum), self.name(large, stratum))


SIZE = "size.n"


def know_everything(known: Known, size: str) -> None:
    """All that one cut publishes; `size` is the cell whose denominator is everyone, per stratum."""
    for stratum in known.strata:
        known.attack.know({known.name(SIZE, stratum): 1}, *known.stands_for(known.shown(size, stratum)))
    _flow(known)
    _baseline(known)
    _survival(known)
    _response(known)
    _safety(known)


def _flow(known: Known) -> None:
    keys = known.results["key"]
    steps = [key.rpartition(".")[2] for key in keys if key.startswith("flow.remaining.")]
    name = lambda cell: known.name(cell, "flow")  # noqa: E731
    known.attack.equal(name("flow.included"), [known.name(SIZE, stratum) for stratum in known.strata])
    sums, total, left = [], 0.0, "flow.included"
    for step in reversed(steps):
        lost = [f"flow.excluded_unknown.{step}", f"flow.excluded_known.{step}", f"flow.pending.{step}"]
        numbers = [known.values[lost[0]], known.values[f"flow.excluded.{step}"] - known.values[lost[0]],
                   known.values[lost[2]]]  # fmt: skip
        for cell, number in zip(lost, numbers, strict=True):
            sums, total = ([*sums, name(cell)], total + number) if known.sums else ([name(cell)], number)
            known.attack.know(dict.fromkeys(sums, 1), *known.stands_for(total))
        known.attack.equal(name(f"flow.remaining.{step}"), [name(left)])
        known.attack.equal(name(f"flow.excluded.{step}"), [name(cell) for cell in lost[:2]])
        known.attack.equal(f"{name(step)} before", [name(f"flow.remaining.{step}"), *map(name, lost)])
        left = f"{step} before"
    known.attack.equal(name("flow.screened"), [name(left)])


def _baseline(known: Known) -> None:
    rows = known.results[(known.results["analysis"] == "baseline") & (known.results["group"].fillna("") == "")]
    for variable, mine in rows.groupby("variable", sort=False):
        levels = list(mine["key"][mine["statistic"] == "n"])
        missing = f"baseline.{variable}.missing"
        if levels and all(map(known.has, [*levels, missing])):
            known.running([*levels, missing], SIZE)


def _survival(known: Known) -> None:
    for key in known.results["key"][known.results["key"].str.fullmatch(r"\w+\.n")]:
        path = key.removesuffix("n")
        known.rounded(key, f"{path}events")
        known.equal(key, f"{path}events", f"{path}censored")
        if known.has(f"{path}events"):
            known.equal(key, SIZE) if known.values[key] == known.values["flow.included"] else known.at_most(key, SIZE)


def _response(known: Known) -> None:
    if "response.orr.n" not in known.values:
        return
    for path in ("response", "response.confirmed"):
        best = [f"{path}.best.{category}.n" for category in BEST]
        known.running(best, SIZE)
        known.rounded(f"{path}.orr.n", f"{path}.dcr.n", f"{path}.cbr.n")
        known.equal(f"{path}.orr.n", *best[:2])
        known.equal(f"{path}.dcr.n", *best[:4])
        known.at_most(f"{path}.orr.n", f"{path}.cbr.n")
        known.at_most(f"{path}.cbr.n", f"{path}.dcr.n")
    for rate in ("orr", "cbr"):
        known.at_most(f"response.confirmed.{rate}.n", f"response.{rate}.n")
    known.rounded("response.evaluable.n")
    known.equal("response.evaluable.n", *(f"response.best.{category}.n" for category in BEST[:5]))
    for cell in ("dor.n", "ttr.n"):
        if cell in known.values:
            known.equal(cell, "response.orr.n")


def _safety(known: Known) -> None:
    if "safety.any.n" not in known.values:
        return
    grades = [f"safety.grade.{grade}.n" for grade in WORST_FIRST]
    aspects = [f"safety.{aspect}.n" for aspect in ASPECTS]
    if known.has("safety.any.n"):
        known.rounded("safety.any.n")
    known.equal(SIZE, "safety.any.n", "safety.none.n")
    if all(map(known.has, grades)):
        known.running(grades, "safety.any.n")
        known.equal("safety.grade_3_or_higher.n", *grades[:3])
        known.equal("safety.grade_3_or_4.n", *grades[1:3])
    for aspect in aspects:
        known.at_most(aspect, "safety.any.n")
    known.rounded(*(aspect for aspect in aspects if "3_or_4" not in aspect))
    for inside, anybody in (("", "safety.any.n"), ("grade_3_or_higher.", "safety.grade_3_or_higher.n")):
        pattern = r"safety\.term\.\w+\." + inside.replace(".", r"\.") + "n"
        terms = list(known.results["key"][known.results["key"].str.fullmatch(pattern)])
        known.rounded(*terms)
        for stratum in known.strata:
            names = dict.fromkeys((known.name(term, stratum) for term in terms), 1)
            known.attack.know(names | {known.name(anybody, stratum): -1}, 0)
        for term in terms:
            known.at_most(term, anybody)
    for key in known.results["key"][known.results["key"].str.fullmatch(r"safety\.term\.\w+\.grade_3_or_higher\.n")]:
        known.at_most(key, key.replace("grade_3_or_higher.", ""))
    for key in known.results["key"][known.results["key"].str.fullmatch(r"safety\.soc\.\w+\.n")]:
        known.at_most(key, "safety.any.n")


def know_the_curve(known: Known, endpoint: str, curve: pd.DataFrame) -> list[int]:
    """What a published curve adds: at each of its times who had an event and who was censored by then."""
    days: list[int] = []
    for stratum in known.strata:
        mine = curve[curve["group_level"].fillna("") == stratum]
        persons, events = (known.shown(f"{endpoint}.{name}", stratum) for name in ("n", "events"))
        happened, before = 0, ""
        for row in mine.itertuples():
            gone = persons - row.at_risk - happened
            _know_censored(known, endpoint, stratum, before, (gone, persons - events))
            happened += row.events
            at = f"{endpoint}.until_{row.time_days}"
            name = known.name(f"{at}.events", stratum)
            capped = happened == events
            low, high = behind(happened)
            known.attack.know({name: 1}, low, 10_000 if capped else high)
            known.attack.at_most(name, known.name(f"{endpoint}.events", stratum))
            known.attack.at_most(known.name(f"{at}.censored", stratum), known.name(f"{endpoint}.censored", stratum))
            if before:
                for what in ("events", "censored"):
                    known.attack.at_most(known.name(f"{before}.{what}", stratum), known.name(f"{at}.{what}", stratum))
            before = at
            days.append(row.time_days)
    return days


def _know_censored(known: Known, endpoint: str, stratum: str, before: str, numbers: tuple[float, float]) -> None:
    gone, all_of_them = numbers
    if before:
        low, high = behind(gone)
        known.attack.know({known.name(f"{before}.censored", stratum): 1}, low, 10_000 if gone == all_of_them else high)


def know_that_none_falls(attack: Attack, true: Sequence[pd.Series]) -> None:
    """Of two cuts, `0` and `1`: what was counted at the first is counted at the second, wherever that is true."""
    for name in [name for name in attack.names if name.startswith("0|")]:
        later, cell = f"1|{name[2:]}", name.rpartition("|")[2]
        if later in attack.names and all(cell in values and values[cell] == values[cell] for values in true):
            before, after = (float(values[cell]) for values in true)
            if before <= after:
                attack.at_most(name, later)
            if before == after:
                attack.at_most(later, name)
