"""The linter of numbers over everything that a report is composed of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cutline.endpoints.conventions import amounts
from cutline.errors import ReportError
from cutline.languages import language_of, with_decimal_point
from cutline.manuscript.lint.declared import check_entry, declared, read_declarations
from cutline.manuscript.lint.numbers import Typed, typed_numbers

DECLARATIONS = "lint/numbers.yaml"
STUDY_TEXTS = ("title", "short_title", "design", "report.limitations", "report.keywords")
HEAD_TEXTS = ("title", "subtitle", "abstract", "description", "keywords", "author", "date", "categories")
OTHERS = ("publication", "published")
"""Settings that no sentence of the report may take its numbers from."""
NO_PROSE = ("title_page", "results.supplement", "appendix")
"""How the names of generated texts begin that are lists, tables and figures of the program, not prose."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FROM_PROGRAM = re.compile(r"(?m)^\|.*$|\[[^\[\]]*\](?:\(#[^()\s]*\)|\{\.computed\})")
"""What the program writes: a table, a reference to a numbered one or to a figure, a number computed without a key."""


class NumberLinter:
    """Collects the numbers that were typed by hand, with file, line and column, so that all are told at once.

    `declarations` is the text of reports/lint/numbers.yaml; the study's own are in `report.numbers` of its settings. A
    document that is composed twice is linted by one linter, which reads a second time only what became another text.
    """

    def __init__(self, settings: Mapping[str, Any], declarations: str) -> None:
        given = read_declarations(declarations, f"reports/{DECLARATIONS}")
        own = settings["report"].get("numbers", [])
        for entry in own:
            check_entry(entry, f"{_file(settings)}, report.numbers")
        trials = settings.get("literature", {}).get("trials", {}).values()
        names = [{"say": str(trial["label"])} for trial in trials]
        typed = [*given.get("names", []), *given.get("phrases", []), *names, *own]
        self.allowed = declared(typed, given.get("words", {}).get(language_of(settings)))
        self.of_program = declared([*typed, *given.get("program", [])])
        self.configured = _numbers_of(settings)
        self.settings, self.faults = settings, dict[str, None]()
        self.linted = set[tuple[str, str]]()

    def section(self, name: str, text: str) -> None:
        """Lints a file of reports/; one that was linted before is not read again."""
        for typed in typed_numbers(text, self.allowed) if self._is_new(name, text) else ():
            self._fault(f"{name}, line {typed.line}, column {typed.column}", typed)

    def _is_new(self, name: str, text: str) -> bool:
        new = (name, text) not in self.linted
        self.linted.add((name, text))
        return new

    def head(self, name: str, head: Mapping[str, Any]) -> None:
        """Lints the texts in the YAML head of a document; its layout is none."""
        for key, text in _texts({key: head[key] for key in HEAD_TEXTS if key in head}, ()):
            for typed in typed_numbers(text, self.allowed):
                self._fault(f"{name}, {'.'.join(key)} of its YAML head", typed)

    def study(self) -> None:
        """Lints the texts of study.yaml that are prose and no definition: titles, keywords, limitations."""
        for path in STUDY_TEXTS:
            given: Any = self.settings
            for step in path.split("."):
                given = given.get(step, {})
            for key, text in _texts(given, (path,)):
                for typed in typed_numbers(text, self.allowed):
                    self._fault(f"{_file(self.settings)}, {'.'.join(key)}", typed)

    def generated(self, name: str, text: str) -> None:
        """Lints sentences of the program: besides what a writer may type, their numbers are the configuration's."""
        if name.partition(" ")[2].startswith(NO_PROSE) or not self._is_new(name, text):
            return
        for typed in typed_numbers(_FROM_PROGRAM.sub(_hidden, text), self.of_program):
            numbers = _NUMBER.findall(with_decimal_point(typed.text)) or [typed.text]
            if any(number not in self.configured for number in numbers):
                self.faults[
                    f"{name}: the number “{typed.text}” in a sentence of the program is neither a result, a key of the "
                    f"study, nor declared in reports/{DECLARATIONS}: {_around(text, typed)}"
                ] = None

    def _fault(self, place: str, typed: Typed) -> None:
        self.faults[
            f"{place}: “{typed.text}” is typed by hand and goes stale. Look it up ({{{{< result … >}}}}, "
            "{{< study … >}}, {{< trial … >}}), refer to it (@fig-…, @tbl-…), or declare it with its reason in "
            "report.numbers of study.yaml"
        ] = None

    def stop(self) -> None:
        """Raises ReportError with every number that was found, if there are any."""
        if self.faults:
            raise ReportError("\n".join(self.faults))


def _file(settings: Mapping[str, Any]) -> str:
    return f"config/studies/{settings['study']}/study.yaml"


def _texts(given: Any, key: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(given, Mapping):
        for name, each in given.items():
            yield from _texts(each, (*key, str(name)))
    elif isinstance(given, list):
        for place, each in enumerate(given, 1):
            yield from _texts(each, (*key, str(place)))
    elif given is not None:
        yield key, str(given)


def _numbers_of(settings: Mapping[str, Any]) -> set[str]:
    """Every number in the study's configuration as a sentence may print it; a share also in percent."""
    found: set[str] = set()
    for _, text in _texts({key: each for key, each in settings.items() if key not in OTHERS}, ()):
        for number in _NUMBER.findall(text):
            found |= {number, f"{float(number):g}", number.lstrip("0") or "0"}
    level = float(settings["statistics"]["conf_level"]) * 100
    found |= {str(amount) for amount in amounts(settings.get("conventions", {})).values()}
    return found | {f"{level:g}", f"{100 - level:g}", f"{1 - level / 100:.2g}"}


def _hidden(found: re.Match[str]) -> str:
    return re.sub(r"\d", "#", found[0])


def _around(text: str, typed: Typed) -> str:
    line = text.splitlines()[typed.line - 1]
    return " ".join(line[max(0, typed.column - 40) : typed.column + 40].split())
