"""The linter over the composed document: its numbers are its results, what is required is told, no wording misleads."""

from __future__ import annotations

from cutline.errors import ReportError
from cutline.languages import language_of
from cutline.manuscript.context import Context
from cutline.manuscript.lint.sentences import sentences, shown
from cutline.manuscript.lint.values import contradicting, unused
from cutline.manuscript.lint.wordings import Beside, misleading, rules_of


def check_composed(text: str, context: Context, rules: str) -> None:
    """Raises ReportError with everything that is wrong with the composed document.

    `text` is the document with its numbers resolved, `rules` the text of reports/lint/wordings.yaml. Wrong are a number
    that is not the value of its key, a result of `report.required` that no sentence shows though it has a value, and
    words that mislead.
    """
    settings, results = context.settings, context.results
    numbers = list(shown(text))
    beside = Beside(results, context.significance, context.randomised)
    faults = [
        *contradicting(numbers, results),
        *unused(settings["report"].get("required", []), numbers, results),
        *misleading(list(sentences(text)), rules_of(rules, language_of(settings)), beside),
    ]
    if faults:
        raise ReportError("\n".join(dict.fromkeys(faults)))
