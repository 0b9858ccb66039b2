"""The report held against guidelines of reporting: items met with their place, missing, or not applicable."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from cutline.ard import result, results_table
from cutline.checklists.answer import BY_HAND, MET, MISSING, NOT_APPLICABLE, Answer, answered, patterns, tally
from cutline.checklists.load import FOLDER, load_checklists
from cutline.checklists.passage import Passage
from cutline.configuration import read_checked
from cutline.display.lookup import index_results
from cutline.errors import ConfigError, ReportError
from cutline.languages import languages
from cutline.manuscript import pandoc, stage
from cutline.manuscript.checklist_summary import counted, summary
from cutline.manuscript.checklists import answers_of, check_answers, document_of, quoted_of, require_complete
from cutline.manuscript.compose import Document, gather
from cutline.manuscript.context import Context
from cutline.manuscript.outline import passages
from cutline.manuscript.pages import Pages, pages_of
from tests.unit.test_manuscript import ROOT, real_sources, settings

TEXT = """# Abstract {.unnumbered}

**Results:** Of [10]{.result key="flow.screened" fmt="%d" source="x"} patients, all took part.

# Methods {#sec-methods}

## Patients {#sec-eligibility}

Patients were excluded by criteria. We tried it [@kaplan1958].

# Results {#sec-results}

## Patients {#sec-patients}

Of [10]{.result key="flow.screened" fmt="%d" source="x"} patients, all took part.
Nobody was excluded (@fig-flow).

![Patient flow.](../figures/flow){#fig-flow fig-alt="A # chart" width=85%}

| Who | Missing |
| :-- | --: |
| All | [0]{.result key="baseline.age.missing" source="x"} |

: Characteristics. {#tbl-baseline}

::: {#supplement-criteria custom-style="Table Caption"}
Table S1: Criteria.
:::

| a |
| - |
"""
REPORT = passages("A trial. Cohort", TEXT)


def item(*evidence: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "1", "part": "Methods", "asks": "Something", "met_by": [*evidence], "add": "Say it"} | more


def answer(one: dict[str, Any], **study: Any) -> Answer:
    return answered("made_up", {"items": [one]}, REPORT, settings(**study))[0]


# ── where an item is met ─────────────────────────────────────────────────────────────────────


def test_an_item_is_met_by_a_sentence_with_its_section() -> None:
    found = answer(item({"in": ["methods"], "says": ["excluded"]}))
    assert (found.status, found.where[0].section, found.where[0].text) == (
        MET, "1.1 Patients", "Patients were excluded by criteria.")  # fmt: skip


def test_a_section_within_another_is_not_mistaken_for_one_of_the_same_name() -> None:
    found = answer(item({"in": ["results/patients"], "says": ["excluded"]}))
    assert found.where[0].section == "2.1 Patients"


def test_an_item_is_met_by_a_sentence_that_shows_a_result() -> None:
    assert answer(item({"in": ["results"], "shows": ["flow.*"]})).where[0].keys == ("flow.screened",)


def test_the_first_pattern_that_fits_anywhere_counts_before_the_next() -> None:
    assert answer(item({"in": ["methods"], "says": ["tried", "excluded"]})).where[0].text.startswith("We tried it")


def test_the_title_and_unnumbered_sections_are_sections() -> None:
    assert answer(item({"in": ["title"], "says": ["cohort"]})).where[0].section == "Title"
    assert answer(item({"in": ["abstract"], "says": ["results"]})).where[0].section == "Abstract"


@pytest.mark.parametrize(
    ("label", "caption"),
    [
        ("fig-flow", "Patient flow."),
        ("tbl-baseline", "Characteristics."),
        ("supplement-criteria", "Table S1: Criteria."),
    ],
)
def test_an_item_is_met_by_a_table_or_figure_with_its_caption(label: str, caption: str) -> None:
    assert answer(item({"exhibit": label})).where[0].text == caption


def test_a_table_meets_an_item_by_the_results_in_its_rows() -> None:
    assert answer(item({"exhibit": "tbl-baseline", "shows": ["baseline.*.missing"]})).status == MET
    assert answer(item({"exhibit": "tbl-baseline", "shows": ["baseline.*.smd"]})).status == MISSING
    assert answer(item({"exhibit": "supplement-criteria", "shows": ["baseline.*"]})).status == MISSING


def test_what_is_missing_says_what_to_add_and_what_there_is() -> None:
    found = answer(item({"in": ["methods"], "says": ["excluded"]}, {"in": ["methods"], "says": ["blinded"]}))
    assert (found.status, found.said, len(found.where)) == (MISSING, "Say it", 1)


def test_what_stands_in_another_section_does_not_count() -> None:
    assert answer(item({"in": ["results"], "says": ["tried"]})).status == MISSING


@pytest.mark.parametrize(
    ("applies", "study", "status"),
    [
        ({"key": "safety"}, {}, NOT_APPLICABLE),
        ({"key": "models"}, {}, MET),
        ({"any": ["codelists", "lines"]}, {}, NOT_APPLICABLE),
        ({"any": ["codelists", "models"]}, {}, MET),
        ({"without": "time_only"}, {}, MET),
        ({"without": "time_only"}, {"time_only": True}, NOT_APPLICABLE),
    ],
)
def test_an_item_that_does_not_apply_says_why(applies: dict[str, Any], study: dict[str, Any], status: str) -> None:
    one = item({"in": ["methods"], "says": ["excluded"]}, applies=applies, otherwise="there is none")
    assert answer(one, **study).status == status


def test_the_study_answers_what_no_program_can() -> None:
    for said, status in (({"met": "protocol, page 3"}, MET), ({"not_applicable": "no funder"}, NOT_APPLICABLE)):
        report = settings()["report"] | {"checklists": {"answers": {"made_up": {"1": said}}}}
        found = answer(item({"in": ["methods"], "says": ["blinded"]}), report=report)
        assert (found.status, found.said) == (status, next(iter(said.values())))


# ── guidelines as data ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["strobe_cohort", "record", "grow_aligned", "consort"])
def test_every_guideline_says_what_its_wording_rests_on(name: str) -> None:
    checklist = read_checked(ROOT / FOLDER / f"{name}.yaml", ROOT / FOLDER / "checklist.schema.yaml")
    assert checklist["evidence"]


def test_all_items_of_strobe_are_there() -> None:
    checklist = read_checked(ROOT / FOLDER / "strobe_cohort.yaml", ROOT / FOLDER / "checklist.schema.yaml")
    numbers = {int("".join(sign for sign in one["id"] if sign.isdigit())) for one in checklist["items"]}
    assert numbers == set(range(1, 23))


def test_what_could_not_be_read_is_called_aligned_and_not_by_the_guidelines_name() -> None:
    checklist = read_checked(ROOT / FOLDER / "grow_aligned.yaml", ROOT / FOLDER / "checklist.schema.yaml")
    assert checklist["name"] == "GROW-aligned"
    assert "general knowledge" in checklist["evidence"]


def test_the_guidelines_are_those_for_the_design() -> None:
    assert list(load_checklists(ROOT, settings())) == ["strobe_cohort", "record", "grow_aligned"]
    randomised = settings(comparisons={"main": "arm", "randomised": True})
    assert list(load_checklists(ROOT, randomised)) == ["consort"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"guidelines": ["strobe"]}, r"report\.checklists\.guidelines: found 'strobe'.*strobe_cohort"),
        ({"answers": {"consort": {}}}, r"report\.checklists\.answers: the study is not checked by 'consort'"),
        ({"answers": {"record": {"1.9": {"met": "x"}}}}, r"report\.checklists\.answers\.record: no item '1\.9'"),
    ],
)
def test_an_unknown_guideline_or_item_is_named(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_checklists(ROOT, settings(report=settings()["report"] | {"checklists": asked}))


def test_a_guideline_with_an_item_twice_or_a_broken_pattern_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / "checklist.schema.yaml").write_bytes((ROOT / FOLDER / "checklist.schema.yaml").read_bytes())
    one = item({"in": ["methods"], "says": ["("]})
    made_up = {"name": "X", "title": "X", "evidence": "none", "items": [one, one]}
    (folder / "x.yaml").write_text(yaml.safe_dump(made_up), encoding="utf-8")
    study = settings(report=settings()["report"] | {"checklists": {"guidelines": ["x"]}})
    with pytest.raises(
        ConfigError, match=r"(?s)x\.yaml: item 1 is listed twice.*item 1: '\(' is no regular expression"
    ):
        load_checklists(tmp_path, study)


# ── the build option, the summary, the document ──────────────────────────────────────────────

MADE_UP = {
    "name": "MADE-UP", "title": "A list", "evidence": "invented",
    "items": [item({"in": ["results"], "says": ["excluded"]}), item({"in": ["results"], "says": ["blinded"]}, id="2"),
              item({"exhibit": "x"}, id="3", applies={"key": "safety"}, otherwise="no events are recorded")],
}  # fmt: skip


def made_up(**checklists: Any) -> tuple[Context, dict[str, list[Answer]]]:
    report = settings()["report"] | {"checklists": checklists}
    rows = index_results([results_table([result("flow.screened", 10)], "made_by_hand")])
    context = Context(settings(report=report, checklists={"made_up": MADE_UP}), rows)
    return context, answers_of(context, Document({"title": "A trial", "subtitle": "Cohort"}, TEXT))


def test_a_missing_item_stops_the_build_where_the_study_asks_for_it() -> None:
    context, answers = made_up(fail_on_missing=True)
    with pytest.raises(ReportError, match=r"MADE-UP 2: Something: Say it"):
        require_complete(answers, context.settings)
    context, answers = made_up(fail_on_missing=True, answers={"made_up": {"2": {"not_applicable": "one arm"}}})
    require_complete(answers, context.settings)
    context, answers = made_up()
    require_complete(answers, context.settings)


def test_a_pipe_and_a_line_break_of_an_answer_stay_in_their_cell() -> None:
    context, answers = made_up(answers={"made_up": {"2": {"met": "page 3|4, or\nnote \\| a"}}})
    body = document_of(context, gather(real_sources()), answers, Pages()).body
    assert r"| 2 | Something |  |  | Page 3\|4, or note \| a (answered by the authors) |" in body


@pytest.mark.parametrize(("said", "fault"), [("see [@nobody1900]", "@nobody1900: .*no such entry"), ("<b>x", "HTML")])
def test_an_answer_of_the_study_is_held_to_the_bibliography_and_the_markdown_of_sections(said: str, fault: str) -> None:
    context, _ = made_up(answers={"made_up": {"2": {"met": said}}})
    with pytest.raises(ReportError, match=rf"study\.yaml, report\.checklists\.answers\.made_up\.2, line 1: {fault}"):
        check_answers(context.settings, gather(real_sources()))


def test_the_supplement_counts_the_items_and_names_the_missing() -> None:
    context, answers = made_up()
    assert tally(answers["made_up"]) == {MET: 1, MISSING: 1, NOT_APPLICABLE: 1, BY_HAND: 0}
    assert summary(context) == ""
    said = summary(Context(context.settings, {}, answers=answers))
    assert "MADE-UP: of 3 items 1 met, 1 missing (2), 1 not applicable." in said


def test_the_document_has_each_item_with_section_page_and_sentence() -> None:
    context, answers = made_up()
    pages = Pages([("results", 4), ("patients", 4), ("nobodywasexcluded", 5)])
    body = document_of(context, gather(real_sources()), answers, pages).body
    assert "| 1 | Something | 2.1 Patients | 5 | “Nobody was excluded (Figure 1).” |" in body
    assert "| 2 | Something |  |  | **Missing.** Say it. |" in body
    assert "| 3 | Something |  |  | Not applicable: no events are recorded. |" in body


def test_a_quotation_numbers_what_it_refers_to_as_the_report_does() -> None:
    text = TEXT.replace(
        "Nobody was excluded (@fig-flow).", "See @sec-patients, section -@sec-patients, @tbl-baseline, @fig-flow."
    )
    said = [quoted_of(each) for each in passages("A trial. Cohort", text)]
    assert "See Section 2.1, section 2.1, Table 1, Figure 1." in said


def test_a_quoted_sentence_has_no_markup_and_is_cut_where_it_is_long() -> None:
    said = "**Methods:** see [Table S1](#supplement-criteria) and @fig-flow [@kaplan1958], 5\\*3."
    assert quoted_of(Passage(said, (), (), "")) == "Methods: see Table S1 and the figure, 5*3."
    assert quoted_of(Passage("word " * 100, (), (), "")).endswith("word …")


# ── pages ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_is_that_of_the_paragraph_below_the_heading_and_not_of_the_abstract() -> None:
    pages = Pages([("abstract", 1), ("ofpatientsalltookpart", 1), ("results", 3), ("ofpatientsalltookpart", 4)])
    found = Passage("Of 10 patients, all took part.", (), ("results",), "2 Results")
    assert pages.of(found) == 4
    assert pages.of(Passage("Nothing of the kind was said.", (), ("results",), "")) is None


def test_the_page_of_a_table_is_that_of_its_caption_and_not_of_a_sentence_that_names_it() -> None:
    pages = Pages([("supplement", 18), ("tablescodelistseligibilityinfulltables", 19), ("tablescodelists", 37)])
    assert pages.of(Passage("Table S19: Code lists.", (), ("supplement",), "Supplement", "supplement-codes")) == 37
    pages = Pages([("results", 4), ("figurepatientflow", 5)])
    assert pages.of(Passage("Patient flow.", (), ("results",), "", "fig-flow")) == 5


def test_pages_are_those_of_the_rendered_pdf(tmp_path: Path) -> None:
    head = {"title": "A trial", "subtitle": "Cohort", "author": [], "lang": "en", "format": {}}
    body = "# One\n\nThe first paragraph is here [@kaplan1958].\n\n```{=typst}\n#pagebreak()\n```\n\n# Two\n\n"
    body += "The second paragraph, *later* by a page.\n\n::: {#refs}\n:::\n"
    document = Document(head | {"bibliography": "references.bib", "csl": "citations.csl"}, body)
    report = stage.fill(tmp_path.resolve() / "stage", document, gather(real_sources()), [])
    pandoc.render(document, report, ["pdf"])
    pages = pages_of(report)
    assert pages.of(Passage("The first paragraph is here [@kaplan1958].", (), ("one",), "")) == 1
    assert pages.of(Passage("The second paragraph, *later* by a page.", (), ("two",), "")) == 2


def test_without_a_pdf_there_are_no_pages(tmp_path: Path) -> None:
    assert pages_of(tmp_path).blocks == ()


def test_word_and_web_page_hold_every_item(tmp_path: Path) -> None:
    context, answers = made_up()
    document = document_of(context, gather(real_sources()), answers, Pages())
    report = stage.fill(tmp_path.resolve() / "stage", document, gather(real_sources()), [])
    rendered = pandoc.render(document, report, ["html", "docx"])
    with zipfile.ZipFile(io.BytesIO(rendered["docx"])) as archive:
        word = archive.read("word/document.xml").decode()
    for said in ("Nobody was excluded (Figure 1).", "Say it.", "no events are recorded"):
        assert said in rendered["html"].decode()
        assert said in word
    assert "<w:tblHeader" in word


# ── what a sentence has to say ───────────────────────────────────────────────────────────────


def evidence_of(name: str, item_id: str, number: int = 0) -> dict[str, Any]:
    checklist = read_checked(ROOT / FOLDER / f"{name}.yaml", ROOT / FOLDER / "checklist.schema.yaml")
    return next(one for one in checklist["items"] if one["id"] == item_id)["met_by"][number]


def status_of(sentence: str, evidence: dict[str, Any], section: str, language: str = "en") -> str:
    report = passages("A trial. Cohort", f"# Any heading {{#sec-{section}}}\n\n{sentence}\n")
    study = settings(report=settings()["report"] | {"language": language})
    return answered("made_up", {"items": [item(evidence)]}, report, study)[0].status


@pytest.mark.parametrize(
    ("name", "number", "section", "loose", "said"),
    [
        ("consort 8b", 0, "methods", "Groups were compared by the log-rank test, stratified by visceral disease.",
         "Randomisation was stratified by visceral disease, in blocks of four."),
        ("consort 13a", 1, "results", "Of all patients, most had visceral disease.",
         "In each arm all but one received the assigned treatment."),
        ("consort 14b", 0, "methods", "The data cut-off was 8 July 2011; treatment was stopped for toxicity.",
         "The trial was stopped early, at the interim analysis."),
        ("consort 16", 0, "results", "This comparison of randomised groups is not adjusted.",
         "Patients were analysed as randomised."),
        ("consort 22", 0, "discussion", "A difference may be due to chance; see @sec-limitations.",
         "Other trials found longer survival [@baselga2012]."),
        ("strobe_cohort 9", 0, "methods", "The index date is time zero of every analysis.",
         "Immortal-time bias was avoided by one time zero."),
        ("strobe_cohort 12b", 0, "statistics", "Standardised mean differences compare groups by arm.",
         "Groups by menopausal status were compared by the log-rank test."),
    ],
)  # fmt: skip
def test_an_item_is_met_by_a_sentence_that_says_it_and_by_none_that_has_its_words(
    name: str, number: int, section: str, loose: str, said: str
) -> None:
    evidence = evidence_of(*name.split(), number)
    assert (status_of(loose, evidence, section), status_of(said, evidence, section)) == (MISSING, MET)


@pytest.mark.parametrize(
    ("name", "number", "section", "loose", "said"),
    [
        ("consort 8b", 0, "methods", "Gruplar tabakalı log-rank testi ile karşılaştırıldı.",
         "Randomizasyon, visseral hastalığa göre tabakalandırılarak bloklar hâlinde yapıldı."),
        ("consort 16", 0, "results", "Randomize grupların bu karşılaştırması düzeltilmemiştir.",
         "Hastalar tedavi amacına göre analiz edildi."),
        ("strobe_cohort 9", 0, "methods", "İndeks tarihi bütün analizlerin sıfır zamanıdır.",
         "Ölümsüz zaman yanlılığından tek bir sıfır zamanıyla kaçınıldı."),
        ("strobe_cohort 10", 0, "methods", "Kohort büyüktür.", "Örneklem büyüklüğü hesaplanmadı."),
        ("strobe_cohort 22", 0, "declarations", "**Finansal destek:** Yazarlar tarafından belirtilecektir.",
         "**Finansal destek:** Destek alınmamıştır."),
    ],
)  # fmt: skip
def test_items_are_judged_by_turkish_sentences_too(name: str, number: int, section: str, loose: str, said: str) -> None:
    evidence = evidence_of(*name.split(), number)
    judged = [status_of(sentence, evidence, section, "tr") for sentence in (loose, said)]
    assert judged == [MISSING, MET]


@pytest.mark.parametrize("name", ["strobe_cohort", "record", "grow_aligned", "consort"])
@pytest.mark.parametrize("language", languages())
def test_every_item_of_a_guideline_is_judged_in_every_language(name: str, language: str) -> None:
    checklist = read_checked(ROOT / FOLDER / f"{name}.yaml", ROOT / FOLDER / "checklist.schema.yaml")
    evidence = [(one["id"], each) for one in checklist["items"] for each in one["met_by"]]
    assert [number for number, each in evidence if "says" in each and not patterns(each, language)] == []


def test_harms_count_where_they_are_told_by_arm() -> None:
    one = evidence_of("consort", "19")
    told = '| a | [3]{{.result key="safety.{}any.n" source="x"}} |\n\n: Events. {{#tbl-adverse-events}}'
    assert status_of(told.format(""), one, "results") == MISSING
    assert status_of(told.format("arm=drug."), one, "results") == MET


# ── in another language ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        ({"in": ["results"], "says": ["excluded"]}, BY_HAND),
        ({"in": ["results"], "says": {"en": ["excluded"], "tr": ["dışlan"]}}, MET),
        ({"in": ["results"], "says": {"any": ["@kaplan"], "en": ["x"]}}, MET),
        ({"in": ["results"], "says": {"tr": ["sansür"]}}, MISSING),
        ({"in": ["results"], "shows": ["flow.screened"]}, MET),
        ({"in": ["results"], "shows": ["os.events"]}, MISSING),
        ({"exhibit": "tbl-baseline"}, MISSING),
        ({"in": ["results"], "says": ["excluded"], "shows": ["flow.*"]}, MET),
    ],
)
def test_words_that_no_program_reads_in_the_language_are_left_to_the_authors(evidence: Any, status: str) -> None:
    told = 'Hastalar [@kaplan1958] dışlandı: [10]{.result key="flow.screened" fmt="%d" source="x"}.'
    assert status_of(told, evidence, "results", "tr") == status


def test_an_item_that_lacks_a_result_is_missing_in_any_language_and_one_left_to_the_authors_stops_nothing() -> None:
    both = item({"in": ["results"], "says": ["excluded"]}, {"in": ["results"], "shows": ["os.events"]})
    by_hand = item({"in": ["results"], "says": ["excluded"]}, id="2")
    study = settings(report=settings()["report"] | {"language": "tr", "checklists": {"fail_on_missing": True}})
    study["checklists"] = {"made_up": {"name": "MADE-UP", "items": [both, by_hand]}}
    answers = answered("made_up", study["checklists"]["made_up"], REPORT, study)
    assert [each.status for each in answers] == [MISSING, BY_HAND]
    with pytest.raises(ReportError, match=r"MADE-UP 1"):
        require_complete({"made_up": answers}, study)
    require_complete({"made_up": answers[1:]}, study)


def test_the_supplement_says_how_many_items_are_left_to_the_authors() -> None:
    answers = [Answer(item(), BY_HAND), Answer(item(), MET)]
    spared = "1 to be answered by hand, in words that no program reads in this language"
    assert counted({"name": "MADE-UP"}, answers) == f"MADE-UP: of 2 items 1 met, none missing, {spared}."


def test_a_section_is_known_by_its_label_whatever_its_heading() -> None:
    assert status_of("Everyone was excluded.", {"in": ["results"], "says": ["excluded"]}, "results") == MET
    assert status_of("Everyone was excluded.", {"in": ["results"], "says": ["excluded"]}, "methods") == MISSING
