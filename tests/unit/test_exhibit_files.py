"""Tables and figures as files of their own: what journals and Word take, whatever a study puts into them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from PIL import Image

from cutline.archive import unzipped
from cutline.display import style
from cutline.display.catalogue import Exhibit, every_exhibit, files_alone
from cutline.display.figures import draw_figures
from cutline.display.grid import Cell, Grid, GridRow, Note
from cutline.display.journal import table_alone
from cutline.display.tables import present_tables
from tests.unit import display_study as study
from tests.word_rules import broken_rules

STYLES = {path.name: path.read_text(encoding="utf-8") for path in study.STYLES}
TABLE = Exhibit(3, "table", "cox", "pfs", supplementary=True)
LONG_DRUG = "Trastuzumab-deruxtecan-with-hyaluronidase-and-recombinant-human-something in fixed combination"
ODD = 'Şule & “Öğün” <b>|≥ 5 µg/m² ~ 1.0*10^3_x – "quoted" İ'


def grid(*rows: GridRow, **changes: Any) -> Grid:
    made = Grid("Hazard ratios", ("Characteristic", "n", "HR (95% CI)", "p"), rows, (Note("All of them."),), "Draft")
    return replace(made, **changes)


def row(name: str, *texts: str, **looks: Any) -> GridRow:
    return GridRow(Cell(name), tuple(map(Cell, texts)), **looks)


def alone(table: Grid, form: str, **changes: Any) -> bytes:
    settings = study.settings(report={"files": [form]}, **changes)
    (content,) = table_alone(TABLE, table, settings, STYLES).values()
    return content if isinstance(content, bytes) else content.encode()


def document(table: Grid, **changes: Any) -> str:
    return unzipped(alone(table, "docx", **changes))["word/document.xml"].decode()


def sheet(table: Grid) -> Any:
    return openpyxl.load_workbook(io.BytesIO(alone(table, "xlsx")), rich_text=True).worksheets[0]


PLAIN = grid(row("Age", "70", "1.02 (0.98–1.06)", "0.43"))


# ── names ────────────────────────────────────────────────────────────────────────────────────


def test_files_are_named_as_journals_ask():
    names = files_alone(TABLE, study.settings(report={"files": ["docx", "csv", "tiff"]}))
    assert names == {"Table_S3_docx": "tables/Table_S3.docx", "Table_S3_csv": "tables/Table_S3.csv"}
    assert list(files_alone(Exhibit(1, "figure", "flow"), {"report": {}}).values()) == [
        "figures/Figure_1.svg", "figures/Figure_1.pdf", "figures/Figure_1.png", "figures/Figure_1.tiff"
    ]  # fmt: skip


def test_no_two_exhibits_share_a_file_name():
    names = [exhibit.file_name for exhibit in every_exhibit(study.settings())]
    assert len(names) == len(set(names))


# ── Word ─────────────────────────────────────────────────────────────────────────────────────

FORTY = grid(*[row(f"Term {number}", str(number), "1.00 (0.50–2.00)", ">0.99") for number in range(40)])
CASES = {
    "a plain table": PLAIN,
    "forty rows": FORTY,
    "no row at all": grid(),
    "special characters": grid(row(ODD, "1", ODD, "–"), caption=ODD),
    "a long drug name": grid(row(LONG_DRUG, "0", "NE", "NE", indented=True)),
    "groups and marks": grid(
        row("Arm", heading=True), row("a", "0", "", "", indented=True), row("part", indented=True),
        GridRow(Cell("b", ("a",)), (Cell("0 (0.0)", ("b", "c")), Cell(), Cell()), indented=True),
    ),
    "a wide table": Grid("Wide", tuple(f"Heading {n}" for n in range(9)), (row("x", *["12.3 (10.0–14.9)"] * 8),)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_word_opens_a_table_without_repair(case):
    assert broken_rules(alone(CASES[case], "docx")) == []


def test_the_header_repeats_and_no_row_breaks():
    rows = re.findall(r"<w:tr>.*?</w:tr>", document(FORTY))
    assert ["<w:tblHeader/>" in each for each in rows] == [True] + [False] * 40
    assert all("<w:cantSplit/>" in each for each in rows)


def test_word_can_list_the_caption_and_keeps_it_with_its_table():
    text = document(PLAIN)
    assert '<w:pStyle w:val="TableCaption"/><w:keepNext/>' in text
    assert r'<w:fldSimple w:instr=" SEQ Table \* ARABIC \r 3 ">' in text
    assert "Table\u00a0S" in text
    assert '<w:tblCaption w:val="Hazard ratios"/>' in text


def test_every_sign_of_a_table_is_in_the_word_file():
    text = re.sub("<[^>]+>", "", document(CASES["special characters"]))
    assert ODD.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in text


def test_a_wide_table_lies_on_its_side_and_a_narrow_one_stands():
    assert 'w:orient="landscape"' in document(CASES["a wide table"])
    assert "w:orient" not in document(PLAIN)


def test_words_stand_to_the_left_and_numbers_to_the_right():
    table = grid(row("x", "3", "NE", "Yardley 2013"), row("y", "4", "1.0", "Baselga 2012"))
    cells = re.findall(r"<w:tc>.*?</w:tc>", document(table))[4:8]
    assert ['<w:jc w:val="right"/>' in cell for cell in cells] == [False, True, True, False]


# ── Excel ────────────────────────────────────────────────────────────────────────────────────


def test_a_number_is_a_number_with_the_decimals_printed():
    place = sheet(PLAIN)
    assert (place["B4"].value, place["B4"].data_type) == (70, "n")
    assert (place["D4"].value, place["D4"].number_format) == (0.43, "0.00")
    assert place["C4"].value == "1.02 (0.98–1.06)"


def test_a_section_in_a_table_of_prose_stays_a_text():
    place = sheet(grid(row("It held", "Yes", "3.10"), prose=True))
    assert (place["C4"].value, place["C4"].data_type) == ("3.10", "s")


def test_what_begins_like_a_formula_stays_a_text():
    place = sheet(grid(row("=1+1", "@x", "+2", "-")))
    assert [place.cell(4, column).data_type for column in range(1, 5)] == ["s", "s", "s", "s"]


def test_the_marks_of_footnotes_are_raised_and_the_notes_stand_below():
    place = sheet(grid(GridRow(Cell("x", ("a",)), (Cell("1"),)), notes=(Note("Why.", "a"),)))
    assert str(place["A4"].value) == "xa"
    assert place["A4"].value[1].font.vertAlign == "superscript"
    assert [place["A5"].value, place["A6"].value] == ["Draft.", "(a) Why."]


def test_the_header_is_printed_on_every_page_and_stays_in_sight():
    place = sheet(FORTY)
    assert (place.freeze_panes, place.print_title_rows) == ("B4", "$3:$3")
    assert place["A1"].value == "Table S3: Hazard ratios."


# ── all forms ────────────────────────────────────────────────────────────────────────────────


def test_equal_tables_give_equal_bytes_in_every_form():
    for form in ("docx", "xlsx", "csv"):
        assert alone(CASES["groups and marks"], form) == alone(CASES["groups and marks"], form)


def test_the_forms_of_a_table_hold_the_same_cells():
    texts = ["Age", "70", "1.02 (0.98–1.06)", "0.43"]
    in_word = re.findall(r"<w:t [^>]*>([^<]*)</w:t>", re.findall(r"<w:tr>.*?</w:tr>", document(PLAIN))[1])
    in_csv = [*csv.reader(io.StringIO(alone(PLAIN, "csv").decode()))][1]
    assert in_word == texts
    assert [text for text in in_csv if text] == texts
    assert [str(cell.value) for cell in sheet(PLAIN)[4]] == texts


def test_a_study_that_asks_for_no_files_gets_none():
    assert table_alone(TABLE, PLAIN, study.settings(report={"files": []}), STYLES) == {}


# ── drafts ───────────────────────────────────────────────────────────────────────────────────

VERIFIED = {"data_cutoff": "2025-05-31", "by": "the study statistician", "date": "2025-07-01"}


def header(**changes: Any) -> str:
    return unzipped(alone(PLAIN, "docx", **changes))["word/header1.xml"].decode()


def test_a_draft_is_watermarked_until_the_cut_that_is_run_was_verified():
    assert 'string="DRAFT"' in header()
    assert 'string="DRAFT"' in header(verified=VERIFIED, data_cutoff="2025-12-31"), "a later cut is a draft again"
    assert 'string="DRAFT"' in header(verified=VERIFIED, data_cutoff="2025-05-31", known_by="2025-08-31")
    assert "DRAFT" not in header(verified=VERIFIED, data_cutoff="2025-05-31")
    assert "DRAFT" not in header(verified=VERIFIED, data_cutoff="2025-05-31", known_by="2025-05-31")


@pytest.mark.parametrize(
    ("synthetic", "verified", "said"),
    [
        (True, {}, "Draft. Synthetic data"),
        (False, {}, "Draft"),
        (True, VERIFIED, "Synthetic data"),
        (False, VERIFIED, ""),
    ],
)
def test_every_table_and_figure_carries_the_marks_that_hold(synthetic, verified, said):
    settings = study.settings(synthetic=synthetic, verified=verified, data_cutoff="2025-05-31")
    baseline = {"summarise_baseline": study.baseline()}
    made = present_tables(settings=settings, styles=study.STYLES, **baseline)["table_1_baseline_md"]
    assert (f"**{said}.**" in made) == bool(said)
    assert ("Draft" in made, "Synthetic" in made) == ("Draft" in said, "Synthetic" in said)


# ── figures ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pictures() -> dict[str, Any]:
    settings = study.settings(report={"files": ["svg", "pdf", "png", "tiff"]}, models={}, response=None)
    settings = {name: value for name, value in settings.items() if name != "response"}
    parts = {"summarise_baseline": study.baseline(), "estimate_survival": study.survival()}
    return draw_figures(settings=settings, curves=[study.curves()], **parts)


def test_a_figure_alone_is_the_one_of_the_report(pictures):
    for form in ("svg", "png"):
        assert pictures[f"Figure_2_{form}"] == pictures[f"figure_2_survival_pfs_{form}"]


def test_the_tiff_has_600_dots_per_inch_in_three_colours_without_loss(pictures):
    with Image.open(io.BytesIO(pictures["Figure_1_tiff"])) as picture:
        assert (picture.mode, picture.info["compression"], picture.info["dpi"]) == ("RGB", "tiff_lzw", (600, 600))
        assert picture.getpixel((1, 1)) == (255, 255, 255)


def test_no_picture_tells_when_or_by_what_it_was_made(pictures):
    for name in ("Figure_1_pdf", "Figure_1_svg", "Figure_1_tiff"):
        assert not re.search(rb"(?i)creationdate|moddate|matplotlib v|dc:date|software", pictures[name]), name


def test_letters_of_a_pdf_are_letters_of_whole_fonts(pictures):
    assert b"/Subtype /Type3" not in pictures["Figure_2_pdf"]
    assert b"/FontFile2" in pictures["Figure_2_pdf"]


# ── colours ──────────────────────────────────────────────────────────────────────────────────

SEEN_ON_WHITE = 3.0
"""The contrast that WCAG 2.2 asks of what is no text (1.4.11)."""
TOLD_APART = 20.0
"""CIE lightness, or distance in CIELAB, at which lines of a plot are told apart at a glance."""
IN_GREY = 3
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
"""Machado, Oliveira and Fernandes 2009, severity 1, of linear red, green and blue."""
Three = tuple[float, float, float]


def linear(colour: str) -> Three:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def through(matrix: tuple[Three, ...], values: Three) -> Three:
    red, green, blue = (sum(weight * value for weight, value in zip(line, values, strict=True)) for line in matrix)
    return red, green, blue


def lab(light: Three) -> Three:
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    scaled = [max(value, 0.0) / white for value, white in zip(through(to_xyz, light), (0.9505, 1, 1.089), strict=True)]
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: Three, other: Three) -> float:
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def pairs(number: int) -> list[tuple[int, int]]:
    return [(one, other) for other in range(number) for one in range(other)]


def test_every_colour_is_seen_on_white():
    contrast = [1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) for r, g, b in map(linear, style.COLOURS)]
    assert min(contrast) >= SEEN_ON_WHITE


def test_the_first_three_groups_differ_in_a_grey_print_by_colour_alone():
    lightness = [lab(linear(colour))[0] for colour in style.COLOURS]
    assert min(abs(lightness[one] - lightness[other]) for one, other in pairs(IN_GREY)) >= TOLD_APART


def test_groups_whose_greys_are_alike_differ_in_their_line():
    for one, other in pairs(len(style.LINES)):
        assert style.line_of(one)[1] != style.line_of(other)[1]


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_first_four_groups_are_told_apart_with_any_colour_vision(blindness):
    seen = [through(BLINDNESS[blindness], linear(colour)) for colour in style.COLOURS[:4]]
    assert min(distance(seen[one], seen[other]) for one, other in pairs(4)) >= TOLD_APART
