"""Deaths that are recorded as related to the treatment."""

from __future__ import annotations

import pandas as pd

from cutline.ard import result
from cutline.filters import Clause, filter_text, is_one_of
from cutline.marking import noted
from cutline.safety.counting import NO_NUMBER, Group, Row, not_recorded

NAME = "treatment_related_deaths"
RELATED: tuple[Clause, ...] = (
    (is_one_of("deaths.treatment_related", "yes"),),
    (is_one_of("safety.relatedness", "related"), is_one_of("safety.outcome", "fatal")),
    (is_one_of("safety.relatedness", "related"), is_one_of("safety.worst_grade", 5)),
)


def related_deaths(events: pd.DataFrame, group: Group, persons: pd.Index, deaths: pd.DataFrame | None) -> Row:
    """Persons of the group whose death is recorded as related, in the death record or as a fatal related event.

    No number where that is open for a death: the death record does not say, or, without one, the fatal event.
    """
    about: Row = {"analysis": "safety", "variable": "death", "unit": "persons", "n": group.size, **group.fields,
                  "method": noted("deaths recorded as related to the study treatment")}  # fmt: skip
    if deaths is None:
        return result(f"{group.path}.{NAME}.n", None, note=noted("the study records no deaths"), **about)
    members = persons[group.members]
    number, note = _decided(events[events["patient_id"].isin(members)], deaths[deaths["patient_id"].isin(members)])
    row = result(f"{group.path}.{NAME}.n", number, n_contributing=number,
                 **about | {"filter": filter_text(group.who, *RELATED)})  # fmt: skip
    return row | NO_NUMBER | {"note": note} if note else row


def _decided(events: pd.DataFrame, deaths: pd.DataFrame) -> tuple[int, str]:
    fatal = events[(events["outcome"] == "fatal") | (events["worst_grade"] == 5).fillna(False)]
    related = {*deaths.loc[deaths["treatment_related"] == "yes", "patient_id"],
               *fatal.loc[fatal["relatedness"] == "related", "patient_id"]}  # fmt: skip
    unsaid = {*deaths.loc[~deaths["treatment_related"].isin(["yes", "no"]), "patient_id"],
              *fatal.loc[~fatal["relatedness"].isin(["related", "not_related"]), "patient_id"]}  # fmt: skip
    unsaid -= related | {*deaths.loc[deaths["treatment_related"] == "no", "patient_id"]}
    dead = {*deaths["patient_id"], *fatal["patient_id"]}
    return len(related), not_recorded(
        noted("whether it was related to treatment"), len(unsaid), len(dead), noted("deaths")
    )
