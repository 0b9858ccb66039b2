"""Published values beside ours: released with the results, and shown with difference, tolerance and verdict."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from cutline.concordance import concordance
from cutline.disclosure.release import release_results
from cutline.display.tables import present_tables
from cutline.tables.results import ARD
from cutline.tables.spec import conform
from tests.unit import display_study as study

PUBLISHED = """
- {key: flow.screened, printed: "10", section: "2"}
- {key: baseline.arm.a.percent, printed: "50.0", section: "3.1"}
- {key: pfs.km.median, printed: "6.6", section: "3.2"}
- {key: pfs.km.median_lower, printed: "5.59", section: "3.2"}
- {key: pfs.cox.univariable.arm.b.p, printed: "0.05", bound: above, section: "3.2"}
- {key: pfs.km.median_upper, printed: "7.61", section: "3.2"}
- {key: safety.none.n, printed: null, implied: "4", section: "3.4"}
- {key: os.km.median, printed: "22.6", section: "3.2"}
"""
PARTS = {
    name: conform(part(), ARD)
    for name, part in {
        "a": study.baseline, "b": study.survival, "c": study.cox, "d": study.safety, "e": study.response,
    }.items()
}  # fmt: skip
PARTS["b"] = PARTS["b"].assign(analysis="km", unit="months")


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "published.yaml"
    path.write_text(PUBLISHED, encoding="utf-8")
    return path


def shown(published: Path, kind: str, **settings: bool) -> str:
    compared = concordance(published, pd.concat(PARTS.values()))
    made = present_tables(
        styles=study.STYLES, settings=study.settings(published=True, **settings), concordance=compared, **PARTS
    )
    return next(text for name, text in made.items() if name.endswith(f"concordance_{kind}"))


def rows_of(published: Path) -> dict[str, list[str]]:
    lines = csv.reader(shown(published, "csv").splitlines()[1:])
    return {line[1]: line[2:] for line in lines}


def test_the_released_results_are_compared_in_the_same_step(published: Path) -> None:
    released = release_results(settings={"report": {"profile": "internal"}}, published=published, **PARTS)
    assert released["concordance"]["verdict"].tolist() == [
        "agrees", "agrees", "agrees", "differs", "differs", "not_estimable", "agrees", "no_such_result",
    ]  # fmt: skip


def test_without_published_values_there_is_no_concordance() -> None:
    assert "concordance" not in release_results(settings={"report": {"profile": "internal"}}, **PARTS)


def test_each_published_value_is_a_row_with_difference_tolerance_and_verdict(published: Path) -> None:
    rows = rows_of(published)
    assert rows["Patients screened"] == ["2", "10", "10", "0", "0.5", "agrees"]
    assert rows["Median, months: lower limit"][1:] == ["5.59", "5.5000", "0.0900", "0.005", "differs"]
    assert rows["Median, months"][1:] == ["6.6", "6.550", "0.050", "0.05", "agrees"]


def test_a_bound_has_neither_difference_nor_tolerance(published: Path) -> None:
    assert rows_of(published)["Arm: none, p"] == ["3.2", ">0.05", "0.0496", "–", "–", "differs"]


def test_a_value_without_a_result_of_ours_stands_under_its_key(published: Path) -> None:
    assert rows_of(published)["os.km.median"][2:] == ["–", "–", "0.05", "no such result"]


def test_the_notes_count_the_agreeing_and_say_that_the_records_are_synthetic(published: Path) -> None:
    text = shown(published, "md")
    assert "4 of 8 published values agree." in text
    assert "Implied, not printed." in text
    assert "says nothing of the publication" in text
    assert "says nothing of the publication" not in shown(published, "md", synthetic=False)


def test_in_another_language_printed_numbers_have_its_decimal_sign_and_sections_the_words_of_the_study(
    published: Path,
) -> None:
    published.write_text(PUBLISHED.replace('"3.1"', '"general knowledge"'), encoding="utf-8")
    compared = concordance(published, pd.concat(PARTS.values()))
    settings = study.settings(published=True)
    settings["report"] = settings["report"] | {"language": "tr", "texts": {"general knowledge": "genel bilgi"}}
    made = present_tables(styles=study.STYLES, settings=settings, concordance=compared, **PARTS)
    text = next(text for name, text in made.items() if name.endswith("concordance_csv"))
    assert ["genel bilgi", "50,0"] in [line[2:4] for line in csv.reader(text.splitlines())]
