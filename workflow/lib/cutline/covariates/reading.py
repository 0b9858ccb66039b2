"""What a record says as a level or a number of a variable, or why it says none."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds
from cutline.errors import ConfigError
from cutline.records import as_text, code_map, plain_text
from cutline.tables.spec import is_text


def from_recorded(
    facts: Facts, variable: Variable, recorded: pd.Series, how: str, absent: pd.Series, source: pd.DataFrame
) -> pd.DataFrame:
    """A level or a number from what was recorded (index patient_id), or the reason why it is none."""
    answer, fault = _read(facts, variable, recorded)
    reason = absent.where(~facts.persons.isin(recorded.index), how)
    reason = fault.reindex(facts.persons).combine_first(reason)
    name = "number" if variable["kind"] == "continuous" else "value"
    return fact_of(facts.persons, reason, source=source, **{name: answer})


def meaning(facts: Facts, variable: Variable, recorded: pd.Series) -> pd.Series:
    """What each record says, as text: the level or the number, or what was written where it is neither."""
    answer, _ = _read(facts, variable, recorded)
    return as_text(answer).where(answer.notna(), as_text(recorded))


def _read(facts: Facts, variable: Variable, recorded: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The level or number of each record, missing where it is none, and why it is none."""
    return (_numbers if variable["kind"] == "continuous" else _levels)(facts, variable, recorded)


def _numbers(facts: Facts, variable: Variable, recorded: pd.Series) -> tuple[pd.Series, pd.Series]:
    if is_text(recorded):
        recorded = recorded.map(lambda text: str(text).replace(",", "."))
    numbers = pd.to_numeric(recorded, errors="coerce").astype("float64")
    return numbers, pd.Series("not a number as recorded", index=numbers.index[numbers.isna()], dtype=object)


def _levels(facts: Facts, variable: Variable, recorded: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Level ids, and why the others are unknown. Compared as plain text; a code list or `values` maps first."""
    texts = as_text(recorded)
    mapped = texts.map(_mapping(facts, variable)) if _is_mapped(variable) else texts
    ids = {plain_text(level): level for level in variable["levels"]}
    levels = mapped.map(ids)
    words = "not in the code list" if "codelist" in variable else "not among the recorded values the study maps"
    cases = [(levels.notna(), ""), (mapped.isna(), words)]
    fault = first_that_holds(recorded.index, cases, "not one of the variable's levels")
    return levels, fault[levels.isna()]


def _is_mapped(variable: Variable) -> bool:
    return "codelist" in variable or "values" in variable


def _mapping(facts: Facts, variable: Variable) -> dict[str, str]:
    if "codelist" not in variable:
        return {plain_text(recorded): plain_text(level) for recorded, level in variable["values"].items()}
    return {recorded: plain_text(level) for recorded, level in codes(facts, variable).items()}


def codes(facts: Facts, variable: Variable) -> dict[str, str]:
    """The variable's code list: recorded text, as compared, to level."""
    if variable["codelist"] not in facts.codelists:
        raise ConfigError(
            f"unknown code list {variable['codelist']!r}; known: {', '.join(sorted(facts.codelists)) or 'none'}; "
            "add it under codelists in study.yaml"
        )
    return code_map(facts.codelists[variable["codelist"]], "level")
