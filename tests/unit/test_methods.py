"""The Methods and the study's rules in words, in whichever language the report speaks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from cutline.languages import speaking
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import condition_of_records
from cutline.manuscript.methods import GENERATED
from cutline.manuscript.record_words import date_in_words, value_in_words
from cutline.manuscript.variables import days_around, defined
from cutline.study import load_study
from cutline.study_rules import settings_for
from tests.unit.bracketed import bracketed, outside

ROOT = Path(__file__).parents[2]
STUDIES = ("everolimus_exemestane", "gbsg2", "bolero2")


@cache
def of_study(name: str) -> Context:
    return Context(settings_for(load_study(ROOT, {"study": name}), "render_report"), {})


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("name", GENERATED)
def test_no_word_of_the_methods_is_said_past_the_catalogue(name: str, study: str) -> None:
    context = of_study(study)
    with bracketed():
        said = outside(GENERATED[name](context))
    for own in context.settings["report"].get("limitations", []):
        said = said.replace(own, "")
    assert re.findall(r"\w{2,}", said) == []


@pytest.mark.parametrize("study", STUDIES)
def test_no_word_of_a_definition_is_said_past_the_catalogue(study: str) -> None:
    variables = of_study(study).settings["variables"]
    with bracketed():
        told = [defined(name, of_study(study)) for name, spec in variables.items() if spec["derive"] != "subtype"]
    assert [text for text in told if outside(text)] == []


def test_a_class_of_lines_is_called_as_the_study_calls_it_where_a_variable_has_it() -> None:
    later = {"select": {"table": "lines", "value": "class"}, "levels": {"cdk46": "CDK4/6 drug"}}
    asked = {"table": "lines", "where": {"class": ["cdk46", "other_drugs"]}}
    said = condition_of_records(asked, Context({"variables": {"later": later}}, {}))
    assert said == "lines of therapy with class CDK4/6 drug or other drugs"


def test_recorded_numbers_have_the_decimal_sign_of_the_language_and_codes_stay() -> None:
    with speaking("tr"):
        assert [value_in_words(value) for value in ("7.5", "C79.3", "L01EG*")] == ["7,5", "C79.3", "L01EG\\*"]


def test_a_date_is_told_by_what_it_is_of_whatever_its_table() -> None:
    assert [date_in_words(column) for column in ("deaths.death_date", "doses.first_seen_date")] == [
        "death",
        "first seen",
    ]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ({"days_before": 90, "days_after": 30}, "90 before, 30 after"),
        ({"days_before": 90, "days_after": 0}, "90 before"),
        ({"days_after": 30}, "30 after"),
    ],
)
def test_days_around_a_date_name_the_sides_that_have_any(select: dict[str, int], said: str) -> None:
    assert days_around(("{before} before, {after} after", "{before} before", "{after} after"), select) == said
