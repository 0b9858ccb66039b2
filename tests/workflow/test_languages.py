"""The default study in Turkish: the same results, told in another language from the first line to the last."""

import re

from cutline.audit.passages import sentences
from tests.workflow.conftest import DEFAULT_CUT, Outcome

SPEAKING = {"draw_figures", "draw_patients", "present_tables", "render_report"}
ENGLISH = re.compile(r"\b(the|of|with|and|was|were|patients?|are|for|from|this|that|which|not|by)\b")
CITED = ("References", "Kaynaklar")


def composed(project):
    return (project.path / DEFAULT_CUT / "report" / "manuscript.qmd").read_text(encoding="utf-8")


def shown(project):
    """Each key with the digits that a sentence shows for it."""
    spans = [(span.key, passage.text[span.start : span.end]) for passage in sentences(composed(project))
             for span in passage.spans]  # fmt: skip
    return {(key, tuple(re.findall(r"\d+", text))) for key, text in spans}


def test_another_language_reruns_what_is_made_for_readers_only(turkish):
    assert Outcome(0, (turkish.path / "again.txt").read_text(encoding="utf-8")).rules == SPEAKING


def test_no_sentence_is_left_in_english(turkish):
    told = [passage for passage in sentences(composed(turkish)) if not passage.where.endswith(CITED)]
    english = [passage.text for passage in told if len(ENGLISH.findall(passage.text)) > 1]
    assert english == []


def test_no_cell_is_left_in_english(turkish):
    lines = [line for file in (turkish.path / DEFAULT_CUT / "aggregate" / "tables").glob("*.md")
             for line in file.read_text(encoding="utf-8").splitlines()]  # fmt: skip
    cells = [cell for line in lines for cell in re.sub(r"\{[^}]*\}", "", line).split("|")]
    assert [cell for cell in cells if len(ENGLISH.findall(cell)) > 1] == []


def test_no_item_of_a_checklist_is_left_in_english(turkish):
    page = (turkish.path / DEFAULT_CUT / "report" / "checklists.html").read_text(encoding="utf-8")
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", page, re.DOTALL)]
    assert len(cells) > 400
    assert [cell for cell in cells if len(ENGLISH.findall(cell)) > 1] == []
    assert "Contents" not in page


def test_both_languages_show_the_same_results(finished, turkish):
    english, translated = shown(finished), shown(turkish)
    assert {key for key, _ in english} == {key for key, _ in translated}
    assert english == translated


def test_a_number_is_found_as_the_report_prints_it(turkish):
    answer = turkish.ask("why", "6,6")
    assert "pfs.km.median" in answer.stdout


def test_the_cut_holds_as_it_did(turkish):
    assert turkish.ask("verify").returncode == 0
