"""Declared variants: the wordings of one statement, of which the results choose one.

A file `variants.yaml` beside the sections names each variant, the result that chooses, and a text for every case, so
that none is left stale at another data cut-off. Texts are Markdown with shortcodes; `{of}` in them is the option `of`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from cutline.display.lookup import limit_keys
from cutline.errors import ReportError
from cutline.manuscript.context import Context, nearest

VARIANTS = "variants.yaml"
LEVEL = "level"
"""`against: level` compares with the significance level: 1 less the level of the study's intervals."""
NOT_ESTIMABLE = "not_estimable"
CASES = (
    ("below", "at_least"),
    ("below", "equal", "above"),
    ("interval_below", "interval_includes", "interval_above"),
    ("none", "one", "more"),
)
"""The sets of cases of which a variant has one, whole, and `not_estimable` beside it."""
COUNTING = CASES[3]
_KEYS = {"of", "against"}

Variant = Mapping[str, str]


def read_variants(text: str, file: str) -> dict[str, Variant]:
    """The variants of a file by name. Raises ReportError naming the one that leaves a case out."""
    try:
        given = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ReportError(f"{file}: cannot be read as YAML: {error}") from error
    return {str(name): _checked(str(name), spec, file) for name, spec in given.items()}


def _checked(name: str, spec: Any, file: str) -> Variant:
    cases = set(spec) - _KEYS - {NOT_ESTIMABLE} if isinstance(spec, Mapping) else set()
    whole = next((each for each in CASES if set(each) == cases), None)
    if whole is None or NOT_ESTIMABLE not in spec or "of" not in spec:
        wanted = "; or ".join(", ".join(each) for each in CASES)
        raise ReportError(f"{file}: variant {name!r}: expected `of`, {NOT_ESTIMABLE} and all of: {wanted}")
    if ("against" in spec) == (whole == COUNTING):
        raise ReportError(f"{file}: variant {name!r}: `against` says what is compared with; a count needs none")
    return {str(key): str(text).strip() for key, text in spec.items()}


def texts(variant: Variant) -> dict[str, str]:
    """The wordings of a variant by case."""
    return {case: text for case, text in variant.items() if case not in _KEYS}


def chosen(variant: Variant, of: str, context: Context) -> str:
    """The case of the variant that holds by the results. Raises ReportError for a result that is not there."""
    key = variant["of"].replace("{of}", of)
    if "interval_below" in variant:
        return _of_interval(key, _against(variant["against"].replace("{of}", of), context), context)
    value = _value(key, context)
    if "none" in variant:
        return NOT_ESTIMABLE if value is None else COUNTING[min(int(value), 2)]
    bound = _against(variant["against"].replace("{of}", of), context)
    if value is None or bound is None:
        return NOT_ESTIMABLE
    if value < bound:
        return "below"
    if "at_least" in variant:
        return "at_least"
    return "equal" if value == bound else "above"


def _of_interval(key: str, bound: float | None, context: Context) -> str:
    limits = limit_keys(context.results, key)
    if limits is None:
        raise ReportError(f"result {key!r}: there is no interval of it among the results")
    lower, upper = (context.value(limit) for limit in limits)
    if lower is None or upper is None or bound is None:
        return NOT_ESTIMABLE
    if upper < bound:
        return "interval_below"
    return "interval_above" if lower > bound else "interval_includes"


def _against(bound: str, context: Context) -> float | None:
    """The significance level, a number, or the value of another result."""
    if bound == LEVEL:
        return context.significance
    try:
        return float(bound)
    except ValueError:
        return _value(bound, context)


def _value(key: str, context: Context) -> float | None:
    value: float | None = context.row(key)["value"]
    return value


def find(name: str, files: Sequence[tuple[str, str]]) -> tuple[str, Variant]:
    """The variant of that name and its file, of the study's own first. Raises ReportError if there is none."""
    known: dict[str, tuple[str, Variant]] = {}
    for file, text in reversed(files):
        known |= {each: (file, variant) for each, variant in read_variants(text, file).items()}
    if name not in known:
        raise ReportError(f"there is no variant {name!r}{nearest(name, known)}")
    return known[name]
