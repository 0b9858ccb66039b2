"""Variables from other variables: groups between cut points, and the receptor subtype."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds
from cutline.durations import comparable
from cutline.errors import ConfigError
from cutline.receptors import RECEPTORS, counted_samples, dated_samples
from cutline.records import only


def cut(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The group of a number between fixed cut points: below the first is the first level, from it on the second."""
    name, levels = variable["inputs"][0], list(variable["levels"])
    points = [float(point) for point in variable["cut_points"]]
    if len(levels) != len(points) + 1 or points != sorted(points):
        raise ConfigError(
            f"a cut of {name}: found {len(levels)} levels and {len(points)} cut points; expected rising cut points and "
            "one level more"
        )
    fact = facts.of(name)
    measured, limits = comparable(facts.variable(name), fact["number"], points, facts.settings)
    groups = np.searchsorted(limits, measured.fillna(0).to_numpy(), side="right")
    value = only(pd.Series(np.array(levels, dtype=object)[groups], index=facts.persons), measured.notna())
    unknown = [(measured.isna(), f"{name} is unknown")]
    reason = first_that_holds(facts.persons, unknown, f"{name} against fixed cut points")
    return fact_of(facts.persons, reason, value=value, source=fact)


def subtype(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Receptor subtype from ER, PR and HER2 status; hormone receptor-positive is ER or PR positive, at least 1 %."""
    oestrogen, progesterone, her2 = (_for_subtype(facts, name) for name in variable["inputs"])
    positive = (oestrogen == "positive") | (progesterone == "positive")
    negative = (oestrogen == "negative") & (progesterone == "negative")
    her2_negative = her2.isin(["zero", "low"])
    groups = [(her2 == "positive", "her2_positive"), (her2_negative & positive, "hr_positive_her2_negative"),
              (her2_negative & negative, "triple_negative")]  # fmt: skip
    value = first_that_holds(facts.persons, groups, "")
    cases = [(value != "", "from ER, PR and HER2"), (~her2_negative, _words_for(variable, 2))]
    reason = first_that_holds(facts.persons, cases, "neither ER nor PR is positive and one is unknown")
    return fact_of(facts.persons, reason, value=value.where(value != ""), source=facts.of(variable["inputs"][2]))


def _for_subtype(facts: Facts, name: str) -> pd.Series:
    """A receptor's level, low positive as positive; so a percentage on both sides of 10 % is positive here."""
    fact, variable = facts.of(name), facts.variable(name)
    if "low_positive" not in variable.get("levels", {}) or variable["derive"] not in RECEPTORS:
        return fact["value"].replace("low_positive", "positive")
    levels = {level: label for level, label in variable["levels"].items() if level != "low_positive"}
    merged = {**variable, "levels": levels}
    chosen = counted_samples(dated_samples(facts.records, merged), merged, facts.anchor(merged))
    return chosen["status"].reindex(facts.persons)


def _words_for(variable: Variable, position: int) -> str:
    return f"{variable['inputs'][position]} is unknown"
