"""A study's configuration is read as written, and every fault is named with its place before the first job."""

from pathlib import Path

import pytest

from cutline.errors import ConfigError, SourceError
from cutline.study import load_study, parse_date, read_checked, read_yaml, record_tables, settings_for, source_files

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


@pytest.mark.parametrize("study", ["everolimus_exemestane", "gbsg2"])
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
