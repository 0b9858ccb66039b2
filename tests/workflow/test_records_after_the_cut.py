"""What a derivation may not depend on: the order of rows, and whatever the source holds beyond the cut-off."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cutline.simulate import simulate_source
from cutline.study import load_study, settings_for
from tests.pipeline import derive

ROOT = Path(__file__).parents[2]
STUDY = load_study(ROOT, {})
PUBLISHED = ROOT / "config/studies/everolimus_exemestane/published.yaml"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A free draw with the faults of real exports, which ties and copies come with."""
    settings = settings_for(STUDY, "simulate_source")
    settings |= {"simulate": settings["simulate"] | {"seed": 11, "calibrate": False, "noise": 0.05}}
    path = tmp_path_factory.mktemp("source") / "hospital.duckdb"
    simulate_source(settings=settings, published=PUBLISHED)["database"](path)
    return path


@pytest.fixture(scope="module")
def derived(source):
    return tables_of(source)


def tables_of(source):
    found = derive(STUDY, ROOT, source)
    return {name: table for name, table in found.items() if isinstance(table, pd.DataFrame)}


def rewritten(source, path, statement):
    """A copy of the source with every table made anew by a statement about it."""
    path.write_bytes(source.read_bytes())
    with duckdb.connect(str(path)) as database:
        for name in STUDY["source"]["tables"]:
            database.execute(statement(database, name))
    return path


def differing(found, expected):
    return [name for name, table in expected.items() if not table.equals(found[name])]


def test_the_order_of_rows_in_the_source_changes_nothing(source, derived, tmp_path):
    shuffled = rewritten(source, tmp_path / "shuffled.duckdb", lambda _, name: (
        f"create or replace table {name} as select * from {name} order by hash(record_id || 'shuffled'), version"
    ))  # fmt: skip
    assert differing(tables_of(shuffled), derived) == []


def test_records_dated_after_the_cut_off_change_nothing(source, derived, tmp_path):
    after = rewritten(source, tmp_path / "after.duckdb", copied_after_the_cut)
    assert differing(tables_of(after), derived) == []


def copied_after_the_cut(database, name):
    """Each record once more, with another id, everything about it dated and written down years after the cut-off."""
    columns = database.execute(f"describe {name}").df().set_index("column_name")["column_type"]
    kept = {"birth_date"}
    said = [f"'later-' || record_id as {column}" if column == "record_id"
            else f"cast({column} + interval 30 year as {kind}) as {column}" if kind == "DATE" and column not in kept
            else column for column, kind in columns.items()]  # fmt: skip
    persons = " where false" if name == "patients" else ""
    return f"insert into {name} select {', '.join(said)} from {name}{persons}"
