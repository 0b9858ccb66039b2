"""The linter of the report: what may be typed and what may not, each trap with the sentence that would fall into it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from cutline.ard import result, results_table
from cutline.display.labels import label
from cutline.display.lookup import index_results
from cutline.errors import ReportError
from cutline.languages import languages, speaking
from cutline.manuscript.compose import compose
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import exhibit_files
from cutline.manuscript.lint.composed import check_composed
from cutline.manuscript.lint.declared import Words, declared, read_declarations
from cutline.manuscript.lint.numbers import Typed, typed_numbers
from cutline.manuscript.lint.prose import prose
from cutline.manuscript.lint.sentences import sentences
from cutline.manuscript.lint.sources import NumberLinter
from cutline.manuscript.lint.wordings import rules_of
from tests.unit.test_manuscript import ROOT, Sources, context, exhibits, real_sources, settings

DECLARATIONS = (ROOT / "reports/lint/numbers.yaml").read_text(encoding="utf-8")
WORDINGS = (ROOT / "reports/lint/wordings.yaml").read_text(encoding="utf-8")
GIVEN = read_declarations(DECLARATIONS, "numbers.yaml")
ALLOWED = declared([*GIVEN["names"], *GIVEN["phrases"], {"say": "BOLERO-2"}], GIVEN["words"]["en"])


def typed(text: str) -> list[str]:
    return [each.text for each in typed_numbers(text, ALLOWED)]


# ── numbers in the prose ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Of 70 patients, 36 died.", ["70", "36"]),
        ("Survival was 6.6 months (57.1%).", ["6.6", "57.1%"]),
        ("# Results in 70 patients {#sec-results}", ["70"]),
        ("| Who | n |\n| :-- | --: |\n| All | 70 |\n", ["70"]),
        ("Some died.[^1]\n\n[^1]: In all 36 of them.\n", ["36"]),
        ("Some died.^[In all 36 of them.]", ["36"]),
        ("`70` patients", ["70"]),
        ("$n = 70$", ["70"]),
        ("**70**, _36_ and ~~12~~", ["70", "36", "12"]),
        ("By 31 May 2025 nobody was lost.", ["31", "2025"]),
        ("α was 0.05 and β 0.2", ["0.05", "0.2"]),
        ("α=0.05", ["α=0.05"]),
        ("See Table 2.", ["2"]),
        ("٧٠ patients, ７０ patients, ½ of them, 10⁵", ["٧٠", "７０", "½", "10⁵"]),
        ("&#55;0 patients", ["55;0"]),
        ("n=70", ["n=70"]),
        ("![70 patients](figure.svg)", ["70"]),
        ("[70]{.result key=\"flow.included\"}", ["70"]),
        ('1{{< result "flow.included" fmt="%d" >}} patients', ["1"]),
        ("{70} patients", ["70"]),
        ('::: {.callout-note title="70 patients"}\n:::', ["70"]),
        ('![](a.svg){fig-alt="70 patients" width=85%}', ["70"]),
        ("<!-- a note -->70", ["70"]),
        ("[@rugo2014, p. 33; in 70 patients]", ["70"]),
        ("It was grade 3 in 12 patients.", ["12"]),
    ],
)  # fmt: skip
def test_a_number_that_was_typed_is_found_wherever_it_stands(text: str, found: list[str]) -> None:
    assert typed(text) == found


@pytest.mark.parametrize(
    "text",
    [
        '{{< result "pfs.km.survival_12m" fmt="%.1f" >}}',
        "{{< trial bolero_2 combination pfs final local >}}",
        "as in a trial [@baselga2012; @yardley2013, pp. 880-884] and by @eisenhauer2009",
        "@fig-survival-os2 and [-@tbl-cox-2]",
        "# Patients {#sec-part-2 .unnumbered}",
        "![A curve](figure_2_survival_pfs.svg){#fig-2 width=85%}",
        "[the register](https://example.org/2025/70?x=1 )".replace(" )", ")"),
        "<https://example.org/70>, https://example.org/a_70 and doi:10.1056/NEJMoa1109653",
        "10.1007/s10549-013-2615-x",
        "1. One thing\n2. Another\n3. A third",
        "Some died.[^70]",
        "<!-- 70 patients,\n36 events -->",
        "A CDK4/6 inhibitor in HER2-negative, *ESR1*-mutated disease with PIK3CA and TGF-β1",
        "BOLERO-2 enrolled before that.",
        "5-FU, H~2~O and CO~2~",
        "Events of grade 3 or higher, grade 3 or 4, grade 3 to 4, grades 3 to 5, grade 3–4 and grade ≥ 3",
        "Response by RECIST 1.1; by RECIST\n1.1 too",
        "ECOG 0–1 or performance status 0 or 1",
        "Ki-67, 5 mg/m²".replace("5 ", ""),
    ],
)
def test_what_is_a_look_up_a_citation_a_label_an_address_or_a_declared_name_is_no_typed_number(text: str) -> None:
    assert typed(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HER20, CDK4/60 and CDK4/6/70", ["HER20", "CDK4/60", "CDK4/6/70"]),
        ("BOLERO-26 and BOLERO-2.5", ["BOLERO-26", "BOLERO-2.5"]),
        ("RECIST 1.15 and RECIST 1.1.5", ["1.15", "1.1.5"]),
        ("version 1.1 of 1.1", ["1.1"]),
        ("grade 7, grade 35, grade 3.5, grade 3–70", ["7", "35", "3.5", "70"]),
        ("HER2-70", ["70"]),
    ],
)
def test_a_declared_name_covers_itself_and_nothing_longer(text: str, found: list[str]) -> None:
    assert typed(text) == found


def test_only_a_list_that_counts_from_one_has_numbers_of_its_own() -> None:
    assert typed("70. patients\n\n71. more") == ["70", "71"]
    assert typed("The number was\n1. patients of") == ["1"]


# ── numbers in words ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Seventy women were included.", ["Seventy"]),
        ("Seventy-two were.", ["Seventy"]),
        ("There were two deaths.", ["two deaths"]),
        ("In two of the patients", ["two of the patients"]),
        ("half of the patients and a third of all women", ["half of the patients", "third of all women"]),
        ("ten per cent", ["ten per cent"]),
        ("A dozen stopped.", ["dozen"]),
        ("A twofold, two-fold or ten-fold risk", ["twofold", "two-fold", "ten-fold"]),
        (
            "half of the cohort, half the cohort and a quarter of them",
            ["half of the cohort", "half the cohort", "quarter of them"],
        ),
    ],
)
def test_a_number_in_words_is_a_number(text: str, found: list[str]) -> None:
    assert typed(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "One of many reasons. Patients differ.",
        "No second scan was needed; the third line of treatment followed.",
        "This is one centre and one arm.",
        "Neither one, nor the other: patients differ.",
        "A first-line drug",
        "the one patient who stayed, and no one person but her",
    ],
)
def test_a_small_number_word_that_counts_no_patients_events_or_time_is_a_word(text: str) -> None:
    assert typed(text) == []


# ── where it stands ──────────────────────────────────────────────────────────────────────────


def test_line_and_column_are_those_of_the_file() -> None:
    text = '<!-- one\ntwo -->\n\nOf<!--x-->{{< result "flow.screened" >}} patients, 70 were\nincluded.'
    assert typed_numbers(text, ALLOWED) == [Typed(4, 52, "70")]


def test_blanking_keeps_every_line_and_column() -> None:
    text = "a [b](c7) {{< x >}}\n# H {#sec-1}\n1. d [@e9]\n"
    assert [len(line) for line in prose(text).split("\n")] == [len(line) for line in text.split("\n")]


# ── declarations ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "entry",
    ["{say: 70 patients}", "{say: 70 patients, why: ''}", "{say: 'grade {n}', why: grades}",
     "{say: grade, of: [1], why: grades}", "{say: 70, why: x, until: 2026}"],
)  # fmt: skip
def test_what_is_declared_has_its_reason_and_its_numbers(entry: str) -> None:
    with pytest.raises(ReportError, match=r"numbers\.yaml: phrases: "):
        read_declarations(f"phrases: [{entry}]", "numbers.yaml")


def test_everything_declared_for_all_studies_holds_a_number() -> None:
    for entry in [*GIVEN["names"], *GIVEN["phrases"], *GIVEN["program"]]:
        assert "of" in entry or typed_numbers(entry["say"], declared([], GIVEN["words"]["en"])), entry


# ── the whole report ─────────────────────────────────────────────────────────────────────────


def composed(tmp_path: Any, section: str, text: str, **changes: Any) -> str:
    """The report of the made-up study with one section of its own."""
    own = tmp_path / "own.qmd"
    own.write_text(text, encoding="utf-8")
    made_up = context(settings(**changes))
    sources = {path.relative_to(ROOT / "reports").as_posix(): path for path in real_sources()}
    return compose(
        made_up,
        Sources(sources | {f"sections/generic/{section}.qmd": own}),
        exhibit_files(*exhibits(made_up.settings, tmp_path / "x")),
    ).text


def test_the_build_stops_at_every_typed_number_at_once_with_file_line_and_number(tmp_path: Any) -> None:
    with pytest.raises(ReportError) as stopped:
        composed(tmp_path, "introduction", "# Introduction {#sec-introduction}\n\nOf 70 patients\n36 died.\n")
    said = str(stopped.value)
    assert "reports/sections/generic/introduction.qmd, line 3, column 4: “70” is typed by hand" in said
    assert "reports/sections/generic/introduction.qmd, line 4, column 1: “36” is typed by hand" in said


def test_what_a_study_declares_may_be_typed(tmp_path: Any) -> None:
    text = "# Introduction {#sec-introduction}\n\nGiven at 10 mg a day.\n"
    report = settings()["report"] | {"numbers": [{"say": "10 mg a day", "why": "dose of the label"}]}
    assert "10 mg a day" in composed(tmp_path, "introduction", text, report=report)


@pytest.mark.parametrize(
    "changes",
    [{"title": "A trial in 70 women"}, {"report": settings()["report"] | {"limitations": ["Only 70 took part."]}}],
)
def test_titles_and_limitations_of_the_study_are_prose_too(changes: dict[str, Any]) -> None:
    linter = NumberLinter(settings(**changes), DECLARATIONS)
    linter.study()
    with pytest.raises(ReportError, match=r"config/studies/nothing/study\.yaml, (title|report\.limitations\.1): “70”"):
        linter.stop()


def test_texts_in_the_head_of_the_document_are_prose_and_its_layout_is_not() -> None:
    linter = NumberLinter(settings(), DECLARATIONS)
    linter.head("reports/manuscript.qmd", {"format": {"typst": {"fontsize": "10.5pt"}}, "toc-depth": 2})
    linter.stop()
    linter.head("reports/manuscript.qmd", {"subtitle": "in 70 women"})
    with pytest.raises(ReportError, match=r"manuscript\.qmd, subtitle of its YAML head: “70”"):
        linter.stop()


@pytest.mark.parametrize("text", ["Of 70 patients", "See [Table S4](#supplement-x), in 70 of them"])
def test_a_sentence_of_the_program_has_no_number_but_results_and_the_configuration(text: str) -> None:
    linter = NumberLinter(settings(), DECLARATIONS)
    linter.generated("generated results.flow", text)
    with pytest.raises(ReportError, match=r"generated results\.flow: the number “70”"):
        linter.stop()


@pytest.mark.parametrize(
    "text",
    ["A 95% CI at 6 and 12 months", "on 31 May 2025", "months of 30.4375 days", "[Table S4](#supplement-x)",
     "each of the [70]{.computed} steps", "no p-value was below 0.05"],
)  # fmt: skip
def test_a_sentence_of_the_program_may_say_the_configuration_and_refer_to_tables(text: str) -> None:
    linter = NumberLinter(settings(), DECLARATIONS)
    linter.generated("generated methods.statistics", text)
    linter.stop()


# ── the composed document ────────────────────────────────────────────────────────────────────

ROWS = [
    result("flow.included", 70), result("pfs.km.median", 6.57), result("pfs.km.median_lower", 5.59),
    result("pfs.km.median_upper", 7.61), result("pfs.logrank.p", 0.034), result("os.logrank.p", 0.2),
    result("close.logrank.p", 0.0496), result("pfs.km.survival_6m", 0.5857, unit="probability"),
    result("os.km.median", None, note="not reached"), result("tiny.logrank.p", 0.0002),
]  # fmt: skip
RESULTS = index_results([results_table(ROWS, "made_by_hand")])


def span(text: str, keys: str, fmt: str = ' fmt="%.1f"') -> str:
    return f'[{text}]{{.result key="{keys}"{fmt} source="x"}}'


P, Q, CLOSE = span("p = 0.034", "pfs.logrank.p"), span("p = 0.20", "os.logrank.p"), span("p = 0.050", "close.logrank.p")
MEDIAN = f"{span('6.6', 'pfs.km.median')} months (95% CI {span('5.59', 'pfs.km.median_lower')}–"
MEDIAN += f"{span('7.61', 'pfs.km.median_upper')})"


def check(text: str, **changes: Any) -> None:
    check_composed(text, Context(settings(**changes), RESULTS), WORDINGS)


@pytest.mark.parametrize(
    "text",
    [
        MEDIAN,
        span("58.6%", "pfs.km.survival_6m"),
        span("<0.001", "tiny.logrank.p"),
        span("not estimable", "os.km.median"),
        f"| Median | {span('6.6 (5.59–7.61)', 'pfs.km.median pfs.km.median_lower pfs.km.median_upper', '')} |",
        f"| Median | {span('7', 'pfs.km.median', '')} |",
    ],
)
def test_a_printed_number_that_is_its_result_to_the_digits_printed_passes(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (span("6.7", "pfs.km.median"), "pfs.km.median is printed as 6.7 in the text"),
        (f"{MEDIAN}\n\n| Median | {span('6.7', 'pfs.km.median', '')} |", "pfs.km.median is printed as 6.7 in a table"),
        (f"| a | {span('6.6 (5.59–7.7)', 'pfs.km.median pfs.km.median_lower pfs.km.median_upper', '')} |",
         "pfs.km.median_upper is printed as 7.7"),
        (span("<0.001", "pfs.logrank.p"), "pfs.logrank.p is printed as <0.001"),
        (span("22.6", "os.km.median"), "os.km.median is printed as 22.6"),
    ],
)  # fmt: skip
def test_a_key_that_is_printed_with_another_value_in_text_or_table_stops_the_build(text: str, where: str) -> None:
    with pytest.raises(ReportError, match=where):
        check(text)


def test_a_required_result_must_be_told_in_a_sentence_and_not_only_in_a_table() -> None:
    required = {"report": settings()["report"] | {"required": ["flow.included"]}}
    check(span("70", "flow.included"), **required)
    with pytest.raises(ReportError, match=r"no sentence of the report shows 'flow\.included'"):
        check(f"| n | {span('70', 'flow.included', '')} |", **required)


def test_a_required_result_that_is_none_is_named_with_the_nearest() -> None:
    required = {"report": settings()["report"] | {"required": ["flow.include"]}}
    with pytest.raises(ReportError, match=r"there is no result 'flow\.include'; the nearest is 'flow\.included'"):
        check("Nothing.", **required)


# ── wordings ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"Arms differed significantly ({Q}).", "significant"),
        ("Arms differed significantly.", "significant"),
        (f"Survival was longer ({P}). The difference was significant.", "significant"),
        (f"The first was significant ({Q}); the second was not ({P}).", "significant"),
        (f"The difference reached statistical significance ({Q}).", "significant"),
        (f"The difference was not significant ({P}).", "not_significant"),
        ("No significant difference was seen.", "not_significant"),
        ("There was no association with age.", "no_association"),
        ("Age was not associated with survival.", "no_association"),
        ("Survival did not differ between the groups.", "no_association"),
        ("The drug had no effect on survival.", "no_association"),
        ("Efficacy was consistent across subgroups [@a].", "sameness"),
        ("This shows consistent efficacy [@a].", "sameness"),
        ("The groups had comparable survival.", "sameness"),
        ("The groups had similar progression-free survival.", "sameness"),
        ("The difference approached statistical significance.", "trend"),
        (f"The difference approached significance ({Q}).", "trend"),
        (f"There was a trend towards longer survival ({Q}).", "trend"),
        ("Younger women trended toward shorter survival.", "trend"),
        ("The difference was of borderline significance.", "trend"),
        ("Outcomes were comparable.", "sameness"),
        ("The proportional hazards assumption was not violated.", "assumption"),
        ("The assumption held.", "assumption"),
        ("There was no evidence of a violation.", "assumption"),
        ("We studied efficacy in routine care.", "efficacy"),
        ("## Efficacy", "efficacy"),
    ],
)
def test_words_that_mislead_stop_the_build(text: str, rule: str) -> None:
    with pytest.raises(ReportError, match=rf"line 1: “.*” \({rule}\)"):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Arms differed significantly ({P}).",
        f"Arms differed significantly ({CLOSE}).",
        f"The first was significant ({P}); the second was not significant ({Q}).",
        f"The first was significant ({P}), but the second was not significant ({Q}).",
        f"The difference was not significant ({Q}).",
        "The test for trend, and prices that trend upwards",
        "Level of significance and clinically significant toxicity",
        f"There was no association with age (median {MEDIAN}).",
        f"Survival did not differ ({Q}).",
        "An interval that includes unity does not show that there is no association.",
        "Whether there is no effect cannot be told.",
        "The two are not comparable.",
        "We studied effectiveness.",
        "Its efficacy was shown in a trial [@baselga2012].",
        f"The global test did not speak against proportional hazards ({Q}).",
        "| significant | comparable efficacy |",
    ],
)
def test_words_with_what_they_need_beside_them_pass(text: str) -> None:
    check(text)


def test_a_randomised_study_may_speak_of_efficacy() -> None:
    check("We studied efficacy.", comparisons={"main": "arm", "randomised": True})


def test_significance_is_at_the_level_of_the_studys_intervals() -> None:
    statistics = settings()["statistics"]
    with pytest.raises(ReportError, match="significant"):
        check(f"Arms differed significantly ({P}).", statistics=statistics | {"conf_level": 0.99})


def test_rules_of_wording_that_cannot_be_read_are_named() -> None:
    rule = {"id": "x", "words": ["("], "needs": "significant", "instead": "y"}
    broken = yaml.safe_dump({"en": {"between": [";"], "rules": [rule]}})
    with pytest.raises(ReportError, match=r"reports/lint/wordings\.yaml: cannot be read"):
        check_composed("", Context(settings(), RESULTS), broken)


# ── in Turkish ───────────────────────────────────────────────────────────────────────────────


IN_TURKISH = declared([*GIVEN["names"], *GIVEN["phrases"], {"say": "BOLERO-2"}], GIVEN["words"]["tr"])
P_TR, Q_TR = span("p = 0,034", "pfs.logrank.p"), span("p = 0,20", "os.logrank.p")
MEDIAN_TR = f"{span('6,6', 'pfs.km.median')} ay (%95 GA {span('5,59', 'pfs.km.median_lower')}–"
MEDIAN_TR += f"{span('7,61', 'pfs.km.median_upper')})"


def check_in_turkish(text: str, **changes: Any) -> None:
    report = settings()["report"] | {"language": "tr"}
    with speaking("tr"):
        check_composed(text, Context(settings(report=report, **changes), RESULTS), WORDINGS)


@pytest.mark.parametrize("language", languages())
def test_every_language_of_the_report_has_number_words_and_rules_of_wording(language: str) -> None:
    assert Words.of_language(GIVEN["words"][language]).always
    assert rules_of(WORDINGS, language).wordings


def test_a_language_without_rules_of_wording_stops_the_build_instead_of_passing_everything() -> None:
    with pytest.raises(ReportError, match=r"wordings\.yaml: cannot be read as rules of wording of 'tlh'"):
        rules_of(WORDINGS, "tlh")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Yetmiş iki kadın alındı.", ["Yetmiş", "iki kadın"]),
        ("İki hastada ölüm görüldü.", ["İki hastada"]),
        ("On iki hastanın dördünde", ["On iki hastanın"]),
        ("üç olayın, beş yıllık takibin", ["üç olayın", "beş yıllık"]),
        ("Hastaların yarısı ve üçte biri", ["yarısı", "üçte"]),
        ("Hastaların yüzde beşi değil, yüzde beş kadarı", ["beş"]),
        ("Yalnız bir hastada", ["bir hastada"]),
        ("tek bir olay", ["bir olay"]),
        ("en az bir basamak", ["bir basamak"]),
        ("risk iki katına çıktı", ["iki katına"]),
        ("Sağkalım 6,6 aydı (%57,1).", ["6,6", "57,1"]),
        ("hastaların %59’unda", ["59’unda"]),
    ],
)
def test_a_number_in_turkish_is_found(text: str, found: list[str]) -> None:
    assert [each.text for each in typed_numbers(text, IN_TURKISH)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Bir hasta, bir olay ve bir yıl sonra bir kadın",
        "Her iki hasta grubunda",
        "İki ayrı merkez, iki hastane ve iki hastalık; aynı üç kategori",
        "Derece 3 veya 4, derece 3–4 ve 3. derece advers olaylar; RECIST 1.1’e göre; HER2’nin",
        "CDK4/6 inhibitörü sonrasında ECOG 0 veya 1",
        "Onda görülen yüz ödemi",
    ],
)
def test_a_turkish_word_that_counts_nothing_is_a_word(text: str) -> None:
    assert typed_numbers(text, IN_TURKISH) == []


def test_numbers_of_the_configuration_may_be_written_with_a_comma_by_the_program() -> None:
    linter = NumberLinter(settings(), DECLARATIONS)
    with speaking("tr"):
        linter.generated("generated methods.statistics", "Bir ay 30,4375 gündür; düzey %95’tir.")
        linter.stop()
        linter.generated("generated methods.statistics", "Bir ay 30,5 gündür.")
    with pytest.raises(ReportError, match="the number “30,5”"):
        linter.stop()


@pytest.mark.parametrize(
    "text",
    [MEDIAN_TR, span("%58,6", "pfs.km.survival_6m"), span("<0,001", "tiny.logrank.p"),
     f"| Medyan | {span('6,6 (5,59–7,61)', 'pfs.km.median pfs.km.median_lower pfs.km.median_upper', '')} |"],
)  # fmt: skip
def test_a_number_with_a_decimal_comma_is_held_against_its_result(text: str) -> None:
    check_in_turkish(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (span("6,7", "pfs.km.median"), "pfs.km.median is printed as 6,7 in the text"),
        (span("22,6", "os.km.median"), "os.km.median is printed as 22,6"),
        (f"| a | {span('6,6 (5,59–7,7)', 'pfs.km.median pfs.km.median_lower pfs.km.median_upper', '')} |",
         "pfs.km.median_upper is printed as 7,7"),
    ],
)  # fmt: skip
def test_another_value_with_a_decimal_comma_stops_the_build(text: str, where: str) -> None:
    with pytest.raises(ReportError, match=where):
        check_in_turkish(text)


def test_words_for_a_missing_number_are_those_of_the_language() -> None:
    with speaking("tr"):
        words = label("not_estimable")
    check_in_turkish(span(words, "os.km.median"))
    with pytest.raises(ReportError, match=r"pfs\.km\.median is printed as"):
        check_in_turkish(span(words, "pfs.km.median"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Gruplar arasında anlamlı fark vardı.", "significant"),
        (f"Fark istatistiksel olarak anlamlıydı ({Q_TR}).", "significant"),
        (f"Birinci fark anlamlıydı ({Q_TR}); ikincisi değildi ({P_TR}).", "significant"),
        (f"Birinci fark anlamlı bulundu ({Q_TR}), ancak ikincisi küçüktü ({P_TR}).", "significant"),
        ("Fark istatistiksel olarak önemliydi.", "significant"),
        ("Gruplar arasında anlamlı fark saptanmadı.", "not_significant"),
        (f"Fark anlamlı değildi ({P_TR}).", "not_significant"),
        ("Hiçbir değişken anlamlı bulunmadı.", "not_significant"),
        ("Yaş ile sağkalım arasında ilişki yoktu.", "no_association"),
        ("İlişki saptanmadı.", "no_association"),
        ("Yaş sağkalım ile ilişkili değildi.", "no_association"),
        ("Gruplar arasında fark bulunmadı.", "no_association"),
        ("Gruplar farklı değildi.", "no_association"),
        ("İlacın sağkalıma etkisi gösterilmemiştir.", "no_association"),
        ("Yaş sağkalımı etkilemedi.", "no_association"),
        ("Gruplarda benzer progresyonsuz sağkalım görüldü.", "sameness"),
        ("Gruplar benzerdi.", "sameness"),
        ("Sonuçlar benzer bulundu.", "sameness"),
        ("Gruplar karşılaştırılabilirdi.", "sameness"),
        ("Tedaviler eşdeğer kabul edildi.", "sameness"),
        ("Kombinasyon kemoterapi kadar etkilidir.", "sameness"),
        ("Orantılı hazard varsayımı ihlal edilmedi.", "assumption"),
        ("Orantılı hazard varsayımı sağlandı.", "assumption"),
        ("Orantılı hazard varsayımında ihlal saptanmadı.", "assumption"),
        (f"Fark anlamlılığa yaklaştı ({Q_TR}).", "trend"),
        (f"Daha uzun sağkalım yönünde eğilim vardı ({Q_TR}).", "trend"),
        ("Bu çalışmada etkinlik incelendi.", "efficacy"),
        ("Kombinasyonun etkinliği", "efficacy"),
    ],
)
def test_turkish_words_that_mislead_stop_the_build(text: str, rule: str) -> None:
    with pytest.raises(ReportError, match=rf"line 1: “.*” \({rule}\)"):
        check_in_turkish(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Gruplar arasında anlamlı fark vardı ({P_TR}).",
        f"Birinci fark anlamlıydı ({P_TR}), ikinci fark ise anlamlı değildi ({Q_TR}).",
        f"Fark anlamlı değildi ({Q_TR}).",
        f"Gruplar arasında fark gösterilemedi ({Q_TR}).",
        f"Yaş ile ilişki saptanmadı (medyan {MEDIAN_TR}).",
        f"Gruplarda benzer sağkalım görüldü ({Q_TR}).",
        "Anlamlılık düzeyi ve klinik olarak anlamlı toksisite",
        "Fark olup olmadığı bilinmemektedir.",
        "Karşılaştırma grubu olmadan tedavinin etkisi hesaplanamaz.",
        "Gruplar karşılaştırılabilir değildir.",
        "Bu kohorta benzeyen yayımlanmış bir kohort; karşılaştırılabilir bir ölçüm",
        "Saptanmamış bir ilişki var olabilir.",
        "Böyle bir aralık ilişki bulunmadığını göstermez.",
        "Medyanlar arasındaki fark bir tedavi etkisi değildir.",
        "Eğilim skoru ile eşleştirme yapılmadı.",
        "Etkililik incelendi.",
        "Etkinliği bir klinik çalışmada gösterilmiştir [@baselga2012].",
        f"Global test orantılı hazard varsayımının aleyhine konuşmadı ({Q_TR}).",
        "| anlamlı | benzer sağkalım |",
    ],
)
def test_turkish_words_with_what_they_need_beside_them_pass(text: str) -> None:
    check_in_turkish(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Palbosiklib, ribosiklib vb. şu ilaçlar kullanıldı. Ölüm görüldü.", 2),
        ("Hastalar 24. haftada değerlendirildi. İzlem sürdü.", 2),
        ("İlk seçenek, ör. Everolimus, verildi.", 1),
        ("Bkz. Tablo. Schumacher ve ark. (1994) ile Baselga vd. [@baselga2012] bildirmiştir.", 2),
        ("Bir seçenek, e.g. Everolimus, by Baselga et al. [@baselga2012]. It was given.", 2),
    ],
)
def test_an_abbreviation_or_an_ordinal_ends_no_sentence(text: str, number: int) -> None:
    assert len(list(sentences(text))) == number
