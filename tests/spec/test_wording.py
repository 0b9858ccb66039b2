"""What Methods and Results say of rules that decide numbers: censoring, vital status, what was not recorded."""

from __future__ import annotations

from typing import Any

import pytest

from cutline.ard import result, results_table
from cutline.display.lookup import index_results
from cutline.display.table_adverse_events import adverse_events_grid
from cutline.manuscript import methods
from cutline.manuscript.context import Context
from cutline.manuscript.findings import safety

DEATH = {"reason": "death", "table": "deaths", "date": "death_date"}
CANCER_DEATH = DEATH | {"where": {"cause": ["disease_progression"]}}
PROGRESSION = {"reason": "progression", "table": "assessments", "where": {"overall_response": ["PD"]},
               "date": "assessment_date"}  # fmt: skip
LAST_ALIVE = {"reason": "last known alive", "latest_of": [
    {"table": "follow_up", "where": {"status": ["alive"]}, "date": "contact_date"},
    {"table": "treatments", "date": "start_date"},
]}  # fmt: skip


def said_of(*events: dict[str, Any], complete: bool) -> str:
    endpoint = {"label": "Survival", "event_label": "the event", "events": [*events], "censoring": [LAST_ALIVE]}
    settings = {"endpoints": {"os": endpoint}, "vital_status_complete": complete, "index_date": {"label": "start"}}
    return methods.outcomes.endpoints(Context(settings, {}))


AT_LAST_CONTACT = "on the day last known alive (the latest date among follow-up with status alive and treatments)"
AT_THE_CUT_OFF = "Vital status was complete at the data cut-off, so patients alive then were censored on that day"


def test_methods_name_the_records_that_prove_life():
    assert f"Patients without an event were censored {AT_LAST_CONTACT}." in said_of(DEATH, complete=False)


def test_where_vital_status_is_complete_overall_survival_is_not_said_to_end_at_last_contact():
    said = said_of(DEATH, complete=True)
    assert said.endswith(f"{AT_THE_CUT_OFF}.")
    assert "last known alive" not in said


def test_complete_vital_status_is_not_claimed_for_progression():
    said = said_of(PROGRESSION, DEATH, complete=True)
    assert "Vital status" not in said
    assert f"censored {AT_LAST_CONTACT}." in said


def test_where_only_some_deaths_are_events_the_others_are_said_to_be_censored():
    assert f"{AT_THE_CUT_OFF}; patients whose death is no event were censored {AT_LAST_CONTACT}." in said_of(
        CANCER_DEATH, complete=True
    )


def test_an_event_that_counts_only_after_the_index_date_is_said_to():
    said = said_of(PROGRESSION | {"after_start": True}, DEATH, complete=False)
    assert "; progression on that day itself did not count." in said
    assert "did not count" not in said_of(PROGRESSION, DEATH, complete=False)


# ── adverse events ───────────────────────────────────────────────────────────────────────────


def reported(**counts: float | None) -> Context:
    """The results of four patients, by the last part of the key; not estimable ones with a note."""
    numbers = {"none": 2, "any": 2, "term.fatigue": 1, "term.unmapped": 0, "grade_3_or_4": 0,
               "treatment_related_deaths": 0, "discontinued": 0} | counts  # fmt: skip
    rows = [result(f"safety.{name}.n", n, n=4, note="not recorded" if n is None else "") for name, n in numbers.items()]
    rows.append(result("flow.included", 4))
    settings = {"safety": {"terms": {"fatigue": "Fatigue"}}, "statistics": {}}
    return Context(settings, index_results([results_table(rows, "summarise_safety")]))


def rows_of(context: Context) -> list[str]:
    return [row.label.text for row in adverse_events_grid(context.settings, context.results)[1]]


def test_terms_that_are_not_in_the_code_list_have_a_row_of_their_own_at_the_end_of_the_terms():
    rows = rows_of(reported(**{"term.unmapped": 2}))
    assert rows[rows.index("Fatigue") + 1] == "Terms not in the code list"


def test_without_such_terms_there_is_no_row_for_them():
    assert "Terms not in the code list" not in rows_of(reported())


def test_results_say_that_some_terms_are_not_in_the_code_list():
    assert "events with a term that is not in the code list in" in safety._terms(reported(**{"term.unmapped": 2}))
    assert "code list" not in safety._terms(reported())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("grade_3_or_4", "an event of grade 3 or 4"),
        ("treatment_related_deaths", "a death attributed to treatment"),
        ("discontinued", "an event that ended treatment"),
    ],
)
def test_what_was_not_recorded_for_all_is_said_to_be_unknown_and_no_zero_is_printed(name, words):
    said = safety._serious(reported(**{name: None}))
    assert f"How many patients had {words} cannot be told, because it is not recorded for all of them." in said
    assert f"safety.{name}.n" not in said
