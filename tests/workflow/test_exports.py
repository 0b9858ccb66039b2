"""The exports of finished studies: their programs give the report's numbers, and nothing of them leaves patient/."""

from __future__ import annotations

import csv
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from cutline.survival.kaplan_meier import product_limit
from tests.workflow.conftest import BOLERO2_CUT, DEFAULT_CUT, Project
from tests.workflow.test_rerun import must_rerun

CUTS = {"finished": DEFAULT_CUT, "finished_gbsg2": Path("results/gbsg2/1994-01-01"), "finished_bolero2": BOLERO2_CUT}
EXPORTS = "patient/exports"
CLOSED_FORM, FIT = 1e-8, 1e-6
FITTED = ("cox", "cox_model", "proportional_hazards")
IN_TABLES = ["baseline", "km", "times", "logrank", "rank_test", "rmst", "followup", "cox", "cox_model",
             "proportional_hazards", "response", "safety"]  # fmt: skip
"""The analyses that the exported persons decide: not the flow of persons, the records' quality and the scans."""


@pytest.fixture(params=CUTS)
def exports(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A copy of a finished study's exports, and its results by key."""
    project: Project = request.getfixturevalue(request.param)
    cut = project.path / CUTS[request.param]
    results = pd.read_csv(cut / "aggregate/ard.csv", keep_default_na=False, na_values={"value": [""]})
    return shutil.copytree(cut / EXPORTS, tmp_path / "exports"), results.set_index("key")


# ── R ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.needs("R with survival")
def test_the_r_program_gives_every_number_of_the_tables(exports, record_property):
    folder, results = exports
    subprocess.run(["Rscript", "tables.R"], cwd=folder, check=True, capture_output=True, timeout=300)
    found = pd.read_csv(folder / "tables_from_R.csv", index_col="key")["value"]
    rule_sets = set(pd.read_csv(folder / "adtte.csv")["RULESET"])
    stated = ~results["note"].fillna("").str.contains("states no progression")  # of deaths alone R gives a median too
    expected = results[results["analysis"].isin(IN_TABLES) & results["variant"].isin({"", *rule_sets}) & stated]
    missing = [key for key in expected.index if key not in found.index]
    assert missing == [], "tables.R does not compute these"
    wrong = {key: (row["value"], found[key]) for key, row in expected.iterrows() if not agrees(row, found[key])}
    assert wrong == {}
    record_property("numbers compared", len(expected))
    assert len(expected) > 400


def agrees(row: pd.Series, found: float) -> bool:
    """Whether R found the same number, or like the report none."""
    tolerance = FIT if row["analysis"] in FITTED else CLOSED_FORM
    return bool(found == pytest.approx(row["value"], rel=tolerance, abs=1e-12, nan_ok=True))


# ── SPSS, as far as PSPP goes ────────────────────────────────────────────────────────────────


@pytest.mark.needs("PSPP")
def test_the_spss_program_gives_the_numbers_of_the_tables(exports):
    """PSPP has neither KM nor COXREG: they are left out, and what KM would save is computed here."""
    folder, results = exports
    program = (folder / "tables.sps").read_text(encoding="utf-8")
    saved = "MATCH FILES /FILE=* /TABLE='KM.sav' /BY PARAMCD USUBJID.\n"
    part = re.sub(r"(?ms)^KM AVALM /STATUS=CNSR\(0\).*?\.\n", saved, program)
    (folder / "part.sps").write_text(re.sub(r"(?ms)^(?:KM|COXREG) .*?\.\n", "", part), encoding="utf-8")
    save_curves(folder)
    ran = subprocess.run(["pspp", "part.sps", "-o", "out.csv"], cwd=folder, capture_output=True, text=True, timeout=120)
    printed = tables_of((folder / "out.csv").read_text(encoding="utf-8"))
    assert ran.returncode == 0, [rows for title, rows in printed if not title]
    found = {**listed(printed), **percentiles(printed, folder), **adverse_events(printed, program)}
    wrong = {key: (value, results.loc[key, "value"]) for key, (value, unit) in found.items()
             if value != pytest.approx(results.loc[key, "value"], abs=unit, nan_ok=True)}  # fmt: skip
    assert wrong == {}
    assert len(found) > 30


def save_curves(folder: Path) -> None:
    """What KM saves for each person: S(t) at her time, and its standard error by Greenwood."""
    times = pd.read_csv(folder / "adtte.csv").query("RULESET == 'main'")
    parts = []
    for _, rows in times.groupby("PARAMCD"):
        curve = product_limit(rows["AVAL"], rows["CNSR"] == 0)
        place = [curve.position(days) for days in rows["AVAL"]]
        survival = curve.survival[place]
        error = survival * np.sqrt(np.where(survival > 0, curve.greenwood[place], 0.0))
        parts.append(rows[["PARAMCD", "USUBJID"]].assign(SURV=survival, SURVSE=error))
    pyreadstat.write_sav(pd.concat(parts).sort_values(["PARAMCD", "USUBJID"]), str(folder / "KM.sav"))


Printed = list[tuple[str, list[list[str]]]]
Found = dict[str, tuple[float, float]]
"""Key of a result → the number that was printed, and half a unit of its last digit."""


def tables_of(text: str) -> Printed:
    """Title and rows of every table that PSPP printed; what is no table has no title."""
    tables = []
    for block in re.split(r"\n\n+", text.strip()):
        title, _, rest = block.partition("\n") if block.startswith("Table: ") else ("", "", block)
        tables.append((title.removeprefix("Table: "), list(csv.reader(rest.splitlines()))))
    return tables


def listed(printed: Printed) -> Found:
    """What LIST printed: rates with exact intervals, and survival at the landmarks."""
    found: Found = {}
    for names, values in (rows for title, rows in printed if title == "Data List"):
        row = dict(zip(names, values, strict=True))
        if "RATEID" in row:
            parameter, rate = row["RATEID"].split()
            path = {"BOR": "response", "CBOR": "response.confirmed"}[parameter] + f".{rate.lower()}"
            digits = {"n": "HITS", "percent": "RATE", "lower": "LOWER", "upper": "UPPER"}
            found |= {f"{path}.{name}": (float(row[column]), 1e-8) for name, column in digits.items()}
        else:
            path = f"{row['PARAMCD'].strip().lower()}.km"
            for month in (name[1:] for name in names if re.fullmatch(r"S\d+", name)):
                kinds = {f"survival_{month}m": "S", f"survival_{month}m_lower": "L", f"survival_{month}m_upper": "U",
                         f"at_risk_{month}m": "R"}  # fmt: skip
                found |= {f"{path}.{kind}": (number(row[letter + month]), 1e-6) for kind, letter in kinds.items()}
    return found


def number(cell: str) -> float:
    return float("nan") if cell.strip() in ("", ".") else float(cell)


def percentiles(printed: Printed, folder: Path) -> Found:
    """Quartiles of everybody: of each variable the first table is about all, later ones are about groups."""
    described = pd.read_csv(folder / "define.csv", keep_default_na=False).set_index("label")["origin"]
    found: Found = {}
    for label, _, *values in (rows[2] for title, rows in printed if title == "Percentiles"):
        variable = re.match(r"variable (\w+) of the study", described.get(label, ""))
        for name, value in zip(("q1", "median", "q3"), values, strict=True):
            if variable and f"baseline.{variable[1]}.{name}" not in found:
                found[f"baseline.{variable[1]}.{name}"] = (float(value), 0.005001)
    return found


def adverse_events(printed: Printed, program: str) -> Found:
    """Persons with each term, by the labels that the program gives."""
    terms = dict(re.findall(r"COMPUTE (AE\d+) = \(RTRIM\(AETRMID\) = '(\w+)'\)", program))
    labels = {label: terms[name] for name, label in re.findall(r"VARIABLE LABELS (AE\d+) '(.*)'\.", program)}
    tables = {title: {row[1]: row[2] for row in rows} for title, rows in printed if title in labels}
    return {f"safety.term.{labels[title]}.n": (float(rows.get("Yes", 0)), 0) for title, rows in tables.items()}


# ── where they are, and what follows from them ──────────────────────────────────────────────


def test_exports_are_their_owners_alone_and_no_file_elsewhere_holds_a_pseudonym(finished):
    cut = finished.path / DEFAULT_CUT
    assert stat.S_IMODE((cut / EXPORTS).stat().st_mode) == 0o700
    persons = pd.read_csv(cut / EXPORTS / "adsl.csv")["USUBJID"]
    outside = [path for path in cut.rglob("*") if path.is_file() and "patient" not in path.relative_to(cut).parts]
    assert len(outside) > 50
    for path in outside:
        content = path.read_bytes()
        assert not any(person.encode() in content for person in persons), path.name


def test_the_crate_describes_no_export(finished):
    crate = json.loads((finished.path / DEFAULT_CUT / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert [entity["@id"] for entity in crate["@graph"] if EXPORTS in entity["@id"]] == []


def test_a_study_without_response_and_safety_has_two_data_sets(finished_gbsg2):
    names = {path.name for path in (finished_gbsg2.path / CUTS["finished_gbsg2"] / EXPORTS).iterdir()}
    assert {name for name in names if name.startswith("ad") and not name.endswith(".json")} == {
        f"{name}.{suffix}" for name in ("adsl", "adtte") for suffix in ("csv", "xpt", "sav")
    }


def test_what_the_r_program_writes_is_no_finding_and_another_file_is(project):
    folder = project.path / DEFAULT_CUT / EXPORTS
    (folder / "tables_from_R.csv").write_text("key,value\n")
    (folder / "mine.csv").write_text("x\n")
    said = project.ask("verify").stdout
    assert "tables_from_R.csv" not in said
    assert "mine.csv: no record says who made it" in said


def test_fewer_formats_and_an_edited_program_rerun_the_exports_and_nothing_else(project):
    template = "workflow/lib/cutline/exports/templates/tables.R"
    project.edit(template, lambda text: text + "\n# One more line.\n")
    project.edit("config/config.yaml", lambda text: text.replace("[csv, xpt, sav]", "[csv]"))
    must_rerun(project, "write_exports")
    assert (
        (project.path / DEFAULT_CUT / EXPORTS / "tables.R").read_text(encoding="utf-8").endswith("# One more line.\n")
    )
