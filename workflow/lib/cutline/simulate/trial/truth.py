"""What a pipeline should find in the records of a trial at the data cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.simulate.columns import NEVER, Array, Calendar, Columns
from cutline.simulate.trial.known import overall, progression_free, scans_before_progression, until


def trial_truth(persons: Columns, calendar: Calendar, trial: Mapping[str, Any], numbers: Array) -> pd.DataFrame:
    """One row per randomised person: arm, index date, times in whole days, best response, worst grade of each event.

    The grade of an event that she did not have is blank. Events that are learnt of late or withdrawn later count as at
    the cut-off.
    """
    days, progressed = progression_free(persons, calendar)
    survival, died = overall(persons, calendar)
    events = {f"grade_{name}": _grade(persons, name) for name in trial["adverse_events"]}
    return pd.DataFrame({
        "patient_id": numbers, "arm": persons["arm"],
        "index_date": persons["index"].astype("datetime64[D]").astype(str), "pfs_days": days, "pfs_event": progressed,
        "os_days": survival, "os_event": died, "best_response": _best_response(persons, calendar), **events,
    })  # fmt: skip


def _best_response(persons: Columns, calendar: Calendar) -> Array:
    """The response of her course; without one stable disease, if a scan showed it, else progression or MISSING."""
    last = until(persons, calendar)
    stable = (scans_before_progression(persons, last) < NEVER).any(axis=1)
    without = np.where(persons["progression"] <= last, "PD", "MISSING")
    return np.where(persons["course"] != "", persons["course"], np.where(stable, "SD", without)).astype(object)


def _grade(persons: Columns, name: str) -> pd.Series:
    grade = pd.Series(persons[f"grade {name}"]).astype("Int64")
    return grade.where(persons[f"onset {name}"] < NEVER)
