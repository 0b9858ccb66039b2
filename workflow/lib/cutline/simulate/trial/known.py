"""What is known of a trial's persons at the data cut-off: their times to event, as a pipeline should derive them."""

from __future__ import annotations

import numpy as np

from cutline.simulate.columns import NEVER, Array, Calendar, Columns


def until(persons: Columns, calendar: Calendar) -> Array:
    """The last day, from the index date, that has a record by the cut-off."""
    return np.asarray(np.minimum(persons["end"], calendar.cutoff - persons["index"]))


def seen(days: Array, last: Array) -> Array:
    """Planned days (one row per person) that have come by each person's last day; NEVER the others."""
    return np.where(days <= last[:, None], days, NEVER)


def scans_before_progression(persons: Columns, last: Array) -> Array:
    """Planned scans that show no progression: until `last` and before it; NEVER the others."""
    return seen(persons["scans"], np.minimum(last, persons["progression"] - 1))


def progression_free(persons: Columns, calendar: Calendar) -> tuple[Array, Array]:
    """Days to progression, death or the last scan, whichever is first to be known, and whether it is an event."""
    last = until(persons, calendar)
    event = np.where(persons["progression"] <= last, persons["progression"], _death(persons, calendar))
    happened = event < NEVER
    return np.where(happened, event, _latest(scans_before_progression(persons, last))), happened


def overall(persons: Columns, calendar: Calendar) -> tuple[Array, Array]:
    """Days to death or the last scan or contact, and whether it is death."""
    last, death = until(persons, calendar), _death(persons, calendar)
    progression = np.where(persons["progression"] <= last, persons["progression"], 0)
    scans = _latest(scans_before_progression(persons, last))
    alive = np.maximum(np.maximum(progression, scans), _latest(seen(persons["contacts"], last)))
    died = death < NEVER
    return np.where(died, death, alive), died


def _death(persons: Columns, calendar: Calendar) -> Array:
    """The day of a death that has come and is known by the cut-off."""
    known = (persons["death"] <= calendar.cutoff - persons["index"]) & ~persons["late_death"]
    return np.where(known, persons["death"], NEVER)


def _latest(days: Array) -> Array:
    """The last of each person's days; 0 if there is none."""
    return np.asarray(np.where(days < NEVER, days, 0).max(axis=1, initial=0))
