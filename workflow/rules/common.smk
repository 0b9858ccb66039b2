# Configuration, paths and the two parameters of every rule. No science.

import csv
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from snakemake.io import _IOFile

ROOT = Path(workflow.basedir)
LIBRARY = ROOT / "workflow" / "lib"

# Every job imports the library of this checkout, in one locale and time zone.
sys.path.insert(0, str(LIBRARY))
os.environ.update(
    PYTHONPATH=str(LIBRARY),
    PYTHONHASHSEED="0",
    TZ="UTC",
    LC_ALL="C.UTF-8",
    MPLBACKEND="Agg",
)

from cutline import code_digest, provenance, running, study as studies, study_rules
from cutline.audit import closing, reasons
from cutline.audit.cut import Cut
from cutline.display import catalogue
from cutline.errors import StudyError
from cutline.exports import plan as exporting

# Snakemake digests every input of a job once per output of the job.
_IOFile.checksum = provenance.once_while_unchanged(_IOFile.checksum)


def stop_with(error):
    """One readable line, and the exit code of its class."""
    print(f"\n{type(error).__name__}: {error}\n", file=sys.stderr)
    sys.exit(error.exit_code)


try:
    STUDY = studies.load_study(ROOT, config)
    STUDY["software"] = code_digest.software(ROOT, study_rules.rules_of(STUDY))
    SOURCE_FILES = studies.source_files(STUDY, ROOT)
    studies.require_writable(Path(STUDY["results_dir"]))
    CUT_NAME = studies.cut_name(STUDY)
    CUT = f"{STUDY['results_dir']}/{STUDY['study']}/{CUT_NAME}"
    THIS_CUT = Cut(ROOT, Path(CUT).absolute(), STUDY["study"], CUT_NAME)
    closing.require_unsealed_or_done(THIS_CUT, STUDY)
except StudyError as error:
    stop_with(error)

LOGS = f"logs/{STUDY['study']}/{CUT_NAME}" if STUDY["results_dir"] == "results" else f"{CUT}/logs"
RESOURCES = f"resources/{STUDY['study']}"
STUDY_FOLDER = f"config/studies/{STUDY['study']}"
PARTS = study_rules.result_parts(STUDY)
CURVES = study_rules.with_curves(STUDY)
SMOOTHS = ["schoenfeld"] if "fit_cox" in PARTS else []
EXPORT_TEMPLATES = [f"workflow/lib/cutline/exports/templates/{name}" for name in exporting.programs(STUDY)]
OLD = STUDY.get("compared_folder")  # the cut that this one is compared with
STARTED = datetime.now(UTC)


def code_of(rule):
    return code_digest.code_of(ROOT / "workflow" / "scripts" / f"{rule}.py", LIBRARY)


def settings_for(rule):
    return study_rules.settings_for(STUDY, rule)


# ── inputs that wait for checkpoints: what comes out unchanged reruns nothing, within one run too ──
#
# Every such input asks for the checkpoints in the order of the flow. Snakemake then looks at the job anew after each
# of them; a job that asked for the last one only would keep an outdated reason to run.

LINES = ["derive_lines"] if "lines" in STUDY else []
COHORT = ["extract_snapshot", "check_records", *LINES, "derive_covariates", "select_cohort"]
DERIVED = [f"derive_{part}" for part in ("response", "endpoints", "safety") if part in ("endpoints", *STUDY)]
ASKING = study_rules.asking(STUDY)
LAST_CHECKPOINT = {"summarise_quality": ASKING[-1], "summarise_baseline": "select_cohort",
                   "summarise_response": "derive_response", "summarise_safety": "derive_safety"}  # fmt: skip


def reached(name):
    """The output of a checkpoint, once every checkpoint before it in the flow is done."""
    if name in COHORT:
        flow = COHORT[: COHORT.index(name) + 1]
    else:
        responses = [step for step in DERIVED if name == "derive_endpoints" and step == "derive_response"]
        flow = [*COHORT, *(DERIVED if name == "release_results" else responses), name]
    return [getattr(checkpoints, step).get().output for step in flow][-1]


def output_of(name, output):
    return lambda wildcards: reached(name)[output]


def snapshot(wildcards):
    output = reached("extract_snapshot")
    return {table: output[table] for table in STUDY["source"]["tables"]}


def answered():
    """The query lists that came back, if the study names any."""
    return {"answered": STUDY["corrections"]} if STUDY["corrections"] else {}


def all_records(wildcards):
    """Every table of the snapshot (snapshot_…) and of the accepted records (accepted_…)."""
    said = {f"snapshot_{table}": file for table, file in snapshot(wildcards).items()}
    output = reached("check_records")
    return said | {f"accepted_{table}": output[table] for table in STUDY["source"]["tables"]}


def both_snapshots(wildcards):
    """The records of the cut that is compared with (old_…) and of this one (new_…), and the corrections of both."""
    new = {f"new_{table}": file for table, file in snapshot(wildcards).items()}
    new["new_corrections"] = reached("check_records")["corrections"]
    old = {f"old_{table}": f"{OLD}/patient/snapshot/{table}.parquet" for table in STUDY["source"]["tables"]}
    old["old_corrections"] = f"{OLD}/patient/corrections.parquet"
    return new | {name: file for name, file in old.items() if Path(file).is_file()}


def old_tables():
    """What was derived in the cut that is compared with, as far as it has it."""
    names = ["ledger", "eligibility", "cohort", "covariates", "endpoints", "response", "safety"]
    files = {f"old_{name}": f"{OLD}/patient/{name}.parquet" for name in names}
    return {name: file for name, file in files.items() if Path(file).is_file()}


def old_curves():
    """The curves of the cut that is compared with; it may lack an endpoint that was added since."""
    files = [f"{OLD}/aggregate/released/curves/{name}.csv" for name in CURVES]
    return [file for file in files if Path(file).is_file()]


def accepted(rule):
    """Where it selects its records: the accepted tables, and derived ones used like them."""

    def tables(wildcards):
        used = study_rules.record_tables(STUDY, rule)
        return {table: reached(study_rules.MADE_BY.get(table, "check_records"))[table] for table in used}

    return tables


def questions(wildcards):
    """What each derivation has to ask."""
    return {f"queries_{rule}": reached(rule)["queries"] for rule in ASKING}


def analysed():
    """Every part of the results and every curve, by name; each waits for its own checkpoints only."""
    files = {rule: f"{CUT}/aggregate/ard/{rule}.csv" for rule in PARTS}
    files |= {f"curves_{name}": f"{CUT}/aggregate/curves/{name}.csv" for name in CURVES}
    files |= {name: f"{CUT}/aggregate/{name}.csv" for name in SMOOTHS}
    return {name: after(LAST_CHECKPOINT.get(name, "derive_endpoints"), file) for name, file in files.items()}


def published_values():
    """What the literature prints on this study, where it has such values."""
    return {"published": f"{STUDY_FOLDER}/published.yaml"} if "published" in STUDY else {}


def concordance_file():
    """Every published value beside ours."""
    file = f"{CUT}/aggregate/concordance.csv"
    return (
        {"concordance": shown(file, "Results", content="Published values beside ours")} if "published" in STUDY else {}
    )


def released_concordance(wildcards):
    return {"concordance": reached("release_results").concordance} if "published" in STUDY else {}


def after(checkpoint, file):
    return lambda wildcards: reached(checkpoint) and file


def released(*rules):
    """Released results of some rules, by rule name."""

    def parts(wildcards):
        output = reached("release_results")
        return {rule: output[f"released_{rule}"] for rule in rules if rule in PARTS}

    return parts


def released_curves(wildcards):
    output = reached("release_results")
    return [output[f"released_curves_{endpoint}"] for endpoint in CURVES]


def released_smooths(wildcards):
    """The smooths of Schoenfeld residuals, of a study with Cox models."""
    output = reached("release_results")
    return {name: output[f"released_{name}"] for name in SMOOTHS}


def derived(wildcards):
    """Every derived table of the included persons; all checkpoints before are asked for, in the order of the flow."""
    outputs = {step: getattr(checkpoints, step).get().output for step in [*COHORT, *DERIVED]}
    tables = {"covariates": outputs["derive_covariates"].covariates, "cohort": outputs["select_cohort"].cohort}
    tables |= {"visits": outputs["derive_response"].visits} if "response" in STUDY else {}
    tables |= {"exposure": outputs["derive_safety"].exposure} if "safety" in STUDY else {}
    return tables | {step.removeprefix("derive_"): outputs[step][step.removeprefix("derive_")] for step in DERIVED}


def exports():
    """The data sets for other programs, and the programs that read them."""
    return {name: f"{CUT}/patient/exports/{file}" for name, file in exporting.export_files(STUDY).items()}


def exhibit_files(exhibits, *formats):
    """Name → file of every table or figure in every format."""
    return {
        f"{exhibit.name}_{suffix}": f"{CUT}/aggregate/{exhibit.kind}s/{exhibit.name}.{suffix}"
        for exhibit in exhibits
        for suffix in formats
    }


def files_alone(exhibits):
    """Name → file of every table or figure as a file of its own, named as journals ask."""
    files = [catalogue.files_alone(exhibit, STUDY) for exhibit in exhibits]
    return {name: f"{CUT}/report/{file}" for each in files for name, file in each.items()}


def shown(file, category, **labels):
    """An output with a place in Snakemake's own report: `snakemake --report report.html`."""
    return report(file, caption=f"../report/{category.lower()}.rst", category=category, labels=labels)


def shown_exhibits(exhibits, *formats):
    """The files of every table or figure, the first format with a place in Snakemake's own report."""
    files = exhibit_files(exhibits, *formats)
    for exhibit in exhibits:
        name = f"{exhibit.name}_{formats[0]}"
        endpoint = STUDY["endpoints"][exhibit.endpoint]["label"].lower() if exhibit.endpoint else ""
        content = ": ".join(part for part in (exhibit.subject.replace("_", " ").capitalize(), endpoint) if part)
        kind = exhibit.kind.capitalize()
        files[name] = shown(files[name], f"{kind}s", number=f"{kind} {exhibit.numbered}", content=content)
    return files


def shown_report_files():
    """The manuscript's files, the formats for readers with a place in Snakemake's own report."""
    formats = {name: file for name, file in report_files().items() if name in STUDY["report"]["formats"]}
    return report_files() | {
        name: shown(file, "Report", content="Manuscript", format=name) for name, file in formats.items()
    }


def report_files():
    """The manuscript in each format, what its composed source needs to be rendered again, and its checks."""
    formats = {suffix: f"{CUT}/report/manuscript.{suffix}" for suffix in ["qmd", *STUDY["report"]["formats"]]}
    names = {"bib": "references.bib", "csl": "citations.csl", "css": "manuscript.css", "links": "result_links.lua",
             "cells": "table_cells.lua", "reference_docx": "reference.docx", "engine": "engine.json",
             "checklists_html": "checklists.html", "checklists_docx": "checklists.docx"}  # fmt: skip
    beside = {"project": f"{CUT}/_quarto.yml", "consistency": f"{CUT}/aggregate/consistency.csv"}
    written = files_alone(catalogue.written_by_the_report(STUDY)) | {"exhibits": f"{CUT}/report/exhibits.csv"}
    return formats | beside | written | {key: f"{CUT}/report/{name}" for key, name in names.items()}


def attribution_files():
    """What the patient level of both cuts says of the changes; nothing where the old one has none."""
    names = [] if "unavailable" in STUDY["compare"] else ["records", "flow", "attribution"]
    return {name: f"{CUT}/aggregate/changes/{name}.csv" for name in names}


def changes_files():
    """The change report, where there is a cut to compare with."""
    if "compare" not in STUDY:
        return {}
    drawn = catalogue.drawn(STUDY)
    pictures = [f"survival_{endpoint}.{suffix}" for endpoint in drawn for suffix in ("svg", "png")]
    files = {picture.replace(".", "_"): f"{CUT}/aggregate/changes/{picture}" for picture in pictures}
    return files | {suffix: f"{CUT}/report/changes.{suffix}" for suffix in ("csv", "qmd", "html", "docx")}


def lost_outputs():
    """Outputs of checkpoints that are missing beside others of the same job.

    Snakemake takes such a checkpoint for one that is still to come and that nobody asks for: it would wait for it,
    run nothing, and call that up to date. To ask for all of them, always, would hide changes within a run.
    """
    steps = [getattr(rules, name).output for name in [*COHORT, *DERIVED, "release_results"]]
    return [f for files in steps if any(map(os.path.exists, files)) for f in files if not os.path.exists(f)]


def shown_files():
    """Tables, figures, what changed, and the report."""
    tables = exhibit_files(catalogue.tables(STUDY), "html", "md", "csv") | (attribution_files() if OLD else {})
    figures = exhibit_files(catalogue.figures(STUDY), "svg", "png", "csv") | patient_figures()
    alone = files_alone([*catalogue.tables(STUDY), *catalogue.figures(STUDY)])
    return tables | figures | alone | report_files()


def patient_figures():
    """Figures with a mark per person, and what each is drawn from; they stay at patient level."""
    names = [f"{name}.{suffix}" for name in ("waterfall", "swimmer") for suffix in ("csv", "svg", "png")]
    files = {name.replace(".", "_"): f"{CUT}/patient/figures/{name}" for name in names}
    return files if "response" in STUDY else {}


def given_files():
    """What the study reads and no rule makes."""
    published = list(published_values().values())
    source = [] if "simulate" in STUDY else SOURCE_FILES
    texts = {*study_rules.report_sources(STUDY, ROOT), *study_rules.change_sources(ROOT)}
    published += [*STUDY["corrections"], *(STUDY["quality"][name] for name in ("ranges", "codes"))]
    lists = STUDY.get("codelists", {}).values()
    return [*source, *published, *lists, *texts, *EXPORT_TEMPLATES]


# ── around the run ──


def prepare_folders():
    """Patient-level files are their owner's alone; no error of an earlier run is left."""
    try:
        running.begin_run(STARTED, CUT)
    except StudyError as error:
        stop_with(error)
    for folder in (f"{CUT}/patient/exports", LOGS):
        Path(folder).mkdir(parents=True, exist_ok=True)
    for folder in ("patient", "patient/exports"):
        Path(CUT, folder).chmod(0o700)
    Path(LOGS, "error.json").unlink(missing_ok=True)


def tell_what_was_set_aside():
    """Records that failed a check are never dropped without a word, and what they leave open is asked."""
    tables = rows_of(f"{CUT}/aggregate/accounting.csv")
    records, values = (sum(int(row[name]) for row in tables) for name in ("quarantined", "values_set_aside"))
    if records or values:
        print(f"Set aside: {records} records and {values} single values; reasons in {CUT}/patient/quarantine.parquet")
    asked = len(rows_of(f"{CUT}/patient/queries.csv"))
    if asked:
        print(f"Questions that the records leave open: {asked}; to be answered in {CUT}/patient/queries.xlsx")


def rows_of(file):
    """The rows of a table; none where it is not there, since a step before it was asked for alone."""
    if not os.path.exists(file):
        return []
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def close_the_run(outcome, started=STARTED):
    """The run's entry in the ledger; its head shows later whether somebody wrote the ledger anew."""
    try:
        cut, notes = replace(THIS_CUT), [Path(LOGS), Path(f"logs/{STUDY['study']}")]
        head, findings = closing.close_run(cut, STUDY, notes, started, outcome, config)
        running.end_run()
        if findings:
            print(f"{findings} things do not hold: do not rely on these results before you read python3 run.py verify")
        print(f"Ledger of runs: {CUT}/runs.jsonl. Keep its head elsewhere, in an e-mail or on paper: {head}")
    except OSError as error:
        print(f"This run is not in the ledger of runs, which could not be written: {error.strerror}", file=sys.stderr)


def is_a_run():
    """Whether this is Snakemake itself and in earnest: not a dry run, not a job on another computer."""
    short = [argument for argument in sys.argv if argument.startswith("-") and not argument.startswith("--")]
    looking = {"--dry-run", "--dryrun", "--mode", "--lint", "--summary", "--report", "--touch", "--dag", "--rulegraph"}
    said = looking & set(sys.argv) or any("n" in argument for argument in short)
    return not said


def stop_with_the_error_of_the_job():
    """Snakemake returns 1 for everything; the class of a user's mistake is the exit code of ours."""
    note = Path(LOGS, "error.json")
    if note.is_file():
        error = json.loads(note.read_text(encoding="utf-8"))
        print(
            f"\n{error['rule']} stopped. {error['error']}: {error['message']}\n",
            file=sys.stderr,
        )
        sys.exit(error["exit_code"])


# Snakemake's memory (.snakemake) can be lost; the records beside the results are not.
try:
    GIVEN = {provenance.recorded_name(Path(file), Path(CUT)): Path(file) for file in given_files()}
    for folder in (Path(CUT), Path(RESOURCES)):
        provenance.age_outdated(folder, reasons.now_in(ROOT, STUDY), GIVEN)
except StudyError as error:
    stop_with(error)
code_digest.remember()
KILLED = running.cut_short(CUT)
if "--unlock" in sys.argv:
    if KILLED:
        close_the_run("interrupted", KILLED)
    running.forget_run()
elif running.about_the_lock():
    print(f"\n{running.about_the_lock()}\n", file=sys.stderr)
elif is_a_run() and KILLED:
    close_the_run("interrupted", KILLED)
