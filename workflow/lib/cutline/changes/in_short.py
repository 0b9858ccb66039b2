"""The top of the change report: what a reader must know first, and the whole in a few bullets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cutline.changes.blocks import bullets, callout, counted, plural
from cutline.changes.comparison import Comparison, attributed
from cutline.changes.grids import moved_by, rounded_pieces
from cutline.changes.values import shown
from cutline.changes.wording import KINDS, MOVERS
from cutline.display.captions import endpoint_label
from cutline.display.lookup import Results, Row, value_of
from cutline.manuscript.markdown import capital, escaped, listed, paragraphs

SPELT_OUT = 4
"""Up to so many results are named in a bullet; the tables have all."""
BECAME = {
    "changed": "changed", "new": "are new", "gone": "are gone", "became estimable": "became estimable",
    "no longer estimable": "can no longer be estimated",
}  # fmt: skip


def notice(comparison: Comparison) -> str:
    """What a reader must know before anything else: that nobody is described, that only the program differs."""
    synthetic = callout(
        "important",
        "Synthetic data",
        "Every record behind this report was drawn by a computer. No number in it describes a real patient, and none "
        "may guide a clinical decision.",
    )
    one_cut = callout(
        "note",
        "One cut, two versions of the program",
        "Both sides are the same cut of the same study. What differs between them is due to the program, its libraries "
        "or its settings, to a source that was changed, or to answers laid over the records, and not to the passing of "
        "time.",
    )
    return paragraphs(
        [synthetic if comparison.settings.get("synthetic") else "", one_cut if comparison.one_cut else ""]
    )


def in_short(comparison: Comparison) -> str:
    """The report in a few bullets, the main results first."""
    return bullets([
        *_medians(comparison), *_rates(comparison), *_cohort(comparison), *_events(comparison), *_records(comparison),
        _results(comparison), _conclusions(comparison), *_estimable(comparison), *_redefined(comparison),
    ])  # fmt: skip


def _medians(comparison: Comparison) -> Iterator[str]:
    """The median of every endpoint on either side, and which cause moved it most."""
    keys = [key for key in comparison.own_rows if _is_main_median(comparison.results[key])]
    for key in keys:
        subject = capital(escaped(endpoint_label(comparison.settings, str(comparison.results[key]["endpoint"]))))
        yield f"{subject}: **median {_both_sides(comparison, key, ' months')}**.{_moved_most(comparison, key)}"


def _is_main_median(row: Row) -> bool:
    whole = not (row["variant"] or row["group"] or row["subset"])
    return bool(whole and row["analysis"] == "km" and row["statistic"] == "median")


def _rates(comparison: Comparison) -> Iterator[str]:
    """The first response rate that has an interval."""
    responses = [key for key in comparison.headline if comparison.results[key]["analysis"] == "response"]
    for key in responses[:1]:
        yield f"{escaped(capital(comparison.called(key)))}: **{_both_sides(comparison, key)}**."


def _both_sides(comparison: Comparison, key: str, unit: str = "") -> str:
    before, after = (_said_of(key, side, unit) for side in (comparison.old, comparison.new))
    return escaped(f"{before} before, {after} now")


def _said_of(key: str, side: Results, unit: str) -> str:
    if key not in side:
        return "no such result"
    return "not estimable" if value_of(side, key) is None else shown(key, side).replace(" (", f"{unit} (", 1)


def _moved_most(comparison: Comparison, key: str) -> str:
    """The cause with the largest piece; blank where nobody split the difference."""
    steps = attributed(comparison).get(key, [])
    moved = {place: abs(piece) for place, step in enumerate(steps) if (piece := moved_by(step)) is not None}
    if not moved:
        return ""
    most = max(moved, key=lambda place: moved[place])
    if not moved[most]:
        return " No cause moved it." if len(moved) == len(steps) else ""
    cause, printed = MOVERS[steps[most]["cause"]], rounded_pieces(comparison.results[key], steps)[most]
    return (
        f" Moved most by {cause} ({printed} months); how it is split depends on the causes' order (@sec-attribution)."
    )


def _cohort(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.counts("flow.included")
    if before is None or after is None:
        return
    said = f"**{capital(counted(after, 'patient'))} included**, {before or 'none'} before"
    moves = included_moves(comparison)
    if moves is None:
        yield f"{said}."
    else:
        yield f"{said}: {counted(moves[0], 'patient')} entered the cohort and {counted(moves[1], 'patient')} left it."


def included_moves(comparison: Comparison) -> tuple[int, int] | None:
    """How many persons entered the cohort and left it; None where nobody counted them."""
    rows = [row for row in comparison.flow_rows if row["what"] == "criterion" and row["level"] == "included"]
    return (rows[0]["entered"] + rows[0]["moved_in"], rows[0]["left"] + rows[0]["moved_out"]) if rows else None


def _events(comparison: Comparison) -> Iterator[str]:
    for name, endpoint in comparison.settings["endpoints"].items():
        before, after = comparison.counts(f"{name}.events")
        if before is None or after is None or before == after:
            continue
        what = f" ({escaped(str(endpoint['event_label']))})" if endpoint.get("event_label") else ""
        more = f"{abs(after - before)} {'more' if after > before else 'fewer'} {plural(abs(after - before), 'event')}"
        subject = capital(escaped(endpoint_label(comparison.settings, name)))
        yield f"{subject}: **{more}**{what}, {before} before and {after} now."


def _records(comparison: Comparison) -> Iterator[str]:
    if comparison.records is None:
        return
    totals = kind_totals(comparison)
    words = {"corrected": "corrected", "completed": "completed", "deleted": "deleted", "late": "entered late"}
    parts = [f"{totals[kind]} {word}" for kind, word in words.items() if totals[kind]]
    old = listed(parts) or "none changed"
    yield f"Records dated up to {comparison.old_day}: **{old}**. Records and dates after it: {totals['follow_up']}."
    silent = silent_records(comparison)
    if silent:
        yield f"**{silent} {plural(silent, 'record')} changed without a trace** (@sec-records)."
    if totals["deleted"]:
        yield f"**When the deleted {plural(totals['deleted'], 'record')} disappeared cannot be told** (@sec-records)."


def kind_totals(comparison: Comparison) -> dict[str, int]:
    """Records by kind of change over all tables."""
    whole = [row for row in comparison.record_rows if not row["column"]]
    return {kind: sum(row["records"] for row in whole if row["kind"] == kind) for kind in KINDS}


def silent_records(comparison: Comparison) -> int:
    """Records of the old window that were changed and claim to be older than the old cut."""
    return sum(row["silent"] for row in comparison.record_rows if not row["column"])


def _results(comparison: Comparison) -> str:
    statuses = [str(change["status"]) for change in comparison.changes.values()]
    same, total = statuses.count("same"), len(statuses)
    if same == total:
        return f"**Nothing changed:** all {total} results are what they were."
    found = [f"{statuses.count(status)} {words}" for status, words in BECAME.items() if status in statuses]
    return f"Of {total} results {listed(found)}; {same} are the same."


def _conclusions(comparison: Comparison) -> str:
    moved = comparison.moved
    if not moved:
        return (
            "Looked for and not seen: an interval of a ratio that crossed 1, a p-value that crossed 0.05, a median "
            "that left its old interval. Whether a ratio left its old interval without that was not looked for."
        )
    named = [f"{escaped(comparison.called(key))} ({comparison.changes[key]['conclusion']})" for key in moved]
    return f"**{len(moved)} {plural(len(moved), 'conclusion')} moved**: {_some(named)} (@sec-headline)."


def _estimable(comparison: Comparison) -> Iterator[str]:
    for status, words in {
        "no longer estimable": "Can no longer be estimated",
        "became estimable": "Can now be estimated",
    }.items():
        keys = [key for key in comparison.own_rows if comparison.changes[key]["status"] == status]
        if keys:
            yield f"{words}: {_some([escaped(comparison.called(key)) for key in keys])}."


def _redefined(comparison: Comparison) -> Iterator[str]:
    redefined = [key for key, change in comparison.changes.items() if change["redefined"]]
    if redefined:
        many = f"{len(redefined)} {plural(len(redefined), 'result')} computed otherwise than before"
        yield f"**{many}**: their method, unit or population is described otherwise; compare them with care."


def _some(named: Sequence[str]) -> str:
    """The first of these names, and how many more there are."""
    rest = f"; and {len(named) - SPELT_OUT} more" if len(named) > SPELT_OUT else ""
    return "; ".join(named[:SPELT_OUT]) + rest
