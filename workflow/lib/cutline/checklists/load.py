"""The guidelines by which a study's report is checked, read from config/checklists/."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cutline.checklists.answer import by_language
from cutline.checklists.passage import Checklist
from cutline.configuration import nearest, read_checked
from cutline.errors import ConfigError

FOLDER = Path("config/checklists")
OF_COHORTS = ("strobe_cohort", "record", "grow_aligned")
OF_RANDOMISED_TRIALS = ("consort",)


def load_checklists(root: Path, study: Mapping[str, Any]) -> dict[str, Checklist]:
    """The guidelines of this study by name, in order: those it names, else those for its design. Raises ConfigError.

    Also for an answer of the study to an item that the guideline does not have.
    """
    asked = study["report"].get("checklists", {})
    randomised = study.get("comparisons", {}).get("randomised")
    names = asked.get("guidelines", OF_RANDOMISED_TRIALS if randomised else OF_COHORTS)
    known = [path.stem for path in guidelines(root)]
    unknown = [
        f"report.checklists.guidelines: found {name!r}{nearest(name, known)}" for name in names if name not in known
    ]
    if unknown:
        raise ConfigError("\n".join(unknown))
    found = {
        name: _read(root / FOLDER / f"{name}.yaml", (root / FOLDER / f"{name}.yaml").read_bytes()) for name in names
    }
    faults = list(_unasked(asked.get("answers", {}), found))
    if faults:
        raise ConfigError("\n".join(faults))
    return found


def guidelines(root: Path) -> list[Path]:
    """The files of all guidelines that there are, by name."""
    return sorted(path for path in (root / FOLDER).glob("*.yaml") if not path.stem.endswith(".schema"))


@functools.lru_cache(maxsize=8)
def _read(path: Path, content: bytes) -> Checklist:
    """`content` is the file's, so that another one is read anew."""
    checklist: Checklist = read_checked(path, path.with_name("checklist.schema.yaml"))
    faults = list(_faults(checklist))
    if faults:
        raise ConfigError("\n".join(f"{(FOLDER / path.name).as_posix()}: {fault}" for fault in faults))
    return checklist


def _faults(checklist: Checklist) -> Iterator[str]:
    """Items that are listed twice, and patterns that are none."""
    ids = [item["id"] for item in checklist["items"]]
    yield from (f"item {each} is listed twice" for each in sorted({each for each in ids if ids.count(each) > 1}))
    for item in checklist["items"]:
        said = (listed for evidence in item["met_by"] for listed in by_language(evidence).values())
        for pattern in (pattern for listed in said for pattern in listed):
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"item {item['id']}: {pattern!r} is no regular expression: {error}"


def _unasked(answers: Mapping[str, Mapping[str, Any]], found: Mapping[str, Checklist]) -> Iterator[str]:
    for name, of_it in answers.items():
        if name not in found:
            yield f"report.checklists.answers: the study is not checked by {name!r}{nearest(name, list(found))}"
            continue
        ids = [item["id"] for item in found[name]["items"]]
        yield from (f"report.checklists.answers.{name}: no item {each!r}{nearest(each, ids)}" for each in of_it
                    if each not in ids)  # fmt: skip
