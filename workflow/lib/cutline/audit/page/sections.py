"""The parts of the audit page that are the same whatever is searched for, as HTML. No pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath

from cutline.audit import runs
from cutline.audit.chain import Data
from cutline.audit.cut import Cut
from cutline.audit.page.drawing import Box, draw
from cutline.audit.page.facts import WEB_PAGE, Facts, as_yaml
from cutline.display.captions import in_words
from cutline.display.labels import label
from cutline.display.numbers import format_date
from cutline.provenance import IN_CUT, dates_of_cut

DIGITS = 12
"""Of a SHA-256, or of git's id of a file, as many as a reader compares."""
EXTRACTION, RELEASE = "extract_snapshot", "release_results"
LEVELS = {"source": "source", "patient": "patient level", "aggregate": "aggregate", "report": "report"}
EXCLUDED, PENDING, REMAINING = "flow.excluded.", "flow.pending.", "flow.remaining."

Verdict = Mapping[str, Sequence[object]]
"""Every check by name with what it found, as `verify` gives it; empty if nothing was checked."""


# ── header ───────────────────────────────────────────────────────────────────────────────────


def header(facts: Facts) -> str:
    """Which study and cut the page is about."""
    cut = facts.cut
    cutoff, known_by = dates_of_cut(cut.name)
    known = f", as known by {format_date(known_by)}" if known_by != cutoff else ""
    told = [f"Data cut-off {format_date(cutoff)}{known}", _counted(len(cut.results), "result"),
            f"{_counted(facts.recorded_files, 'file')} with a record", _counted(len(cut.runs), "run")]  # fmt: skip
    manuscript = f' · <a href="{WEB_PAGE}">Read the manuscript</a>' if facts.has_web_page else ""
    stamp = f' · <strong class="stamp">{label("synthetic")}</strong>' if facts.synthetic else ""
    return (
        f'<p class="over">Audit page · {escape(cut.study)}{stamp}</p>\n<h1>{escape(facts.title)}</h1>\n'
        f'<p class="told">{escape(" · ".join(told))}{manuscript}</p>'
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verification(verdict: Verdict, cut: Cut) -> str:
    """Whether everything holds, in a word and a colour, check by check, and the head of the ledger."""
    findings = sum(map(len, verdict.values()))
    state = "unknown" if not verdict else "fails" if findings else "holds"
    told = {
        "unknown": "Not verified",
        "fails": f"{_counted(findings, 'finding')}: do not rely on these results",
        "holds": "All holds",
    }
    checks = "".join(_check(name, found) for name, found in verdict.items())
    number = f"{_counted(len(verdict), 'check')} when this page was written"
    summary = f"<summary><strong>{told[state]}.</strong> {number}</summary>"
    again = "<p>To check again, now: <code>cutline verify</code></p>"
    opened = " open" if findings else ""
    return f'<details class="verdict {state}"{opened}>{summary}<ul>{checks}</ul>{again}</details>\n{_ledger_head(cut)}'


def _check(name: str, findings: Sequence[object]) -> str:
    found = "".join(f"<li>{escape(str(finding))}</li>" for finding in findings)
    state = "fails" if findings else "holds"
    return f'<li class="{state}"><b>{state}</b> {escape(name)}{f"<ul>{found}</ul>" if found else ""}</li>'


def _ledger_head(cut: Cut) -> str:
    if not cut.runs:
        return '<p class="ledger">There is no ledger of runs: nothing vouches for these files.</p>'
    return (
        f'<p class="ledger">Head of the ledger of runs, entry {len(cut.runs)}: <code>{runs.head(cut.runs)}</code><br>'
        "Whoever can write the folder can write the whole ledger anew; that shows only beside a copy of the head kept "
        "elsewhere.</p>"
    )


# ── from screened to analysed ────────────────────────────────────────────────────────────────


def flow(facts: Facts) -> str:
    """How many persons each criterion left, and how many each analysis rests on; every number leads to its result."""
    if "flow.screened" not in facts.cut.results:
        return "<p>These results do not count who was screened.</p>"
    excluded = [key.removeprefix(EXCLUDED) for key in facts.cut.results if key.startswith(EXCLUDED)]
    steps = [
        _step(facts, "Screened", "", "flow.screened"),
        *(_step(facts, _criterion(facts, name), name, REMAINING + name) for name in excluded),
        _step(facts, "Included", "", "flow.included"),
    ]
    analysed = [_analysis(facts, label, path) for label, path in _analyses(facts) if f"{path}.n" in facts.cut.results]
    share = '<span class="unseen">Share of those screened</span>'
    return (
        f"{_table(('Step', 'Excluded', 'Pending', 'Remaining', share), steps, 'flow')}\n<h3>Analysed</h3>\n"
        f"{_table(('Analysis', 'Patients', 'With the event'), analysed, 'flow')}"
    )


def _criterion(facts: Facts, name: str) -> str:
    return facts.words.criteria.get(name, in_words(name))


def _step(facts: Facts, label: str, criterion: str, remaining: str) -> str:
    share = 100 * _value(facts, remaining) / max(_value(facts, "flow.screened"), 1)
    shape = 'class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"'
    gone = [_number(facts, kind + criterion if criterion else "") for kind in (EXCLUDED, PENDING)]
    cells = [*gone, _number(facts, remaining),
             f'<svg {shape}><rect width="{share:.2f}" height="8"/></svg>']  # fmt: skip
    return _row(label, cells, "" if criterion else "total")


def _value(facts: Facts, key: str) -> float:
    return float(facts.cut.results.get(key, {}).get("value") or 0)


def _number(facts: Facts, key: str) -> str:
    """A count that leads to its result; blank if there is none."""
    if key not in facts.cut.results:
        return ""
    return f'<a href="#{escape(key)}">{escape(facts.chains.shown(key))}</a>'


def _analyses(facts: Facts) -> Iterator[tuple[str, str]]:
    """What was analysed in words, with the path of its results."""
    for endpoint, about in facts.words.endpoints.items():
        yield str(about["label"]), endpoint
        yield f"{about['label']}, multivariable Cox model", f"{endpoint}.cox.multivariable"


def _analysis(facts: Facts, label: str, path: str) -> str:
    return _row(label, [_number(facts, f"{path}.n"), _number(facts, f"{path}.events")])


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────


def jobs(facts: Facts) -> str:
    """The graph of the cut's jobs with their times, and each job with its files, code and parameters."""
    boxes = {rule: _box(facts, rule, _time(facts, rule)) for rule in facts.jobs}
    graph = draw(boxes, facts.edges(), "Jobs of this cut, from the source down to the report")
    legend = "".join(f'<li class="{level}">{name}</li>' for level, name in LEVELS.items())
    details = "\n".join(_job(facts, rule) for rule in facts.jobs)
    return f'<div class="scroll">{graph}</div>\n<ul class="legend">{legend}</ul>\n{details}'


def _box(facts: Facts, rule: str, fact: str, kind: str = "") -> Box:
    return Box(in_words(rule), fact, f"{_level(facts.jobs[rule])} {kind}".strip(), f"#job-{rule}")


def _level(job: Data) -> str:
    """Where a job's outputs lie: at patient level, aggregate, in the report; outside of the cut is the source."""
    folders = {name.removeprefix(IN_CUT).split("/")[0] for name in job["outputs"] if name.startswith(IN_CUT)}
    return next((level for level in LEVELS if level in folders), "source")


def _time(facts: Facts, rule: str) -> str:
    """How long the job took, or of which run it was reused."""
    ran = facts.jobs[rule]["ran"]
    if not ran:
        return "not in the ledger"
    return f"{ran['seconds']:.1f} s" if ran["run"] == facts.cut.runs[-1]["number"] else f"reused from run {ran['run']}"


def _job(facts: Facts, rule: str) -> str:
    job = facts.jobs[rule]
    written = {output: facts.files[output]["sha256"] for output in job["outputs"]}
    name = f"{escape(in_words(rule))} {_code_text(rule)} <span>{escape(_time(facts, rule))}</span>"
    inside = [
        f"<summary>{name}</summary>",
        f'<div class="how">{_last_run(job["ran"])}',
        f"<h4>Reads</h4>{_files(facts, job['inputs'])}",
        f"<h4>Code</h4>{_code(job)}</div>",
        f"<h4>Writes</h4>{_files(facts, written)}",
        f"<h4>Parameters</h4><pre>{escape(as_yaml(job['settings']))}</pre>",
    ]
    lines = "\n".join(inside)
    return f'<article class="job" id="job-{escape(rule)}"><details>{lines}</details></article>'


def _last_run(ran: Data) -> str:
    if not ran:
        return "<p>No run in the ledger tells of this job.</p>"
    return f"<p>Last ran in run {ran['run']}, for {ran['seconds']} s, {escape(_commit(ran))}.</p>"


def _commit(run: Data) -> str:
    if not run.get("commit"):
        return "at no known commit"
    return f"at commit {run['commit'][:DIGITS]}{' with uncommitted changes' if run.get('dirty') else ''}"


def _files(facts: Facts, digests: Mapping[str, str]) -> str:
    """Files with their rows and SHA-256."""
    rows = []
    for name, digest in digests.items():
        count = f"{facts.files[name]['rows']:,}" if "rows" in facts.files[name] else ""
        rows.append(_row(_code_text(name.removeprefix(IN_CUT)), [count, _digest(digest)]))
    return _table(("File", "Rows", "SHA-256"), rows, "files")


def _code(job: Data) -> str:
    """The code file by file, and the libraries it reaches."""
    rows = [
        _row(_code_text(each["file"]), [_digest(each["digest"]), _digest(each["blob"])], "own" if each["own"] else "")
        for each in job["code"]
    ]
    libraries = ", ".join(f"{name} {version}" for name, version in job["libraries"].items())
    hint = "<code>git log --find-object=BLOB</code> names the commits that brought or replaced that content of a file."
    table = _table(("File", "Digest of its syntax", "Git blob"), rows, "code")
    return f"{table}<p>{hint}</p><p>Libraries: {escape(libraries)}.</p>"


def _code_text(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _digest(digest: str) -> str:
    return f'<code title="{escape(digest)}">{escape(digest[:DIGITS])}</code>'


# ── chains ───────────────────────────────────────────────────────────────────────────────────


def chains(facts: Facts) -> str:
    """The chain of each rule's results as a drawing, from the source to the report, to be shown with a result."""
    drawn = ((escape(rule), _chain(facts, rule)) for rule in facts.rules_of_results)
    return "\n".join(f'<template id="chain-{rule}">{drawing}</template>' for rule, drawing in drawn)


def _chain(facts: Facts, rule: str) -> str:
    before = _before(facts.edges(), rule)
    sources = [name for name in _inputs(facts, EXTRACTION) if facts.files[name]["stage"] == "source"]
    way = [*before, rule, RELEASE, *(later for later in facts.jobs if _shows(facts, later, rule))]
    boxes = {
        name: _box(facts, name, _amount(facts, name), "own" if name == rule else "")
        for name in facts.jobs
        if name in way
    }
    boxes |= {RELEASE: Box("Analysis results data", "aggregate/ard.csv", "aggregate", f"#job-{RELEASE}")}
    boxes |= {name: Box("Source", PurePosixPath(name).name, "source") for name in sources if EXTRACTION in way}
    return draw(boxes, facts.edges(sources), f"Chain of the results of {rule}, from the source down to the report")


def _before(edges: Sequence[tuple[str, str]], rule: str) -> list[str]:
    """Every job before this one, nearest first."""
    found: dict[str, None] = {}
    waiting = [rule]
    while waiting:
        name = waiting.pop(0)
        needed = [start for start, end in edges if end == name and start not in found]
        found |= dict.fromkeys(needed)
        waiting += needed
    return list(found)


def _inputs(facts: Facts, rule: str) -> list[str]:
    return list(facts.jobs.get(rule, {}).get("inputs", ()))


def _shows(facts: Facts, later: str, rule: str) -> bool:
    """Whether a job shows results of this rule: it reads their released part, or all results."""
    parts = {f"cut:aggregate/released/ard/{rule}.csv", "cut:aggregate/ard.csv"}
    return not parts.isdisjoint(_inputs(facts, later))


def _amount(facts: Facts, rule: str) -> str:
    """How much a job wrote: its one file, or how many with their rows."""
    outputs = [name for name in facts.jobs[rule]["outputs"] if not name.endswith(".json")]
    rows = sum(facts.files[name].get("rows", 0) for name in outputs)
    if len(outputs) == 1:
        return PurePosixPath(outputs[0]).name
    return _counted(len(outputs), "file") + (f", {_counted(rows, 'row')}" if rows else "")


# ── software and runs ────────────────────────────────────────────────────────────────────────


def software(facts: Facts) -> str:
    """Every version with the number of jobs that used it; two versions of one library are two items."""
    used: dict[tuple[str, str], int] = {}
    for job in facts.jobs.values():
        for each in (job["libraries"] | job["versions"]).items():
            used[each] = used.get(each, 0) + 1
    in_order = sorted(used, key=lambda each: (each[0].lower(), each[1]))
    items = (f"<li>{escape(name)} <b>{escape(version)}</b> <span>{_counted(used[name, version], 'job')}</span></li>"
             for name, version in in_order)  # fmt: skip
    return f'<ul class="software">{"".join(items)}</ul>'


def ledger(cut: Cut) -> str:
    """The ledger of runs, newest first."""
    names = ("Run", "Started (UTC)", "Seconds", "Outcome", "Ran", "Reused", "Machine", "Code", "Hash")
    return _table(names, [_run(entry) for entry in reversed(cut.runs)], "runs")


def _run(entry: Data) -> str:
    machine = ", ".join(str(entry[name]) for name in ("host_class", "user") if entry.get(name))
    started = str(entry.get("started", "")).removesuffix("+00:00").replace("T", " ")
    texts = [started, entry.get("seconds", ""), entry.get("outcome", ""), _counted(len(entry.get("jobs", ())), "job"),
             _counted(len(entry.get("reused", ())), "job"), machine, _commit(entry)]  # fmt: skip
    cells = [escape(str(text)) for text in texts]
    return _row(str(entry.get("number", "")), [*cells, _digest(str(entry.get("hash", "")))])


# ── tables ───────────────────────────────────────────────────────────────────────────────────


def _table(names: Iterable[str], rows: Iterable[str], kind: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table class="{kind}">{inside}</table></div>'


def _row(name: str, cells: Iterable[str], kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<tr{marked}><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
