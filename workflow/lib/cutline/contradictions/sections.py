"""Sections of a study that contradict each other: its dates, its kind of data, its response, its report."""

from __future__ import annotations

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Study, is_relative
from cutline.disclosure.profiles import limits_of
from cutline.groups import grouping
from cutline.quality.rules import CHANGEABLE, RULES
from cutline.safety.names import RESERVED
from cutline.survival.convention import PRESETS, missing_choices
from cutline.tables.covariates import INDEX_DATE
from cutline.tables.imaging import ASSESSMENTS


def impossible_dates(study: Study) -> Faults:
    """A window or a cut-off that leaves nobody."""
    window = study.get("window")
    if window and window["end"] < window["start"]:
        yield f"window: it ends ({window['end']}) before it starts ({window['start']})"
    if window and study["data_cutoff"] < window["start"]:
        yield (
            f"data_cutoff: found {study['data_cutoff']}, which is before the study window starts ({window['start']}), "
            "so nobody could be included; move the cut-off or the window"
        )


def time_only_limits(study: Study) -> Faults:
    """What only a study with dates can have, and what it must have."""
    if not study.get("time_only"):
        if INDEX_DATE not in study:
            yield "index_date: missing; a study with dates needs its time zero"
        elif is_relative(study[INDEX_DATE]["select"]):
            yield "index_date.select: nothing comes before time zero to be near to; take the first or the last record"
        return
    if study["known_by"] != study["data_cutoff"]:
        yield "known_by: this study holds durations and no dates, so what was known by a day cannot be told"
    for section in ("response", "safety", INDEX_DATE):
        if section in study:
            yield f"{section}: this study holds durations and no dates (time_only), and this rests on dates"


def unfit_response(study: Study) -> Faults:
    """Days and measurements that the response rests on."""
    rules = study.get("response", {})
    least, benefit = rules.get("minimum_stable_days", 0), rules.get("clinical_benefit_days", 0)
    if benefit < least:
        yield (
            f"response.clinical_benefit_days: found {benefit}, expected at least the {least} days of "
            "minimum_stable_days; otherwise benefit would be less than stable disease"
        )
    if rules.get("overall") == "derived" and rules["table"] != ASSESSMENTS.name:
        yield (
            f"response.overall: derived needs measurements, which are in table {ASSESSMENTS.name}; found table "
            f"{rules['table']!r}. Name that table, or set response.overall: recorded"
        )


def unfit_safety(study: Study) -> Faults:
    """Groups whose results would be taken for others, or that cannot be compared."""
    for name in grouping(study, "safety"):
        if name in RESERVED:
            yield f"safety.by: {name!r} is a word of the keys of adverse events; give the variable another id"
        levels = study["variables"].get(name, {}).get("levels", {})
        if len(levels) == 1:
            yield f"safety.by: {name!r} has one level, so there are no groups to compare"


def unfit_statistics(study: Study) -> Faults:
    """Neither a preset nor every choice that it would make."""
    missing = missing_choices(study["statistics"])
    if missing:
        yield (
            f"statistics: missing key(s) {', '.join(missing)}; name a package whose conventions apply (convention: "
            f"{', '.join(PRESETS)}), or make each choice"
        )


def unfit_quality(study: Study) -> Faults:
    """Rules whose severity the study chooses: those that there are, and that decide nothing about the data."""
    for name in study["quality"].get("severity", {}):
        if name not in RULES:
            yield f"quality.severity: unknown rule {name!r}{nearest(name, list(RULES))}"
        elif name not in CHANGEABLE:
            yield (
                f"quality.severity.{name}: this rule decides what is analysed or asked, and its severity stays; one "
                f"may be chosen for {', '.join(CHANGEABLE)}"
            )


def _is_orcid(written: str) -> bool:
    """Whether the last sign is the check sign of the others (ISO 7064, MOD 11-2, as ORCID computes it)."""
    digits = written.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return digits[-1] == ("X" if check == 10 else str(check))


def unfit_report(study: Study) -> Faults:
    """Authors who could not be found or reached, and a threshold that leaves too few possible values."""
    for place, author in enumerate(study["report"].get("authors", [])):
        if "orcid" in author and not _is_orcid(author["orcid"]):
            yield (
                f"report.authors[{place}].orcid: found {author['orcid']}, whose last sign does not fit the others, so "
                "a digit is wrong; copy it from the author's ORCID page"
            )
        if author.get("corresponding") and "email" not in author:
            yield f"report.authors[{place}]: the corresponding author needs an email"
    limits = limits_of(study["report"])
    if limits.threshold % limits.base or limits.threshold < 2 * limits.base:
        yield (
            f"report.disclosure.threshold: found {limits.threshold}, expected a multiple of report.disclosure.base "
            f"({limits.base}), at least twice it: rounded to the base itself, a count is left fewer by any relation"
        )
