"""Tables and sentences of adverse events between groups."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from cutline.display.catalogue import tables
from cutline.display.grid import to_csv
from cutline.display.lookup import index_results
from cutline.display.tables import table_grid
from cutline.manuscript import adverse_events
from cutline.manuscript.context import Context
from cutline.tables.concordance import CONCORDANCE
from cutline.tables.spec import empty
from tests.unit import test_safety_counts as by_hand
from tests.unit.display_study import settings as made_up

SETTINGS: dict[str, Any] = made_up() | {
    "safety": by_hand.STUDY["safety"] | {"days_after_last_dose": 30},
    "statistics": made_up()["statistics"] | {"conf_level": 0.95},
    "variables": {"arm": {"label": "Treatment arm", "kind": "categorical", **by_hand.STUDY["variables"]["arm"]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def context() -> Context:
    ard = by_hand.results().reset_index()
    return Context(SETTINGS, index_results([ard]))


def rows(context: Context, subject: str) -> dict[tuple[str, str], list[str]]:
    exhibit = next(each for each in tables(SETTINGS) if each.subject == subject)
    text = to_csv(table_grid(exhibit, SETTINGS, context.results, empty(CONCORDANCE)))
    return {(first, second): rest for first, second, *rest in csv.reader(io.StringIO(text))}


def test_the_main_table_has_a_column_of_each_group(context):
    shown = rows(context, "adverse_events")
    assert next(iter(shown.values())) == ["New (n = 3), n (%)", "Old (n = 2), n (%)"]
    assert shown["By term", "Fatigue"] == ["2 (66.7)", "0 (0.0)"]
    assert shown["Severity and consequences", "Grade not recorded"] == ["1 (33.3)", "0 (0.0)"]


def test_groups_are_compared_with_the_reference_by_difference_interval_and_test(context):
    shown = rows(context, "adverse_event_groups")
    assert next(iter(shown.values()))[2:] == ["Risk difference, percentage points (95% CI)", "p (Fisher)"]
    assert shown["By term", "Fatigue"] == ["0 (0.0)", "2 (66.7)", "66.7 (−13.5 to 93.9)", "0.40"]
    assert shown["By term", "Fatigue, grade ≥ 3"] == ["0 (0.0)", "NE", "NE", "NE"]


def test_a_study_without_groups_has_no_table_of_them():
    alone = SETTINGS | {"safety": {name: given for name, given in SETTINGS["safety"].items() if name != "by"}}
    assert "adverse_event_groups" not in [each.subject for each in tables(alone)]
    assert "adverse_event_rates" in [each.subject for each in tables(alone)]


def test_the_text_tells_of_the_largest_difference(context):
    said = adverse_events.details(context)
    assert "The largest difference between groups was in fatigue" in said
    assert "in new against old (95% CI" in said
    assert "safety.arm.new.term.fatigue.fisher.p" in said


def test_the_methods_name_window_version_and_tests(context):
    said = adverse_events.methods(context)
    assert "from the first dose to 30 days after the last one." in said
    assert "version 5.0" in said
    assert "Groups by treatment arm were compared by differences of risks" in said
    later = SETTINGS["safety"] | {"new_therapy": {}, "ctcae_version": "4.03"}
    said = adverse_events.methods(Context(SETTINGS | {"safety": later}, context.results))
    assert "or to the day before the next therapy if that began earlier" in said
    assert "version 4.03, group them;" in said
