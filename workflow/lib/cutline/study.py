"""The study as configuration: read as strings, checked against its schema, complete before the first job.

YAML turns `no` into False, 5.70 into 5.7 and dies on 31 June, so every scalar is read as a string
and becomes a number or a truth value only where the schema says so.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from cutline.errors import ConfigError, SetupError, SourceError
from cutline.expressions import every_criterion, records_of
from cutline.provenance import dates_of_cut, name_of_cut

INDEX_DATE = "index_date"
Place = tuple[str | int, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, ten times as fast where it was built


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def parse_date(text: str) -> date:
    """The day an ISO date (YYYY-MM-DD) names. Raises ValueError for anything else, 31 June included."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("expected a date as YYYY-MM-DD")
    return date.fromisoformat(text)


def read_yaml(path: Path) -> tuple[Any, dict[Place, int]]:
    """The document with every scalar a string, and the line of each place in it.

    Raises ConfigError for a missing file, YAML that cannot be read, or a key given twice.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        raise ConfigError(f"{path}: this file does not exist; expected a study's configuration there") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"{path}, line {line}: not valid YAML: {error.problem}") from None
    lines: dict[Place, int] = {}
    return (_plain(node, (), lines, path) if node else {}), lines


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path) -> Any:
    lines[place] = node.start_mark.line + 1
    match node:
        case yaml.MappingNode():
            keys = [key.value for key, _ in node.value]
            twice = sorted({str(key) for key in keys if keys.count(key) > 1})
            if twice:
                raise ConfigError(f"{path}, line {lines[place]}: key given twice: {', '.join(twice)}")
            return {key.value: _plain(value, (*place, key.value), lines, path) for key, value in node.value}
        case yaml.ScalarNode(tag="tag:yaml.org,2002:null"):
            return None
        case yaml.SequenceNode():
            return [_plain(value, (*place, index), lines, path) for index, value in enumerate(node.value)]
        case _:
            return node.value


# ── the schema ───────────────────────────────────────────────────────────────────────────────


def typed(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The value with strings turned into what the schema asks for, as far as they can be."""
    schema = _resolved(schema, root)
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties", {})
        other = other if isinstance(other, dict) else {}
        return {key: typed(item, known.get(key, other), root) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item, schema.get("items", {}), root) for item in value]
    return None if value is None else _scalar(str(value), schema.get("type"))


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "")
    return root["$defs"][reference.rpartition("/")[2]] if reference else schema


def _scalar(text: str, kind: str | None) -> Any:
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?([eE]-?\d+)?", text):
        return float(text) if not re.fullmatch(r"-?\d+", text) else int(text)
    return text


_formats = jsonschema.FormatChecker(formats=[])


@_formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(parse_date(value))


def check(document: Any, schema: Mapping[str, Any], path: str, lines: Mapping[Place, int]) -> list[str]:
    """Every disagreement of a typed document with its schema, one sentence each."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=_formats)
    errors = sorted(validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    return [sentence for error in errors for sentence in _sentences(error, path, lines)]


def _sentences(error: jsonschema.ValidationError, path: str, lines: Mapping[Place, int]) -> Iterator[str]:
    place = tuple(error.absolute_path)
    where = f"{path}, line {lines.get(place, 1)}: {_dotted(place)}"
    expected: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known: list[str] = list(schema.get("properties", {}))
            for key in sorted(set(found) - set(known)):
                line = lines.get((*place, key), lines.get(place, 1))
                yield f"{path}, line {line}: {_dotted((*place, key))}: unknown key{nearest(key, known)}"
        case "required":
            absent = sorted(set(expected) - set(found))
            yield f"{where}: missing key(s) {', '.join(absent)}"
        case "pattern":
            yield f"{where}: found {found!r}, expected a name of lower-case letters a-z, digits and single underscores"
        case "enum":
            yield f"{where}: found {found!r}, expected one of {', '.join(map(str, expected))}"
        case "minItems" | "minProperties":
            yield f"{where}: found nothing, expected something"
        case "format":
            yield f"{where}: found {found!r}, expected a real date as YYYY-MM-DD"
        case "type":
            yield f"{where}: found {found!r}, expected {_kind_in_words(expected)}"
        case _:
            yield f"{where}: {error.message}"


def _kind_in_words(kind: object) -> str:
    words = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "array": "a list",
             "object": "keys with values", "string": "text"}  # fmt: skip
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(words.get(str(each), str(each)) for each in kinds)


def _dotted(place: Place) -> str:
    return ".".join(map(str, place)) or "the document"


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean x?` for the closest known name, or the list of what is known."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known) or 'none'}"


def read_checked(path: Path, schema_path: Path, overrides: Mapping[str, Any] | None = None) -> Any:
    """A configuration file, overridden and typed by its schema. Raises ConfigError listing every fault."""
    document, lines = read_yaml(path)
    schema = yaml.load(schema_path.read_text(encoding="utf-8"), Loader=_LOADER)
    document = typed(merged(document, overrides) if overrides else document, schema, schema)
    faults = check(document, schema, path.as_posix(), lines)
    if faults:
        raise ConfigError("\n".join(faults))
    return document


def merged(base: Any, over: Any) -> Any:
    """`over` laid on `base`, mapping by mapping."""
    if isinstance(base, dict) and isinstance(over, Mapping):
        return base | {key: merged(base.get(key), value) for key, value in over.items()}
    return over


# ── the study ────────────────────────────────────────────────────────────────────────────────


def load_published(root: Path, study: str) -> list[dict[str, Any]]:
    """The values printed in the literature on this study; empty if it has none. Raises ConfigError."""
    folder = root / "config" / "studies"
    path = folder / study / "published.yaml"
    entries: list[dict[str, Any]] = read_checked(path, folder / "published.schema.yaml") if path.is_file() else []
    return entries


def load_study(root: Path, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The configured study: config.yaml and `overrides` choose it, its study.yaml is the protocol.

    `overrides` is what the command line gave. Returns plain builtins; keys of config.yaml that override
    the study (data_cutoff, known_by, report) are already applied. Raises ConfigError with all faults.
    """
    folder = root / "config"
    config: dict[str, Any] = read_checked(folder / "config.yaml", folder / "config.schema.yaml", _words(overrides))
    studies = sorted(path.parent.name for path in folder.glob("studies/*/study.yaml"))
    name = config["study"]
    if name not in studies:
        raise ConfigError(f"config: study: found {name!r}{nearest(name, studies)}")
    # Here and not above: the checks know the tables, and with them comes pandas, which takes longer than all the rest.
    from cutline.contradictions import contradictions

    path = Path("config/studies") / name / "study.yaml"
    protocol: dict[str, Any] = read_checked(root / path, folder / "studies" / "study.schema.yaml")
    load_published(root, name)
    study = _completed(protocol, config, _words(overrides).get("report", {}))
    faults = [f"{path.as_posix()}: {fault}" for fault in contradictions(study, root)]
    if faults:
        raise ConfigError("\n".join(faults))
    if protocol.get("time_only") and study["data_cutoff"] != protocol["data_cutoff"]:
        raise ConfigError(_NO_OTHER_CUT.format(study=name, cutoff=protocol["data_cutoff"]))
    return study | _comparison(study, root)


def _completed(protocol: Mapping[str, Any], config: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol with what config.yaml says of this run; `report` is what the command line says of the report."""
    study = dict(protocol) | {key: config[key] for key in ("data_cutoff", "known_by") if key in config}
    reporting = {"language": "en"} | config["report"] | protocol["report"] | report
    by = study["baseline"].get("by", [])
    return study | {
        "study": config["study"],
        "baseline": study["baseline"] | {"by": [by] if isinstance(by, str) else by},
        "default_cutoff": protocol["data_cutoff"],
        "known_by": study.get("known_by", study["data_cutoff"]),
        "results_dir": Path(config["results_dir"]).as_posix(),  # `results/` is `results`
        "user": config.get("user", ""),
        "compare_with": config.get("compare_with", "previous"),
        "exports": config.get("exports", {"formats": []}),
        "report": reporting | {"engine": _engine(reporting.get("engine", "auto"))},
    }


def _comparison(study: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """What the cut is compared with: both sides by cut-off, and the old one's folder; nothing if with nothing.

    Raises ConfigError if the cut that `compare_with` names has no results.
    """
    wanted, results = study["compare_with"], Path(study["results_dir"]) / study["study"]
    if wanted == "previous":
        found = sorted(path.parents[1] for path in (root / results).glob("*/aggregate/ard.csv"))
        earlier = [folder.name for folder in found if folder.name < cut_name(study)]
        folder = results / earlier[-1] if earlier and not study.get("time_only") else None
    else:
        named = results / wanted if (root / results / wanted).is_dir() else Path(wanted)
        folder = None if wanted == "none" else named
    if folder is None:
        return {}
    if not (root / folder / "aggregate" / "ard.csv").is_file():
        raise ConfigError(
            f"compare_with: found {wanted!r}; expected previous, none, a cut that has results in {results}, or the "
            "folder of one"
        )
    compared = {"old": side(folder.name), "new": side(cut_name(study)), "audit": True}
    if not (root / folder / "patient" / "snapshot" / "manifest.json").is_file():
        compared |= {"unavailable": "the old cut has no patient level here"}
    return {"compare": compared, "compared_folder": folder.as_posix()}


def side(cut: str) -> dict[str, str]:
    """One side of a comparison, by the name of its folder, which says its cut-off."""
    data_cutoff, known_by = dates_of_cut(cut)
    return {"cut": cut, "data_cutoff": data_cutoff, "known_by": known_by}


def _engine(wanted: str) -> str:
    """The engine that will render here: part of the settings, so that the report is made again once Quarto is there."""
    there = shutil.which("quarto") is not None
    if wanted == "quarto" and not there:
        raise SetupError(
            "report.engine: quarto was asked for and is not on the PATH. Install Quarto 1.5 or newer from "
            "https://quarto.org, or set report.engine to auto or pandoc, which need nothing more."
        )
    return ("quarto" if there else "pandoc") if wanted == "auto" else wanted


_NO_OTHER_CUT = (
    "data_cutoff: study {study} holds durations and no dates, so it cannot be cut off at another day; "
    "its cut-off {cutoff} is only a label. Leave data_cutoff out."
)


def _words(value: Any) -> Any:
    """What Snakemake made of the command line, back to strings."""
    if isinstance(value, Mapping):
        return {str(key): _words(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_words(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


# ── what each rule uses ──────────────────────────────────────────────────────────────────────

DISPLAY = ("baseline", "comparisons", "conventions", "criteria", "data_cutoff", "endpoints", "models",
           "progression_anchors", "report.language", "response", "rule_sets", "safety", "selection", "statistics",
           "synthetic", "time_only", "variables", "what_if")  # fmt: skip

USED_BY = {
    "simulate_source": ("data_cutoff=default_cutoff", "simulate", "statistics.days_per_month", "window"),
    "extract_snapshot": ("data_cutoff", "known_by", "source", "time_only"),
    "check_records": ("source",),
    "derive_lines": ("lines",),
    "derive_covariates": ("codelists", "index_date", "queries", "statistics.days_per_month", "time_only", "variables"),
    "select_cohort": ("criteria", "statistics.days_per_month", "time_only", "variables", "what_if", "window"),
    "derive_response": ("response",),
    "derive_endpoints": ("conventions", "data_cutoff", "endpoints", "progression_anchors", "rule_sets",
                         "vital_status_complete"),
    "derive_safety": ("safety",),
    "summarise_quality": (),
    "summarise_baseline": ("baseline", "criteria", "index_date", "selection", "variables"),
    "estimate_survival": ("comparisons", "endpoints", "follow_up_endpoint", "statistics.conf_level",
                          "statistics.days_per_month", "statistics.landmarks_months", "statistics.median_interval",
                          "statistics.survival_interval", "variables"),
    "fit_cox": ("models", "statistics.conf_level", "statistics.ties", "variables"),
    "estimate_sensitivity": ("comparisons.main", "conventions", "endpoints",
                             "models", "statistics", "variables", "what_if"),
    "summarise_response": ("response", "statistics.conf_level"),
    "summarise_safety": ("safety",),
    "draw_patients": ("data_cutoff", "index_date", "report.language", "statistics.days_per_month", "synthetic"),
    "release_results": ("report.profile",),
    "write_exports": ("baseline", "comparisons", "data_cutoff", "endpoints", "exports", "follow_up_endpoint",
                      "index_date", "models", "response", "safety", "short_title", "statistics", "study", "synthetic",
                      "variables"),
    "present_tables": DISPLAY,
    "draw_figures": (*DISPLAY, "index_date"),
    "render_report": (*DISPLAY, "codelists", "design", "follow_up_endpoint", "index_date", "known_by", "report",
                      "short_title", "source", "study", "title", "vital_status_complete", "window"),
    "compare_cuts": (*DISPLAY, "compare", "index_date", "report", "short_title", "study"),
}  # fmt: skip
"""Rule → the keys it uses: a section, one key of a section (`statistics.ties`), or `name=key` for another name."""

DERIVING = ("check_records", "derive_lines", "derive_covariates", "select_cohort", "derive_response",
            "derive_endpoints", "derive_safety", "estimate_survival", "fit_cox", "summarise_response",
            "summarise_safety")  # fmt: skip
"""The rules whose work is done again, on mixed data, to say what moved a result."""
USED_BY["attribute_changes"] = tuple(sorted({key for rule in DERIVING for key in USED_BY[rule]} - {"data_cutoff"}))


BEFORE_RESULTS = ("simulate_source", "extract_snapshot", "check_records", "derive_lines", "derive_covariates",
                  "select_cohort", "derive_response", "derive_endpoints", "derive_safety", "draw_patients")  # fmt: skip
COMPARING = ("attribute_changes", "compare_cuts")
AFTER_RESULTS = ("release_results", "present_tables", "draw_figures", "render_report")


def settings_for(study: Mapping[str, Any], rule: str) -> dict[str, Any]:
    """The part of the study that a rule uses, as builtins in a fixed order: a change elsewhere reruns nothing."""
    settings: dict[str, Any] = {}
    study = {**study, "source": _without_places(study["source"])}
    for used in USED_BY[rule]:
        name, _, origin = used.partition("=")
        section, _, key = (origin or name).partition(".")
        if section in study:
            part = {key: study[section][key]} if key else study[section]
            target = name.partition(".")[0]
            settings[target] = settings.get(target, {}) | part if key else part
    return settings


def _without_places(source: Mapping[str, Any]) -> dict[str, Any]:
    """The source without where its files lie: those are inputs, and a person's folders belong in no record."""
    tables = {name: {key: value for key, value in given.items() if key != "path"}
              for name, given in source["tables"].items()}  # fmt: skip
    return {key: value for key, value in source.items() if key != "path"} | {"tables": tables}


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
            used = [study["safety"]["table"], "treatments"]
        case "summarise_safety" | "write_exports":
            used = ["deaths"]
        case _:
            used = []
    return sorted(set(used) & set(present))


MADE_BY = {"lines": "derive_lines", "visits": "derive_response"}
"""Derived tables that records can be selected from, and the rule that makes each."""
_SECTION = {"simulate_source": "simulate", "derive_lines": "lines", "derive_response": "response",
            "derive_safety": "safety", "draw_patients": "response"}  # fmt: skip
"""Rules that a study has only with a section of its own."""


def derived_tables(study: Mapping[str, Any]) -> list[str]:
    """The derived tables of this study that records can be selected from, as if they were in the source."""
    return [table for table, rule in MADE_BY.items() if _SECTION[rule] in study]


AFTER_THE_COHORT = ("visits",)
"""Derived tables that only what comes after the cohort can select from."""


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


def with_curves(study: Mapping[str, Any]) -> list[str]:
    """The endpoints that are estimated by the Kaplan-Meier method."""
    return [name for name, endpoint in study["endpoints"].items() if not endpoint.get("descriptive")]


def has_sensitivity(study: Mapping[str, Any]) -> bool:
    """Whether the study asks for an analysis beside the main one."""
    named = [endpoint for endpoint in study["endpoints"].values() if endpoint.get("sensitivity")]
    return bool(named or study.get("what_if") or study.get("conventions"))


ASKING = ("derive_lines", "derive_covariates", "select_cohort", "derive_response")


def asking(study: Mapping[str, Any]) -> list[str]:
    """The rules of this study that may have questions for the query list, in the flow's order."""
    present = rules_of(study)
    return [rule for rule in ASKING if rule in present]


def rules_of(study: Mapping[str, Any]) -> list[str]:
    """Every rule of this study, in the flow's order."""
    derived = [rule for rule in BEFORE_RESULTS if rule not in _SECTION or _SECTION[rule] in study]
    exporting = ["write_exports"] if study["exports"]["formats"] else []
    return [*derived, *result_parts(study), *exporting, *AFTER_RESULTS, *(COMPARING if "compare" in study else [])]


def report_sources(study: Mapping[str, Any], root: Path) -> list[str]:
    """Text and layout of the manuscript: what every study shares, and the study's own sections before the generic."""
    folders = {study["report"]["sections"], "generic"}
    own = [path for folder in folders for path in (root / "reports").glob(f"sections/{folder}/*")]
    return sorted([*_layout(root), "reports/manuscript.qmd", *(path.relative_to(root).as_posix() for path in own)])


def change_sources(root: Path) -> list[str]:
    """Text and layout of the change report."""
    return sorted([*_layout(root), "reports/changes.qmd"])


def _layout(root: Path) -> list[str]:
    """What all reports share: bibliography, filters, styles."""
    found = [path for folder in ("filters", "styles") for path in (root / "reports" / folder).rglob("*")]
    files = [path for path in found if path.is_file()] + [root / "reports" / "references.bib"]
    return [path.relative_to(root).as_posix() for path in files]


def cut_name(study: Mapping[str, Any]) -> str:
    """The folder of this cut."""
    return name_of_cut(study["data_cutoff"], study["known_by"])


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


def source_files(study: Mapping[str, Any], root: Path) -> list[str]:
    """The files to extract from. Raises SourceError if one that no rule makes is absent."""
    source = study["source"]
    tables = source["tables"].values() if source["kind"] == "files" else [source]
    given = [table.get("path", source["path"]) for table in tables]
    paths = [_of_package(source["package"], path) if "package" in source else path for path in given]
    absent = [path for path in paths if not (root / path).is_file()]
    if absent and "simulate" not in study:
        raise SourceError(
            f"source: this file does not exist: {', '.join(absent)}. "
            f"Put it there, or change source.path in config/studies/{study['study']}/study.yaml"
        )
    return paths


def require_writable(folder: Path) -> None:
    """Raises SetupError unless the folder is there, or can be made, and be written."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise SetupError(f"results_dir: {folder} cannot be written; expected a folder that may be. Choose another one.")


def _of_package(package: str, path: str) -> str:
    """A file inside an installed package, found without importing the package."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SourceError(f"source.package: {package} is not installed here")
    return str(Path(found.origin).parent / path)
