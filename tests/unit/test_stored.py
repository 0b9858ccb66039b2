"""Of a table only those rows are read that are asked for."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from cutline import stored
from cutline.halves import FIRST, SECOND

PERSONS = ["00", "11", "22", "77", "80", "99", "ff"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Groups of three rows, of which the middle one has persons of both halves."""
    monkeypatch.setattr(stored, "ROWS_TOGETHER", 3)
    table = pd.DataFrame({"patient_id": PERSONS, "variable": ["age", "sex"] * 3 + ["age"]})
    stored.write(table, tmp_path / "facts.parquet", {})
    return tmp_path / "facts.parquet"


@pytest.mark.parametrize(("half", "persons"), [(FIRST, PERSONS[:4]), (SECOND, PERSONS[4:])])
@pytest.mark.parametrize("few", [(), ("patient_id",)])
def test_half_of_the_persons_are_read_with_all_their_rows(file, half, persons, few):
    assert stored.read(file, {}, few, [("patient_id", *half)])["patient_id"].tolist() == persons


def spoil(file, group):
    """Overwrites what the file holds of a group of rows: who reads it meets an error."""
    content = bytearray(file.read_bytes())
    rows = pq.ParquetFile(file).metadata.row_group(group)
    for column in map(rows.column, range(rows.num_columns)):
        begin = column.dictionary_page_offset or column.data_page_offset
        content[begin : begin + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    file.write_bytes(content)


@pytest.mark.parametrize(("half", "groups"), [(FIRST, [0, 1]), (SECOND, [1, 2])])
def test_groups_of_rows_with_nobody_of_that_half_are_not_read(file, half, groups):
    whole = file.read_bytes()
    read = []
    for group in range(3):
        spoil(file, group)
        try:
            stored.read(file, {}, (), [("patient_id", *half)])
        except OSError:
            read.append(group)
        file.write_bytes(whole)
    assert read == groups


def test_rows_meet_every_condition(file):
    rows = stored.read(file, {}, ("patient_id",), [("variable", "in", ["age"]), ("patient_id", *SECOND)])
    assert rows["patient_id"].tolist() == ["80", "ff"]


def test_a_half_of_nobody_is_a_table_without_rows(file):
    assert list(stored.read(file, {}, ("patient_id",), [("patient_id", "<", "0")])) == ["patient_id", "variable"]
