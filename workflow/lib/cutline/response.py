"""Best overall response by RECIST 1.1, unconfirmed, and the response rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from cutline.ard import result, results_table
from cutline.errors import ConfigError, RecordError
from cutline.filters import filter_text, is_one_of
from cutline.records import candidates, only
from cutline.tables.queries import QUERIES
from cutline.tables.response import RESPONSE
from cutline.tables.spec import conform, empty

WORST_OF_A_DAY = ["NE", "CR", "PR", "SD", "NON-CR/NON-PD", "PD"]
"""From best to worst, for several assessments of one day: what cannot be evaluated yields to what can."""

BEST_FIRST = ["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"]
"""The order in which the best overall response is looked for."""

NEED_DURATION = ["SD", "NON-CR/NON-PD"]
"""Categories that count only from the minimum duration on, since disease is always stable for a while."""

SLUGS = {"CR": "complete", "PR": "partial", "SD": "stable", "NON-CR/NON-PD": "non_cr_non_pd", "PD": "progressive",
         "NE": "not_evaluable", "MISSING": "missing"}  # fmt: skip
OBJECTIVE_RESPONSE = ["CR", "PR"]
DISEASE_CONTROL = ["CR", "PR", "SD", "NON-CR/NON-PD"]
RULE = "summarise_response"


# ── derivation ───────────────────────────────────────────────────────────────────────────────


def derive_response(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The best overall response of every included person, with the assessment it rests on.

    One row per person, sorted. Persons without an assessment on or after the index date (only after it, where the study
    says `after_start`) are MISSING. Raises ConfigError for an unknown table or column, or a confirmation this version
    does not do, RecordError for assessments that are not in the words of RECIST.
    """
    rules = settings["response"]
    if rules["confirmation"] != "none":
        raise ConfigError(f"response.confirmation: found {rules['confirmation']!r}, expected none")
    assessed = candidates(records, rules)
    visits = pd.DataFrame(
        {"patient_id": assessed["patient_id"], "date": assessed["source_date"], "response": assessed["value"],
         "sequence": assessed["source_record_id"]}
    )  # fmt: skip
    _check_words(visits["response"], rules)
    start = cohort.set_index("patient_id")["index_date"]
    if rules.get("after_start"):
        visits = visits[visits["date"] != visits["patient_id"].map(start)]
    best = best_overall_response(visits, start, minimum_stable_days=rules["minimum_stable_days"])
    table = best.rename(columns={"sequence": "source_record_id", "date": "source_date"})
    named = pd.Series(rules["table"], index=table.index, dtype=object)
    table = table.assign(source_table=only(named, table["source_date"].notna()))
    table = conform(table, RESPONSE).sort_values("patient_id", ignore_index=True)
    return {"response": table, "queries": empty(QUERIES)}


def _check_words(responses: pd.Series, rules: Mapping[str, Any]) -> None:
    unknown = int((~responses.isin(WORST_OF_A_DAY)).sum())
    if unknown:
        raise RecordError(
            f"response.value: {unknown} record(s) of {rules['table']} have another word in column {rules['value']}; "
            f"expected {', '.join(WORST_OF_A_DAY)}; correct the source, or name the column of the overall response"
        )


def best_overall_response(visits: pd.DataFrame, start: pd.Series, *, minimum_stable_days: int) -> pd.DataFrame:
    """The best overall response of each person of `start` (index patient_id, the reference date), unconfirmed.

    `visits` has columns patient_id, date, response (as `WORST_OF_A_DAY`) and sequence (order within a day). Visits
    before the reference date do not count, of one day the worst does (of equals the last), and visits after the first
    PD do not. Then CR > PR > SD > NON-CR/NON-PD > PD > NE > MISSING, each at its earliest visit; SD and NON-CR/NON-PD
    count from `minimum_stable_days` after the reference date on, earlier ones alone are NE. Returns columns patient_id,
    best_response, reason, date, sequence. Source: RECIST 1.1, Eisenhauer and others 2009.
    """
    counted = _until_progression(_worst_of_day(_on_or_after(visits, start)))
    days = (counted["date"] - pd.to_datetime(counted["patient_id"].map(start))).dt.days
    stable = counted["response"].isin(NEED_DURATION)
    early = stable & (days < minimum_stable_days)
    found = counted.assign(best_response=counted["response"].mask(early, "NE"), reason=_reasons(counted))
    found["reason"] = found["reason"].mask(early, f"stable for less than {minimum_stable_days} days and nothing later")
    found["rank"] = found["best_response"].map(BEST_FIRST.index)
    best = found.sort_values(["patient_id", "rank", "date"]).drop_duplicates("patient_id").set_index("patient_id")
    best = best.reindex(start.index)
    best["best_response"] = best["best_response"].fillna("MISSING")
    best["reason"] = best["reason"].fillna("no assessment on or after the index date")
    return best.reset_index()[["patient_id", "best_response", "reason", "date", "sequence"]]


def _on_or_after(visits: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    ours = visits[visits["patient_id"].isin(start.index)]
    return ours[ours["date"] >= pd.to_datetime(ours["patient_id"].map(start))]


def _worst_of_day(visits: pd.DataFrame) -> pd.DataFrame:
    """One visit per person and day, in that order: the worst, of equals the last in sequence."""
    badness = visits["response"].map(WORST_OF_A_DAY.index)
    worst = visits[badness == badness.groupby([visits["patient_id"], visits["date"]]).transform("max")]
    tied = worst.duplicated(["patient_id", "date"], keep=False)
    last = worst[tied].sort_values("sequence").drop_duplicates(["patient_id", "date"], keep="last")
    return pd.concat([worst[~tied], last]).sort_values(["patient_id", "date"])


def _until_progression(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits up to and including each person's first PD; `visits` are in the order of time."""
    progressed = (visits["response"] == "PD").astype("int64")
    earlier = progressed.groupby(visits["patient_id"]).cumsum() - progressed
    return visits[earlier == 0]


def _reasons(visits: pd.DataFrame) -> pd.Series:
    words = {"CR": "complete response before any progression", "PR": "partial response before any progression",
             "SD": "stable for the minimum duration",
             "NON-CR/NON-PD": "neither response nor progression for the minimum duration",
             "PD": "progression without a better response before", "NE": "no evaluable assessment"}  # fmt: skip
    return visits["response"].map(words).astype(object)


# ── summary ──────────────────────────────────────────────────────────────────────────────────


def summarise_response(
    *, settings: Mapping[str, Any], response: pd.DataFrame, cohort: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """How many persons have each best overall response, and the response and disease control rates.

    The denominator is every included person, those without an assessment too. Percentages are 0 to 100, intervals
    exact (Clopper and Pearson 1934). With nobody included a percentage has no value and a note says so.
    """
    conf_level = settings["statistics"]["conf_level"]
    best = response.loc[response["patient_id"].isin(cohort["patient_id"]), "best_response"]
    rows: list[dict[str, Any]] = []
    for category in BEST_FIRST:
        rows += _proportion(f"response.best.{SLUGS[category]}", [category], int((best == category).sum()), len(cohort))
    for rate, categories in (("orr", OBJECTIVE_RESPONSE), ("dcr", DISEASE_CONTROL)):
        count = int(best.isin(categories).sum())
        rows += _proportion(f"response.{rate}", categories, count, len(cohort))
        rows += _interval(f"response.{rate}", categories, count, len(cohort), conf_level)
    return {"ard": results_table(rows, RULE)}


NOBODY = "nobody is included"
UNCONFIRMED = "best overall response by RECIST 1.1, unconfirmed; denominator: all included persons"


def _proportion(key: str, categories: list[str], count: int, total: int) -> list[dict[str, Any]]:
    about = _about(key, categories, count, total) | {"method": UNCONFIRMED}
    percent = 100 * count / total if total else None
    note = "" if total else NOBODY
    return [result(f"{key}.n", count, unit="persons", **about),
            result(f"{key}.percent", percent, unit="percent", note=note, **about)]  # fmt: skip


def _about(key: str, categories: list[str], count: int, total: int) -> dict[str, Any]:
    behind = filter_text((), (is_one_of("response.best_response", *categories),))
    return {"analysis": "response", "n": total, "n_contributing": count, "filter": behind} | _level(key)


def _level(key: str) -> dict[str, str]:
    variable, _, level = key.removeprefix("response.").partition(".")
    return {"variable": f"{variable}_response" if level else variable, "level": level}


def _interval(key: str, categories: list[str], count: int, total: int, conf_level: float) -> list[dict[str, Any]]:
    about = _about(key, categories, count, total)
    about |= {"unit": "percent", "conf_level": conf_level, "method": "exact interval (Clopper-Pearson)"}
    if not total:
        return [result(f"{key}.{bound}", None, note=NOBODY, **about) for bound in ("lower", "upper")]
    interval = binomtest(count, total).proportion_ci(conf_level, method="exact")
    return [result(f"{key}.lower", 100 * float(interval.low), **about),
            result(f"{key}.upper", 100 * float(interval.high), **about)]  # fmt: skip
