"""What was planned and what came later: named by its place in the study, told in Methods, marked where it is shown."""

from __future__ import annotations

from typing import Any

import pytest

from cutline.analysis_plan import is_post_hoc
from cutline.contradictions.plan import unfit_plan
from cutline.display.captions import caption
from cutline.display.catalogue import tables
from cutline.display.table_sensitivity import variants_of
from cutline.manuscript.context import Context
from cutline.manuscript.plan import NOT_STATED, plan
from tests.unit.test_manuscript import settings

WHAT_IF = [{"id": "any_dose", "label": "Any dose", "without": ["too_young"]}]


def study(**post_hoc: str) -> dict[str, Any]:
    marked = {path.replace("__", "."): why for path, why in post_hoc.items()}
    comparisons = {"main": "arm", "others": ["age_group"]}
    more = {"what_if": WHAT_IF, "comparisons": comparisons, "sensitivity": {"landmarks_months": [6]}}
    return settings(analysis_plan={"document": "the protocol", "post_hoc": marked}, **more)


@pytest.mark.parametrize(
    "path",
    ["models__pfs", "endpoints__pfs", "what_if__any_dose", "comparisons__others__age_group", "sensitivity",
     "sensitivity__landmarks_months", "sensitivity__landmarks_months__6", "comparisons__main__arm"],
)  # fmt: skip
def test_an_analysis_is_named_by_its_place_in_the_study(path: str) -> None:
    assert list(unfit_plan(study(**{path: "asked for"}))) == []


@pytest.mark.parametrize("path", ["models__os", "what_if__no_dose", "title", "sensitivity__landmarks_months__12"])
def test_what_the_study_does_not_do_cannot_be_marked(path: str) -> None:
    (fault,) = unfit_plan(study(**{path: "asked for"}))
    assert f"no analysis '{path.replace('__', '.')}'" in fault


def test_a_whole_section_marks_all_that_it_holds() -> None:
    assert is_post_hoc(study(models="a reviewer's wish"), "models.pfs")
    assert not is_post_hoc(study(models="a reviewer's wish"), "models_of_pfs")
    assert not is_post_hoc(settings(), "models.pfs")


def test_methods_name_what_is_post_hoc_with_its_reason() -> None:
    said = plan(Context(study(models__pfs="a reviewer asked.", what_if__any_dose="the flow suggested it"), {}))
    assert "before the results were known in the protocol" in said
    assert "the models of progression-free survival (a reviewer asked) and “any dose” (the flow suggested it)" in said


def test_methods_say_when_all_was_planned_and_when_nothing_is_stated() -> None:
    assert plan(Context(study(), {})).startswith("All analyses were specified before")
    assert plan(Context(settings(), {})) == NOT_STATED


def test_captions_of_models_that_were_not_planned_say_so_and_others_do_not() -> None:
    marked = study(models__pfs="asked for")
    captions = {each.subject: caption(each, marked) for each in tables(marked)}
    assert captions["cox"].endswith(" (post hoc)")
    assert "post hoc" not in captions["baseline"]


def test_rows_of_the_sensitivity_table_that_were_not_planned_say_so() -> None:
    assert [words for _, words, _ in variants_of(study(what_if__any_dose="later"), "pfs")] == ["Any dose (post hoc)"]
    assert [words for _, words, _ in variants_of(study(), "pfs")] == ["Any dose"]
