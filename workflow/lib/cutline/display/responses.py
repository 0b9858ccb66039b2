"""Best overall response as it is shown: which categories, in which order, under which names."""

from __future__ import annotations

import pandas as pd

from cutline.display.captions import in_words
from cutline.display.labels import ENGLISH, label
from cutline.display.lookup import Results, value_of, with_prefix

ALWAYS = ("complete", "partial", "stable", "progressive")
ORDER = ("complete", "partial", "stable", "non_cr_non_pd", "progressive", "not_evaluable", "missing")


def response_bars(results: Results) -> pd.DataFrame:
    """The categories to show, best first: columns category, n (Int64), percent.

    Complete, partial, stable and progressive are shown even at zero, the others where there is anybody.
    """
    found = {rest.rpartition(".")[0] for rest, _ in with_prefix(results, "response.best.")}
    known = [name for name in ORDER if name in found or name in ALWAYS] + sorted(found - set(ORDER))
    rows = [{"category": name} | {part: _part(results, name, part) for part in ("n", "percent")} for name in known]
    shown = [row for row in rows if row["category"] in ALWAYS or row["n"]]
    return pd.DataFrame(shown, columns=["category", "n", "percent"]).astype({"n": "Int64", "percent": "float64"})


def _part(results: Results, category: str, part: str) -> float | None:
    return value_of(results, f"response.best.{category}.{part}")


def category_label(category: str, language: str) -> str:
    """The category in words, in lines as they stand below a bar."""
    name = f"response_{category}"
    return label(name, language) if name in ENGLISH else in_words(category)
