"""Two renderings compared: what a doctored one is caught at, and what engines may do differently."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import typst

from cutline.archive import zipped
from cutline.audit.cut import Cut
from cutline.audit.verify import can_render_again
from cutline.command import main
from cutline.errors import ConfigError, ReportError, SetupError
from cutline.manuscript.again import rendered_again
from cutline.manuscript.compose import Document, gather
from cutline.manuscript.engines import recorded
from cutline.manuscript.pandoc import render
from cutline.manuscript.stage import fill
from cutline.provenance import write_record
from cutline.renderings import files
from cutline.renderings.compare_blocks import compare_blocks
from cutline.renderings.compare_pages import compare_pages
from cutline.renderings.differences import Difference
from cutline.renderings.files import Pair, compare, pairs
from cutline.renderings.from_docx import blocks_of_docx
from cutline.renderings.from_html import blocks_of_html
from tests.unit.test_manuscript import PICTURE, PNG, ROOT, real_sources
from tests.unit.test_manuscript_render import HEAD as PLAIN_HEAD

HEAD = PLAIN_HEAD | {"link-citations": True}

BODY = """# Results {#sec-results}

The median was 6.6 months (95% CI 5.59–7.61) in 70 patients, as @tbl-one and @fig-one show [@cox1972].

| Group | n (%) | Median |
|:--|--:|--:|
| Younger | 30 (42.9) | 5.5 |
| Older | 40 (57.1) | 7.4 |

: Medians by age. {#tbl-one}

::: {.callout-note title="How to read it"}
Whole days were counted.
:::

![The curve.](../aggregate/figures/a){#fig-one fig-alt="A curve that falls" width=40%}

The rate is $$ r = d / t $$ {#eq-rate}

and @eq-rate needs no more.[^1]

[^1]: Nor does this note.

::: {#refs}
:::
"""


def rendered(body: str, folder: Path, formats: tuple[str, ...] = ("html", "docx", "pdf")) -> Path:
    """A folder with the document in these formats, by the embedded engine."""
    pictures = [folder / "a.svg", folder / "a.png"]
    folder.mkdir(parents=True, exist_ok=True)
    pictures[0].write_text(PICTURE, encoding="utf-8")
    pictures[1].write_bytes(PNG)
    report = fill((folder / "stage").resolve(), Document(HEAD, body), gather(real_sources()), pictures)
    for name, content in render(Document(HEAD, body), report, formats).items():
        (folder / f"manuscript.{name}").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(BODY, tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "manuscript.html").read_text(encoding="utf-8")


def doctored(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, f"{old}: found {text.count(old)} times"
        text = text.replace(old, new)
    return text


def told(found: list[Difference]) -> list[tuple[str, str, str, str]]:
    return [(each.kind, each.place, each.one, each.other) for each in found]


# ── what is caught ───────────────────────────────────────────────────────────────────────────

RESULTS = "section 1 Results"
CHANGES: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str, str]]]] = {
    "a number": ([("was 6.6 months", "was 6.7 months")], [("number", RESULTS, "6.6", "6.7")]),
    "a limit of an interval": ([("5.59–7.61", "5.59–7.16")], [("number", RESULTS, "5.59–7.61)", "5.59–7.16)")]),
    "a word": ([("Whole days", "Whole weeks")], [("text", RESULTS, "days", "weeks")]),
    "a cell": ([("40 (57.1)", "41 (57.1)")], [("table cell", "Table 1, row 3, column 2", "40 (57.1)", "41 (57.1)")]),
    "two cells that changed places": (
        [(">5.5<", ">kept<"), (">7.4<", ">5.5<"), (">kept<", ">7.4<")],
        [("table cell", "Table 1, row 2, column 3", "5.5", "7.4"),
         ("table cell", "Table 1, row 3, column 3", "7.4", "5.5")],
    ),
    "the number of a figure": ([("Figure 1: ", "Figure 2: ")],
                               [("caption number", "Figure 1", "Figure 1", "Figure 2")]),
    "a reference": ([(">Table 1</a>", ">Table 2</a>")], [("reference", RESULTS, "1", "2")]),
    "a citation": ([('role="doc-biblioref">1</a>', 'role="doc-biblioref">2</a>')],
                   [("reference", RESULTS, "[1].", "[2].")]),
    "a caption": ([("Medians by age.</", "Medians by sex.</")], [("text", "Table 1", "age.", "sex.")]),
    "the number of a section": ([('header-section-number">1<', 'header-section-number">2<')],
                                [("number", RESULTS, "1", "2")]),
    "a description": ([("A curve that falls", "A curve that rises")],
                      [("picture", RESULTS, "A curve that falls", "A curve that rises")]),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_doctored_web_page_is_caught_with_kind_and_place(what: str, page: str) -> None:
    changes, expected = CHANGES[what]
    other = doctored(page.replace("\u00a0", " "), *changes)
    assert told(compare_blocks(blocks_of_html(page), blocks_of_html(other))) == expected


def test_a_lost_row_and_a_lost_paragraph_are_caught(page: str) -> None:
    start, end = page.index("<tr", page.index("Younger") - 60), page.index("</tr>", page.index("Younger"))
    other = page[:start] + page[end:]
    (row,) = compare_blocks(blocks_of_html(page), blocks_of_html(other))
    assert (row.kind, row.one, row.other) == ("table cell", "Younger | 30 (42.9) | 5.5", "")
    (line,) = compare_blocks(blocks_of_html(doctored(page, ("Whole days were counted.", ""))), blocks_of_html(page))
    assert (line.kind, line.one, line.other) == ("text", "", "Whole days were counted.")


def test_rows_in_another_order_are_caught(page: str) -> None:
    rows = [block for block in blocks_of_html(page) if block.kind == "row"]
    assert [each.kind for each in compare_blocks(rows, [rows[0], rows[2], rows[1]])] == ["order"]


WORD_CHANGES: dict[str, tuple[str, str, str]] = {
    "a number": ("6.6", "6.7", "number"),
    "a cell": ("57.1", "51.7", "table cell"),
    "the number of a table": (">1</w:t></w:r></w:fldSimple>", ">3</w:t></w:r></w:fldSimple>", "caption number"),
    "a reference": ("Table\u00a01</w:t>", "Table\u00a02</w:t>", "reference"),
    "a word": ("counted", "guessed", "text"),
}


@pytest.mark.parametrize("what", WORD_CHANGES)
def test_a_doctored_word_document_is_caught(what: str, folder: Path) -> None:
    old, new, kind = WORD_CHANGES[what]
    content = (folder / "manuscript.docx").read_bytes()
    other = with_document(content, lambda xml: xml.replace(old, new, 1))
    found = compare_blocks(blocks_of_docx(content), blocks_of_docx(other))
    assert [each.kind for each in found] == [kind]


def with_document(docx: bytes, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = change(parts["word/document.xml"].decode()).encode()
    return zipped(parts)


LINES = [f"Line {name} of the results says {value} months of survival." for name, value in
         zip("abcdefghij", range(10, 30, 2), strict=True)]  # fmt: skip


def printed(lines: list[str], per_page: int, title: str = "") -> list[list[str]]:
    """Pages of so many lines, each with a running title and a number."""
    pages = [lines[start : start + per_page] for start in range(0, len(lines), per_page)]
    return [[title, *page, f"{number} / {len(pages)}"] for number, page in enumerate(pages, 1)]


def test_a_doctored_number_and_word_of_a_pdf_are_caught_by_page() -> None:
    other = [line.replace("says 12", "says 21").replace("Line c", "Row c") for line in LINES]
    found = compare_pages(printed(LINES, 3), printed(other, 3))
    assert [(each.kind, each.place, each.one) for each in found] == [
        ("number", "page 1", LINES[1]), ("text", "page 1", LINES[2]), ("text", "page 1", ""),
    ]  # fmt: skip
    assert "says21months" in found[0].other


def test_what_only_the_other_pdf_says_is_caught() -> None:
    (found,) = compare_pages(printed(LINES[:-1], 3), printed(LINES, 3))
    assert (found.kind, found.one, found.other) == ("text", "", LINES[-1])


def test_two_short_cells_of_a_pdf_that_changed_places_are_caught() -> None:
    one = ["Median of the first of the two groups", "6.6", "Median of the other of the two groups", "7.7"]
    assert compare_pages([one], [[one[0], "7.7", one[2], "6.6"]])


# ── what engines may do differently ──────────────────────────────────────────────────────────


def test_page_ends_line_ends_running_titles_and_page_numbers_of_a_pdf_may_differ() -> None:
    words = " ".join(LINES).split()
    broken = [" ".join(words[start : start + 7]) for start in range(0, len(words), 7)]
    assert compare_pages(printed(LINES, 3, "Running title"), printed(broken, 5)) == []


def test_a_short_row_below_a_repeated_header_is_no_difference_and_a_changed_one_is() -> None:
    rows = [f"A row of the table that is long enough {word}" for word in "abcdefgh"]
    one = [[*rows[:4], "Missing 0 0", *rows[4:]], ["The end of the document."]]
    other = [rows[:4], ["Header n %", "Missing 0 0", *rows[4:]], ["The end of the document."]]
    assert [each.other for each in compare_pages(one, other)] == ["Header n %"]
    other[1][1] = "Missing 1 0"
    assert "Missing 1 0" in [each.other for each in compare_pages(one, other)]


@pytest.mark.needs("pdftoppm")
def test_watermark_and_icons_are_no_words_of_a_pdf(tmp_path: Path) -> None:
    text = "#set page(background: rotate(-45deg, text(size: 90pt)[DRAFT]))\nThe first line.\n\n! Synthetic data\n"
    (tmp_path / "a.typ").write_text(text, encoding="utf-8")
    typst.compile(str(tmp_path / "a.typ"), output=str(tmp_path / "a.pdf"))
    assert files.pages_of_pdf(tmp_path / "a.pdf")[0][:2] == ["The first line.", "Synthetic data"]


@pytest.mark.parametrize("name", files.FORMATS)
@pytest.mark.needs("pdftoppm")
def test_a_rendering_agrees_with_itself(name: str, folder: Path) -> None:
    assert compare(Pair(name, folder / f"manuscript.{name}", folder / f"manuscript.{name}")) == []


def test_web_page_and_word_document_of_one_document_say_the_same(folder: Path) -> None:
    assert compare(pairs(folder / "manuscript.html", folder / "manuscript.docx")[0]) == []


@pytest.mark.needs("pdftoppm")
def test_a_pdf_is_asked_for_each_block_of_another_format(folder: Path, page: str, tmp_path: Path) -> None:
    pdf, other = folder / "manuscript.pdf", tmp_path / "manuscript.html"
    assert compare(Pair("html", folder / "manuscript.html", pdf)) == []
    assert compare(Pair("pdf", pdf, folder / "manuscript.docx")) == []
    other.write_text(doctored(page, ("in 70 patients", "in 71 patients"), ("40 (57.1)", "40 (57.2)")))
    found = compare(Pair("pdf", pdf, other))
    assert [(each.kind, each.place) for each in found] == [("number", RESULTS), ("number", "Table 1, row 3")]
    assert ("in70patients" in found[0].one, "in 71 patients" in found[0].other) == (True, True)


QUARTOS_PAGE = """<!DOCTYPE html><html><head><title>x</title><style>p {}</style></head><body>
<header id="title-block-header"><h1 class="title">t</h1><p class="subtitle lead">s</p><p class="author">By A</p>
</header>
<nav id="TOC" role="doc-toc"><h2 id="toc-title">Contents</h2><ul><li><a href="#x">1 Results</a></li></ul>
</nav>
<main><section id="sec-results" class="level1" data-number="1">
<h1 data-number="1"><span class="header-section-number">1</span> Results</h1>
<p>The median was 6.6 months (95% CI 5.59–7.61) in 70 patients, as
<a href="#tbl-one" class="quarto-xref">Table&nbsp;1</a> and
<a href="#fig-one" class="quarto-xref">Figure&nbsp;1</a> show
<span class="citation">[<a href="#ref-cox1972" role="doc-biblioref">1</a>]</span>.</p>
<div id="tbl-one" class="quarto-float"><figure class="quarto-float quarto-float-tbl figure">
<figcaption class="quarto-float-caption-top quarto-float-caption">Table&nbsp;1: Medians by age.</figcaption>
<div aria-describedby="tbl-one-caption"><table class="caption-top table"><thead><tr class="header">
<th style="text-align: left;">Group</th><th>n (%)</th><th>Median</th></tr></thead><tbody>
<tr class="odd"><td>Younger</td><td>30 (42.9)</td><td>5.5</td></tr>
<tr class="even"><td>Older</td><td>40 (57.1)</td><td>7.4</td></tr></tbody></table></div></figure></div>
<div class="callout callout-style-default callout-note callout-titled"><div class="callout-header d-flex">
<div class="callout-icon-container"><i class="callout-icon"></i></div>
<div class="callout-title-container flex-fill"><span class="screen-reader-only">Note</span>How to read it</div></div>
<div class="callout-body-container callout-body"><p>Whole days were counted.</p></div></div>
<div id="fig-one" class="quarto-float quarto-figure"><figure class="quarto-float quarto-float-fig figure">
<div aria-describedby="fig-one-caption"><img src="data:image/svg+xml;base64,AA==" class="img-fluid figure-img"
alt="A curve that falls"></div>
<figcaption class="quarto-float-caption-bottom quarto-float-caption">Figure&nbsp;1: The curve.</figcaption>
</figure></div>
<p>The rate is <span id="eq-rate">{math}</span></p>
<p>and <a href="#eq-rate" class="quarto-xref">Equation&nbsp;1</a> needs no more.<a href="#fn1"
class="footnote-ref" id="fnref1" role="doc-noteref"><sup>1</sup></a></p>
<div id="refs" class="references csl-bib-body" role="list"><div id="ref-cox1972" class="csl-entry" role="listitem">
<div class="csl-left-margin">1. </div><div class="csl-right-inline">Cox DR. Regression models and life-tables. J R Stat
Soc Series B. 1972;34:187–220. <a href="https://doi.org/">https://doi.org/10.1111/j.2517-6161.1972.tb00899.x</a></div>
</div></div></section></main>
<section id="footnotes" class="footnotes" role="doc-endnotes"><hr><ol><li id="fn1"><p>Nor does this note.<a
href="#fnref1" class="footnote-back" role="doc-backlink">↩︎</a></p></li></ol></section>
<script>window.x = "not text";</script></body></html>"""
"""Written by hand in the dress of Quarto's web pages: floats, callouts with an icon and a name for screen readers."""


def test_quartos_dress_of_a_web_page_is_no_difference(page: str) -> None:
    math = page[page.index("<math") : page.index("</math>") + len("</math>")]
    quartos = QUARTOS_PAGE.replace("{math}", math)
    assert told(compare_blocks(blocks_of_html(page), blocks_of_html(quartos))) == []


def test_tabs_are_read_with_their_titles_wherever_these_stand(tmp_path: Path) -> None:
    body = "::: {.panel-tabset}\n\n## One {.unnumbered}\n\nFirst text.\n\n## Two {.unnumbered}\n\nSecond text.\n\n:::\n"
    ours = rendered(body, tmp_path, ("html",)) / "manuscript.html"
    tabs = "".join(
        f'<li role="presentation"><a id="t-{name}-tab" role="tab">{title}</a></li>'
        for name, title in enumerate(("One", "Two"))
    )
    panes = "".join(
        f'<div id="t-{name}" role="tabpanel" aria-labelledby="t-{name}-tab"><p>{text} text.</p></div>'
        for name, text in enumerate(("First", "Second"))
    )
    quartos = f'<h1 class="title">t</h1><p class="subtitle">s</p><ul role="tablist">{tabs}</ul><div>{panes}</div>'
    assert told(compare_blocks(blocks_of_html(ours.read_text()), blocks_of_html(quartos))) == []


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(*paragraphs: str) -> bytes:
    return zipped(
        {"word/document.xml": f"<w:document {W}><w:body>{''.join(paragraphs)}</w:body></w:document>".encode()}
    )


def paragraph(text: str, style: str = "BodyText") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def test_the_frames_that_quarto_puts_around_tables_and_callouts_in_word_are_no_difference() -> None:
    caption, box = paragraph("Table 1: Ages.", "TableCaption"), paragraph("Read it so.")
    inner = table((paragraph("a"), paragraph("1")), (paragraph("b"), paragraph("2")))
    plain = word(caption, inner, box)
    icon = box.replace("<w:r>", "<w:r><w:drawing/></w:r><w:r>")
    framed = word(table((caption + inner,)), paragraph("A. N. Other", "Author"), table((icon,)))
    assert told(compare_blocks(blocks_of_docx(plain), blocks_of_docx(framed))) == []


def test_a_heading_over_a_whole_row_equals_one_in_the_first_cell() -> None:
    rows = "<tr><th>a</th><th>n</th></tr><tr>{}</tr>"
    over, first = (blocks_of_html(f"<table>{rows.format(row)}</table>") for row in
                   ('<th colspan="2">Age</th>', "<td>Age</td><td></td>"))  # fmt: skip
    assert over == first
    span = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
    both = word(table((paragraph("a"), paragraph("n")), (span + paragraph("Age"),)))
    assert compare_blocks(blocks_of_docx(both), over) == []


# ── the files and the command ────────────────────────────────────────────────────────────────


def test_folders_without_a_common_format_and_other_files_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected manuscript\.html.*found html, docx, pdf in .* and none in"):
        pairs(folder, tmp_path)
    with pytest.raises(ConfigError, match="found neither"):
        pairs(folder, tmp_path / "nothing")
    with pytest.raises(ConfigError, match=r"expected \.html, \.docx or \.pdf"):
        compare(Pair("svg", folder / "manuscript.html", folder / "a.svg"))


def test_a_pdf_without_its_reader_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupError, match="--format html docx"):
        compare(Pair("pdf", folder / "manuscript.pdf", folder / "manuscript.pdf"))


def test_command_exits_with_0_if_all_agrees_and_with_the_code_of_a_report_error_if_not(
    folder: Path, page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    for place in (same, other):
        place.mkdir()
        shutil.copyfile(folder / "manuscript.docx", place / "manuscript.docx")
    (same / "manuscript.html").write_text(page, encoding="utf-8")
    (other / "manuscript.html").write_text(doctored(page, ("was 6.6 months", "was 6.7 months")), encoding="utf-8")
    assert main(["compare-renderings", str(folder), str(same)]) == 0
    assert main(["compare-renderings", str(folder), str(other)]) == ReportError.exit_code
    said = capsys.readouterr().out
    assert "DOCX: THE TWO SAY THE SAME" in said
    assert "number: section 1 Results: after “The median was” “6.6”; other: “6.7”" in said
    main(["compare-renderings", str(folder), str(other), "--json", "--format", "html"])
    (pair,) = json.loads(capsys.readouterr().out)
    assert pair["differences"][0] | {"after": ""} == {
        "kind": "number", "place": "section 1 Results", "one": "6.6", "other": "6.7", "after": "",
    }  # fmt: skip


# ── the composed document, rendered once more ────────────────────────────────────────────────

STAND_IN = """#!{python}
import os, pathlib, shutil, sys
if "--version" in sys.argv:
    print("1.9.36")
else:
    here = pathlib.Path.cwd()
    assert here != pathlib.Path(os.environ["HOME"]) and here in pathlib.Path(os.environ["HOME"]).parents
    assert (here / "_quarto.yml").is_file() and (here / "aggregate/figures/a.svg").is_file()
    assert (here / "report/references.bib").is_file() and "--no-execute" in sys.argv
    name = {{"typst": "pdf"}}.get(sys.argv[sys.argv.index("--to") + 1], sys.argv[sys.argv.index("--to") + 1])
    shutil.copyfile("{folder}/manuscript." + name, here / f"report/manuscript.{{name}}")
"""
"""Stands in for Quarto: it renders nothing, and gives back files that were rendered before."""


@pytest.fixture
def cut(folder: Path, tmp_path: Path) -> Path:
    """A finished cut as the pipeline leaves it: the composed document with what stands beside it, and its pictures."""
    made = tmp_path / "cut"
    shutil.copytree(folder / "stage" / "report", made / "report")
    shutil.copytree(folder / "stage" / "aggregate", made / "aggregate")
    shutil.copyfile(folder / "stage" / "_quarto.yml", made / "_quarto.yml")
    (made / "report" / "engine.json").write_text(recorded("pandoc", {"pandoc": "3.9"}), encoding="utf-8")
    return made


def test_the_composed_document_is_rendered_by_quarto_in_a_private_copy(
    cut: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "quarto"
    program.write_text(STAND_IN.format(python=sys.executable, folder=folder), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    before = sorted(file.name for file in cut.rglob("*"))
    made = rendered_again(cut, ROOT / "reports", "quarto", ["html"])
    assert made == {"html": (folder / "manuscript.html").read_bytes()}
    assert sorted(file.name for file in cut.rglob("*")) == before


def test_the_composed_document_is_rendered_by_the_embedded_engine_as_before(cut: Path, folder: Path) -> None:
    made = rendered_again(cut, ROOT / "reports", "pandoc", ["html"])
    assert made["html"] == (folder / "manuscript.html").read_bytes()


def test_only_what_the_embedded_engine_made_can_be_verified_by_rendering_again(cut: Path) -> None:
    assert not can_render_again(Cut(ROOT, cut, "made_up", "2024-01-01"))  # no record says what it was made from
    job = {"rule": "render_report", "code": {}, "settings": {}, "inputs": []}
    write_record(job, cut / "report" / "manuscript.qmd", cut, "")
    assert can_render_again(Cut(ROOT, cut, "made_up", "2024-01-01"))
    (cut / "report" / "engine.json").write_text(recorded("quarto", {"quarto": "1.9"}), encoding="utf-8")
    assert not can_render_again(Cut(ROOT, cut, "made_up", "2024-01-01"))


def test_a_cut_without_a_report_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"engine\.json: missing"):
        _ = Cut(tmp_path, tmp_path, "made_up", "2024-01-01").engine
    with pytest.raises(ConfigError, match=r"manuscript\.qmd: missing"):
        rendered_again(tmp_path, ROOT / "reports", "pandoc", ["html"])
