"""The agreement report: a page for readers and JSON for programs."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader

from cutline.certification.agreement import Agreement, Summary, summarised

PACKAGES = ("numpy", "scipy", "pandas", "lifelines", "statsmodels")
WHAT_IT_IS = (
    "It shows agreement for these statistics, data sets and versions on this machine. It is not a validation "
    "of software for regulatory use."
)


def versions() -> dict[str, str]:
    """What computed these numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def as_json(found: Sequence[Agreement]) -> str:
    """Every comparison; a number that does not exist is null."""
    rows = [
        {
            "data_set": each.reference.data_set,
            "members": each.reference.members,
            "statistic": each.reference.statistic,
            "options": each.reference.chosen,
            "reference": _number(each.reference.value),
            "cutline": _number(each.ours),
            "difference": _number(each.difference),
            "tolerance": each.tolerance,
            "agrees": each.agrees,
            "error": each.error,
            "source": each.reference.call,
        }
        for each in found
    ]
    content = {"about": WHAT_IT_IS, "versions": versions(), "counts": counts(found), "comparisons": rows}
    return json.dumps(content, indent=1) + "\n"


def _number(value: float) -> float | str | None:
    return None if math.isnan(value) else value if math.isfinite(value) else "infinite"


def counts(found: Sequence[Agreement]) -> dict[str, int]:
    """How many numbers were compared, and how many disagree."""
    return {"compared": len(found), "disagreeing": sum(not each.agrees for each in found)}


def as_page(found: Sequence[Agreement]) -> str:
    """The page: a verdict, what disagrees, and a line per statistic and data set."""
    environment = Environment(loader=PackageLoader("cutline.certification", "."), autoescape=True)
    environment.filters["shown"] = shown
    return environment.get_template("page.html").render(
        about=WHAT_IT_IS, versions=versions(), **counts(found), by_data_set=_by_data_set(summarised(list(found))),
        wrong=[each for each in found if not each.agrees],
    ) + "\n"  # fmt: skip


def _by_data_set(lines: Sequence[Summary]) -> Mapping[str, list[Summary]]:
    return {name: [line for line in lines if line.data_set == name] for name in dict.fromkeys(x.data_set for x in lines)}


def shown(value: Any) -> str:
    """A number in few digits; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.6g}"
