"""Table: hazard ratios of one endpoint, each variable alone and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import endpoint_label, level_label, variable_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note, capitalised
from cutline.display.labels import Worded, counted, in_sentence
from cutline.display.lookup import Results, methods_of, notes_of, value_of, with_prefix
from cutline.display.numbers import format_interval, format_number, format_p, p_statement, rounded, times_hundred

MODELS = ("univariable", "multivariable")
REFERENCE = "reference"
"""The note on the hazard ratio of a reference level."""
SIZES = ("n", "events", "excluded")


@dataclass
class Cox(Worded):
    """What every row needs: the study's words, the results, the endpoint, and the footnotes so far."""

    results: Results
    endpoint: str
    footnotes: Footnotes

    def key(self, model: str, variable: str, level: str, statistic: str) -> str:
        return ".".join(part for part in (self.endpoint, "cox", model, variable, level, statistic) if part)

    def value(self, model: str, variable: str, level: str, statistic: str) -> float | None:
        return value_of(self.results, self.key(model, variable, level, statistic))


def cox_grid(
    settings: Mapping[str, Any], results: Results, endpoint: str
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the Cox table of one endpoint.

    A reference level reads `1 (reference)`; what is not estimable reads NE and its reason is a footnote;
    a variable that is not in a model has a dash there. Levels without patients have no row.
    """
    table = Cox(settings, results, endpoint, Footnotes())
    rows = [row for variable in settings["models"][endpoint] for row in _variable_rows(table, variable)]
    return _header(table), rows, _notes(table)


def _header(table: Cox) -> tuple[str, ...]:
    level = rounded(times_hundred(table.settings["statistics"]["conf_level"]), 0)
    estimates = [(table.words(f"{model}_hr", level=level), table.words(f"{model}_p")) for model in MODELS]
    return (table.words("characteristic"), table.words("n"), table.words("events"), *estimates[0], *estimates[1])


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _variable_rows(table: Cox, variable: str) -> Iterator[GridRow]:
    spec = table.settings["variables"][variable]
    mark = table.footnotes.mark(spec.get("note", ""))
    if spec["kind"] == "continuous":
        yield GridRow(Cell(variable_label(table.settings, variable), mark), _cells(table, variable, ""))
        return
    yield GridRow(Cell(str(spec["label"]), mark), _overall(table, variable), heading=True)
    for level in _levels_with_patients(table, variable):
        name = level_label(table.settings, variable, level)
        yield GridRow(Cell(name), _cells(table, variable, level), indented=True)


def _overall(table: Cox, variable: str) -> tuple[Cell, ...]:
    """The p-values of all levels together, each in its model's column; nothing for two levels."""
    keys = [table.key(model, variable, "overall", "p") for model in MODELS]
    if not any(key in table.results for key in keys):
        return ()
    cells = [Cell(), Cell()]
    for key in keys:
        known = key in table.results
        marks = tuple(mark for note in notes_of(table.results, [key]) for mark in table.footnotes.mark(note))
        text = format_p(value_of(table.results, key), table.words("ne")) if known else ""
        cells += [Cell(), Cell(text, marks, (key,)) if known else Cell()]
    return tuple(cells)


def _levels_with_patients(table: Cox, variable: str) -> list[str]:
    levels = table.settings["variables"][variable]["levels"]
    return [level for level in levels if any(table.value(model, variable, level, "n") for model in MODELS)]


def _cells(table: Cox, variable: str, level: str) -> tuple[Cell, ...]:
    counts = [_count(table, variable, level, statistic) for statistic in ("n", "events")]
    estimates = [cell for model in MODELS for cell in _estimate(table, model, variable, level)]
    return (*counts, *estimates)


def _count(table: Cox, variable: str, level: str, statistic: str) -> Cell:
    """The number of the univariable model: everyone with a known value."""
    key = table.key("univariable", variable, level, statistic)
    return Cell(format_number(value_of(table.results, key), 0, table.words("ne")), keys=(key,))


def _estimate(table: Cox, model: str, variable: str, level: str) -> tuple[Cell, Cell]:
    """Hazard ratio with its interval, and the p-value."""
    keys = [table.key(model, variable, level, statistic) for statistic in ("hr", "lower", "upper", "p")]
    if keys[0] not in table.results:
        return Cell(table.words("not_in_model")), Cell(table.words("not_in_model"))
    if table.results[keys[0]]["note"] == REFERENCE:
        return Cell(table.words("reference")), Cell()
    marks = tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note))
    ratio = Cell(_ratio(table, keys, 2 if level else 3), marks, tuple(keys[:3]))
    return ratio, Cell(format_p(value_of(table.results, keys[3]), table.words("ne")), keys=(keys[3],))


def _ratio(table: Cox, keys: list[str], decimals: int) -> str:
    ratio, lower, upper = (value_of(table.results, key) for key in keys[:3])
    if ratio is None:
        return table.words("ne")
    interval = format_interval(lower, upper, decimals, table.words("ne"))
    return f"{format_number(ratio, decimals, table.words('ne'))} ({interval})"


# ── footnotes ────────────────────────────────────────────────────────────────────────────────


def _notes(table: Cox) -> list[Note]:
    everyone = f"{table.endpoint}.cox."
    found = list(with_prefix(table.results, everyone))
    ratios = [f"{everyone}{rest}" for rest, row in found if row["statistic"] == "hr"]
    methods = methods_of(table.results, ratios)
    kinds = {table.settings["variables"][variable]["kind"] for variable in table.settings["models"][table.endpoint]}
    texts = [
        _size_note(table),
        table.words("per_unit") if "continuous" in kinds else "",
        table.words("overall_p") if any(rest.endswith(".overall.p") for rest, _ in found) else "",
        _tests_note(table),
        _proportional_note(table),
        table.words("method_note", methods=". ".join(map(capitalised, methods))) if methods else "",
        table.words("cox_abbreviations"),
    ]
    return [Note(text) for text in texts if text] + table.footnotes.notes()


def _size_note(table: Cox) -> str:
    """How many patients and events the multivariable model rests on, and how many it leaves out."""
    sizes = {name: value_of(table.results, table.key("multivariable", "", "", name)) for name in SIZES}
    if not sizes["n"]:
        return table.words("no_patients")
    if not sizes["events"]:
        return table.words("no_events", endpoint=endpoint_label(table.settings, table.endpoint))
    n, events, excluded = (format_number(sizes[name], 0) for name in SIZES)
    nouns = {"patients": counted("patient_count", n), "events": counted("event_count", events)}
    return table.words("model_size", excluded=excluded, **nouns)


TESTS = ("likelihood_ratio", "wald", "score")


def _tests_note(table: Cox) -> str:
    """The tests of the multivariable model, its concordance and AIC; nothing where it was not fitted."""
    path = f"{table.endpoint}.cox.multivariable"
    if value_of(table.results, f"{path}.likelihood_ratio.p") is None:
        return ""
    ne = table.words("ne")
    tests = {name: p_statement(value_of(table.results, f"{path}.{name}.p"), ne) for name in TESTS}
    numbers = {"df": ("likelihood_ratio.df", 0), "concordance": ("concordance", 2), "error": ("concordance_se", 2),
               "aic": ("aic", 1)}  # fmt: skip
    shown = {name: format_number(value_of(table.results, f"{path}.{key}"), decimals, ne)
             for name, (key, decimals) in numbers.items()}  # fmt: skip
    return table.words("model_tests", **tests, **shown)


def _proportional_note(table: Cox) -> str:
    """The test of proportional hazards of the multivariable model: all together, and each characteristic."""
    path, ne = f"{table.endpoint}.cox.multivariable.zph.km", table.words("ne")
    if f"{path}.global.p" not in table.results:
        return ""
    said = {variable: p_statement(value_of(table.results, f"{path}.{variable}.p"), ne)
            for variable in table.settings["models"][table.endpoint]
            if f"{path}.{variable}.p" in table.results}  # fmt: skip
    variables = table.settings["variables"]
    each = ", ".join(f"{in_sentence(str(variables[name]['label']))} {p}" for name, p in said.items())
    return table.words("proportional", p=p_statement(value_of(table.results, f"{path}.global.p"), ne), list=each)
