"""When a published value and ours agree: within half a unit of the last printed digit, ends included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.concordance import concordance

#    as published.yaml has it               ours           tolerance  verdict
CASES = """
     printed: "6.6"                         6.5501         0.05       agrees
     printed: "6.6"                         6.65           0.05       agrees
     printed: "6.6"                         6.6501         0.05       differs
     printed: "5.70"                        5.7049         0.005      agrees
     printed: "5.70"                        5.706          0.005      differs
     printed: "14.3"                        14.25          0.05       agrees
     printed: "70"                          70             0.5        agrees
     printed: "70"                          71             0.5        differs
     printed: "0.0"                         0              0.05       agrees
     printed: "30", scale: percent, approximate: true   0.3148   2.5   agrees
     printed: "30", scale: percent, approximate: true   0.2749   2.5   differs
     printed: "48.6", scale: percent        0.4857142857   0.05       agrees
     printed: "0.05", bound: above          0.0501         -          agrees
     printed: "0.05", bound: above          0.05           -          differs
     printed: "0.001", bound: below         0.0004         -          agrees
     printed: "0.001", bound: below         0.2            -          differs
     printed: null, implied: "62"           62             0.5        agrees
     printed: "22.6"                        -              0.05       not_estimable
"""


def cases() -> list[tuple[str, float | None, float | None, str]]:
    rows = [line.strip().rsplit(maxsplit=3) for line in CASES.strip().splitlines()]
    return [(entry, number(ours), number(tolerance), verdict) for entry, ours, tolerance, verdict in rows]


def number(text: str) -> float | None:
    return None if text == "-" else float(text)


def compared(entry: str, ard: pd.DataFrame, folder: Path) -> dict[str, object]:
    path = folder / "published.yaml"
    path.write_text(f'- {{key: pfs.km.median, section: "3.2", {entry}}}\n', encoding="utf-8")
    table = concordance(path, ard)
    assert len(table) == 1
    return {str(name): value for name, value in table.iloc[0].items()}


@pytest.mark.parametrize(("entry", "ours", "tolerance", "verdict"), cases())
def test_printed_and_ours_agree_or_not(
    entry: str, ours: float | None, tolerance: float | None, verdict: str, tmp_path: Path
) -> None:
    note = "" if ours is not None else "no event was observed"
    ard = results_table([result("pfs.km.median", ours, note=note)], "estimate_survival")
    found = compared(entry, ard, tmp_path)
    assert found["verdict"] == verdict
    assert (None if pd.isna(found["tolerance"]) else found["tolerance"]) == tolerance
    assert pd.isna(found["difference"]) == (ours is None or tolerance is None)


def test_a_value_whose_result_is_not_there_never_agrees(tmp_path: Path) -> None:
    ard = results_table([result("os.km.median", 6.6)], "estimate_survival")
    found = compared('printed: "6.6"', ard, tmp_path)
    assert found["verdict"] == "no_such_result"
    assert pd.isna(found["result"])


def test_the_difference_is_absolute_and_on_the_scale_of_the_printed_value(tmp_path: Path) -> None:
    ard = results_table([result("pfs.km.median", 0.285, unit="probability")], "estimate_survival")
    found = compared('printed: "30", scale: percent, approximate: true', ard, tmp_path)
    assert (found["result"], found["difference"], found["published"]) == (28.5, 1.5, 30.0)


def test_what_is_only_implied_says_so_and_prints_nothing(tmp_path: Path) -> None:
    ard = results_table([result("pfs.km.median", 62.0)], "estimate_survival")
    found = compared('printed: null, implied: "62"', ard, tmp_path)
    assert (found["printed"], found["published"], found["note"]) == (None, 62.0, "implied, not printed")


def test_why_a_result_is_not_estimable_is_kept(tmp_path: Path) -> None:
    ard = results_table([result("pfs.km.median", None, note="no event was observed")], "estimate_survival")
    assert compared('printed: "6.6"', ard, tmp_path)["note"] == "no event was observed"
