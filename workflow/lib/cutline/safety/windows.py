"""When an event counts as treatment-emergent, and how long each person was at risk of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.records import candidates, matching, table_named
from cutline.tables.safety import EXPOSURE
from cutline.tables.spec import conform

TREATMENTS, DEATHS = "treatments", "deaths"
Records = Mapping[str, pd.DataFrame]
ONE_DAY = pd.Timedelta(days=1)
AT_CUTOFF = "data cut-off"


def safety_windows(settings: Mapping[str, Any], cohort: pd.DataFrame, records: Records) -> pd.DataFrame:
    """First and last day of the window of each treated included person, index patient_id, and what ends it.

    Columns first_dose, window_end, reason and the source columns of the record that ends it. The window runs from the
    first dose to `days_after_last_dose` after the last one, both days included, or to the day before `new_therapy`
    begins, whichever is earlier; while a drug goes on only the next therapy ends it. Doses of `drugs` count that
    run on the index date or begin after it. A course that begins after the window has closed is another line of
    treatment and does not reopen it. A drug taken before the index date already (exemestane alone, before everolimus)
    counts from the index date on. Raises ConfigError for an unknown table or column.
    """
    rules = settings["safety"]
    courses = _courses(cohort, table_named(records, TREATMENTS), rules)
    by_person = courses.groupby("patient_id")
    last = courses.sort_values(["patient_id", "stop", "record_id"]).drop_duplicates("patient_id", keep="last")
    last = last.set_index("patient_id")
    after = rules["days_after_last_dose"]
    windows = pd.DataFrame({
        "first_dose": by_person["start"].min(), "window_end": last["stop"] + pd.Timedelta(days=after),
        "reason": f"{after} days after the last dose", "source_table": TREATMENTS,
        "source_record_id": last["record_id"], "source_date": last["stop_date"],
    })  # fmt: skip
    return _up_to_next_therapy(windows, rules, records)


def _courses(cohort: pd.DataFrame, treatments: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """The courses of the study drugs from the index date on, up to the first gap longer than the window after one."""
    courses = matching(treatments, rules["drugs"], TREATMENTS).merge(
        cohort[["patient_id", "index_date"]], on="patient_id"
    )
    # A stop date later than any onset stands for a course that goes on.
    stop = courses["stop_date"].fillna(pd.Timestamp.max.normalize() - pd.Timedelta(days=rules["days_after_last_dose"]))
    courses = courses.assign(stop=stop)[stop >= courses["index_date"]]
    courses["start"] = courses[["start_date", "index_date"]].max(axis="columns")
    courses = courses.sort_values(["patient_id", "start", "record_id"])
    person = courses["patient_id"]
    last_dose = courses.groupby("patient_id")["stop"].cummax().groupby(person).shift()
    reopens = (courses["start"] - last_dose).dt.days > rules["days_after_last_dose"]
    first: pd.DataFrame = courses[reopens.astype("int64").groupby(person).cumsum() == 0]
    return first


def _up_to_next_therapy(windows: pd.DataFrame, rules: Mapping[str, Any], records: Records) -> pd.DataFrame:
    """The windows, closed on the day before the first therapy that begins after the first dose and within them."""
    if "new_therapy" not in rules:
        return windows
    begun = candidates(records, rules["new_therapy"])
    first_dose = begun["patient_id"].map(windows["first_dose"])
    begun = begun[(begun["source_date"] > first_dose).to_numpy()].sort_values(["source_date", "source_record_id"])
    begun = begun.drop_duplicates("patient_id").set_index("patient_id")
    return _closed(windows, begun.assign(end=begun["source_date"] - ONE_DAY, reason="next therapy"))


def _closed(windows: pd.DataFrame, by: pd.DataFrame) -> pd.DataFrame:
    """The windows with the end (column `end`) and its record taken from `by` where that is earlier."""
    by = by.rename(columns={"end": "window_end"}).reindex(windows.index)
    earlier = (by["window_end"] < windows["window_end"]).to_numpy()
    columns = ["window_end", "reason", "source_table", "source_record_id", "source_date"]
    return windows.assign(**{name: windows[name].mask(earlier, by[name]) for name in columns})


def time_at_risk(windows: pd.DataFrame, cutoff: str, deaths: pd.DataFrame | None) -> pd.DataFrame:
    """Who is at risk of a treatment-emergent event from when to when, as `EXPOSURE`, sorted by person.

    From the first dose to the end of the window, the death or the data cut-off, whichever is first; both days count.
    """
    until = windows
    if deaths is not None:
        died = deaths.sort_values(["death_date", "record_id"]).drop_duplicates("patient_id").set_index("patient_id")
        until = _closed(until, pd.DataFrame({
            "end": died["death_date"], "reason": "death", "source_table": DEATHS,
            "source_record_id": died["record_id"], "source_date": died["death_date"],
        }))  # fmt: skip
    until = _closed(until, pd.DataFrame({
        "end": pd.Timestamp(cutoff), "reason": AT_CUTOFF, "source_table": None, "source_record_id": None,
        "source_date": pd.NaT,
    }, index=windows.index))  # fmt: skip
    days = ((until["window_end"] - until["first_dose"]).dt.days + 1).clip(lower=0)
    table = until.rename(columns={"window_end": "last_day"}).assign(at_risk_days=days)
    return conform(table.rename_axis("patient_id").reset_index(), EXPOSURE).sort_values(
        list(EXPOSURE.sort), ignore_index=True
    )
