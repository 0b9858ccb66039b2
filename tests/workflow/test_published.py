"""Every value the paper prints has its row in the concordance, and agrees within half a unit of its last digit."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from cutline.study import load_published
from tests.workflow.conftest import DEFAULT_CUT

ROOT = Path(__file__).parents[2]
PUBLISHED = load_published(ROOT, "everolimus_exemestane")


def table(finished, name):
    return pd.read_csv(finished.path / DEFAULT_CUT / "aggregate" / name, keep_default_na=False).set_index("key")


@pytest.fixture(scope="module")
def results(finished):
    return table(finished, "ard.csv")["value"]


@pytest.fixture(scope="module")
def concordance(finished):
    return table(finished, "concordance.csv")


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["key"])
def test_the_printed_value_recomputes(results, entry):
    value = float(results[entry["key"]]) * (100 if entry.get("scale") == "percent" else 1)
    text = entry["printed"] or entry["implied"]
    half_a_unit = float(Decimal(1).scaleb(Decimal(text).as_tuple().exponent) / 2)
    if "bound" in entry:
        assert value > float(text) if entry["bound"] == "above" else value < float(text)
    else:
        assert abs(value - float(text)) <= (2.5 if entry.get("approximate") else half_a_unit + 1e-9)


def test_the_paper_prints_more_than_eighty_values():
    assert len(PUBLISHED) > 80


def test_every_printed_value_has_its_row_and_agrees(concordance):
    assert concordance.index.tolist() == [entry["key"] for entry in PUBLISHED]
    assert concordance["printed"].tolist() == [entry["printed"] or "" for entry in PUBLISHED]
    assert set(concordance["verdict"]) == {"agrees"}
