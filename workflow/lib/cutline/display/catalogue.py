"""Which tables and figures a study has, in the order a manuscript shows them.

The Snakefile names its outputs from this list and the report its numbers, so that both agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Exhibit:
    """A table or figure: `name` is its file stem, `label` its Quarto cross-reference."""

    number: int
    kind: str
    subject: str
    endpoint: str = ""

    @property
    def name(self) -> str:
        return "_".join(part for part in (self.kind, str(self.number), self.subject, self.endpoint) if part)

    @property
    def label(self) -> str:
        prefix = "tbl" if self.kind == "table" else "fig"
        return "-".join(part for part in (prefix, self.subject.replace("_", "-"), self.endpoint) if part)


def tables(study: Mapping[str, Any]) -> list[Exhibit]:
    """Baseline, one Cox table per modelled endpoint, responses and adverse events where the study records them."""
    subjects = [("baseline", "")] + [("cox", endpoint) for endpoint in study["models"]]
    subjects += [("responses", "")] if "response" in study else []
    subjects += [("adverse_events", "")] if "safety" in study else []
    return [Exhibit(number, "table", *subject) for number, subject in enumerate(subjects, 1)]


def figures(study: Mapping[str, Any]) -> list[Exhibit]:
    """Patient flow, one survival curve per endpoint, best response where the study records it."""
    subjects = [("flow", "")] + [("survival", endpoint) for endpoint in study["endpoints"]]
    subjects += [("response", "")] if "response" in study else []
    return [Exhibit(number, "figure", *subject) for number, subject in enumerate(subjects, 1)]
