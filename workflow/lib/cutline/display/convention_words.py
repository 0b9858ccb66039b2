"""The convention for survival analysis in words: whose it is, and what it chooses."""

from __future__ import annotations

from cutline.languages import marked, tell, with_decimal_sign
from cutline.survival.convention import NAMES, RULES_IN_WORDS, Convention

SCALES = {
    "plain": marked("plain"),
    "log": marked("log"),
    "log-log": marked("log-log"),
    "logit": marked("logit"),
    "arcsin": marked("arcsin"),
    "spss": marked("as SPSS computes it"),
}
"""The scales of intervals; SPSS's interval of the median is called by its name."""


def in_words(convention: Convention) -> str:
    """The whole convention in one sentence, for the footnote of a table or figure."""
    package = NAMES.get(convention.name)
    return tell(
        "{whose}: interval of quantiles {scale}, {rule}; interval of S(t) {survival}; ties by {ties}; z = {z}.",
        whose=tell("Convention of {package}", package=package) if package else tell("Convention chosen by the study"),
        scale=scale(convention.median_interval),
        rule=tell(RULES_IN_WORDS[convention.quantile_rule]),
        survival=scale(convention.survival_interval) + stand_in(convention),
        ties=convention.ties.capitalize(),
        z=with_decimal_sign(f"{convention.z:.6g}"),
    )


def scale(interval: str) -> str:
    return tell(SCALES.get(interval, interval))


def stand_in(convention: Convention) -> str:
    """In brackets, whose intervals of S(t) stand in where the package named prints none; else blank."""
    remark, packages = convention.stand_in
    return tell(remark, **packages)
