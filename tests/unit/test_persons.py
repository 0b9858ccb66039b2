"""Inside a job persons are numbers that compare as their pseudonyms do; outside they are pseudonyms."""

import pandas as pd

from cutline.persons import by_number


def test_a_function_gets_ranks_over_all_inputs_and_its_outputs_have_the_pseudonyms():
    patients = pd.DataFrame({"patient_id": ["p9", "p10", "p2"]})
    deaths = pd.DataFrame({"patient_id": ["p3", "p2"], "record_id": ["a", "b"]})
    seen = {}

    def function(*, settings, patients, deaths):
        seen.update(patients=patients, deaths=deaths)
        return {"dead": deaths.sort_values("patient_id"), "counts": pd.DataFrame({"n": [2]}), "text": settings}

    found = by_number(function)(settings="as given", patients=patients, deaths=deaths)
    assert seen["patients"]["patient_id"].tolist() == [3, 0, 1]  # p10 < p2 < p3 < p9, as texts compare
    assert seen["deaths"]["patient_id"].tolist() == [2, 1]
    assert found["dead"].to_numpy().tolist() == [["p2", "b"], ["p3", "a"]]
    assert (found["counts"]["n"].tolist(), found["text"]) == ([2], "as given")
    assert patients["patient_id"].tolist() == ["p9", "p10", "p2"]  # what was given is as it was


def test_tables_without_rows_are_tables_of_persons_too():
    nobody = pd.DataFrame({"patient_id": []}, dtype=object)
    found = by_number(lambda patients: {"cohort": patients})(patients=nobody)
    assert found["cohort"]["patient_id"].tolist() == []
