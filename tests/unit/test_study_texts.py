"""A study brings its texts in the language of its report, all of them, and nothing but texts changes."""

import re
import shutil
from pathlib import Path

import pytest

from cutline.configuration import nearest, read_yaml
from cutline.contradictions import contradictions
from cutline.errors import ConfigError
from cutline.study import load_published, load_study
from cutline.study_rules import SPEAKING, settings_for
from cutline.study_texts import COMPARED, OTHERS, PUBLISHED, SHOWN, texts_in, translated

ROOT = Path(__file__).parents[2]
STUDIES = sorted(path.parent.name for path in ROOT.glob("config/studies/*/study.yaml"))
TURKISH = {"language": "tr"}
SIGN = "‡"


@pytest.fixture
def project(tmp_path):
    for part in ("config", "reports"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def texts_of(root, study="gbsg2"):
    return load_study(root, {"study": study, "report": TURKISH})["report"].get("texts", {})


def leaves(value, place=()):
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*place, name))
    else:
        yield place, value


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_of_the_repository_has_its_texts_in_turkish(study):
    loaded = load_study(ROOT, {"study": study, "report": TURKISH})
    assert set(texts_in(loaded, SHOWN)) <= set(loaded["report"]["texts"])


@pytest.mark.parametrize("study", STUDIES)
def test_translated_settings_differ_in_texts_and_nowhere_else(study):
    """Same places in the same order; what differs is a text; references between the parts still hold."""
    given = load_study(ROOT, {"study": study})
    known = [*texts_in(given, SHOWN), *texts_in(given, OTHERS)]
    told = translated(given, {text: text + SIGN for text in known})
    before, after = dict(leaves(given)), dict(leaves(told))
    assert list(before) == list(after)
    changed = {place: text for place, text in before.items() if after[place] != text}
    assert set(changed.values()) == set(known)
    assert all(after[place] == f"{text}{SIGN}" for place, text in changed.items())
    assert not [place for place, text in changed.items() if text.replace(".", "").isdigit()]
    if "literature" not in given:  # study.yaml's own form is checked, which names trials and does not hold them
        assert list(contradictions(told, ROOT)) == list(contradictions(given, ROOT)) == []


@pytest.mark.parametrize("study", STUDIES)
def test_codes_keys_and_names_of_tables_are_no_texts(study):
    given = load_study(ROOT, {"study": study})
    marked = [text + SIGN for text in dict.fromkeys([*texts_in(given, SHOWN), *texts_in(given, OTHERS)])]
    told = translated(given, {text.removesuffix(SIGN): text for text in marked})
    logic = {"id", "kind", "derive", "table", "date", "value", "drug", "atc", "inputs", "from", "to", "anchor", "key",
             "printed", "cut", "arm", "endpoint", "statistic", "cut_points", "path", "style", "required"}  # fmt: skip
    changed = [place for place, text in leaves(told) if SIGN in str(text)]
    named = [[name for name in place if isinstance(name, str)] for place in changed]
    assert [place for place in named if place[-1] in logic or "where" in place] == []
    for part in ("checklists", "simulate", "lines", "statistics", "models", "comparisons"):
        assert told.get(part) == given.get(part)


@pytest.mark.parametrize("study", STUDIES)
def test_only_steps_that_speak_to_readers_are_given_the_translation(study):
    given, told = load_study(ROOT, {"study": study}), load_study(ROOT, {"study": study, "report": TURKISH})
    for rule in ("derive_covariates", "select_cohort", "estimate_survival", "fit_cox", "write_exports"):
        assert settings_for(told, rule) == settings_for(given, rule)
    label = next(iter(given["endpoints"].values()))["label"]
    for rule in set(SPEAKING) - {"draw_patients"}:
        shown = next(iter(settings_for(told, rule)["endpoints"].values()))["label"]
        assert shown == told["report"]["texts"][label] != label


@pytest.mark.parametrize("study", STUDIES)
def test_numbers_in_a_text_are_those_of_its_translation(study):
    """A comma for the decimal point and `%` before the number are all that may differ."""
    odd = {text: said for text, said in texts_of(ROOT, study).items() if numbers_in(text) != numbers_in(said)}
    assert odd == {}


def numbers_in(text):
    return sorted(re.findall(r"\d+(?:\.\d+)*", re.sub(r"(?<=\d),(?=\d)", ".", text)))


def test_a_text_that_is_not_translated_is_told_with_its_file_line_and_words(project):
    path = project / "config/studies/gbsg2/texts.tr.yaml"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("Tumour grade:")]
    path.write_text("\n".join(kept), encoding="utf-8")
    study = project / "config/studies/gbsg2/study.yaml"
    line = next(
        number for number, text in enumerate(study.read_text().splitlines(), 1) if "label: Tumour grade" in text
    )
    with pytest.raises(ConfigError) as fault:
        texts_of(project)
    assert str(fault.value) == f"{study}, line {line}: 'Tumour grade' is not translated; add it to {path}"


def test_a_text_that_the_study_does_not_have_is_told_with_its_file_line_and_the_nearest(project):
    path = project / "config/studies/gbsg2/texts.tr.yaml"
    line = len(path.read_text(encoding="utf-8").splitlines()) + 1
    path.write_text(path.read_text(encoding="utf-8") + "Tumor grade: Tümör derecesi\n", encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        texts_of(project)
    told = f"{path}, line {line}: 'Tumor grade': the study has no such text; did you mean 'Tumour grade'?"
    assert str(fault.value) == told


@pytest.mark.parametrize("line", ["Age:", "Age: ''", "Age: [Yaş]"])
def test_a_translation_that_is_none_is_told(project, line):
    path = project / "config/studies/gbsg2/texts.tr.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Age: Yaş", line), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"texts\.tr\.yaml, line \d+: 'Age': expected its translation, found none"):
        texts_of(project)


def test_a_file_that_is_no_mapping_is_told(project):
    (project / "config/studies/gbsg2/texts.tr.yaml").write_text("- Yaş\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"texts\.tr\.yaml, line 1: found no mapping"):
        texts_of(project)


def test_a_study_written_in_the_language_of_its_report_needs_no_texts(project):
    (project / "config/studies/gbsg2/texts.tr.yaml").unlink()
    assert texts_of(project) == {}


def test_a_report_in_english_does_not_read_the_file(project):
    (project / "config/studies/gbsg2/texts.tr.yaml").write_text("Nothing: of this\n", encoding="utf-8")
    assert "texts" not in load_study(project, {"study": "gbsg2"})["report"]


@pytest.mark.parametrize("study", STUDIES)
def test_what_may_be_translated_and_need_not_is_known(study):
    """A file of texts may hold what the literature says and where published values stand."""
    loaded = load_study(ROOT, {"study": study})
    may = {*texts_in(loaded, [*OTHERS, *COMPARED]), *texts_in(load_published(ROOT, study), PUBLISHED)}
    texts, _ = read_yaml(ROOT / "config/studies" / study / "texts.tr.yaml")
    assert set(texts) <= may | set(texts_in(loaded, SHOWN)), [nearest(text, sorted(may)) for text in texts]
