"""A language in which every message stands in brackets, so that what is said past the catalogue stands outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cutline import languages
from cutline.languages import Language, Message


class Bracketed(Mapping[Message, str]):
    """A catalogue that has every message, in brackets."""

    def __getitem__(self, message: Message) -> str:
        return f"‹{message[1]}›"

    def __iter__(self) -> Iterator[Message]:
        return iter(())

    def __len__(self) -> int:
        return 0


@contextmanager
def bracketed() -> Iterator[None]:
    token = languages._SPOKEN.set(Language(languages.ENGLISH, Bracketed()))
    yield
    languages._SPOKEN.reset(token)


def outside(text: str) -> str:
    """What stands outside all brackets."""
    while (inner := re.sub(r"‹[^‹›]*›", "", text)) != text:
        text = inner
    return text
