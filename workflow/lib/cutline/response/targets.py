"""Target lesions: their sums at each assessment, at baseline and at the nadir."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cutline.tables.imaging import LESIONS
from cutline.tables.spec import empty

BEFORE, BASELINE, ON_STUDY = "before", "baseline", "on_study"
"""Phases of an assessment."""
NODE = "lymph_node"
NORMAL_NODE_MM = 10
"""A node whose short axis is shorter is no lesion any more (RECIST 1.1, section 4.3.1)."""
TOO_SMALL_MM = 5
"""What a lesion counts that is there but too small to measure (section 4.3.2)."""


def lesions_of(visits: pd.DataFrame, lesions: pd.DataFrame | None) -> pd.DataFrame:
    """The lesions seen at the assessments: `row` (place in `visits`), lesion (of the person), kind, site, finding, mm.

    Texts are categories.
    """
    if lesions is None:
        lesions = empty(LESIONS)
    row = _rows_of(lesions["assessment_record_id"], visits["record_id"]) if len(lesions) else np.empty(0, "int64")
    texts = {name: lesions[name].astype("category") for name in ("kind", "site", "finding")}
    found = pd.DataFrame({"row": row, "lesion": lesions["lesion_number"].to_numpy("int64"), **texts,
                          "mm": lesions["diameter_mm"].to_numpy("float64")})  # fmt: skip
    return found[row >= 0]


def _rows_of(wanted: pd.Series, record_ids: pd.Series) -> npt.NDArray[np.int64]:
    """The place of each wanted id among the ids, -1 if it is not there."""
    ids = wanted.to_numpy(object)
    # Lesions of one assessment stand together, so that one look-up serves several of them.
    differs = np.append(True, ids[1:] != ids[:-1])
    places = pd.Index(record_ids).get_indexer(pd.Index(ids[differs]))
    return np.asarray(places[np.cumsum(differs) - 1])


def lesion_sizes(lesions: pd.DataFrame) -> pd.DataFrame:
    """One row per target lesion and assessment, of `lesions_of`: row, lesion, mm, gone.

    mm is blank for what was not evaluated, 0 for what is absent, 5 for what is too small to measure; `gone` also holds
    for a node below 10 mm. A lesion listed twice at one assessment counts once, with the larger size.
    """
    targets = lesions[lesions["kind"] == "target"]
    finding, mm = targets["finding"], targets["mm"]
    too_small = mm.isna() & (finding == "too_small_to_measure")
    known = [(finding == "absent", 0.0), (finding == "not_evaluable", np.nan), (too_small, float(TOO_SMALL_MM))]
    mm = pd.Series(np.select([found for found, _ in known], [size for _, size in known], mm), index=targets.index)
    node = targets["site"] == NODE
    sizes = targets[["row", "lesion"]].assign(mm=mm, gone=(mm == 0) | (node & (mm < NORMAL_NODE_MM)))
    # Sizes are compared only where a lesion is listed twice: sorting them all takes longer than the rest.
    twice = sizes.duplicated(["row", "lesion"], keep=False)
    order = np.lexsort((mm.where(twice, 0.0), sizes["lesion"], sizes["row"]))
    return sizes.iloc[order].drop_duplicates(["row", "lesion"], keep="last")


def sums_of(sizes: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Of each assessment: how many targets are listed, of these measured and gone, and the sum of the measured."""
    counted = pd.DataFrame({"row": sizes["row"], "listed": 1, "measured": sizes["mm"].notna(), "gone": sizes["gone"],
                            "mm": sizes["mm"]}).groupby("row").sum()  # fmt: skip
    return counted.reindex(visits.index).fillna(0.0).astype("float64")


def of_baseline(sizes: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """The sizes of those lesions that the person's baseline lists: no others are target lesions."""
    key = visits["person"].to_numpy()[sizes["row"]] * (1 + sizes["lesion"].max()) + sizes["lesion"]
    at_baseline = visits["baseline"].to_numpy()[sizes["row"]] == sizes["row"]
    ours: pd.DataFrame = sizes[key.isin(key[at_baseline])]
    return ours


@dataclass(frozen=True, eq=False)
class Targets:
    """What is known of the target lesions, one value per assessment; sums in mm.

    `sum_mm` is blank unless every target lesion was measured, `measured_mm` is the sum of those that were; `gone`: all
    of them are; `some_there`: at least one of them is not; `nadir_mm`: the smallest sum on earlier days from baseline
    on; `gone_before`: they were all gone on an earlier day.
    """

    measurable: pd.Series
    sum_mm: pd.Series
    measured_mm: pd.Series
    gone: pd.Series
    some_there: pd.Series
    baseline_mm: pd.Series
    nadir_mm: pd.Series
    gone_before: pd.Series

    @classmethod
    def of(cls, visits: pd.DataFrame, sizes: pd.DataFrame) -> Targets:
        """Of lesions where the baseline lists some, else of the recorded sums."""
        ours = sums_of(of_baseline(sizes, visits), visits)
        wanted = _at_baseline(ours["listed"], visits).fillna(0.0)
        by_lesion, recorded = wanted > 0, visits["target_sum_mm"].astype("float64")
        unlisted = by_lesion & (ours["listed"] == 0) & recorded.notna()  # the sum alone is better than nothing
        by_lesion &= ~unlisted
        sum_mm = ours["mm"].where(by_lesion & (ours["measured"] == wanted), recorded.mask(by_lesion))
        measured_mm = ours["mm"].where(by_lesion & (ours["measured"] > 0), sum_mm)
        gone = sum_mm.notna() & (ours["gone"] == ours["measured"]).where(by_lesion, sum_mm == 0)
        some_there = (ours["measured"] > ours["gone"]).where(by_lesion, sum_mm > 0)
        on_study = visits["phase"] != BEFORE
        baseline_mm = _at_baseline(sum_mm, visits)
        nadir = _on_earlier_days(sum_mm.where(on_study).fillna(np.inf), visits)
        gone_before = _on_earlier_days(-(gone & (visits["phase"] == ON_STUDY)).astype("float64"), visits) < 0
        measurable = (visits["measurable"] != "no") & ((visits["measurable"] == "yes") | baseline_mm.notna())
        return cls(measurable, sum_mm, measured_mm, gone, some_there, baseline_mm,
                   nadir.where(np.isfinite(nadir)), gone_before)  # fmt: skip


def _at_baseline(values: pd.Series, visits: pd.DataFrame) -> pd.Series:
    """The value of the person's baseline assessment; blank without one."""
    return pd.Series(np.append(values.to_numpy("float64"), np.nan)[visits["baseline"]], index=visits.index)


def _on_earlier_days(values: pd.Series, visits: pd.DataFrame) -> pd.Series:
    """The smallest value of the same person on an earlier day, infinity if there is none; rows are in order of time."""
    day, of_whom = days_of(visits)
    smallest = values.groupby(day).min()
    before = smallest.groupby(of_whom).cummin().groupby(of_whom).shift(1, fill_value=np.inf)
    return pd.Series(before.to_numpy()[day], index=visits.index)


def days_of(visits: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each row the number of its day with assessments, and of each such day the person; rows in order of time."""
    person, days = visits["person"].to_numpy(), visits["days"].to_numpy()
    new_day = np.append(True, (person[1:] != person[:-1]) | (days[1:] != days[:-1]))[: len(visits)]
    return np.cumsum(new_day) - 1, person[new_day]
