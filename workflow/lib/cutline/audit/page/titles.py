"""What a result is called in words, so that it can be found by them. No pandas."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cutline.audit.wording import Words
from cutline.display.captions import in_words
from cutline.display.labels import in_sentence

JOINT = " · "
ANALYSES = {
    "km": "Kaplan–Meier",
    "cox": "Cox model",
    "cox_model": "tests of a Cox model",
    "proportional_hazards": "proportional hazards",
    "logrank": "log-rank test",
    "rank_test": "further test of survival",
    "rmst": "restricted mean",
    "followup": "follow-up",
    "flow": "patient flow",
    "quality": "quality of records",
    "safety": "adverse events",
}
STATISTICS = {
    "n": "number of patients",
    "p": "p-value",
    "hr": "hazard ratio",
    "lower": "lower limit",
    "upper": "upper limit",
    "sd": "standard deviation",
    "q1": "first quartile",
    "q3": "third quartile",
    "min": "minimum",
    "max": "maximum",
    "df": "degrees of freedom",
    "chi_square": "chi-square",
    "at_risk": "patients at risk",
    "values": "values set aside",
    "missing": "number missing",
    "excluded_unknown": "excluded because unknown",
}
_TIMED = re.compile(r"(?P<what>.+?)_(?P<time>\d+)m(?P<rest>_\w+)?")
_LIMIT = re.compile(r"(?P<what>.+)_(?P<limit>lower|upper|percent)")


def title(row: Mapping[str, str], words: Words) -> str:
    """The result in words: endpoint, analysis, whom or what it is about, statistic."""
    endpoint = words.endpoints.get(row["endpoint"], {}).get("label", in_words(row["endpoint"]))
    analysis = f"{row['model']} {ANALYSES.get(row['analysis'], in_words(row['analysis']))}".strip()
    about = [
        _about(row["variable"], row["level"], words),
        _about(row["group"], row["group_level"], words),
        _about(row["subset"], row["subset_level"], words),
    ]
    parts = [endpoint, in_words(analysis), *about, in_words(row["variant"]), statistic(row["statistic"])]
    return JOINT.join(part for part in parts if part)


def _about(variable: str, level: str, words: Words) -> str:
    """A variable with its level, in the study's words; a level without a variable is a criterion's or a table's."""
    known = words.variables.get(variable, {})
    value = str(known.get("levels", {}).get(level, words.criteria.get(level, in_words(level))))
    name = str(known.get("label", in_words(variable)))
    return ": ".join(part for part in (name, value) if part)


def statistic(name: str) -> str:
    """A statistic in words: `survival_6m_lower` is `survival at 6 months, lower limit`."""
    if name in STATISTICS:
        return STATISTICS[name]
    timed, limit = _TIMED.fullmatch(name), _LIMIT.fullmatch(name)
    if timed:
        rest = f", {statistic(timed['rest'][1:])}" if timed["rest"] else ""
        return f"{statistic(timed['what'])} at {timed['time']} months{rest}"
    if limit:
        return f"{statistic(limit['what'])}, {statistic(limit['limit'])}"
    return in_sentence(in_words(name))
