"""How often events came in the time that persons were at risk of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutline.ard import result
from cutline.filters import filter_text, is_known
from cutline.marking import noted
from cutline.safety.counting import Array, Events, Group, Kind, Row, persons_with

DAYS_PER_YEAR = 365.25
AT_RISK = is_known("exposure.at_risk_days")
INCIDENCE = "persons with the event per 100 patient-years to the first event; exact Poisson interval (Garwood)"
RATE = "all events, repeated ones too, per 100 patient-years at risk; no interval, since events of a person go together"
TO_FIRST = "time from first dose to the first event or the end of the time at risk"
NO_TIME = noted("nobody was at risk")


@dataclass(frozen=True, eq=False)
class AtRisk:
    """The days at risk of each included person, NaN of who was not treated; and the level of intervals."""

    days: Array
    conf_level: float


def exposure_rows(group: Group, at_risk: AtRisk) -> Iterator[Row]:
    """Persons at risk, and their patient-years."""
    days = at_risk.days[group.members & ~np.isnan(at_risk.days)]
    about: Row = {"analysis": "safety", "variable": "exposure", "n": len(days), "n_contributing": len(days),
                  "filter": filter_text((*group.who, AT_RISK)), **group.fields,
                  "method": "from first dose to the end of the safety window, death or data cut-off"}  # fmt: skip
    yield result(f"{group.path}.exposure.n", len(days), unit="persons", **about)
    years = float(days.sum()) / DAYS_PER_YEAR
    yield result(f"{group.path}.exposure.patient_years", years, unit="patient-years", **about)


def rate_rows(events: Events, group: Group, kind: Kind, at_risk: AtRisk) -> Iterator[Row]:
    """Exposure-adjusted incidence with its interval, and the rate of events apart.

    A person's time runs to her first event of the kind, both days included, or without one to the end of her time at
    risk. An incidence without any time is a row with its reason.
    """
    key = kind.under(group.path)
    count = len(persons_with(events, kind.which, group))
    ours = group.members & ~np.isnan(at_risk.days)
    years = float(_days_to_first(events, kind, at_risk)[ours].sum()) / DAYS_PER_YEAR
    total = float(at_risk.days[ours].sum()) / DAYS_PER_YEAR
    number = int((kind.which & group.members[events.place]).sum())
    about: Row = {"analysis": "safety", "variable": kind.variable, "level": kind.level, "subset": "rate",
                  "n": int(ours.sum()), "n_contributing": count, "note": "" if total else NO_TIME,
                  "filter": filter_text((*group.who, AT_RISK), kind.counted), **group.fields}  # fmt: skip
    yield result(f"{key}.patient_years", years, unit="patient-years",
                 **about | {"method": TO_FIRST, "n_contributing": int(ours.sum()),
                            "filter": filter_text((*group.who, AT_RISK))})  # fmt: skip
    yield from _incidence(f"{key}.per_100_patient_years", count, years, at_risk.conf_level, about)
    yield result(f"{key}.events", number, unit="events", **about | {"method": RATE, "note": ""})
    yield result(f"{key}.events_per_100_patient_years", 100 * number / total if total else None,
                 unit="per 100 patient-years", **about | {"method": RATE})  # fmt: skip


def _days_to_first(events: Events, kind: Kind, at_risk: AtRisk) -> Array:
    """Of each included person the days to the first event of the kind, else all her days at risk."""
    days = at_risk.days.copy()
    onset = events.frame["days_from_first_dose"].to_numpy(dtype="float64")[kind.which] + 1
    np.fmin.at(days, events.place[kind.which], onset)
    return days


def _incidence(key: str, count: int, years: float, conf_level: float, about: Row) -> Iterator[Row]:
    about = about | {"unit": "per 100 patient-years", "method": INCIDENCE}
    yield result(key, 100 * count / years if years else None, **about)
    limits: tuple[Any, Any] = poisson_interval(count, years, conf_level) if years else (None, None)
    for bound, limit in zip(("lower", "upper"), limits, strict=True):
        yield result(f"{key}_{bound}", None if limit is None else 100 * limit, **about | {"conf_level": conf_level})


def poisson_interval(count: int, time: float, conf_level: float) -> tuple[float, float]:
    """The exact interval of a rate, `count` per `time`, whose counts are Poisson (Garwood, Biometrika 1936;28:437).

    Half the quantiles of chi-square with 2 x count and 2 x count + 2 degrees of freedom; the lower limit without an
    event is 0. `time` is above 0.
    """
    from scipy.special import gammaincinv  # slow to import

    tail = (1 - conf_level) / 2
    lower = float(gammaincinv(count, tail)) if count else 0.0
    return lower / time, float(gammaincinv(count + 1, 1 - tail)) / time
