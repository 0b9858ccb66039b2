"""The composition of the report: numbers looked up, sentences chosen by the data, faults named with their place."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.display.catalogue import figures, tables
from cutline.display.grid import INDENT
from cutline.display.lookup import index_results
from cutline.errors import ReportError
from cutline.manuscript import declarations, front_matter, methods, supplement
from cutline.manuscript.compose import MAIN, Document, Sources, check_citations, compose, gather
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import described, in_ranges
from cutline.manuscript.exhibits import Files, column_widths, exhibit_files, figure_block, reference, split_table
from cutline.manuscript.findings.baseline import baseline
from cutline.manuscript.findings.flow import flow
from cutline.manuscript.findings.models import models
from cutline.manuscript.findings.response import RESPONSES
from cutline.manuscript.findings.survival import estimates
from cutline.manuscript.markdown import attribute, escaped, in_text, listed
from cutline.manuscript.quantities import median
from cutline.manuscript.quarto_shortcodes import meta_handler, page_break
from cutline.manuscript.shortcodes import expand, result_handler, source_of
from cutline.manuscript.subset import check_subset
from cutline.study import load_study
from cutline.study_rules import settings_for

ROOT = Path(__file__).parents[2]
TABLE = "| Who | n (%) |\n| :-- | --: |\n| **All** | 8 (100.0) |\n\n**Synthetic data.** ^a^A note.\n"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff0300000600055a"
    "4b3f8b0000000049454e44ae426082"
)

SETTINGS: dict[str, Any] = {
    "title": "A trial of *nothing* [at all]",
    "short_title": "Nothing at all",
    "study": "nothing",
    "design": "retrospective cohort",
    "synthetic": True,
    "data_cutoff": "2025-05-31",
    "window": {"start": "2020-01-01", "end": "2024-12-31"},
    "source": {"description": "made-up records"},
    "index_date": {"label": "first dose"},
    "follow_up_endpoint": "pfs",
    "statistics": {"conf_level": 0.95, "days_per_month": 30.4375, "median_interval": "spss",
                   "survival_interval": "log-log", "ties": "breslow", "landmarks_months": [6, 12]},
    "criteria": [
        {"id": "her2_positive", "label": "HER2-positive disease", "exclude": {"arm": ["b"]}, "unknown": "include"},
        {"id": "too_young", "label": "Younger than 18 years", "require": {"age": {"at_least": "18"}},
         "unknown": "exclude as missing"},
    ],
    "variables": {
        "age": {"label": "Age", "kind": "continuous", "unit": "years", "derive": "age", "anchor": "index_date"},
        "arm": {"label": "Arm", "kind": "categorical", "levels": {"a": "Tablets", "b": "None"}, "reference": "a",
                "derive": "column", "column": "arm"},
    },
    "baseline": {"variables": ["age", "arm"]},
    "endpoints": {
        "pfs": {
            "label": "Progression-free survival",
            "event_label": "progression or death",
            "events": [{"reason": "progression", "table": "assessments"}, {"reason": "death", "table": "deaths"}],
            "censoring": [{"reason": "last scan", "table": "assessments"}, {"reason": "no scan", "at": "start"}],
        }
    },
    "models": {"pfs": ["age", "arm"]},
    "comparisons": {"main": "arm"},
    "report": {"language": "en", "profile": "internal", "sections": "generic", "engine": "pandoc"},
}  # fmt: skip


def settings(**changes: Any) -> dict[str, Any]:
    """The made-up study, with whole sections replaced."""
    return copy.deepcopy(SETTINGS) | changes


def results_of(study: dict[str, Any], included: int = 8, p: float = 0.2) -> pd.DataFrame:
    """Results under every key the report may ask for, for any study; the same p in every model."""
    rows = [*flow_rows(study, included), *baseline_rows(study, included)]
    for endpoint in study["endpoints"]:
        rows += survival_rows(study, endpoint, included)
    for endpoint, variables in study["models"].items():
        rows += [row for variable in variables for row in cox_rows(study, endpoint, variable, p if included else None)]
    rows += response_rows(included) if "response" in study else []
    rows += safety_rows(study, included) if "safety" in study else []
    return results_table(rows, "made_by_hand")


def flow_rows(study: dict[str, Any], included: int) -> list[dict[str, Any]]:
    first, *rest = study["criteria"]
    rows = [result("flow.screened", 10), result("flow.included", included)]
    rows.append(result(f"flow.excluded.{first['id']}", 10 - included))
    return rows + [result(f"flow.excluded.{criterion['id']}", 0) for criterion in rest]


def baseline_rows(study: dict[str, Any], included: int) -> list[dict[str, Any]]:
    rows = []
    for name in study["baseline"]["variables"]:
        path = f"baseline.{name}"
        if study["variables"][name]["kind"] == "continuous":
            numbers = {"median": 51.0, "min": 33.0, "max": 77.5}
            rows += [result(f"{path}.{which}", value if included else None) for which, value in numbers.items()]
            continue
        for level in study["variables"][name]["levels"]:
            rows.append(result(f"{path}.{level}.n", included / 2))
            rows.append(result(f"{path}.{level}.percent", 50.0 if included else None, unit="percent"))
    return rows


def survival_rows(study: dict[str, Any], endpoint: str, included: int) -> list[dict[str, Any]]:
    paths = [f"{endpoint}.km"]
    main = study["comparisons"]["main"]
    paths += [f"{endpoint}.km.{main}={level}" for level in study["variables"][main]["levels"]]
    rows = [result(f"{endpoint}.{name}", included / 2) for name in ("events", "censored")]
    rows.append(result(f"{endpoint}.n", included))
    if study["endpoints"][endpoint].get("descriptive"):
        return [*rows, *(result(f"{endpoint}.times.{name}", 2.5) for name in ("min", "q1", "median", "q3", "max"))]
    for path in paths:
        numbers = {"median": 6.55, "median_lower": 5.585, "median_upper": 7.61}
        rows += [result(f"{path}.{name}", value if included else None) for name, value in numbers.items()]
    for months in study["statistics"]["landmarks_months"]:
        for name, value in (
            (f"survival_{months}m", 0.5),
            (f"survival_{months}m_lower", 0.285),
            (f"survival_{months}m_upper", 0.7),
        ):
            rows.append(result(f"{endpoint}.km.{name}", value if included else None, unit="probability"))
        rows.append(result(f"{endpoint}.km.at_risk_{months}m", 1))
    rows.append(result(f"{endpoint}.logrank.p", 0.034 if included else None))
    if endpoint == study["follow_up_endpoint"]:
        follow_up = {"median": 30.0, "lower": 25.0, "upper": 35.0}
        rows += [
            result(f"followup.reverse_km.{name}", value if included else None) for name, value in follow_up.items()
        ]
    return rows


def cox_rows(study: dict[str, Any], endpoint: str, variable: str, p: float | None) -> list[dict[str, Any]]:
    about = study["variables"][variable]
    levels = [level for level in about.get("levels", {}) if level != about.get("reference")] or [""]
    rows = []
    for model in ("univariable", "multivariable"):
        for level in levels:
            path = ".".join(part for part in (f"{endpoint}.cox.{model}.{variable}", level) if part)
            numbers = {"hr": 0.675, "lower": 0.5, "upper": 1.345, "p": p}
            rows += [
                result(f"{path}.{name}", value if p is not None else None, variable=variable, level=level)
                for name, value in numbers.items()
            ]
    return rows


def response_rows(included: int) -> list[dict[str, Any]]:
    rows = []
    for category in RESPONSES:
        rows.append(result(f"response.best.{category}.n", included if category == "partial" else 0))
        rows.append(result(f"response.best.{category}.percent", 0.0 if included else None))
    for rate in ("orr", "dcr", "confirmed.orr"):
        rows += [
            result(f"response.{rate}.{name}", 88.57 if included else None) for name in ("percent", "lower", "upper")
        ]
        rows.append(result(f"response.{rate}.n", included))
    return [*rows, result("response.evaluable.n", included)]


def safety_rows(study: dict[str, Any], included: int) -> list[dict[str, Any]]:
    paths = [f"safety.{name}" for name in ("none", "any", "grade_3_or_4", "treatment_related_deaths", "discontinued")]
    paths += [f"safety.term.{term}" for term in study["safety"]["terms"]]
    rows = [result(f"{path}.n", included / 4) for path in paths]
    return rows + [result(f"{path}.percent", 25.0 if included else None) for path in paths]


def context(study: dict[str, Any] | None = None, included: int = 8, p: float = 0.2) -> Context:
    study = study or settings()
    return Context(study, index_results([results_of(study, included, p)]))


def exhibits(study: dict[str, Any], folder: Path) -> tuple[list[Path], list[Path]]:
    """A table and two pictures, small and empty of meaning, for each exhibit of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    made: tuple[list[Path], list[Path]] = ([], [])
    for exhibit in tables(study):
        made[0].append(folder / f"{exhibit.name}.md")
        made[0][-1].write_text(TABLE, encoding="utf-8")
    for exhibit in figures(study):
        for ending, content in ((".svg", PICTURE.encode()), (".png", PNG)):
            made[1].append(folder / f"{exhibit.name}{ending}")
            made[1][-1].write_bytes(content)
    return made


def real_sources() -> list[Path]:
    return sorted(path for path in (ROOT / "reports").rglob("*") if path.is_file())


def sources_with(folder: Path, **sections: str) -> Sources:
    """The real reports/ with some sections of the made-up study in place of the generic ones."""
    own = folder / "sections" / "own"
    own.mkdir(parents=True, exist_ok=True)
    files = dict(gather(real_sources()).files)
    for name, text in sections.items():
        (own / f"{name}.qmd").write_text(text, encoding="utf-8")
        files[f"sections/own/{name}.qmd"] = own / f"{name}.qmd"
    return Sources(files)


def composed(folder: Path, study: dict[str, Any] | None = None, included: int = 8, **sections: str) -> Document:
    study = copy.deepcopy(study or settings())
    if sections:
        study["report"]["sections"] = "own"
    return compose(
        context(study, included), sources_with(folder, **sections), exhibit_files(*exhibits(study, folder / "made"))
    )


def resolved(text: str) -> str:
    return expand(text, "reports/section.qmd", {"result": result_handler(context())})


def plain(markdown: str, known: Context | None = None) -> str:
    """Generated sentences as a reader sees them, without spans and escapes."""
    shown = expand(markdown, "generated", {"result": result_handler(known or context())})
    return re.sub(r"\[([^\]]*)\]\{\.result [^}]*\}", r"\1", shown).replace("\\", "")


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def test_number_is_looked_up_rounded_half_away_from_zero_and_keeps_its_key_format_and_source() -> None:
    said = resolved('{{< result "pfs.km.median" fmt="%.1f" >}}')
    assert said == '[6.6]{.result key="pfs.km.median" fmt="%.1f" source="made_by_hand"}'


def test_source_of_a_number_is_its_rule_and_its_denominator() -> None:
    assert source_of({"rule": "fit_cox", "n": 70}) == "fit_cox, n = 70"
    assert source_of({"rule": "summarise_quality", "n": None}) == "summarise_quality"


def test_key_with_a_level_is_a_key_and_not_an_option() -> None:
    said = resolved('{{< result "pfs.km.arm=a.median" fmt="%.1f" >}}')
    assert said.startswith('[6.6]{.result key="pfs.km.arm=a.median" fmt="%.1f"')


def test_probability_prints_as_percent() -> None:
    assert resolved("{{< result pfs.km.survival_6m_lower fmt=percent >}}").startswith("[28.5%]")


def test_several_numbers_of_one_line_are_all_resolved() -> None:
    assert resolved("{{< result flow.screened >}}/{{< result flow.included >}}").count("{.result") == 2


def test_unknown_key_stops_with_file_line_key_and_the_nearest_key() -> None:
    with pytest.raises(ReportError, match=r"section\.qmd, line 3: .*'pfs\.km\.mediam'.*'pfs\.km\.median'"):
        resolved('one\ntwo\n{{< result "pfs.km.mediam" >}}')


def test_comment_keeps_the_line_numbers_and_is_not_resolved() -> None:
    with pytest.raises(ReportError, match="line 4: unknown shortcode 'x'"):
        resolved("<!-- {{< result nothing >}}\n\n-->\n{{< x >}}")


@pytest.mark.parametrize("name", ["var", "env", "video", "embed"])
def test_shortcode_of_quarto_that_no_section_may_use_is_refused_by_name(name: str) -> None:
    with pytest.raises(ReportError, match=rf"s\.qmd, line 1: shortcode '{name}' is refused: \w+"):
        expand(f"{{{{< {name} x >}}}}", "s.qmd", {})


def test_meta_gives_a_text_of_the_head_by_its_path_and_pagebreak_one_break_for_each_format() -> None:
    head = {"lang": "en", "author": [{"name": "A. N. Other"}]}
    handlers = {"meta": meta_handler(head), "pagebreak": page_break}
    assert expand("{{< meta lang >}} by {{< meta author.1.name >}}", "s.qmd", handlers) == "en by A. N. Other"
    breaks = expand("{{< pagebreak >}}", "s.qmd", handlers)
    assert re.findall(r"^```\{=(\w+)\}$", breaks, re.MULTILINE) == ["html", "openxml", "typst"]
    for path in ("date", "author", "author.2.name", "author.name"):
        with pytest.raises(ReportError, match=f"line 1: the head of the document has no text '{path}'"):
            expand(f"{{{{< meta {path} >}}}}", "s.qmd", handlers)


def test_unknown_shortcode_names_the_nearest() -> None:
    with pytest.raises(ReportError, match=r"line 1: unknown shortcode 'resullt'; the nearest is 'result'"):
        resolved('{{< resullt "pfs.km.median" >}}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{{< result "pfs.km.median >}}', "quotation mark"),
        ("{{< result pfs.km.median\n>}}", "does not end on the same line"),
        ("{{< >}}", "empty shortcode"),
        ("{{< result >}}", "takes 1 argument"),
        ("{{< result pfs.km.median format=%d >}}", "no option 'format'; the nearest is 'fmt'"),
        ("{{< result pfs.km.median fmt=%x >}}", "'%x' is unknown"),
    ],
)
def test_malformed_shortcode_says_what_is_wrong_with_it(text: str, said: str) -> None:
    with pytest.raises(ReportError, match=re.escape(said)):
        resolved(text)


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────


def test_text_of_a_study_cannot_become_markup() -> None:
    assert escaped("*a* [b](c) <d> $e$ @f") == r"\*a\* \[b\](c) \<d\> \$e\$ \@f"


def test_attribute_keeps_its_quotation_marks_inside() -> None:
    assert attribute('say "x" \\ y') == r'"say \"x\" \\ y"'


def test_label_within_a_sentence_keeps_capitals_that_mean_something() -> None:
    assert [in_text(text) for text in ("Menopausal status", "HER2 status", "ECOG", "I", "Age")] == [
        "menopausal status", "HER2 status", "ECOG", "I", "age",
    ]  # fmt: skip


def test_list_in_a_sentence_changes_to_semicolons_around_commas() -> None:
    assert [listed(["a"]), listed(["a", "b", "c"]), listed(["a, b", "c"])] == ["a", "a, b and c", "a, b; and c"]


REFUSED = {
    "```{python}": "code cells are never executed",
    "a `{r} x` b": "code cells are never executed",
    "::: {layout-ncol=2}": "layout attributes",
    "see <b>this</b>": "HTML is not printed",
    "::: column-margin": "unsupported block ::: column-margin",
    "::: {.panel-sidebar}": "unsupported block ::: panel-sidebar",
    "::: {.callout-danger}": "unsupported block ::: callout-danger",
    '::: {.callout-note appearance="minimal"}': "unsupported attribute appearance",
    '::: {.callout-note collapse="maybe"}': "collapse is one of true, false, found maybe",
    '::: {.content-visible when-format="pdf"}': "when-format is one of html, docx, typst, found pdf",
    '::: {.content-visible when-profile="advanced"}': "unsupported attribute when-profile",
    "::: {#nte-careful .callout-note}": "unsupported label #nte-careful",
    "::: {#thm-line}": "unsupported label #thm-line",
    "![a](b){#fig-a .column-page}": "unsupported class .column-page",
    '![a](b){fig-align="left"}': "unsupported attribute fig-align",
    "[words]{.aside}": "unsupported class .aside",
    '$$ {#eq-rate alt="a rate"}': "unsupported attribute alt",
    "```{=html}": "a raw html passage",
    "~~~~ {=openxml}": "a raw openxml passage",
    "a new `#pagebreak()`{=typst} page": "a raw typst passage",
    "write {{{< pagebreak >}}}": "a shortcode is never shown as text",
}


@pytest.mark.parametrize("line", REFUSED)
def test_quarto_that_the_engines_do_not_share_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ReportError, match=r"s\.qmd, line 2: .*" + re.escape(REFUSED[line])):
        check_subset(f"\n{line}", "s.qmd")


def test_quarto_that_both_engines_know_passes() -> None:
    lines = ("::: {#fig-a}", "::: {#tbl-a}", '::: {.callout-tip title="T" collapse="true" icon=false}',
             "::: {.panel-tabset}", "## First {.unnumbered}", '[x]{.content-hidden unless-format="typst"}',
             '![c](f){#fig-a fig-alt="d {e}" width=85%}', ': c {#tbl-a tbl-colwidths="[40,60]"}', "$$ {#eq-rate}",
             r"$\frac{a}{b}$ and `{.not-a-class}`", "# Methods {#sec-methods .unnumbered}",
             "{{< meta title >}}")  # fmt: skip
    check_subset("\n".join(lines), "s.qmd")


def test_code_that_is_shown_is_not_searched_for_markup() -> None:
    check_subset("```text\n::: {.aside}\n<b>\n`x`{=html}\n```\nThe attribute `{=html}`", "s.qmd")
    with pytest.raises(ReportError, match="line 4"):
        check_subset("```text\n```\n\n::: {.aside}\n", "s.qmd")


def test_p_value_and_raw_blocks_are_not_taken_for_html_or_cells() -> None:
    lines = 'p <0.001\n```{=typst}\n#pagebreak()\n```\n::: {.callout-note title="a"}\n::: {#refs}\n{{<result "a">}}'
    check_subset(lines, "s.qmd", of_program=True)


# ── the document ─────────────────────────────────────────────────────────────────────────────


def test_composed_document_has_no_shortcode_left_and_every_section(tmp_path: Path) -> None:
    text = composed(tmp_path).text
    assert "{{<" not in text
    assert [line for line in text.splitlines() if line.startswith("# ")] == [
        "# Abstract {.unnumbered}", "# Introduction {#sec-introduction}", "# Methods {#sec-methods}",
        "# Results {#sec-results}", "# Discussion {#sec-discussion}", "# Declarations {.unnumbered}",
        "# References {.unnumbered}", "# Supplement {#sec-supplement .unnumbered}",
    ]  # fmt: skip


def test_synthetic_study_says_so_at_the_top_and_a_real_one_does_not(tmp_path: Path) -> None:
    synthetic, real = (composed(tmp_path, settings(synthetic=flag)).text for flag in (True, False))
    assert synthetic.index("callout-important") < synthetic.index("# Abstract")
    assert "callout-important" not in real
    assert "describe no real patient" not in real


def test_title_of_a_study_cannot_become_markup(tmp_path: Path) -> None:
    assert composed(tmp_path).head["title"] == r"A trial of \*nothing\* \[at all\]"


def test_head_names_nobody_whom_the_study_does_not_name() -> None:
    assert front_matter.authors(settings()) == [{"name": "Authors to be named"}]
    named = settings(report={"authors": [{"name": "Ada Long", "affiliation": "Home", "orcid": "0000"}]})
    assert front_matter.authors(named) == [{"name": "Ada Long", "orcid": "0000", "affiliations": [{"name": "Home"}]}]


def test_declarations_say_who_did_what_and_name_nobody_else() -> None:
    assert declarations.contributors(context(settings())) == "The authors are to be named."
    two = [{"name": "Ada Long", "roles": ["data curation", "writing"]}, {"name": "Bo Short"}]
    said = declarations.contributors(context(settings(report={"authors": two})))
    assert said == "Ada Long (data curation and writing) and Bo Short."


def test_unknown_key_in_a_section_names_the_section_and_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"reports/sections/own/abstract\.qmd, line 2 .*pfs\.km\.median"):
        composed(tmp_path, abstract="one\n{{< result pfs.km.media >}}")


def test_fault_in_manuscript_counts_lines_from_the_top_of_the_file(tmp_path: Path) -> None:
    head = "---\nformat: {}\n---\n"
    main = tmp_path / MAIN
    main.write_text(f"{head}\n{{{{< section nowhere >}}}}\n", encoding="utf-8")
    sources = Sources(gather(real_sources()).files | {MAIN: main})
    with pytest.raises(
        ReportError, match=r"reports/manuscript\.qmd, line 5: none of .*own/nowhere\.qmd.*generic/nowhere"
    ):
        compose(context(settings(report=SETTINGS["report"] | {"sections": "own"})), sources, exhibit_files([], []))


def test_section_that_includes_itself_stops(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="includes itself"):
        composed(tmp_path, abstract="{{< include abstract.qmd >}}")


def test_unknown_generated_text_and_exhibit_name_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"'methods\.endpoint'; the nearest is 'methods\.endpoints'"):
        composed(tmp_path, abstract="{{< generated methods.endpoint >}}")
    with pytest.raises(ReportError, match="no figure 'survival os'; the nearest is 'survival pfs'"):
        composed(tmp_path, abstract="{{< figure survival os >}}")


def test_text_of_the_study_is_taken_by_its_path(tmp_path: Path) -> None:
    said = composed(tmp_path, abstract="{{< study statistics.days_per_month >}} {{< study title >}}").body
    assert r"30.4375 A trial of \*nothing\* \[at all\]" in said
    with pytest.raises(
        ReportError, match=r"the study has no 'statistics\.days_per_mont'; the nearest is 'days_per_month'"
    ):
        composed(tmp_path, abstract="{{< study statistics.days_per_mont >}}")
    with pytest.raises(ReportError, match="not a single text or number"):
        composed(tmp_path, abstract="{{< study statistics >}}")


def test_missing_picture_is_named_with_the_step_that_makes_it(tmp_path: Path) -> None:
    study = settings()
    made_tables, made_figures = exhibits(study, tmp_path / "made")
    without = [path for path in made_figures if path.name != "figure_1_flow.png"]
    with pytest.raises(ReportError, match=r"figure_1_flow\.png is missing; draw_figures"):
        compose(context(study), sources_with(tmp_path), exhibit_files(made_tables, without))


def test_citation_without_entry_and_reference_without_label_stop_with_the_nearest() -> None:
    bibliography = "@article{cox1972,\n title = {x}}"
    check_citations("As shown [@cox1972] in @fig-a, not a@b.\n\n![x](y){#fig-a}", bibliography)
    with pytest.raises(ReportError, match=r"line 2: @cox1973: .*no such entry; the nearest is 'cox1972'"):
        check_citations("\n[@cox1973]", bibliography)
    with pytest.raises(ReportError, match=r"@fig-b: no figure, table, equation or section"):
        check_citations("@fig-b {#fig-a}", bibliography)


def test_figure_is_named_without_ending_and_described_for_those_who_cannot_see_it(tmp_path: Path) -> None:
    text = composed(tmp_path).text
    assert "](../aggregate/figures/figure_2_survival_pfs){#fig-survival-pfs fig-alt=" in text
    assert 'fig-alt="Kaplan-Meier curve of progression-free survival in 8 patients' in text


def test_table_carries_caption_label_widths_and_notes(tmp_path: Path) -> None:
    text = composed(tmp_path).text
    assert re.search(
        r'^: Baseline characteristics\. \{#tbl-baseline tbl-colwidths="\[\d+,\d+\]"\}$', text, re.MULTILINE
    )
    assert '::: {.table-notes custom-style="Table Notes"' in text


def test_column_widths_add_up_and_follow_the_contents() -> None:
    rows, notes = split_table("| Characteristic | n |\n|:--|--:|\n| a rather long label \\| here | 1 |\n\nA note.")
    widths = column_widths(rows)
    assert notes == "A note."
    assert sum(widths) == 100
    assert widths[0] > 2 * widths[1]


def test_keys_behind_a_cell_do_not_widen_its_column() -> None:
    bare = "| Characteristic | n (%) |\n|:--|--:|\n| Women | 8 (80.0) |"
    linked = bare.replace("8 (80.0)", '[8 (80.0)]{.result key="baseline.sex.women.n baseline.sex.women.percent"}')
    assert column_widths(linked) == column_widths(bare)


def test_cell_of_a_table_gets_the_source_of_its_first_result(tmp_path: Path) -> None:
    study = settings()
    made_tables, made_figures = exhibits(study, tmp_path / "made")
    rows = '| Who | n |\n| :-- | --: |\n| All | [8]{.result key="flow.included x.n"} |\n'
    made_tables[0].write_text(rows, encoding="utf-8")
    text = compose(context(study), gather(real_sources()), exhibit_files(made_tables, made_figures)).text
    assert '[8]{.result key="flow.included x.n" source="made_by_hand"}' in text


def test_study_without_response_and_safety_has_neither(tmp_path: Path) -> None:
    text = composed(tmp_path).text
    assert "Tumour response" not in text
    assert "Adverse events" not in text


@pytest.mark.parametrize("name", ["everolimus_exemestane", "gbsg2", "bolero2"])
@pytest.mark.parametrize("included", [8, 0])
def test_report_of_each_study_composes_also_when_nobody_is_eligible(name: str, included: int, tmp_path: Path) -> None:
    study = settings_for(load_study(ROOT, {"study": name}), "render_report")
    made = exhibit_files(*exhibits(study, tmp_path))
    text = compose(context(study, included), gather(real_sources()), made).text
    assert ("No patient met all criteria" in text) == (included == 0)
    assert "NaN" not in text
    assert not re.search(r"\bNone\b(?!; 1| recorded)", text)  # two levels of the study say it too


def test_report_says_effectiveness_and_never_claims_significance(tmp_path: Path) -> None:
    texts = [
        composed(tmp_path).text,
        *(path.read_text(encoding="utf-8") for path in (ROOT / "reports/sections").rglob("*.qmd")),
    ]
    for text in texts:
        assert not re.search(r"\befficacy\b|\bsignifican(t|ce|tly)\b|\bcomparable\b", text)


# ── sentences ────────────────────────────────────────────────────────────────────────────────


def test_model_without_a_small_p_names_the_smallest_and_warns_what_it_does_not_show() -> None:
    said = plain(models("pfs", context(p=0.2)))
    assert "no p-value was below 0.05; the smallest was that of" in said
    assert "does not show that there is no association" in said


def test_model_with_a_small_p_names_it_with_hazard_ratio_and_interval() -> None:
    said = models("pfs", context(p=0.01))
    assert "p was below 0.05 for age (per years)" in said
    assert "pfs.cox.univariable.arm.b.lower" in said
    assert "does not show" not in said


def test_model_without_estimates_says_so() -> None:
    study = settings()
    rows = [row for row in results_of(study).to_dict("records") if ".cox." not in row["key"]]
    without = Context(study, index_results([pd.DataFrame(rows)]))
    assert models("pfs", without).count("no hazard ratio could be estimated") == 2


def test_only_a_randomised_comparison_is_not_said_to_lack_randomisation() -> None:
    def limits(**comparisons: Any) -> str:
        return methods.limitations.limitations(context(settings(comparisons={"main": "arm", **comparisons})))

    assert "characteristics were not assigned at random" in limits()
    assert limits(randomised=True).startswith("Only the arm was assigned at random")


def test_median_that_is_not_reached_is_said_in_words() -> None:
    study = settings()
    table = results_of(study)
    table.loc[table["key"].str.startswith("pfs.km.median"), "value"] = None
    assert "Median progression-free survival was not reached." in estimates(
        "pfs", Context(study, index_results([table]))
    )


def test_interval_with_one_limit_missing_is_said_in_words() -> None:
    study = settings()
    table = results_of(study)
    table.loc[table["key"] == "pfs.km.median_upper", "value"] = None
    said = median(Context(study, index_results([table])), "pfs.km")
    assert ' to {{< result "pfs.km.median_upper"' in said


def test_one_patient_is_singular() -> None:
    assert "1 patient was still at risk" in plain(estimates("pfs", context()))


def test_flow_names_reasons_that_excluded_somebody_and_not_the_others() -> None:
    said = plain(flow(context()))
    assert said.startswith(
        "Of 10 patients screened, 8 were included (@fig-flow). Excluded were 2 for HER2-positive disease."
    )
    assert "Younger" not in said


def with_steps(**differences: float | None) -> Context:
    """The study with a comparison at its first step, which removed 2; differences by variable."""
    study = settings(selection={"variables": list(differences)})
    first, *rest = (criterion["id"] for criterion in study["criteria"])
    rows = [result(f"selection.{first}=removed.n", 2), *(result(f"selection.{each}=removed.n", 0) for each in rest)]
    rows += [result(f"selection.{first}.{name}.smd", value) for name, value in differences.items()]
    return Context(study, index_results([results_of(study), results_table(rows, "made_by_hand").astype(object)]))


def test_selection_names_the_largest_difference_and_its_step() -> None:
    said = supplement.selection(with_steps(age=0.2, arm=0.35))
    assert said == (
        "Patients removed at the one step that removed anyone were compared with those who remained "
        "([Table\u00a0S2](#supplement-selection)). "
        'The largest standardised mean difference was {{< result "selection.her2_positive.arm.smd" fmt="%.2f" >}}, '
        "in arm at the step “HER2-positive disease”."
    )


def test_selection_says_where_nothing_could_be_estimated_and_nothing_where_it_is_not_asked_for() -> None:
    assert supplement.selection(with_steps(age=None)).endswith("No standardised difference could be estimated.")
    assert supplement.selection(context()) == ""


def test_the_supplement_holds_the_tables_that_do_not_stand_in_the_text() -> None:
    study = settings(selection={}, baseline=SETTINGS["baseline"] | {"by": ["arm", "ecog"]})
    said = supplement.supplement(context(study))
    assert "# Supplement {" in said
    assert said.index("Table\u00a0S1: Eligibility criteria") < said.index("{{< table baseline ecog >}}")
    assert said.index("{{< table baseline ecog >}}") < said.index("{{< table selection >}}")
    order = ["{{< table survival_summary pfs >}}", "{{< figure forest pfs >}}", "{{< figure schoenfeld pfs >}}"]
    assert [said.index(each) for each in order] == sorted(said.index(each) for each in order)
    nothing = settings(criteria=SETTINGS["criteria"][:1], models={}, endpoints={})
    last = ["{{< table completeness >}}", "{{< table plausibility >}}"]
    assert [line for line in supplement.supplement(context(nothing)).splitlines() if line.startswith("{{<")] == last


def test_a_supplementary_figure_has_its_number_in_a_line_below_which_references_lead_to() -> None:
    figure = next(each for each in figures(SETTINGS) if each.subject == "forest")
    pictures = {figure.name: {ending: Path(f"{figure.name}{ending}") for ending in (".svg", ".png")}}
    block = figure_block(figure, context(), Files({}, pictures))
    assert "![](../aggregate/figures/figure_S1_forest_pfs){fig-alt=" in block
    assert "::: {#supplement-forest-pfs " in block
    assert "Figure\u00a0S1: Progression-free survival: hazard ratios. Each characteristic alone" in block
    assert reference(figure) == "[Figure\u00a0S1](#supplement-forest-pfs)"


def test_the_caption_of_a_survival_figure_names_the_convention() -> None:
    figure = next(each for each in figures(SETTINGS) if each.subject == "survival")
    pictures = {figure.name: {ending: Path(f"{figure.name}{ending}") for ending in (".svg", ".png")}}
    block = figure_block(figure, context(), Files({}, pictures))
    assert block.startswith("![Progression-free survival. Kaplan–Meier estimate with pointwise 95% confidence band;")
    assert "interval of quantiles as SPSS computes it" in block


def test_the_supplement_has_the_rule_of_each_criterion_and_what_an_unknown_answer_does() -> None:
    variant = {"id": "young", "label": "Also the young", "without": ["too_young"]}
    said = supplement.supplement(context(settings(what_if=[variant])))
    assert "| HER2-positive disease | excluded: arm: none | kept |" in said
    assert "| Younger than 18 years | required: age at least 18 years | excluded as missing |" in said
    assert f"| **Sensitivity analysis** | Also the young |  |\n| {INDENT}Younger than 18 years | not asked |" in said


def test_the_supplement_has_each_set_of_conventions_as_a_column_the_main_one_first() -> None:
    said = supplement.supplement(context(with_conventions()))
    assert "| Situation | All followed to progression or death | Documented progression only |" in said
    assert "| Death before the first scan | event on its day | event on its day |" in said
    assert "| No baseline assessment" not in said, "the study does not say what a baseline assessment is"


def with_conventions() -> dict[str, Any]:
    """The study with named conventions for its endpoint and one set beside them."""
    pfs = SETTINGS["endpoints"]["pfs"] | {"rule_set": "itt", "sensitivity": ["documented_only"]}
    conventions = {"scans": {"table": "assessments"}, "interval_days": 84, "missed_allowed": 2, "window_days": 14}
    return settings(endpoints={"pfs": pfs}, conventions=conventions)


def test_methods_name_the_conventions_in_force_and_leave_the_rest_to_the_supplement() -> None:
    said = methods.outcomes.endpoints(context(with_conventions()))
    assert "Censoring followed the conventions “all followed to progression or death” (after the EMA, as read; " in said
    assert (
        "other conventions of censoring: documented progression only ([Table\u00a0S2](#supplement-conventions))" in said
    )


def test_an_endpoint_censored_as_an_earlier_one_says_so() -> None:
    later = SETTINGS["endpoints"]["pfs"] | {"label": "Time to relapse", "figure": False}
    said = methods.outcomes.endpoints(context(settings(endpoints=SETTINGS["endpoints"] | {"ttr": later})))
    assert said.count("censored at the last scan") == 1
    assert "It was censored as progression-free survival." in said


def test_results_describe_the_characteristics_asked_for_in_words_and_leave_the_rest_to_the_table() -> None:
    every, some = (plain(baseline(context(settings(baseline=SETTINGS["baseline"] | given)))) for given in
                   ({}, {"in_text": ["arm"]}))  # fmt: skip
    assert "Median age" in every
    assert "Median age" not in some
    assert "Arm was tablets in 4 (50.0%) and none in 4 (50.0%)." in some


def test_methods_say_how_groups_are_compared_where_they_are() -> None:
    grouped = settings(baseline=SETTINGS["baseline"] | {"by": ["arm"]}, selection={})
    said = methods.statistics.statistics(context(grouped))
    assert "Standardised mean differences compare groups by arm and the patients whom each criterion removed" in said
    assert "@yang2012" in said
    assert ", not by tests" in said
    assert "tandardised" not in methods.statistics.statistics(context())


def test_methods_say_how_rates_of_response_are_compared_where_they_are() -> None:
    rules = load_study(ROOT, {"study": "bolero2"})["response"]
    said = methods.response.response(context(settings(response=rules)))
    assert "show them by arm" in said
    assert "Newcombe's hybrid score interval [@newcombe1998] and by Fisher's exact test" in said
    alone = {key: value for key, value in rules.items() if key != "by"}
    assert "Newcombe" not in methods.response.response(context(settings(response=alone)))


def test_methods_follow_the_configuration() -> None:
    statistics = settings()["statistics"] | {"median_interval": "log-log", "ties": "efron", "conf_level": 0.9}
    said = methods.statistics.statistics(context(settings(statistics=statistics)))
    assert "log-log scale [@brookmeyer1982]" in said
    assert "Efron's method" in said
    assert "level of 90%" in said
    assert "Breslow" not in said


def test_endpoint_is_defined_by_its_events_and_censoring_rules() -> None:
    said = methods.outcomes.endpoints(context())
    assert "from the first dose to progression or death, whichever came first" in said
    assert "censored at the last scan or at time zero where there was no scan" in said


SAMPLE = {"table": "pathology", "date": "sample_date", "take": "nearest", "prefer": {"specimen": ["metastasis"]},
          "days_after": 90}  # fmt: skip


def with_receptors(**levels: dict[str, str]) -> str:
    """The Methods' words on variables of a study with receptors, `levels` by derivation."""
    found = {derive: {"label": derive[-4:].upper(), "kind": "categorical", "derive": derive, "anchor": "age",
                      "levels": given}
             for derive, given in levels.items()}  # fmt: skip
    found |= {"subtype": {"label": "Subtype", "kind": "categorical", "derive": "subtype", "levels": {}}}
    last = list(levels)[-1]
    found[last] |= {"select": SAMPLE}
    return methods.patients.variables(context(settings(variables=settings()["variables"] | found)))


def test_receptors_are_described_by_the_rules_in_force() -> None:
    said = with_receptors(receptor_er={"positive": "", "negative": ""}, receptor_her2={"zero": "", "low": ""})
    assert "positive from 1% of stained nuclei [@allison2020]." in said
    assert "hormone receptor-positive if either receptor is positive." in said
    assert "without in situ hybridisation is unknown, never low" in said
    assert "the tested sample nearest to the date of age counts." in said
    assert "nearest to the date of age and at most 90 days after it, metastasis before any other, counts." in said


def test_optional_receptor_levels_are_described_where_the_study_lists_them() -> None:
    said = with_receptors(receptor_er={"low_positive": ""}, receptor_her2={"equivocal": ""})
    assert "an oestrogen receptor of 1 to 10% is low positive" in said
    assert "without in situ hybridisation is equivocal, never low" in said


def test_a_study_without_receptors_says_nothing_of_them() -> None:
    assert "receptor" not in methods.patients.variables(context())


def test_criteria_are_listed_in_order_with_what_an_unknown_fact_does() -> None:
    said = methods.patients.eligibility(context())
    assert "Reasons for exclusion were HER2-positive disease and younger than 18 years." in said
    assert "and what an unknown answer did, is given in [Table\u00a0S1](#supplement-criteria)." in said


def test_a_single_criterion_is_told_with_its_rule() -> None:
    said = methods.patients.eligibility(context(settings(criteria=SETTINGS["criteria"][1:])))
    assert said == "The only reason for exclusion was: younger than 18 years (required: age at least 18 years)."


def test_codes_that_follow_each_other_are_a_range() -> None:
    assert in_ranges(["C0*", "C40*", "C41*", "C43*", "C9*"]) == ["C0*", "C40–C41", "C43*", "C9*"]
    assert in_ranges(["C99*", "D00*"]) == ["C99*", "D00*"]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ({"age": {"at_least": "18", "below": "75"}}, "age at least 18 years and below 75 years"),
        ({"index_date": {"above": "2020-01-31"}}, "index date after 31 January 2020"),
        ({"known": ["age", "arm"]}, "known age and arm"),
        ({"known_columns": ["last_contact"]}, "recorded last contact"),
        ({"in_window": "index_date"}, "index date within the study window"),
        ({"records": {"table": "follow_up"}}, "a record of follow-up"),
        ({"records": {"table": "scans", "of": "index_date", "days_before": 28, "days_after": 0, "at_least": 2}},
         "at least 2 records of scans from 28 days before the index date to the index date"),
        ({"records": {"table": "doses", "where": {"atc": ["L01*"]}, "of": "index_date", "days_after": -1}},
         "a record of doses with ATC code L01\\* up to 1 day before the index date"),
        ({"records": {"table": "diagnoses", "of": "index_date", "days_before": 1826, "days_after": -1}},
         "a record of diagnoses from 1826 days (5 years) before the index date to 1 day before the index date"),
        ({"records": {"table": "scans", "of": "index_date", "days_before": -1, "at_most": 1}},
         "at most 1 record of scans from 1 day after the index date on"),
        ({"any": [{"arm": ["a"]}, {"arm": ["b"], "known": ["age"]}]}, "arm: tablets or (arm: none; known age)"),
        ({"not": {"arm": ["a"]}}, "not (arm: tablets)"),
    ],
)  # fmt: skip
def test_every_condition_of_a_criterion_is_told_in_words(expression, said) -> None:
    criterion = {"id": "x", "label": "Reason", "require": expression}
    assert described(criterion, context()) == f"reason (required: {said})"


def test_flow_says_who_is_excluded_for_what_is_unknown_and_who_is_pending() -> None:
    counts = {"excluded.her2_positive": 2, "excluded_unknown.her2_positive": 1, "pending.too_young": 3}
    rows = [result(f"flow.{name}", float(number)) for name, number in counts.items()]
    rows += [result("flow.screened", 12.0), result("flow.included", 7.0), result("flow.pending", 3.0)]
    pending = Context(settings(), index_results([results_table(rows, "summarise_baseline")]))
    said = plain(flow(pending), pending)
    assert "Excluded were 2 for HER2-positive disease (1 of them because it is unknown)." in said
    assert "3 patients are pending, provisionally out until a query is answered: 3 at younger than 18 years." in said


def test_study_without_dates_claims_no_window_and_no_cut_off() -> None:
    timeless = settings(time_only=True)
    assert "durations and no dates" in methods.design.design(context(timeless))
    assert "2025" not in methods.design.design(context(timeless)) + front_matter.subtitle(timeless)


def test_declarations_say_that_synthetic_data_are_synthetic() -> None:
    assert "describe no real patient" in declarations.data(context())


def test_declarations_say_by_what_the_results_are_known_and_where_numbers_are_followed() -> None:
    said = declarations.data(Context(settings(), {}, digest="0123456789abcdef" + 48 * "f"))
    assert "aggregate/ard.csv, begins with [0123456789abcdef]{.computed}; the page" in said
    assert "the page [audit.html]{.audit-page} beside" in said
