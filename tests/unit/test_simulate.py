"""The synthetic source: what it draws must recompute from its records, by a derivation written here on its own."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from cutline import simulate
from cutline.errors import ConfigError
from cutline.simulate import simulate_source
from cutline.simulate.columns import Streams
from cutline.simulate.database import RECORD_TABLES
from cutline.simulate.hazards import fit, proportional_p
from cutline.simulate.times import matched
from cutline.simulate.versions import finished, original, revised, written

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "config" / "studies" / "everolimus_exemestane"
CUT = "2025-05-31"
LATER = "2026-06-30"
DAYS_PER_MONTH = 30.4375
SEED = int(yaml.safe_load((STUDY / "study.yaml").read_text(encoding="utf-8"))["simulate"]["seed"])
PUBLISHED = yaml.load((STUDY / "published.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def settings_of(**simulated: Any) -> dict[str, Any]:
    return {
        "simulate": {"seed": SEED, "calibrate": True, "scale": 1, "noise": 0} | simulated,
        "window": {"start": "2020-01-01", "end": "2024-12-31"},
        "data_cutoff": CUT,
        "statistics": {"days_per_month": DAYS_PER_MONTH},
    }


def made(folder: Path, **simulated: Any) -> tuple[Path, pd.DataFrame]:
    files = simulate_source(settings=settings_of(**simulated), published=STUDY / "published.yaml")
    files["database"](folder / "hospital.duckdb")
    files["truth"](folder / "truth.csv")
    text = dict.fromkeys(["patient_id", "ecog"], str)
    truth = pd.read_csv(
        folder / "truth.csv", dtype=text, keep_default_na=False, na_values={"pfs_days": "", "os_days": ""}
    )
    return folder / "hospital.duckdb", truth.set_index("patient_id").sort_index()


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    return made(tmp_path_factory.mktemp("calibrated"))


# ── a derivation of the study, written apart from the pipeline ───────────────────────────────


def known(database: Path, cut: str, known_by: str | None = None) -> dict[str, pd.DataFrame]:
    """Each table as known at the cut: newest version written by then, begun by then, later dates blank."""
    tables = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, spec in RECORD_TABLES.items():
            query = (
                f"WITH newest AS (SELECT * FROM {name} WHERE recorded_on <= ?::DATE "
                "QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY version DESC) = 1) "
                f"SELECT * FROM newest WHERE NOT deleted AND {spec.began} <= ?::DATE ORDER BY record_id"
            )
            table = connection.execute(query, [known_by or cut, cut]).df()
            for when, after in spec.later.items():
                table.loc[pd.to_datetime(table[when]) > pd.Timestamp(cut), [when, *after]] = None
            tables[name] = table
    return tables


def first_by_patient(table: pd.DataFrame, column: str) -> pd.Series:
    return table.groupby("patient_id")[column].min()


def receptors(pathology: pd.DataFrame) -> pd.DataFrame:
    primary = pathology[pathology["specimen"] == "primary"].set_index("patient_id")
    er, pr = (pd.to_numeric(primary[name]) for name in ("er_percent", "pr_percent"))
    ihc, ish = primary["her2_ihc"], primary["her2_ish"]
    her2 = pd.Series("unknown", index=primary.index)
    her2[ihc == "0"] = "zero"
    her2[(ihc == "1+") | ((ihc == "2+") & (ish == "negative"))] = "low"
    her2[(ihc == "3+") | ((ihc == "2+") & (ish == "positive"))] = "positive"
    words = {"invasive ductal carcinoma": "ductal", "invasive lobular carcinoma": "lobular",
             "invasive carcinoma of no special type": "no_special_type"}  # fmt: skip
    return pd.DataFrame({"er": er, "pr": pr, "her2_status": her2, "histology": primary["histology"].map(words)})


def observed_near(observations: pd.DataFrame, item: str, anchor: pd.Series) -> pd.Series:
    rows = observations[observations["item"] == item].copy()
    rows["apart"] = (rows["observed_on"] - rows["patient_id"].map(anchor)).dt.days
    near = rows[rows["apart"].between(-90, 30)].assign(distance=lambda table: table["apart"].abs())
    return near.sort_values("distance").groupby("patient_id")["value"].first()


def facts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per screened woman with what the criteria and covariates of the study need."""
    treatments, diagnoses = tables["treatments"], tables["diagnoses"]
    atc = treatments["atc"]
    inhibitor = treatments[atc.str.startswith("L01EF")].set_index("patient_id")
    everolimus = treatments[atc == "L01EG02"].set_index("patient_id")
    women = tables["patients"].set_index("patient_id")[["birth_date"]].join(receptors(tables["pathology"]))
    women["index_date"] = everolimus["start_date"]
    women["everolimus_dose"] = everolimus["dose_mg"]
    women["diagnosis"] = first_by_patient(diagnoses[diagnoses["icd10"].str.startswith("C50")], "diagnosis_date")
    distant = diagnoses["icd10"].str.match("C7[89]")
    women["metastasis"] = first_by_patient(diagnoses[distant], "diagnosis_date")
    women["cdk46_inhibitor"] = inhibitor["drug"]
    women["cdk46_days"] = (inhibitor["stop_date"] - inhibitor["start_date"]).dt.days
    below = women["cdk46_days"] < 14.3 * DAYS_PER_MONTH
    women["cdk46_duration_group"] = np.where(below, "below_median", "at_or_above_median")
    women["cdk46_line"] = inhibitor["line"]
    for item in ("ecog", "menopausal_status"):
        women[item] = observed_near(tables["observations"], item, inhibitor["start_date"])
    had = (women["diagnosis"].dt.month * 100 + women["diagnosis"].dt.day) >= (
        women["birth_date"].dt.month * 100 + women["birth_date"].dt.day
    )
    women["age"] = women["diagnosis"].dt.year - women["birth_date"].dt.year - 1 + had
    women.loc[women["birth_date"].isna(), "age"] = np.nan
    return women


def before_index(table: pd.DataFrame, date: str, women: pd.DataFrame, days: int = 100_000) -> pd.Series:
    """Which women have a row of the table within so many days before the index date."""
    apart = (table["patient_id"].map(women["index_date"]) - table[date]).dt.days
    return pd.Series(women.index.isin(table["patient_id"][apart.between(1, days)]), index=women.index)


def first_failed(women: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.Series:
    """The first criterion each woman fails, in the order of study.yaml; "" if none."""
    treatments, diagnoses, procedures = tables["treatments"], tables["diagnoses"], tables["procedures"]
    needed = [
        "index_date",
        "diagnosis",
        "age",
        "menopausal_status",
        "ecog",
        "er",
        "histology",
        "cdk46_inhibitor",
        "cdk46_days",
    ]
    incomplete = women[needed].isna().any(axis=1) | (women["her2_status"] == "unknown")
    for name in ("assessments", "follow_up"):
        incomplete |= ~women.index.isin(tables[name]["patient_id"])
    metastatic = treatments[treatments["setting"] == "metastatic"]
    chemotherapy = metastatic[metastatic["atc"].str.match("L01A|L01B|L01CA|L01CD|L01D|L01XA")]
    tumours = diagnoses[~diagnoses["icd10"].str.match("C50|C7[789]|C44|Z")]
    failed = {
        "her2_positive": women["her2_status"] == "positive",
        "triple_negative": (women["er"] < 1) & (women["pr"] < 1) & women["her2_status"].isin(["zero", "low"]),
        "missing_or_incomplete": incomplete,
        "not_de_novo": (women["metastasis"] - women["diagnosis"]).dt.days > 90,
        "earlier_curative_treatment": before_index(
            procedures[procedures["intent"] == "curative"], "procedure_date", women
        ),
        "no_first_line_cdk46": women["cdk46_line"] != 1,
        "no_prior_chemotherapy": ~before_index(chemotherapy, "start_date", women),
        "other_starting_dose": women["everolimus_dose"] != 10,
        "prior_mtor_inhibitor": before_index(
            treatments[treatments["atc"].str.startswith("L01EG")], "start_date", women
        ),
        "other_malignancy": before_index(tumours, "diagnosis_date", women, 1826),
        "outside_window": ~women["index_date"].between("2020-01-01", "2024-12-31"),
    }
    first = pd.Series("", index=women.index)
    for criterion, fails in reversed(failed.items()):
        first[fails] = criterion
    return first


def days_from_index(table: pd.DataFrame, date: str, women: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["patient_id"].isin(women.index)].copy()
    rows["days"] = (rows[date] - rows["patient_id"].map(women["index_date"])).dt.days
    return rows.set_index("patient_id").sort_values("days", kind="stable")


def endpoints(women: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Days and events of PFS and OS, and best response, of the included women."""
    scans = days_from_index(tables["assessments"], "assessment_date", women)
    scans = scans[scans["days"] > 0]
    progression = scans[scans["overall_response"] == "PD"].groupby("patient_id")["days"].min().reindex(women.index)
    death = days_from_index(tables["deaths"], "death_date", women)["days"].reindex(women.index)
    event = pd.concat([progression, death], axis=1).min(axis=1)
    last_scan = scans.groupby("patient_id")["days"].max().reindex(women.index).fillna(0)
    sources = {"follow_up": "contact_date", "assessments": "assessment_date", "treatments": "start_date",
               "observations": "observed_on"}  # fmt: skip
    alive = [days_from_index(tables[name], date, women)["days"] for name, date in sources.items()]
    last_alive = pd.concat(alive).groupby("patient_id").max().reindex(women.index)
    return pd.DataFrame({
        "pfs_days": event.fillna(last_scan).astype(int), "pfs_event": event.notna(),
        "os_days": death.fillna(last_alive).astype(int), "os_event": death.notna(),
        "best_response": [best_response(scans[scans.index == person]) for person in women.index],
    })  # fmt: skip


def best_response(scans: pd.DataFrame) -> str:
    responses = list(zip(scans["overall_response"], scans["days"], strict=True))
    until = next((place for place, (response, _) in enumerate(responses) if response == "PD"), len(responses))
    counted = responses[: until + 1]
    for category, minimum in (("CR", 0), ("PR", 0), ("SD", 42), ("PD", 0)):
        if any(response == category and days >= minimum for response, days in counted):
            return category
    return "NE" if counted else "MISSING"


def on_treatment_terms(women: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.Series:
    """The adverse event's term of each woman with one between the index date and 30 days after the last dose."""
    codes = pd.read_csv(ROOT / "config" / "codelists" / "adverse_events.csv").set_index("recorded")["term"]
    events = days_from_index(tables["adverse_events"], "onset_date", women)
    drugs = tables["treatments"][tables["treatments"]["atc"].isin(["L01EG02", "L02BG06"])]
    stop = drugs.groupby("patient_id")["stop_date"].max()
    last = (stop - women["index_date"]).dt.days.fillna(100_000) + 30
    inside = events[(events["days"] >= 0) & (events["days"] <= events.index.map(last))]
    assert not inside.index.duplicated().any()
    return inside["term"].map(codes).reindex(women.index).fillna("")


def analysed(database: Path, cut: str = CUT) -> tuple[pd.Series, pd.DataFrame, dict[str, pd.DataFrame]]:
    tables = known(database, cut)
    women = facts(tables)
    failed = first_failed(women, tables)
    included = women[failed == ""]
    return (
        failed,
        included.join(endpoints(included, tables)).assign(ae_term=on_treatment_terms(included, tables)),
        tables,
    )


# ── statistics, by hand ──────────────────────────────────────────────────────────────────────


def kaplan_meier(days: pd.Series, event: pd.Series) -> pd.DataFrame:
    """Survival and Greenwood's standard error after each distinct event time."""
    rows, survival, variance = [], 1.0, 0.0
    for time in sorted(days[event].unique()):
        at_risk, deaths = int((days >= time).sum()), int((event & (days == time)).sum())
        survival *= 1 - deaths / at_risk
        variance += deaths / (at_risk * (at_risk - deaths)) if at_risk > deaths else math.inf
        rows.append((time, survival, survival * math.sqrt(variance) if survival > 0 else math.nan))
    return pd.DataFrame(rows, columns=["days", "survival", "error"])


def spss_median(days: pd.Series, event: pd.Series) -> tuple[float, float, float]:
    """Median and limits in months as SPSS computes them."""
    curve = kaplan_meier(days, event)
    slack = 1e-9
    median = curve[curve["survival"] <= 0.5 + slack].iloc[0]
    upper, lower = curve[curve["survival"] >= 0.55 - slack].iloc[-1], curve[curve["survival"] <= 0.45 + slack].iloc[0]
    slope = (upper["survival"] - lower["survival"]) / (lower["days"] - upper["days"])
    half = 1.96 * median["error"] / slope
    days = median["days"], median["days"] - half, median["days"] + half
    return tuple(float(value) / DAYS_PER_MONTH for value in days)


def published_results(failed: pd.Series, women: pd.DataFrame) -> dict[str, float]:
    """Everything printed in the paper, by result key, from the analysed records."""
    found: dict[str, float] = {"flow.screened": len(failed), "flow.included": len(women)}
    found |= {f"flow.excluded.{name}": count for name, count in failed.value_counts().items() if name}
    shares = {f"baseline.{name}": women[name] for name in REFERENCES}
    shares |= {
        "safety.term": women["ae_term"].replace("", np.nan).dropna(),
        "response.best": women["best_response"].map(RESPONSES),
    }
    for path, levels in shares.items():
        for level, count in levels.value_counts().items():
            found |= {f"{path}.{level}.n": count, f"{path}.{level}.percent": 100 * count / len(women)}
    counts = {
        "response.best.complete": int((women["best_response"] == "CR").sum()),
        "response.dcr": int(women["best_response"].isin(["CR", "PR", "SD"]).sum()),
        "safety.none": int((women["ae_term"] == "").sum()),
    }
    for path, count in counts.items():
        found |= {f"{path}.n": count, f"{path}.percent": 100 * count / len(women)}
    found |= {f"baseline.age_at_diagnosis.{name}": getattr(women["age"], name)() for name in ("median", "min", "max")}
    found["baseline.cdk46_duration.median"] = women["cdk46_days"].median() / DAYS_PER_MONTH
    for endpoint in ("pfs", "os"):
        days, event = women[f"{endpoint}_days"], women[f"{endpoint}_event"]
        found |= {f"{endpoint}.n": len(days), f"{endpoint}.events": event.sum(), f"{endpoint}.censored": (~event).sum()}
        found |= {
            f"{endpoint}.{name}_percent": 100 * found[f"{endpoint}.{name}"] / len(days)
            for name in ("events", "censored")
        }
        limits = spss_median(days, event)
        names = ("median", "median_lower", "median_upper")
        found |= {f"{endpoint}.km.{name}": value for name, value in zip(names, limits, strict=True)}
        found |= cox_p_values(endpoint, women)
    curve = kaplan_meier(women["os_days"], women["os_event"])
    found["os.km.survival_36m"] = float(curve[curve["days"] <= 36 * DAYS_PER_MONTH]["survival"].iloc[-1])
    return found


def harm(women: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    events, deaths = tables["adverse_events"], tables["deaths"]
    during = events[(events["suspect_drug"] == "everolimus") & events["patient_id"].isin(women.index)]
    return {
        "safety.grade_3_or_4.n": int((during["worst_grade"] >= 3).sum()),
        "safety.discontinued.n": int((during["action"] == "discontinued").sum()),
        "safety.treatment_related_deaths.n": int((deaths["treatment_related"] == "yes").sum()),
    }


RESPONSES = {"PR": "partial", "SD": "stable", "PD": "progressive"}
REFERENCES = {"her2_status": "zero", "menopausal_status": "postmenopausal", "ecog": "0", "histology": "ductal",
              "cdk46_inhibitor": "palbociclib", "cdk46_duration_group": "below_median"}  # fmt: skip


def cox_p_values(endpoint: str, women: pd.DataFrame) -> dict[str, float]:
    """Wald p values of every level, and the smallest of the proportional-hazards tests, from statsmodels' PHReg."""
    from statsmodels.duration.hazard_regression import PHReg

    variables = [name for name in REFERENCES if not (endpoint == "os" and name == "histology")]
    dummies = pd.get_dummies(women[variables].astype(str), prefix_sep=".", dtype=float)
    dummies = dummies.drop(columns=[f"{name}.{REFERENCES[name]}" for name in variables])
    models = {"multivariable": [dummies]}
    models["univariable"] = [
        dummies[[column for column in dummies if column.split(".")[0] == name]] for name in variables
    ]
    found = {}
    for model, designs in models.items():
        for design in designs:
            days, event = women[f"{endpoint}_days"].to_numpy(), women[f"{endpoint}_event"].to_numpy(bool)
            result = PHReg(days.astype(float), design, status=event.astype(int), ties="breslow").fit()
            found |= {
                f"{endpoint}.cox.{model}.{name}.p": p for name, p in zip(design.columns, result.pvalues, strict=True)
            }
    return found


def agrees(entry: dict[str, str], value: float) -> bool:
    printed = entry.get("implied", entry["printed"])
    value = 100 * value if entry.get("scale") == "percent" else value
    if entry.get("bound") == "above":
        return value > float(printed)
    half = 2.5 if entry.get("approximate") == "true" else 0.5 * 10.0 ** -len(printed.partition(".")[2])
    return abs(value - float(printed)) <= half


# ── the published study ──────────────────────────────────────────────────────────────────────


def test_every_published_value_recomputes_from_the_records(calibrated: tuple[Path, pd.DataFrame]) -> None:
    failed, women, tables = analysed(calibrated[0])
    found = published_results(failed, women)
    found |= harm(women, tables)
    nothing = math.nan
    wrong = {entry["key"] for entry in PUBLISHED if not agrees(entry, found.get(entry["key"], nothing))}
    assert not wrong


def test_no_proportional_hazards_test_is_significant(calibrated: tuple[Path, pd.DataFrame]) -> None:
    _, women, _ = analysed(calibrated[0])
    for endpoint in ("pfs", "os"):
        time, event = women[f"{endpoint}_days"].to_numpy(), women[f"{endpoint}_event"].to_numpy(bool)
        for variable in ("her2_status", "menopausal_status", "ecog", "cdk46_inhibitor", "cdk46_duration_group"):
            design = (women[variable] == REFERENCES[variable]).to_numpy(float)[:, None]
            model = fit(time, event, design)
            assert model is not None
            assert min(proportional_p(model, time, event, [[0]])) > 0.05


def test_calibrated_included_women_are_as_the_paper_selected_them(calibrated: tuple[Path, pd.DataFrame]) -> None:
    _, women, tables = analysed(calibrated[0])
    scans = tables["assessments"]
    baseline = scans[scans["kind"] == "baseline"]
    assert before_index(baseline, "assessment_date", women, 28).all()
    assert set(scans["measurable"]) == {"yes"}
    suppression = tables["observations"][tables["observations"]["item"] == "ovarian_suppression"]
    premenopausal = women.index[women["menopausal_status"] == "premenopausal"]
    assert len(premenopausal) == 17
    assert set(premenopausal) <= set(suppression["patient_id"])
    assert (women["best_response"] != "MISSING").all()
    assert women["index_date"].between("2020-01-01", "2024-12-31").all()


def test_scans_on_treatment_are_eight_to_twelve_weeks_apart(calibrated: tuple[Path, pd.DataFrame]) -> None:
    _, women, tables = analysed(calibrated[0])
    scans = days_from_index(tables["assessments"], "assessment_date", women)
    for person, pfs in women["pfs_days"].items():
        days = scans.loc[[person], "days"]
        gaps = np.diff([0, *days[(days > 0) & (days <= pfs)]])
        assert ((gaps >= 56) & (gaps <= 84)).all()


# ── the records ──────────────────────────────────────────────────────────────────────────────


def test_truth_agrees_with_the_records(calibrated: tuple[Path, pd.DataFrame]) -> None:
    assert_truth_agrees(*calibrated)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_uncalibrated_truth_agrees_with_the_records_for_any_seed(seed: int, tmp_path: Path) -> None:
    database, truth = made(tmp_path, seed=seed, calibrate=False)
    assert_truth_agrees(database, truth)


def test_a_larger_scale_is_free_draws_in_chunks_that_agree_with_their_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "CHUNK_PERSONS", 500)
    database, truth = made(tmp_path, scale=10)
    assert len(truth) == 10 * 172
    assert truth.index.is_unique
    assert_truth_agrees(database, truth)
    # Unlike in the paper, some are still without progression at the cut-off.
    assert set(truth.loc[truth["included"], "pfs_event"].astype(str)) == {"True", "False"}
    assert set(truth["first_failed"]) >= {"not_de_novo", "earlier_curative_treatment", "no_first_line_cdk46",
                                          "no_prior_chemotherapy", "other_starting_dose", "prior_mtor_inhibitor",
                                          "other_malignancy", "outside_window"}  # fmt: skip


def assert_truth_agrees(database: Path, truth: pd.DataFrame) -> None:
    failed, women, _ = analysed(database)
    pd.testing.assert_series_equal(failed.sort_index(), truth["first_failed"], check_names=False, check_dtype=False)
    expected = truth[truth["included"]]
    women = women.sort_index()
    assert list(women["index_date"].dt.strftime("%Y-%m-%d")) == list(expected["index_date"])
    for name in ("pfs_days", "os_days", "age", "cdk46_days"):
        column = {"age": "age_at_diagnosis", "cdk46_days": "cdk46_duration_days"}.get(name, name)
        assert list(women[name].astype(int)) == list(expected[column].astype(float).astype(int)), name
    for name in ("pfs_event", "os_event", "best_response", "menopausal_status", "ecog", "her2_status", "histology",
                 "cdk46_inhibitor", "cdk46_duration_group", "ae_term"):  # fmt: skip
        assert list(women[name].astype(str)) == list(expected[name].astype(str)), name


def test_recorded_responses_follow_from_the_diameters(tmp_path: Path) -> None:
    database, _ = made(tmp_path, seed=5, calibrate=False)
    tables = known(database, CUT)
    targets = tables["lesions"][tables["lesions"]["kind"] == "target"]
    sums = targets.groupby("assessment_record_id")["diameter_mm"].sum()
    scans = tables["assessments"].set_index("record_id")
    pd.testing.assert_series_equal(scans["target_sum_mm"], sums.reindex(scans.index), check_names=False)
    for _, course in scans.sort_values("assessment_date").groupby("patient_id"):
        assert list(course["overall_response"].dropna()) == recist(course)


def recist(course: pd.DataFrame) -> list[str]:
    """RECIST 1.1 overall responses of one woman's scans; a new baseline scan starts anew."""
    baseline, nadir, found = math.nan, math.nan, []
    last_baseline = course["assessment_date"][course["kind"] == "baseline"].max()
    for scan in course.itertuples():
        total = scan.target_sum_mm
        if scan.kind == "baseline":
            baseline = nadir = total
            continue
        grown = total >= 1.2 * nadir and total - nadir >= 5
        if grown or scan.new_lesions == "yes" or scan.non_target == "PD":
            found.append("PD")
            # Before the study treatment, the next one counts from here.
            baseline, nadir = (total, total) if scan.assessment_date < last_baseline else (baseline, nadir)
            continue
        shrunk = "PR" if total <= 0.7 * baseline else "SD"
        found.append("CR" if total == 0 and scan.non_target in (None, "CR") else shrunk)
        nadir = min(nadir, total)
    return found


def test_no_record_is_dated_between_last_known_alive_and_the_cut(calibrated: tuple[Path, pd.DataFrame]) -> None:
    _, women, tables = analysed(calibrated[0])
    events = days_from_index(tables["adverse_events"], "onset_date", women)["days"]
    assert (events <= events.index.map(women["os_days"])).all()


def test_a_treatment_is_first_recorded_without_its_end(calibrated: tuple[Path, pd.DataFrame]) -> None:
    with duckdb.connect(str(calibrated[0]), read_only=True) as connection:
        versions = connection.execute(
            "SELECT * FROM treatments WHERE drug = 'palbociclib' ORDER BY record_id, version"
        ).df()
    first, last = versions[versions["version"] == 1], versions[versions["superseded_by"].isna()]
    assert first["stop_date"].isna().all()
    assert last["stop_date"].notna().sum() > 0.9 * len(last)
    assert (versions.groupby("record_id")["version"].max() == versions.groupby("record_id").size()).all()
    assert versions.groupby("record_id")["recorded_on"].apply(lambda days: days.is_monotonic_increasing).all()


def test_records_that_were_there_by_the_cut_were_written_by_the_cut() -> None:
    happened = np.array([90, 100, 101])
    on = written(np.random.default_rng(1), happened, 30, cutoff=100)
    assert list(on <= 100) == [True, True, False]
    assert (on >= happened).all()


def test_a_later_cut_finds_new_deaths_completed_corrected_late_and_deleted_records(
    calibrated: tuple[Path, pd.DataFrame],
) -> None:
    before, women, tables = analysed(calibrated[0])
    after, later_women, later = analysed(calibrated[0], LATER)
    completed = before.index[(before == "missing_or_incomplete") & (after == "")]
    assert len(completed) >= 5
    stayed = women.index.intersection(later_women.index)
    assert later_women.loc[stayed, "os_event"].sum() > women.loc[stayed, "os_event"].sum()
    assert (later_women.loc[stayed, "pfs_days"] != women.loc[stayed, "pfs_days"]).sum() == 1
    assert (later_women.loc[stayed, "her2_status"] != women.loc[stayed, "her2_status"]).sum() == 1
    assert (later_women.loc[stayed, "ecog"] != women.loc[stayed, "ecog"]).sum() == 1
    late = {name: set(later[name]["record_id"]) - set(tables[name]["record_id"]) for name in later}
    old = {name: later[name][later[name]["record_id"].isin(ids) & (later[name][RECORD_TABLES[name].began] <= CUT)]
           for name, ids in late.items()}  # fmt: skip
    assert len(old["deaths"]) == len(old["adverse_events"]) == len(old["follow_up"]) == 1
    assert len(set(tables["adverse_events"]["record_id"]) - set(later["adverse_events"]["record_id"])) == 1


# ── the file ─────────────────────────────────────────────────────────────────────────────────


def digest(database: Path) -> str:
    """Of the sorted content: the bytes of a database file differ from write to write."""
    total = hashlib.sha256()
    with duckdb.connect(str(database), read_only=True) as connection:
        for name in sorted(RECORD_TABLES):
            total.update(str(connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()).encode())
    return total.hexdigest()


@pytest.mark.parametrize("simulated", [{}, {"calibrate": False, "noise": 0.05}])
def test_the_same_settings_give_the_same_content(simulated: dict[str, Any], tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    assert digest(made(one, **simulated)[0]) == digest(made(two, **simulated)[0])
    assert (one / "truth.csv").read_bytes() == (two / "truth.csv").read_bytes()


def test_another_seed_gives_other_women(tmp_path: Path, calibrated: tuple[Path, pd.DataFrame]) -> None:
    assert set(made(tmp_path, seed=SEED + 1)[1].index).isdisjoint(calibrated[1].index)


def test_a_stream_of_one_name_does_not_depend_on_other_draws() -> None:
    streams = Streams(7)
    expected = streams("diagnoses").random(3)
    streams("pathology").random(1000)
    assert (streams("diagnoses").random(3) == expected).all()
    assert (streams("pathology").random(3) != expected).all()


def test_the_database_says_that_it_is_synthetic(calibrated: tuple[Path, pd.DataFrame]) -> None:
    with duckdb.connect(str(calibrated[0]), read_only=True) as connection:
        assert connection.execute("SELECT synthetic FROM about").fetchall() == [(True,)]
        names = connection.execute("SELECT count(*) FROM patients WHERE NOT starts_with(name, 'Synthetic ')").fetchone()
    assert names == (0,)


def test_noise_adds_rows_and_unreadable_texts_and_none_by_default(
    tmp_path: Path, calibrated: tuple[Path, pd.DataFrame]
) -> None:
    clean, noisy = known(calibrated[0], CUT), known(made(tmp_path, noise=0.1)[0], CUT)
    words = {"0", "1+", "2+", "3+"}
    assert set(clean["pathology"]["her2_ihc"].dropna()) <= words
    assert not set(noisy["pathology"]["her2_ihc"].dropna()) <= words
    assert len(noisy["diagnoses"]) > len(clean["diagnoses"])
    stopped = noisy["treatments"].dropna(subset=["stop_date"])
    assert (stopped["stop_date"] < stopped["start_date"]).any()


# ── small parts ──────────────────────────────────────────────────────────────────────────────


def test_a_revision_replaces_the_newest_version_and_the_older_one_says_so() -> None:
    table = original({"value": np.array([1.0, 2.0])}, np.array([10, 11]))
    table = finished(revised(table, np.array([1]), {"value": np.array([3.0])}, np.array([20]), deleted=True))
    assert list(table["value"]) == [1.0, 2.0, 3.0]
    assert list(table["version"]) == [1, 1, 2]
    assert list(table["deleted"]) == [False, False, True]
    assert [None if np.isnan(value) else int(value) for value in table["superseded_by"]] == [None, 2, None]


def test_matching_puts_every_death_after_its_progression() -> None:
    progression, survival = np.array([5, 60, 20]), np.array([10, 30, 61])
    for seed in range(20):
        place = matched(np.random.default_rng(seed), progression, survival)
        assert sorted(place) == [0, 1, 2]
        assert (survival[place] > progression).all()


def test_cox_coefficient_and_score_test_are_those_of_r() -> None:
    time = np.array([1, 3, 3, 4, 6, 7, 9, 10, 12, 15])
    event = np.array([1, 1, 1, 0, 1, 1, 0, 1, 1, 0], dtype=bool)
    design = np.array([[0.0], [1], [0], [1], [0], [1], [1], [0], [1], [0]])
    model = fit(time, event, design)
    assert model is not None
    # R 4.2.2, survival 3.5-3: f <- coxph(Surv(time, event) ~ x, ties = "breslow"); coef(f); summary(f)$coef[5];
    # sapply(c("km", "rank", "identity"), function(t) cox.zph(f, transform = t)$table[1, 3])
    assert model.beta[0] == pytest.approx(-0.32080875411009, abs=1e-8)
    assert model.wald_p()[0] == pytest.approx(0.678022439955162, abs=1e-8)
    by_transform = [0.270642640147337, 0.320360995346784, 0.308973225242795]
    assert proportional_p(model, time, event, [[0]])[::2] == pytest.approx(by_transform, abs=1e-8)


def test_a_published_value_that_is_not_there_is_named(tmp_path: Path) -> None:
    entries = [entry for entry in PUBLISHED if entry["key"] != "os.km.median"]
    (tmp_path / "published.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    files = simulate_source(settings=settings_of(), published=tmp_path / "published.yaml")
    with pytest.raises(ConfigError, match=r"no entry with key os\.km\.median"):
        files["database"](tmp_path / "hospital.duckdb")


def test_published_values_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    entries = [entry | ({"printed": "5.00"} if entry["key"] == "pfs.km.median_lower" else {}) for entry in PUBLISHED]
    (tmp_path / "published.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    files = simulate_source(settings=settings_of(), published=tmp_path / "published.yaml")
    with pytest.raises(ConfigError, match=r"pfs\.km\.median and its limits"):
        files["truth"](tmp_path / "truth.csv")


def test_a_level_without_events_is_not_fitted() -> None:
    time, event = np.arange(1, 9), np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)
    assert fit(time, event, np.array([[0.0]] * 4 + [[1.0]] * 4)) is None
