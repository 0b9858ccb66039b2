"""The analysis results data (ARD), the curves, and the smooths of Schoenfeld residuals."""

from cutline.tables.spec import Column, Table

RESULT_COLUMNS = (
    Column("key", "text", "public name of the result: [variant/]path.statistic", required=True),
    Column("analysis", "text", "which analysis: flow, baseline, selection, km, cox, response, safety …", required=True),
    Column("variant", "text", "sensitivity variant; blank for the main analysis"),
    Column("population", "text", "who is analysed: screened, included", required=True),
    Column(
        "filter",
        "text",
        "who of the population is in the denominator and, behind a bar, who of them is behind the statistic",
    ),
    Column("endpoint", "text", "endpoint id"),
    Column("model", "text", "model id: univariable, multivariable"),
    Column("variable", "text", "variable id"),
    Column("level", "text", "level id of the variable"),
    Column("group", "text", "grouping variable id"),
    Column("group_level", "text", "level id of the grouping variable"),
    Column("subset", "text", "subset variable id"),
    Column("subset_level", "text", "level id of the subset variable"),
    Column("time_months", "number", "time the statistic is for", unit="months"),
    Column("statistic", "text", "last part of the key", required=True),
    Column("value", "number", "the number, unrounded; blank if it is not estimable or not a number"),
    Column("text", "text", "value of the few results that are not numbers"),
    Column("unit", "text", "unit of the value"),
    Column("n", "integer", "denominator", minimum=0),
    Column("n_contributing", "integer", "persons behind the statistic", minimum=0),
    Column("conf_level", "number", "confidence level of an interval bound"),
    Column("method", "text", "method, in words"),
    Column("note", "text", "what a reader must know; why a statistic is not estimable"),
    Column("rule", "text", "rule that made it", required=True),
)

ARD = Table("ard", "One row per statistic.", RESULT_COLUMNS, sort=())

CURVES = Table(
    "curves",
    "One row per endpoint, group and time: the Kaplan-Meier curve.",
    (
        Column("endpoint", "text", "endpoint id", required=True),
        Column("group", "text", "grouping variable id; blank for everyone"),
        Column("group_level", "text", "level id of the grouping variable"),
        Column("time_days", "integer", "time; 0 is the start", required=True, unit="days", minimum=0),
        Column("at_risk", "integer", "persons at risk just before", required=True, minimum=0),
        Column("events", "integer", "events at that time", required=True, minimum=0),
        Column("censored", "integer", "persons censored at that time; blank where not shown", minimum=0),
        Column("survival", "number", "Kaplan-Meier estimate just after", required=True),
        Column("lower", "number", "lower limit of the pointwise interval"),
        Column("upper", "number", "upper limit of the pointwise interval"),
    ),
    sort=("endpoint", "group", "group_level", "time_days"),
)

SCHOENFELD = Table(
    "schoenfeld",
    "One row per Cox model, term and point in time: the smooth of the scaled Schoenfeld residuals. Never a residual.",
    (
        Column("endpoint", "text", "endpoint id", required=True),
        Column("model", "text", "model id: univariable, multivariable", required=True),
        Column("variable", "text", "variable id", required=True),
        Column("level", "text", "level id of the variable; blank for a continuous one"),
        Column("transformed", "number", "1 minus the Kaplan-Meier estimate, the plot's axis", required=True),
        Column("time_days", "number", "the time that stands there", required=True, unit="days", minimum=0),
        Column("coefficient", "number", "log hazard ratio at that time", required=True),
        Column("lower", "number", "lower limit, two standard errors below", required=True),
        Column("upper", "number", "upper limit, two standard errors above", required=True),
    ),
    sort=(),
)

TABLES = (ARD, CURVES, SCHOENFELD)
