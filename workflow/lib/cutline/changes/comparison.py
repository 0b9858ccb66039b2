"""What every sentence and table of the change report is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from cutline.changes.differences import is_limit, limit_keys
from cutline.changes.values import companions, is_p, percent_key
from cutline.changes.wording import is_one_cut, side_names
from cutline.display.lookup import Results, Row, value_of
from cutline.display.numbers import format_date
from cutline.display.result_names import name_of

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Comparison:
    """Two cuts of a study: settings, results of either side by key, and what became of each.

    `records`, `flow` and `attribution` need the patient level of both sides; None where there is none.
    """

    settings: Mapping[str, Any]
    old: Results
    new: Results
    changes: Mapping[str, Row]
    records: pd.DataFrame | None = None
    flow: pd.DataFrame | None = None
    attribution: pd.DataFrame | None = None

    @cached_property
    def record_rows(self) -> Rows:
        """What happened to the records: one row per table, kind and column; none where nobody counted them."""
        return rows_of(self.records)

    @cached_property
    def flow_rows(self) -> Rows:
        return rows_of(self.flow)

    @property
    def linked(self) -> bool:
        """Whether an audit page of the new cut lies beside the report, to which its numbers can lead."""
        return bool(self.settings["compare"].get("audit"))

    @property
    def sides(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What is known of the old cut and of the new one."""
        return self.settings["compare"]["old"], self.settings["compare"]["new"]

    @property
    def names(self) -> tuple[str, str]:
        return side_names(*self.sides)

    @property
    def old_day(self) -> str:
        """The old cut-off in words: records dated up to it are of the time of the old cut."""
        return format_date(str(self.sides[0]["data_cutoff"]))

    @property
    def one_cut(self) -> bool:
        """Whether the sides are one cut with two versions of the program."""
        return is_one_cut(*self.sides)

    @cached_property
    def results(self) -> dict[str, Row]:
        """Every key of either side with its newest row, in the order of the changes."""
        return {key: self.new.get(key) or self.old[key] for key in self.changes}

    @cached_property
    def shown_with_others(self) -> set[str]:
        """Keys that have no row of their own in a table: limits, percentages of counts, p-values of ratios."""
        return {name for key in self.results for name in companions(key, self.results)}

    @cached_property
    def own_rows(self) -> list[str]:
        """Keys that have a row of their own in a table."""
        return [key for key in self.results if key not in self.shown_with_others]

    @cached_property
    def row_of(self) -> dict[str, str]:
        """For every estimate that is not a limit or p-value, the key in whose row it is shown."""
        counts = {percent_key(key, self.results): key for key in self.own_rows}
        return {key: key for key in self.own_rows} | {share: key for share, key in counts.items() if share}

    @cached_property
    def moved(self) -> list[str]:
        """Keys of results whose conclusion moved."""
        return [key for key, change in self.changes.items() if change["conclusion"]]

    def conclusion_of(self, key: str) -> list[str]:
        """The conclusions that moved with a result or what is shown with it."""
        keys = (key, *companions(key, self.results))
        return [str(self.changes[name]["conclusion"]) for name in keys if self.changes[name]["conclusion"]]

    def changed(self, key: str) -> bool:
        """Whether a result, or one that is shown with it, is not what it was."""
        return any(self.changes[name]["status"] != "same" for name in (key, *companions(key, self.results)))

    def called(self, key: str) -> str:
        return name_of(self.results[key], self.settings).whole

    def counts(self, key: str) -> tuple[int | None, int | None]:
        """A count on either side; None where that side has none."""
        found = [value_of(side, key) for side in (self.old, self.new)]
        return None if found[0] is None else int(found[0]), None if found[1] is None else int(found[1])

    # ── headline ─────────────────────────────────────────────────────────────────────────────

    @cached_property
    def headline(self) -> list[str]:
        """The results that come first: cohort, endpoints overall, adjusted hazard ratios, rates, and whatever concluded
        otherwise than before. Without survival where the last patient is past on both sides."""
        first = [key for key in self.own_rows if self._is_headline(self.results[key]) or self.conclusion_of(key)]
        return [key for key in first if not self._is_past_the_last(key)]

    def _is_past_the_last(self, key: str) -> bool:
        """Whether a landmark's survival is 0 with nobody at risk on both sides: it cannot move any more."""
        at_risk = key.replace(".survival_", ".at_risk_")
        sides = [(value_of(side, key), value_of(side, at_risk)) for side in (self.old, self.new)]
        return at_risk != key and sides == [(0, 0), (0, 0)]

    def _is_headline(self, row: Row) -> bool:
        match row["analysis"]:
            case "flow":
                return bool(row["statistic"] == "included")
            case "km":
                timed = row["time_months"] is not None and row["unit"] == "probability"
                return not row["group"] and (row["statistic"] in ("events", "median") or timed)
            case "followup":
                return bool(row["statistic"] == "median" and not row["group"])
            case "logrank":
                return is_p(row) and bool(row["group"] == self.settings.get("comparisons", {}).get("main"))
            case "cox":
                adjusted = row["model"] == "multivariable"
                return bool(adjusted and row["statistic"] == "hr" and row["note"] != "reference")
            case "response":
                return bool(limit_keys(row["key"], self.results)[0]) and not is_limit(row) and not row["subset"]
            case "safety":
                apart = ("safety.term.", "safety.soc.", "safety.none.", "safety.exposure.")
                of_all = not row["group"] and not row["subset"]
                return bool(row["statistic"] == "n" and of_all) and not str(row["key"]).startswith(apart)
        return False


def attributed(comparison: Comparison) -> dict[str, Rows]:
    """The steps of every attributed result, by key, in their order; nothing without attribution."""
    found: dict[str, Rows] = {}
    for step in rows_of(comparison.attribution):
        found.setdefault(str(step["key"]), []).append(step)
    order = [key for key in comparison.results if key in found]
    return {key: sorted(found[key], key=lambda step: int(step["position"])) for key in order}


def rows_of(table: pd.DataFrame | None) -> Rows:
    """The rows of a table as plain values, None for what is missing, blank for missing text; none without a table."""
    if table is None:
        return []
    blank = {str(name): "" if table[name].dtype == object else None for name in table.columns}
    return [
        {str(name): blank[str(name)] if pd.isna(cell) else cell for name, cell in row.items()}
        for row in table.to_dict("records")
    ]
