"""The query list: what the records leave open is asked, and no rule chooses silently.

A derivation that meets such a question returns it in the table `queries` beside its facts; `KINDS` names them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutline.marking import marked
from cutline.tables.queries import QUERIES
from cutline.tables.spec import conform, empty

if TYPE_CHECKING:  # the kinds are read before every run, frames only by jobs
    import pandas as pd

KINDS: dict[str, str] = {
    "eligibility_unknown": marked("a criterion of eligibility is not decided"),
    "receptor_unresolved": marked("a receptor text is not one result"),
    "receptor_conflict": marked("receptor tests, samples of one day or words of a report contradict each other"),
    "receptor_differs": marked("a sample of another specimen has another receptor status than the one that counts"),
    "her2_equivocal": marked("HER2 is IHC 2+ and no in situ hybridisation is recorded"),
    "records_differ": marked("records of one day contradict each other"),
    "line_number_differs": marked(
        "the recorded number of a line of therapy is not the one that its drugs and dates give"
    ),
    "everolimus_transplant_code": marked(
        "a drug has an immunosuppressant's code, as everolimus has after transplantation"
    ),
    "drug_code_unknown": marked(
        "a drug is known by its name only, and was given without the drug that would confirm it"
    ),
    "treatment_setting_unknown": marked(
        "a treatment has no setting, and there is no date of metastasis to tell it from"
    ),
    "aromatase_inhibitor_without_suppression": marked(
        "a premenopausal woman has an aromatase inhibitor without ovarian suppression"
    ),
    "response_differs": marked("the recorded response of an assessment is not what its measurements make it"),
    "adverse_event_unmapped": marked("the words of an adverse event are not in the code list"),
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
    words = question if isinstance(question, str) else question.to_numpy()
    named = asked.reindex(columns=["patient_id", *_OPTIONAL]).assign(query=kind, about=about, question=words)
    return conform(named, QUERIES)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All questions of several tables, each once, in the order of `QUERIES`."""
    import pandas as pd

    filled = [part for part in parts if len(part)]
    if not filled:
        return empty(QUERIES)
    return pd.concat(filled).drop_duplicates().sort_values(list(QUERIES.sort), kind="stable", ignore_index=True)
