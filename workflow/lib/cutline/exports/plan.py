"""What the exports hold, from the study's settings alone: shared by the data sets and the programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.exports.names import NAME_LENGTH, one_line, short_names
from cutline.groups import grouping

DATASETS = ("adsl", "adtte", "adrs", "adae")
PROGRAMS = {"csv": "tables.R", "sav": "tables.sps", "xpt": "tables.sas"}
"""Format → the program that reads it."""

WRITTEN_BY_R = "patient/exports/tables_from_R.csv"
"""What tables.R writes beside the data: no job makes it."""

FIXED = ("STUDYID", "USUBJID", "TRTSDT", "ITTFL", "SAFFL", "SAFSTDT", "SAFENDT", "SAFDAYS", "RSEVFL", "CBRFL", "CCBRFL",
         "DTHFL", "DTHDT", "DTHREL")  # fmt: skip
CODED = NAME_LENGTH - 1
"""A category has two columns, its label and, with an N behind the name, its number."""


@dataclass(frozen=True)
class Variable:
    """A variable of the study in ADSL; `levels` of a category are id → label, in the study's order."""

    id: str
    name: str
    label: str
    levels: Mapping[str, str]
    reference: str = ""
    unit: str = ""
    note: str = ""

    @property
    def coded(self) -> str:
        """The column with numbers: of a category its codes, else the value itself."""
        return f"{self.name}N" if self.levels else self.name

    @property
    def codes(self) -> dict[str, int]:
        """Level id → code: the level itself if all are whole numbers (ECOG 0), else its place in the order, from 1."""
        if all(level.isdecimal() for level in self.levels):
            return {level: int(level) for level in self.levels}
        return {level: code for code, level in enumerate(self.levels, 1)}

    @property
    def reference_code(self) -> int:
        return self.codes[self.reference]


@dataclass(frozen=True)
class Plan:
    """The variables of ADSL by id, the code of each endpoint, the flag of those who are in each endpoint's model.

    `deaths`: whether the study has death records, which ADSL then tells of.
    """

    variables: Mapping[str, Variable]
    endpoints: Mapping[str, str]
    complete: Mapping[str, str]
    deaths: bool


def plan_of(settings: Mapping[str, Any], *, deaths: bool) -> Plan:
    """The plan for a study: every variable that a table, a comparison or a model uses, in the study's order."""
    endpoints = short_names(settings["endpoints"])
    flags = short_names([f"cc_{endpoint}" for endpoint in settings["models"]], NAME_LENGTH - 2)
    complete = {flag.removeprefix("cc_"): f"{name}FL" for flag, name in flags.items()}
    used = _used(settings)
    names = short_names(used, CODED, {*FIXED, *complete.values()})
    variables = {name: _variable(name, names[name], settings["variables"][name]) for name in used}
    return Plan(variables, endpoints, complete, deaths)


def _used(settings: Mapping[str, Any]) -> list[str]:
    """Every variable that a result is about, once."""
    named = [*settings["baseline"]["variables"], *groups_of(settings)]
    named += settings.get("comparisons", {}).get("strata", [])
    named += grouping(settings, "safety")
    named += [variable for variables in settings["models"].values() for variable in variables]
    named += [variable for variables in settings.get("model_strata", {}).values() for variable in variables]
    return list(dict.fromkeys(named))


def groups_of(settings: Mapping[str, Any]) -> list[str]:
    """The variables by whose levels persons are compared."""
    return list(dict.fromkeys([*groupings(settings), *compared(settings), *grouping(settings, "response")]))


def groupings(settings: Mapping[str, Any]) -> list[str]:
    """The variables whose levels are columns of the baseline table."""
    by: str | list[str] = settings["baseline"].get("by", [])
    return [by] if isinstance(by, str) else by


def compared(settings: Mapping[str, Any]) -> list[str]:
    """The variables by whose levels survival is compared, the main one first."""
    comparisons = settings.get("comparisons", {})
    return [name for name in (comparisons.get("main"), *comparisons.get("others", [])) if name]


def response_kinds(settings: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Path of the keys, parameter of ADRS, flag of clinical benefit in ADSL: unconfirmed, and confirmed if derived."""
    kinds = [("response", "BOR", "CBRFL"), ("response.confirmed", "CBOR", "CCBRFL")]
    return kinds if has_confirmed(settings) else kinds[:1]


def has_confirmed(settings: Mapping[str, Any]) -> bool:
    """Whether confirmed responses are derived, and with them clinical benefit and who is evaluable."""
    return "confirmation_days" in settings["response"]


def _variable(name: str, short: str, given: Mapping[str, Any]) -> Variable:
    categorical = given["kind"] == "categorical"
    levels = {level: one_line(label) for level, label in given["levels"].items()} if categorical else {}
    reference = given.get("reference", next(iter(levels), ""))
    return Variable(name, short, one_line(given["label"]), levels, reference, given.get("unit", ""),
                    one_line(given.get("note", "")))  # fmt: skip


def dataset_names(study: Mapping[str, Any]) -> list[str]:
    """The data sets of a study: response and adverse events only where it has them."""
    needs = {"adrs": "response", "adae": "safety"}
    return [name for name in DATASETS if name not in needs or needs[name] in study]


def export_files(study: Mapping[str, Any]) -> dict[str, str]:
    """Output name → file name of all exports of a study; nothing where no format is asked for."""
    formats = study["exports"]["formats"]
    if not formats:
        return {}
    data = {f"{name}_{suffix}": f"{name}.{suffix}" for name in dataset_names(study) for suffix in formats}
    written = {f"program_{suffix}": PROGRAMS[suffix] for suffix in formats}
    return data | written | {"definition": "define.csv", "readme": "README.md"}


def programs(study: Mapping[str, Any]) -> list[str]:
    """The programs of a study, by file name: one for each format."""
    return [PROGRAMS[suffix] for suffix in study["exports"]["formats"]]
