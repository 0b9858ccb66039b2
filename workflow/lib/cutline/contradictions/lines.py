"""What the schema cannot see of lines of therapy and of questions: groups of drugs and levels that nothing defines."""

from __future__ import annotations

from cutline.configuration import nearest
from cutline.contradictions.criteria import unfit_levels
from cutline.contradictions.parts import Faults, Part, Study, Uses
from cutline.queries import KINDS


def unfit_lines(study: Study) -> Faults:
    """Every contradiction in the lines of therapy."""
    if "lines" not in study:
        return
    lines = study["lines"]
    known = list(lines["drugs"])
    for place, name in _drug_uses(lines):
        if name not in known:
            yield f"lines.{place}: unknown group of drugs {name!r}{nearest(name, known)}"
    if lines["gap_days"] < lines["regimen_days"]:
        yield f"lines.gap_days: found {lines['gap_days']}, expected at least regimen_days, {lines['regimen_days']}"
    for name in sorted(set(lines.get("never", [])) & set(lines.get("supportive", []))):
        yield f"lines.never: {name!r} is supportive too; a drug cannot be both"
    if "other" in lines.get("classes", {}):
        yield "lines.classes.other: this is the class of lines that fit no other; choose another name"


def _drug_uses(lines: Part) -> Uses:
    for key in ("supportive", "never", "substitutions"):
        yield from ((key, name) for name in lines.get(key, []))
    for name, partner in lines.get("only_together", {}).items():
        yield from (("only_together", used) for used in (name, partner))
    for name, groups in lines.get("classes", {}).items():
        yield from ((f"classes.{name}", group) for group in groups)


def unfit_queries(study: Study) -> Faults:
    """Kinds and levels that the questions of a study name."""
    for number, query in enumerate(study.get("queries", [])):
        place = f"queries.{number}"
        if query["kind"] not in KINDS:
            yield f"{place}.kind: unknown kind of query {query['kind']!r}{nearest(query['kind'], list(KINDS))}"
        for name, levels in query["where"].items():
            yield from unfit_levels(f"{place}.where.{name}", study["variables"].get(name, {}), levels)
