"""The synthetic hospital of the default study: women with metastatic breast cancer, screened for a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.simulate.columns import Array, Calendar, Columns, Streams
from cutline.simulate.persons import draw_persons
from cutline.simulate.records import records_of
from cutline.simulate.targets import Targets
from cutline.simulate.timeline import SCREENED
from cutline.simulate.truth import truth_table


class Hospital:
    """A model of the hospital: draws women, and writes down what is known of them."""

    size = SCREENED

    def __init__(self, settings: Mapping[str, Any], targets: Targets | None) -> None:
        self._calendar = Calendar.of(settings)
        self._targets = targets

    def persons(self, streams: Streams, size: int, calibrated: bool) -> Columns:
        """One row per screened woman. Raises ConfigError if no draw meets the published values."""
        return draw_persons(streams, self._calendar, size, self._targets if calibrated else None)

    def records(self, persons: Columns, streams: Streams) -> dict[str, Columns]:
        """The versions of every record by table, sorted by record and version."""
        return records_of(persons, streams, self._calendar)

    def truth(self, persons: Columns, streams: Streams, numbers: Array) -> pd.DataFrame:
        """What a pipeline should find, one row per screened woman."""
        return truth_table(persons, streams, self._calendar, numbers)
