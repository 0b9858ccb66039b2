"""What the profile `public` leaves of records: nothing about files that are not released but that they were read.

A digest of a table of counts tells the counts: there are few enough possibilities to try them all. So does a number of
rows, where a row is an event or a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from cutline.audit.chain import Chains, Data
from cutline.audit.cut import Cut
from cutline.disclosure.profiles import PUBLIC, profile_of_records
from cutline.provenance import IN_CUT

OF_THE_PROJECT = ("config/", "reports/")
"""Files that hold no records: the protocol, code lists, text and layout."""
NOT_SHOWN = ""


def is_public(cut: Cut) -> bool:
    """Whether the results of this cut were released for everybody."""
    return profile_of_records(cut.records) == PUBLIC


def may_be_told(released: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether digest and rows of a file, by its name in records, may be told."""
    names = {IN_CUT + path for path in released}
    return lambda name: name in names or name.startswith(OF_THE_PROJECT)


def disclosed_record(record: Mapping[str, Any], told: Callable[[str], bool]) -> dict[str, Any]:
    """A record whose inputs that may not be told of are names alone."""
    inputs = [entry if told(entry["path"]) else {"path": entry["path"]} for entry in record["inputs"]]
    return {**record, "inputs": inputs}


class DisclosedChains(Chains):
    """The chains of a cut as its audit page may tell them."""

    def __init__(self, cut: Cut, told: Callable[[str], bool]) -> None:
        super().__init__(cut)
        self.told = told

    @cached_property
    def shared(self) -> Data:
        """As `jobs_of`, without digests and rows of what is not released, and without counts of the snapshot."""
        everything = super().shared
        files = {name: about if self.told(name) else {**about, "sha256": NOT_SHOWN} for name, about in
                 everything["files"].items()}  # fmt: skip
        for name in [name for name in files if not self.told(name)]:
            files[name].pop("rows", None)
        jobs = {rule: job | {"inputs": {name: digest if self.told(name) else NOT_SHOWN
                                        for name, digest in job["inputs"].items()}}
                for rule, job in everything["jobs"].items()}  # fmt: skip
        snapshot = everything["snapshot"] and everything["snapshot"] | {"tables": {}, "source_files": {}}
        return everything | {"files": files, "jobs": jobs, "snapshot": snapshot, "corrections": {}}
