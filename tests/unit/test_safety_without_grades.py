"""A source that does not grade adverse events: nothing is said of grade 3 or 4, and all else stands."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

from cutline.display.catalogue import tables
from cutline.display.grid import to_csv
from cutline.display.lookup import index_results
from cutline.display.tables import table_grid
from cutline.manuscript.context import Context
from cutline.manuscript.findings import safety
from cutline.simulate import simulate_source
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.tables.concordance import CONCORDANCE
from cutline.tables.spec import empty
from tests.pipeline import analyse, derive

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The default study's results where no event has a grade; and what its tables and text are made from."""
    study = load_study(ROOT, {})
    source = tmp_path_factory.mktemp("hospital") / "hospital.duckdb"
    published = ROOT / "config/studies/everolimus_exemestane/published.yaml"
    simulate_source(settings=settings_for(study, "simulate_source"), published=published)["database"](source)
    with duckdb.connect(str(source)) as database:
        database.execute("UPDATE adverse_events SET grade = NULL, worst_grade = NULL, worst_grade_date = NULL")
    few = study | {"models": {}, "sensitivity": {}, "what_if": []}
    ard = analyse(few, derive(study, ROOT, source))
    return SimpleNamespace(ard=ard, study=study, context=Context(study, index_results([ard])))


def shown(found: Any, subject: str) -> str:
    exhibit = next(each for each in tables(found.study) if each.subject == subject)
    return to_csv(table_grid(exhibit, found.study, found.context.results, empty(CONCORDANCE)))


def test_who_had_an_event_and_which_is_as_with_grades(ungraded):
    values = ungraded.ard["value"]
    assert values[["safety.none.n", "safety.any.n", "safety.term.fatigue.n"]].tolist() == [38, 32, 14]
    assert values[["safety.related.n", "safety.discontinued.n"]].tolist() == [32, 0]


def test_everybody_with_an_event_is_of_grade_not_recorded(ungraded):
    assert ungraded.ard.loc["safety.grade.not_recorded.n", "value"] == 32
    assert ungraded.ard.loc["safety.term.fatigue.grade.not_recorded.n", "value"] == 14


def test_no_result_of_a_grade_has_a_number_but_where_there_was_no_event(ungraded):
    named = ungraded.ard["subset"].isin(["grade_3_or_higher", "grade"]) & (
        ungraded.ard["subset_level"] != "not_recorded"
    )
    graded = ungraded.ard[(ungraded.ard["analysis"] == "safety") & named & (ungraded.ard["level"] != "unmapped")]
    assert len(graded) > 100
    assert graded["value"].isna().all()
    assert graded["note"].str.contains("recorded").all()
    assert pd.isna(ungraded.ard.loc["safety.grade_3_or_4.n", "value"])


def test_the_tables_show_the_category_and_no_zero(ungraded):
    main = shown(ungraded, "adverse_events")
    assert "Severity and consequences,Grade not recorded,32 (45.7)" in main
    assert "Severity and consequences,Grade 3 or 4,NE" in main
    assert "\nAny adverse event,,32 (45.7),NE,NE,NE,NE,NE,32,NE\n" in shown(ungraded, "adverse_event_grades")


def test_the_text_says_that_it_cannot_be_told(ungraded):
    said = safety.adverse_events(ungraded.context)
    assert "How many patients had an event of grade 3 or 4 cannot be told" in said
    assert "safety.grade_3" not in said
