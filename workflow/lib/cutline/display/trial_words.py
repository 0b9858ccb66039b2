"""A value of a published trial in words: whose it is, of which analysis, and the number as published."""

from __future__ import annotations

from cutline.display.labels import Worded, in_sentence
from cutline.display.numbers import format_interval, format_number
from cutline.languages import tell
from cutline.trials import Trial, Value

DECIMALS = {"median": 1, "percent": 1, "hazard_ratio": 2}
"""Of a value that does not say its own."""


MARKED = ("quoted", "recomputed")
"""How sure a value is where it was not read in the publication itself: a footnote says so."""


def group_text(trial: Trial, value: Value) -> str:
    """Whose value it is: the arm, of a hazard ratio both, and the part of the patients if not all."""
    arms = [trial["arms"][value[key]] for key in ("arm", "versus") if key in value]
    part = [trial["populations"][value["population"]]] if "population" in value else []
    return ", ".join([tell(" v ").join([arms[0], *map(in_sentence, arms[1:])]), *part])


def cut_text(trial: Trial, value: Value, assessor: str) -> str:
    """The analysis it comes from and, in the words given, who assessed, if that is known."""
    named = [assessor] if value["assessor"] != "not_stated" else []
    return "; ".join([trial["cuts"][value["cut"]], *named])


def number_text(value: Value) -> str:
    """The number alone, with the decimals of its publication."""
    return format_number(value["value"], _decimals(value))


def value_text(value: Value) -> str:
    """The number with its interval, if that is known: `7.8 (6.9–8.5)`."""
    if "lower" not in value:
        return number_text(value)
    return f"{number_text(value)} ({format_interval(value['lower'], value['upper'], _decimals(value))})"


def found_in(table: Worded, value: Value) -> str:
    """The footnote that says where a value was found, if not in the publication itself; else blank."""
    return table.words(f"sure_{value['sure']}", place=value["seen_on"]) if value["sure"] in MARKED else ""


def reference_words(table: Worded, trial: Trial) -> str:
    """Of which arm and data cut the adverse events of the reference trial are."""
    chosen = table.settings["literature"]["adverse_events"]
    named = {"arm": in_sentence(trial["arms"][chosen["arm"]]), "cut": trial["cuts"][chosen["cut"]]}
    return table.words("reference_trial", trial=trial["label"], **named)


def _decimals(value: Value) -> int:
    return int(value.get("decimals", DECIMALS[value["statistic"]]))
