"""Which package's conventions a study follows: intervals, the rule for quantiles, ties in Cox models, and z.

A study names a preset (`statistics.convention`), or each choice, or a preset and the choices that differ from it.
Read before the first job, so nothing here needs pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from cutline.marking import marked

Statistics = Mapping[str, Any]

SPSS_Z = 1.96
"""SPSS computes its 95 % intervals with this number, not with the normal quantile."""
SPSS_Z_LEVEL = 0.95

CHOICES = ("median_interval", "survival_interval", "quantile_rule", "ties", "z")
"""What a preset decides, and what may be given beside it."""

PRESETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "spss": {"median_interval": "spss", "survival_interval": "log-log", "quantile_rule": "left_end",
                 "ties": "breslow", "z": "rounded"},
        "sas": {"median_interval": "log-log", "survival_interval": "log-log", "quantile_rule": "midpoint",
                "ties": "breslow", "z": "exact"},
        "r": {"median_interval": "log", "survival_interval": "log", "quantile_rule": "midpoint",
              "ties": "efron", "z": "exact"},
    }
)  # fmt: skip
"""Preset → its choices: SPSS 26 (KM, COXREG), SAS (LIFETEST, PHREG), R's package survival."""

NAMES: Mapping[str, str] = MappingProxyType({"spss": "SPSS", "sas": "SAS", "r": "R"})

STANDS_IN: Mapping[str, Mapping[str, str]] = MappingProxyType({"spss": {"survival_interval": "sas"}})
"""Preset → what its package prints nothing for, and whose method stands in."""

NEEDED_WITHOUT_PRESET = ("median_interval", "survival_interval", "ties")

DEFAULTS: Statistics = MappingProxyType(
    {"convention": "", "landmarks_months": [6, 12, 24, 36], "landmark_minimum_at_risk": 5, "quantiles": [0.75, 0.25],
     "rmst_months": [], "tests": ["logrank"]}
)  # fmt: skip
"""What a study's `statistics` need not say."""

RULES_IN_WORDS: Mapping[str, str] = MappingProxyType(
    {"left_end": marked("left end of a step at the quantile"), "midpoint": marked("midpoint of a step at the quantile")}
)

NO_INTERVAL = marked(" ({package} prints no such interval)")
OTHER_STANDS_IN = marked(" ({package} prints no such interval; {other}'s scale stands in)")


@dataclass(frozen=True)
class Convention:
    """The choices in force. `name` is the preset's, blank if the study names none; `z_rule` is rounded or exact."""

    name: str
    conf_level: float
    median_interval: str
    survival_interval: str
    quantile_rule: str
    ties: str
    z_rule: str

    @property
    def z(self) -> float:
        """How many standard errors an interval reaches to each side."""
        if self.z_rule == "rounded" and self.conf_level == SPSS_Z_LEVEL:
            return SPSS_Z
        return NormalDist().inv_cdf((1 + self.conf_level) / 2)

    @property
    def rule_in_words(self) -> str:
        return RULES_IN_WORDS[self.quantile_rule]

    @property
    def survival_interval_in_words(self) -> str:
        """The scale of intervals of S(t), and whose it is where the preset's package prints none."""
        remark, packages = self.stand_in
        return self.survival_interval + remark.format(**packages)

    @property
    def stand_in(self) -> tuple[str, dict[str, str]]:
        """A remark where the preset's package prints no intervals of S(t), with the packages it names; else blank."""
        other = STANDS_IN.get(self.name, {}).get("survival_interval")
        if other is None:
            return "", {}
        is_other = self.survival_interval == PRESETS[other]["survival_interval"]
        return OTHER_STANDS_IN if is_other else NO_INTERVAL, {"package": NAMES[self.name], "other": NAMES[other]}


def convention_of(statistics: Statistics) -> Convention:
    """The convention that a study's `statistics` section, or the part of it that a rule uses, asks for.

    A choice that is given beats the preset's; one that is neither is blank. Without a preset the rule for quantiles is
    `left_end`, and z is rounded where the interval of the median is SPSS's. The level defaults to 0.95.
    """
    chosen = completed(statistics)
    return Convention(
        name=chosen["convention"],
        conf_level=chosen.get("conf_level", SPSS_Z_LEVEL),
        z_rule=chosen["z"],
        **{name: chosen.get(name, "") for name in CHOICES if name != "z"},
    )


def completed(statistics: Statistics) -> dict[str, Any]:
    """The `statistics` section with every choice in force and every default written out; what is given stays."""
    return {**DEFAULTS, **_preset(statistics), **statistics}


def _preset(statistics: Statistics) -> Mapping[str, str]:
    if statistics.get("convention"):
        return PRESETS[statistics["convention"]]
    return {"quantile_rule": "left_end", "z": "rounded" if statistics.get("median_interval") == "spss" else "exact"}


def missing_choices(statistics: Statistics) -> list[str]:
    """The choices that a study without a preset must make and does not."""
    return [] if statistics.get("convention") else [name for name in NEEDED_WITHOUT_PRESET if name not in statistics]
