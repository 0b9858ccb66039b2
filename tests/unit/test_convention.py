"""A package's conventions by one word, any of them overridden, and said in words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cutline.contradictions.sections import unfit_statistics
from cutline.display.convention_words import in_words
from cutline.survival.convention import CHOICES, PRESETS, completed, convention_of

ROOT = Path(__file__).parents[2]


def test_every_preset_makes_every_choice() -> None:
    assert {name: sorted(preset) for name, preset in PRESETS.items()} == dict.fromkeys(
        ("spss", "sas", "r"), sorted(CHOICES)
    )


@pytest.mark.parametrize(
    ("name", "median", "survival", "rule", "ties", "z"),
    [
        ("spss", "spss", "log-log", "left_end", "breslow", 1.96),
        ("sas", "log-log", "log-log", "midpoint", "breslow", 1.959963984540054),
        ("r", "log", "log", "midpoint", "efron", 1.959963984540054),
    ],
)
def test_a_preset_sets_intervals_quantile_rule_ties_and_z_at_once(
    name: str, median: str, survival: str, rule: str, ties: str, z: float
) -> None:
    found = convention_of({"convention": name, "conf_level": 0.95})
    assert (found.median_interval, found.survival_interval, found.quantile_rule, found.ties) == (
        median, survival, rule, ties,
    )  # fmt: skip
    assert found.z == pytest.approx(z, abs=1e-15)


@pytest.mark.parametrize("choice", CHOICES)
def test_each_choice_can_be_overridden_beside_a_preset_and_leaves_the_others(choice: str) -> None:
    other = {"median_interval": "plain", "survival_interval": "arcsin", "quantile_rule": "midpoint", "ties": "efron",
             "z": "exact"}[choice]  # fmt: skip
    before, after = completed({"convention": "spss"}), completed({"convention": "spss", choice: other})
    assert {name for name in before if before[name] != after[name]} == {choice}
    assert after[choice] == other


def test_spss_rounds_z_at_95_percent_and_at_no_other_level() -> None:
    assert convention_of({"convention": "spss", "conf_level": 0.95}).z == 1.96
    assert convention_of({"convention": "spss", "conf_level": 0.9}).z == pytest.approx(1.6448536269514722)


def test_a_study_that_makes_each_choice_needs_no_preset_and_spss_intervals_keep_spss_z() -> None:
    own = {"median_interval": "spss", "survival_interval": "log", "ties": "efron"}
    assert list(unfit_statistics({"statistics": own})) == []
    assert convention_of(own).z == 1.96
    assert convention_of(own | {"median_interval": "log"}).z != 1.96
    assert convention_of(own).quantile_rule == "left_end"


def test_a_study_without_preset_and_choice_is_told_what_is_missing() -> None:
    (fault,) = unfit_statistics({"statistics": completed({"ties": "efron"})})
    assert "missing key(s) median_interval, survival_interval" in fault
    assert "convention: spss, sas, r" in fault


def test_the_words_say_whose_interval_stands_in_where_the_package_prints_none() -> None:
    spss = convention_of({"convention": "spss"})
    assert spss.survival_interval_in_words == "log-log (SPSS prints no such interval; SAS's scale stands in)"
    assert convention_of({"convention": "spss", "survival_interval": "log"}).survival_interval_in_words == (
        "log (SPSS prints no such interval)"
    )
    assert convention_of({"convention": "r"}).survival_interval_in_words == "log"
    assert in_words(spss).startswith("Convention of SPSS: ")
    assert in_words(spss).endswith("ties by Breslow; z = 1.96.")


def test_completing_twice_changes_nothing() -> None:
    once = completed({"convention": "r", "conf_level": 0.9})
    assert completed(once) == once


def test_the_conventions_are_read_without_pandas() -> None:
    code = "import sys; import cutline.survival.convention; sys.exit('pandas' in sys.modules or 'numpy' in sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "workflow" / "lib")}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
