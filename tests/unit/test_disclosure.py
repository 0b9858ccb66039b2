"""What may leave: everything within the study group, nothing as public until that is built."""

from __future__ import annotations

import pandas as pd
import pytest

from cutline.disclosure.release import release_results
from cutline.errors import ConfigError
from tests.unit import display_study as study


def release(profile: str = "internal", curves: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    return release_results(
        settings={"report": {"profile": profile}},
        summarise_baseline=study.baseline(),
        fit_cox=study.cox(),
        curves_pfs=study.curves() if curves is None else curves,
    )


def test_the_internal_profile_releases_every_part_and_curve_unchanged():
    released = release()
    assert set(released) == {"ard", "released_summarise_baseline", "released_fit_cox", "released_curves_pfs"}
    pd.testing.assert_frame_equal(released["released_fit_cox"], study.cox())
    pd.testing.assert_frame_equal(released["released_curves_pfs"], study.curves())


def test_all_parts_in_their_order_are_the_analysis_results_data():
    assert release()["ard"]["key"].tolist() == [*study.baseline()["key"], *study.cox()["key"]]


def test_a_curve_of_nobody_is_released_under_its_endpoint():
    assert release(curves=study.no_curves())["released_curves_pfs"].empty


@pytest.mark.parametrize("profile", ["public", "irb", "Internal", ""])
def test_a_profile_that_is_not_built_releases_nothing(profile):
    with pytest.raises(ConfigError, match=r"report\.profile.*nothing was released"):
        release(profile)
