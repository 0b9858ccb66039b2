"""A rule set at work: each situation decides for some persons, the first that applies decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cutline.endpoints.conventions import (
    ALIVE,
    AT_VISIT,
    BETWEEN,
    CLINICAL,
    EARLIEST,
    EVENT,
    FOLLOW,
    IGNORE,
    LAST_SCAN,
    MISSED,
    NEW_THERAPY,
    NEXT_VISIT,
    NO_BASELINE,
    STOP,
    UNLESS_EARLY_DEATH,
    limit_days,
)
from cutline.endpoints.sources import DEATHS, Select, Sources, all_at, ended_by
from cutline.records import first_per_person

Conventions = Mapping[str, Any]
Rules = Mapping[str, str]
DAY = pd.Timedelta(days=1)
REASONS = {
    NEW_THERAPY: "new anticancer therapy before progression",
    STOP: "treatment stopped for toxicity or another reason before progression",
    MISSED: "progression or death after missed scans",
    ALIVE: "no progression",
}
NO_BASELINE_RECORD = "no baseline assessment"
DEATH_WITHOUT_BASELINE = "death without a baseline assessment"


@dataclass(frozen=True)
class Scans:
    """The scans of the persons at risk, in the columns `CHOSEN`: all, adequate ones, and those with a new lesion."""

    all: pd.DataFrame
    adequate: pd.DataFrame
    new_lesions: pd.DataFrame

    @classmethod
    def of(cls, sources: Sources, conventions: Conventions) -> Scans:
        """The scans that the conventions describe, found once for all rule sets."""

        def find() -> Scans:
            assessed = sources.of(conventions["scans"])
            scans = assessed[~_described(assessed, "clinical", sources, conventions)]
            adequate = scans[~_described(scans, "inadequate", sources, conventions)]
            return cls(scans, adequate, scans[_described(scans, "new_lesions", sources, conventions)])

        scans: Scans = sources.once(f"scans of {conventions}", find)
        return scans


def _described(rows: pd.DataFrame, key: str, sources: Sources, conventions: Conventions) -> pd.Series:
    """Which of the rows are records of the scans' table that the study describes under `key`."""
    name, where = conventions["scans"]["table"], conventions.get(key)
    if not where:
        return pd.Series(False, index=rows.index)
    ids = sources.selections.ids(name, where)
    described: pd.Series = (rows["source_table"] == name) & rows["source_record_id"].isin(ids)
    return described


class Course:
    """What every rule set asks of the persons of one endpoint: their scans, and what happened to them."""

    def __init__(self, sources: Sources, events: list[Select], conventions: Conventions) -> None:
        self.sources, self.conventions = sources, conventions
        self.scans = Scans.of(sources, conventions)
        parts = [sources.of(rule).assign(**self._kind(rule, order)) for order, rule in enumerate(events)]
        self.happened = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        stated = self._described(self.happened, "clinical") & ~self.happened["death"]
        self.happened["clinical"] = self.happened["clinical"] | stated
        self.new_lesions = self._new_lesions(events)

    def _kind(self, rule: Select, order: int) -> dict[str, Any]:
        death = rule["table"] == DEATHS["table"]
        return {"order": order, "reason": rule["reason"], "death": death, "clinical": bool(rule.get("clinical"))}

    def _described(self, rows: pd.DataFrame, key: str) -> pd.Series:
        return _described(rows, key, self.sources, self.conventions)

    def _new_lesions(self, events: list[Select]) -> pd.DataFrame:
        """Scans with a new lesion, as progressions of the first source of progression."""
        rows = self.scans.new_lesions
        of_scans = [place for place, rule in enumerate(events) if rule["table"] != DEATHS["table"]]
        if not of_scans:
            return rows.head(0)
        if events[of_scans[0]].get("after_start"):
            rows = rows[rows["source_date"] > rows["patient_id"].map(self.sources.start)]
        return rows.assign(**self._kind(events[of_scans[0]], of_scans[0]))

    # ── what a rule set makes of it ──

    def ends(self, rules: Rules) -> pd.DataFrame:
        """How each person's time ends; several rows of a person stand in the order in which they apply."""
        first = self._first_event(rules)
        steps = [self._without_baseline(rules), *self._cut_short(first, rules), self._after_missed_scans(first, rules)]
        moved = first.assign(end_date=self._dated(first, rules), event=True)
        return pd.concat([*steps, moved, self._alive(rules)])

    def _first_event(self, rules: Rules) -> pd.DataFrame:
        """The first event of each person that counts, index patient_id."""
        happened = self.happened[~self.happened["clinical"]] if rules[CLINICAL] == IGNORE else self.happened
        if rules[BETWEEN] == EARLIEST and len(self.new_lesions):
            happened = pd.concat([happened, self.new_lesions], ignore_index=True)
        return first_per_person(happened, ["source_date", "order"])

    def _without_baseline(self, rules: Rules) -> pd.DataFrame:
        """Persons without a baseline assessment, if the study says what one is."""
        window = self.conventions.get("baseline")
        if window is None:
            return all_at(pd.Index([], dtype=object), self.sources.data_cutoff, NO_BASELINE_RECORD)
        near = self.sources.near_index_date(self.conventions["scans"], window)
        useless = self._described(near, "clinical") | self._described(near, "inadequate")
        without = self.sources.start.index.difference(pd.Index(near.loc[~useless, "patient_id"]))
        rows = all_at(without, self.sources.start.reindex(without), NO_BASELINE_RECORD)
        if rules[NO_BASELINE] != UNLESS_EARLY_DEATH:
            return rows
        deaths = self.happened[self.happened["death"] & self.happened["patient_id"].isin(without)]
        dead = first_per_person(deaths, ["source_date"])
        days = (dead["source_date"] - self.sources.start.reindex(dead.index)).dt.days
        early = dead[days <= limit_days(self.conventions)]
        return pd.concat([ended_by(early, event=True, reason=DEATH_WITHOUT_BASELINE), rows])

    def _cut_short(self, first: pd.DataFrame, rules: Rules) -> list[pd.DataFrame]:
        """Persons whose treatment stopped or changed before any event: the earlier of both decides."""
        parts = [
            self._happened_first(situation, after_start).assign(situation=situation, order=order)
            for order, (situation, after_start) in enumerate(((STOP, False), (NEW_THERAPY, True)))
            if rules[situation] != FOLLOW and situation in self.conventions
        ]
        if not parts:
            return []
        cut = first_per_person(pd.concat(parts, ignore_index=True), ["source_date", "order"])
        ended = first["source_date"].reindex(cut.index)
        cut = cut[ended.isna() | (ended > cut["source_date"])]
        return [self._cut(rows, rules[str(situation)], str(situation)) for situation, rows in cut.groupby("situation")]

    def _happened_first(self, situation: str, after_start: bool) -> pd.DataFrame:
        select = self.conventions[situation]
        return self.sources.of({**select, "after_start": after_start})

    def _cut(self, rows: pd.DataFrame, treatment: str, situation: str) -> pd.DataFrame:
        if treatment == EVENT:
            return ended_by(rows, event=True, reason=REASONS[situation])
        return self._censored(self.scans.adequate, rows["source_date"] + DAY, treatment, situation)

    def _after_missed_scans(self, first: pd.DataFrame, rules: Rules) -> pd.DataFrame:
        if rules[MISSED] == EVENT:
            return first.head(0)
        days = (first["source_date"] - self.seen_before(first["source_date"])).dt.days
        late = first[days > limit_days(self.conventions)]
        return self._censored(self.scans.adequate, late["source_date"], rules[MISSED], MISSED)

    def seen_before(self, dates: pd.Series) -> pd.Series:
        """The day of each person's last adequate scan before a date, or the start if there is none."""
        last = self._last(self.scans.adequate, dates)["source_date"].reindex(dates.index)
        return last.fillna(self.sources.start.reindex(dates.index))

    def _alive(self, rules: Rules) -> pd.DataFrame:
        scans = self.scans.all if rules[ALIVE] == LAST_SCAN else self.scans.adequate
        ever = self.sources.last_day + DAY
        return self._censored(scans, ever, rules[ALIVE], ALIVE)

    def _censored(self, scans: pd.DataFrame, before: pd.Series, treatment: str, situation: str) -> pd.DataFrame:
        """The persons of `before` censored at their last scan before that date, or at the start without one."""
        where = "last planned visit" if treatment == AT_VISIT else "last scan"
        rows = ended_by(self._last(scans, before), event=False, reason=f"{REASONS[situation]}: {where}")
        if treatment == AT_VISIT:
            rows["end_date"] = self._planned(rows["source_date"], onwards=False)
        without = before.index.difference(rows.index)
        start = self.sources.start.reindex(without)
        return pd.concat([rows, all_at(without, start, f"{REASONS[situation]}: no scan since the start")])

    def _last(self, scans: pd.DataFrame, before: pd.Series) -> pd.DataFrame:
        """The last scan of each person before their date."""
        earlier = scans[scans["source_date"] < before.reindex(scans["patient_id"]).to_numpy()]
        return first_per_person(earlier, ["source_date"], last=True)

    # ── planned visits ──

    def _dated(self, first: pd.DataFrame, rules: Rules) -> pd.Series:
        """The day on which each person's event counts."""
        dates = first["source_date"]
        if rules[BETWEEN] != NEXT_VISIT:
            return dates
        visits, last_day = self._planned(dates, onwards=True), self.sources.last_day.reindex(dates.index)
        return visits.where(visits <= last_day, last_day).mask(first["death"], dates)

    def _planned(self, dates: pd.Series, *, onwards: bool) -> pd.Series:
        """The day itself within the window of a planned visit, else the next planned visit, or the one before it.

        Visits are planned from the index date on, whatever the endpoint's time zero is; no time ends before that.
        """
        interval, window = self.conventions["interval_days"], self.conventions.get("window_days", 0)
        start = self.sources.index_date.reindex(dates.index)
        days = (dates - start).dt.days.to_numpy("float64")
        nearest = np.round(days / interval)
        planned = (nearest >= 1) & (np.abs(days - nearest * interval) <= window)  # the start is no visit
        visit = (np.ceil if onwards else np.floor)(days / interval) * interval
        moved: pd.Series = start + pd.to_timedelta(np.where(planned, days, visit), unit="D")
        zero = self.sources.start.reindex(dates.index)
        return moved.mask(moved < zero, zero)
