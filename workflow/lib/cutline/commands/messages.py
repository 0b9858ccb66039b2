"""`cutline messages`: a language's catalogue of the program's sentences, brought up to date with the code."""

from __future__ import annotations

import argparse
from pathlib import Path

from cutline.audit.cut import project_root
from cutline.commands.terminal import say

HELP = "bring the catalogue of a language up to date with the sentences of the program"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("language", help="code of the language (ISO 639-1), such as tr; a new one begins a catalogue")


def run(arguments: argparse.Namespace) -> int:
    """Write the catalogue and print how many messages wait for a translation; returns 0."""
    from cutline.languages.catalogues import untranslated, updated  # Babel takes a while to load

    file = project_root(Path.cwd()) / "workflow" / "lib" / "cutline" / "languages" / f"{arguments.language}.po"
    text = updated(arguments.language, file.read_text(encoding="utf-8") if file.is_file() else "")
    file.write_text(text, encoding="utf-8", newline="\n")
    say(f"{file.name}: {len(untranslated(text))} messages wait for a translation.")
    return 0
