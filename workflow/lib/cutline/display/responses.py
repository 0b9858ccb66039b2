"""Best overall response as it is shown: which categories, in which order, under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cutline.display.captions import in_words, level_label
from cutline.display.labels import ENGLISH, label
from cutline.display.lookup import Results, value_of, with_prefix

ALWAYS = ("complete", "partial", "stable", "progressive")
ORDER = ("complete", "partial", "stable", "non_cr_non_pd", "progressive", "not_evaluable", "missing")


def response_bars(results: Results, suffix: str = "") -> pd.DataFrame:
    """The categories to show, best first: columns category, n (Int64), percent; of the group whose keys have `suffix`.

    Complete, partial, stable and progressive are shown even at zero, the others where anybody, of any group, is.
    """
    found = {rest.rpartition(".")[0] for rest, _ in with_prefix(results, "response.best.")}
    known = [name for name in ORDER if name in found or name in ALWAYS] + sorted(found - set(ORDER))
    shown = [name for name in known if name in ALWAYS or value_of(results, f"response.best.{name}.n")]
    rows = [{"category": name} | {part: value_of(results, f"response{suffix}.best.{name}.{part}")
                                  for part in ("n", "percent")} for name in shown]  # fmt: skip
    return pd.DataFrame(rows, columns=["category", "n", "percent"]).astype({"n": "Int64", "percent": "float64"})


# ── groups ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """A level of `response.by`: its id, its name, what its keys have after `response`, and how many it has."""

    level: str
    name: str
    suffix: str
    size: int
    evaluable: int


def group_of(settings: Mapping[str, Any]) -> str:
    """The variable whose levels responses are shown of; blank for all patients together."""
    return str(settings["response"].get("by", ""))


def groups_shown(settings: Mapping[str, Any], results: Results) -> Iterator[Group]:
    """The groups that have anybody, in the study's order."""
    by = group_of(settings)
    for level in settings["variables"][by]["levels"] if by else []:
        suffix = f".{by}={level}"
        sizes = [size_of(results, f"response{suffix}.orr{behind}.n") for behind in ("", ".evaluable")]
        if sizes[0]:
            yield Group(level, level_label(settings, by, level), suffix, *sizes)


def size_of(results: Results, key: str) -> int:
    """The denominator of a result; 0 where there is none."""
    return int(results.get(key, {}).get("n") or 0)


def category_label(category: str) -> str:
    """The category in words, in lines as they stand below a bar."""
    name = f"response_{category}"
    return label(name) if name in ENGLISH else in_words(category)
