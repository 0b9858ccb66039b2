"""The data dictionary in the documentation is the one the specs say."""

from pathlib import Path

from cutline.tables.dictionary import data_dictionary

WRITTEN = Path(__file__).parents[2] / "docs" / "data_dictionary.md"


def test_the_documentation_agrees_with_the_specs():
    repair = "PYTHONPATH=workflow/lib .venv/bin/python -m cutline.tables.dictionary > docs/data_dictionary.md"
    assert WRITTEN.read_text(encoding="utf-8") == data_dictionary(), f"write it anew: {repair}"


def test_every_column_is_described():
    assert "|  |" not in "".join(line[-8:] for line in data_dictionary().splitlines() if line.startswith("| `"))
