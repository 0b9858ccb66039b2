"""The sections of the change report, each under the name by which reports/changes.qmd asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from cutline.changes.blocks import callout, counted, numbered, plural, table
from cutline.changes.comparison import Comparison, Rows, attributed
from cutline.changes.grids import (
    attribution_grid,
    columns_grid,
    flow_grid,
    moved_places,
    moves_grid,
    records_grid,
    results_grid,
)
from cutline.changes.in_short import in_short, kind_totals, notice, silent_records
from cutline.display.captions import endpoint_label, in_words
from cutline.display.catalogue import drawn
from cutline.display.figure_changes import Side, changes_alt_text
from cutline.display.labels import in_sentence
from cutline.display.result_names import ANALYSES
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import attribute, escaped, listed, paragraphs

FIGURES = "aggregate/changes"
"""Where the figures lie in a cut; the report is in the folder beside `aggregate`."""
CHANGED_PERSONS = "patient/changed_persons.parquet"
"""Where the persons who changed are listed in a cut."""
CORRECTIONS = "patient/corrections.parquet"
"""Where the answers to queries are listed in a cut."""
ATTRIBUTION_WIDTHS = (31, 7, 13, 12, 12, 6, 12, 7)
MUST_NOT_LEAVE = (
    f"Who they are, and which record is behind each change, is listed at patient level in `{CHANGED_PERSONS}` of the "
    "new cut. That list must not leave."
)
CHARACTERISTICS = (
    "Characteristics in which a patient of both cohorts is classified otherwise than before; patients who came or left "
    "count too"
)
NO_PATIENT_LEVEL = "the patient level of both sides is needed for it, and is not available here"


# ── records ──────────────────────────────────────────────────────────────────────────────────


def records(comparison: Comparison) -> str:
    """What happened to the source's records between the cuts, silent rewrites apart."""
    if comparison.records is None:
        return f"This cannot be said: {NO_PATIENT_LEVEL}."
    if not any(kind_totals(comparison).values()):
        return "No record of the source differs between the two sides."
    rows = comparison.record_rows
    columns = columns_grid(rows, f"What changed in records dated up to {comparison.old_day}")
    return paragraphs([
        _kinds(comparison.old_day), table(records_grid(rows, "Records that differ, by source table"), "records"),
        answered_records(comparison), silent_callout(comparison), untold_callout(comparison),
        table(columns, "columns"),
    ])  # fmt: skip


def _kinds(old_day: str) -> str:
    return (
        "*Corrected* records said something else in the old cut, *completed* ones had a blank that is now filled in, "
        f"*deleted* ones are gone. *Late*: dated up to {old_day}, and not known when the old cut was made: new "
        "records, or dates filled in. *More follow-up*: dated after it: new records, or dates filled in."
    )


def answered_records(comparison: Comparison) -> str:
    """How many of these changes are answers to queries; blank if none is."""
    found = [row for row in comparison.record_rows if row["answered"] and not row["column"]]
    if not found:
        return ""
    named = listed([f"{in_sentence(in_words(row['table']))}: {row['answered']} {row['kind']}" for row in found])
    total = sum(row["answered"] for row in found)
    differ = "differs" if total == 1 else "differ"
    return (
        f"**{total} of these {plural(total, 'record')} {differ} because a query was answered** "
        f"({escaped(named)}). The source says what it said; the answers are laid over it. Who answered, when and why, "
        f"with the old value and the new one, is listed at patient level in `{CORRECTIONS}` of the cut."
    )


def silent_callout(comparison: Comparison) -> str:
    """A callout of their own for changes that pretend to have always been there; blank if there are none."""
    found = [row for row in comparison.record_rows if row["silent"] and not row["column"]]
    if not found:
        return ""
    named = listed([f"{in_sentence(in_words(row['table']))}: {row['silent']} {row['kind']}" for row in found])
    total = silent_records(comparison)
    return callout(
        "warning",
        "History was rewritten",
        f"**{total} {plural(total, 'record')}** dated up to {comparison.old_day} {'is' if total == 1 else 'are'} not "
        f"what the old cut read, with a recording date from before it was made ({escaped(named)}). The source changed "
        "its past without a trace: the old cut cannot be made again from it. Ask those who keep the source what "
        "happened.",
    )


def untold_callout(comparison: Comparison) -> str:
    """Where nobody can say when a change was written; blank if that is known of every change."""
    untold = [row for row in comparison.record_rows if row["untold"] and not row["column"]]
    deleted = _undated([row for row in untold if row["kind"] == "deleted"], "deleted record")
    changed = _undated([row for row in untold if row["kind"] != "deleted"], "changed record")
    said = [
        f"Nobody can date **{deleted}**: two snapshots show that a record is gone, not when or why it was taken out. "
        "The old cut cannot be made again from the source as it is now." if deleted else "",
        f"The source keeps no recording date for **{changed}**. Whether the change was made before or after the old "
        "cut cannot be known, nor whether history was rewritten." if changed else "",
    ]  # fmt: skip
    return callout("note", "When this was written cannot be told", *filter(None, said)) if untold else ""


def _undated(rows: Rows, noun: str) -> str:
    """`2 deleted records (deaths and visits)`; blank without any."""
    tables = listed(list(dict.fromkeys(in_sentence(in_words(row["table"])) for row in rows)))
    return f"{counted(sum(row['untold'] for row in rows), noun)} ({escaped(tables)})" if rows else ""


# ── cohort ───────────────────────────────────────────────────────────────────────────────────


def cohort(comparison: Comparison) -> str:
    """Who entered, who left, and whose classification changed: counts only."""
    if comparison.flow is None:
        keys = [key for key in comparison.own_rows if _is_count_of_flow(key, comparison)]
        only = f"Who entered and who left cannot be said: {NO_PATIENT_LEVEL}. These are the counts."
        return paragraphs([only, results_table(comparison, keys, "Cohort before and after", "flow")])
    flow = flow_grid(comparison, "Persons by the first criterion they fail, and those who fail none")
    moved = table(moves_grid(comparison, CHARACTERISTICS), "moves")
    none = "No patient of both cohorts is classified otherwise than before, in any variable, response or outcome."
    return paragraphs([table(flow, "flow"), moved if moved_places(comparison) else none, MUST_NOT_LEAVE])


def _is_count_of_flow(key: str, comparison: Comparison) -> bool:
    row = comparison.results[key]
    return row["analysis"] == "flow" and row["statistic"] in ("screened", "excluded", "pending", "included")


# ── headline results and their attribution ───────────────────────────────────────────────────


def results_table(comparison: Comparison, keys: Sequence[str], caption: str, label: str, finely: bool = False) -> str:
    """Results side by side, the new ones leading to the audit page where there is one."""
    context = Context(comparison.settings, comparison.new) if comparison.linked else None
    return table(results_grid(comparison, keys, caption, finely), label, context=context)


def headline(comparison: Comparison) -> str:
    """The headline results side by side, and what said something else before."""
    if not comparison.headline:
        return "Neither side has a headline result."
    return results_table(comparison, comparison.headline, "Headline results before and after", "headline")


def attribution(comparison: Comparison) -> str:
    """Which cause moved each headline result by how much."""
    steps = attributed(comparison)
    if not steps:
        why = str(comparison.settings["compare"].get("unavailable", ""))
        cannot = f"Which cause moved which result cannot be said: {NO_PATIENT_LEVEL}."
        return f"{cannot} {escaped(why)}".strip()
    first = {key: rows for key, rows in steps.items() if comparison.row_of.get(key) in comparison.headline}
    moved = {key: rows for key, rows in first.items() if _moves(rows)}
    still = [escaped(comparison.called(key)) for key in first if key not in moved]
    unmoved = f"Moved by no cause: {'; '.join(still)}." if still else ""
    return paragraphs([_method(comparison), *_by_scale(comparison, moved, "pieces"), unmoved])


def further_attribution(comparison: Comparison) -> str:
    """The pieces of the attributed results that are no headline; blank if there are none."""
    known = comparison.row_of
    steps = attributed(comparison)
    others = [key for key in steps if key in known and known[key] not in comparison.headline and _moves(steps[key])]
    if not others:
        return ""
    note = "As in @sec-attribution. The limits of intervals are in `aggregate/changes/attribution.csv`."
    tables = _by_scale(comparison, {key: steps[key] for key in others}, "further")
    return paragraphs(["## What moved the other results", note, *tables])


def _moves(steps: Rows) -> bool:
    """Whether some cause moved the result, or may have: a step that cannot be estimated says nothing."""
    return any(step["piece"] is None or step["piece"] or step["smallest"] or step["largest"] for step in steps)


def _by_scale(comparison: Comparison, steps: Mapping[str, Rows], label: str) -> Iterator[str]:
    captions = {
        "identity": "What moved each result: pieces that add up to its difference",
        "log": "What moved each hazard ratio: pieces on the log scale, and what each multiplies the ratio by",
    }
    for scale, caption in captions.items():
        rows = {key: of_result for key, of_result in steps.items() if of_result[0]["scale"] == scale}
        if rows:
            yield table(attribution_grid(comparison, rows, caption), f"{label}-{scale}", ATTRIBUTION_WIDTHS)


def _method(comparison: Comparison) -> str:
    old, theirs = comparison.old_day, "of patients of both cohorts only"
    causes = [
        "**Code**: today's program, settings and libraries on the old records",
        f"**Corrected**: records dated up to {old} that were corrected, completed or deleted, {theirs}",
        f"**Late**: records and dates up to {old} that were not known when the old cut was made, {theirs}: new "
        "records, or dates filled in",
        f"**Follow-up**: records and dates after {old}, {theirs}: new records, or dates filled in",
        "**Left**: patients who are no longer in the cohort, with all their records, whatever the reason they left",
        "**Entered**: patients who are in it now and were not before, with all their records, whatever the reason "
        "they came",
    ]
    return paragraphs([
        "Between the old result and the new one, one cause after the other is replaced, in this order:",
        numbered(causes),
        "The pieces add up to the difference. **How it is split depends on the order of the causes**: where another "
        "order gives another piece, the smallest and the largest over all orders stand below it. Hazard ratios are "
        "split on the log scale, on which pieces add up: a piece of +0.10 multiplies the ratio by 1.105. P-values are "
        "shown before and after and are never split: they are no sum of causes.",
    ])  # fmt: skip


# ── curves ───────────────────────────────────────────────────────────────────────────────────


def curves(comparison: Comparison) -> str:
    """The overlaid curves of every endpoint."""
    return paragraphs(_figure(comparison, name) for name in drawn(comparison.settings))


def _figure(comparison: Comparison, endpoint: str) -> str:
    sides = [Side(name, side) for name, side in zip(comparison.names, (comparison.old, comparison.new), strict=True)]
    described = attribute(changes_alt_text(endpoint, comparison.settings, sides))
    caption = escaped(f"{endpoint_label(comparison.settings, endpoint)} at both cuts")
    label = f"#fig-{endpoint.replace('_', '-')} fig-alt={described} width=85%"
    return f"![{caption}.](../{FIGURES}/{figure_name(endpoint)}){{{label}}}"


def figure_name(endpoint: str) -> str:
    """The file stem of an endpoint's figure."""
    return f"survival_{endpoint}"


# ── everything, and where it comes from ──────────────────────────────────────────────────────


def everything(comparison: Comparison) -> str:
    """All changed results by analysis."""
    parts: list[str] = []
    for analysis, title in ANALYSES.items():
        keys = [key for key in comparison.own_rows if _changed_in(analysis, key, comparison)]
        if keys:
            caption = f"{title}: results that changed"
            parts += [f"## {title}", results_table(comparison, keys, caption, f"all-{analysis}", finely=True)]
    return paragraphs(parts) or "No result changed."


def _changed_in(analysis: str, key: str, comparison: Comparison) -> bool:
    return comparison.results[key]["analysis"] == analysis and comparison.changed(key)


def about(comparison: Comparison) -> str:
    """Where this report comes from and what it counts as the same."""
    old, new = comparison.sides
    counts = (
        f" Counts of records and persons, and the pieces, are read from `{FIGURES}/*.csv` of the new cut."
        if comparison.records is not None else ""
    )  # fmt: skip
    return paragraphs([
        f"Study `{comparison.settings['study']}`; old side: `{old['cut']}`, {counted(len(comparison.old), 'result')}; "
        f"new side: `{new['cut']}`, {counted(len(comparison.new), 'result')}. Results are read from the released "
        f"results of the two sides, `aggregate/ard.csv`; `changes.csv` beside this file holds them unrounded.{counts}"
        " The provenance record of each file names inputs, settings and code by their SHA-256.",
        "Two values are the same if they agree to one part in a billion: the last bits differ between machines."
        + _largest(comparison),
        _program(old.get("code", {}), new.get("code", {})),
        "This report holds counts and estimates only: no row of a patient and no pseudonym. A small count can still "
        "point to a person: whoever passes it on judges that first.",
    ])  # fmt: skip


def _largest(comparison: Comparison) -> str:
    """The largest relative difference, where both sides are one cut: what a check before an upgrade asks for."""
    relative = {
        key: abs(change["difference"]) / max(abs(change["before"]), abs(change["after"]))
        for key, change in comparison.changes.items()
        if change["difference"]
    }
    if not comparison.one_cut or not relative:
        return ""
    worst = max(relative, key=lambda key: relative[key])
    return f" The largest relative difference is {relative[worst]:.1e}, of `{worst}`."


def _program(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Which parts of the program differ; blank where a side does not say by what it was made."""
    if not old or not new:
        return ""
    differ = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    if not differ:
        return "Both sides were made by the same code and the same libraries."
    libraries = [
        f"{name} {old.get(name, 'not used')} → {new.get(name, 'not used')}" for name in differ if "/" not in name
    ]
    files = listed([name.rpartition("/")[2] for name in differ if "/" in name])
    return f"Of the program differ: {escaped('; '.join([*libraries, *([f'the code in {files}'] if files else [])]))}."


GENERATED: Mapping[str, Callable[[Comparison], str]] = {
    "notice": notice, "in_short": in_short, "records": records, "cohort": cohort, "headline": headline,
    "attribution": attribution, "curves": curves, "everything": everything, "further_attribution": further_attribution,
    "about": about,
}  # fmt: skip
"""What reports/changes.qmd can ask for, by name."""
