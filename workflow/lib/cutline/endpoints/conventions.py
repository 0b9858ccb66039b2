"""Censoring conventions of progression endpoints as data: what each named rule set makes of each situation.

The rule sets follow appendix 3 of the FDA guidance on endpoints for cancer drugs and biologics (2018; tables A, B and
C) and appendix 1 of the EMA guideline on anticancer medicinal products, as read here: neither agency speaks for them.
Where a source leaves a choice it is made in this table, and a study may make another one in `rule_sets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.marking import marked

NO_BASELINE = "no_baseline_assessment"
CLINICAL = "clinical_progression"
BETWEEN = "progression_between_scans"
ALIVE = "alive_without_progression"
NEW_THERAPY = "new_therapy"
STOP = "treatment_stop"
EARLY_DEATH = "death_before_first_scan"
MISSED = "missed_scans"

AT_SCAN, AT_VISIT = "last_adequate_scan", "last_planned_visit"
EVENT, FOLLOW, IGNORE = "event", "follow", "ignore"
AT_START, UNLESS_EARLY_DEATH = "censor_at_start", "censor_unless_early_death"
EARLIEST, NEXT_VISIT, RECORDED = "earliest_finding", "next_planned_visit", "recorded_date"
LAST_SCAN = "last_scan"

TREATMENTS: dict[str, dict[str, str]] = {
    NO_BASELINE: {
        AT_START: marked("patients without a baseline assessment are censored at time zero"),
        UNLESS_EARLY_DEATH: marked(
            "patients without a baseline assessment are censored at time zero, unless they die within {limit} days"
        ),
    },
    CLINICAL: {
        IGNORE: marked("a progression stated without a scan does not count"),
        EVENT: marked("a progression stated without a scan counts on its day"),
    },
    BETWEEN: {
        EARLIEST: marked("progression is dated at the earliest scan that shows it or a new lesion"),
        NEXT_VISIT: marked(
            "progression found between planned visits (every {interval} days, within {window} days) is dated at the "
            "next one"
        ),
        RECORDED: marked("progression is dated on its recorded day"),
    },
    ALIVE: {
        AT_SCAN: marked("patients without an event are censored at the last adequate scan"),
        AT_VISIT: marked("patients without an event are censored at the last planned visit with an adequate scan"),
        LAST_SCAN: marked(
            "patients without an event are censored at the last scan without progression, adequate or not"
        ),
    },
    NEW_THERAPY: {
        AT_SCAN: marked("a new anticancer therapy before progression is censored at the last adequate scan before it"),
        AT_VISIT: marked(
            "a new anticancer therapy before progression is censored at the last planned visit with an adequate scan "
            "before it"
        ),
        EVENT: marked("a new anticancer therapy before progression is an event"),
        FOLLOW: marked("a new anticancer therapy is ignored"),
    },
    STOP: {
        AT_SCAN: marked(
            "a stop of treatment for toxicity or another reason is censored at the last adequate scan before it"
        ),
        AT_VISIT: marked(
            "a stop of treatment for toxicity or another reason is censored at the last planned visit with an adequate "
            "scan before it"
        ),
        FOLLOW: marked("a stop of treatment for toxicity or another reason is ignored"),
    },
    EARLY_DEATH: {EVENT: marked("a death before the first scan is an event")},
    MISSED: {
        AT_SCAN: marked(
            "progression or death more than {limit} days after the last adequate scan (at least {missed} scans missed) "
            "is censored at the last adequate scan before the gap"
        ),
        AT_VISIT: marked(
            "progression or death more than {limit} days after the last adequate scan (at least {missed} scans missed) "
            "is censored at the last planned visit with an adequate scan before the gap"
        ),
        EVENT: marked("progression or death after missed scans is an event on its day"),
    },
}
"""Situation → treatment → what is done, in words. A treatment that is not here does not exist."""

SITUATIONS = {
    NO_BASELINE: marked("No baseline assessment"),
    CLINICAL: marked("Progression stated without a scan"),
    BETWEEN: marked("Date of progression"),
    ALIVE: marked("No event by the end of follow-up"),
    NEW_THERAPY: marked("New anticancer therapy before progression"),
    STOP: marked("Treatment stopped for toxicity or another reason"),
    EARLY_DEATH: marked("Death before the first scan"),
    MISSED: marked("Progression or death after at least {missed} missed scans"),
}
IN_SHORT = {
    AT_START: marked("censored at time zero"),
    UNLESS_EARLY_DEATH: marked("censored at time zero, unless death follows within {limit} days"),
    EVENT: marked("event on its day"),
    IGNORE: marked("not counted"),
    FOLLOW: marked("ignored"),
    EARLIEST: marked("earliest scan that shows it or a new lesion"),
    NEXT_VISIT: marked("next planned visit (every {interval} days, within {window} days)"),
    RECORDED: marked("recorded day"),
    AT_SCAN: marked("censored at the last adequate scan before"),
    AT_VISIT: marked("censored at the last planned visit with an adequate scan before"),
    LAST_SCAN: marked("censored at the last scan without progression, adequate or not"),
}
"""Situations and treatments as rows and cells of a table."""

RULE_SETS: dict[str, dict[str, str]] = {
    "documented_only": {
        NO_BASELINE: AT_START, CLINICAL: IGNORE, BETWEEN: EARLIEST, ALIVE: AT_SCAN, NEW_THERAPY: AT_SCAN,
        STOP: AT_SCAN, EARLY_DEATH: EVENT, MISSED: AT_SCAN,
    },
    "assessment_date": {
        NO_BASELINE: AT_START, CLINICAL: IGNORE, BETWEEN: NEXT_VISIT, ALIVE: AT_VISIT, NEW_THERAPY: AT_VISIT,
        STOP: AT_VISIT, EARLY_DEATH: EVENT, MISSED: AT_VISIT,
    },
    "investigator": {
        NO_BASELINE: AT_START, CLINICAL: EVENT, BETWEEN: RECORDED, ALIVE: LAST_SCAN, NEW_THERAPY: EVENT,
        STOP: FOLLOW, EARLY_DEATH: EVENT, MISSED: EVENT,
    },
    "itt": {
        NO_BASELINE: UNLESS_EARLY_DEATH, CLINICAL: EVENT, BETWEEN: RECORDED, ALIVE: AT_SCAN, NEW_THERAPY: FOLLOW,
        STOP: FOLLOW, EARLY_DEATH: EVENT, MISSED: EVENT,
    },
}  # fmt: skip
"""Rule set → situation → treatment. A death before the first scan comes within the limit of missed scans: a later one
is a death after missed scans."""

LABELS = {
    "documented_only": marked("Documented progression only"),
    "assessment_date": marked("Dates of planned visits"),
    "investigator": marked("Progression as the investigator states it"),
    "itt": marked("All followed to progression or death"),
}
ORIGINS = {
    "documented_only": marked("after the FDA's table A, as read"),
    "assessment_date": marked("after the FDA's table B, as read"),
    "investigator": marked("after the FDA's table C, as read"),
    "itt": marked("after the EMA, as read"),
}
ANCHOR = "progression_"
"""What the name of a variant by the anchor of progression starts with."""


def rule_set(settings: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a rule set makes of each situation: a named one, or the study's own, which changes some of another's."""
    own = settings.get("rule_sets", {}).get(name)
    if own is None:
        return RULE_SETS[name]
    changed = {situation: own[situation] for situation in TREATMENTS if situation in own}
    return RULE_SETS[own["like"]] | changed


def limit_days(conventions: Mapping[str, Any]) -> int:
    """The longest time between scans without a scan more missed than allowed, in days."""
    missed, interval = conventions.get("missed_allowed", 2), conventions["interval_days"]
    return int(missed * interval + conventions.get("window_days", 0))


def needs_interval(rules: Mapping[str, str], conventions: Mapping[str, Any]) -> bool:
    """Whether a rule set rests on the nominal interval between scans."""
    early = "baseline" in conventions and rules[NO_BASELINE] == UNLESS_EARLY_DEATH
    return early or rules[MISSED] != EVENT or bool({AT_VISIT, NEXT_VISIT} & set(rules.values()))


def amounts(conventions: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that the words of situations and treatments name."""
    return {"interval": conventions.get("interval_days"), "window": conventions.get("window_days", 0),
            "missed": conventions.get("missed_allowed", 2),
            "limit": limit_days(conventions) if "interval_days" in conventions else None}  # fmt: skip


def asked_of(conventions: Mapping[str, Any]) -> list[str]:
    """The situations that a study with these conventions can meet, in their order."""
    known = {NO_BASELINE: "baseline", NEW_THERAPY: NEW_THERAPY, STOP: STOP, CLINICAL: "clinical"}
    return [situation for situation in TREATMENTS if known.get(situation, "scans") in conventions]
