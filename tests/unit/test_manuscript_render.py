"""The rendered report: HTML, Word and PDF of one document, the same bytes each time."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from cutline.display.catalogue import figures, main_tables, supplement, tables
from cutline.display.grid import INDENT
from cutline.errors import ReportError, SetupError
from cutline.manuscript import quarto, render_report
from cutline.manuscript.compose import Document, gather
from cutline.manuscript.exhibits import exhibit_files, table_block
from cutline.manuscript.pandoc import render
from cutline.manuscript.stage import fill, reference_docx
from cutline.report_engine import chosen
from cutline.study import load_study
from cutline.study_rules import settings_for
from tests.unit.test_manuscript import PICTURE, PNG, ROOT, context, exhibits, real_sources, results_of, settings

Report = dict[str, Any]
STUDY = load_study(ROOT, {})
HEAD = {"title": "t", "subtitle": "s", "lang": "en", "author": [{"name": "A. N. Other"}], "format": {},
        "bibliography": "references.bib", "csl": "citations.csl"}  # fmt: skip


def rendered(study: dict[str, Any], folder: Path, **changes: Any) -> Report:
    made_tables, made_figures = exhibits(study, folder)
    inputs = {"ard": results_of(study), "curves": [], "tables": made_tables, "figures": made_figures,
              "sources": real_sources(),
              "codelists": [ROOT / file for file in study.get("codelists", {}).values()]}  # fmt: skip
    return render_report(settings=study, **inputs | changes)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The default study's report on made-up results, by the embedded engine."""
    study = settings_for(load_study(ROOT, {}), "render_report")
    study["report"] = study["report"] | {"engine": "pandoc"}
    return rendered(study, tmp_path_factory.mktemp("default"))


def parts(docx: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def words(html: str) -> str:
    body = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(body.replace("\u00a0", " ").split())


# ── HTML ─────────────────────────────────────────────────────────────────────────────────────


def result_links(html: str) -> list[tuple[str, str, str]]:
    """Every number's address, place and text."""
    links = re.findall(r'<a ([^>]*class="result"[^>]*)>([^<]*)</a>', html)
    found = ((dict(re.findall(r'([\w-]+)="([^"]*)"', attributes)), text) for attributes, text in links)
    return [(attributes["href"], attributes["id"], text) for attributes, text in found]


def test_html_tables_scroll_in_regions_of_their_own_names_and_every_header_cell_has_its_scope(report: Report) -> None:
    html = report["html"].decode()
    regions = re.findall(r'<div class="table-region" role="region" tabindex="0" (aria-[^>]+)>', html)
    assert len(regions) == len(set(regions)) == html.count("<table")
    assert [cell for cell in re.findall(r"<th\b[^>]*>", html) if "scope=" not in cell] == []


def test_html_makes_every_number_a_link_to_its_place_on_the_audit_page(report: Report) -> None:
    links = result_links(report["html"].decode())
    assert ("audit.html#pfs.km.median", "pfs.km.median:1", "6.6") in links
    assert len(links) == report["qmd"].count("{.result ")
    assert len({place for _, place, _ in links}) == len(links)


def test_html_says_key_format_and_source_of_a_number_beside_it(report: Report) -> None:
    link = re.search(r'<a [^>]*id="pfs.km.median:1"[^>]*>', report["html"].decode())
    assert link
    for attribute in ('data-key="pfs.km.median"', 'data-fmt="%.1f"', 'data-source="made_by_hand"',
                      'aria-description="pfs.km.median; made_by_hand"'):  # fmt: skip
        assert attribute in link[0]


def test_html_makes_a_cell_with_several_results_one_link_to_the_first(tmp_path: Path) -> None:
    table = '| a | n |\n|:--|--:|\n| x | [8 (80.0)]{.result key="x.n x.percent" source="s"}^a^ |\n'
    html = html_of(f'[8]{{.result key="x.n" fmt="%d" source="s"}}\n\n{table}', tmp_path)
    assert result_links(html) == [("audit.html#x.n", "x.n:1", "8"), ("audit.html#x.n", "x.n:cell1", "8 (80.0)")]


def test_html_leads_to_the_audit_page_and_the_other_formats_name_it(report: Report) -> None:
    assert '<a href="audit.html">audit.html</a> beside this report' in " ".join(report["html"].decode().split())
    document = parts(report["docx"])["word/document.xml"]
    assert "audit.html beside this report" in re.sub(r"<[^>]+>", "", document)
    assert "audit.html" not in parts(report["docx"])["word/_rels/document.xml.rels"]


def test_word_and_pdf_show_a_number_as_text_alone(tmp_path: Path) -> None:
    said = []
    for name, number in (("a", "6.6"), ("b", '[6.6]{.result key="pfs.km.median" fmt="%.1f" source="s, n = 70"}')):
        document = Document(HEAD, f"It was {number} months.\n")
        report = fill(tmp_path.resolve() / name, document, gather(real_sources()), [])
        docx = parts(render(document, report, ["docx", "pdf"])["docx"])["word/document.xml"]
        said.append((re.sub(r"<[^>]+>", "", docx), (report / "manuscript.typ").read_text(encoding="utf-8")))
    assert said[0] == said[1]


def test_html_is_one_file_that_asks_for_nothing(report: Report) -> None:
    html = report["html"].decode()
    agreement = r"\.\./\.\./\.\./certification/agreement\.html"
    assert not re.findall(rf'(?:src|href)="(?!#|data:|audit\.html|{agreement}|https://doi\.org/)[^"]*"', html)
    assert not re.search(r"<script|@import|url\((?!data:)", html)
    assert html.count("data:image/svg+xml") == len(figures(STUDY))


def test_html_numbers_figures_and_tables_and_links_to_them(report: Report) -> None:
    html = report["html"].decode()
    assert "Figure&nbsp;1: Patient flow." in html or "Figure\u00a01: Patient flow." in html
    assert re.search(r'<a href="#tbl-cox-os"[^>]*>Table(&nbsp;|\u00a0)3</a>', html)
    assert html.count("<table") == len(main_tables(STUDY) + supplement(STUDY))


def test_html_describes_its_figures(report: Report) -> None:
    described = re.findall(r'<img [^>]*alt="([^"]*)"', report["html"].decode())
    assert [text.split(" ")[0] for text in described] == [
        "Flow", "Kaplan-Meier", "Kaplan-Meier", "Bar", "Forest", "Smooths", "Forest", "Smooths",
            "Medians",
    ]  # fmt: skip


def test_no_markup_reaches_the_reader(report: Report) -> None:
    shown = words(report["html"].decode())
    assert not re.search(r"\{\{|:::|\{#|\{\.|\[@|@(fig|tbl|sec)-|\?\?", shown)


def test_references_are_numbered_and_linked(report: Report) -> None:
    html = report["html"].decode()
    assert re.search(r'<a href="#ref-baselga2012" role="doc-biblioref">4</a>', html)
    assert "von Elm E" in html


# ── Word ─────────────────────────────────────────────────────────────────────────────────────


def test_word_has_real_tables_whose_header_repeats(report: Report) -> None:
    document = parts(report["docx"])["word/document.xml"]
    wanted = len(main_tables(STUDY) + supplement(STUDY))
    assert document.count("<w:tbl>") == wanted
    assert document.count("<w:tblHeader") == wanted


def test_word_captions_are_counted_by_word_itself(report: Report) -> None:
    document = parts(report["docx"])["word/document.xml"]
    assert document.count("SEQ Table") == len([*main_tables(STUDY), *supplement(STUDY)])
    assert document.count("SEQ Figure") == len(figures(STUDY))
    assert document.count(" \\r 1 ") == 2, "those of the supplement begin again"
    assert 'w:name="tbl-baseline"' in document
    assert 'w:anchor="tbl-baseline"' in document


def test_word_takes_the_png_and_describes_it(report: Report) -> None:
    inside = parts(report["docx"])
    assert sorted(Path(name).suffix for name in inside if "media/" in name) == [".png"] * len(figures(STUDY))
    assert 'descr="Kaplan-Meier curve' in inside["word/document.xml"]


def test_word_file_carries_no_time_and_no_path(report: Report) -> None:
    with zipfile.ZipFile(io.BytesIO(report["docx"])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "1980-01-01T00:00:00Z" in parts(report["docx"])["docProps/core.xml"]


def rows_of(document: str) -> list[str]:
    return re.findall(r"<w:tr>.*?</w:tr>", document, flags=re.DOTALL)


def test_word_keeps_a_group_of_rows_together_and_the_last_row_with_the_notes(tmp_path: Path) -> None:
    lines = ("h | n", ":-- | --:", "**Group** |", f"{INDENT}one | 1", f"{INDENT}two | 2", "Other | 3", "Last | 4")
    body = "".join(f"| {line} |\n" for line in lines)
    report = fill(tmp_path.resolve(), Document(HEAD, body), gather(real_sources()), [])
    rows = rows_of(parts(render(Document(HEAD, body), report, ["docx"])["docx"])["word/document.xml"])
    assert ["<w:keepNext/>" in row for row in rows] == [True, True, True, False, False, True]
    assert all("<w:cantSplit/>" in row for row in rows)
    assert all(row.count("<w:keepNext/>") in (0, row.count("<w:p>")) for row in rows)


def test_word_has_no_signs_that_only_guide_line_breaks(tmp_path: Path) -> None:
    body = "| a | fmol\u2060/\u2060mg |\n|:--|--:|\n| x | 1 |\n"
    report = fill(tmp_path.resolve(), Document(HEAD, body), gather(real_sources()), [])
    document = parts(render(Document(HEAD, body), report, ["docx"])["docx"])["word/document.xml"]
    assert "fmol/mg" in document


def test_word_styles_come_from_the_reports_folder() -> None:
    inside = parts(reference_docx(Document(HEAD, "", running_note="Draft", watermark="DRAFT"), gather(real_sources())))
    assert 'w:styleId="TableNotes"' in inside["word/styles.xml"]
    assert " PAGE " in inside["word/footer1.xml"]
    assert 'string="DRAFT"' in inside["word/header1.xml"]


# ── PDF ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.needs("pdftoppm")
def test_pdf_says_what_the_page_says(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report["pdf"])
    done = subprocess.run(["pdftotext", "-layout", "report.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    said = " ".join(done.stdout.decode().replace("\u00a0", " ").split())
    assert "Figure 1: Patient flow." in said
    assert "Median progression-free survival was 6.6 months (95% CI 5.59–7.61)" in said
    assert "[?]" not in said


def pages(body: str, folder: Path) -> list[str]:
    report = fill((folder / "stage").resolve(), Document(HEAD, body), gather(real_sources()), [])
    (folder / "t.pdf").write_bytes(render(Document(HEAD, body), report, ["pdf"])["pdf"])
    done = subprocess.run(["pdftotext", "-layout", "t.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def table_of(rows: int, folder: Path, supplementary: bool = False) -> str:
    """A table block as the report has it, with so many rows and notes below."""
    lines = "\n".join(f"| row {number} | {number} |" for number in range(rows))
    study = settings()
    exhibit = replace(tables(study)[0], supplementary=supplementary)
    made = folder / f"{exhibit.name}.md"
    made.write_text(f"| Label | n |\n|:--|--:|\n{lines}\n\nThe notes. {'Long. ' * 60}Finis.\n", encoding="utf-8")
    return table_block(exhibit, context(study), exhibit_files([made], []))


@pytest.mark.needs("pdftoppm")
@pytest.mark.parametrize("before", [10, 16, 22, 28])
def test_pdf_keeps_a_table_of_twenty_rows_whole_and_its_notes_below_it(before: int, tmp_path: Path) -> None:
    shown = pages("A paragraph.\n\n" * before + table_of(20, tmp_path), tmp_path)
    (page,) = [text for text in shown if "Baseline" in text]
    assert re.search(r"row 0\b.*row 19\b.*The notes\..*Finis\.", page, flags=re.DOTALL)


@pytest.mark.needs("pdftoppm")
@pytest.mark.parametrize("before", range(20, 32, 3))
def test_pdf_leaves_no_caption_behind_on_the_page_before_its_table(before: int, tmp_path: Path) -> None:
    for supplementary in (False, True):
        shown = pages(
            "A paragraph.\n\n" * before + table_of(40, tmp_path, supplementary), tmp_path / str(supplementary)
        )
        (page,) = [text for text in shown if "Baseline" in text]
        assert re.search(r"Baseline.*Label.*row 0\b.*row 1\b", page, flags=re.DOTALL)


@pytest.mark.needs("pdftoppm")
def test_pdf_breaks_a_table_longer_than_a_page_and_puts_its_notes_directly_below_it(tmp_path: Path) -> None:
    shown = pages(table_of(120, tmp_path) + "\n\nAfterwards.", tmp_path)
    assert len(shown) > 2
    assert re.search(r"row 119\b.*The notes\..*Finis\..*Afterwards\.", shown[-1], flags=re.DOTALL)
    assert all("Label" in page for page in shown)


def test_pdf_has_a_title_and_no_clock(report: Report) -> None:
    assert report["pdf"].startswith(b"%PDF")
    assert b"/ModDate (D:1980" in report["pdf"] or b"ModDate" not in report["pdf"]


def test_pdf_describes_its_figures(tmp_path: Path) -> None:
    picture = tmp_path / "a.svg"
    picture.write_text(PICTURE, encoding="utf-8")
    body = '![A](../aggregate/figures/a){#fig-a width=85% fig-alt="The \\"tall\\" one"}\n'
    document = Document(HEAD, body)
    report = fill((tmp_path / "stage").resolve(), document, gather(real_sources()), [picture])
    render(document, report, ["pdf"])
    assert r'alt: "The \"tall\" one", width: 85%)' in (report / "manuscript.typ").read_text(encoding="utf-8")


# ── the same each time ───────────────────────────────────────────────────────────────────────


def test_rendering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (rendered(settings(), tmp_path / name) for name in ("one", "two"))
    checks = [report.pop("consistency").to_csv() for report in (first, second)]
    assert checks[0] == checks[1]
    assert [name for name in first if first[name] != second[name]] == []


def test_only_the_formats_asked_for_are_rendered(tmp_path: Path) -> None:
    study = settings()
    study["report"]["formats"] = ["html"]
    produced = rendered(study, tmp_path)
    assert "html" in produced
    assert not {"docx", "pdf"} & set(produced)


def test_what_stands_beside_the_source_is_returned_with_it(report: Report) -> None:
    assert b"baselga2012" in report["bib"]
    assert "report/manuscript.qmd" in report["project"]
    assert b"function Span" in report["links"]
    names = ("references.bib", "citations.csl", "manuscript.css", "result_links.lua", "reference.docx")
    assert all(name in report["qmd"] for name in names)


# ── Quarto's syntax in the embedded engine ───────────────────────────────────────────────────


def html_of(body: str, folder: Path) -> str:
    report = fill(folder.resolve(), Document(HEAD, body), gather(real_sources()), [])
    return render(Document(HEAD, body), report, ["html"])["html"].decode()


def test_grouped_bare_and_section_references_read_as_in_quarto(tmp_path: Path) -> None:
    table = "\n\n| a |\n|:--|\n| 1 |\n\n: A {#tbl-a}\n\n| b |\n|:--|\n| 1 |\n\n: B {#tbl-b}\n\n"
    shown = words(
        html_of(
            f"# One {{#sec-one}}\n\n## Two {{#sec-two}}\n\n[@tbl-b; @tbl-a] and [-@tbl-b] of @sec-two.{table}", tmp_path
        )
    )
    assert "Table 2 , Table 1 and 2 of Section 1.1 ." in shown


def test_content_for_one_format_is_shown_in_that_one_only(tmp_path: Path) -> None:
    text = "\n\n".join(
        f'::: {{.content-{kind} when-format="{name}"}}\n{kind}-{name}\n:::'
        for kind in ("visible", "hidden")
        for name in ("html", "docx")
    )
    shown = words(html_of(text, tmp_path))
    assert "visible-html" in shown
    assert "hidden-docx" in shown
    assert "visible-docx" not in shown
    assert "hidden-html" not in shown


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("@fig-a is not there.", "@fig-a has no figure"),
        ("@tbl-a [@cox1972].\n\n| a |\n|:--|\n| 1 |\n\n: A {#tbl-a}\n", "write a reference and a citation apart"),
        ("| a |\n|:--|\n| 1 |\n\n: A {#tbl-a}\n\n| a |\n|:--|\n| 1 |\n\n: A {#tbl-a}\n", "used twice"),
        ("::: {.panel-sidebar}\nx\n:::", "does not know the class .panel-sidebar"),
        ("::: {.panel-tabset}\nx\n:::", "begins with a heading"),
        ("::: {.panel-tabset}\n\n## One\n\nx\n:::", 'tab "One" needs {.unnumbered} (manuscript.qmd, line 1'),
        ("::: {#fig-a}\n![](a){fig-alt='x'}\n:::", "#fig-a ends with a paragraph, its caption"),
        ("::: {#fig-a}\n\n![c](a){#fig-b}\n\nCaption\n:::", "sub-figures are not supported, found #fig-b"),
        ("::: {#tbl-a}\n\n| a |\n|:--|\n| 1 |\n\nNotes.\n\nCaption\n:::", "#tbl-a holds one table"),
        ("::: {#tbl-a}\n\n| a |\n|:--|\n| 1 |\n\n: One\n\nTwo\n:::", "#tbl-a has two captions"),
        ("::: {#lst-a}\nx\n:::", "does not number #lst-a"),
        ("![](missing)", "has no description"),
        ("![a](missing)", "missing"),
    ],
)
def test_what_the_embedded_engine_cannot_print_stops_it(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=re.escape(said)) as raised:
        html_of(body, tmp_path)
    assert str(tmp_path) not in str(raised.value)


BLOCKS = """# Methods {#sec-methods}

See @fig-div, @tbl-div and @eq-hazard. A [link](https://example.org/x), one to [methods](#sec-methods).

::: {.callout-warning collapse="true"}
## A *titled* warning

Its body.
:::

::: {.callout-tip title="Open" collapse="false"}
Its body.
:::

::: {#fig-div}

![](../aggregate/figures/a){fig-alt="Seen" width=30%}

A figure in a div.

:::

::: {#tbl-div}

| a | b |
|:--|--:|
| 1 | 2 |

A table in a div.

:::

The hazard $h(t)$ is

$$ h(t) = h_0(t) e^{x} $$ {#eq-hazard}

::: {.panel-tabset}

## First tab {.unnumbered}

Text of the first.

## Second tab {.unnumbered}

Text of the second.

:::

Seen [by a browser]{.content-visible when-format="html"}[in Word]{.content-visible when-format="docx"}.
"""


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One document with every block that is supported: as HTML, as Word's XML and as typst's source."""
    folder = tmp_path_factory.mktemp("blocks")
    pictures = [folder / "a.svg", folder / "a.png"]
    pictures[0].write_text(PICTURE, encoding="utf-8")
    pictures[1].write_bytes(PNG)
    document = Document(HEAD, BLOCKS)
    report = fill((folder / "stage").resolve(), document, gather(real_sources()), pictures)
    made = render(document, report, ["html", "docx", "pdf"])
    return {"html": made["html"].decode(), "docx": parts(made["docx"])["word/document.xml"],
            "typst": (report / "manuscript.typ").read_text(encoding="utf-8")}  # fmt: skip


def test_figure_and_table_as_divs_have_number_caption_and_reference(blocks: dict[str, str]) -> None:
    page = blocks["html"].replace("&nbsp;", " ").replace("\u00a0", " ")
    assert re.search(r'<figure id="fig-div">.*<figcaption>Figure 1: A figure in a div\.', page, re.DOTALL)
    assert re.search(r'<table [^>]*id="tbl-div"[^>]*>\s*<caption>Table 1: A table in a div\.', page)
    assert '<a href="#tbl-div" class="quarto-xref">Table 1</a>' in page
    assert 'w:instr=" SEQ Table' in blocks["docx"]
    assert 'w:anchor="fig-div"' in blocks["docx"]
    assert re.search(r"caption: .*Table.1: A table in a div", blocks["typst"], re.DOTALL)


def test_callout_takes_its_title_from_a_heading_and_can_be_closed_on_the_page(blocks: dict[str, str]) -> None:
    page = " ".join(blocks["html"].split())
    assert re.search(r'<details><summary class="callout-title"> ?A <em>titled</em> warning ?</summary>', page)
    assert '<details open><summary class="callout-title">' in page
    assert '<w:pStyle w:val="CalloutTitle" />' in blocks["docx"] or '<w:pStyle w:val="CalloutTitle"/>' in blocks["docx"]
    assert "titled" not in page[page.index("<nav") : page.index("</nav>")]


def test_tabs_are_closed_boxes_on_the_page_and_titled_paragraphs_elsewhere(blocks: dict[str, str]) -> None:
    page = " ".join(blocks["html"].split())
    assert re.findall(r'<details class="panel-tab" name="panel-1"( open)?><summary> ?(\w+ tab)', page) == [
        (" open", "First tab"), ("", "Second tab"),
    ]  # fmt: skip
    assert "#strong[First tab]" in blocks["typst"]
    assert "Text of the second" in blocks["docx"]


def test_equations_are_set_numbered_and_described_in_each_format(blocks: dict[str, str]) -> None:
    assert blocks["html"].count("<math ") == 2
    assert re.search(r'<span id="eq-hazard">.*<mo[^>]*>\(</mo><mn>1</mn>', blocks["html"], re.DOTALL)
    assert '<a href="#eq-hazard" class="quarto-xref">' in blocks["html"]
    assert blocks["docx"].count("<m:oMath>") == 2
    assert "alt: " in blocks["typst"]
    assert "numbering: _ => [(1)]" in blocks["typst"]
    assert "<eq-hazard>" in blocks["typst"]


def test_spans_for_one_format_are_shown_in_that_one(blocks: dict[str, str]) -> None:
    said = {name: [words in text for words in ("by a browser", "in Word")] for name, text in blocks.items()}
    assert said == {"html": [True, False], "docx": [False, True], "typst": [False, False]}


# ── accessible PDF ───────────────────────────────────────────────────────────────────────────


@pytest.mark.needs("pdftoppm")
def test_pdf_is_tagged_and_says_title_authors_language_and_standard(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report["pdf"])
    told = subprocess.run(["pdfinfo", "report.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    said = dict(re.findall(r"^([\w ]+):\s+(.*)$", told, re.MULTILINE))
    assert said["Tagged"] == "yes"
    assert said["Title"] == STUDY["title"]
    assert said["Keywords"] == ", ".join(STUDY["report"]["keywords"])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in report["pdf"]
    assert re.search(rb"/Lang\s*\(en", report["pdf"])
    assert b"/Outlines" in report["pdf"]


def test_authors_with_signs_of_markup_and_quotes_reach_the_metadata(tmp_path: Path) -> None:
    head = HEAD | {"author": [{"name": r"Zoë \"Z\" O\'Neil\_Smith"}]}
    report = fill(tmp_path.resolve(), Document(head, "x\n"), gather(real_sources()), [])
    render(Document(head, "x\n"), report, ["pdf"])
    assert r'author: ("Zoë \"Z\" O' in (report / "manuscript.typ").read_text(encoding="utf-8")


# ── who rendered ─────────────────────────────────────────────────────────────────────────────


def test_the_engine_and_the_versions_of_its_programs_are_recorded(report: Report) -> None:
    said = json.loads(report["engine"])
    assert said["engine"] == "pandoc"
    assert said["programs"]["typst"] == version("typst")
    assert re.match(r"3\.\d", said["programs"]["pandoc"])


# ── genuine Quarto ───────────────────────────────────────────────────────────────────────────

FAKE_QUARTO = """#!{python}
import os, pathlib, sys
if "--version" in sys.argv:
    print("{version}")
else:
    assert sys.argv[1:3] == ["render", "report/manuscript.qmd"] and "--no-execute" in sys.argv
    assert pathlib.Path("_quarto.yml").is_file() and pathlib.Path("aggregate/figures/figure_1_flow.svg").is_file()
    assert os.environ["SOURCE_DATE_EPOCH"] and not os.environ["HOME"].endswith("nobody")
    target = sys.argv[sys.argv.index("--to") + 1]
    pathlib.Path("report/manuscript." + {{"typst": "pdf"}}.get(target, target)).write_text("by quarto to " + target)
"""


def install_quarto(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "quarto"
    program.write_text(FAKE_QUARTO.format(python=sys.executable, version=version), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_quarto_renders_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_quarto(tmp_path, "1.9.12", monkeypatch)
    study = settings()
    study["report"] |= {"engine": "auto", "formats": ["html", "pdf"]}
    produced = rendered(study, tmp_path / "made")
    assert [produced[name] for name in ("html", "pdf")] == [b"by quarto to html", b"by quarto to typst"]
    assert json.loads(produced["engine"]) == {"engine": "quarto", "programs": {"quarto": "1.9.12"}}


def test_quarto_that_is_too_old_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_quarto(tmp_path, "1.4.557", monkeypatch)
    study = settings()
    study["report"]["engine"] = "quarto"
    with pytest.raises(SetupError, match=r"found Quarto 1\.4\.557, expected 1\.5 or newer"):
        rendered(study, tmp_path / "made")


def test_quarto_that_is_not_there_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"set report\.engine to auto or pandoc"):
        chosen("quarto")
    assert chosen("auto") == "pandoc"


def test_development_version_of_quarto_is_new_enough() -> None:
    quarto.check_version("99.9.9\n")
