"""All checks of an account, and their table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cutline.consistency import claims, counting, design, estimates, statements
from cutline.consistency.account import Account, Checked
from cutline.consistency.publication import account_of_publication
from cutline.consistency.report import account_of_report
from cutline.display.lookup import Results
from cutline.marking import marked
from cutline.tables.consistency import CONSISTENCY

CHECKS: Mapping[Callable[[Account], Iterator[Checked]], str] = {
    counting.counts_add_up: marked("counts add up"),
    counting.percentages_recompute: marked("percentages recompute"),
    counting.category_listed_once: marked("category listed once"),
    counting.categories_distinct: marked("categories distinct"),
    estimates.interval_of_its_method: marked("interval of its method"),
    estimates.rate_has_interval: marked("rate has interval"),
    estimates.landmark_has_number_at_risk: marked("landmark has number at risk"),
    estimates.crude_and_estimated_kept_apart: marked("crude and estimated kept apart"),
    statements.essentials_stated: marked("essentials stated"),
    statements.population_named_alike: marked("population named alike"),
    statements.source_cited_alike: marked("source cited alike"),
    statements.one_data_cut_per_reference: marked("one data cut per reference"),
    design.criteria_have_numbers: marked("criteria have numbers"),
    design.selection_free_of_outcome: marked("selection free of outcome"),
    design.groups_meet_at_cut_point: marked("groups meet at cut point"),
    design.cut_point_not_from_data: marked("cut point not from data"),
    design.covariates_timed_at_index: marked("covariates timed at index"),
    design.follow_up_reaches_endpoints: marked("follow up reaches endpoints"),
    design.models_hold_the_same: marked("models hold the same"),
    design.coding_described: marked("coding described"),
    design.software_offers_the_test: marked("software offers the test"),
    design.landmark_within_reach: marked("landmark within reach"),
    claims.absence_was_looked_for: marked("absence was looked for"),
    claims.response_fits_survival: marked("response fits survival"),
    claims.no_difference_not_sameness: marked("no difference not sameness"),
    claims.comparisons_not_denied: marked("comparisons not denied"),
    claims.pretreatment_counted: marked("pretreatment counted"),
    claims.trial_with_its_control: marked("trial with its control"),
}
"""Every check and its name in words, in the order in which they are told."""
_IN_WORDS = {check.__name__: words for check, words in CHECKS.items()}


def checked(account: Account) -> list[Checked]:
    """What every check says of the account, in the order of the checks and of what they look at."""
    return [replace(each, check=check.__name__) for check in CHECKS for each in check(account)]


def in_words(check: str) -> str:
    """The name of a check as words."""
    return _IN_WORDS[check]


def tally(checks: Iterable[Checked], check: str) -> tuple[int, int]:
    """How many things one check looked at, and of how many it holds."""
    verdicts = [each.holds for each in checks if each.check == check]
    return len(verdicts), sum(verdicts)


def check_consistency(
    settings: Mapping[str, Any], results: Results, curves: Sequence[pd.DataFrame], text: str
) -> dict[str, list[Checked]]:
    """What every check says of the publication, if the study describes one, and of the report, by what it is about.

    `settings` are those of the rule render_report, `results` the released ones by key, `curves` the released
    Kaplan-Meier curves, `text` the composed document.
    """
    labels = {name: str(each["label"]) for part in ("variables", "endpoints") for name, each in settings[part].items()}
    accounts = [account_of_report(settings, results, curves, text, labels)]
    if given := settings.get("publication"):
        accounts.insert(0, account_of_publication(given["values"], given["description"], labels))
    return {account.about: checked(account) for account in accounts}


def as_table(checks: Mapping[str, Iterable[Checked]]) -> pd.DataFrame:
    """One row per check and thing that it looked at, in the columns of `CONSISTENCY`."""
    rows = [_row(about, each) for about, of_it in checks.items() for each in of_it]
    return pd.DataFrame(rows, columns=CONSISTENCY.names, dtype=object)


def _row(about: str, each: Checked) -> dict[str, str]:
    told = {"severity": "", "meaning": ""} if each.holds else {"severity": each.severity, "meaning": each.meaning}
    found = {name: getattr(each, name) for name in ("check", "subject", "found", "expected", "section", "basis")}
    return {"about": about, "verdict": "holds" if each.holds else "found"} | found | told
