"""The step from records to response: of every assessment, and of every included person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.errors import RecordError
from cutline.queries import queries
from cutline.records import candidates, column_named, only, table_named
from cutline.response.best import YES, Assessed, Rules, picked
from cutline.response.targets import ON_STUDY
from cutline.response.visits import derive_visits
from cutline.response.words import WORST_OF_A_DAY
from cutline.tables.response import RESPONSE
from cutline.tables.spec import REPEATING, conform, unpacked

INDEX_DATE = "index_date"


def derive_response(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, covariates: pd.DataFrame, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The response of each assessment, the best response of each included person, and what does not agree.

    `visits` has a row per assessment of each person with an index date, `response` one per included person, both
    sorted; `queries` asks about assessments whose recorded response is not what their measurements make it. Persons
    without an assessment on or after the index date (only after it, where the study says `after_start`) are MISSING.
    Raises ConfigError for an unknown table or column, RecordError for assessments not in the words of RECIST.
    """
    rules = settings["response"]
    assessments = table_named(records, rules["table"])
    _check_words(column_named(assessments, rules["value"], rules["table"]), rules)
    column_named(assessments, rules["date"], rules["table"])
    visits = derive_visits(assessments, records.get("lesions"), _index_dates(covariates), rules)
    start = cohort.set_index("patient_id")[INDEX_DATE]
    response = _response(visits, start, rules, _new_therapy(records, rules, start))
    return {"visits": visits, "response": response, "queries": _differing(visits)}


derive_response.categorical = REPEATING  # type: ignore[attr-defined]  # words of RECIST, sites: all of it repeats


def variables_asked(settings: Mapping[str, Any]) -> list[str]:
    """The variables that `derive_response` looks at."""
    return [INDEX_DATE]


def _check_words(responses: pd.Series, rules: Mapping[str, Any]) -> None:
    unknown = int((~responses.dropna().astype("category").isin(WORST_OF_A_DAY)).sum())
    if unknown:
        raise RecordError(
            f"response.value: {unknown} record(s) of {rules['table']} have another word in column {rules['value']}; "
            f"expected {', '.join(WORST_OF_A_DAY)}; correct the source, or name the column of the overall response"
        )


def _index_dates(covariates: pd.DataFrame) -> pd.Series:
    """The index date of every screened person who has one, by patient_id."""
    known = covariates[(covariates["variable"] == INDEX_DATE) & covariates["value"].notna()]
    return pd.to_datetime(known.set_index("patient_id")["value"], format="%Y-%m-%d")


def _new_therapy(records: Mapping[str, pd.DataFrame], rules: Mapping[str, Any], start: pd.Series) -> pd.Series | None:
    """The first of the study's new therapies after each person's index date; None where the study names none."""
    if "new_therapy" not in rules:
        return None
    given = candidates(records, rules["new_therapy"])
    later = given[given["source_date"] > pd.to_datetime(given["patient_id"].map(start))]
    return later.groupby("patient_id")["source_date"].min()


# ── persons ──────────────────────────────────────────────────────────────────────────────────


def _response(
    visits: pd.DataFrame, start: pd.Series, rules: Mapping[str, Any], new_therapy: pd.Series | None
) -> pd.DataFrame:
    """The table of best responses, from the responses in force."""
    given = pd.DataFrame({"patient_id": visits["patient_id"], "date": visits["visit_date"],
                          "response": visits["overall_response"], "sequence": visits["record_id"]})  # fmt: skip
    if rules.get("after_start"):
        given = given[given["date"] != given["patient_id"].map(start)]
    parameters = parameters_of(rules)
    assessed = Assessed.of(given, start, parameters, new_therapy)
    found = {name: picked(assessed, name, parameters) for name in ("BOR", "CBOR", "RSP", "CRSP", "CB", "CCB")}
    best, confirmed, first, first_confirmed, benefit, confirmed_benefit = found.values()
    table = pd.DataFrame(
        {
            "best_response": best["value"], "reason": best["reason"], "source_record_id": best["sequence"],
            "source_date": best["date"],
            "source_table": only(pd.Series(rules["table"], index=start.index), best["date"].notna()),
            "confirmed_response": confirmed["value"], "confirmed_reason": confirmed["reason"],
            "confirmed_record_id": confirmed["sequence"], "confirmed_date": confirmed["date"],
            "first_response_date": first["date"], "first_response_record_id": first["sequence"],
            "first_confirmed_response_date": first_confirmed["date"],
            "first_confirmed_response_record_id": first_confirmed["sequence"],
            "clinical_benefit": benefit["value"] == YES,
            "confirmed_clinical_benefit": confirmed_benefit["value"] == YES,
            "evaluable": start.index.isin(assessed.persons[assessed.person[assessed.is_evaluable()]]),
            "best_change_percent": _best_change(visits, assessed).reindex(start.index),
        },
        index=start.index,
    )  # fmt: skip
    return conform(table.reset_index(), RESPONSE).sort_values("patient_id", ignore_index=True)


def parameters_of(rules: Mapping[str, Any]) -> Rules:
    """The study's parameters. A progression before the index date belongs to an earlier therapy and ends nothing."""
    return Rules(
        minimum_stable_days=rules["minimum_stable_days"],
        confirmation_days=rules["confirmation_days"],
        max_not_evaluable=rules["max_not_evaluable"],
        accept_stable=rules["accept_stable"],
        missing_as_not_evaluable=rules["missing_as_not_evaluable"],
        clinical_benefit_days=rules["clinical_benefit_days"],
        truncate="counted_days",
    )


def _best_change(visits: pd.DataFrame, assessed: Assessed) -> pd.Series:
    """The smallest change of the target sum from baseline on the days that count, by patient_id."""
    on_study = visits["phase"] == ON_STUDY
    measured = visits.loc[on_study, ["patient_id", "visit_date", "change_percent"]]
    counted = assessed.rows.loc[assessed.counts, ["person", "date"]]
    days = pd.DataFrame({"patient_id": assessed.persons[counted["person"]], "visit_date": counted["date"].to_numpy()})
    return measured.merge(days, on=["patient_id", "visit_date"]).groupby("patient_id")["change_percent"].min()


# ── what does not agree ──────────────────────────────────────────────────────────────────────


def differing(visits: pd.DataFrame) -> pd.DataFrame:
    """The assessments on the study whose recorded response is not the derived one, up to the first progression."""
    progressed = ((visits["recorded_response"] == "PD") | (visits["derived_response"] == "PD")).astype("int64")
    progressed = progressed.where(visits["phase"] == ON_STUDY, 0)
    earlier = progressed.groupby(visits["patient_id"]).cumsum() - progressed
    both = visits["recorded_response"].notna() & visits["derived_response"].notna() & (visits["phase"] == ON_STUDY)
    return visits[both & (earlier == 0) & (visits["recorded_response"] != visits["derived_response"])]


def _differing(visits: pd.DataFrame) -> pd.DataFrame:
    rows = unpacked(differing(visits)).assign(source_date=lambda found: found["visit_date"])
    question = (
        "recorded as " + rows["recorded_response"] + ", but " + rows["derived_response"]
        + " by RECIST 1.1 (" + rows["reason"] + "): which is right?"
    )  # fmt: skip
    return queries("response_differs", rows, about="overall_response", question=question)
