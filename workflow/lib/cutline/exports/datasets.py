"""The analysis data sets, named after CDISC ADaM: ADSL, ADTTE, ADRS, ADAE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cutline.analysis_set import levels_of, numbers_of
from cutline.display.captions import in_words
from cutline.exports.dataset import Column, Dataset, Kind, dataset
from cutline.exports.names import one_line
from cutline.exports.plan import Plan, Variable
from cutline.response.words import BEST_FIRST
from cutline.safety.names import CLASS_NAMES

Described = tuple[Column, pd.Series]
Settings = Mapping[str, Any]

YES = "Y"
UNKNOWN_RESPONSES = ("NE", "MISSING")


def _column(values: pd.Series, name: str, kind: Kind, label: str, origin: str, codes: Any = None) -> Described:
    return Column(name, kind, label, origin, codes or {}), values


def _identity(settings: Settings, persons: pd.Series) -> list[Described]:
    study = pd.Series(settings["study"], index=persons.index, dtype=object)
    return [
        _column(study, "STUDYID", "text", "Study", "name of the study"),
        _column(persons, "USUBJID", "text", "Person (pseudonym)", "pseudonym of the snapshot"),
    ]


def _source(rows: pd.DataFrame) -> list[Described]:
    """Where a row comes from: table, record and its date."""
    return [
        _column(rows["source_table"], "SRCDOM", "text", "Source table", "table of the record it rests on"),
        _column(rows["source_record_id"], "SRCRECID", "text", "Source record", "record_id of that record"),
        _column(rows["source_date"], "SRCDT", "date", "Date of the source record", "date of that record"),
    ]


# ── ADSL ─────────────────────────────────────────────────────────────────────────────────────


def adsl(settings: Settings, plan: Plan, derived: Mapping[str, pd.DataFrame]) -> Dataset:
    """One row per included person: index date, population flags, death, and every variable that a result is about.

    `derived` holds cohort, covariates, and response and deaths where the study has them. A category has its label and
    its code (`Variable.codes`); what is unknown is blank.
    """
    cohort = derived["cohort"].reset_index(drop=True)
    persons = pd.Index(cohort["patient_id"])
    known = derived["covariates"][derived["covariates"]["patient_id"].isin(persons)]
    described = _identity(settings, pd.Series(persons))
    if "index_date" in settings:
        label = f"Index date: {settings['index_date']['label']}"
        described.append(_column(cohort["index_date"], "TRTSDT", "date", label, "index_date of the study"))
    values = {name: _values(variable, known, persons) for name, variable in plan.variables.items()}
    described += _time_at_risk(derived, persons)
    described += [*_flags(settings, plan, values, derived, persons), *_death(derived, persons)]
    for name, variable in plan.variables.items():
        described += _described(variable, values[name])
    return dataset("adsl", "Included persons", described, ["USUBJID"])


def _values(variable: Variable, covariates: pd.DataFrame, persons: pd.Index) -> pd.Series:
    """Level ids or numbers, one per person, numbered from 0."""
    if variable.levels:
        found = levels_of(covariates, variable.id, persons, list(variable.levels))
    else:
        found = numbers_of(covariates, variable.id, persons)
    return found.reset_index(drop=True)


def _described(variable: Variable, values: pd.Series) -> Iterator[Described]:
    unit = f", {variable.unit}" if variable.unit else ""
    note = f" ({variable.note})" if variable.note else ""
    origin = f"variable {variable.id} of the study{note}"
    if not variable.levels:
        yield _column(values, variable.name, "number", variable.label + unit, origin)
        return
    meaning = {code: variable.levels[level] for level, code in variable.codes.items()}
    yield _column(values.map(variable.levels), variable.name, "text", variable.label, origin)
    yield _column(values.map(variable.codes), variable.coded, "number", f"{variable.label} (code)", origin, meaning)


def _flags(
    settings: Settings,
    plan: Plan,
    values: Mapping[str, pd.Series],
    derived: Mapping[str, pd.DataFrame],
    persons: pd.Index,
) -> Iterator[Described]:
    """Y where the person belongs to the population, blank elsewhere."""
    everyone = pd.Series(True, index=range(len(persons)))
    yield _column(_flag(everyone), "ITTFL", "text", "Included in the analysis", "every person who met all criteria")
    if "response" in derived:
        yield from _response_flags(derived["response"].set_index("patient_id").reindex(persons).reset_index(drop=True))
    for endpoint, name in plan.complete.items():
        needed = [*settings["models"][endpoint], *settings.get("model_strata", {}).get(endpoint, [])]
        known = pd.concat([values[variable] for variable in needed], axis="columns").notna()
        label = f"In the multivariable model of {plan.endpoints[endpoint]}"
        yield _column(_flag(known.all(axis="columns")), name, "text", label, "every variable of the model is known")


def _time_at_risk(derived: Mapping[str, pd.DataFrame], persons: pd.Index) -> Iterator[Described]:
    """Who was at risk of adverse events from when to when."""
    if "exposure" not in derived:
        return
    ours = derived["exposure"].set_index("patient_id").reindex(persons).reset_index(drop=True)
    origin = "exposure: first dose to the end of the safety window, death or data cut-off"
    yield _column(_flag(ours["first_dose"].notna()), "SAFFL", "text", "Treated, at risk of adverse events", origin)
    yield _column(ours["first_dose"], "SAFSTDT", "date", "First dose", origin)
    yield _column(ours["last_day"], "SAFENDT", "date", "Last day at risk of adverse events", origin)
    yield _column(ours["at_risk_days"], "SAFDAYS", "number", "Days at risk of adverse events", "SAFENDT - SAFSTDT + 1")


def _response_flags(response: pd.DataFrame) -> Iterator[Described]:
    """Who can be evaluated and, where it is derived, who had a benefit."""
    if "evaluable" in response:
        evaluable, origin = response["evaluable"].eq(True), "an assessment that counts and is not NE"
    else:
        best, origin = response["best_response"], "best overall response is neither NE nor MISSING"
        evaluable = best.notna() & ~best.isin(UNKNOWN_RESPONSES)
    yield _column(_flag(evaluable), "RSEVFL", "text", "Response can be evaluated", origin)
    benefits = {"clinical_benefit": ("CBRFL", ""), "confirmed_clinical_benefit": ("CCBRFL", ", confirmed")}
    for column, (name, kind) in benefits.items():
        if column in response:
            yield _column(_flag(response[column].eq(True)), name, "text", f"Clinical benefit{kind}",
                          f"{column} of the responses")  # fmt: skip


def _flag(holds: pd.Series) -> pd.Series:
    return holds.map({True: YES, False: None}).astype(object)


def _death(derived: Mapping[str, pd.DataFrame], persons: pd.Index) -> Iterator[Described]:
    if "deaths" not in derived:
        return
    ours = derived["deaths"].drop_duplicates("patient_id").set_index("patient_id").reindex(persons)
    ours = ours.reset_index(drop=True)
    origin = "accepted record in deaths"
    yield _column(_flag(ours["death_date"].notna()), "DTHFL", "text", "Died", origin)
    yield _column(ours["death_date"], "DTHDT", "date", "Date of death", origin)
    yield _column(ours["treatment_related"], "DTHREL", "text", "Death related to the study treatment", origin)


# ── ADTTE ────────────────────────────────────────────────────────────────────────────────────


def adtte(settings: Settings, plan: Plan, derived: Mapping[str, pd.DataFrame]) -> Dataset:
    """One row per included person, endpoint and rule set: start, end, days, months, and 0 for an event (as ADaM).

    AVAL is the days from start to end (the start is day 0), AVALM the same in months of `statistics.days_per_month`.
    """
    rows = derived["endpoints"].reset_index(drop=True)
    labels = {name: one_line(endpoint["label"]) for name, endpoint in settings["endpoints"].items()}
    anchor = rows.get("anchor")
    per_month = settings["statistics"]["days_per_month"]
    described = [
        *_identity(settings, rows["patient_id"]),
        _column(rows["endpoint"].map(plan.endpoints), "PARAMCD", "text", "Endpoint (code)", "endpoint of the study"),
        _column(rows["endpoint"].map(labels), "PARAM", "text", "Endpoint", "endpoints.<endpoint>.label"),
        _column(rows["rule_set"], "RULESET", "text", "Censoring rules", "main: the study's own; others: sensitivity"),
        _column(rows["start_date"], "STARTDT", "date", "Time zero", "index date"),
        _column(rows["end_date"], "ADT", "date", "Date of event or censoring", "endpoints of the study"),
        _column(rows["time_days"], "AVAL", "number", "Time, days", "ADT minus STARTDT"),
        _column(rows["time_days"].astype("float64") / per_month, "AVALM", "number", "Time, months",
                f"AVAL / {per_month:g}"),
        _column((~rows["event"].astype(bool)).astype("float64"), "CNSR", "number", "Censored", "0 where it happened",
                {0: "Event", 1: "Censored"}),
        _column(rows["reason"], "EVNTDESC", "text", "Which event, or why censored", "reason of the study's rules"),
        *([_column(anchor, "ANCHOR", "text", "Who states the progression", "endpoints")] if anchor is not None else []),
        *_source(rows),
    ]  # fmt: skip
    return dataset("adtte", "Times to event", described, ["PARAMCD", "RULESET", "USUBJID"])


# ── ADRS ─────────────────────────────────────────────────────────────────────────────────────


def adrs(settings: Settings, plan: Plan, derived: Mapping[str, pd.DataFrame]) -> Dataset:
    """One row per included person for the best overall response, unconfirmed (BOR) and confirmed (CBOR), and one per
    assessment (OVRLRESP): of the last two only what the study derives.

    AVAL is the place of the response in `BEST_FIRST`, from 1.
    """
    best = derived["response"].assign(parameter="BOR", response=derived["response"]["best_response"])
    parts = [best, *_confirmed(derived["response"]), *([_visits(derived)] if "visits" in derived else [])]
    rows = pd.concat([part[_RESPONSE_COLUMNS] for part in parts if len(part)] or [best[_RESPONSE_COLUMNS]])
    rows = rows.reset_index(drop=True)
    codes = {response: code for code, response in enumerate(BEST_FIRST, 1)}
    described = [
        *_identity(settings, rows["patient_id"]),
        _column(rows["parameter"], "PARAMCD", "text", "Parameter (code)", "BOR, CBOR or OVRLRESP"),
        _column(rows["parameter"].map(_PARAMETERS), "PARAM", "text", "Parameter", "derivation of the response"),
        _column(rows["source_date"], "ADT", "date", "Date of the assessment", "date of the assessment it rests on"),
        _column(rows["response"], "AVALC", "text", "Response", "RECIST 1.1"),
        _column(rows["response"].map(codes), "AVAL", "number", "Response (code)", "place of AVALC in the order",
                {code: response for response, code in codes.items()}),
        _column(rows["reason"], "REASON", "text", "Why this response", "reason of the derivation"),
        *_source(rows),
    ]  # fmt: skip
    return dataset("adrs", "Tumour response", described, ["PARAMCD", "USUBJID", "ADT", "SRCRECID"])


_PARAMETERS = {"BOR": "Best overall response, unconfirmed", "CBOR": "Best overall response, confirmed",
               "OVRLRESP": "Overall response of an assessment"}  # fmt: skip
_RESPONSE_COLUMNS = ["patient_id", "parameter", "response", "reason", "source_table", "source_record_id", "source_date"]


def _confirmed(response: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Confirmed best responses, where they are derived."""
    if "confirmed_response" in response:
        names = {"response": "response", "reason": "reason", "record_id": "source_record_id", "date": "source_date"}
        given = {ours: response[f"confirmed_{theirs}"] for theirs, ours in names.items()}
        table = response["source_table"].mask(response["confirmed_record_id"].isna(), None)
        yield response.assign(parameter="CBOR", source_table=table, **given)


def _visits(derived: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The overall response of each assessment of the included."""
    visits = derived["visits"]
    ours = visits[visits["patient_id"].isin(derived["cohort"]["patient_id"]) & visits["overall_response"].notna()]
    return ours.assign(parameter="OVRLRESP", response=ours["overall_response"], reason="overall response of the day",
                       source_table="assessments", source_record_id=ours["record_id"],
                       source_date=ours["visit_date"])  # fmt: skip


# ── ADAE ─────────────────────────────────────────────────────────────────────────────────────


def adae(settings: Settings, plan: Plan, derived: Mapping[str, pd.DataFrame]) -> Dataset:
    """One row per treatment-emergent adverse event of an included person."""
    rows = derived["safety"].sort_values(["patient_id", "onset_date", "source_record_id"], ignore_index=True)
    labels = settings["safety"]["terms"]
    term = rows["term"].map(lambda found: one_line(labels.get(found, found)))
    organ_class = rows["soc"].map(lambda found: CLASS_NAMES.get(found, in_words(found)))
    number = rows.groupby("patient_id").cumcount() + 1
    described = [
        *_identity(settings, rows["patient_id"]),
        _column(number, "AESEQ", "number", "Number of the event in the person", "order of onset and record"),
        _column(rows["recorded_term"], "AETERM", "text", "Event as written", "adverse event record"),
        _column(rows["term"], "AETRMID", "text", "Term (id)", "code list; unmapped where it lacks the words"),
        _column(term, "AEDECOD", "text", "Term", "safety.terms of the study"),
        _column(rows["soc"], "AESOCID", "text", "System organ class (id)", "code list; unmapped as the term"),
        _column(organ_class, "AEBODSYS", "text", "System organ class", "code list, as CTCAE groups its terms"),
        _column(rows["onset_date"], "ASTDT", "date", "First day", "adverse event record"),
        _column(rows["days_from_first_dose"] + 1, "ASTDY", "number", "Day of treatment", "ASTDT - SAFSTDT + 1"),
        _column(rows["worst_grade"], "ATOXGRN", "number", "Worst grade (CTCAE)", "the higher of the recorded grades"),
        _column(rows["action"], "AEACN", "text", "Action taken with the study treatment", "adverse event record"),
        _column(rows["relatedness"], "AEREL", "text", "Related to the study treatment", "adverse event record"),
        _column(rows["outcome"], "AEOUT", "text", "Outcome", "adverse event record"),
        *(_column(_flag(rows[column]), name, "text", f"Worst event of {of}", f"{column} of the adverse events")
          for column, name, of in _WORST),
        _column(_flag(pd.Series(True, index=rows.index)), "TRTEMFL", "text", "Treatment-emergent",
                "all events here are: others are left out"),
        *_source(rows),
    ]  # fmt: skip
    return dataset("adae", "Adverse events", described, ["USUBJID", "AESEQ"])


_WORST = (("worst_of_all", "AOCCIFL", "the person"), ("worst_of_class", "AOCCSIFL", "her organ class"),
          ("worst_of_term", "AOCCPIFL", "her term"))  # fmt: skip

BUILDERS = {"adsl": adsl, "adtte": adtte, "adrs": adrs, "adae": adae}
