"""Where the persons of two cuts are, and how many came, went and moved."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cutline.analysis_set import times_of
from cutline.changes.versions import Derived, Settings
from cutline.response import BEST_FIRST
from cutline.tables.changes import FLOW
from cutline.tables.spec import conform

INCLUDED, PENDING = "included", "pending"
EVENT, CENSORED = "event", "censored"


def count_flow(settings: Settings, before: Derived, after: Derived) -> pd.DataFrame:
    """Persons at every place of either cut, and how they came and went: rows as in `FLOW`.

    Criteria of all screened persons, by the first that failed; categorical variables, best overall response and events
    of the included ones. Asserts that what was there, came and went gives what is there.
    """
    rows = [
        {"what": what, "name": name, "level": level, **_moves(old, new, level)}
        for what, name, old, new, levels in _places(settings, before, after)
        for level in levels
    ]
    return conform(pd.DataFrame(rows, columns=FLOW.names), FLOW)


def _places(
    settings: Settings, before: Derived, after: Derived
) -> Iterator[tuple[str, str, pd.Series, pd.Series, list[str]]]:
    """What is asked, and where everybody was and is: series of levels by patient_id, and the levels in order."""
    criteria = [criterion["id"] for criterion in settings["criteria"]]
    yield "criterion", "", station(before), station(after), [*criteria, PENDING, INCLUDED]
    for name, variable in settings["variables"].items():
        if variable["kind"] == "categorical":
            old, new = (_levels(side, name) for side in (before, after))
            yield "variable", name, old, new, [*variable["levels"], ""]
    if before.response is not None and after.response is not None:
        old, new = (table.set_index("patient_id")["best_response"] for table in (before.response, after.response))
        yield "response", "", old, new, BEST_FIRST
    for name in settings["endpoints"]:
        old, new = (_outcome(side, name) for side in (before, after))
        yield "endpoint", name, old, new, [EVENT, CENSORED]


def station(side: Derived) -> pd.Series:
    """The first criterion that excludes each screened person, or `PENDING`, or `INCLUDED`; index patient_id."""
    assert side.ledger is not None
    persons = side.ledger.set_index("patient_id")
    return persons["first_failed"].fillna(persons["status"])


def _levels(side: Derived, variable: str) -> pd.Series:
    rows = side.covariates[side.covariates["variable"] == variable].set_index("patient_id")
    return rows["value"].reindex(side.members).fillna("")


def _outcome(side: Derived, endpoint: str) -> pd.Series:
    return times_of(side.endpoints, endpoint)["event"].map({True: EVENT, False: CENSORED})


def _moves(old: pd.Series, new: pd.Series, level: str) -> dict[str, int]:
    there, here = set(old.index[old == level]), set(new.index[new == level])
    counts = {
        "before": len(there), "after": len(here),
        "entered": len(here - set(old.index)), "left": len(there - set(new.index)),
        "moved_in": len(here & set(old.index) - there), "moved_out": len(there & set(new.index) - here),
    }  # fmt: skip
    came, went = counts["entered"] + counts["moved_in"], counts["left"] + counts["moved_out"]
    assert counts["before"] + came - went == counts["after"], f"{level}: persons lost on the way"
    return counts
