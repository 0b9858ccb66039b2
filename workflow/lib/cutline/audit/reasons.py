"""Why a job would run now, in plain words: its record compared with today's code, settings, libraries and inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from cutline.audit import git
from cutline.audit.cut import Cut
from cutline.audit.runs import PAGES
from cutline.code_digest import code_of, software
from cutline.provenance import BESIDE, IN_CUT, dates_of_cut, made_by, recorded_name
from cutline.study import load_study, source_files
from cutline.study_rules import report_sources, rules_of, settings_for

SHORT = 60
"""Longer values of a setting are cut in a sentence."""
Now = Callable[[str], tuple[Mapping[str, str], Mapping[str, Any]] | None]
"""Gives a rule's code and settings as they are now; None for a rule that is no more."""


@dataclass(frozen=True)
class Outlook:
    """What would run: rules that have reasons of their own, and rules that follow only if what they read changes."""

    reasons: Mapping[str, list[str]] = field(default_factory=dict)
    followers: tuple[str, ...] = ()


def now_in(root: Path, study: Mapping[str, Any]) -> Now:
    """Code and settings of the project at `root` for that study, as the Snakefile gives them to its rules."""

    @functools.cache
    def now(rule: str) -> tuple[Mapping[str, str], Mapping[str, Any]] | None:
        script = root / "workflow" / "scripts" / f"{rule}.py"
        return (code_of(script, root / "workflow" / "lib"), settings_for(study, rule)) if script.is_file() else None

    return now


def study_of(cut: Cut) -> dict[str, Any]:
    """The study as configured now, at this cut, with what the command line said at its last run. Raises ConfigError."""
    said = cut.runs[-1].get("config", {}) if cut.runs else {}
    dates = dict(zip(("data_cutoff", "known_by"), dates_of_cut(cut.name), strict=True))
    study = load_study(cut.root, said | dates | {"study": cut.study, "results_dir": str(cut.folder.parents[1])})
    return study | {"software": software(cut.root, rules_of(study))}


def given_now(cut: Cut, study: Mapping[str, Any]) -> dict[str, list[str]]:
    """The files outside the cut that a run would give to the rules that take a varying number of them."""
    texts = [*report_sources(study, cut.root), *study.get("codelists", {}).values()]
    given = {"render_report": texts, "check_records": list(study["corrections"]),
             "summarise_quality": [study["quality"][name] for name in ("ranges", "codes")]}  # fmt: skip
    return given if study["source"].get("package") else given | {"extract_snapshot": source_files(study, cut.root)}


def missing_rules(cut: Cut, study: Mapping[str, Any]) -> list[str]:
    """The rules of the study that made nothing for the cut, or whose records are gone."""
    made = jobs_in_order(cut)
    return [rule for rule in rules_of(study) if rule not in made]


def foresee(cut: Cut, study: Mapping[str, Any]) -> Outlook:
    """What a run of the study would do with this cut, rules that have no output here included."""
    found = outlook(cut, now_in(cut.root, study), given_now(cut, study))
    new = {rule: ["it has not run at this cut-off yet"] for rule in missing_rules(cut, study)}
    return Outlook({**found.reasons, **new}, tuple(rule for rule in found.followers if rule not in new))


def outlook(cut: Cut, now: Now, given: Mapping[str, list[str]] | None = None) -> Outlook:
    """What a run would do with this cut. `given` names, per rule, the input files that it would be given now.

    A follower runs only if a file it reads comes out different, so it need not run at all.
    """
    jobs = jobs_in_order(cut)
    found = {rule: [*_reasons(cut, records, now, (given or {}).get(rule))] for rule, records in jobs.items()}
    reasons = {rule: why for rule, why in found.items() if why}
    return Outlook(reasons, followers(jobs, reasons))


def followers(jobs: Mapping[str, Mapping[str, Any]], first: Iterable[str]) -> tuple[str, ...]:
    """The rules, in order, that read directly or indirectly what the first ones make, without these."""
    makers = {name: rule for rule, records in jobs.items() for name in records}
    reached = {*first}
    for rule, records in jobs.items():
        if any(makers.get(name) in reached for name in inputs_of(records)):
            reached.add(rule)
    return tuple(rule for rule in jobs if rule in reached - {*first})


def jobs_in_order(cut: Cut) -> dict[str, dict[str, dict[str, Any]]]:
    """Every rule that made something for the cut, in the order of the flow: its outputs with their records.

    A file outside the cut that some rule makes (a synthetic source) counts as an output too, another cut's does not.
    """
    outputs = {f"{IN_CUT}{path}": record for path, record in cut.records.items() if path not in PAGES}
    for name in [name for name in inputs_of(outputs) if not name.startswith((IN_CUT, BESIDE))]:
        made = cut.producer(name)
        if made and not made["output"]["path"].startswith(IN_CUT):
            outputs[name] = made
    rules: dict[str, dict[str, dict[str, Any]]] = {}
    for name, record in outputs.items():
        rules.setdefault(record["rule"], {})[name] = record
    makers = {name: record["rule"] for name, record in outputs.items()}
    needs = {
        rule: sorted({makers[name] for name in inputs_of(records) if name in makers} - {rule})
        for rule, records in sorted(rules.items())
    }
    return {rule: rules[rule] for rule in TopologicalSorter(needs).static_order()}


def inputs_of(records: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every input of a job's records with the SHA-256 it had."""
    return {entry["path"]: entry["sha256"] for record in records.values() for entry in record["inputs"]}


def _reasons(cut: Cut, records: Mapping[str, dict[str, Any]], now: Now, given: list[str] | None) -> Iterator[str]:
    for name in records:
        if not cut.file(name).is_file():
            yield f"its output {name} is missing"
    current = now(next(iter(records.values()))["rule"])
    of_now = {name: record for name, record in records.items() if current and made_by(record, *current)}
    if current and not of_now:
        record = next(iter(records.values()))
        yield from code_changes(cut.root, record["code"], current[0])
        yield from setting_changes(record["settings"], current[1])
    yield from _input_changes(cut, of_now or records, given)


def left_over(cut: Cut, now: Now) -> Iterator[str]:
    """Outputs of other code or settings beside current ones of the same rule: no run makes them any more."""
    for rule, records in jobs_in_order(cut).items():
        current = now(rule)
        old = [name for name, record in records.items() if current and not made_by(record, *current)]
        yield from (name.removeprefix(IN_CUT) for name in old if len(old) < len(records))


def code_changes(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file or library that is not what it was."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if "/" not in name:
            yield f"{'Python' if name == 'python' else name} {old or 'not used'} → {new or 'not used'}"
        elif old is None or new is None:
            yield f"its code {'now' if old is None else 'no longer'} uses {Path(name).name}"
        else:
            yield f"{Path(name).name} changed {_where(root, f'workflow/{name}')}"


def _where(root: Path, path: str) -> str:
    commit = git.commit_of(root, path)
    if not commit:
        return "since then"
    return "and is not committed yet" if git.edited(root, path) else f"in commit {commit}"


def setting_changes(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """A sentence for each setting that is not what it was, by its dotted name."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from setting_changes(before.get(key), after.get(key), f"{place}.{key}".lstrip("."))
        if list(before) != list(after) and sorted(before) == sorted(after):
            yield f"{place or 'settings'}: the order changed"
    elif before != after:
        yield f"{place}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    if value is None:
        return "not set"
    text = str(value)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _input_changes(cut: Cut, records: Mapping[str, dict[str, Any]], given: list[str] | None) -> Iterator[str]:
    """Inputs that are not what the job read; a file of the cut that has no record yet is left to `verify`."""
    known, now = inputs_of(records), _by_recorded_name(cut, given or [])
    for name, sha256 in sorted(known.items()):
        file = now.get(name) or cut.file(name)
        if name.startswith(BESIDE) and not file.is_file():
            continue  # the cut it was compared with is no longer kept here
        if given is not None and name not in now and not name.startswith(IN_CUT):
            yield f"it no longer reads {name}"
        elif not file.is_file():
            yield f"its input {name} is missing"
        elif cut.sha256(file) != sha256:
            yield f"its input {name} changed"
    for name in sorted(set(now) - set(known)):
        yield f"it now reads {name} too"


def _by_recorded_name(cut: Cut, paths: list[str]) -> dict[str, Path]:
    """Files by the names that records give them: of one outside the project only its own name."""
    files = [cut.root / path for path in paths]
    inside = {file.relative_to(cut.root).as_posix(): file for file in files if file.is_relative_to(cut.root)}
    return inside | {recorded_name(file, cut.folder): file for file in files if not file.is_relative_to(cut.root)}
