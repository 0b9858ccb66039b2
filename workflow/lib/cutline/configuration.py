"""Configuration files: read as strings, checked against a schema, every fault with its file, line and key.

YAML turns `no` into False, 5.70 into 5.7 and dies on 31 June, so every scalar is read as a string
and becomes a number or a truth value only where the schema says so.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from cutline.errors import ConfigError

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
