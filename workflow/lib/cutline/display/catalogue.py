"""Which tables and figures a study has, in the order a manuscript shows them.

The Snakefile names its outputs from this list and the report its numbers, so that both agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.languages import marked, tell

ALONE = {"table": ("docx", "xlsx", "csv"), "figure": ("svg", "pdf", "png", "tiff")}
"""The forms in which journals take a table or figure as a file of its own."""
TITLES = {"table": marked("Table"), "figure": marked("Figure")}


@dataclass(frozen=True)
class Exhibit:
    """A table or figure: `name` is its file stem, `label` its Quarto cross-reference.

    `group` names the variable whose levels are columns, where one subject has several tables. A supplementary one is
    numbered apart: S1, S2 …
    """

    number: int
    kind: str
    subject: str
    endpoint: str = ""
    group: str = ""
    supplementary: bool = False

    @property
    def numbered(self) -> str:
        """Its number as a reader sees it."""
        return f"S{self.number}" if self.supplementary else str(self.number)

    @property
    def name(self) -> str:
        return "_".join(part for part in (self.kind, self.numbered, self.subject, self.endpoint, self.group) if part)

    @property
    def title(self) -> str:
        """Table or Figure, as a reader sees it."""
        return tell(TITLES[self.kind])

    @property
    def file_name(self) -> str:
        """What a journal calls its files, without their ending: `Table_1`, `Figure_S2`."""
        return f"{TITLES[self.kind]}_{self.numbered}"

    @property
    def label(self) -> str:
        prefix = "supplement" if self.supplementary else {"table": "tbl", "figure": "fig"}[self.kind]
        return "-".join(part for part in (prefix, self.subject.replace("_", "-"), self.endpoint, self.group) if part)


def files_alone(exhibit: Exhibit, study: Mapping[str, Any]) -> dict[str, str]:
    """The files it is alone in, below the folder of the report: `Table_1_docx` → `tables/Table_1.docx` …

    Their forms are those of `report.files`; all, where the study says nothing.
    """
    wanted = study["report"].get("files", ALONE[exhibit.kind])
    forms = [form for form in ALONE[exhibit.kind] if form in wanted]
    return {f"{exhibit.file_name}_{form}": f"{exhibit.kind}s/{exhibit.file_name}.{form}" for form in forms}


def drawn(study: Mapping[str, Any]) -> list[str]:
    """The endpoints whose survival curve is drawn: all but those with `figure: false`, and those without a curve."""
    return [name for name in estimated(study) if study["endpoints"][name].get("figure", True)]


def estimated(study: Mapping[str, Any]) -> list[str]:
    """The endpoints that have a Kaplan-Meier curve, drawn or not."""
    return [name for name, endpoint in study["endpoints"].items() if not endpoint.get("descriptive")]


def has_variants(study: Mapping[str, Any]) -> bool:
    """Whether the study asks for an analysis under other conventions or criteria beside the main one."""
    return bool(study.get("what_if") or any(endpoint.get("sensitivity") for endpoint in study["endpoints"].values()))


def has_rule_sets(study: Mapping[str, Any]) -> bool:
    """Whether an endpoint is censored by named conventions."""
    return any("rule_set" in endpoint for endpoint in study["endpoints"].values())


def main_tables(study: Mapping[str, Any]) -> list[Exhibit]:
    """Baseline, Cox, sensitivity, responses, adverse events, as far as the study has them.

    The baseline table has the groups of the first variable of `baseline.by`.
    """
    subjects = [("baseline", "")] + [("cox", endpoint) for endpoint in study["models"]]
    subjects += [("sensitivity", "")] if has_variants(study) else []
    subjects += [("responses", "")] if "response" in study else []
    subjects += [("adverse_events", "")] if "safety" in study else []
    return [Exhibit(number, "table", *subject) for number, subject in enumerate(subjects, 1)]


WITHOUT_RESULTS = ("criteria", "conventions", "consistency", "definitions", "code_lists")
"""Supplementary tables that the manuscript writes itself: the study's own rules, and what the checks found."""


def supplement(study: Mapping[str, Any]) -> list[Exhibit]:
    """The supplementary tables in the order in which the text names them.

    Several criteria and the conventions of censoring in full; the baseline table with the groups of each further
    variable of `baseline.by`; those removed at each step against those who remained; of each endpoint with a curve
    every estimate; adverse events by grade and by consequence, in time, and between groups; published values beside
    ours, published trials, their adverse events beside ours; how complete the records are, and which rules of
    plausibility they break; what the checks of consistency found; how each characteristic is derived; the code lists.
    """
    subjects = [("criteria", "", "")] if len(study["criteria"]) > 1 else []
    subjects += [("conventions", "", "")] if has_rule_sets(study) else []
    subjects += [("baseline", "", group) for group in study["baseline"].get("by", [])[1:]]
    subjects += [("selection", "", "")] if "selection" in study else []
    subjects += [("survival_summary", endpoint, "") for endpoint in estimated(study)]
    subjects += [(subject, "", "") for subject in of_adverse_events(study)]
    subjects += [("concordance", "", "")] if "published" in study else []
    subjects += [("trials", "", "")] if "literature" in study else []
    subjects += [("trial_events", "", "")] if "adverse_events" in study.get("literature", {}) else []
    subjects += [("completeness", "", ""), ("plausibility", "", "")]
    subjects += [("consistency", "", ""), ("definitions", "", "")]
    subjects += [("code_lists", "", "")] if "lines" in study or "codelists" in study else []
    return [Exhibit(number, "table", *subject, supplementary=True) for number, subject in enumerate(subjects, 1)]


def of_adverse_events(study: Mapping[str, Any]) -> list[str]:
    """The supplementary tables of adverse events, of a study that has some; the last where groups are compared."""
    subjects = [f"adverse_event_{part}" for part in ("grades", "consequences", "rates")] if "safety" in study else []
    return [*subjects, *(["adverse_event_groups"] if "by" in study.get("safety", {}) else [])]


def tables(study: Mapping[str, Any]) -> list[Exhibit]:
    """Every table of results, those of the text first, then those of the supplement."""
    results = [table for table in supplement(study) if table.subject not in WITHOUT_RESULTS]
    return main_tables(study) + results


def written_by_the_report(study: Mapping[str, Any]) -> list[Exhibit]:
    """The tables that the manuscript writes itself."""
    return [table for table in supplement(study) if table.subject in WITHOUT_RESULTS]


def every_exhibit(study: Mapping[str, Any]) -> list[Exhibit]:
    """Tables, then figures, as they are numbered: those of the text before those of the supplement."""
    return [*main_tables(study), *supplement(study), *figures(study)]


def main_figures(study: Mapping[str, Any]) -> list[Exhibit]:
    """Patient flow, one survival curve per endpoint, best response where the study records it."""
    subjects = [("flow", "")] + [("survival", endpoint) for endpoint in drawn(study)]
    subjects += [("response", "")] if "response" in study else []
    return [Exhibit(number, "figure", *subject) for number, subject in enumerate(subjects, 1)]


def supplementary_figures(study: Mapping[str, Any]) -> list[Exhibit]:
    """Of each endpoint with Cox models forest plot and smooths of its residuals; the medians of published trials."""
    subjects = [(subject, endpoint) for endpoint in study.get("models", {}) for subject in ("forest", "schoenfeld")]
    subjects += [("context", study["literature"]["endpoint"])] if "literature" in study else []
    return [Exhibit(number, "figure", *subject, supplementary=True) for number, subject in enumerate(subjects, 1)]


def figures(study: Mapping[str, Any]) -> list[Exhibit]:
    """Every figure, those of the text first, then those of the supplement."""
    return main_figures(study) + supplementary_figures(study)


OF_SURVIVAL = ("survival", "survival_summary", "cox", "sensitivity", "forest", "schoenfeld", "context")
"""Subjects whose numbers follow the study's convention for survival analysis, which they name."""
