"""The Results in another language: everything that is said goes through the catalogue, and in whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from cutline import languages
from cutline.errors import ReportError
from cutline.languages import Language, Message
from cutline.manuscript.context import Context
from cutline.manuscript.findings import GENERATED
from tests.unit.test_manuscript import context

LOOK_UP = re.compile(r"\{\{<.*?>\}\}|\{#[\w-]+\}|@[\w-]+|\[[^\]]*\]\(#[\w-]+\)")


class Bracketed(Mapping[Message, str]):
    """A catalogue that has every message, in brackets."""

    def __getitem__(self, message: Message) -> str:
        return f"‹{message[1]}›"

    def __iter__(self) -> Iterator[Message]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture
def bracketed() -> Iterator[None]:
    token = languages._SPOKEN.set(Language(languages.ENGLISH, Bracketed()))
    yield
    languages._SPOKEN.reset(token)


def outside(text: str) -> str:
    """What stands outside all brackets."""
    while (inner := re.sub(r"‹[^‹›]*›", "", text)) != text:
        text = inner
    return text


@pytest.mark.parametrize("name", GENERATED)
def test_no_word_of_the_results_is_said_past_the_catalogue(name: str, bracketed: None) -> None:
    of_study = context()
    said = outside(LOOK_UP.sub("", GENERATED[name](of_study)))
    for spec in of_study.settings["endpoints"].values():
        said = said.replace(f"## {spec['label']}", "")
    assert re.findall(r"[A-Za-z]{2,}", said) == []


def test_an_unknown_key_names_the_nearest_or_says_that_there_are_no_results() -> None:
    with pytest.raises(ReportError, match=r"unknown result key 'pfs\.km\.medan'; the nearest is 'pfs\.km\.median'"):
        context().row("pfs.km.medan")
    with pytest.raises(ReportError, match="there are no results at all"):
        Context({}, {}).row("pfs.km.median")
