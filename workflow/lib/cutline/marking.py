"""Texts that a report tells elsewhere than where they stand.

Apart from `cutline.languages`, so that a clinical rule can hold its words without resting on the catalogues: a
translation must not run an analysis anew.
"""

from __future__ import annotations


def marked(text: str) -> str:
    """The text itself, known to the catalogues: for tables of texts that `tell` fills later."""
    return text


def noted(text: str) -> str:
    """The text itself, of data that stay English, such as notes on results: `languages.noted.told` tells it to readers.

    Its fields are filled where the data are made; it is recognised by what stands around them.
    """
    return text
