"""Which rows break a plausibility rule: of rules whose records are set aside, and of those that are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from cutline.quality.rules import RULES
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.spec import each_distinct

Records = Mapping[str, pd.DataFrame]
Faulty = Callable[[Records, pd.DataFrame], pd.Series]

BEGAN = {name: table.began for name, table in RECORD_TABLES.items() if table.began}
"""The date of what a record tells of."""


@dataclass(frozen=True)
class Check:
    """One rule on one table: `faulty` marks the rows that break it, `columns` are those to look at, the last first."""

    id: str
    table: str
    columns: tuple[str, ...]
    description: str
    faulty: Faulty


def _of_patient(records: Records, table: pd.DataFrame, other: str, date: str, latest: bool = False) -> pd.Series:
    """On each row the first, or the latest, such date of its patient in another table; NaT where there is none."""
    if other not in records:
        return pd.Series(pd.NaT, index=table.index)
    grouped = records[other].groupby("patient_id", observed=True)[date]
    dates = grouped.max() if latest else grouped.min()
    return each_distinct(table["patient_id"], lambda persons: persons.map(dates))


def _none(table: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=table.index)


# ── set aside ────────────────────────────────────────────────────────────────────────────────


def ends_before_it_starts(start: str, end: str) -> Faulty:
    """Rows whose `end` date lies before their `start` date."""
    return lambda records, table: table[end] < table[start]


def dated_before_birth(date: str) -> Faulty:
    """Rows dated before their patient was born."""
    return lambda records, table: table[date] < _of_patient(records, table, "patients", "birth_date")


def dated_after_death(date: str) -> Faulty:
    """Rows dated after their patient's death."""
    return lambda records, table: table[date] > _of_patient(records, table, "deaths", "death_date")


def dead_before_everything(records: Records, table: pd.DataFrame) -> pd.Series:
    """Deaths before every other record of the person, where there are others: the death is wrong, and not the rest."""
    doubtful, known = table[["patient_id", "death_date"]], pd.Series(False, index=table.index)
    for name in [name for name in BEGAN if name in records and name != "deaths"]:
        theirs = records[name][records[name]["patient_id"].isin(doubtful["patient_id"])]
        first = _of_patient({name: theirs}, doubtful, name, BEGAN[name])
        known |= first.notna().reindex(table.index, fill_value=False)
        doubtful = doubtful[~(doubtful["death_date"] >= first)]  # few are left after the first table
    return known & table.index.isin(doubtful.index)


def impossible_ecog(records: Records, table: pd.DataFrame) -> pd.Series:
    """Numbers given as ECOG performance status that are none of its six grades; what is no number is left to others."""
    return _is_item(table, "ecog") & each_distinct(table["value"], _is_no_grade)


def _is_no_grade(values: pd.Series) -> pd.Series:
    numbers = numbers_of(values)
    return numbers.notna() & ~numbers.isin(range(6))


def worst_below_onset(records: Records, table: pd.DataFrame) -> pd.Series:
    """Events whose worst grade is lower than the one they began with."""
    return (table["worst_grade"] < table["grade"]).fillna(False).astype(bool)


def _is_item(table: pd.DataFrame, item: str) -> pd.Series:
    return each_distinct(table["item"], lambda items: items.str.strip().str.casefold() == item)


def numbers_of(values: pd.Series) -> pd.Series:
    """Text, or numbers, as numbers, a percent sign and blanks apart; missing where it is none."""
    return each_distinct(
        values, lambda texts: pd.to_numeric(texts.astype("str").str.rstrip("% "), errors="coerce").astype("float64")
    )


AFTER_DEATH = {
    "assessments": "a scan after death", "treatments": "a treatment begun after death",
    "follow_up": "alive at a contact after death", "doses": "a dose begun after death",
    "procedures": "a procedure after death", "lesions": "a lesion measured after death",
    "observations": "an observation after death", "adverse_events": "an adverse event that begins after death",
}  # fmt: skip

CHECKS = (
    Check("before_birth", "deaths", ("death_date",), "dated before the person was born",
          dated_before_birth("death_date")),
    Check("before_everything", "deaths", ("death_date",), "dated before every other record of the person",
          dead_before_everything),
    Check("stops_before_start", "treatments", ("start_date", "stop_date"), "the treatment stops before it starts",
          ends_before_it_starts("start_date", "stop_date")),
    Check("stops_before_start", "doses", ("start_date", "stop_date"), "the dose period stops before it starts",
          ends_before_it_starts("start_date", "stop_date")),
    Check("ends_before_onset", "adverse_events", ("onset_date", "end_date"), "the event ends before it begins",
          ends_before_it_starts("onset_date", "end_date")),
    Check("worst_before_onset", "adverse_events", ("onset_date", "worst_grade_date"),
          "the worst grade is dated before the event begins", ends_before_it_starts("onset_date", "worst_grade_date")),
    Check("worst_below_onset", "adverse_events", ("grade", "worst_grade"),
          "the worst grade is below the grade at onset", worst_below_onset),
    Check("before_birth", "diagnoses", ("diagnosis_date",), "dated before the person was born",
          dated_before_birth("diagnosis_date")),
    Check("impossible_ecog", "observations", ("value",), "an ECOG performance status that is not 0, 1, 2, 3, 4 or 5",
          impossible_ecog),
    *(Check("after_death", table, (BEGAN[table],), words, dated_after_death(BEGAN[table]))
      for table, words in AFTER_DEATH.items()),
)  # fmt: skip
"""The clinical rules whose records are set aside, in the order they are applied."""


# ── asked about, or counted ──────────────────────────────────────────────────────────────────


def before_first(date: str, other: str, other_date: str) -> Faulty:
    """Rows dated before the first such date of their patient in another table."""
    return lambda records, table: table[date] < _of_patient(records, table, other, other_date)


def metastasis_before_primary(records: Records, table: pd.DataFrame) -> pd.Series:
    """Secondary cancer dated before the patient's first primary one, where a primary one is recorded."""
    codes = table["icd10"].str.strip().str.upper()
    primaries = table[codes.str.match(r"C(?!7[789])", na=False)]
    first = _of_patient({"diagnoses": primaries}, table, "diagnoses", "diagnosis_date")
    return codes.str.match("C7[789]", na=False) & (table["diagnosis_date"] < first)


def progressed_before_index(records: Records, table: pd.DataFrame) -> pd.Series:
    """Scans with progression after the last baseline scan up to the index date and before that date itself."""
    index = _of_patient(records, table, "cohort", "index_date")
    baselines = table[(table["kind"] == "baseline") & (table["assessment_date"] <= index)]
    baseline = _of_patient({"baselines": baselines}, table, "baselines", "assessment_date", latest=True)
    between = (table["assessment_date"] > baseline) & (table["assessment_date"] < index)
    return between & ((table["overall_response"] == "PD") | (table["new_lesions"] == "yes"))


def event_before_index(date: str) -> Faulty:
    """Persons, one row each, whose progression is dated before their index date."""
    return before_first(date, "cohort", "index_date")


def repeated(same: Sequence[str], differ: Sequence[str] = ()) -> Faulty:
    """Later rows that agree with an earlier one of the patient in `same`, and with none in `differ` if any is named."""

    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        again = table.duplicated(["patient_id", *same])
        return again & ~table.duplicated(["patient_id", *same, *differ]) if differ else again

    return faulty


def after_last_contact(date: str, lost: bool) -> Faulty:
    """Rows after their patient's last contact; `lost`: if that says that she was lost, or else if it does not."""

    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        if "follow_up" not in records:
            return _none(table)
        contacts = records["follow_up"].sort_values("contact_date", kind="stable")
        last = contacts.drop_duplicates("patient_id", keep="last")
        chosen = last[(last["status"] == "lost") == lost]
        return table[date] > _of_patient({"last": chosen}, table, "last", "contact_date")

    return faulty


def dead_at_visit(records: Records, table: pd.DataFrame) -> pd.Series:
    """ECOG 5 of a person of whom no death is recorded by that day."""
    death = _of_patient(records, table, "deaths", "death_date")
    return _is_item(table, "ecog") & (numbers_of(table["value"]) == 5) & ~(death <= table["observed_on"])


def fatal_without_death(records: Records, table: pd.DataFrame) -> pd.Series:
    """Fatal events, by grade or outcome, of persons without a date of death."""
    fatal = ((table["grade"] == 5) | (table["worst_grade"] == 5)).fillna(False).astype(bool)
    return (fatal | (table["outcome"] == "fatal")) & _of_patient(records, table, "deaths", "death_date").isna()


def parentless(column: str, parents: str) -> Faulty:
    """Rows that name a record of another table which is not there."""

    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        return ~table[column].isin(records[parents]["record_id"]) if parents in records else _none(table)

    return faulty


def malformed(column: str, pattern: str) -> Faulty:
    """Given codes that are not written as the whole pattern says."""

    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        return each_distinct(table[column], lambda codes: codes.notna() & ~_follows(codes, pattern))

    return faulty


def _follows(codes: pd.Series, pattern: str) -> pd.Series:
    return codes.astype("str").str.strip().str.upper().str.fullmatch(pattern)


def written_before(date: str) -> Faulty:
    """Rows whose day of entry lies before the day they tell of."""
    return lambda records, table: table["recorded_on"] < table[date]


ICD10, ATC = r"[A-Z]\d[0-9AB](\.?[0-9A-Z]{1,4})?", r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?"
_LOST = "dated after the last contact, at which the person was lost to follow-up"


def _on_each(rule: str, words: str, faulty: Callable[[str], Faulty]) -> Iterator[Check]:
    """The check of one rule on each of its tables, on every dated one if it names none, by the date of each."""
    tables = RULES[rule].tables or BEGAN
    return (Check(rule, table, (BEGAN[table],), words, faulty(BEGAN[table])) for table in tables)


LOOKS = (
    *_on_each("finding_after_death", "dated after death", dated_after_death),
    Check("treatment_before_diagnosis", "treatments", ("start_date",),
          "the treatment begins before the first diagnosis", before_first("start_date", "diagnoses", "diagnosis_date")),
    Check("metastasis_before_primary", "diagnoses", ("diagnosis_date",),
          "the metastasis is dated before the first diagnosis of cancer", metastasis_before_primary),
    Check("progression_before_index", "assessments", ("assessment_date",),
          "progression after the baseline scan and before the index date", progressed_before_index),
    Check("duplicate_visit", "assessments", ("assessment_date",),
          "another scan of that day has the same modality and assessor",
          repeated(["assessment_date", "modality", "assessor"])),
    Check("duplicate_visit", "follow_up", ("status",), "another contact of that day has another status",
          repeated(["contact_date"], differ=["status"])),
    *_on_each("after_loss", _LOST, partial(after_last_contact, lost=True)),
    *_on_each("after_last_contact", "dated after the last contact",
              partial(after_last_contact, lost=False)),
    Check("dead_at_visit", "observations", ("value",), "ECOG 5, and no death is recorded by that day", dead_at_visit),
    Check("fatal_without_death", "adverse_events", ("outcome",), "a fatal event, and no death is recorded",
          fatal_without_death),
    Check("no_parent", "doses", ("treatment_record_id",), "the treatment it belongs to is not there",
          parentless("treatment_record_id", "treatments")),
    Check("no_parent", "lesions", ("assessment_record_id",), "the scan it belongs to is not there",
          parentless("assessment_record_id", "assessments")),
    Check("malformed_code", "diagnoses", ("icd10",), "not written as an ICD-10 code is", malformed("icd10", ICD10)),
    Check("malformed_code", "treatments", ("atc",), "not written as an ATC code is", malformed("atc", ATC)),
    *_on_each("written_before", "written before the day it tells of", written_before),
)  # fmt: skip
"""The clinical rules whose records stay. Ranges, units and words are `listed`, for they are tables of their own."""
