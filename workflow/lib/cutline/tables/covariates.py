"""Derived: one value per screened person and variable, with the record behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.tables.spec import Column, Table

INDEX_DATE = "index_date"
"""The variable that is time zero; a study without dates has none."""

COVARIATES = Table(
    "covariates",
    "One row per screened person and variable of the study.",
    (
        Column("patient_id", "text", "pseudonym", required=True, few=True),
        Column("variable", "text", "variable id of the study", required=True, few=True),
        Column(
            "value", "text", "level id of a category, or ISO date of a date; blank if unknown or a number", few=True
        ),
        Column("number", "number", "value of a continuous variable, in the variable's unit"),
        Column("reason", "text", "how it was found, or why it is unknown", required=True, few=True),
        Column("anchor", "text", "date variable it is timed by", few=True),
        Column("source_table", "text", "table of the record it rests on", few=True),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "variable"),
)

LEVELS = {
    "exists": {"yes", "no"},
    "any_of": {"yes", "no"},
    "only_of": {"yes", "no"},
    "within": {"yes", "no"},
    "receptor_er": {"positive", "negative"},
    "receptor_pr": {"positive", "negative"},
    "receptor_her2": {"zero", "low", "positive"},
    "subtype": {"her2_positive", "hr_positive_her2_negative", "triple_negative"},
}
"""The levels that a kind of derivation gives: the variable must list them all."""

OPTIONAL_LEVELS = {"receptor_er": {"low_positive"}, "receptor_her2": {"equivocal"}}
"""The levels it gives only where the variable lists them: else ER low positive is positive, HER2 equivocal unknown."""

SAMPLES = {"table": "pathology", "date": "sample_date", "take": "nearest"}
"""Which samples count, unless the variable's own `select` says otherwise, for example metastases before primaries."""

TIMED_BY = ("anchor", "before", "after", "to")
"""The keys of a variable that name the date it is timed by, the first one given."""


def anchor_of(variables: Mapping[str, Any], name: str) -> str | None:
    """The date variable that a variable is timed by, of one made from others that of the first of them; or None."""
    seen: set[str] = set()
    while name not in seen:  # a variable derived from itself is another check's business
        seen.add(name)
        variable = variables.get(name, {})
        named = next((str(variable[key]) for key in TIMED_BY if key in variable), None)
        if named or not variable.get("inputs"):
            return named
        name = variable["inputs"][0]
    return None


TABLES = (COVARIATES,)
