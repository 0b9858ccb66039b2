"""Whether everything under a cut still holds: each check is a generator of findings, none means it holds."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cutline.audit.crate import WORKFLOW_FILES
from cutline.audit.cut import ENGINE, MANUSCRIPT, RUNS, Cut, read_lines
from cutline.audit.freeze import SEAL, broken_seal
from cutline.audit.passages import plain
from cutline.audit.reasons import given_now, left_over, missing_rules, now_in, outlook, study_of
from cutline.audit.runs import PAGES, TELLS_OF_RUN, broken_links, record_digests, unexplained
from cutline.display.numbers import format_result
from cutline.errors import ProvenanceError, StudyError
from cutline.exports.plan import WRITTEN_BY_R
from cutline.languages import ENGLISH, speaking
from cutline.provenance import IN_CUT, SUFFIX
from cutline.report_engine import EMBEDDED
from cutline.study_rules import COMPARING

WEB_PAGE = "report/manuscript.html"
RENDERED = {name: f"report/manuscript.{name}" for name in ("html", "docx", "pdf")} | {
    f"checklists_{name}": f"report/checklists.{name}" for name in ("html", "docx")
}
"""The files of the report that are the same bytes whenever the embedded engine renders them, by output."""
OF_THE_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")
OPENED = (".~lock.", "~$")
"""How a file begins that an office program keeps beside one that is open."""
ANEW = "Delete it and run again: it will be made anew."


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: the file, and a sentence on what was found and what to do."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


Findings = Iterator[Finding]


def verify(cut: Cut, known_head: str = "", study: Mapping[str, Any] | None = None) -> dict[str, list[Finding]]:
    """Every check by name with what it found, in a fixed order.

    `known_head` is a hash of the ledger that was kept elsewhere: it must be among its entries. `study` is what the cut
    is held against, by default the study as it is configured now.
    """
    checks: dict[str, Callable[[], Findings]] = {
        "every output is what its job wrote": lambda: _outputs(cut),
        "nothing is missing, nothing was added": lambda: _additional(cut, study or study_of(cut)),
        "every job read what the job before it wrote": lambda: _chain(cut),
        "the ledger of runs is whole, and explains every file": lambda: _ledger(cut, known_head),
        "the seal, if there is one, is unbroken": lambda: _seal(cut),
        "the same code, libraries, settings and inputs would give it again": lambda: _outdated(
            cut, study or study_of(cut)
        ),
        "every number in the report is the one in the results": lambda: numbers(cut),
    }
    return {name: list(safely(check, cut)) for name, check in checks.items()}


def crate_holds(cut: Cut) -> Findings:
    """Files that the crate describes and that are not, or no longer, as it says."""
    from cutline.audit.crate import CRATE, differing

    for path in differing(cut):
        yield Finding(path, f"not what {CRATE} says of it. See what else does not hold; then `cutline audit`.")


def page_holds(cut: Cut, found: Mapping[str, list[Finding]]) -> Findings:
    """The audit page, if it says another thing than it would if it were written now, with what was found."""
    from cutline.audit.page import audit_page

    file = cut.folder / PAGES[0]
    if file.is_file() and file.read_text(encoding="utf-8") != audit_page(cut, found):
        yield Finding(PAGES[0], "not what it would say now. See what else does not hold; then `cutline audit`.")


def can_render_again(cut: Cut) -> bool:
    """Whether the embedded engine made the report: Quarto need not give the same bytes again."""
    return MANUSCRIPT in cut.records and (cut.folder / ENGINE).is_file() and cut.engine == EMBEDDED


def rendered_again(cut: Cut) -> Findings:
    """The report's files that differ from what the results give when rendered now by the embedded engine."""
    rendered = _render(cut, cut.records[MANUSCRIPT])
    for name, path in RENDERED.items():
        file = cut.folder / path
        if name in rendered and file.is_file() and file.read_bytes() != rendered[name]:
            yield Finding(path, f"rendered again from the results, it comes out different. {ANEW}")


def safely(check: Callable[[], Findings], cut: Cut) -> Findings:
    """The findings of a check; a mistake or a missing file that stops it is a finding too."""
    try:
        yield from check()
    except (StudyError, OSError) as error:
        yield Finding(cut.name, str(error))


# ── files and records ────────────────────────────────────────────────────────────────────────


def _outputs(cut: Cut) -> Findings:
    for path, record in cut.records.items():
        file = cut.folder / path
        if not file.is_file():
            yield Finding(path, f"missing, but its record is there (rule {record['rule']}). Run again.")
        elif cut.sha256(file) != record["output"]["sha256"]:
            yield Finding(path, f"edited after rule {record['rule']} wrote it. {ANEW}")


def _additional(cut: Cut, study: Mapping[str, Any]) -> Findings:
    for file in sorted(path for path in cut.folder.rglob("*") if path.is_file()):
        path = file.relative_to(cut.folder).as_posix()
        if path in cut.records or path.removesuffix(SUFFIX) in cut.records or _may_stand_without_record(path):
            continue
        if path.endswith(".partial"):
            yield Finding(path, "left behind by a run that was cut short. Delete it.")
        else:
            yield Finding(path, "no record says who made it. Delete it, or keep it elsewhere.")
    for path, record in cut.records.items():
        if record["rule"] == TELLS_OF_RUN and path not in PAGES:
            yield Finding(path, "its record names no rule of the study. Delete it, or keep it elsewhere.")
    for path in left_over(cut, now_in(cut.root, study)):
        yield Finding(path, "left over from other settings or code: no run makes it any more. Delete it.")
    for rule in [rule for rule in missing_rules(cut, study) if rule not in COMPARING]:
        yield Finding(rule, "this rule of the study has no output here. Run again.")


def _may_stand_without_record(path: str) -> bool:
    """What no job makes: the ledger, the seal, what tables.R wrote, logs, tracebacks, others' hidden files; and the
    workflow's files that the crate describes."""
    place = PurePosixPath(path)
    return (
        path in (RUNS, SEAL, WRITTEN_BY_R)
        or (place.parts[0] == "code" and any(place.match(f"code/{pattern}") for pattern in WORKFLOW_FILES))
        or place.parts[0] == "logs"
        or (str(place.parent) == "patient" and path.endswith(".traceback.txt"))
        or place.name in OF_THE_SYSTEM
        or place.name.startswith(OPENED)
    )


def _chain(cut: Cut) -> Findings:
    for path, record in cut.records.items():
        for entry in record["inputs"]:
            producer = cut.producer(entry["path"])  # of another cut too, as long as it is kept here
            if producer and producer["output"]["sha256"] != entry["sha256"]:
                yield Finding(path, f"made from another {entry['path']} than the one recorded now. Run again.")
            elif producer is None and entry["path"].startswith(IN_CUT):
                yield Finding(path, f"made from {entry['path']}, which has no record any more. Run again.")


def _ledger(cut: Cut, known_head: str) -> Findings:
    entries = read_lines(cut.folder / RUNS)
    for number in broken_links(entries):
        yield Finding(RUNS, f"entry {number} was altered, or the entry before it was altered or removed.")
    if not entries:
        yield Finding(RUNS, "missing or empty: no run vouches for these files. Run again.")
        return
    if known_head and not any(str(entry.get("hash", "")).startswith(known_head.lower()) for entry in entries):
        yield Finding(RUNS, f"the head {known_head[:16]}… is not in it: the ledger was written anew.")
    listed, there = entries[-1].get("records", {}), record_digests(cut)
    for path in sorted({*listed, *there}):
        if listed.get(path) != there.get(path):
            what = "removed" if path not in there else "added" if path not in listed else "altered"
            yield Finding(path + SUFFIX, f"{what} after the last run of the ledger (entry {len(entries)}).")
    for path, number in unexplained(entries).items():
        if path in there:
            yield Finding(path, f"changed before entry {number}, though no job of that run makes it. {ANEW}")


def _seal(cut: Cut) -> Findings:
    for path, what in broken_seal(cut.folder).items():
        yield Finding(path, f"{what} after the cut was sealed.")


# ── code, libraries, settings, inputs ────────────────────────────────────────────────────────


def _outdated(cut: Cut, study: Mapping[str, Any]) -> Findings:
    for rule, why in outlook(cut, now_in(cut.root, study), given_now(cut, study)).reasons.items():
        yield Finding(rule, f"would run again, and its results may change: {'; '.join(why)}.")


# ── the numbers a reader sees ────────────────────────────────────────────────────────────────

_SPAN = re.compile(r'<(?:a|span)[^>]*\bdata-key="([^"]*)"[^>]*>(.*?)</(?:a|span)>', re.DOTALL)
_LANGUAGE = re.compile(r'<html\b[^>]*\blang="(\w+)')
_FORMAT = re.compile(r'\bdata-fmt="([^"]*)"')
_TAG = re.compile(r"<[^>]+>")
_CELL = re.compile(r'<td data-keys="([^"]*)">(.*?)</td>', re.DOTALL)


def numbers(cut: Cut) -> Findings:
    """Numbers in the web page that are not what the results print as, by their key."""
    file = cut.folder / WEB_PAGE
    if not file.is_file():
        return
    page, cells = file.read_text(encoding="utf-8"), _table_cells(cut)
    language = _LANGUAGE.search(page)
    with speaking(language[1] if language else ENGLISH):
        yield from _differing(cut, page, cells)


def _differing(cut: Cut, page: str, cells: Mapping[str, set[str]]) -> Findings:
    for found in _SPAN.finditer(page):
        keys, shown = html.unescape(found[1]), _plain(found[2])
        form = _FORMAT.search(found[0])
        expected = {_printed(cut, keys, html.unescape(form[1]))} if form else cells.get(keys, {shown})
        if shown not in expected:
            told = " or ".join(sorted(expected))
            yield Finding(WEB_PAGE, f"shows {shown!r} for {keys}, but the results print {told}. {ANEW}")


def _printed(cut: Cut, key: str, form: str) -> str:
    """A result as the report prints it."""
    if key not in cut.results:
        raise ProvenanceError(f"{WEB_PAGE} shows {key}, which is not among the results")
    row: dict[str, Any] = dict(cut.results[key])
    row["value"] = float(row["value"]) if row["value"] else None
    return _plain(html.escape(format_result(row, form)))


def _table_cells(cut: Cut) -> dict[str, set[str]]:
    """What the tables show for each group of keys; not those that were edited, of which another check speaks."""
    cells: dict[str, set[str]] = {}
    files = sorted(cut.folder.glob("aggregate/tables/*.html"))
    records = {file: cut.records.get(f"aggregate/tables/{file.name}") for file in files}
    for file in [file for file, record in records.items() if record and cut.sha256(file) == record["output"]["sha256"]]:
        for keys, text in _CELL.findall(file.read_text(encoding="utf-8")):
            cells.setdefault(html.unescape(keys), set()).add(_plain(re.sub(r"<sup>.*?</sup>", "", text)))
    return cells


def _plain(text: str) -> str:
    """The text of a piece of HTML, with ordinary spaces and without signs that only guide line breaks."""
    return plain(html.unescape(_TAG.sub("", text))).strip()


def _render(cut: Cut, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The report rendered again from the cut's files, by the engine that rendered it."""
    from cutline.manuscript.render import render_report
    from cutline.stored import read
    from cutline.tables import concordance, results

    files = [cut.file(entry["path"]) for entry in record["inputs"]]
    folders = {folder: [file for file in files if file.parent.name == folder] for folder in ("tables", "figures")}
    sources = [file for file in files if file.is_relative_to(cut.root / "reports")]
    lists = tuple(map(str, record["settings"].get("codelists", {}).values()))
    specs = {table.name: table for table in (*results.TABLES, *concordance.TABLES)}
    tables = {file.stem: read(file, specs) for file in files if file.parent.name == "aggregate"}
    return render_report(
        settings=record["settings"],
        ard=tables["ard"],
        curves=[read(file, specs) for file in files if file.parent.name == "curves"],
        concordance=tables.get("concordance"),
        tables=folders["tables"],
        figures=folders["figures"],
        sources=sources,
        codelists=[file for file in files if file.as_posix().endswith(lists)],
    )
