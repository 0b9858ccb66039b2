"""Shortcodes: `{{< name arguments >}}` in a section, replaced before anything is rendered.

    {{< result "pfs.km.median" fmt="%.1f" >}}   a number of the released results, with its key, format and source
    {{< result "response.orr" fmt="n (percent)" >}}   several numbers that belong together
    {{< variant association of=pfs.cox.univariable.age >}}   the one of several wordings that the data choose
    {{< section abstract >}}                    the section of that name, of the study or else the generic one
    {{< include notes.qmd >}}                   a file beside the one that asks
    {{< generated methods.endpoints >}}         sentences written from the configuration and the results
    {{< figure survival pfs >}}                 a figure of the study, {{< table cox pfs >}} a table
    {{< study variables.de_novo.days >}}        a text or number of study.yaml, by its path
    {{< trial bolero_2 combination pfs final local >}}   a number of a published trial
    {{< meta title >}}, {{< pagebreak >}}       as Quarto documents them

Quarto never sees one: what is left after composition is an error.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cutline.display.lookup import Row
from cutline.display.numbers import format_result
from cutline.errors import ReportError
from cutline.manuscript.combined import COMBINED, combined
from cutline.manuscript.context import Context, nearest
from cutline.manuscript.markdown import attribute, escaped

REFUSED = {
    "var": "a text or number of the study stands in study.yaml and comes by {{< study … >}}",
    "env": "a report does not depend on the machine that renders it",
    "version": "versions of programs are written by {{< generated … >}}",
    "embed": "nothing is executed; results come by {{< result … >}}",
    "video": "Word and PDF cannot show it",
    "kbd": "Word and PDF cannot show it as the web page does; write the keys in words",
    "contents": "a text is written where it is read",
    "lipsum": "a report holds no filler",
    "placeholder": "a report holds no filler",
    "brand": "layout is in reports/styles",
}
"""Quarto's shortcodes that no section may use, and why or what to write instead."""

_SHORTCODE = re.compile(r"\{\{<(.*?)>\}\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where a shortcode stands; `within` are the places that asked for this text, outermost first."""

    name: str
    line: int
    within: tuple[Place, ...] = ()

    def __str__(self) -> str:
        asked = f" (asked for by {self.within[-1]})" if self.within else ""
        return f"{self.name}, line {self.line}{asked}"

    @property
    def names(self) -> set[str]:
        return {self.name, *(place.name for place in self.within)}


@dataclass(frozen=True)
class Shortcode:
    """One shortcode: its name, its arguments in order and by name, and where it stands."""

    name: str
    arguments: tuple[str, ...]
    options: Mapping[str, str]
    place: Place

    def only(self, *allowed: str, arguments: Sequence[int] = (1,)) -> None:
        """Raises ReportError unless the shortcode has one of these numbers of arguments and these options only."""
        if len(self.arguments) not in arguments:
            wanted = " or ".join(map(str, arguments))
            raise ReportError(
                f"{self.place}: shortcode {self.name} takes {wanted} argument(s), found {len(self.arguments)}"
            )
        for option in sorted(set(self.options) - set(allowed)):
            raise ReportError(f"{self.place}: shortcode {self.name} has no option {option!r}{nearest(option, allowed)}")


Handler = Callable[[Shortcode], str]


def expand(text: str, name: str, handlers: Mapping[str, Handler], within: tuple[Place, ...] = ()) -> str:
    """The text with every shortcode replaced by what its handler returns.

    Raises ReportError naming file and line for a shortcode that is unknown, malformed or broken over lines.
    """
    lines = without_comments(text).splitlines()
    expanded = [_expand_line(line, Place(name, number, within), handlers) for number, line in enumerate(lines, 1)]
    return "\n".join(expanded)


def without_comments(text: str) -> str:
    """The text without HTML comments; the line breaks inside them stay, so that line numbers do."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)


def _expand_line(line: str, place: Place, handlers: Mapping[str, Handler]) -> str:
    if "{{<" in _SHORTCODE.sub("", line):
        raise ReportError(f"{place}: a shortcode begins here and does not end on the same line; write {{{{< … >}}}}")
    return _SHORTCODE.sub(lambda found: _handle(parse(found[1], place), handlers), line)


def _handle(shortcode: Shortcode, handlers: Mapping[str, Handler]) -> str:
    if shortcode.name in REFUSED:
        raise ReportError(f"{shortcode.place}: shortcode {shortcode.name!r} is refused: {REFUSED[shortcode.name]}")
    if shortcode.name not in handlers:
        hint = nearest(shortcode.name, handlers) or f"; known: {', '.join(sorted(handlers))}"
        raise ReportError(f"{shortcode.place}: unknown shortcode {shortcode.name!r}{hint}")
    return handlers[shortcode.name](shortcode)


def parse(inside: str, place: Place) -> Shortcode:
    """The shortcode written between the angle brackets. Raises ReportError if it is empty or its quotes are odd."""
    try:
        words = shlex.split(inside, posix=True)
    except ValueError as error:
        raise ReportError(f"{place}: shortcode with a quotation mark that is not closed: {inside.strip()}") from error
    if not words:
        raise ReportError(f"{place}: empty shortcode")
    options = [word.partition("=") for word in words[1:] if _is_option(word)]
    arguments = tuple(word for word in words[1:] if not _is_option(word))
    return Shortcode(words[0], arguments, {name: value for name, _, value in options}, place)


def _is_option(word: str) -> bool:
    """`fmt=%.1f` is an option; `pfs.km.arm=everolimus.median` is a key with a level in it."""
    return re.match(r"[a-z]+=", word) is not None


def result_handler(context: Context) -> Handler:
    """The handler of `result`: each number in a span that carries its key, format and source.

    Formats are those of `display.numbers.format_result` and of `manuscript.combined`.
    """

    def one(key: str, fmt: str) -> str:
        row = context.row(key)
        try:
            text = format_result(row, fmt)
        except ReportError as error:
            raise ReportError(f"result {key!r}: {error}, {', '.join(COMBINED)}") from error
        about = f"key={attribute(key)} fmt={attribute(fmt)} source={attribute(source_of(row))}"
        return f"[{escaped(text)}]{{.result {about}}}"

    def handle(shortcode: Shortcode) -> str:
        shortcode.only("fmt")
        key, fmt = shortcode.arguments[0], shortcode.options.get("fmt", "%s")
        try:
            several = combined(key, fmt, context, one)
            return one(key, fmt) if several is None else several
        except ReportError as error:
            raise ReportError(f"{shortcode.place}: {error}") from error

    return handle


def source_of(row: Row) -> str:
    """Where a result comes from, in a few words: the rule that made it and its denominator; blank for no result."""
    rule, n = str(row.get("rule", "")), row.get("n")
    return rule if n is None else f"{rule}, n = {n}"


def check_resolved(text: str, name: str) -> None:
    """Raises ReportError naming the line if anything that looks like a shortcode is left."""
    for number, line in enumerate(text.splitlines(), 1):
        if "{{<" in line or ">}}" in line:
            raise ReportError(f"{name}, line {number}: a shortcode was left unresolved: {line.strip()[:80]}")
