"""The whole document from its parts: sections inlined, sentences generated, numbers resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutline.display.marks import mark_of, watermark_of
from cutline.errors import ReportError
from cutline.languages import language_of, with_decimal_sign
from cutline.manuscript import (
    adverse_events,
    appendix,
    declarations,
    findings,
    front_matter,
    literature,
    methods,
    plan,
    supplement,
    title_page,
    variants,
)
from cutline.manuscript.context import Context, nearest
from cutline.manuscript.exhibits import Files, exhibit_handler
from cutline.manuscript.lint.sources import DECLARATIONS, NumberLinter
from cutline.manuscript.markdown import escaped
from cutline.manuscript.quarto_shortcodes import meta_handler, page_break
from cutline.manuscript.shortcodes import Handler, Place, Shortcode, check_resolved, expand, result_handler
from cutline.manuscript.subset import check_subset
from cutline.manuscript.watermark import in_typst

MAIN = "manuscript.qmd"
GENERIC = "generic"
GENERATED_NAME = "generated "
"""How the place of a sentence of the program begins, in messages."""
CITATION_STYLE = "vancouver"
GENERATED: Mapping[str, Callable[[Context], str]] = (
    methods.GENERATED
    | adverse_events.GENERATED
    | findings.GENERATED
    | literature.GENERATED
    | supplement.GENERATED
    | declarations.GENERATED
    | plan.GENERATED
    | title_page.GENERATED
    | appendix.GENERATED
)


@dataclass(frozen=True)
class Sources:
    """The texts and styles of reports/ by their path inside it."""

    files: Mapping[str, Path]

    def text(self, name: str) -> str:
        """The text of a file. Raises ReportError if the job was not given it, or it is not UTF-8."""
        if name not in self.files:
            raise ReportError(f"reports/{name}: missing{nearest(name, self.files)}")
        try:
            return self.files[name].read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ReportError(f"reports/{name}: not UTF-8 text; save it as UTF-8") from error

    def folder(self, name: str) -> dict[str, str]:
        """The texts of the files in that folder, by their name in it."""
        begin = f"{name}/"
        return {path.removeprefix(begin): self.text(path) for path in sorted(self.files) if path.startswith(begin)}


@dataclass(frozen=True)
class Document:
    """The composed document: its YAML head, its body, and what stands at the top of every printed page."""

    head: Mapping[str, Any]
    body: str
    running_title: str = ""
    running_note: str = ""
    citation_style: str = CITATION_STYLE
    watermark: str = ""

    @property
    def text(self) -> str:
        return f"{front_matter.written(self.head)}\n{self.body}"


def gather(paths: Sequence[Path], main: str = MAIN) -> Sources:
    """The sources by their path below the folder of the main file. Raises ReportError without that file."""
    mains = [path for path in paths if path.name == main]
    if len(mains) != 1:
        raise ReportError(f"reports/{main}: expected exactly one among the sources, found {len(mains)}")
    root = mains[0].parent
    return Sources({path.relative_to(root).as_posix(): path for path in paths if path.is_relative_to(root)})


def compose(context: Context, sources: Sources, files: Files, linter: NumberLinter | None = None) -> Document:
    """The document, a plain Quarto file without shortcodes; of a study that is composed again, `linter` is the first's.

    Raises ReportError naming file and line for whatever cannot be resolved, and for a citation that the
    bibliography does not hold.
    """
    layout, body, before = front_matter.split(sources.text(MAIN), f"reports/{MAIN}")
    watermark = watermark_of(context.settings)
    header = in_typst(sources.text("styles/header.typ"), watermark)
    head = front_matter.described(layout, context.settings, header)
    linter = linter or linter_of(context, sources)
    composer = _Composer(context, sources, files, head, linter)
    linter.study()
    linter.head(f"reports/{MAIN}", layout)
    text = composer.expand(f"reports/{MAIN}", "\n" * before + body, ())
    linter.stop()
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    check_resolved(text, MAIN)
    check_citations(text, sources.text("references.bib"))
    running = escaped(str(context.settings["short_title"]))
    style = str(context.settings["report"].get("citation_style", CITATION_STYLE))
    return Document(head, text, running, mark_of(context.settings), style, watermark)


def linter_of(context: Context, sources: Sources) -> NumberLinter:
    """What looks for numbers that were typed by hand into the texts of this study."""
    return NumberLinter(context.settings, sources.text(DECLARATIONS))


class _Composer:
    """Expands the shortcodes of a section, and of what it includes."""

    def __init__(
        self, context: Context, sources: Sources, files: Files, head: Mapping[str, Any], linter: NumberLinter
    ) -> None:
        self.context, self.sources, self.linter = context, sources, linter
        self.inline: dict[str, Handler] = {"result": result_handler(context), "study": _study_handler(context),
                                           "trial": literature.trial_handler(context), "meta": meta_handler(head),
                                           "pagebreak": page_break}  # fmt: skip
        self.exhibits = {kind: exhibit_handler(kind, context, files) for kind in ("figure", "table")}

    def expand(self, name: str, text: str, within: tuple[Place, ...]) -> str:
        handlers = self.inline | self.exhibits
        for kind, handle in (("section", self._section), ("include", self._include), ("generated", self._generated)):
            handlers[kind] = self._nested(handle, within)
        handlers["variant"] = self._nested(self._variant, within, "of")
        of_program = name.startswith(GENERATED_NAME)
        check_subset(text, name, of_program=of_program)
        lint = self.linter.generated if of_program else self.linter.section
        lint(name, text)
        return expand(text, name, handlers, within)

    def _nested(
        self, handle: Callable[[Shortcode], tuple[str, str]], within: tuple[Place, ...], *options: str
    ) -> Handler:
        """A handler whose text holds shortcodes itself."""

        def nested(shortcode: Shortcode) -> str:
            shortcode.only(*options)
            name, text = handle(shortcode)
            if name in shortcode.place.names:
                raise ReportError(f"{shortcode.place}: {name} includes itself")
            return self.expand(name, text, (*within, shortcode.place)).strip("\n")

        return nested

    def _section(self, shortcode: Shortcode) -> tuple[str, str]:
        folder = str(self.context.settings["report"]["sections"])
        name, language = shortcode.arguments[0], language_of(self.context.settings)
        wanted = [f"sections/{place}/{name}{end}.qmd" for place in (folder, GENERIC) for end in (f".{language}", "")]
        found = next((each for each in wanted if each in self.sources.files), None)
        if found is None:
            raise ReportError(f"{shortcode.place}: none of {', '.join(wanted)} exists in reports/")
        return f"reports/{found}", self.sources.text(found)

    def _include(self, shortcode: Shortcode) -> tuple[str, str]:
        folder = shortcode.place.name.removeprefix("reports/").rpartition("/")[0]
        name = f"{folder}/{shortcode.arguments[0]}".lstrip("/")
        if name not in self.sources.files:
            raise ReportError(f"{shortcode.place}: reports/{name} does not exist{nearest(name, self.sources.files)}")
        return f"reports/{name}", self.sources.text(name)

    def _variant(self, shortcode: Shortcode) -> tuple[str, str]:
        """The wording that the results choose; all of them are linted, since the next cut may choose another."""
        folders = dict.fromkeys((str(self.context.settings["report"]["sections"]), GENERIC))
        stem, end = variants.VARIANTS.split(".")
        language = language_of(self.context.settings)
        names = [
            f"sections/{folder}/{each}" for folder in folders for each in (f"{stem}.{language}.{end}", f"{stem}.{end}")
        ]
        files = [(f"reports/{name}", self.sources.text(name)) for name in names if name in self.sources.files]
        name, of = shortcode.arguments[0], shortcode.options.get("of", "")
        try:
            file, variant = variants.find(name, files)
            case = variants.chosen(variant, of, self.context)
        except ReportError as error:
            raise ReportError(f"{shortcode.place}: {error}") from error
        texts = {case: text.replace("{of}", of) for case, text in variants.texts(variant).items()}
        for each, text in texts.items():
            self.linter.section(f"{file}, {name}.{each}", text)
        return f"{file}, {name}.{case}", texts[case]

    def _generated(self, shortcode: Shortcode) -> tuple[str, str]:
        name = shortcode.arguments[0]
        if name not in GENERATED:
            raise ReportError(f"{shortcode.place}: nothing is generated under {name!r}{nearest(name, GENERATED)}")
        return f"{GENERATED_NAME}{name}", GENERATED[name](self.context)


def _study_handler(context: Context) -> Handler:
    """The handler of `study`: a text or number of the study's configuration, by its path in study.yaml."""

    def handle(shortcode: Shortcode) -> str:
        shortcode.only()
        value: Any = context.settings
        for step in shortcode.arguments[0].split("."):
            if not isinstance(value, Mapping) or step not in value:
                hint = nearest(step, value) if isinstance(value, Mapping) else ""
                raise ReportError(f"{shortcode.place}: the study has no {shortcode.arguments[0]!r}{hint}")
            value = value[step]
        if isinstance(value, Mapping | list):
            raise ReportError(
                f"{shortcode.place}: {shortcode.arguments[0]!r} of the study is not a single text or number"
            )
        return escaped(with_decimal_sign(f"{value:g}") if isinstance(value, float) else str(value))

    return handle


# ── citations ────────────────────────────────────────────────────────────────────────────────

_CITATION = re.compile(r"(?<![\w\\.])-?@(\{[^}]+\}|[A-Za-z0-9_][\w:.#$%&+?<>~/-]*\w)")
_ENTRY = re.compile(r"^@\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_CROSS_REFERENCE = re.compile(r"^(fig|tbl|eq|sec)-", re.IGNORECASE)


def check_citations(text: str, bibliography: str, name: str = MAIN) -> None:
    """Raises ReportError for a citation without an entry, or a cross-reference without its label."""
    keys = set(_ENTRY.findall(bibliography))
    labels = set(re.findall(r"\{#([\w-]+)", text))
    for number, line in enumerate(text.splitlines(), 1):
        for cited in (found.strip("{}") for found in _CITATION.findall(line)):
            known = labels if _CROSS_REFERENCE.match(cited) else keys
            wanted = cited[:1].lower() + cited[1:] if known is labels else cited
            if wanted not in known:
                where = (
                    "no figure, table, equation or section has that label"
                    if known is labels
                    else "reports/references.bib has no such entry"
                )
                raise ReportError(f"{name}, line {number}: @{cited}: {where}{nearest(wanted, known)}")
