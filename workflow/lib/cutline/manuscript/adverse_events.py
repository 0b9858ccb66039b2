"""Adverse events in words: how they were counted, their relation to treatment, in time at risk, and between groups."""

from __future__ import annotations

from typing import Any

from cutline.display.adverse_events import Safety
from cutline.display.captions import in_words, level_label
from cutline.display.labels import in_sentence
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import in_text, listed, look_up, sentences
from cutline.safety.names import DEFAULT_VERSION, TERM, UNMAPPED

CITED_VERSION = "5.0"
"""The version of CTCAE that the bibliography has."""


# ── methods ──────────────────────────────────────────────────────────────────────────────────


def methods(context: Context) -> str:
    """Which adverse events count, and how they were counted; nothing where the study does not record them."""
    if "safety" not in context.settings:
        return ""
    return sentences([_window(context.settings["safety"]), _terms(context.settings["safety"]), _worst(),
                      _in_time(context), _groups(context)])  # fmt: skip


def _window(rules: Any) -> str:
    until = f"{rules['days_after_last_dose']} days after the last one"
    earlier = ", or to the day before the next therapy if that began earlier" if "new_therapy" in rules else ""
    return f"Adverse events count if they began in the time from the first dose to {until}{earlier}."


def _terms(rules: Any) -> str:
    version = rules.get("ctcae_version", DEFAULT_VERSION)
    cited = " [@ctcae2017]" if version == CITED_VERSION else ""
    return (
        "Recorded terms were grouped by a code list, which also has the system organ class of each as the Common "
        f"Terminology Criteria for Adverse Events, version {version}, group them{cited}; terms that the list lacks "
        "were counted together."
    )


def _worst() -> str:
    return (
        "A patient counts once for each term and class, at the worst grade. A grade that was not recorded is a "
        "category of its own; whether an event was of grade 3 or higher, was related to treatment, or led to a change "
        "of dose, an interruption, the end of treatment or death is told only where the records decide it for every "
        "patient."
    )


def _in_time(context: Context) -> str:
    return (
        "The exposure-adjusted incidence is patients with an event per 100 patient-years from the first dose to the "
        "first event, or to the end of the time at risk (the end of that window, death or the data cut-off), with "
        f"exact {context.level_percent}% confidence intervals [@garwood1936]; the rate of all events is given apart."
    )


def _groups(context: Context) -> str:
    """How groups were compared; nothing where none are."""
    by = context.settings["safety"].get("by")
    if by is None:
        return ""
    return (
        f"Groups by {variable_name(by, context)} were compared by differences of risks with Newcombe's hybrid score "
        "intervals [@newcombe1998] and by Fisher's exact test, not adjusted for the number of terms."
    )


# ── results ──────────────────────────────────────────────────────────────────────────────────


def details(context: Context) -> str:
    """Relation to treatment, incidence in time at risk, the largest difference of groups, as far as there are any."""
    return sentences([_related(context), _incidence(context), _largest_difference(context), _where(context)])


def _related(context: Context) -> str:
    if context.value("safety.related.n") is None:
        return ""
    noun = "patient" if context.count("safety.related.n") == 1 else "patients"
    return f"Events were recorded as related to treatment in {look_up('safety.related.n', '%d')} {noun}."


def _incidence(context: Context) -> str:
    path = "safety.any.per_100_patient_years"
    if context.value(path) is None:
        return ""
    return (
        f"The time at risk was {look_up('safety.exposure.patient_years', '%.1f')} patient-years, of which "
        f"{look_up('safety.any.patient_years', '%.1f')} before a first event: an incidence of {look_up(path, '%.1f')} "
        f"per 100 patient-years ({context.level_percent}% CI {look_up(f'{path}_lower', '%.1f')}–"
        f"{look_up(f'{path}_upper', '%.1f')})."
    )


def _largest_difference(context: Context) -> str:
    """Of the terms the one in which a group differs most from the reference, with its interval and test."""
    by = context.settings["safety"].get("by")
    prefix, suffix = f"safety.{by}.", ".risk_difference"
    found = {key: abs(value) for key in context.results
             if by and key.startswith(prefix) and key.endswith(suffix) and f".{TERM}." in key and _is_any_grade(key)
             and (value := context.value(key)) is not None}  # fmt: skip
    if not found:
        return ""
    path = max(found, key=lambda key: found[key]).removesuffix(suffix)
    level, _, term = path.removeprefix(prefix).split(".")
    labels = context.settings["safety"]["terms"] | {UNMAPPED: "terms that are not in the code list"}
    table = Safety(context.settings, context.results)
    against = in_sentence(level_label(context.settings, str(by), table.reference))
    return (
        f"The largest difference between groups was in {in_text(str(labels.get(term, in_words(term))))}: "
        f"{look_up(f'{path}{suffix}', '%.1f')} percentage points in {in_sentence(table.level_name(level))} against "
        f"{against} ({context.level_percent}% CI {look_up(f'{path}{suffix}_lower', '%.1f')} to "
        f"{look_up(f'{path}{suffix}_upper', '%.1f')}; {look_up(f'{path}.fisher.p', 'p_statement')})."
    )


def _is_any_grade(key: str) -> bool:
    """Whether a comparison is of a term itself: `safety.arm.everolimus.term.rash.risk_difference`."""
    return key.count(".") == 5


def _where(context: Context) -> str:
    """The supplementary tables that have the rest."""
    parts = {"grades": "grades", "consequences": "consequences", "rates": "rates", "groups": "comparisons"}
    tables = [(find("table", context, f"adverse_event_{part}"), words) for part, words in parts.items()]
    shown = [f"{words} in {reference(table)}" for table, words in tables if table]
    return f"Each term and system organ class is told in full in the supplement: {listed(shown)}." if shown else ""


GENERATED = {"methods.safety": methods}
