"""A report in another language: its sentences, numbers, dates and letters."""

import re
from pathlib import Path

import pytest

from cutline.code_digest import code_of
from cutline.display.labels import ENGLISH as LABELS
from cutline.display.labels import in_sentence, label
from cutline.display.numbers import format_date, format_interval, format_p, format_result, p_statement
from cutline.errors import ConfigError
from cutline.languages import (
    FOLDER,
    catalogue,
    in_language_of_report,
    languages,
    lower_first,
    speaking,
    spoken,
    tell,
    upper_first,
)
from cutline.languages.catalogues import messages, untranslated, updated
from cutline.manuscript.markdown import listed

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "workflow" / "lib"
OTHERS = [code for code in languages() if code != "en"]
FIELD = re.compile(r"(?<!\{)\{(\w+)[^{}]*\}(?!\})")


# ── the catalogues ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated(code: str):
    text = (FOLDER / f"{code}.po").read_text(encoding="utf-8")
    assert untranslated(text) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_the_messages_of_the_code_and_no_others(code: str):
    text = (FOLDER / f"{code}.po").read_text(encoding="utf-8")
    assert updated(code, text) == text, f"python3 run.py messages {code}"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_fields_of_its_message(code: str):
    other = {message[1]: said for message, said in catalogue(code).items()
             if sorted(set(FIELD.findall(message[1]))) != sorted(set(FIELD.findall(said)))}  # fmt: skip
    assert other == {}


def test_sentences_labels_and_what_checklists_ask_are_messages():
    found = {message for message, _ in messages()}
    assert (None, "and") in found
    assert ("percent", LABELS["percent"]) in found
    assert (None, "Objectives and any hypotheses fixed beforehand") in found


def test_an_unknown_language_is_refused_with_what_to_do():
    with pytest.raises(ConfigError, match=r"report\.language: found 'tlh', expected one of en, tr"), speaking("tlh"):
        pass


# ── what is told ─────────────────────────────────────────────────────────────────────────────


def test_english_is_what_the_code_says():
    assert spoken() == "en"
    assert tell("{n} of {total}", n=1, total=2) == "1 of 2"
    assert tell("{{< a text without fields >}}") == "{{< a text without fields >}}"


def test_a_language_ends_where_it_was_begun():
    with speaking("tr"):
        with speaking("en"):
            assert tell("and") == "and"
        assert tell("and") == "ve"
    assert tell("and") == "and"


def test_what_the_study_translates_is_told_so():
    with speaking("tr", {"Skin toxicity": "Deri toksisitesi"}):
        assert tell("Skin toxicity") == "Deri toksisitesi"
        assert tell("Nobody's text") == "Nobody's text"


def test_a_job_speaks_the_language_of_its_report():
    @in_language_of_report
    def job(*, settings: dict[str, object]) -> str:
        return spoken()

    assert job(settings={"report": {"language": "tr"}}) == "tr"
    assert job(settings={}) == "en"


# ── numbers, dates, letters ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("english", "turkish"), [
    (lambda: format_result({"value": 57.142}, "percent"), "%57,1"),
    (lambda: format_result(6.64, "%.1f"), "6,6"),
    (lambda: format_result(-0.5, "%.2f"), "\u22120,50"),
    (lambda: format_interval(5.59, 7.61, 2), "5,59–7,61"),
    (lambda: format_p(0.0004), "<0,001"),
    (lambda: format_p(0.995), ">0,99"),
    (lambda: p_statement(0.031), "p\u00a0=\u00a00,031"),
    (lambda: format_date("2025-05-31"), "31 Mayıs 2025"),
    (lambda: listed(["a", "b", "c"]), "a, b ve c"),
    (lambda: label("percent", value="6"), "%6"),
])  # fmt: skip
def test_numbers_dates_and_lists_are_turkish(english, turkish: str):
    with speaking("tr"):
        assert english() == turkish
    assert english() != turkish


def test_i_has_its_dot_or_not():
    with speaking("tr"):
        assert upper_first("indeks") == "İndeks"
        assert upper_first("ılımlı") == "Ilımlı"
        assert lower_first("İlerleme") == "ilerleme"
        assert lower_first("Islak") == "ıslak"
        assert in_sentence("İlk yanıt") == "ilk yanıt"
        assert in_sentence("ECOG") == "ECOG"
    assert upper_first("index") == "Index"


# ── what runs again ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("rule", "reached"), [
    ("render_report", True), ("present_tables", True), ("draw_figures", True),
    ("fit_cox", False), ("derive_endpoints", False),
])  # fmt: skip
def test_an_edited_catalogue_reruns_what_speaks(rule: str, reached: bool):
    code = code_of(ROOT / "workflow" / "scripts" / f"{rule}.py", LIBRARY)
    assert ("lib/cutline/languages/tr.po" in code) is reached
