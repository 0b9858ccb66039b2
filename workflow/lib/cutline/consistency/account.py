"""What a publication, or this pipeline's own report, says of its study: one form that every check reads.

Numbers stand in typed parts, since both kinds of account have them. Statements are `description`, a mapping with the
keys of `publication.schema.yaml`; a key that is not there was not described, and what asks of it finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutline.display.captions import in_words
from cutline.display.labels import in_sentence
from cutline.languages import tell
from cutline.marking import marked
from cutline.printed import slack_of

AND = marked("and")
ERROR, WARNING, NOTE = "error", "warning", "note"
PRINTED, KNOWLEDGE = "printed", "general knowledge"
"""What a finding rests on: what the account itself says, or what is known elsewhere and is to be confirmed."""

EXACT = 1e-9
"""How far two unrounded numbers may lie apart and be equal."""
SYMMETRIC, ON_LOG_SCALE, ON_EVENT_TIMES, ENCLOSING = "symmetric", "symmetric on the log scale", "on event times", ""
"""What its stated method makes of an interval; one by any other method only encloses its estimate."""


@dataclass(frozen=True)
class Printed:
    """A number as printed: the unrounded one behind it lies within `slack` of `value`."""

    value: float
    slack: float
    text: str

    @classmethod
    def of(cls, text: str, approximate: bool = False) -> Printed:
        """Of a text: within half a unit of its last digit, or within 2.5 if it says approximately."""
        return cls(float(text), slack_of(text, approximate), text)

    @classmethod
    def unrounded(cls, value: float) -> Printed:
        return cls(value, EXACT * max(1.0, abs(value)), f"{value:.10g}")

    def agrees(self, value: float, more_slack: float = 0.0) -> bool:
        return abs(self.value - value) <= self.slack + more_slack + EXACT


@dataclass(frozen=True)
class Percentage:
    """A percentage with the persons it is of."""

    key: str
    percent: Printed
    count: float
    denominator: float
    section: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of a listing; `entity` is what it is by a classification, where that is told."""

    name: str
    count: float
    entity: str = ""


@dataclass(frozen=True)
class Listing:
    """Counts that together are the total; without a total they may overlap."""

    name: str
    entries: tuple[Entry, ...]
    total: float | None = None
    section: str = ""


@dataclass(frozen=True)
class Interval:
    """A confidence interval; `kind` is what its stated method makes of it, `event_times` are in its unit."""

    key: str
    estimate: Printed
    lower: Printed
    upper: Printed
    kind: str = ENCLOSING
    event_times: tuple[float, ...] = ()
    section: str = ""


@dataclass(frozen=True)
class Rate:
    """A proportion that is an outcome of the study, such as the objective response rate."""

    key: str
    percent: Printed
    has_interval: bool
    section: str = ""


@dataclass(frozen=True)
class Landmark:
    """Survival at a time by the Kaplan-Meier method, in percent.

    `crude_percent` is the share without an event at the end of follow-up, `censored` how many are censored: at all, or
    where the curve is known before its last event by then, since later ones leave the estimate the crude share.
    `of_patients` says that it is worded as a share of the patients.
    """

    key: str
    months: int
    percent: Printed
    crude_percent: float
    censored: float
    at_risk_given: bool = False
    interval_given: bool = False
    of_patients: bool = False
    section: str = ""


@dataclass(frozen=True)
class Account:
    """Everything that is checked of one text. `values` are its numbers by result key, `labels` its ids in words.

    `unread` are statements and parts of the description that no program can read in the language of the text.
    """

    about: str
    values: Mapping[str, float] = field(default_factory=dict)
    percentages: tuple[Percentage, ...] = ()
    listings: tuple[Listing, ...] = ()
    intervals: tuple[Interval, ...] = ()
    rates: tuple[Rate, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    description: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def label(self, name: str) -> str:
        """A variable or endpoint in the words of a sentence; its id in plain words where it has no label."""
        return in_sentence(self.labels.get(name) or in_words(name))

    def described(self, key: str) -> Any:
        """What the description says under that key; nothing where it says nothing."""
        return self.description.get(key, ())

    def describes(self, key: str) -> bool:
        return key in self.description

    def value(self, key: str) -> float | None:
        return self.values.get(key)


@dataclass(frozen=True)
class Checked:
    """What one check says of one thing: whether it holds, and what it would mean if it did not.

    `found` and `expected` are in short, `meaning` is a sentence or two, `noted` for other languages. `check` is its
    name, which `checked` adds.
    """

    subject: str
    holds: bool
    severity: str
    found: str = ""
    expected: str = ""
    meaning: str = ""
    section: str = ""
    basis: str = PRINTED
    check: str = ""


def joined(names: Iterable[str]) -> str:
    """Names in a finding: `a and b`."""
    return f" {tell(AND)} ".join(names)


def shown(value: float) -> str:
    """A number of a finding: up to six significant digits, no trailing zeros."""
    return f"{value:.6g}"
