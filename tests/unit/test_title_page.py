"""The title page and the reference list: what journals ask for, from the study's configuration."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cutline.contradictions.sections import unfit_report
from cutline.manuscript.context import Context
from cutline.manuscript.declarations import data
from cutline.manuscript.lengths import Lengths, lengths_of
from cutline.manuscript.pandoc import pandoc_path
from cutline.manuscript.title_page import title_page
from cutline.study import load_study

ROOT = Path(__file__).parents[2]
ADA = {"name": "Ada Long", "orcid": "0000-0002-1825-0097", "affiliation": ["Clinic A", "Clinic B"],
       "email": "ada@example.org", "corresponding": True}  # fmt: skip
COMPOSED = """
# Abstract {.unnumbered}

**Results:** Of [172]{.result key="flow.screened" fmt="%d"} patients, 70 were included.

# Introduction {#sec-introduction}

It is known [@baselga2012; @yardley2013] that @fig-flow is not a citation.

## A heading does not count

| nor | a table |
|:----|:--------|
| 1   | 2       |

: Nor its caption. {#tbl-a}

::: {.table-notes}
Nor its notes.
:::

# Declarations {.unnumbered}

Nor this [@baselga2012].

# References {.unnumbered}
"""


def page(lengths: Lengths | None = None, **report: Any) -> str:
    study = load_study(ROOT, {})
    return title_page(Context(study | {"report": study["report"] | report}, {}, lengths=lengths))


def test_affiliations_orcid_and_correspondence_stand_below_the_title() -> None:
    said = page(authors=[ADA, {"name": "Bo Short"}])
    assert "Ada Long (ORCID [0000-0002-1825-0097](https://orcid.org/0000-0002-1825-0097)), Clinic A, Clinic B" in said
    assert "; Bo Short\n" in said
    assert "**Correspondence:** Ada Long, <ada@example.org>" in said


def test_synthetic_records_need_no_approval_and_real_ones_say_theirs() -> None:
    assert "no approval was needed" in page()
    assert "**Ethics approval:** Board 7, 2024/11" in page(ethics="Board 7, 2024/11")


def test_nobody_is_named_whom_the_study_does_not_name() -> None:
    assert "Affiliations" not in page()
    assert "Correspondence" not in page()


def test_only_running_text_is_counted_and_a_work_cited_twice_counts_once() -> None:
    assert lengths_of(COMPOSED) == Lengths(abstract=7, text=9, references=2)
    assert "abstract 7 words; text 9 words; 6 tables; 4 figures; 2 references." in page(lengths_of(COMPOSED))


@pytest.mark.parametrize(("orcid", "right"), [("0000-0002-1825-0097", True), ("0000-0002-1694-233X", True),
                                              ("0000-0002-1825-0098", False)])  # fmt: skip
def test_a_mistyped_orcid_is_found_by_its_check_sign(orcid: str, right: bool) -> None:
    faults = list(unfit_report({"report": {"authors": [{"name": "Ada Long", "orcid": orcid}]}}))
    assert (not faults) == right


def test_a_corresponding_author_can_be_reached() -> None:
    (fault,) = unfit_report({"report": {"authors": [{"name": "Ada Long", "corresponding": True}]}})
    assert "needs an email" in fault


REFERENCES = {
    "vancouver": "A [1,2].\n\n1. Wolff AC, Hammond MEH, Allison KH, Harvey BE, Mangu PB, Bartlett JMS, et al.",
    "nejm": "A^(1,2).\n\n1. Wolff AC, Hammond MEH, Allison KH, et al.",
    "mdpi": "A [1,2].\n\n1. Wolff, A.C.; Hammond, M.E.H.; Allison, K.H.; Harvey, B.E.; Mangu, P.B.; Bartlett, J.M.S.;",
}
JOURNALS = {
    "vancouver": "J Am Stat Assoc. 1927;22:209–212.",
    "nejm": "J Am Stat Assoc 1927;22:209–12.",
    "mdpi": "J Am Stat Assoc 1927, 22, 209–212, https://doi.org/10.1080/01621459.1927.10502953.",
}


@pytest.mark.parametrize("style", REFERENCES)
def test_each_citation_style_writes_numbers_authors_and_journal_as_it_should(style: str) -> None:
    command = [pandoc_path(), "--citeproc", f"--csl=reports/styles/citations/{style}.csl", "--to=plain", "--wrap=none",
               "--bibliography=reports/references.bib"]  # fmt: skip
    said = subprocess.run(command, input="A [@wolff2018; @wilson1927].", cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout  # fmt: skip
    assert said.startswith(REFERENCES[style])
    assert JOURNALS[style] in said


def test_who_verified_the_results_is_declared_and_a_draft_names_nobody() -> None:
    study = load_study(ROOT, {})
    assert "verified by" not in data(Context(study, {}))
    by = {"by": "Ada Long", "date": "2025-07-01", "data_cutoff": study["data_cutoff"]}
    assert "were verified by Ada Long on" in data(Context(study | {"verified": by}, {}))
