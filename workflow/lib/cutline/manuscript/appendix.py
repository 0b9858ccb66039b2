"""The end of the supplement: what a reviewer asks for, and where it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cutline.display import catalogue
from cutline.display.captions import in_words, level_label, variable_label
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Cell, Grid, GridRow, capitalised, shown
from cutline.display.labels import in_sentence
from cutline.languages import marked, tell, with_thousands_sign
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import classes_of_lines, in_ranges
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, escaped, listed
from cutline.manuscript.rules import of_prose
from cutline.manuscript.variables import defined, levels_in_words

DEFINITION_WIDTHS = (28, 44, 28)
CODE_WIDTHS = (20, 30, 50)
LEFT_OPEN = marked("left open")
MODELS = ("cox", "forest", "schoenfeld")


def definitions_grid(exhibit: Exhibit, context: Context) -> Grid:
    """Every derived characteristic: its name, how it is derived, and its levels or unit."""
    rows = [
        _row(_named(name, context), capital(defined(name, context)), levels_in_words(name, context))
        for name in context.settings["variables"]
    ]
    notes = tell(
        "Each characteristic is derived once for every person screened, and criteria, tables and models take it from "
        "there. Of several records of one day that disagree none is taken, and a question is asked."
    )
    header = (tell("Characteristic"), tell("Derived from"), tell("Levels or unit"))
    return of_prose(exhibit, context, header, rows, notes, DEFINITION_WIDTHS)


def _row(first: str, *others: str) -> GridRow:
    """A row of texts that may be Markdown."""
    return GridRow(Cell(shown(first)), tuple(Cell(shown(other)) for other in others))


def _named(name: str, context: Context) -> str:
    note = context.settings["variables"][name].get("note")
    label = variable_label(context.settings, name)
    return f"{label}, {note}" if note else label


def code_lists_grid(exhibit: Exhibit, context: Context) -> Grid:
    """Every list that turns codes and recorded words into groups: drugs, classes of lines, code lists."""
    lists = (row for name in context.codes for row in _code_list(name, context))
    rows = [_row(*texts) for texts in (*_drugs(context), *_classes(context), *lists)]
    notes = tell(
        "A code that ends in an asterisk stands for all that begin with it. A word that no list has leaves the fact "
        "unknown and is asked about."
    )
    header = (tell("List"), tell("Group"), tell("Codes and words"))
    return of_prose(exhibit, context, header, rows, notes, CODE_WIDTHS)


def _drugs(context: Context) -> Iterator[tuple[str, str, str]]:
    for name, drugs in context.settings.get("lines", {}).get("drugs", {}).items():
        codes = [*in_ranges(drugs.get("atc", [])), *drugs.get("drug", [])]
        yield tell("Drugs (ATC code or name)"), _group(name, context), ", ".join(codes)


def _classes(context: Context) -> Iterator[tuple[str, str, str]]:
    for name, groups in context.settings.get("lines", {}).get("classes", {}).items():
        together = tell(" with ").join(in_sentence(_group(group, context)) for group in groups)
        yield tell("Classes of lines"), _group(name, context), together


def _group(name: str, context: Context) -> str:
    """A class of lines or the drugs of that name, as the study calls it where it does."""
    own = classes_of_lines(context).get(name)
    return capitalised(own) if own else in_words(name)


def _code_list(name: str, context: Context) -> Iterator[tuple[str, str, str]]:
    """A row per level of the list, in the order of the file; what it leaves open comes last."""
    words: dict[str, list[str]] = {}
    for level, recorded in context.codes[name]:
        words.setdefault(level, []).append(recorded)
    for level in sorted(words, key=lambda each: each == ""):
        yield in_words(name), _level(name, level, context), ", ".join(words[level])


def _level(name: str, level: str, context: Context) -> str:
    """The level in the words of the variable that uses the list, or of the safety section."""
    settings = context.settings
    if not level:
        return tell(LEFT_OPEN)
    if level in settings.get("safety", {}).get("terms", {}) and settings["safety"].get("codelist") == name:
        return str(settings["safety"]["terms"][level])
    users = [key for key, spec in settings["variables"].items()
             if spec.get("codelist") == name and level in spec.get("levels", {})]  # fmt: skip
    known = [level_label(settings, key, level) for key in users]
    return known[0] if known else in_words(level)


# ── where to look ────────────────────────────────────────────────────────────────────────────


ASKED = {
    marked("definitions of every characteristic"): ("definitions",),
    marked("code lists"): ("code_lists",),
    marked("eligibility in full"): ("criteria",),
    marked("conventions of censoring"): ("conventions",),
    marked("who was excluded"): ("selection",),
    marked("sensitivity analyses"): ("sensitivity",),
    marked("models and their diagnostics"): MODELS,
    marked("agreement with published values"): ("concordance",),
    marked("quality of the records"): ("completeness", "plausibility"),
    marked("contradictions looked for"): ("consistency",),
}
"""What reviewers ask for, and the subjects of the tables and figures that answer it."""


def where_to_look(context: Context) -> str:
    """What reviewers ask for, each with the tables and figures that answer it."""
    answered = {question: _references(subjects, context) for question, subjects in ASKED.items()}
    said = "; ".join(f"{tell(question)}, {listed(places)}" for question, places in answered.items() if places)
    return tell("**Where to look:** {answers}.", answers=said)


def _references(subjects: Sequence[str], context: Context) -> list[str]:
    study, shown = context.settings, catalogue.drawn(context.settings)
    in_text = [] if context.nobody else [*catalogue.main_tables(study), *catalogue.main_figures(study)]
    in_text = [exhibit for exhibit in in_text if not exhibit.endpoint or exhibit.endpoint in shown]
    exhibits = [*in_text, *catalogue.supplement(study), *catalogue.supplementary_figures(study)]
    return [reference(exhibit) for exhibit in exhibits if exhibit.subject in subjects]


def software(context: Context) -> str:
    """What computed the results, by name and version."""
    versions: Mapping[str, str] = context.settings.get("software", {})
    named = [f"{escaped(name)} {version}" for name, version in versions.items()]
    return tell("**Software:** {versions}.", versions=", ".join(named)) if named else ""


ALL_AGREE = marked("none lay outside its tolerance")


def agreement(context: Context) -> str:
    """What `certify` found when the versions were last changed; nothing where nobody said."""
    found = context.agreement
    if found is None:
        return ""
    compared, disagreeing = found["counts"]["compared"], found["counts"]["disagreeing"]
    outside = with_thousands_sign(disagreeing)
    return tell(
        "**Numerical agreement:** with {versions}, `python3 run.py certify` compared {compared} survival statistics "
        "with those of R's package survival and with printed ones; {verdict}. On any installation it compares them "
        "anew and writes a page with every number.",
        versions=listed([f"{escaped(name)} {version}" for name, version in found["versions"].items()]),
        compared=with_thousands_sign(compared),
        verdict=tell("{n} lay outside their tolerance", n=outside) if disagreeing else tell(ALL_AGREE),
    )


def definitions_told(context: Context) -> str:
    """Where the definition of each characteristic and the codes stand."""
    table, lists = find("table", context, "definitions"), find("table", context, "code_lists")
    places = listed([reference(each) for each in (table, lists) if each])
    if not places:
        return ""
    if not lists:
        return tell("How each characteristic is derived is in {tables}.", tables=places)
    return tell("How each characteristic is derived, with all codes, is in {tables}.", tables=places)


GENERATED = {"methods.definitions": definitions_told}
