"""Who the patients are."""

from __future__ import annotations

from cutline.display.captions import level_label
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import AND, capital, escaped, in_text, listed, look_up, sentences
from cutline.manuscript.quantities import NOBODY, count, one_or_many, share


def baseline(context: Context) -> str:
    """A clause for each main characteristic, `baseline.in_text`, else for all; the table has the rest."""
    if context.nobody:
        return tell(NOBODY)
    table = find("table", context, "baseline")
    shown = tell("Their characteristics are shown in {table}.", table=reference(table)) if table else ""
    spec = context.settings["baseline"]
    clauses = (_characteristic(name, context) for name in spec.get("in_text", spec["variables"]))
    return sentences([shown, *clauses, *(_imbalance(by, context) for by in spec.get("by", []))])


def _imbalance(by: str, context: Context) -> str:
    """The characteristic in which the groups differ most."""
    names = [name for name in context.settings["baseline"]["variables"] if name != by]
    sizes = {name: context.value(f"baseline.{by}.{name}.smd") for name in names}
    known = {name: size for name, size in sizes.items() if size is not None}
    if not known:
        return ""
    most = max(known, key=lambda name: known[name])
    table = find("table", context, "baseline", group=by) or find("table", context, "baseline")
    return tell(
        "Groups by {variable} differed most in {characteristic}: standardised mean difference {difference}{shown}.",
        variable=variable_name(by, context),
        characteristic=variable_name(most, context),
        difference=look_up(f"baseline.{by}.{most}.smd", "%.2f"),
        shown=f" ({reference(table)})" if table else "",
    )


def _characteristic(name: str, context: Context) -> str:
    spec = context.settings["variables"][name]
    path = f"baseline.{name}"
    if spec["kind"] == "continuous":
        return _continuous(path, in_text(str(spec["label"])), str(spec.get("unit", "")), context)
    levels = spec.get("levels", {})
    if set(levels) == {"yes", "no"}:
        return _yes(f"{path}.yes", escaped(str(spec["label"])), context)
    counts = [_counted(name, level, context) for level in levels if context.count(f"{path}.{level}.n")]
    several = f" {tell(AND)} ".join(counts) if len(counts) == 2 else listed(counts)
    said = tell("{characteristic} was {levels}.", characteristic=escaped(str(spec["label"])), levels=several)
    return said if counts else ""


def _yes(path: str, label: str, context: Context) -> str:
    return one_or_many(
        context,
        f"{path}.n",
        marked("{characteristic}: {n} patient{share}."),
        marked("{characteristic}: {n} patients{share}."),
        characteristic=label,
        share=share(context, path),
    )


def _counted(variable: str, level: str, context: Context) -> str:
    path = f"baseline.{variable}.{level}"
    named = in_text(level_label(context.settings, variable, level))
    return tell("{level} in {n}{share}", level=named, n=count(path), share=share(context, path))


def _continuous(path: str, label: str, unit: str, context: Context) -> str:
    if context.value(f"{path}.median") is None:
        return ""
    middle = _amount(f"{path}.median", context) + (f" {escaped(unit)}" if unit else "")
    ends = [_amount(f"{path}.{end}", context) for end in ("min", "max") if context.value(f"{path}.{end}") is not None]
    if len(ends) < 2:
        return capital(tell("Median {characteristic} was {median}.", characteristic=label, median=middle))
    said = tell("Median {characteristic} was {median} (range {lowest} to {highest}).",
                characteristic=label, median=middle, lowest=ends[0], highest=ends[1])  # fmt: skip
    return capital(said)


def _amount(key: str, context: Context) -> str:
    """A number with one decimal, or none if it is whole."""
    number = context.value(key)
    return look_up(key, "%d" if number is not None and number == int(number) else "%.1f")
