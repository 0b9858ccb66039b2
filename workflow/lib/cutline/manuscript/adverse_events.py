"""Adverse events in words: how they were counted, their relation to treatment, in time at risk, and between groups."""

from __future__ import annotations

from typing import Any

from cutline.display.adverse_events import Safety
from cutline.display.captions import in_words, level_label
from cutline.display.labels import in_sentence
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import in_text, listed, look_up, sentences
from cutline.manuscript.quantities import interval, one_or_many
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
    days = rules["days_after_last_dose"]
    if "new_therapy" in rules:
        return tell(
            "Adverse events count if they began in the time from the first dose to {days} days after the last one, or "
            "to the day before the next therapy if that began earlier.",
            days=days,
        )
    return tell(
        "Adverse events count if they began in the time from the first dose to {days} days after the last one.",
        days=days,
    )


def _terms(rules: Any) -> str:
    version = rules.get("ctcae_version", DEFAULT_VERSION)
    return tell(
        "Recorded terms were grouped by a code list, which also has the system organ class of each as the Common "
        "Terminology Criteria for Adverse Events, version {version}, group them{cited}; terms that the list lacks "
        "were counted together.",
        version=version,
        cited=" [@ctcae2017]" if version == CITED_VERSION else "",
    )


def _worst() -> str:
    return tell(
        "A patient counts once for each term and class, at the worst grade. A grade that was not recorded is a "
        "category of its own; whether an event was of grade 3 or higher, was related to treatment, or led to a change "
        "of dose, an interruption, the end of treatment or death is told only where the records decide it for every "
        "patient."
    )


def _in_time(context: Context) -> str:
    return tell(
        "The exposure-adjusted incidence is patients with an event per 100 patient-years from the first dose to the "
        "first event, or to the end of the time at risk (the end of that window, death or the data cut-off), with "
        "exact {level}% confidence intervals [@garwood1936]; the rate of all events is given apart.",
        level=context.level_percent,
    )


def _groups(context: Context) -> str:
    """How groups were compared; nothing where none are."""
    by = context.settings["safety"].get("by")
    if by is None:
        return ""
    return tell(
        "Groups by {variable} were compared by differences of risks with Newcombe's hybrid score intervals "
        "[@newcombe1998] and by Fisher's exact test, not adjusted for the number of terms.",
        variable=variable_name(by, context),
    )


# ── results ──────────────────────────────────────────────────────────────────────────────────


def details(context: Context) -> str:
    """Relation to treatment, incidence in time at risk, the largest difference of groups, as far as there are any."""
    return sentences([_related(context), _incidence(context), _largest_difference(context), _where(context)])


def _related(context: Context) -> str:
    if context.value("safety.related.n") is None:
        return ""
    return one_or_many(
        context,
        "safety.related.n",
        marked("Events were recorded as related to treatment in {n} patient."),
        marked("Events were recorded as related to treatment in {n} patients."),
    )


def _incidence(context: Context) -> str:
    path = "safety.any.per_100_patient_years"
    if context.value(path) is None:
        return ""
    return tell(
        "The time at risk was {all} patient-years, of which {before} before a first event: an incidence of {incidence} "
        "per 100 patient-years ({interval}).",
        all=look_up("safety.exposure.patient_years", "%.1f"),
        before=look_up("safety.any.patient_years", "%.1f"),
        incidence=look_up(path, "%.1f"),
        interval=interval(context, f"{path}_lower", f"{path}_upper", "%.1f"),
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
    table = Safety(context.settings, context.results)
    key = f"{path}{suffix}"
    return tell(
        "The largest difference between groups was in {event}: {difference} percentage points in {group} against "
        "{reference} ({interval}; {p}).",
        event=_event(term, context),
        difference=look_up(key, "%.1f"),
        group=in_sentence(table.level_name(level)),
        reference=in_sentence(level_label(context.settings, str(by), table.reference)),
        interval=interval(context, f"{key}_lower", f"{key}_upper", "%.1f", in_words=True),
        p=look_up(f"{path}.fisher.p", "p_statement"),
    )


def _event(term: str, context: Context) -> str:
    labels = {UNMAPPED: tell("terms that are not in the code list")} | context.settings["safety"]["terms"]
    return in_text(str(labels.get(term, in_words(term))))


def _is_any_grade(key: str) -> bool:
    """Whether a comparison is of a term itself: `safety.arm.everolimus.term.rash.risk_difference`."""
    return key.count(".") == 5


IN_FULL = {
    "grades": marked("grades in {table}"),
    "consequences": marked("consequences in {table}"),
    "rates": marked("rates in {table}"),
    "groups": marked("comparisons in {table}"),
}


def _where(context: Context) -> str:
    """The supplementary tables that have the rest."""
    tables = [(find("table", context, f"adverse_event_{part}"), words) for part, words in IN_FULL.items()]
    shown = [tell(words, table=reference(table)) for table, words in tables if table]
    if not shown:
        return ""
    return tell("Each term and system organ class is told in full in the supplement: {tables}.", tables=listed(shown))


GENERATED = {"methods.safety": methods}
