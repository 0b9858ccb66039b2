"""How many persons had adverse events: by term, organ class, grade and consequence, in time, and between groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import levels_of
from cutline.ard import first_note, results_table
from cutline.filters import is_one_of, is_unknown
from cutline.groups import reference_first
from cutline.records import as_text
from cutline.safety.compare import Contrast, compared_rows
from cutline.safety.counting import (
    ASPECTS,
    DISCONTINUED,
    GRADE_3_OR_4,
    Events,
    Group,
    Kind,
    Row,
    any_event,
    by_grade,
    counted,
    events_of,
    of_class,
    of_term,
    persons_with,
    with_aspect,
    with_kind,
)
from cutline.safety.deaths import related_deaths
from cutline.safety.names import CLASS, TERM, UNMAPPED, VARIABLES
from cutline.safety.rates import AtRisk, exposure_rows, rate_rows
from cutline.two_proportions import in_no_group

RULE = "summarise_safety"
Settings = Mapping[str, Any]


def summarise_safety(
    *,
    settings: Settings,
    safety: pd.DataFrame,
    exposure: pd.DataFrame,
    cohort: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    deaths: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Persons with treatment-emergent adverse events, and how often events came; overall and by `safety.by`.

    Persons are counted, not events, in percent of every included person; those without an event have a row of their
    own. Every term of the study has its rows, zeros included, then other terms of the code list in alphabetical order,
    and last those that it lacks, together; organ classes are those that occur. What records must decide (grade 3 and
    higher, relation to treatment, what was done, death) has a number only if they decide it for everybody. `deaths` are
    the accepted death records, if the study has any; without them nothing is said about related deaths. `covariates`
    are needed where groups are compared: each level with the variable's reference.
    """
    found = _found(settings, safety, cohort, deaths)
    groups = _groups(settings, covariates, found.persons)
    days = exposure.set_index("patient_id")["at_risk_days"].reindex(found.persons)
    at_risk = AtRisk(days.to_numpy(dtype="float64", na_value=np.nan), settings["statistics"]["conf_level"])
    rows = [row for group in (found.everyone, *groups) for row in _of_group(found, group, at_risk)]
    rows += _between(found, groups, at_risk.conf_level)
    return {"ard": results_table(rows, RULE)}


def overview(
    settings: Settings, safety: pd.DataFrame, cohort: pd.DataFrame, deaths: pd.DataFrame | None
) -> pd.DataFrame:
    """What the main table shows of everybody: the rows of `summarise_safety` that rest on events and deaths alone."""
    found = _found(settings, safety, cohort, deaths)
    return results_table(_overview(found, found.everyone), RULE)


# ── what was found, and of whom ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Found:
    """The included persons with their events, the kinds of events that are counted, and their deaths."""

    persons: pd.Index
    events: Events
    terms: tuple[tuple[Kind, str], ...]
    classes: tuple[Kind, ...]
    deaths: pd.DataFrame | None

    @property
    def everyone(self) -> Group:
        return Group(np.ones(len(self.persons), dtype=bool))

    @property
    def any(self) -> Kind:
        return any_event(self.events)

    @property
    def kinds(self) -> list[Kind]:
        return [self.any, *(kind for kind, _ in self.terms), *self.classes]


def _found(settings: Settings, safety: pd.DataFrame, cohort: pd.DataFrame, deaths: pd.DataFrame | None) -> Found:
    persons, listed = pd.Index(cohort["patient_id"]), settings["safety"]["terms"]
    events = events_of(safety, persons)
    others = sorted(set(events.frame["term"]) - {*listed, UNMAPPED})
    terms = [(of_term(events, term), _about_term(events, term, listed)) for term in (*listed, *others, UNMAPPED)]
    classes = sorted(set(events.frame["soc"]), key=lambda soc: (soc == UNMAPPED, soc))
    return Found(persons, events, tuple(terms), tuple(of_class(events, soc) for soc in classes), deaths)


def _about_term(events: Events, term: str, listed: Mapping[str, str]) -> str:
    """What a reader must know of a term."""
    written = as_text(events.frame.loc[events.frame["term"] == UNMAPPED, "recorded_term"]).nunique()
    return first_note(
        (term == UNMAPPED and written > 0, f"different terms that are not in the code list: {written}"),
        (term != UNMAPPED and term not in listed, "a term the study does not list"),
    )


def _groups(settings: Settings, covariates: pd.DataFrame | None, persons: pd.Index) -> list[Group]:
    """The levels of `safety.by`, its reference first; persons of unknown level are in none."""
    by = settings["safety"].get("by")
    if by is None:
        return []
    assert covariates is not None, "groups need the covariates"
    ordered = reference_first(settings["variables"][by])
    found = levels_of(covariates, by, persons, ordered)
    return [Group((found == level).to_numpy(dtype=bool), f"safety.{by}={level}", (is_one_of(by, level),),
                  {"group": by, "group_level": level}) for level in ordered]  # fmt: skip


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _of_group(found: Found, group: Group, at_risk: AtRisk) -> Iterator[Row]:
    """All there is to say of a group."""
    yield from _overview(found, group)
    yield from exposure_rows(group, at_risk)
    for kind in found.kinds:
        if kind.variable == VARIABLES[CLASS]:
            yield from with_kind(found.events, group, kind)
        for aspect in ASPECTS:
            if kind.path or aspect is not DISCONTINUED:  # of any event it is in the overview
                yield from with_aspect(found.events, group, kind, aspect, subset=aspect.name)
        yield from by_grade(found.events, group, kind)
        yield from rate_rows(found.events, group, kind, at_risk)


def _overview(found: Found, group: Group) -> Iterator[Row]:
    """None recorded, any, each term, grade 3 or 4, discontinued, related deaths."""
    events = found.events
    without = group.size - len(persons_with(events, found.any.which, group))
    yield from counted(f"{group.path}.none", without, group, ((is_unknown(f"safety.{TERM}"),),))
    yield from with_kind(events, group, found.any)
    for kind, note in found.terms:
        yield from with_kind(events, group, kind, note)
    yield from with_aspect(events, group, found.any, GRADE_3_OR_4)
    yield from with_aspect(events, group, found.any, DISCONTINUED)
    yield related_deaths(events.frame, group, found.persons, found.deaths)


def _between(found: Found, groups: list[Group], conf_level: float) -> Iterator[Row]:
    """Each group against the first one, and how many persons are of unknown group; nothing without groups."""
    if not groups:
        return
    sizes = [group.size for group in groups]
    yield in_no_group("safety", groups[0].fields["group"], sizes, len(found.persons))
    for group in groups[1:]:
        for kind in found.kinds:
            yield from compared_rows(found.events, kind, Contrast(group, groups[0], conf_level))
