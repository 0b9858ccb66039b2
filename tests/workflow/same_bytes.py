"""Comparing two trees of results byte for byte, all but what tells of the run that made them."""

TELLS_OF_THE_RUN = ("runs.jsonl", "report/audit.html", "ro-crate-metadata.json", "code/", "logs/")
"""The ledger, the audit page and the crate, which give times and the commit, and logs where they lie there."""


def results_of(folder):
    """File of a cut → its bytes, records included; not what tells of the run or of a job that failed."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(files.items())
            if not name.startswith(TELLS_OF_THE_RUN) and not name.endswith(".traceback.txt")}  # fmt: skip


def must_be_the_same(found, expected):
    """Two cuts' folders hold the same files with the same bytes."""
    one, other = results_of(found), results_of(expected)
    different = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    assert not different, sorted(different)
