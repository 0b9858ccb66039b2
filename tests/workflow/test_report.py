"""The three documents as people open them: a browser, a word processor, a reader of PDF."""

import re
import subprocess

import pytest

import run
from cutline.renderings.files import Pair, compare
from tests.workflow.conftest import DEFAULT_CUT

CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking"]  # fmt: skip
SENTENCES = [
    "172 patients screened, 70 were included",
    "6.6 months (95% CI 5.59–7.61)",
    "22.6 months (95% CI 11.92–33.35)",
]


@pytest.fixture(scope="module")
def report(finished):
    return finished.path / DEFAULT_CUT / "report"


def plain(text):
    """The text with single, ordinary spaces."""
    return re.sub(r"[\s\u00a0\u202f\u2060]+", " ", text)


def pdf_text(path):
    return plain(subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout)


@pytest.mark.needs("Chromium")
def test_a_browser_shows_the_numbers_with_their_keys_and_asks_no_network_for_anything(report, tmp_path):
    browser = run.find(run.tool("Chromium"))
    arguments = [*CHROMIUM, f"--user-data-dir={tmp_path}", "--dump-dom", f"file://{report / 'manuscript.html'}"]
    page = subprocess.run([browser, *arguments], capture_output=True, text=True, check=True, timeout=120).stdout
    assert re.search(r'<a[^>]*data-key="pfs\.km\.median"[^>]*>6\.6</a>', page)
    assert not re.findall(r'(?:src|srcset)="https?:', page)
    text = plain(re.sub(r"<[^>]+>", "", page))
    assert [sentence for sentence in SENTENCES if sentence not in text] == []


@pytest.mark.needs("LibreOffice", "pdftoppm")
def test_the_word_file_opens_and_says_the_same(report, tmp_path):
    office = run.find(run.tool("LibreOffice"))
    arguments = [f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "--outdir"]
    done = [office, *arguments, str(tmp_path), str(report / "manuscript.docx")]
    subprocess.run(done, capture_output=True, check=True, timeout=180)
    text = pdf_text(tmp_path / "manuscript.pdf")
    assert [sentence for sentence in SENTENCES if sentence not in text] == []


@pytest.mark.needs("pdftoppm")
def test_the_pdf_says_the_same_and_embeds_its_fonts(report):
    text = pdf_text(report / "manuscript.pdf")
    assert [sentence for sentence in SENTENCES if sentence not in text] == []
    fonts = subprocess.run(
        ["pdffonts", str(report / "manuscript.pdf")], capture_output=True, text=True, check=True
    ).stdout
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(row.split()[-5] == "yes" for row in rows), fonts


@pytest.mark.parametrize("name", ["manuscript.qmd", "manuscript.html"])
def test_no_shortcode_is_left(report, name):
    assert "{{<" not in (report / name).read_text(encoding="utf-8")


@pytest.mark.needs("pdftoppm")
@pytest.mark.parametrize("other", ["docx", "pdf"])
def test_every_paragraph_caption_and_cell_of_the_web_page_is_in_the_other_formats(report, other):
    found = compare(Pair(other, report / "manuscript.html", report / f"manuscript.{other}"))
    assert [(each.place, each.one, each.other) for each in found] == []
