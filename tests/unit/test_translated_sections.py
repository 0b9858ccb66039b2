"""A section in another language asks for the same numbers, exhibits and sentences, under the same labels."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from cutline.manuscript.lengths import lengths_of

SECTIONS = Path(__file__).parents[2] / "reports" / "sections"
TRANSLATED = sorted(SECTIONS.glob("*/*.tr.qmd"))
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
CITED = re.compile(r"\[(@[^\]]*)\]")


def english(path: Path) -> Path:
    return path.with_name(path.name.replace(".tr.", "."))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_translated_section_holds_the_same_shortcodes_citations_and_labels(path: Path) -> None:
    there, here = text(english(path)), text(path)
    for pattern in (SHORTCODE, CITED, re.compile(r"@(?:fig|tbl|sec)-[\w-]+")):
        assert Counter(pattern.findall(here)) == Counter(pattern.findall(there))
    labels = set(re.findall(r"^#+ .*\{#(sec-[\w-]+)", there, re.M))
    unnumbered = {f"sec-{title.lower()}" for title in re.findall(r"^# (\w+) \{\.unnumbered\}$", there, re.M)}
    assert set(re.findall(r"^#+ .*\{#(sec-[\w-]+)", here, re.M)) == labels | unnumbered


@pytest.mark.parametrize("path", sorted(SECTIONS.glob("*/*.qmd")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_section_with_words_of_its_own_is_there_in_turkish(path: Path) -> None:
    words = re.search(r"[^\W\d_]", SHORTCODE.sub("", text(path)))
    assert ".tr." in path.name or not words or path.with_suffix(".tr.qmd").is_file()


@pytest.mark.parametrize("path", sorted(SECTIONS.glob("*/variants.tr.yaml")), ids=lambda path: path.parent.name)
def test_translated_variants_have_the_same_cases_with_the_same_results(path: Path) -> None:
    there, here = yaml.safe_load(text(english(path))), yaml.safe_load(text(path))
    assert list(here) == list(there)
    for name, variant in there.items():
        assert list(here[name]) == list(variant)
        assert [SHORTCODE.findall(str(each)) for each in here[name].values()] == [
            SHORTCODE.findall(str(each)) for each in variant.values()
        ]


@pytest.mark.parametrize("path", [*TRANSLATED, *SECTIONS.glob("*/variants.tr.yaml")],
                         ids=lambda path: f"{path.parent.name}-{path.name}")  # fmt: skip
def test_no_suffix_follows_a_number_that_is_looked_up(path: Path) -> None:
    """`{{< result … >}}'inde` would be right for one value and wrong for the next."""
    assert re.findall(r">\}\}['’]?\w+", text(path)) == []


def test_lengths_are_counted_by_the_labels_of_sections_in_any_language() -> None:
    body = (
        "# Özet {#sec-abstract .unnumbered}\n\nİki sözcük.\n\n# Giriş {#sec-introduction}\n\nBurada üç sözcük\n\n"
        "# Beyanlar {#sec-declarations .unnumbered}\n\nSayılmaz.\n"
    )
    assert (lengths_of(body).abstract, lengths_of(body).text) == (2, 3)
