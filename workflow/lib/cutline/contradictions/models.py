"""Models that would mislead: covariates measured after time zero, and sensitivity analyses of what no model has."""

from __future__ import annotations

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Part, Study
from cutline.groups import grouping
from cutline.tables.covariates import INDEX_DATE
from cutline.variant_names import is_reanalysis

ENDS = ("from", "to")
SPANNING = ("under_way",)
"""Derivations whose `days` reach beyond their anchor."""


def immortal_time(study: Study) -> Faults:
    """Covariates, strata and comparison groups that are known only some time after the index date.

    Whoever has such a value has lived until it was measured (immortal time), which a hazard ratio from the index date
    on would count in her favour. So far as the study's definitions tell: records after the index date, windows that
    reach beyond it, intervals that begin or end later, and what is derived from these.
    """
    if INDEX_DATE not in study:
        return
    allowed = study["statistics"].get("guards", {}).get("days_after_index", 0)
    for place, name in _uses(study):
        if why := _after_index(study, name, allowed, ()):
            yield (
                f"{place}: {name!r} is measured after the index date ({why}), so whoever has it lived until then "
                "(immortal time). Take a variable known at the index date, analyse from a landmark "
                "(sensitivity.landmarks_months), or say how many days are harmless: "
                "statistics.guards.days_after_index"
            )


def _uses(study: Study) -> list[tuple[str, str]]:
    comparisons = study.get("comparisons", {})
    groups = [*([comparisons["main"]] if "main" in comparisons else []), *comparisons.get("others", [])]
    uses = [("comparisons", name) for name in groups]
    uses += [("safety.by", name) for name in grouping(study, "safety")]
    uses += [(f"models.{endpoint}", name) for endpoint, names in study["models"].items() for name in names]
    strata = study.get("model_strata", {})
    uses += [(f"models.{endpoint}.strata", name) for endpoint, names in strata.items() for name in names]
    replacing = study.get("sensitivity", {}).get("replace", {}).values()
    uses += [("sensitivity.replace", name) for names in replacing for name in names]
    return list(dict.fromkeys(uses))


def _after_index(study: Study, name: str, allowed: int, seen: tuple[str, ...]) -> str:
    """Why a variable is known only after the index date; blank if it is not, so far as its definition tells."""
    variable = study["variables"].get(name)
    if variable is None or name in seen:
        return ""
    for key in ("after", *ENDS, "anchor"):
        if key in variable and (why := _reaches(study, variable, key, allowed, (*seen, name))):
            return why
    inputs = (_after_index(study, each, allowed, (*seen, name)) for each in variable.get("inputs", []))
    return next((f"it is derived from {why}" for why in inputs if why), "")


def _reaches(study: Study, variable: Part, key: str, allowed: int, seen: tuple[str, ...]) -> str:
    date = variable[key]
    if date != INDEX_DATE:
        later = _after_index(study, date, allowed, seen)
        return f"{key}: {date}, {later}" if later else ""
    if key == "after":
        return f"after: {INDEX_DATE}"
    if key == "from":
        return f"from: {INDEX_DATE}"
    if key == "anchor":
        select = variable.get("select", {})
        days = int(variable.get("days", 0)) if variable["derive"] in SPANNING else int(select.get("days_after", 0))
        bounded = "days_after" in select or variable["derive"] in SPANNING or variable["derive"] not in WITH_WINDOW
        if bounded and days > allowed:
            return f"up to {days} days after it"
        if not bounded and "take" in select and select["take"] == "nearest":
            return "the record nearest to it, before or after"
    return ""


WITH_WINDOW = ("record_value", "count", "any_of", "only_of", "receptor_er", "receptor_pr", "receptor_her2")


def unfit_sensitivity(study: Study) -> Faults:
    """Analyses beside the main one that nothing could be analysed by, and names that they would share."""
    asked = study.get("sensitivity", {})
    modelled = sorted({name for names in study["models"].values() for name in names})
    if asked and not modelled:
        yield "sensitivity: there are no models to analyse otherwise; name some in models, or leave sensitivity out"
        return
    for old, others in asked.get("replace", {}).items():
        if old not in modelled:
            yield f"sensitivity.replace: {old!r} is in no model{nearest(old, modelled)}"
        for new in others:
            if new not in study["variables"]:
                yield f"sensitivity.replace.{old}: unknown variable {new!r}{nearest(new, sorted(study['variables']))}"
            elif study["variables"][new]["kind"] not in ("categorical", "continuous"):
                yield f"sensitivity.replace.{old}: {new!r} is a {study['variables'][new]['kind']}; expected a covariate"
            elif any(old in names and new in names for names in study["models"].values()):
                yield f"sensitivity.replace.{old}: {new!r} is in the same model already"
    own = [*study.get("rule_sets", {}), *(each["id"] for each in study.get("what_if", []))]
    yield from (f"rule_sets or what_if: {name!r} begins like the name of another analysis; choose another id"
                for name in own if is_reanalysis(name))  # fmt: skip
    guards = study["statistics"].get("guards", {})
    lowest, highest = guards.get("events_per_df_exploratory", 5), guards.get("events_per_df_warning", 10)
    if lowest > highest:
        yield (
            f"statistics.guards: events_per_df_exploratory ({lowest:g}) is above events_per_df_warning ({highest:g}); "
            "expected at most that"
        )
