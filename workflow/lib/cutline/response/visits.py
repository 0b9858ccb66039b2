"""The overall response of each assessment by RECIST 1.1 (Eisenhauer and others 2009), beside the recorded one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cutline.response.targets import BASELINE, BEFORE, ON_STUDY, Targets, days_of, lesion_sizes, lesions_of, sums_of
from cutline.response.words import WORST_OF_A_DAY, categories, first_that_holds, numbered
from cutline.tables.response import VISITS
from cutline.tables.spec import conform

Numbers = npt.NDArray[np.int64]

FALL_PERCENT, RISE_PERCENT, RISE_MM = 30, 20, 5
"""Partial response from baseline; progression from the nadir, which needs both (section 4.3.1)."""
ROUNDING = 1e-9
"""So that a fall of 30 % of a sum with decimals is one."""
NEITHER = "NON-CR/NON-PD"


def derive_visits(
    assessments: pd.DataFrame, lesions: pd.DataFrame | None, index_dates: pd.Series, rules: Mapping[str, Any]
) -> pd.DataFrame:
    """One row per assessment of each person with an index date, in the columns of `VISITS`, words as categories.

    `assessments` and `lesions` are record tables (columns that a source lacks are blank), `index_dates` dates by
    patient_id, `rules` the section `response` of the study. Of the assessments up to `baseline_days_before` days before
    the index date and on it, the last one with a known target sum is the baseline, else the last; on the study are
    those after the index date. Sums are millimetres: of the diameters of the baseline's target lesions where lesions
    are listed, else as recorded. Without a baseline only new lesions and progression of non-target ones say anything.
    The response in force is the recorded or the derived one (`rules["overall"]`; where nothing can be derived, or
    nothing was measured or described, the recorded one), and in a person without measurable disease a partial response
    is NON-CR/NON-PD.
    """
    visits = _dated(assessments, index_dates, rules)
    found = lesions_of(visits, lesions)
    sizes = lesion_sizes(found)
    bare = visits["target_sum_mm"].isna() & visits["non_target"].isna() & ~visits.index.isin(found["row"])
    visits = _with_baseline(visits, sums_of(sizes, visits), rules["baseline_days_before"])
    targets = Targets.of(visits, sizes)
    target = _target(visits, targets)
    non_target = _non_target(visits, found)
    new = _new_lesions(visits, found)
    visits = visits.assign(
        target_response=target, non_target=non_target, new_lesions=new, target_sum_mm=targets.sum_mm,
        baseline_sum_mm=targets.baseline_mm, nadir_sum_mm=targets.nadir_mm,
        change_percent=_percent(targets.sum_mm - targets.baseline_mm, targets.baseline_mm),
    )  # fmt: skip
    overall = _overall(visits)
    visits = visits.assign(derived_response=overall, reason=_reasons(visits, targets, overall))
    return _finished(visits, bare & (overall == "NE"), rules)


def _dated(assessments: pd.DataFrame, index_dates: pd.Series, rules: Mapping[str, Any]) -> pd.DataFrame:
    """The assessments of persons with an index date, by person, day and record, with days from the index date.

    Columns of words are categories; the two that hold responses share theirs.
    """
    person = index_dates.index.get_indexer(pd.Index(assessments["patient_id"]))
    date = assessments[rules["date"]].to_numpy("datetime64[ns]")
    index_date = np.append(index_dates.to_numpy("datetime64[ns]"), np.datetime64("NaT"))[person]
    asked = np.flatnonzero(~np.isnat(date) & ~np.isnat(index_date))
    days = ((date - index_date)[asked] // np.timedelta64(1, "D")).astype("int64")
    rows = assessments.reindex(columns=["record_id", "patient_id", "target_sum_mm"]).take(asked)
    words = {name: _words(assessments, name).take(asked) for name in WORDS}
    words["recorded_response"] = _words(assessments, rules["value"]).take(asked)
    rows = rows.assign(person=person[asked], days=days, visit_date=date[asked], **words)
    order = _order_in_time(rows)
    return _with_common_categories(rows.take(order).reset_index(drop=True), ["recorded_response", "non_target"])


WORDS = ("measurable", "non_target", "new_lesions", "assessor")


def _words(table: pd.DataFrame, name: str) -> pd.Series:
    """The column as categories; blank if the table lacks it."""
    values = table[name] if name in table else pd.Series(None, index=table.index, dtype=object)
    return values.astype("category")


def _order_in_time(rows: pd.DataFrame) -> Numbers:
    tied = rows.duplicated(["person", "days"], keep=False).to_numpy()
    place = np.zeros(len(rows), dtype="int64")
    place[tied] = pd.factorize(rows["record_id"][tied], sort=True)[0]
    return np.lexsort((place, rows["days"], rows["person"]))


def _with_common_categories(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns with the words of RECIST, and whatever else is written in one of them, as their categories."""
    found = [word for column in columns for word in rows[column].cat.categories]
    words = pd.CategoricalDtype(pd.Index(list(dict.fromkeys([*WORST_OF_A_DAY, *found])), dtype=object))
    return rows.astype(dict.fromkeys(columns, words))


def _with_baseline(visits: pd.DataFrame, listed: pd.DataFrame, days_before: int) -> pd.DataFrame:
    """The phase of each assessment, and for every row the number of its person's baseline row (-1 for none)."""
    recorded = visits["target_sum_mm"].notna()
    known = (listed["measured"] == listed["listed"]).where(listed["listed"] > 0, recorded)
    rows = pd.DataFrame({"person": visits["person"], "known": known, "days": visits["days"]})
    rows = rows[visits["days"].between(-days_before, 0)].sort_values(["person", "known", "days"], kind="stable")
    last = rows.drop_duplicates("person", keep="last")
    baseline = visits["person"].map(pd.Series(last.index, index=last["person"])).fillna(-1).astype("int64")
    is_baseline = baseline == visits.index
    phase = first_that_holds({BASELINE: is_baseline, ON_STUDY: visits["days"] > 0}, BEFORE)
    at_baseline = visits["measurable"].take(np.maximum(baseline, 0)).set_axis(visits.index)
    return visits.assign(
        phase=phase, baseline=baseline, measurable=at_baseline.where(baseline >= 0, visits["measurable"])
    )


# ── target lesions ───────────────────────────────────────────────────────────────────────────


def _target(visits: pd.DataFrame, targets: Targets) -> pd.Series:
    """The response of the target lesions (section 4.3.1); blank without measurable disease, or before the study."""
    fallen = 100 * (targets.baseline_mm - targets.sum_mm) >= FALL_PERCENT * targets.baseline_mm - ROUNDING
    unknown = targets.sum_mm.isna() | ~(targets.baseline_mm > 0)
    # In this order: lesions that are measured may show progression though others are not.
    progressed = _reappeared(targets) | _grown(targets)
    gone = targets.gone & (targets.baseline_mm != 0)
    chosen = first_that_holds({"CR": gone, "PD": progressed, "NE": unknown, "PR": fallen}, "SD")
    chosen = chosen.astype(visits["recorded_response"].dtype)
    return chosen.where((visits["phase"] == ON_STUDY) & targets.measurable)


def _reappeared(targets: Targets) -> pd.Series:
    """After a complete response of the target lesions any that is there again is progression."""
    return targets.gone_before & targets.some_there


def _grown(targets: Targets) -> pd.Series:
    """20 % and 5 mm above the smallest sum so far; the lesions that are measured may show it alone."""
    rise = targets.measured_mm - targets.nadir_mm
    return (100 * rise >= RISE_PERCENT * targets.nadir_mm - ROUNDING) & (rise >= RISE_MM - ROUNDING)


def _percent(difference: pd.Series, of: pd.Series) -> pd.Series:
    return 100 * difference / of.where(of > 0)


# ── other lesions ────────────────────────────────────────────────────────────────────────────

FINDINGS = {"absent": 0, "present": 1, "too_small_to_measure": 1, "not_evaluable": 2, "unequivocal_progression": 3}
NON_TARGET = ["CR", NEITHER, "NE", "PD"]
"""The finding of the worst non-target lesion, and what they all together are (section 4.3.3)."""


def _non_target(visits: pd.DataFrame, lesions: pd.DataFrame) -> pd.Series:
    """The response of the non-target lesions: as recorded, else of the lesions; NE where the baseline had some.

    All of them are gone only if each that the baseline lists is said to be.
    """
    recorded = visits["non_target"]
    theirs = lesions[lesions["kind"] == "non_target"]
    worst = np.full(len(visits), -1)
    np.maximum.at(worst, theirs["row"], numbered(theirs["finding"], FINDINGS, FINDINGS["not_evaluable"]))
    listed = np.bincount(theirs.drop_duplicates(["row", "lesion"])["row"], minlength=len(visits))
    fewer = listed < np.append(listed, 0)[visits["baseline"]]
    worst = np.where((worst == FINDINGS["absent"]) & fewer, FINDINGS["not_evaluable"], worst)
    recorded = recorded.fillna(categories(worst, NON_TARGET).astype(recorded.dtype))
    at_baseline = np.append(recorded.notna().to_numpy(), False)[visits["baseline"]]
    return recorded.mask(recorded.isna() & at_baseline & (visits["phase"] == ON_STUDY), "NE")


def _new_lesions(visits: pd.DataFrame, lesions: pd.DataFrame) -> pd.Series:
    """`yes`, `equivocal` or `no`; an equivocal lesion is new from its first day once the next day shows it (4.3.5)."""
    recorded = visits["new_lesions"]
    sure, doubtful = recorded == "yes", recorded == "equivocal"
    theirs = lesions[(lesions["kind"] == "new") & (lesions["finding"] != "absent")]
    unsure = theirs["finding"] == "equivocal"
    sure |= visits.index.isin(theirs["row"][~unsure])
    doubtful |= visits.index.isin(theirs["row"][unsure])
    sure |= doubtful & _next_day(sure, visits)
    return first_that_holds({"yes": sure, "equivocal": doubtful}, "no")


def _next_day(holds: pd.Series, visits: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether it holds on the person's next day with an assessment; rows are in the order of time."""
    day, of_whom = days_of(visits)
    of_day = holds.groupby(day).any()
    following = of_day.groupby(of_whom).shift(-1, fill_value=False)
    return following.to_numpy(bool)[day]


# ── overall ──────────────────────────────────────────────────────────────────────────────────


def _overall(visits: pd.DataFrame) -> pd.Series:
    """Target, non-target and new lesions together (tables 1 and 2 of the guideline); blank where nothing says it."""
    target, other = visits["target_response"], visits["non_target"]
    progressed = (target == "PD") | (other == "PD") | (visits["new_lesions"] == "yes")
    with_targets = target.mask((target == "CR") & ~(other.isna() | (other == "CR")), "PR")
    without_targets = other.fillna("NE")
    combined = with_targets.fillna(without_targets).mask(progressed, "PD")
    on_study = visits["phase"] == ON_STUDY
    return combined.where(on_study & (progressed | (visits["baseline"] >= 0)))


def _reasons(visits: pd.DataFrame, targets: Targets, overall: pd.Series) -> pd.Series:
    """Why the assessment has its derived response, in words."""
    target, other, unknown = visits["target_response"], visits["non_target"], overall.isna()
    words = {
        "baseline assessment": unknown & (visits["phase"] == BASELINE),
        "no baseline assessment": unknown & (visits["phase"] == ON_STUDY),
        f"assessment of phase {BEFORE}": unknown,
        "new lesion": visits["new_lesions"] == "yes",
        "target lesions reappeared": _reappeared(targets) & (target == "PD"),
        "target lesions grew by 20 % and 5 mm from the nadir": target == "PD",
        "unequivocal progression of non-target lesions": other == "PD",
        "no measurable disease: by non-target lesions": target.isna(),
        "target lesions gone": overall == "CR",
        "target lesions gone, others not or not evaluable": target == "CR",
        "target lesions fell by 30 % from baseline": target == "PR",
        "not every target lesion was measured": target == "NE",
    }
    return first_that_holds(words, "neither response nor progression")


def _finished(visits: pd.DataFrame, unfounded: pd.Series, rules: Mapping[str, Any]) -> pd.DataFrame:
    """The response in force, and the columns of the table; an `unfounded` NE refutes no recorded response."""
    recorded, derived = visits["recorded_response"], visits["derived_response"]
    founded = derived.mask(unfounded & recorded.notna())
    force = recorded if rules["overall"] == "recorded" else founded.fillna(recorded)
    impossible = (force == "PR") & (visits["measurable"] == "no")
    finished = visits.assign(overall_response=force.mask(impossible, NEITHER), source_record_id=visits["record_id"],
                             source_table=categories(np.zeros(len(visits), "int64"), [rules["table"]]))  # fmt: skip
    return conform(finished, VISITS)
