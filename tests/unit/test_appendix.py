"""The end of the supplement: every characteristic and every code in words, and where a reviewer looks."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from cutline.manuscript.appendix import agreement, code_lists_grid, definitions_grid, software, where_to_look
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find
from cutline.manuscript.render import codes_of
from cutline.manuscript.variables import DERIVATIONS, defined, levels_in_words
from cutline.study import load_study

ROOT = Path(__file__).parents[2]


def context_of(study: str, **changes: Any) -> Context:
    settings = load_study(ROOT, {"study": study})
    codes = codes_of(settings, [ROOT / file for file in settings.get("codelists", {}).values()])
    return Context(settings | changes, {"flow.included": {"value": 70.0}}, codes=codes)


DEFAULT = context_of("everolimus_exemestane")
IN_WORDS = {
    "menopausal_status": "value of the nearest record of observations with item menopausal status, within 90 days "
    "before and 30 days after the start of the CDK4/6 inhibitor",
    "cdk46_inhibitor": r"drug of the first record of treatments with ATC code L01EF\*, timed by the start of the "
    "CDK4/6 inhibitor",
    "de_novo": "whether first distant metastasis is at most 90 days after diagnosis of breast cancer",
    "prior_lines": "number of records of lines of therapy, before the index date",
    "metastatic_sites": "number of different values of ICD-10 code among diagnoses with ICD-10 code C77–C79, up to the "
    "index date",
    "cdk46_duration_group": "duration of the CDK4/6 inhibitor, divided at 14.3",
    "bone_only": "whether every record says bone: diagnoses with ICD-10 code C77–C79, up to the index date",
}


@pytest.mark.parametrize("name", IN_WORDS)
def test_a_variable_is_told_as_the_configuration_derives_it(name: str) -> None:
    assert defined(name, DEFAULT) == IN_WORDS[name]


def test_every_kind_of_derivation_has_its_words() -> None:
    schema = (ROOT / "config" / "studies" / "study.schema.yaml").read_text(encoding="utf-8")
    kinds = schema.split("derive: {type: string, enum: [", 1)[1].split("]", 1)[0]
    assert {kind.strip() for kind in kinds.split(",")} == set(DERIVATIONS)


@pytest.mark.parametrize("study", ["everolimus_exemestane", "gbsg2", "bolero2"])
def test_the_table_of_definitions_has_a_row_for_every_variable_of_the_study(study: str) -> None:
    context = context_of(study)
    exhibit = find("table", context, "definitions")
    assert exhibit is not None
    assert len(definitions_grid(exhibit, context).rows) == len(context.settings["variables"])


def test_code_lists_tell_drugs_classes_and_recorded_words_by_level() -> None:
    exhibit = find("table", DEFAULT, "code_lists")
    assert exhibit is not None
    grid = code_lists_grid(exhibit, DEFAULT)
    rows = [(row.label.text, *(cell.text for cell in row.cells)) for row in grid.rows]
    assert ("Drugs (ATC code or name)", "Everolimus", "L01EG02, everolimus") in rows
    assert ("Classes of lines", "Everolimus plus exemestane", "everolimus with exemestane") in rows
    assert ("Classes of lines", "CDK4/6 inhibitor", "CDK4/6 inhibitor") in rows
    assert ("Classes of lines", "mTOR inhibitor", "mTOR inhibitor") in rows
    assert ("Histology", "Invasive lobular carcinoma", "invasive lobular carcinoma, ilc") in rows
    assert any(row[:2] == ("Sites", "left open") for row in rows), "codes that the list leaves open are told too"


def test_a_level_is_told_in_the_words_of_the_study() -> None:
    assert levels_in_words("cdk46_duration_group", DEFAULT) == r"\< 14.3 months; ≥ 14.3 months"
    assert levels_in_words("age_at_diagnosis", DEFAULT) == "years"


def test_a_reviewer_is_sent_to_the_tables_that_the_report_prints() -> None:
    assert "sensitivity analyses, @tbl-sensitivity" in where_to_look(DEFAULT)
    nobody = Context(DEFAULT.settings, {"flow.included": {"value": 0.0}})
    assert "@tbl-" not in where_to_look(nobody), "without patients the text has no tables"


def test_agreement_is_told_with_the_versions_it_was_found_with() -> None:
    found = {"versions": {"numpy": "2.4.6"}, "counts": {"compared": 8662, "disagreeing": 0}}
    assert "with numpy 2.4.6, `python3 run.py certify` compared 8,662" in agreement(Context({}, {}, agreement=found))
    bad = found | {"counts": {"compared": 8662, "disagreeing": 3}}
    assert "3 lay outside their tolerance" in agreement(Context({}, {}, agreement=bad))


def test_agreement_was_found_with_the_versions_that_are_locked() -> None:
    found = json.loads((ROOT / "reports" / "agreement.json").read_text(encoding="utf-8"))
    assert found["versions"] == {name: version(name) for name in found["versions"]}


def test_software_is_named_with_its_versions() -> None:
    assert software(context_of("gbsg2", software={"numpy": "2.4.6", "python": "3.11"})) == (
        "**Software:** numpy 2.4.6, python 3.11."
    )
