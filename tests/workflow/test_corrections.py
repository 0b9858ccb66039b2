"""A query list that comes back filled in: the answers lie over the records and move what they should."""

import csv
import re
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

from cutline.quality.sheet import SHEET, TITLES
from tests.workflow.conftest import DEFAULT_CUT

CHECKED = Path("checked", *DEFAULT_CUT.parts[1:])
ANSWER = {
    "new_value": "mouth ulcers",
    "reason": "mouth ulcers in the chart",
    "answered_by": "ward 3",
    "answered_on": "2025-07-01",
}


def fill_in(cut, name):
    """By hand, below the last question: the first fatigue of an included woman was stomatitis. Returns its record."""
    safety = pd.read_parquet(cut / "patient/safety.parquet")
    event = safety[safety["term"] == "fatigue"].iloc[0]
    asked = {"patient_id": event["patient_id"], "table": "adverse_events", "record_id": event["source_record_id"],
             "column": "term", "old_value": event["recorded_term"]}  # fmt: skip
    book = load_workbook(cut / "patient/queries.xlsx")
    rows = [dict(zip(TITLES, row, strict=True)) for row in book[SHEET].iter_rows(min_row=2)]
    free = next(row for row in rows if row["record_id"].value is None)
    for title, value in {**asked, **ANSWER}.items():
        free[title].value = value
    name.parent.mkdir()
    book.save(name)
    return event["source_record_id"]


def test_an_answer_moves_its_result_and_is_seen_behind_it_and_in_the_change_report(project):
    record = fill_in(project.path / DEFAULT_CUT, project.path / "corrections/answers.xlsx")
    source = (project.path / DEFAULT_CUT / "patient/snapshot/adverse_events.parquet").read_bytes()
    outcome = project.run(
        f"{CHECKED.as_posix()}/report/changes.html", "--config", "results_dir=checked",
        f"compare_with={DEFAULT_CUT.as_posix()}", "corrections=corrections/answers.xlsx",
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    cut = project.path / CHECKED
    with (cut / "report/changes.csv").open(encoding="utf-8", newline="") as stream:
        changed = {
            row["key"]: (row["before"], row["after"]) for row in csv.DictReader(stream) if row["status"] != "same"
        }
    assert changed["safety.term.fatigue.n"] == ("14.0", "13.0")
    assert changed["safety.term.stomatitis.n"] == ("4.0", "5.0")
    assert not any(key.startswith(("pfs.", "os.", "response.")) for key in changed)
    assert (cut / "patient/snapshot/adverse_events.parquet").read_bytes() == source
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (cut / "report/changes.html").read_text(encoding="utf-8")))
    assert "Adverse events: the event Corrected 1 1" in page
    asked = project.ask("why", "safety.term.stomatitis.n", "--results-dir", "checked", "--patients")
    told = " ".join(asked.stdout.split())
    assert "BROKEN" not in told
    assert f"adverse_events {record} term:" in told
    assert "by ward 3 on 2025-07-01" in told
