"""What the parts of the audit page are made from: a cut, its chains and jobs, each read once. No pandas."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import yaml

from cutline.audit.chain import Chains, Data
from cutline.audit.crate import released
from cutline.audit.cut import MANUSCRIPT, Cut
from cutline.audit.disclosed import DisclosedChains, is_public, may_be_told
from cutline.audit.runs import TELLS_OF_RUN
from cutline.audit.wording import Words, words_of

WEB_PAGE = "manuscript.html"
"""The manuscript beside the audit page."""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ABSOLUTE = re.compile(r"/[^/\s]+/|~[/\\]|[A-Za-z]:[/\\]|\\\\")


class Facts:
    """A cut as the audit page tells of it."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.chains = DisclosedChains(cut, may_be_told(released(cut))) if is_public(cut) else Chains(cut)

    @cached_property
    def jobs(self) -> dict[str, Data]:
        """Every job by its rule, none before a job that it needs, without what tells of the run; see `chain`."""
        jobs = {rule: job for rule, job in self.chains.shared["jobs"].items() if rule != TELLS_OF_RUN}
        makers = {rule: [self.files[name]["rule"] for name in job["inputs"]] for rule, job in jobs.items()}
        return {rule: jobs[rule] for rule in TopologicalSorter(makers).static_order() if rule in jobs}

    @cached_property
    def files(self) -> dict[str, Data]:
        """Every file that a job read or wrote, by its name in the records; see `chain`."""
        files: dict[str, Data] = self.chains.shared["files"]
        return files

    @cached_property
    def words(self) -> Words:
        """The study's names of variables, endpoints and criteria."""
        return words_of(self.cut)

    @property
    def title(self) -> str:
        """The study's title, if the cut has a report; else its id."""
        return str(self._settings.get("title", self.cut.study))

    @property
    def synthetic(self) -> bool:
        """Whether no patient is behind the results."""
        return bool(self._settings.get("synthetic"))

    @property
    def _settings(self) -> dict[str, Any]:
        """The settings of the report; none if the cut has no report."""
        return dict(self.cut.records.get(MANUSCRIPT, {}).get("settings", {}))

    @property
    def recorded_files(self) -> int:
        """How many files of the cut have a record; those that tell of the run, as this page does, do not count."""
        return sum(record["rule"] != TELLS_OF_RUN for record in self.cut.records.values())

    @property
    def has_web_page(self) -> bool:
        """Whether the manuscript is there as a web page, so that numbers can lead back to it."""
        return f"report/{WEB_PAGE}" in self.cut.records

    @property
    def rules_of_results(self) -> list[str]:
        """The rules that computed the results, each once."""
        return list(dict.fromkeys(row["rule"] for row in self.cut.results.values()))

    def edges(self, between: Collection[str] = ()) -> list[tuple[str, str]]:
        """From each job to those that read what it wrote; files `between` are steps of their own."""
        makers = {name: about["rule"] for name, about in self.files.items()}
        direct = [
            (name if name in between else makers[name], rule)
            for rule, job in self.jobs.items()
            for name in job["inputs"]
        ]
        return list(dict.fromkeys([*direct, *((makers[name], name) for name in between)]))


def as_yaml(settings: Any) -> str:
    """Settings as a person reads them, without the folders of this machine."""
    return str(yaml.dump(_portable(settings), Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100)).strip()


def _portable(value: Any) -> Any:
    """The value with only the file's name of every absolute path in it."""
    if isinstance(value, Mapping):
        return {key: _portable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(part) for part in value]
    if isinstance(value, str) and _ABSOLUTE.match(value):
        return "outside:" + PurePosixPath(PureWindowsPath(value).as_posix()).name
    return value
