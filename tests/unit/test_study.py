"""A study's configuration is read as written, and every fault is named with its place before the first job."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cutline.configuration import check, parse_date, read_checked, read_yaml
from cutline.errors import ConfigError, SetupError, SourceError
from cutline.slugs import slug
from cutline.study import load_study, source_files
from cutline.study_rules import record_tables, settings_for

ROOT = Path(__file__).parents[2]

SCHEMA = """
type: object
additionalProperties: false
required: [title]
properties:
  title: {type: string}
  levels: {type: array, items: {type: string}}
  threshold: {type: number}
  printed: {type: string}
  day: {type: string, format: date}
  strict: {type: boolean}
"""


@pytest.fixture
def checked(tmp_path):
    def read(text):
        (tmp_path / "schema.yaml").write_text(SCHEMA)
        (tmp_path / "study.yaml").write_text(text)
        return read_checked(tmp_path / "study.yaml", tmp_path / "schema.yaml")

    return read


def test_yes_no_and_trailing_zeros_stay_as_written(checked):
    document = checked("title: x\nlevels: [no, yes, on]\nprinted: 5.70\n")
    assert document == {"title": "x", "levels": ["no", "yes", "on"], "printed": "5.70"}


def test_numbers_and_truth_values_are_typed_where_the_schema_says_so(checked):
    assert checked("title: 3\nthreshold: 14.3\nstrict: true\n") == {"title": "3", "threshold": 14.3, "strict": True}


def test_31_june_is_an_error_with_file_line_and_key(checked):
    with pytest.raises(ConfigError, match=r"study\.yaml, line 2: day: found '2025-06-31', expected a real date"):
        checked("title: x\nday: 2025-06-31\n")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(checked):
    with pytest.raises(ConfigError, match=r"line 2: treshold: unknown key; did you mean threshold\?"):
        checked("title: x\ntreshold: 3\n")


def test_every_fault_is_told_at_once(checked):
    with pytest.raises(ConfigError) as caught:
        checked("levels: x\nthreshold: many\n")
    assert [word in str(caught.value) for word in ("missing key(s) title", "a list", "a number")] == [True] * 3


def test_a_key_given_twice_is_an_error(tmp_path):
    (tmp_path / "twice.yaml").write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(ConfigError, match="key given twice: a"):
        read_yaml(tmp_path / "twice.yaml")


def test_broken_yaml_is_an_error_with_its_line(tmp_path):
    (tmp_path / "broken.yaml").write_text("a: [1, 2\nb: 3\n")
    with pytest.raises(ConfigError, match="line 2: not valid YAML"):
        read_yaml(tmp_path / "broken.yaml")


@pytest.mark.parametrize("text", ["2025-06-31", "31.05.2025", "2025-5-1", "20250531", ""])
def test_only_real_iso_dates_are_dates(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)


@pytest.mark.parametrize("study", ["everolimus_exemestane", "gbsg2", "bolero2"])
def test_the_studies_of_the_repository_have_no_fault(study):
    assert load_study(ROOT, {"study": study})["study"] == study


def test_an_unknown_study_names_the_nearest():
    with pytest.raises(ConfigError, match=r"did you mean gbsg2\?"):
        load_study(ROOT, {"study": "gbgs2"})


def test_a_cut_off_before_the_window_stops_with_both_dates():
    with pytest.raises(ConfigError, match=r"2019-06-30.*2020-01-01"):
        load_study(ROOT, {"data_cutoff": "2019-06-30"})


def test_a_study_without_dates_refuses_another_cut_off():
    with pytest.raises(ConfigError, match="durations and no dates"):
        load_study(ROOT, {"study": "gbsg2", "data_cutoff": "2020-01-01"})


def test_another_cut_off_does_not_change_how_the_synthetic_source_is_drawn():
    assert settings_for(load_study(ROOT, {"data_cutoff": "2025-12-31"}), "simulate_source") == settings_for(
        load_study(ROOT, {}), "simulate_source"
    )


def test_the_order_of_levels_survives_in_the_settings():
    levels = settings_for(load_study(ROOT, {}), "fit_cox")["variables"]["her2_status"]["levels"]
    assert list(levels) == ["zero", "low", "positive"]


def test_endpoints_do_not_depend_on_adverse_events():
    assert "adverse_events" not in record_tables(load_study(ROOT, {}), "derive_endpoints")


def test_a_missing_source_file_is_named():
    study = load_study(ROOT, {"study": "gbsg2"})
    gone = {key: value for key, value in study["source"].items() if key != "package"} | {"path": "data/cohort.csv"}
    with pytest.raises(SourceError, match=r"data/cohort\.csv.*study\.yaml"):
        source_files(study | {"source": gone}, ROOT)


def test_the_first_and_last_index_date_can_be_summarised():
    assert "index_date" in settings_for(load_study(ROOT, {}), "summarise_baseline")


@pytest.fixture
def project(tmp_path):
    """The configuration and the report's text, to change."""
    for part in ("config", "reports"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def edit(project, file, old, new):
    path = project / "config/studies" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_contradiction_names_the_file(project):
    edit(project, "gbsg2/study.yaml", "main: hormonal_therapy", "main: hormone_therapy")
    with pytest.raises(
        ConfigError, match=r"^config/studies/gbsg2/study\.yaml: comparisons.*did you mean hormonal_therapy"
    ):
        load_study(project, {"study": "gbsg2"})


def test_a_key_that_nobody_printed_stops_before_the_first_job(project):
    edit(project, "everolimus_exemestane/publication.yaml", "total: pfs.n", "total: pfs.nn")
    with pytest.raises(
        ConfigError, match=r"publication\.yaml: listings\.\d+\.total: pfs\.nn is not in published\.yaml"
    ):
        load_study(project, {})


def test_a_key_that_no_check_knows_stops_before_the_first_job(project):
    edit(project, "everolimus_exemestane/publication.yaml", "software: SPSS", "softwear: SPSS")
    with pytest.raises(ConfigError, match=r"softwear: unknown key; did you mean software\?"):
        load_study(project, {})


def test_a_mistake_in_the_published_values_stops_before_the_first_job(project):
    edit(project, "everolimus_exemestane/published.yaml", "key: flow.screened, printed:", "key: flow.screened, print:")
    with pytest.raises(ConfigError, match=r"published\.yaml, line \d+: 0\.print: unknown key; did you mean printed\?"):
        load_study(project, {})


def test_a_number_of_the_report_on_the_command_line_is_a_number():
    study = load_study(ROOT, {"report": {"disclosure": {"threshold": "20"}}})
    assert study["report"]["disclosure"] == {"threshold": 20}


def test_a_threshold_that_leaves_a_count_too_few_values_stops_before_the_first_job():
    with pytest.raises(ConfigError, match=r"report\.disclosure\.threshold: found 5, expected a multiple"):
        load_study(ROOT, {"report": {"profile": "public", "disclosure": {"threshold": 5}}})


def test_public_results_are_compared_with_public_ones_only(project):
    ard = project / "results/everolimus_exemestane/2024-12-31/aggregate/ard.csv"
    ard.parent.mkdir(parents=True)
    ard.write_text("key\n", encoding="utf-8")
    assert "compare" in load_study(project, {})
    assert "compare" not in load_study(project, {"report": {"profile": "public"}})
    with pytest.raises(ConfigError, match=r"compare_with: found '2024-12-31', whose results were not released"):
        load_study(project, {"report": {"profile": "public"}, "compare_with": "2024-12-31"})


def test_a_level_that_cannot_be_part_of_a_key_is_an_error(project):
    edit(project, "gbsg2/study.yaml", "premenopausal: Premenopausal", "Pre-menopausal: Premenopausal")
    with pytest.raises(ConfigError, match=r"levels: found 'Pre-menopausal', expected a name of lower-case letters"):
        load_study(project, {"study": "gbsg2"})


@pytest.mark.parametrize("name", ["a", "0", "her2_low", "a_1", "A", "a__b", "_a", "a_", "a-b", "ı", "é", "", "a b"])
def test_names_in_the_schema_are_those_that_keys_keep_as_they_are(name):
    schema = yaml.safe_load((ROOT / "config/studies/study.schema.yaml").read_text(encoding="utf-8"))
    pattern = schema["$defs"]["id"]
    assert bool(not check(name, pattern, "", {})) == (slug(name) == name != "")


def test_quarto_that_is_asked_for_and_absent_stops_before_the_first_job(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(SetupError, match=r"report\.engine: quarto was asked for"):
        load_study(ROOT, {"report": {"engine": "quarto"}})


@pytest.mark.parametrize(("found", "engine"), [("/usr/bin/quarto", "quarto"), (None, "pandoc")])
def test_the_engine_that_will_render_is_a_setting_of_the_report(monkeypatch, found, engine):
    monkeypatch.setattr(shutil, "which", lambda program: found)
    assert settings_for(load_study(ROOT, {}), "render_report")["report"]["engine"] == engine


@pytest.mark.parametrize("name", ["everolimus_exemestane", "gbsg2", "bolero2"])
def test_reading_and_checking_a_study_does_not_wait_for_pandas(name):
    load = f"study.load_study(Path('.'), {{'study': '{name}'}})"
    code = f"import sys; from pathlib import Path; from cutline import study; {load}; sys.exit('pandas' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow" / "lib")}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False).returncode == 0
