"""Why a job would run now, in plain words."""

import pytest

from cutline.audit.cut import Cut
from cutline.audit.reasons import outlook, setting_changes
from tests.small_cut import CODE, SETTINGS, small_cut


@pytest.fixture
def cut(tmp_path):
    return small_cut(tmp_path)


def now(code=CODE, settings=SETTINGS, rule="select_cohort"):
    """The project as it is now: one rule differs from its record, the other does not."""
    return lambda name: (code, settings) if name == rule else (CODE, SETTINGS)


def test_nothing_runs_where_nothing_changed(cut):
    assert outlook(cut, now()).reasons == {}


def test_an_edited_module_is_named(cut):
    found = outlook(cut, now(code=CODE | {"lib/cutline/cohort.py": "c2"}))
    assert found.reasons == {"select_cohort": ["cohort.py changed since then"]}
    assert found.followers == ("summarise_baseline",)


def test_an_upgrade_is_told_with_both_versions(cut):
    found = outlook(cut, now(code=CODE | {"pandas": "2.3.3"}))
    assert found.reasons == {"select_cohort": ["pandas 2.3.2 → 2.3.3"]}


def test_a_setting_is_told_with_its_place_and_both_values(cut):
    found = outlook(cut, now(settings=SETTINGS | {"levels": {"b": 1, "a": 3}}))
    assert found.reasons == {"select_cohort": ["levels.a: 2 → 3"]}


def test_another_order_of_levels_is_a_change_since_it_is_the_order_of_display(cut):
    found = outlook(cut, now(settings=SETTINGS | {"levels": {"a": 2, "b": 1}}))
    assert found.reasons == {"select_cohort": ["levels: the order changed"]}


def test_two_values_swapped_are_two_changes():
    assert list(setting_changes({"a": 1, "b": 2}, {"a": 2, "b": 1})) == ["a: 1 → 2", "b: 2 → 1"]


def test_a_changed_input_is_named(cut):
    (cut.root / "config" / "list.csv").write_text("code\ny\n")
    assert outlook(cut, now()).reasons == {"select_cohort": ["its input config/list.csv changed"]}


def test_a_missing_output_is_named_and_so_is_the_job_that_lacks_it(cut):
    (cut.folder / "patient" / "cohort.csv").unlink()
    found = outlook(cut, now())
    assert found.reasons == {
        "select_cohort": ["its output cut:patient/cohort.csv is missing"],
        "summarise_baseline": ["its input cut:patient/cohort.csv is missing"],
    }


def test_a_new_file_that_a_job_would_be_given_is_a_reason(cut):
    given = {"select_cohort": ["config/list.csv", "config/more.csv"]}
    assert outlook(cut, now(), given).reasons == {"select_cohort": ["it now reads config/more.csv too"]}


def test_a_rule_that_is_no_more_has_no_say(cut):
    assert outlook(cut, lambda rule: None).reasons == {}


def test_jobs_come_in_the_order_of_the_flow(cut):
    changed = outlook(Cut(cut.root, cut.folder, "toy", "2025-01-01"), lambda rule: (CODE | {"pandas": "9"}, SETTINGS))
    assert list(changed.reasons) == ["select_cohort", "summarise_baseline"]
