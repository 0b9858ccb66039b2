"""What a result, a cause or a kind of change is called: from the ARD's columns and the study's own labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cutline.display.captions import NO_BREAK_SPACE, endpoint_label, in_words, level_label
from cutline.display.grid import capitalised
from cutline.display.labels import in_sentence
from cutline.display.lookup import Row
from cutline.display.numbers import format_date
from cutline.display.responses import category_label
from cutline.safety.names import CLASS, CLASS_NAMES, GRADES, NOT_RECORDED, TERM, UNMAPPED

Settings = Mapping[str, Any]

ANALYSES = {
    "flow": "Cohort", "baseline": "Baseline characteristics", "selection": "Included against excluded",
    "km": "Survival", "logrank": "Log-rank tests", "rank_test": "Further tests of survival",
    "rmst": "Restricted mean survival", "followup": "Follow-up", "cox": "Cox models",
    "cox_model": "Tests of Cox models", "proportional_hazards": "Proportional hazards",
    "response": "Response", "safety": "Adverse events", "quality": "Records read and set aside",
}  # fmt: skip
STATISTICS = {
    "n": "patients", "events": "events", "censored": "censored", "excluded": "left out", "median": "median",
    "q1": "first quartile", "q3": "third quartile", "mean": "mean", "sd": "standard deviation", "min": "minimum",
    "max": "maximum", "missing": "missing", "p": "p", "chi_square": "chi-square", "df": "degrees of freedom",
    "hr": "hazard ratio", "percent": "%", "records": "records", "accepted": "accepted", "quarantined": "set aside",
    "values": "single values set aside", "first": "first", "last": "last", "smd": "standardised difference",
    "patient_years": "patient-years", "per_100_patient_years": "patients per 100 patient-years",
    "events_per_100_patient_years": "events per 100 patient-years",
    "risk_difference": "risk difference, percentage points",
    "concordance_se": "standard error of the concordance", "aic": "AIC", "log_likelihood": "log-likelihood",
}  # fmt: skip
TESTS_OF_MODELS = {
    "likelihood_ratio": "likelihood ratio test", "wald": "Wald test", "score": "score test",
    "overall": "all levels together", "zph": "test of proportional hazards", "km": "Kaplan–Meier time",
    "rank": "ranked time", "identity": "time as it is",
}  # fmt: skip
RATES = {"orr": "Objective response", "dcr": "Disease control", "cbr": "Clinical benefit"}
CAUSES = {
    "code": "Code", "corrected": "Corrected", "late": "Late", "follow_up": "Follow-up", "left": "Left",
    "entered": "Entered",
}  # fmt: skip
"""The causes as the heads of columns."""
MOVERS = {
    "code": "the program", "corrected": "corrected records", "late": "late records and dates",
    "follow_up": "more follow-up", "left": "patients who left", "entered": "patients who entered",
}  # fmt: skip
"""The causes within a sentence."""
KINDS = {
    "corrected": "Corrected", "completed": "Completed", "deleted": "Deleted", "late": "Late",
    "follow_up": "More follow-up",
}  # fmt: skip
_AT_MONTHS = re.compile(r"(survival|at_risk|events)_(\d+)m")
_AT_SURVIVAL = re.compile(r"survival_(0\.\d+)")
OF_EVENTS = {
    "any": "Any adverse event", "none": "No adverse event", "grade_3_or_4": "Grade 3 or 4",
    "grade_3_or_higher": "Grade 3 or higher", "discontinued": "Discontinued for an adverse event",
    "treatment_related_deaths": "Treatment-related deaths", "related": "Related to treatment",
    "dose_reduced": "Dose reduced for an adverse event", "interrupted": "Interrupted for an adverse event",
    "exposure": "At risk of adverse events", "fisher": "Fisher's exact test", "fatal": "Fatal",
    NOT_RECORDED: "Grade not recorded",
    **{str(grade): f"Worst grade {grade}" for grade in GRADES},
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """What a result is called: of what it is (a heading), of which variable, and what it is."""

    subject: str
    what: str
    variable: str = ""

    @property
    def label(self) -> str:
        """What it is, below its subject as heading."""
        return f"{self.variable}: {_level(self.what)}" if self.variable else self.what

    @property
    def place(self) -> str:
        """Its subject and variable, as a finer heading."""
        return ": ".join(part for part in (self.subject, in_sentence(self.variable)) if part)

    @property
    def whole(self) -> str:
        """All in one line, as in a sentence's list."""
        return ": ".join(part for part in (self.subject, in_sentence(self.label)) if part)


def name_of(row: Row, settings: Settings) -> Name:
    """The name of a result that is no limit of an interval."""
    match row["analysis"]:
        case "flow":
            return Name("", _flow(row, settings))
        case "baseline":
            return _baseline(row, settings)
        case "selection":
            return _selection(row, settings)
        case "km" | "logrank":
            return Name(_endpoint(row, settings), _survival(row, settings))
        case "rank_test" | "rmst":
            return Name(_endpoint(row, settings), _beyond_the_curve(row, settings))
        case "followup":
            what = "Median follow-up, months" if row["statistic"] == "median" else _statistic(row)
            return Name(_level(level_label(settings, row["group"], row["group_level"])) if row["group"] else "", what)
        case "cox":
            return _cox(row, settings)
        case "cox_model" | "proportional_hazards":
            return _cox_test(row, settings)
        case "response":
            return Name("", f"{_response(row)}{_counted(row)}")
        case "safety":
            return _safety(row, settings)
        case "quality":
            table = str(row["group"] or row["level"])
            return Name(capitalised(_statistic(row)), in_words(table) if table else "All tables")
    return Name("", str(row["key"]))


def _statistic(row: Row) -> str:
    statistic = str(row["statistic"])
    return STATISTICS.get(statistic, in_words(statistic).lower())


def _counted(row: Row) -> str:
    """What the number counts, behind the name of a level."""
    return f",{NO_BREAK_SPACE}%" if row["unit"] == "percent" else ""


def _flow(row: Row, settings: Settings) -> str:
    if row["unit"] == "date":
        return f"{in_words(str(row['statistic']))} {settings.get('index_date', {}).get('label', 'index date')}"
    labels = {criterion["id"]: str(criterion["label"]) for criterion in settings.get("criteria", [])}
    level = str(row["level"])
    if not level:
        return f"Patients {row['statistic']}"
    where = {"excluded": "Excluded", "excluded_unknown": "Excluded because unknown", "pending": "Pending"}
    return f"{where.get(str(row['statistic']), 'Remaining after')}: {in_sentence(labels.get(level, in_words(level)))}"


def _variable(name: str, settings: Settings) -> str:
    return str(settings.get("variables", {}).get(name, {}).get("label", in_words(name)))


def _baseline(row: Row, settings: Settings) -> Name:
    group, variable = str(row["group"]), str(row["variable"])
    group_level = str(row["group_level"])
    if group and not group_level:
        compared = f"{_statistic(row)} of groups by {in_sentence(_variable(group, settings))}"
        return Name(_variable(variable, settings), in_words(compared))
    whose = f"{level_label(settings, group, group_level)}: " if group else ""
    if not variable:
        return Name(_variable(group, settings), level_label(settings, group, group_level))
    return _described(row, whose, settings)


def _selection(row: Row, settings: Settings) -> Name:
    """One side of a step or its comparison with the other; the step's name stands before the variable's."""
    labels = {criterion["id"]: str(criterion["label"]) for criterion in settings.get("criteria", [])}
    step, side = labels.get(str(row["group"]), in_words(str(row["group"]))), str(row["group_level"])
    if not row["variable"]:
        return Name(step, in_words(side))
    return _described(row, f"{step}, {side}: " if side else f"{step}: ", settings)


def _described(row: Row, whose: str, settings: Settings) -> Name:
    variable, level = str(row["variable"]), str(row["level"])
    if level:
        return Name(f"{whose}{_variable(variable, settings)}", level_label(settings, variable, level) + _counted(row))
    unit = f", {row['unit']}" if row["unit"] not in ("persons", "percent", "sd", "") else _counted(row)
    return Name(f"{whose}{_variable(variable, settings)}", f"{in_words(_statistic(row))}{unit}")


def _endpoint(row: Row, settings: Settings) -> str:
    label = endpoint_label(settings, str(row["endpoint"]))
    if not row["group"] or row["analysis"] in ("logrank", "rank_test"):
        return label
    return f"{label}, {_level(level_label(settings, str(row['group']), str(row['group_level'])))}"


def _survival(row: Row, settings: Settings) -> str:
    statistic = str(row["statistic"])
    if row["analysis"] == "logrank":
        return f"Log-rank test by {in_sentence(_variable(str(row['group']), settings))}, {_statistic(row)}"
    timed = _AT_MONTHS.fullmatch(statistic)
    if timed:
        months = f"at {timed[2]}{NO_BREAK_SPACE}months"
        return (
            f"{capitalised(months)},{NO_BREAK_SPACE}%"
            if timed[1] == "survival"
            else (f"Events until {timed[2]}{NO_BREAK_SPACE}months" if timed[1] == "events" else f"At risk {months}")
        )
    if quantile := _AT_SURVIVAL.fullmatch(statistic):
        return f"Time to survival of {100 * float(quantile[1]):g}{NO_BREAK_SPACE}%, months"
    plain = statistic.removesuffix("_percent")
    of = f",{NO_BREAK_SPACE}%" if plain != statistic else ", months" if row["unit"] == "months" else ""
    return f"{in_words(STATISTICS.get(plain, plain))}{of}"


def _beyond_the_curve(row: Row, settings: Settings) -> str:
    """Restricted means and further tests, by what the key says behind the endpoint."""
    if row["analysis"] == "rank_test":
        made = " ".join(part for part in str(row["key"]).split(".")[1:-1] if part != row["group"])
        return f"{in_words(made)} by {in_sentence(_variable(str(row['group']), settings))}, {_statistic(row)}"
    statistic = str(row["statistic"])
    mean = "Difference of restricted means" if statistic.startswith("difference") else "Restricted mean"
    part = {"se": ", standard error", "p": ", p"}.get(statistic.rpartition("_")[2], "")
    until = "the horizon" if row["time_months"] is None else f"{row['time_months']:.4g}{NO_BREAK_SPACE}months"
    return f"{mean} to {until}{part or ', months'}"


def _cox(row: Row, settings: Settings) -> Name:
    subject = f"{endpoint_label(settings, str(row['endpoint']))}, {row['model']} model"
    variable, level = str(row["variable"]), str(row["level"])
    if not variable:
        return Name(subject, capitalised(_statistic(row)))
    what = level_label(settings, variable, level) if level else ""
    reference = str(settings.get("variables", {}).get(variable, {}).get("reference", ""))
    if row["statistic"] == "hr":
        against = f" against {_level(level_label(settings, variable, reference))}" if level and reference else ""
        return Name(subject, f"{what}{against}" or "Hazard ratio per unit", _variable(variable, settings))
    return Name(
        subject, f"{what}, {_statistic(row)}" if what else capitalised(_statistic(row)), _variable(variable, settings)
    )


def _cox_test(row: Row, settings: Settings) -> Name:
    """A test or measure of a whole model, or of all levels of a variable."""
    subject = f"{endpoint_label(settings, str(row['endpoint']))}, {row['model']} model"
    variable = str(row["variable"])
    parts = [part for part in str(row["key"]).split(".cox.")[1].split(".")[1:-1] if part not in (variable, "global")]
    which = [TESTS_OF_MODELS.get(part, in_words(part)) for part in parts]
    name = ", ".join([*which, _statistic(row)])
    return Name(subject, capitalised(name), *([_variable(variable, settings)] if variable else []))


def _level(label: str) -> str:
    """The label of a level within a line; a single letter, such as a grade in Roman numerals, stays as it is."""
    return in_sentence(label) if len(label) > 1 else label


def _response(row: Row) -> str:
    variable, level = str(row["variable"]).removeprefix("confirmed_"), str(row["level"])
    category = category_label(level).replace("\n", " ") if level else variable
    confirmed = ", confirmed" if str(row["variable"]) != variable else ""
    return RATES.get(variable, in_words(category)) + confirmed + (", of the evaluable" if row["subset"] else "")


def _safety(row: Row, settings: Settings) -> Name:
    """Whose it is, of which events, and what of them: by the parts of the key."""
    group, level = str(row["group"]), str(row["group_level"])
    *path, statistic = str(row["key"]).split(".")[1:]
    subject = _level(level_label(settings, group, level)) if level else ""
    if level and path[0] == group:
        reference = str(settings.get("variables", {}).get(group, {}).get("reference", ""))
        subject += f" against {_level(level_label(settings, group, reference))}" if reference else ", compared"
    rest = path[1:] if "=" in path[0] else path[2:] if level else path
    of, rest = (_events(rest[:2], settings), rest[2:]) if rest[0] in (TERM, CLASS) else ("", rest)
    said = [of, *(OF_EVENTS.get(part, in_words(part)) for part in rest if part != "grade")]
    what = ", ".join(in_sentence(part) if place else part for place, part in enumerate(filter(None, said)))
    counted = _counted(row) if statistic in ("n", "percent") else f", {_statistic(row)}"
    return Name(subject, capitalised(what + counted))


def _events(path: list[str], settings: Settings) -> str:
    """A term or an organ class by its name."""
    part, name = path
    if name == UNMAPPED:
        return "Terms not in the code list"
    terms = settings.get("safety", {}).get("terms", {})
    return str(terms.get(name, in_words(name)) if part == TERM else CLASS_NAMES.get(name, in_words(name)))


# ── the two sides ────────────────────────────────────────────────────────────────────────────


def is_one_cut(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both sides are the same cut, so that only the program differs."""
    return all(old[name] == new[name] for name in ("data_cutoff", "known_by"))


def side_names(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """What the two sides are called: their cut-offs in words, what was known by when where only that differs."""
    if is_one_cut(old, new):
        return "Old version", "New version"
    if old["data_cutoff"] != new["data_cutoff"]:
        return _day(old["data_cutoff"]), _day(new["data_cutoff"])
    return f"Known by {_day(old['known_by'])}", f"Known by {_day(new['known_by'])}"


def _day(iso: str) -> str:
    return format_date(date.fromisoformat(iso).isoformat())
