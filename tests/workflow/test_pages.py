"""The documents of the three studies, one in Turkish too, as people see them, as far as a machine can judge."""

import io
import re
from importlib import resources

import pytest
from PIL import Image

import run
from cutline.renderings.compare_blocks import compare_blocks
from cutline.renderings.files import blocks_of
from tests.pages import fonts_not_embedded, missing_from_pdf, outside_the_page, words_of_pdf
from tests.word_rules import broken_rules
from tests.workflow.conftest import BOLERO2_CUT, DEFAULT_CUT, GBSG2_CUT

STUDIES = {
    "finished": DEFAULT_CUT,
    "finished_gbsg2": GBSG2_CUT,
    "finished_bolero2": BOLERO2_CUT,
    "turkish": DEFAULT_CUT,
}
PHONE, SCREEN = 360, 1280
BEYOND_THE_EDGE = """() => [...document.querySelectorAll("body *")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !each.closest(".table-region");
}).map(each => each.tagName + ": " + each.textContent.slice(0, 40))"""


@pytest.fixture(scope="module", params=STUDIES)
def report(request):
    return request.getfixturevalue(request.param).path / STUDIES[request.param] / "report"


@pytest.fixture
def draft(request, report):
    """What stands behind the text of a draft."""
    return "TASLAK" if "turkish" in request.node.callspec.params.values() else "DRAFT"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        program = run.find(run.tool("Chromium"))
        with started.chromium.launch(executable_path=program, args=["--no-sandbox"]) as opened:
            yield opened


@pytest.fixture
def page(browser, report):
    """The web page as from a double click, without a network."""
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.goto(f"file://{report / 'manuscript.html'}")
    yield opened
    context.close()


# ── the web page ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.needs("Chromium")
@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_nothing_lies_beyond_the_edge_of_a_phone_or_a_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(BEYOND_THE_EDGE) == []


@pytest.mark.needs("Chromium")
def test_the_page_asks_for_nothing_and_shows_every_picture(page):
    assert [address for address in page.asked if not address.startswith(("file:", "data:"))] == []
    assert page.evaluate("[...document.images].every(each => each.naturalWidth > 0 && each.alt.length > 20)")


@pytest.mark.needs("Chromium")
def test_the_page_passes_the_rules_of_accessibility(page):
    axe = pytest.importorskip("axe_playwright_python")
    page.evaluate((resources.files(axe) / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found] == []


@pytest.mark.needs("Chromium", "pdftoppm")
def test_the_printed_page_is_whole_and_marked_as_a_draft(page, draft, tmp_path):
    page.pdf(
        path=tmp_path / "printed.pdf", format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "2cm")
    )
    assert outside_the_page(words_of_pdf(tmp_path / "printed.pdf")) == []
    assert draft in page.evaluate("getComputedStyle(document.body, '::before').content")


# ── the same in three formats ────────────────────────────────────────────────────────────────


def test_the_word_file_says_what_the_web_page_says(report):
    pages = [blocks_of(report / f"manuscript.{form}") for form in ("html", "docx")]
    assert compare_blocks(*pages) == []


@pytest.mark.needs("pdftoppm")
def test_the_pdf_says_what_the_web_page_says(report, draft):
    assert missing_from_pdf(report / "manuscript.html", report / "manuscript.pdf", draft) == []


@pytest.mark.needs("pdftoppm")
def test_no_word_of_the_pdf_lies_in_the_edge_of_a_page_and_every_sign_has_its_font(report):
    words = words_of_pdf(report / "manuscript.pdf")
    assert outside_the_page(words) == []
    assert [word.text for word in words if "\ufffd" in word.text] == []
    assert fonts_not_embedded(report / "manuscript.pdf") == []


# ── Word, Excel and pictures alone ───────────────────────────────────────────────────────────


def test_word_opens_the_report_and_every_table_without_repair(report):
    files = [report / "manuscript.docx", *(report / "tables").glob("*.docx")]
    assert {file.name: broken for file in files if (broken := broken_rules(file.read_bytes()))} == {}


def test_every_table_and_figure_is_there_in_every_form_under_the_name_in_the_list(report):
    listed = re.findall(r"(?:tables|figures)/[\w.]+", (report / "exhibits.csv").read_text(encoding="utf-8"))
    there = [file for folder in ("tables", "figures") for file in (report / folder).iterdir()]
    names = {file.relative_to(report).as_posix() for file in there if not file.name.endswith(".prov.json")}
    assert names == set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.needs("pdftoppm")
def test_a_figure_alone_has_its_fonts_and_600_dots_per_inch(report):
    for file in (report / "figures").glob("*.pdf"):
        assert fonts_not_embedded(file) == [], file.name
    for file in (report / "figures").glob("*.tiff"):
        with Image.open(io.BytesIO(file.read_bytes())) as picture:
            assert (picture.mode, picture.info["compression"]) == ("RGB", "tiff_lzw")
            assert [round(float(dots)) for dots in picture.info["dpi"]] == [600, 600]
            assert picture.width == pytest.approx(170 / 25.4 * 600, abs=1)
