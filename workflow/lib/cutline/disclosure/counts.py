"""Which counts are shown, and which are rounded together because they are parts of one whole.

Only what is named here is shown. A count that stands in another relation to these, or that two breakdowns would give
twice, is withheld: docs/disclosure.md says of each why.
"""

from __future__ import annotations

from collections.abc import Iterable

from cutline.disclosure.cells import Cells, Row
from cutline.disclosure.rounding import possible, rounded, rounded_parts

BEST = ("complete", "partial", "stable", "non_cr_non_pd", "progressive", "not_evaluable", "missing")
"""Best responses so that objective response and disease control are running sums of them."""
WORST_FIRST = ("5", "4", "3", "not_recorded", "2", "1")
"""Grades so that grade 3 or higher is a running sum of them."""
OF_ANYBODY = ("related", "dose_reduced", "interrupted", "discontinued", "fatal", "grade_3_or_higher")
OF_A_TERM = {"": "safety.", "grade_3_or_higher.": "safety.grade"}
"""What is counted of each term, and how the keys begin that say it of anybody."""
NOT_OF_ANYBODY = ("safety.exposure.n", "safety.treatment_related_deaths.n")


def show_counts(cells: Cells, included: tuple[int, ...]) -> None:
    """Decide what is shown of each count; `included` are the persons of each stratum."""
    _flow(cells, included)
    _baseline(cells)
    _survival(cells)
    _response(cells)
    _safety(cells)


def of(cells: Cells, analysis: str, *statistics: str) -> list[str]:
    """The cells of everyone in an analysis, in the order of the results."""
    return [key for key, row in cells.rows.items()
            if row["analysis"] == analysis and row["statistic"] in statistics and not row["group"]]  # fmt: skip


# ── flow ─────────────────────────────────────────────────────────────────────────────────────


def _flow(cells: Cells, included: tuple[int, ...]) -> None:
    """From the included upwards: what each criterion took is rounded as a running sum, so that the flow adds up."""
    shown = sum(rounded(count, cells.unit) for count in included)
    steps = [key.rpartition(".")[2] for key in of(cells, "flow", "remaining")]
    lost = {key: value for step in reversed(steps) for key, value in _lost(cells, step)}
    found = dict(zip(lost, rounded_parts(lost.values(), cells.unit), strict=True))
    remaining, one = shown, {}
    for step in reversed(steps):
        one[f"flow.remaining.{step}"] = remaining
        unknown, other = found[f"unknown.{step}"], found[f"known.{step}"]
        one |= {f"flow.excluded.{step}": unknown + other, f"flow.excluded_unknown.{step}": unknown,
                f"flow.pending.{step}": found[f"pending.{step}"]}  # fmt: skip
        remaining += unknown + other + found[f"pending.{step}"]
    one |= {"flow.included": shown, "flow.screened": remaining}
    for total in ("excluded", "pending"):
        one[f"flow.{total}"] = sum(one[f"flow.{total}.{step}"] for step in steps)
    cells.shown.update({key: (value,) for key, value in one.items() if key in cells.rows})


def _lost(cells: Cells, step: str) -> Iterable[tuple[str, int]]:
    """Whom a criterion took: excluded because something is unknown, excluded otherwise, pending."""
    excluded, unknown, pending = (
        int(cells.rows.get(f"flow.{name}.{step}", {}).get("value") or 0)
        for name in ("excluded", "excluded_unknown", "pending")
    )
    yield f"unknown.{step}", unknown
    yield f"known.{step}", excluded - unknown
    yield f"pending.{step}", pending


# ── characteristics ──────────────────────────────────────────────────────────────────────────


def _baseline(cells: Cells) -> None:
    """Levels of a variable and those of unknown level are parts of everyone; levels that overlap stand alone."""
    variables = dict.fromkeys(cells.rows[key]["variable"] for key in of(cells, "baseline", "missing"))
    for variable in variables:
        missing = f"baseline.{variable}.missing"
        levels = [key for key in of(cells, "baseline", "n") if cells.rows[key]["variable"] == variable]
        if not levels:
            _complement(cells, missing)
        elif not cells.parts([*levels, missing]):
            cells.alone(*levels)
            _complement(cells, missing)


def _complement(cells: Cells, cell: str) -> None:
    """A count shown as the denominator less the rest, as where it is the last part of a whole."""
    true, size = cells.true(cell), cells.true(cell, "n")
    if true is not None and size is not None:
        pairs = zip(size, true, strict=True)
        cells.shown[cell] = tuple(rounded(n, cells.unit) - rounded(n - count, cells.unit) for n, count in pairs)


# ── times ────────────────────────────────────────────────────────────────────────────────────


def _survival(cells: Cells) -> None:
    for key in [*of(cells, "km", "n"), *of(cells, "times", "n")]:
        path = key.removesuffix("n")
        cells.alone(key, f"{path}events")
        cells.less(f"{path}censored", key, f"{path}events")
    if not cells.apart:  # the models count everyone, and nobody by level
        models = of(cells, "cox", "n", "events")
        cells.alone(*(key for key in models if not cells.rows[key]["level"] and not cells.rows[key]["variant"]
                      and _of_whole_model(cells.rows[key])))  # fmt: skip


def _of_whole_model(row: Row) -> bool:
    """Whether it counts all persons of a model; of the multivariable one a variable names some of them."""
    return row["model"] == "univariable" or not row["variable"]


# ── response ─────────────────────────────────────────────────────────────────────────────────


def _response(cells: Cells) -> None:
    for path in ("response", "response.confirmed"):
        rates = [f"{path}.{rate}{of_whom}.n" for rate in ("orr", "dcr", "cbr") for of_whom in ("", ".evaluable")]
        cells.alone(*rates)
        cells.parts(f"{path}.best.{category}.n" for category in BEST)
    cells.alone("response.evaluable.n")


# ── adverse events ───────────────────────────────────────────────────────────────────────────


def _safety(cells: Cells) -> None:
    cells.alone("safety.exposure.n", "safety.treatment_related_deaths.n", "safety.any.n",
                *(f"safety.{aspect}.n" for aspect in OF_ANYBODY))  # fmt: skip
    _worst_grades(cells)
    if "safety.none.n" not in cells.shown:
        _complement(cells, "safety.none.n")
    for aspect, less in OF_A_TERM.items():
        terms = [key for key in of(cells, "safety", "n")
                 if key.startswith("safety.term.") and key.split(".", 3)[3] == f"{aspect}n"]  # fmt: skip
        cells.alone(*terms)
        if _narrow(cells, f"safety.{aspect or 'any.'}n", terms):
            for key in [key for key in cells.shown if key.startswith(less) and key not in NOT_OF_ANYBODY]:
                if not key.startswith("safety.term."):
                    del cells.shown[key]


def _worst_grades(cells: Cells) -> None:
    """Worst grades, and those without an event, are parts of everyone; grade 3 or 4 is two of the parts."""
    grades = [f"safety.grade.{grade}.n" for grade in WORST_FIRST]
    if cells.parts([*grades, "safety.none.n"]):
        pairs = zip(cells.shown["safety.grade.3.n"], cells.shown["safety.grade.4.n"], strict=True)
        cells.shown["safety.grade_3_or_4.n"] = tuple(map(sum, pairs))


def _narrow(cells: Cells, anybody: str, terms: list[str]) -> bool:
    """Whether many with any event and few with each term narrow each other: whoever has one has one of the terms."""
    each = [cells.shown[term] for term in terms if term in cells.shown]
    for stratum, shown in enumerate(cells.shown.get(anybody, ())):
        bounds = [possible(counts[stratum], cells.unit) for counts in each]
        widest = max((high - low for low, high in bounds), default=0)
        if possible(shown, cells.unit)[0] > sum(high for _, high in bounds) - widest:
            return True
    return False
