"""The synthetic source of a randomised trial, all of it as the study's `simulate.trial` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.simulate.columns import Array, Calendar, Columns, Streams
from cutline.simulate.records import completed
from cutline.simulate.targets import Targets
from cutline.simulate.trial.events import draw_events, event_records
from cutline.simulate.trial.imaging import assessments, draw_responses
from cutline.simulate.trial.persons import draw_times
from cutline.simulate.trial.records import contacts, deaths, observations, patients, treatments
from cutline.simulate.trial.truth import trial_truth


class Trial:
    """A model of a trial: draws persons, and writes down what is known of them."""

    def __init__(self, settings: Mapping[str, Any], targets: Targets | None) -> None:
        self._trial = settings["simulate"]["trial"]
        self._calendar = Calendar.of(settings)
        self._targets = targets

    @property
    def size(self) -> int:
        """Persons at scale 1."""
        return sum(int(arm["persons"]) for arm in self._trial["arms"].values())

    def persons(self, streams: Streams, size: int, calibrated: bool) -> Columns:
        """One row per randomised person: her arm, and what happens to her and when.

        Raises ConfigError if no draw meets the published values.
        """
        targets = self._targets if calibrated else None
        persons = draw_times(streams, self._calendar, self._trial, size, targets)
        persons |= draw_responses(streams("responses"), self._calendar, self._trial, persons, exact=calibrated)
        return persons | draw_events(streams, self._calendar, self._trial, persons, exact=calibrated)

    def records(self, persons: Columns, streams: Streams) -> dict[str, Columns]:
        """The versions of every record by table, sorted by record and version."""
        given = (persons, streams, self._calendar, self._trial)
        tables = {
            "patients": patients(*given), "observations": observations(*given), "treatments": treatments(*given),
            "assessments": assessments(*given), "adverse_events": event_records(*given),
            "follow_up": contacts(*given), "deaths": deaths(*given),
        }  # fmt: skip
        return completed(tables, len(persons["arm"]))

    def truth(self, persons: Columns, streams: Streams, numbers: Array) -> pd.DataFrame:
        """What a pipeline should find, one row per randomised person."""
        return trial_truth(persons, self._calendar, self._trial, numbers)


__all__ = ["Trial"]
