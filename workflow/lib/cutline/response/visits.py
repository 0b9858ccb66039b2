"""The overall response of each assessment by RECIST 1.1 (Eisenhauer and others 2009), beside the recorded one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cutline.records import only
from cutline.response.targets import BASELINE, BEFORE, ON_STUDY, Targets, lesion_sizes, sums_of
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.response import VISITS
from cutline.tables.spec import conform, text_values

Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]

FALL_PERCENT, RISE_PERCENT, RISE_MM = 30, 20, 5
"""Partial response from baseline; progression from the nadir, which needs both (section 4.3.1)."""
ROUNDING = 1e-9
"""So that a fall of 30 % of a sum with decimals is one."""
NEITHER = "NON-CR/NON-PD"


def derive_visits(
    assessments: pd.DataFrame, lesions: pd.DataFrame | None, index_dates: pd.Series, rules: Mapping[str, Any]
) -> pd.DataFrame:
    """One row per assessment of each person with an index date, in the columns of `VISITS`.

    `assessments` and `lesions` are record tables (columns that a source lacks are blank), `index_dates` dates by
    patient_id, `rules` the section `response` of the study. Of the assessments up to `baseline_days_before` days before
    the index date and on it, the last one with a known target sum is the baseline, else the last; on the study are
    those after the index date. Sums are millimetres: of the diameters of the baseline's target lesions where lesions
    are listed, else as recorded. Without a baseline only new lesions and progression of non-target ones say anything.
    The response in force is the recorded or the derived one (`rules["overall"]`; where nothing can be derived the
    recorded one), and in a person without measurable disease a partial response is NON-CR/NON-PD.
    """
    visits = _dated(assessments, index_dates, rules)
    sizes = lesion_sizes(visits, lesions)
    visits = _with_baseline(visits, sums_of(sizes, visits), rules["baseline_days_before"])
    targets = Targets.of(visits, sizes)
    target = _target(visits, targets)
    non_target = _non_target(visits, lesions)
    new = _new_lesions(visits, lesions)
    visits = visits.assign(
        target_response=target, non_target=non_target, new_lesions=new, target_sum_mm=targets.sum_mm,
        baseline_sum_mm=targets.baseline_mm, nadir_sum_mm=targets.nadir_mm,
        change_percent=_percent(targets.sum_mm - targets.baseline_mm, targets.baseline_mm),
    )  # fmt: skip
    overall = _overall(visits)
    return _finished(visits.assign(derived_response=overall, reason=_reasons(visits, targets, overall)), rules)


def _dated(assessments: pd.DataFrame, index_dates: pd.Series, rules: Mapping[str, Any]) -> pd.DataFrame:
    """The assessments of persons with an index date, by person, day and record, with days from the index date."""
    person = index_dates.index.get_indexer(pd.Index(assessments["patient_id"]))
    date = assessments[rules["date"]].to_numpy("datetime64[ns]")
    index_date = np.append(index_dates.to_numpy("datetime64[ns]"), np.datetime64("NaT"))[person]
    asked = ~np.isnat(date) & ~np.isnat(index_date)
    names = [name for name in ASSESSMENTS.names if name not in assessments]
    blank = {name: pd.Series(None, index=assessments.index, dtype=object) for name in names}
    days = ((date - index_date)[asked] // np.timedelta64(1, "D")).astype("int64")
    rows = assessments.assign(**blank)[asked]
    rows = rows.assign(person=person[asked], days=days, visit_date=date[asked], recorded_response=rows[rules["value"]],
                       source_table=rules["table"], source_record_id=rows["record_id"])  # fmt: skip
    rows = rows.assign(recorded_response=text_values(rows["recorded_response"]))
    tied = rows.duplicated(["person", "days"], keep=False)
    place = np.zeros(len(rows), dtype="int64")
    place[tied] = pd.factorize(rows.loc[tied, "record_id"], sort=True)[0]
    order = np.lexsort((place, rows["days"], rows["person"]))
    in_order: pd.DataFrame = rows.take(order).reset_index(drop=True)
    return in_order


def _with_baseline(visits: pd.DataFrame, listed: pd.DataFrame, days_before: int) -> pd.DataFrame:
    """The phase of each assessment, and for every row the number of its person's baseline row (-1 for none)."""
    recorded = visits["target_sum_mm"].notna()
    known = (listed["measured"] == listed["listed"]).where(listed["listed"] > 0, recorded)
    rows = pd.DataFrame({"person": visits["person"], "known": known, "days": visits["days"]})
    rows = rows[visits["days"].between(-days_before, 0)].sort_values(["person", "known", "days"], kind="stable")
    last = rows.drop_duplicates("person", keep="last")
    baseline = visits["person"].map(pd.Series(last.index, index=last["person"])).fillna(-1).astype("int64")
    phase = np.where(visits["days"] > 0, ON_STUDY, BEFORE).astype(object)
    phase[last.index] = BASELINE
    at_baseline = np.array([*visits["measurable"], None], dtype=object)[baseline]
    return visits.assign(phase=phase, baseline=baseline, measurable=at_baseline)


# ── target lesions ───────────────────────────────────────────────────────────────────────────


def _target(visits: pd.DataFrame, targets: Targets) -> pd.Series:
    """The response of the target lesions (section 4.3.1); blank without measurable disease, or before the study."""
    fallen = 100 * (targets.baseline_mm - targets.sum_mm) >= FALL_PERCENT * targets.baseline_mm - ROUNDING
    unknown = targets.sum_mm.isna() | ~(targets.baseline_mm > 0)
    # In this order: lesions that are measured may show progression though others are not.
    chosen = np.select(
        [targets.gone, _reappeared(targets), _grown(targets), unknown, fallen], ["CR", "PD", "PD", "NE", "PR"], "SD"
    )
    return only(pd.Series(chosen, index=visits.index), (visits["phase"] == ON_STUDY) & targets.measurable)


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
NON_TARGET = {0: "CR", 1: NEITHER, 2: "NE", 3: "PD"}
"""The finding of the worst non-target lesion, and what they all together are (section 4.3.3)."""


def _non_target(visits: pd.DataFrame, lesions: pd.DataFrame | None) -> pd.Series:
    """The response of the non-target lesions: as recorded, else of the lesions; NE where the baseline had some."""
    recorded = text_values(visits["non_target"])
    if lesions is not None:
        theirs = lesions[lesions["kind"] == "non_target"]
        worst = theirs["finding"].map(FINDINGS).fillna(FINDINGS["not_evaluable"])
        of_lesions = visits["record_id"].map(worst.groupby(theirs["assessment_record_id"]).max()).map(NON_TARGET)
        recorded = recorded.where(recorded.notna(), of_lesions.astype(object))
    at_baseline = np.append(recorded.notna().to_numpy(), False)[visits["baseline"]]
    forgotten = recorded.isna() & at_baseline & (visits["phase"] == ON_STUDY)
    return only(recorded.mask(forgotten, "NE"), recorded.notna() | forgotten)


def _new_lesions(visits: pd.DataFrame, lesions: pd.DataFrame | None) -> pd.Series:
    """`yes`, `equivocal` or `no`; an equivocal lesion is new from its first day once the next day shows it (4.3.5)."""
    recorded = text_values(visits["new_lesions"])
    sure, doubtful = recorded == "yes", recorded == "equivocal"
    if lesions is not None:
        theirs = lesions[(lesions["kind"] == "new") & (lesions["finding"] != "absent")]
        unsure = theirs["finding"] == "equivocal"
        sure |= visits["record_id"].isin(theirs.loc[~unsure, "assessment_record_id"])
        doubtful |= visits["record_id"].isin(theirs.loc[unsure, "assessment_record_id"])
    sure |= doubtful & _next_day(sure, visits)
    return pd.Series(np.select([sure, doubtful], ["yes", "equivocal"], "no"), index=visits.index, dtype=object)


def _next_day(holds: pd.Series, visits: pd.DataFrame) -> pd.Series:
    """Whether it holds on the person's next day with an assessment; rows are in the order of time."""
    of_day = holds.groupby([visits["person"], visits["days"]]).any()
    following = of_day.groupby(level=0).shift(-1, fill_value=False)
    keys = pd.MultiIndex.from_arrays([visits["person"], visits["days"]])
    return pd.Series(following.reindex(keys).to_numpy(bool), index=visits.index)


# ── overall ──────────────────────────────────────────────────────────────────────────────────


def _overall(visits: pd.DataFrame) -> pd.Series:
    """Target, non-target and new lesions together (tables 1 and 2 of the guideline); blank where nothing says it."""
    target, other = visits["target_response"], visits["non_target"]
    progressed = (target == "PD") | (other == "PD") | (visits["new_lesions"] == "yes")
    with_targets = target.mask((target == "CR") & ~(other.isna() | (other == "CR")), "PR")
    without_targets = other.where(other.notna(), "NE")
    combined = with_targets.where(target.notna(), without_targets).mask(progressed, "PD")
    on_study = visits["phase"] == ON_STUDY
    return only(combined, on_study & (progressed | (visits["baseline"] >= 0)))


def _reasons(visits: pd.DataFrame, targets: Targets, overall: pd.Series) -> pd.Series:
    """Why the assessment has its derived response, in words."""
    target, other = visits["target_response"], visits["non_target"]
    words = {
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
    why = pd.Series(np.select(list(words.values()), list(words), "neither response nor progression"), dtype=object)
    unknown = np.where(visits["phase"] == ON_STUDY, "no baseline assessment", f"assessment of phase {BEFORE}")
    unknown = np.where(visits["phase"] == BASELINE, "baseline assessment", unknown)
    return why.where(overall.notna(), pd.Series(unknown, dtype=object))


def _finished(visits: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """The response in force, and the columns of the table."""
    recorded, derived = visits["recorded_response"], visits["derived_response"]
    force = recorded if rules["overall"] == "recorded" else derived.where(derived.notna(), recorded)
    impossible = (force == "PR") & (visits["measurable"] == "no")
    return conform(visits.assign(overall_response=force.mask(impossible, NEITHER)), VISITS)
