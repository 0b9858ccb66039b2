"""What a result is called: from the ARD's columns and the study's own labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import NO_BREAK_SPACE, endpoint_label, in_words, level_label
from cutline.display.grid import capitalised
from cutline.display.labels import in_sentence, label
from cutline.display.lookup import Row
from cutline.display.responses import category_name
from cutline.languages import marked, tell, with_decimal_sign
from cutline.safety.names import CLASS, CLASS_NAMES, GRADES, NOT_RECORDED, TERM, UNMAPPED

Settings = Mapping[str, Any]

ANALYSES = {
    "flow": marked("Cohort"),
    "baseline": marked("Baseline characteristics"),
    "selection": marked("Included against excluded"),
    "km": marked("Survival"),
    "logrank": marked("Log-rank tests"),
    "rank_test": marked("Further tests of survival"),
    "rmst": marked("Restricted mean survival"),
    "followup": marked("Follow-up"),
    "cox": marked("Cox models"),
    "cox_model": marked("Tests of Cox models"),
    "proportional_hazards": marked("Proportional hazards"),
    "response": marked("Response"),
    "safety": marked("Adverse events"),
    "quality": marked("Records read and set aside"),
}
STATISTICS = {
    "n": marked("patients"),
    "events": marked("events"),
    "censored": marked("censored"),
    "excluded": marked("left out"),
    "median": marked("median"),
    "q1": marked("first quartile"),
    "q3": marked("third quartile"),
    "mean": marked("mean"),
    "sd": marked("standard deviation"),
    "min": marked("minimum"),
    "max": marked("maximum"),
    "missing": marked("missing"),
    "p": marked("p"),
    "chi_square": marked("chi-square"),
    "df": marked("degrees of freedom"),
    "hr": marked("hazard ratio"),
    "percent": marked("%"),
    "records": marked("records"),
    "accepted": marked("accepted"),
    "quarantined": marked("set aside"),
    "values": marked("single values set aside"),
    "first": marked("first"),
    "last": marked("last"),
    "smd": marked("standardised difference"),
    "patient_years": marked("patient-years"),
    "per_100_patient_years": marked("patients per 100 patient-years"),
    "events_per_100_patient_years": marked("events per 100 patient-years"),
    "risk_difference": marked("risk difference, percentage points"),
    "concordance_se": marked("standard error of the concordance"),
    "aic": marked("AIC"),
    "log_likelihood": marked("log-likelihood"),
}
TESTS_OF_MODELS = {
    "likelihood_ratio": marked("likelihood ratio test"),
    "wald": marked("Wald test"),
    "score": marked("score test"),
    "overall": marked("all levels together"),
    "zph": marked("test of proportional hazards"),
    "km": marked("Kaplan–Meier time"),
    "rank": marked("ranked time"),
    "identity": marked("time as it is"),
}
RATES = {
    "orr": marked("Objective response"),
    "dcr": marked("Disease control"),
    "cbr": marked("Clinical benefit"),
}
_AT_MONTHS = re.compile(r"(survival|at_risk|events)_(\d+)m")
_AT_SURVIVAL = re.compile(r"survival_(0\.\d+)")
WORST_GRADE = marked("Worst grade {grade}")
OF_EVENTS = {
    "any": marked("Any adverse event"),
    "none": marked("No adverse event"),
    "grade_3_or_4": marked("Grade 3 or 4"),
    "grade_3_or_higher": marked("Grade 3 or higher"),
    "discontinued": marked("Discontinued for an adverse event"),
    "treatment_related_deaths": marked("Treatment-related deaths"),
    "related": marked("Related to treatment"),
    "dose_reduced": marked("Dose reduced for an adverse event"),
    "interrupted": marked("Interrupted for an adverse event"),
    "exposure": marked("At risk of adverse events"),
    "fisher": marked("Fisher's exact test"),
    "fatal": marked("Fatal"),
    NOT_RECORDED: marked("Grade not recorded"),
    **{str(grade): WORST_GRADE for grade in GRADES},
}


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
            what = tell("Median follow-up, months") if row["statistic"] == "median" else _statistic(row)
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
            return Name(capitalised(_statistic(row)), in_words(table) if table else tell("All tables"))
    return Name("", str(row["key"]))


def _statistic(row: Row) -> str:
    statistic = str(row["statistic"])
    return tell(STATISTICS[statistic]) if statistic in STATISTICS else in_words(statistic).lower()


def _counted(row: Row) -> str:
    """What the number counts, behind the name of a level."""
    return f",{NO_BREAK_SPACE}%" if row["unit"] == "percent" else ""


FIRST_DATE, LAST_DATE = marked("First {date}"), marked("Last {date}")
PATIENTS = {
    "screened": marked("Patients screened"),
    "excluded": marked("Patients excluded"),
    "pending": marked("Patients pending"),
    "included": marked("Patients included"),
}
AT_A_CRITERION = {
    "excluded": marked("Excluded"),
    "excluded_unknown": marked("Excluded because unknown"),
    "pending": marked("Pending"),
}
REMAINING = marked("Remaining after")


def _flow(row: Row, settings: Settings) -> str:
    if row["unit"] == "date":
        date = settings.get("index_date", {}).get("label", label("index_date"))
        return tell(FIRST_DATE if row["statistic"] == "first" else LAST_DATE, date=date)
    labels = {criterion["id"]: str(criterion["label"]) for criterion in settings.get("criteria", [])}
    level = str(row["level"])
    if not level:
        return tell(PATIENTS[str(row["statistic"])])
    where = tell(AT_A_CRITERION.get(str(row["statistic"]), REMAINING))
    return f"{where}: {in_sentence(labels.get(level, in_words(level)))}"


def _variable(name: str, settings: Settings) -> str:
    return str(settings.get("variables", {}).get(name, {}).get("label", in_words(name)))


def _baseline(row: Row, settings: Settings) -> Name:
    group, variable = str(row["group"]), str(row["variable"])
    group_level = str(row["group_level"])
    if group and not group_level:
        compared = tell("{statistic} of groups by {variable}", statistic=_statistic(row),
                        variable=in_sentence(_variable(group, settings)))  # fmt: skip
        return Name(_variable(variable, settings), capitalised(compared))
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
    unit = f", {tell(str(row['unit']))}" if row["unit"] not in ("persons", "percent", "sd", "") else _counted(row)
    return Name(f"{whose}{_variable(variable, settings)}", f"{capitalised(_statistic(row))}{unit}")


def _endpoint(row: Row, settings: Settings) -> str:
    label = endpoint_label(settings, str(row["endpoint"]))
    if not row["group"] or row["analysis"] in ("logrank", "rank_test"):
        return label
    return f"{label}, {_level(level_label(settings, str(row['group']), str(row['group_level'])))}"


AT_MONTHS = {
    "survival": marked("At {months}\u00a0months,\u00a0%"),
    "events": marked("Events until {months}\u00a0months"),
    "at_risk": marked("At risk at {months}\u00a0months"),
}


def _survival(row: Row, settings: Settings) -> str:
    statistic = str(row["statistic"])
    if row["analysis"] == "logrank":
        by = in_sentence(_variable(str(row["group"]), settings))
        return tell("Log-rank test by {variable}, {statistic}", variable=by, statistic=_statistic(row))
    timed = _AT_MONTHS.fullmatch(statistic)
    if timed:
        return tell(AT_MONTHS[timed[1]], months=timed[2])
    if quantile := _AT_SURVIVAL.fullmatch(statistic):
        percent = with_decimal_sign(f"{100 * float(quantile[1]):g}")
        return tell("Time to survival of {percent}\u00a0%, months", percent=percent)
    plain = statistic.removesuffix("_percent")
    of = f",{NO_BREAK_SPACE}%" if plain != statistic else f", {tell('months')}" if row["unit"] == "months" else ""
    return f"{capitalised(tell(STATISTICS[plain])) if plain in STATISTICS else in_words(plain)}{of}"


MEAN_TO_HORIZON = marked("Restricted mean to the horizon, {part}")
MEAN_TO_MONTHS = marked("Restricted mean to {months}\u00a0months, {part}")
DIFFERENCE_TO_HORIZON = marked("Difference of restricted means to the horizon, {part}")
DIFFERENCE_TO_MONTHS = marked("Difference of restricted means to {months}\u00a0months, {part}")


def _beyond_the_curve(row: Row, settings: Settings) -> str:
    """Restricted means and further tests, by what the key says behind the endpoint."""
    if row["analysis"] == "rank_test":
        made = " ".join(part for part in str(row["key"]).split(".")[1:-1] if part != row["group"])
        by = in_sentence(_variable(str(row["group"]), settings))
        told = {"test": in_words(made), "variable": by, "statistic": _statistic(row)}
        return tell("{test} by {variable}, {statistic}", **told)
    statistic = str(row["statistic"])
    part = {"se": tell("standard error"), "p": "p"}.get(statistic.rpartition("_")[2], tell("months"))
    differs, months = statistic.startswith("difference"), row["time_months"]
    if months is None:
        return tell(DIFFERENCE_TO_HORIZON if differs else MEAN_TO_HORIZON, part=part)
    until = with_decimal_sign(f"{months:.4g}")
    return tell(DIFFERENCE_TO_MONTHS if differs else MEAN_TO_MONTHS, months=until, part=part)


MODELS = {"univariable": marked("univariable model"), "multivariable": marked("multivariable model")}


def _of_model(row: Row, settings: Settings) -> str:
    """The endpoint, and which of its models."""
    model = str(row["model"])
    named = tell(MODELS[model]) if model in MODELS else f"{model} model"
    return f"{endpoint_label(settings, str(row['endpoint']))}, {named}"


def _cox(row: Row, settings: Settings) -> Name:
    subject = _of_model(row, settings)
    variable, level = str(row["variable"]), str(row["level"])
    if not variable:
        return Name(subject, capitalised(_statistic(row)))
    what = level_label(settings, variable, level) if level else ""
    reference = str(settings.get("variables", {}).get(variable, {}).get("reference", ""))
    if row["statistic"] == "hr":
        if level and reference:
            other = _level(level_label(settings, variable, reference))
            what = tell("{level} against {reference}", level=what, reference=other)
        return Name(subject, what or tell("Hazard ratio per unit"), _variable(variable, settings))
    return Name(
        subject, f"{what}, {_statistic(row)}" if what else capitalised(_statistic(row)), _variable(variable, settings)
    )


def _cox_test(row: Row, settings: Settings) -> Name:
    """A test or measure of a whole model, or of all levels of a variable."""
    subject = _of_model(row, settings)
    variable = str(row["variable"])
    parts = [part for part in str(row["key"]).split(".cox.")[1].split(".")[1:-1] if part not in (variable, "global")]
    which = [tell(TESTS_OF_MODELS[part]) if part in TESTS_OF_MODELS else in_words(part) for part in parts]
    name = ", ".join([*which, _statistic(row)])
    return Name(subject, capitalised(name), *([_variable(variable, settings)] if variable else []))


def _level(label: str) -> str:
    """The label of a level within a line; a single letter, such as a grade in Roman numerals, stays as it is."""
    return in_sentence(label) if len(label) > 1 else label


def _response(row: Row) -> str:
    variable, level = str(row["variable"]).removeprefix("confirmed_"), str(row["level"])
    category = category_name(level) if level else variable
    confirmed = tell(", confirmed") if str(row["variable"]) != variable else ""
    rate = tell(RATES[variable]) if variable in RATES else capitalised(category)
    return rate + confirmed + (tell(", of the evaluable") if row["subset"] else "")


def _safety(row: Row, settings: Settings) -> Name:
    """Whose it is, of which events, and what of them: by the parts of the key."""
    group, level = str(row["group"]), str(row["group_level"])
    *path, statistic = str(row["key"]).split(".")[1:]
    subject = _level(level_label(settings, group, level)) if level else ""
    if level and path[0] == group:
        reference = str(settings.get("variables", {}).get(group, {}).get("reference", ""))
        other = _level(level_label(settings, group, reference)) if reference else ""
        versus = tell("{level} against {reference}", level=subject, reference=other)
        subject = versus if reference else tell("{level}, compared", level=subject)
    rest = path[1:] if "=" in path[0] else path[2:] if level else path
    of, rest = (_events(rest[:2], settings), rest[2:]) if rest[0] in (TERM, CLASS) else ("", rest)
    said = [of, *(_of_events(part) for part in rest if part != "grade")]
    what = ", ".join(in_sentence(part) if place else part for place, part in enumerate(filter(None, said)))
    counted = _counted(row) if statistic in ("n", "percent") else f", {_statistic(row)}"
    return Name(subject, capitalised(what + counted))


def _of_events(part: str) -> str:
    return tell(OF_EVENTS[part], grade=part) if part in OF_EVENTS else in_words(part)


def _events(path: list[str], settings: Settings) -> str:
    """A term or an organ class by its name."""
    part, name = path
    if name == UNMAPPED:
        return label("unmapped_terms")
    terms = settings.get("safety", {}).get("terms", {})
    if part == TERM:
        return str(terms.get(name, in_words(name)))
    return tell(CLASS_NAMES[name]) if name in CLASS_NAMES else in_words(name)
