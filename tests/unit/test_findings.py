"""The Results in another language: everything that is said goes through the catalogue, and in whole sentences."""

from __future__ import annotations

import re

import pytest

from cutline.errors import ReportError
from cutline.manuscript.context import Context
from cutline.manuscript.findings import GENERATED
from tests.unit.bracketed import bracketed, outside
from tests.unit.test_manuscript import context

LOOK_UP = re.compile(r"\{\{<.*?>\}\}|\{#[\w-]+\}|@[\w-]+|\[[^\]]*\]\(#[\w-]+\)")


@pytest.mark.parametrize("name", GENERATED)
def test_no_word_of_the_results_is_said_past_the_catalogue(name: str) -> None:
    of_study = context()
    with bracketed():
        said = outside(LOOK_UP.sub("", GENERATED[name](of_study)))
    for spec in of_study.settings["endpoints"].values():
        said = said.replace(f"## {spec['label']}", "")
    assert re.findall(r"[A-Za-z]{2,}", said) == []


def test_an_unknown_key_names_the_nearest_or_says_that_there_are_no_results() -> None:
    with pytest.raises(ReportError, match=r"unknown result key 'pfs\.km\.medan'; the nearest is 'pfs\.km\.median'"):
        context().row("pfs.km.medan")
    with pytest.raises(ReportError, match="there are no results at all"):
        Context({}, {}).row("pfs.km.median")
