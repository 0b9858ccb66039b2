"""Results of several numbers under one format, and wordings that the results choose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cutline.ard import result, results_table
from cutline.display.lookup import index_results
from cutline.errors import ReportError
from cutline.manuscript.compose import compose
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import exhibit_files
from cutline.manuscript.shortcodes import expand, result_handler
from cutline.manuscript.variants import chosen, find, read_variants
from tests.unit.test_manuscript import ROOT, Sources, context, exhibits, real_sources, settings

ROWS = [
    result("response.orr.n", 40, n=70), result("response.orr.percent", 57.142857, n=70, unit="percent"),
    result("response.orr.lower", 44.74, unit="percent"), result("response.orr.upper", 68.91, unit="percent"),
    result("few.n", 3, n=17), result("few.percent", 17.6470, n=17, unit="percent"),
    result("nobody.n", 0, n=0), result("nobody.percent", None, n=0, unit="percent", note="nobody"),
    result("pfs.km.median", 6.57), result("pfs.km.median_lower", 5.59), result("pfs.km.median_upper", 7.61),
    result("os.km.median", 22.6), result("os.km.median_lower", 11.9), result("os.km.median_upper", None, note="open"),
    result("rfs.km.median", None, note="x"), result("rfs.km.median_lower", None), result("rfs.km.median_upper", None),
    result("baseline.age.median", 52.0), result("baseline.age.min", 31.0), result("baseline.age.max", 78.0),
    result("baseline.age.q1", 46.0), result("baseline.age.q3", 60.25), result("no_interval.hr", 1.0),
    result("difference.risk_difference", -4.0), result("difference.risk_difference_lower", -9.0),
    result("difference.risk_difference_upper", 1.0),
    result("a.hr", 0.7), result("a.lower", 0.5), result("a.upper", 0.9),
    result("b.hr", 1.0), result("b.lower", 0.8), result("b.upper", 1.2), result("c.hr", 2.0), result("c.lower", 1.1),
    result("c.upper", 3.0), result("d.hr", None), result("d.lower", None), result("d.upper", None),
    result("small.p", 0.049), result("exact.p", 0.05), result("large.p", 0.2), result("none.p", None),
    result("one.n", 1),
]  # fmt: skip
RESULTS = Context(settings(), index_results([results_table(ROWS, "made_by_hand")]))


def printed(key: str, fmt: str) -> str:
    text = expand(f'{{{{< result "{key}" fmt="{fmt}" >}}}}', "a.qmd", {"result": result_handler(RESULTS)})
    return re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", text)


# ── several numbers ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("key", "fmt", "text"),
    [
        ("response.orr", "n (percent)", "40 (57.1%)"),
        ("few", "n (percent)", "3 (18%)"),
        ("nobody", "n (percent)", "0"),
        ("pfs.km.median", "interval", "95% CI 5.59–7.61"),
        ("pfs.km.median", "interval %.1f", "95% CI 5.6–7.6"),
        ("pfs.km.median", "%.1f (interval)", "6.6 (95% CI 5.59–7.61)"),
        ("pfs.km.median", "%.1f (interval %.1f)", "6.6 (95% CI 5.6–7.6)"),
        ("response.orr.percent", "percent (interval)", "57.1% (95% CI 44.7%–68.9%)"),
        ("os.km.median", "%.1f (interval)", "22.6 (95% CI 11.90 to not estimable)"),
        ("rfs.km.median", "%.1f (interval)", "not estimable (95% CI not estimable)"),
        ("difference.risk_difference", "interval %.1f", "95% CI \u22129.0 to 1.0"),
        ("baseline.age", "range", "31.0–78.0"),
        ("baseline.age", "%.0f (range)", "52 (31.0–78.0)".replace("31.0–78.0", "31–78")),
        ("baseline.age", "%.1f (quartiles)", "52.0 (46.0–60.3)"),
    ],
)
def test_numbers_that_belong_together_are_printed_together(key: str, fmt: str, text: str) -> None:
    assert printed(key, fmt) == text


def test_every_number_of_them_is_a_look_up_of_its_own() -> None:
    text = expand('{{< result response.orr fmt="n (percent)" >}}', "a.qmd", {"result": result_handler(RESULTS)})
    assert re.findall(r'key="([^"]*)" fmt="([^"]*)"', text) == [
        ("response.orr.n", "%d"),
        ("response.orr.percent", "%.1f"),
    ]


def test_the_level_of_the_interval_is_the_studys() -> None:
    statistics = settings()["statistics"] | {"conf_level": 0.9}
    other = Context(settings(statistics=statistics), RESULTS.results)
    text = expand('{{< result pfs.km.median fmt="interval" >}}', "a.qmd", {"result": result_handler(other)})
    assert text.startswith("90% CI ")


@pytest.mark.parametrize(
    ("key", "fmt", "said"),
    [
        ("response.or", "n (percent)", r"a\.qmd, line 1: unknown result key 'response\.or\.percent'; the nearest"),
        ("no_interval.hr", "interval", r"a\.qmd, line 1: result 'no_interval\.hr': there is no interval of it"),
        ("baseline.age", "ranges", r"a\.qmd, line 1: unknown result key 'baseline\.age'"),
        ("pfs.km.median", "%.1f (interval", r"number format .* is unknown; use one of .*n \(percent\), interval"),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_so_is_named_with_its_place(key: str, fmt: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        printed(key, fmt)


# ── variants ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cases", "of", "case"),
    [
        ("against: level, below: x, at_least: x", "small.p", "below"),
        ("against: level, below: x, at_least: x", "exact.p", "at_least"),
        ("against: level, below: x, at_least: x", "large.p", "at_least"),
        ("against: level, below: x, at_least: x", "none.p", "not_estimable"),
        ("against: 0.2, below: x, equal: x, above: x", "large.p", "equal"),
        ("against: os.km.median, below: x, equal: x, above: x", "pfs.km.median", "below"),
        ("against: pfs.km.median, below: x, equal: x, above: x", "os.km.median", "above"),
        ("against: rfs.km.median, below: x, equal: x, above: x", "os.km.median", "not_estimable"),
        ("against: 1, interval_below: x, interval_includes: x, interval_above: x", "a.hr", "interval_below"),
        ("against: 1, interval_below: x, interval_includes: x, interval_above: x", "b.hr", "interval_includes"),
        ("against: 1, interval_below: x, interval_includes: x, interval_above: x", "c.hr", "interval_above"),
        ("against: 1, interval_below: x, interval_includes: x, interval_above: x", "d.hr", "not_estimable"),
        ("none: x, one: x, more: x", "nobody.n", "none"),
        ("none: x, one: x, more: x", "one.n", "one"),
        ("none: x, one: x, more: x", "few.n", "more"),
    ],
)
def test_the_results_choose_the_case(cases: str, of: str, case: str) -> None:
    variant = read_variants(f'a: {{of: "{{of}}", {cases}, not_estimable: x}}', "variants.yaml")["a"]
    assert chosen(variant, of, RESULTS) == case


@pytest.mark.parametrize(
    "spec",
    [
        "{of: a.p, against: level, below: x, at_least: x}",
        "{of: a.p, against: level, below: x, not_estimable: x}",
        "{against: level, below: x, at_least: x, not_estimable: x}",
        "{of: a.p, below: x, at_least: x, not_estimable: x}",
        "{of: a.n, against: 1, none: x, one: x, more: x, not_estimable: x}",
        "{of: a.p, against: level, below: x, at_least: x, else: x, not_estimable: x}",
        "text",
    ],
)
def test_a_variant_that_leaves_a_case_out_is_refused(spec: str) -> None:
    with pytest.raises(ReportError, match=r"variants\.yaml: variant 'a': "):
        read_variants(f"a: {spec}", "variants.yaml")


def test_a_variant_of_the_study_comes_before_that_of_all_studies() -> None:
    own, generic = ("a: {of: x.n, none: own, one: '', more: '', not_estimable: ''}", "own"), ("own", "generic")
    both = [(own[1], own[0]), (generic[1], own[0].replace("own", "generic"))]
    assert find("a", both)[1]["none"] == "own"
    with pytest.raises(ReportError, match=r"there is no variant 'b'; the nearest is 'a'|there is no variant 'b'"):
        find("b", both)


def composed(tmp_path: Path, section: str, variants: str, p: float = 0.2) -> str:
    files = {path.relative_to(ROOT / "reports").as_posix(): path for path in real_sources()}
    for name, text in (
        ("introduction.qmd", f"# Introduction {{#sec-introduction}}\n\n{section}\n"),
        ("variants.yaml", variants),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        files[f"sections/generic/{name}"] = tmp_path / name
    made_up = context(p=p)
    return compose(made_up, Sources(files), exhibit_files(*exhibits(made_up.settings, tmp_path / "x"))).text


GROUPS = """groups:
  of: "{of}.p"
  against: level
  below: differed ({{< result "{of}.p" fmt="p_statement" >}})
  at_least: 'were alike: MORE'
  not_estimable: ''
"""


def test_a_variant_stands_in_its_sentence_with_its_numbers_looked_up(tmp_path: Path) -> None:
    text = composed(tmp_path, "The groups {{< variant groups of=pfs.logrank >}}.", GROUPS)
    assert 'The groups differed ([p\u00a0=\u00a00.034]{.result key="pfs.logrank.p"' in text


def test_every_case_is_linted_and_not_only_the_one_that_is_printed(tmp_path: Path) -> None:
    with pytest.raises(
        ReportError, match=r"sections/generic/variants\.yaml, groups\.at_least, line 1, column \d+: “70”"
    ):
        composed(tmp_path, "{{< variant groups of=pfs.logrank >}}", GROUPS.replace("MORE", "70 patients"))


def test_an_unknown_variant_or_result_is_named_with_the_line_of_the_section(tmp_path: Path) -> None:
    where = r"introduction\.qmd, line 3 \(asked for by .*\): "
    with pytest.raises(ReportError, match=where + "there is no variant 'group'; the nearest is 'groups'"):
        composed(tmp_path, "{{< variant group >}}", GROUPS)
    with pytest.raises(ReportError, match=where + r"unknown result key 'pfs\.lograng\.p'; the nearest is"):
        composed(tmp_path, "{{< variant groups of=pfs.lograng >}}", GROUPS)


def test_variants_shipped_with_the_sections_are_whole() -> None:
    for path in (ROOT / "reports/sections").glob("*/variants.yaml"):
        assert read_variants(path.read_text(encoding="utf-8"), path.name)
