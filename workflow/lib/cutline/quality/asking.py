"""The whole query list: what derivations ask, what was set aside, what breaks a rule, without what was settled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cutline.quality.rules import RULES, SEVERITIES, WARNING
from cutline.quality.sheet import UNTOUCHED
from cutline.queries import together
from cutline.tables.corrections import CONFIRMED
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.queries import QUERIES
from cutline.tables.spec import conform, text_values

IDENTITY = ["patient_id", "query", "about", "question", "source_table", "source_record_id"]
DIGITS = 10


def query_list(
    asked: list[pd.DataFrame], quarantine: pd.DataFrame, findings: pd.DataFrame, corrections: pd.DataFrame
) -> pd.DataFrame:
    """Every open question once, as `QUERIES`: those of derivations, of records set aside, and of warnings.

    A question that an answer confirmed is settled and left out; one whose record was corrected and that is found again
    stays.
    """
    warnings = findings[findings["severity"] == WARNING]
    questions = together([*asked, _of_quarantine(quarantine), _of_findings(warnings)])
    settled = corrections.loc[corrections["action"] == CONFIRMED, "query"].dropna()
    return questions[~query_ids(questions).isin(settled)].reset_index(drop=True)


def _of_quarantine(quarantine: pd.DataFrame) -> pd.DataFrame:
    aside = np.where(quarantine["set_aside"] == "record", "the record", "the value")
    words = [f"{reason}; {what} is set aside" for reason, what in zip(quarantine["reason"], aside, strict=True)]
    question = pd.Series(words, index=quarantine.index, dtype=object)
    undated = pd.Series(pd.NaT, index=quarantine.index)
    return _questions(quarantine.assign(query=quarantine["check"], question=question, date=undated))


def _of_findings(findings: pd.DataFrame) -> pd.DataFrame:
    return _questions(findings.assign(query=findings["rule"], question=findings["reason"]))


def _questions(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"table": "source_table", "record_id": "source_record_id", "column": "about", "date": "source_date"}
    return conform(rows.rename(columns=names), QUERIES)


def query_ids(questions: pd.DataFrame) -> pd.Series:
    """An id of each question that is the same whenever the same is asked."""
    rows = questions[IDENTITY].fillna("").itertuples(index=False, name=None)
    digests = [hashlib.sha256("\x1f".join(row).encode()).hexdigest() for row in rows]
    return pd.Series([f"Q-{digest[:DIGITS]}" for digest in digests], index=questions.index, dtype=object)


def with_values(
    questions: pd.DataFrame, layer: Mapping[str, pd.DataFrame], severity: Mapping[str, str]
) -> pd.DataFrame:
    """The questions in the columns of the sheet, gravest first, with the value of the column that is asked about."""
    rules = [RULES[query] for query in questions["query"]]
    grave = pd.Series([severity.get(rule.id, rule.severity) for rule in rules], index=questions.index, dtype=object)
    places = zip(questions["source_table"], questions["about"], strict=True)
    columns = [about if _is_column(table, about) else None for table, about in places]
    told = questions.rename(columns={"source_table": "table", "source_record_id": "record_id"}).assign(
        query=query_ids(questions), severity=grave, action=[rule.action for rule in rules],
        column=pd.Series(columns, index=questions.index, dtype=object),
    )  # fmt: skip
    told["old_value"] = _values(told, layer)
    order = grave.map(SEVERITIES.index).sort_values(kind="stable").index
    return told.loc[order].reset_index(drop=True)


def _is_column(table: object, about: str) -> bool:
    """Whether an answer may correct it: `about` is a column of that table, and does not say which record it is."""
    return about not in UNTOUCHED and table in RECORD_TABLES and about in RECORD_TABLES[str(table)].names


def _values(told: pd.DataFrame, layer: Mapping[str, pd.DataFrame]) -> pd.Series:
    """What the layered snapshot says in the column of each question that has one."""
    found = pd.Series(None, index=told.index, dtype=object)
    for (table, column), rows in told.dropna(subset=["column"]).groupby(["table", "column"]):
        if table in layer:
            known = layer[str(table)].drop_duplicates("record_id").set_index("record_id")[str(column)]
            found.loc[rows.index] = rows["record_id"].map(known.astype(object))
    return text_values(found)
