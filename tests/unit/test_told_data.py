"""Results are data and stay English; what a report shows of their words is told in its language."""

from pathlib import Path

import pytest

import cutline.languages as languages
from cutline.display import known_words
from cutline.display.captions import in_words
from cutline.display.grid import Cell, Grid, GridRow
from cutline.display.lookup import methods_of, notes_of
from cutline.display.responses import category_name
from cutline.display.table_quality import column_in_words
from cutline.display.table_sheet import to_sheet
from cutline.languages import catalogue, speaking, with_thousands_sign
from cutline.languages.catalogues import messages
from cutline.languages.noted import told
from cutline.safety.names import CLASS_NAMES
from cutline.tables.layout import MODULES

ROOT = Path(__file__).parents[2]
CATALOGUE = """
msgctxt "note"
msgid "fewer than {limit} at risk: read with caution"
msgstr "weniger als {limit} unter Risiko: mit Vorsicht zu lesen"

msgctxt "note"
msgid "{method}, Wald intervals and tests"
msgstr "{method}, Intervalle und Tests nach Wald"

msgctxt "note"
msgid "Cox regression, ties by {ties}'s method"
msgstr "Cox-Regression, Bindungen nach {ties}"

msgctxt "note"
msgid "variance inflated {limit:g}-fold, and {limit:g} is much"
msgstr "Varianz {limit}-fach, viel"

msgctxt "note"
msgid "{method}, stratified by {variables}"
msgstr "{method}, geschichtet nach {variables}"

msgid "and"
msgstr "und"

msgid "immune system disorders"
msgstr "erkrankungen des immunsystems"

msgctxt "response_not_evaluable"
msgid "Not\\nevaluable"
msgstr "Nicht beur-\\nteilbar"
"""


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A report in a language whose catalogue has a few notes."""
    (tmp_path / "de.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    catalogue.cache_clear()
    with speaking("de"):
        yield
    catalogue.cache_clear()


def test_a_note_whose_numbers_are_filled_is_told_with_them(german):
    assert told("fewer than 5 at risk: read with caution") == "weniger als 5 unter Risiko: mit Vorsicht zu lesen"
    assert told("fewer than 2.5 at risk: read with caution").startswith("weniger als 2,5 ")


def test_what_fills_a_text_is_told_too(german):
    assert told("Cox regression, ties by Efron's method, Wald intervals and tests") == (
        "Cox-Regression, Bindungen nach Efron, Intervalle und Tests nach Wald"
    )


def test_what_stands_in_a_row_in_a_field_is_told_one_by_one(german):
    assert told("log-rank test, stratified by immune system disorders and age") == (
        "log-rank test, geschichtet nach erkrankungen des immunsystems und age"
    )


def test_a_field_that_stands_twice_is_one_number(german):
    assert told("variance inflated 5-fold, and 5 is much") == "Varianz 5-fach, viel"
    assert told("variance inflated 5-fold, and 6 is much") == "variance inflated 5-fold, and 6 is much"


def test_a_note_of_several_parts_is_told_part_by_part_and_what_is_unknown_stays(german):
    assert told("fewer than 5 at risk: read with caution; left out: 3") == (
        "weniger als 5 unter Risiko: mit Vorsicht zu lesen; left out: 3"
    )


def test_tables_show_notes_and_methods_as_they_are_told(german):
    results = {"a": {"note": "fewer than 5 at risk: read with caution", "method": "Cox regression, ties by B's method"}}
    assert notes_of(results, ["a"]) == ["weniger als 5 unter Risiko: mit Vorsicht zu lesen"]
    assert methods_of(results, ["a"]) == ["Cox-Regression, Bindungen nach B"]


def test_in_english_a_note_is_what_it_is():
    assert told("fewer than 5 at risk; anything") == "fewer than 5 at risk; anything"


def test_an_id_is_read_as_the_catalogue_has_it_and_else_as_english(german):
    assert in_words("immune_system_disorders") == "Erkrankungen des immunsystems"
    assert in_words("index_date") == "Index date"


def test_an_id_that_turkish_has_no_words_for_keeps_its_english_letter():
    with speaking("tr"):
        assert in_words("injection_site") == "Injection site"
        assert column_in_words("infusion_ml") == "Infusion ml"


def test_a_word_broken_below_a_bar_is_whole_elsewhere(german):
    assert category_name("not_evaluable") == "Nicht beurteilbar"
    assert category_name("complete") == "Complete response"


def test_a_decimal_comma_is_a_number_in_the_workbook(german):
    from io import BytesIO

    from openpyxl import load_workbook

    grid = Grid("Zahlen", ("Name", "Wert"), (GridRow(Cell("a"), (Cell("7,8"),)), GridRow(Cell("b"), (Cell("−0,5"),))))
    sheet = load_workbook(BytesIO(to_sheet(grid, "Tabelle", "1"))).active
    assert [sheet.cell(row, 2).value for row in (4, 5)] == [7.8, -0.5]


def test_thousands_stand_apart_by_the_language(german):
    assert with_thousands_sign(8662) == "8.662"


def test_every_column_of_the_sources_that_may_be_blank_is_known_to_the_catalogues():
    layouts = [table for module in MODULES for table in module.TABLES]
    blank = {column.name for table in layouts for column in table.columns if not column.required}
    assert {column_in_words(name) for name in blank} - set(known_words.COLUMNS) == set()
    assert {table.name.replace("_", " ") for table in layouts} - set(known_words.TABLES) == set()


def test_every_organ_class_of_the_code_list_is_known_to_the_catalogues():
    rows = (ROOT / "config/codelists/adverse_events.csv").read_text(encoding="utf-8")
    classes = {*known_words.ORGAN_CLASSES, *(name.lower() for name in known_words.CLASSES_WITH_COMMAS)}
    assert set(CLASS_NAMES.values()) == set(known_words.CLASSES_WITH_COMMAS)
    assert sum(rows.lower().count(name) for name in classes) >= rows.count("CTCAE v5.0")


def test_a_message_within_another_is_found(tmp_path):
    code = 'tell("outer {a}", a=told(f"{tell(\'inner\')}"), b=x(y(tell("deep"))))\nnoted("n")\ntell(variable)\n'
    (tmp_path / "module.py").write_text(code)
    found = [message for message, place in messages(tmp_path) if place == "module.py"]
    assert found == [(None, "outer {a}"), (None, "inner"), (None, "deep"), ("note", "n")]
