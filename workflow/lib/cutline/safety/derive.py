"""Treatment-emergent adverse events, each with its term, organ class and whether it is the person's worst."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.queries import queries
from cutline.records import as_text, table_named
from cutline.safety.codes import adverse_event_codes
from cutline.safety.names import UNMAPPED
from cutline.safety.windows import DEATHS, safety_windows, time_at_risk
from cutline.tables.safety import SAFETY
from cutline.tables.spec import conform

IN_WINDOW = "begins between first dose and the end of the safety window"
OUTSIDE_CODE_LIST = f"{IN_WINDOW}; its term is not in the code list"
UNRECORDED_RANK = 2.5
"""A grade that is not recorded may hide a high one: it outranks 1 and 2, and says nothing against a recorded 3 to 5."""
WORST = {"worst_of_all": ["patient_id"], "worst_of_class": ["patient_id", "soc"],
         "worst_of_term": ["patient_id", "term"]}  # fmt: skip


def derive_safety(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, codelist: Path, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The adverse events of included persons that begin under the study drugs, and who was at risk how long.

    Which events count says `safety_windows`. `codelist` maps recorded terms; those that it lacks share one term,
    `reason` says so, and `queries` asks about each. The worst grade of an event is the higher of the two recorded ones.
    `safety` has one row per event, sorted by person, onset and record; in each person, and within each of her terms
    and organ classes, one event is marked as the worst: the highest grade, then the earliest, then the lowest record.
    `exposure` has one row per treated person. Raises ConfigError for an unknown table or column.
    """
    windows = safety_windows(settings, cohort, records)
    safety = _emergent(settings["safety"], windows, codelist, records)
    exposure = time_at_risk(windows, settings["data_cutoff"], records.get(DEATHS))
    return {"safety": safety, "exposure": exposure, "queries": _unmapped(safety)}


def emergent_events(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, codelist: Path, **records: pd.DataFrame
) -> pd.DataFrame:
    """The table `safety` of `derive_safety`, which no cut-off is needed for."""
    windows = safety_windows(settings, cohort, records)
    return _emergent(settings["safety"], windows, codelist, records)


def _emergent(
    rules: Mapping[str, Any], windows: pd.DataFrame, codelist: Path, records: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    events = _within(table_named(records, rules["table"]), windows)
    codes, recorded = adverse_event_codes(codelist, rules), as_text(events["term"])
    unknown = ~recorded.isin(list(codes.terms))
    grades = events[["grade", "worst_grade"]].astype("float64").max(axis="columns")
    rows = events.assign(
        term=recorded.map(codes.terms).fillna(UNMAPPED), soc=recorded.map(codes.classes).fillna(UNMAPPED),
        recorded_term=events["term"], worst_grade=grades,
        days_from_first_dose=(events["onset_date"] - events["first_dose"]).dt.days,
        reason=unknown.map({False: IN_WINDOW, True: OUTSIDE_CODE_LIST}), source_table=rules["table"],
        source_record_id=events["record_id"], source_date=events["onset_date"],
    )  # fmt: skip
    return conform(_with_worst(rows), SAFETY).sort_values(list(SAFETY.sort), ignore_index=True)


def _within(events: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """The events that begin in their person's window."""
    events = events.join(windows[["first_dose", "window_end"]], on="patient_id", how="inner")
    return events[(events["onset_date"] >= events["first_dose"]) & (events["onset_date"] <= events["window_end"])]


def _with_worst(rows: pd.DataFrame) -> pd.DataFrame:
    """The events with a mark on the worst one of each person, of each of her organ classes and terms."""
    rank = rows["worst_grade"].fillna(UNRECORDED_RANK)
    ordered = rows.assign(rank=-rank).sort_values(["rank", "onset_date", "source_record_id"])
    marks = {name: (~ordered.duplicated(of)).reindex(rows.index) for name, of in WORST.items()}
    return rows.assign(**marks)


def _unmapped(safety: pd.DataFrame) -> pd.DataFrame:
    """One question for each event whose words the code list lacks."""
    rows = safety[safety["term"] == UNMAPPED]
    question = "the code list of adverse events lacks “" + rows["recorded_term"].astype(str) + "”: which term is it?"
    return queries("adverse_event_unmapped", rows, about="term", question=question)
