"""What each rule of the workflow uses of a study, and which rules a study has.

A rule is given the settings, tables and texts that it uses and no others, so that a change elsewhere reruns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cutline.expressions import every_criterion, records_of
from cutline.study_texts import translated

# ── settings ─────────────────────────────────────────────────────────────────────────────────

DISPLAY = ("analysis_plan", "baseline", "comparisons", "conventions", "criteria", "data_cutoff", "endpoints",
           "known_by", "models", "progression_anchors", "quality", "report.disclosure", "report.language",
           "report.profile", "report.texts", "response", "rule_sets", "safety", "selection", "sensitivity",
           "statistics", "synthetic", "time_only", "variables", "verified", "what_if")  # fmt: skip

USED_BY = {
    "simulate_source": ("data_cutoff=default_cutoff", "simulate", "statistics.days_per_month", "window"),
    "extract_snapshot": ("data_cutoff", "known_by", "source", "time_only"),
    "check_records": ("data_cutoff", "source"),
    "derive_lines": ("lines",),
    "derive_covariates": ("codelists", "index_date", "queries", "statistics.days_per_month", "time_only", "variables"),
    "select_cohort": ("criteria", "statistics.days_per_month", "time_only", "variables", "what_if", "window"),
    "derive_response": ("response",),
    "derive_endpoints": ("conventions", "data_cutoff", "endpoints", "progression_anchors", "rule_sets",
                         "vital_status_complete"),
    "derive_safety": ("data_cutoff", "safety"),
    "summarise_quality": ("data_cutoff", "endpoints", "quality", "source"),
    "summarise_baseline": ("baseline", "criteria", "index_date", "selection", "variables"),
    "estimate_survival": ("comparisons", "endpoints", "follow_up_endpoint", "statistics.conf_level",
                          "statistics.convention", "statistics.days_per_month", "statistics.landmark_minimum_at_risk",
                          "statistics.landmarks_months", "statistics.median_interval", "statistics.quantile_rule",
                          "statistics.quantiles", "statistics.rmst_months", "statistics.survival_interval",
                          "statistics.tests", "statistics.z", "variables"),
    "fit_cox": ("model_strata", "models", "sensitivity.replace", "statistics.conf_level", "statistics.convention",
                "statistics.guards", "statistics.ties", "statistics.z", "variables"),
    "estimate_sensitivity": ("comparisons.main", "conventions", "endpoints",
                             "model_strata", "models", "sensitivity", "statistics", "variables", "what_if"),
    "summarise_response": ("response", "statistics.conf_level", "variables"),
    "summarise_safety": ("safety", "statistics.conf_level", "variables"),
    "draw_patients": ("data_cutoff", "index_date", "known_by", "report.language", "report.texts",
                      "statistics.days_per_month", "synthetic", "verified"),
    "release_results": ("comparisons", "endpoints", "follow_up_endpoint", "report.disclosure", "report.profile",
                        "sensitivity.replace", "statistics", "variables"),
    "write_exports": ("baseline", "comparisons", "data_cutoff", "endpoints", "exports", "follow_up_endpoint",
                      "index_date", "model_strata", "models", "response", "safety", "short_title", "statistics",
                      "study", "synthetic", "variables"),
    "present_tables": (*DISPLAY, "literature", "published", "report.files"),
    "draw_figures": (*DISPLAY, "index_date", "literature", "report.files"),
    "render_report": (*DISPLAY, "checklists", "codelists", "design", "follow_up_endpoint", "index_date",
                      "lines.classes", "lines.drugs", "literature", "model_strata", "publication", "published",
                      "report", "short_title", "simulate.calibrate", "software", "source", "study", "title",
                      "vital_status_complete", "window"),
    "compare_cuts": (*DISPLAY, "compare", "index_date", "report", "short_title", "study"),
}  # fmt: skip
"""Rule → the keys it uses: a section, one key of a section (`statistics.ties`), or `name=key` for another name."""

DERIVING = ("check_records", "derive_lines", "derive_covariates", "select_cohort", "derive_response",
            "derive_endpoints", "derive_safety", "estimate_survival", "fit_cox", "summarise_response",
            "summarise_safety")  # fmt: skip
"""The rules whose work is done again, on mixed data, to say what moved a result."""
SPEAKING = ("draw_patients", "present_tables", "draw_figures", "render_report")
"""The rules that speak the language of the report; all others work on the study's own texts."""
USED_BY["attribute_changes"] = tuple(sorted({key for rule in DERIVING for key in USED_BY[rule]} - {"data_cutoff"}))


def settings_for(study: Mapping[str, Any], rule: str) -> dict[str, Any]:
    """The part of the study that a rule uses, as builtins in a fixed order: a change elsewhere reruns nothing."""
    settings: dict[str, Any] = {}
    study = {**study, "source": _without_places(study["source"])}
    if rule in SPEAKING:
        study = translated(study, study["report"].get("texts", {}))
    for used in USED_BY[rule]:
        name, _, origin = used.partition("=")
        section, _, key = (origin or name).partition(".")
        if section in study and (not key or key in study[section]):
            part = {key: study[section][key]} if key else study[section]
            target = name.partition(".")[0]
            settings[target] = settings.get(target, {}) | part if key else part
    return settings


def _without_places(source: Mapping[str, Any]) -> dict[str, Any]:
    """The source without where its files lie: those are inputs, and a person's folders belong in no record."""
    tables = {name: {key: value for key, value in given.items() if key != "path"}
              for name, given in source["tables"].items()}  # fmt: skip
    return {key: value for key, value in source.items() if key != "path"} | {"tables": tables}


# ── records ──────────────────────────────────────────────────────────────────────────────────

MADE_BY = {"lines": "derive_lines", "visits": "derive_response"}
"""Derived tables that records can be selected from, and the rule that makes each."""

_SECTION = {"simulate_source": "simulate", "derive_lines": "lines", "derive_response": "response",
            "derive_safety": "safety", "draw_patients": "response"}  # fmt: skip
"""Rules that a study has only with a section of its own."""

AFTER_THE_COHORT = ("visits",)
"""Derived tables that only what comes after the cohort can select from."""


def derived_tables(study: Mapping[str, Any]) -> list[str]:
    """The derived tables of this study that records can be selected from, as if they were in the source."""
    return [table for table, rule in MADE_BY.items() if _SECTION[rule] in study]


def record_tables(study: Mapping[str, Any], rule: str) -> list[str]:
    """The tables a rule selects records from, so that a change in another table does not rerun it."""
    present = {*study["source"]["tables"], *derived_tables(study)}
    persons = "patients" if "patients" in present else "subjects"
    match rule:
        case "derive_lines":
            used = ["treatments", study["lines"]["metastasis"]["table"]]
        case "derive_covariates":
            variables = study["variables"].values()
            receptors = ["pathology"] if any(spec["derive"].startswith("receptor") for spec in variables) else []
            index = [study["index_date"]["select"]["table"]] if "index_date" in study else []
            used = [persons, *(spec["select"]["table"] for spec in variables if "select" in spec), *receptors, *index]
        case "select_cohort":
            asked = [asked for _, criterion in every_criterion(study) for asked in records_of(criterion)]
            used = [persons, *(each["table"] for each in asked)]
        case "derive_endpoints":
            read = (*endpoint_records(study), *convention_records(study))
            tables = [select["table"] for _, select in read]
            used = tables if study.get("time_only") else [*tables, "deaths"]
        case "derive_response":
            therapy = study["response"].get("new_therapy", {})
            used = [study["response"]["table"], "lesions", therapy.get("table", "")]
        case "draw_patients":
            used = [study["index_date"]["select"]["table"], "deaths"]
        case "derive_safety":
            therapy = study["safety"].get("new_therapy", {})
            used = [study["safety"]["table"], "treatments", "deaths", therapy.get("table", "")]
        case "summarise_safety" | "write_exports":
            used = ["deaths"]
        case _:
            used = []
    return sorted(set(used) & set(present))


def endpoint_records(study: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every place of an endpoint that reads records: the table, and the columns it names as where, date or value."""
    for name, endpoint in study["endpoints"].items():
        for key in ("events", "censoring"):
            for number, rule in enumerate(endpoint.get(key, [])):
                chosen = [rule] if "table" in rule else rule.get("latest_of", [])
                yield from ((f"endpoints.{name}.{key}.{number}", select) for select in chosen)
        if columns := endpoint.get("columns"):
            select = {"table": "subjects", "value": columns["time_days"]}
            yield f"endpoints.{name}.columns", select | {"where": {columns["event"]: columns["event_values"]}}


def convention_records(study: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every place of the censoring conventions and progression anchors that reads records, as `endpoint_records`."""
    conventions = study.get("conventions", {})
    yield from ((f"conventions.{key}", conventions[key]) for key in ("scans", "new_therapy", "treatment_stop")
                if key in conventions)  # fmt: skip
    for key in ("clinical", "inadequate", "new_lesions"):
        if key in conventions:
            yield f"conventions.{key}", conventions["scans"] | {"where": conventions[key]}
    for name, anchor in study.get("progression_anchors", {}).items():
        yield f"progression_anchors.{name}", anchor


# ── the rules of a study ─────────────────────────────────────────────────────────────────────

BEFORE_RESULTS = ("simulate_source", "extract_snapshot", "check_records", "derive_lines", "derive_covariates",
                  "select_cohort", "derive_response", "derive_endpoints", "derive_safety", "draw_patients")  # fmt: skip

COMPARING = ("attribute_changes", "compare_cuts")
AFTER_RESULTS = ("release_results", "present_tables", "draw_figures", "render_report")
ASKING = ("derive_lines", "derive_covariates", "select_cohort", "derive_response", "derive_safety")


def rules_of(study: Mapping[str, Any]) -> list[str]:
    """Every rule of this study, in the flow's order."""
    derived = [rule for rule in BEFORE_RESULTS if rule not in _SECTION or _SECTION[rule] in study]
    exporting = ["write_exports"] if study["exports"]["formats"] else []
    return [*derived, *result_parts(study), *exporting, *AFTER_RESULTS, *(COMPARING if "compare" in study else [])]


def result_parts(study: Mapping[str, Any]) -> list[str]:
    """The rules that turn this study's patients into results, in the order of the manuscript."""
    response = ["summarise_response"] if "response" in study else []
    safety = ["summarise_safety"] if "safety" in study else []
    return [
        "summarise_quality",
        "summarise_baseline",
        "estimate_survival",
        *(["fit_cox"] if study["models"] else []),
        *(["estimate_sensitivity"] if has_sensitivity(study) else []),
        *response,
        *safety,
    ]


def asking(study: Mapping[str, Any]) -> list[str]:
    """The rules of this study that may have questions for the query list, in the flow's order."""
    present = rules_of(study)
    return [rule for rule in ASKING if rule in present]


def with_curves(study: Mapping[str, Any]) -> list[str]:
    """The endpoints that are estimated by the Kaplan-Meier method."""
    return [name for name, endpoint in study["endpoints"].items() if not endpoint.get("descriptive")]


def has_sensitivity(study: Mapping[str, Any]) -> bool:
    """Whether the study asks for an analysis beside the main one."""
    named = [endpoint for endpoint in study["endpoints"].values() if endpoint.get("sensitivity")]
    asked = {"landmarks_months", "imputation"} & set(study.get("sensitivity", {})) and study["models"]
    return bool(named or study.get("what_if") or study.get("conventions") or asked)


# ── texts ────────────────────────────────────────────────────────────────────────────────────


MAINS = ("reports/checklists.qmd", "reports/manuscript.qmd")


def report_sources(study: Mapping[str, Any], root: Path) -> list[str]:
    """Text and layout of the manuscript: what every study shares, and the study's own sections before the generic."""
    folders = {study["report"]["sections"], "generic"}
    own = [path for folder in folders for path in (root / "reports").glob(f"sections/{folder}/*")]
    return sorted([*_layout(root), *MAINS, *(path.relative_to(root).as_posix() for path in own)])


def word_styles(root: Path) -> list[str]:
    """The parts of the report's Word styles."""
    return sorted(path.relative_to(root).as_posix() for path in (root / "reports" / "styles" / "word").iterdir())


def change_sources(root: Path) -> list[str]:
    """Text and layout of the change report."""
    return sorted([*_layout(root), "reports/changes.qmd"])


def _layout(root: Path) -> list[str]:
    """What all reports share: numerical agreement, bibliography, filters, what the linter knows, styles."""
    found = [path for folder in ("filters", "lint", "styles") for path in (root / "reports" / folder).rglob("*")]
    files = [path for path in found if path.is_file()]
    files += [root / "reports" / name for name in ("agreement.json", "references.bib")]
    return [path.relative_to(root).as_posix() for path in files]
