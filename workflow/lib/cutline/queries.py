"""The query list: what the records leave open is asked, and no rule chooses silently.

A derivation that meets such a question returns it in the table `queries` beside its facts; `KINDS` names them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cutline.tables.queries import QUERIES
from cutline.tables.spec import conform, empty

KINDS: dict[str, str] = {
    "receptor_unresolved": "a receptor text is not one result",
    "receptor_conflict": "receptor tests, samples of one day or words of a report contradict each other",
    "receptor_differs": "a sample of another specimen has another receptor status than the one that counts",
    "her2_equivocal": "HER2 is IHC 2+ and no in situ hybridisation is recorded",
}
"""Kind of question → what it means, in words that fit after "questions because"."""
_OPTIONAL = ["source_table", "source_record_id", "source_date"]


def queries(kind: str, rows: pd.DataFrame, *, about: str, question: str | pd.Series) -> pd.DataFrame:
    """One question of a kind for each of the rows, in the columns of `QUERIES`.

    `rows` has patient_id, as a column or as its index, and perhaps the source columns of the record in question.
    `question` is one sentence for all, or one per row. Raises AssertionError for a kind that `KINDS` does not list.
    """
    assert kind in KINDS, f"{kind} is no kind of query"
    asked = rows if "patient_id" in rows else rows.rename_axis("patient_id").reset_index()
    words = question.to_numpy() if isinstance(question, pd.Series) else question
    named = asked.reindex(columns=["patient_id", *_OPTIONAL]).assign(query=kind, about=about, question=words)
    return conform(named, QUERIES)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All questions of several tables, each once, in the order of `QUERIES`."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty(QUERIES)
    return pd.concat(filled).drop_duplicates().sort_values(list(QUERIES.sort), kind="stable", ignore_index=True)
