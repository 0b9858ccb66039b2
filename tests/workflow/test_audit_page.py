"""The audit page in a real browser: search, the way from the manuscript and back, the keyboard, paper, no network."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import run
from cutline.audit.cut import Cut
from cutline.audit.page import audit_page
from tests.workflow.conftest import DEFAULT_CUT
from tests.written_cut import row, write_cut

pytestmark = pytest.mark.needs("Chromium")
VERDICT = {"every output is what its job wrote": [], "the ledger of runs is whole": []}
MANY = 2000
FEW_NODES = 2500
"""A browser lays out as many at once; one node for each word of 2,000 results would be ten times that."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = run.find(run.tool("Chromium"))
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(finished: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the default study with its audit page, as they would be sent to somebody."""
    cut = Cut(finished.path, finished.path / DEFAULT_CUT, "everolimus_exemestane", DEFAULT_CUT.name)
    folder = tmp_path_factory.mktemp("audit") / "report"
    folder.mkdir()
    shutil.copy(cut.folder / "report" / "manuscript.html", folder)
    (folder / "audit.html").write_text(audit_page(cut, VERDICT), encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that may open files only; whatever else it asks for, and whatever it complains of, fails the test."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    asked: list[str] = []
    said: list[str] = []

    def only_files(route: Any) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    opened.route("**/*", only_files)
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.close()
    assert (asked, said) == ([], [])


def address(report: Path, name: str = "audit.html") -> str:
    return (report / name).as_uri()


def title(page: Any) -> str:
    return str(page.locator("#result h3").inner_text())


def hits(page: Any) -> list[str]:
    return list(page.locator("#hits code").all_inner_texts())


# ── search ───────────────────────────────────────────────────────────────────────────────────


def test_a_displayed_number_is_found_first_where_the_manuscript_shows_it(page: Any, report: Path) -> None:
    page.goto(address(report))
    page.fill("#search", "6.6")
    assert hits(page)[0] == "pfs.km.median"
    page.click("#hits li >> nth=0")
    assert page.url.endswith("#pfs.km.median")
    assert title(page) == "Progression-free survival · Kaplan–Meier · median"


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("os.km.median_upper", "os.km.median_upper"),
        ("overall survival upper median", "os.km.median_upper"),
        ("ECOG hazard", "pfs.cox.univariable.ecog.1.hr"),
        ("5.59", "pfs.km.median_lower"),
        ("57.1%", "response.orr.percent"),
    ],
)
def test_results_are_found_by_key_by_words_and_by_number(asked: str, key: str, page: Any, report: Path) -> None:
    page.goto(address(report))
    page.fill("#search", asked)
    assert key in hits(page)[:3]


def test_what_is_not_there_says_so(page: Any, report: Path) -> None:
    page.goto(address(report) + "#pfs.km.mean")
    assert "No result is called “pfs.km.mean”" in page.inner_text("#result")
    page.fill("#search", "pfs.km.mean")
    assert page.inner_text("#found").startswith("0 of ")


# ── from the manuscript and back ─────────────────────────────────────────────────────────────


def test_a_number_of_the_manuscript_leads_to_its_chain_and_back_to_itself(page: Any, report: Path) -> None:
    page.goto(address(report, "manuscript.html"))
    page.click('a.result[data-key="pfs.km.median"] >> nth=1')
    assert title(page) == "Progression-free survival · Kaplan–Meier · median"
    facts = page.inner_text("#result")
    for told in (
        "6.6036",
        "all included patients",
        "Kaplan-Meier",
        "months (95% CI 5.59–7.61)",
        "Figure 2",
    ):
        assert told in facts
    assert page.locator("#result svg .own .name").text_content() == "Estimate survival"
    page.click("#result .places a >> nth=1")
    assert page.url.endswith("manuscript.html#pfs.km.median:2")
    assert page.locator(":target").inner_text() == "6.6"


def test_a_cell_of_a_table_leads_to_its_first_result(page: Any, report: Path) -> None:
    page.goto(address(report, "manuscript.html"))
    cell = page.locator('td a.result[data-key^="baseline.ecog.0.n "]')
    shown = cell.inner_text()
    cell.click()
    assert page.url.endswith("#baseline.ecog.0.n")
    assert page.inner_text("#result .places li:has-text('Table 1') q") == shown


def test_every_link_between_the_two_pages_leads_somewhere(report: Path) -> None:
    manuscript, audit = ((report / name).read_text(encoding="utf-8") for name in ("manuscript.html", "audit.html"))
    there = set(re.findall(r'href="audit\.html#([^"]*)"', manuscript))
    keys = set(re.findall(r'"key":"([^"]*)"', audit))
    assert len(there) > 150
    assert there <= keys
    back = set(re.findall(r'"link":"manuscript\.html#([^"]*)"', audit))
    assert len(back) > len(there)
    assert back <= set(re.findall(r'\bid="([^"]*)"', manuscript))


def test_number_shows_its_key_and_source_when_pointed_at_and_when_it_has_the_focus(page: Any, report: Path) -> None:
    page.goto(address(report, "manuscript.html"))
    number = page.locator('a.result[data-key="pfs.km.median"]').first
    tip = "element => getComputedStyle(element, '::after').content"
    assert number.evaluate(tip) == "none"
    number.hover()
    assert number.evaluate(tip) == '"pfs.km.median\\a estimate_survival, n = 70"'
    page.mouse.move(0, 0)
    assert number.evaluate(tip) == "none"
    page.keyboard.press("Tab")
    number.focus()
    assert number.evaluate(tip) == '"pfs.km.median\\a estimate_survival, n = 70"'


@pytest.mark.parametrize("width", [420, 1200])
def test_no_page_is_wider_than_the_window(width: int, page: Any, report: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("audit.html", "audit.html#pfs.cox.multivariable.ecog.1.hr", "manuscript.html"):
        page.goto(f"{report.as_uri()}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# ── keyboard only ────────────────────────────────────────────────────────────────────────────


def test_everything_is_reached_by_the_keyboard_alone(page: Any, report: Path) -> None:
    page.goto(address(report))
    press = page.keyboard.press
    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    press("/")
    page.keyboard.type("median overall")
    first = page.get_attribute("#search", "aria-activedescendant")
    press("ArrowDown")
    second = page.get_attribute("#search", "aria-activedescendant")
    assert (first, second) == ("hit-0", "hit-1")
    assert page.get_attribute("#hit-1", "aria-selected") == "true"
    key = page.inner_text("#hit-1 code")
    press("Enter")
    assert page.inner_text("#result .key") == key
    assert page.evaluate("document.activeElement.tagName") == "H3"
    press("Tab")
    assert page.evaluate("document.activeElement.closest('.places') !== null")
    press("Escape")
    assert page.evaluate("document.activeElement.id") == "search"
    press("Escape")
    assert page.input_value("#search") == ""


def test_arrows_go_on_past_the_hits_that_are_written(page: Any, report: Path) -> None:
    page.goto(address(report))
    page.focus("#search")
    written = page.locator("#hits li").count()
    for _ in range(written + 5):
        page.keyboard.press("ArrowDown")
    assert page.get_attribute("#search", "aria-activedescendant") == f"hit-{written + 4}"
    assert page.locator("#hits li").count() > written


def test_a_box_of_the_chain_opens_the_job(page: Any, report: Path) -> None:
    page.goto(address(report) + "#pfs.km.median")
    page.focus("#result svg a[href='#job-derive_endpoints']")
    page.keyboard.press("Enter")
    page.wait_for_url("**#job-derive_endpoints")
    page.wait_for_selector("#job-derive_endpoints pre", state="visible")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert title(page).startswith("Progression-free survival")


# ── 2,000 results ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cut with 2,000 results and its audit page."""
    monkeypatch.chdir(tmp_path)
    cut = write_cut(tmp_path)
    rows = [row(f"pfs.km.x={number}.median", number + 0.5, analysis="km", endpoint="pfs") for number in range(MANY)]
    with (cut.folder / "aggregate" / "ard.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (cut.folder / "report" / "audit.html").write_text(audit_page(cut, VERDICT), encoding="utf-8")
    return cut.folder / "report"


def test_of_2000_results_only_those_looked_at_are_in_the_document(page: Any, many: Path) -> None:
    page.goto(address(many))
    nodes = "document.getElementsByTagName('*').length"
    assert page.inner_text("#found") == "2,000 of 2,000 results"
    assert page.evaluate(nodes) < FEW_NODES
    page.keyboard.press("/")
    for letter in "median 1":
        page.keyboard.type(letter)
        assert page.evaluate(nodes) < FEW_NODES
    assert int(page.inner_text("#found").split()[0].replace(",", "")) > 500


def test_the_last_of_2000_results_is_found_by_its_number(page: Any, many: Path) -> None:
    page.goto(address(many))
    page.fill("#search", "1999.5")
    assert hits(page) == ["pfs.km.x=1999.median"]


# ── paper ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.needs("pdftoppm")
def test_printed_page_says_the_key_facts(page: Any, report: Path, tmp_path: Path) -> None:
    page.goto(address(report) + "#pfs.km.median")
    page.pdf(path=str(tmp_path / "audit.pdf"), format="A4")
    text = subprocess.run(["pdftotext", "-layout", "audit.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    said = " ".join(text.stdout.decode().replace("\u00a0", " ").split())
    for told in ("Data cut-off 31 May 2025", "All holds", "pfs.km.median", "6.6 months", "6.60369609",
                 "70: all included patients", "WHERE IT APPEARS", "HER2-positive disease 41 0 131", "Estimate survival",
                 "estimate_survival", "pandas", "Linux", "Ledger of runs"):  # fmt: skip
        assert told in said
    assert "Find a number" not in said


@pytest.mark.needs("pdftoppm")
def test_printed_manuscript_has_no_key_and_no_underline(page: Any, report: Path) -> None:
    page.goto(address(report, "manuscript.html"))
    page.emulate_media(media="print")
    line = "getComputedStyle(document.querySelector('a.result')).textDecorationLine"
    assert page.evaluate(line) == "none"


# ── what must not be in it ───────────────────────────────────────────────────────────────────


def test_page_has_no_pseudonym_no_record_and_no_folder_of_this_machine(finished: Any, report: Path) -> None:
    import pandas as pd

    text = (report / "audit.html").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w-]+", text))
    for table in sorted((finished.path / DEFAULT_CUT / "patient" / "snapshot").glob("*.parquet")):
        records = pd.read_parquet(table, columns=["patient_id", "record_id"])
        assert words.isdisjoint(records["patient_id"]), table.stem
        assert words.isdisjoint(records["record_id"]), table.stem
    assert str(finished.path) not in text


def test_manuscript_says_the_digest_of_the_results_it_was_made_from(finished: Any) -> None:
    cut = finished.path / DEFAULT_CUT
    digest = hashlib.sha256((cut / "aggregate" / "ard.csv").read_bytes()).hexdigest()
    assert f"begins with [{digest[:16]}]" in (cut / "report" / "manuscript.qmd").read_text(encoding="utf-8")
