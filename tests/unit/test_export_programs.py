"""The programs beside the data: what they name is there, what they open they close, whatever the study's words are."""

import re
import subprocess

import pandas as pd
import pytest

from cutline.exports.plan import plan_of
from cutline.exports.programs import program
from cutline.exports.r_program import r_text
from cutline.exports.sas_program import sas_text
from cutline.exports.spss_program import spss_text
from tests.unit.exports_study import AWKWARD, exported, settings

SPSS_WORDS = """
A8 AGGREGATE AND ANY BETA BREAK BY CASES CATEGORICAL CI COMPARE COMPUTE CONTRAST COXREG DESCRIPTIVES ENTER
EXAMINE EXECUTE EXP F12 FILE FILES FORMAT FORMATS FREQUENCIES GET HAVERAGE IDF IF INDICATOR KM LABELS LIST LN
LOGRANK MATCH MAX MAXIMUM MEAN METHOD MIN MINIMUM MISSING N NONE NOTABLE OFF OR OUTFILE OVERALL PERCENTILES
PLOT POOLED PRINT RECODE RTRIM SAVE SE SELECT SEPARATE SORT SPLIT STATISTICS STATUS STDDEV STRING SUM SURVIVAL
SYSMIS TABLE TEST VALUE VARIABLE VARIABLES WITH
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return exported(tmp_path_factory.mktemp("exports"))


def columns(files):
    described = pd.read_csv(files["definition"], keep_default_na=False)
    return set(described["variable"])


# ── SPSS ─────────────────────────────────────────────────────────────────────────────────────


def spss_commands(text):
    """The commands without comments: each ends with a full stop at the end of a line."""
    lines = [line for line in text.splitlines() if line and not line.startswith("*")]
    found = re.split(r"\.\n", "\n".join(lines) + "\n")
    assert found.pop() == "", "the last command has no end"
    return found


def without_strings(text):
    return re.sub(r"'(?:[^']|'')*'", "''", text)


def made_by_spss(commands):
    """Variables that the program makes itself."""
    text = without_strings("\n".join(commands))
    made = re.findall(
        r"(?:COMPUTE|STRING|IF \(.*?\)+) (\w+) ?[=(]|/(\w+)=(?:MAX|MIN|SUM|N\b)|(?:SURVIVAL|SE)\((\w+)\)", text
    )
    return {name for names in made for name in names if name}


def test_spss_program_names_only_columns_that_are_there_or_that_it_makes(files):
    commands = spss_commands(files["program_sav"].read_text(encoding="utf-8"))
    words = set(re.findall(r"\b[A-Z][A-Z0-9]*\b", without_strings("\n".join(commands))))
    assert words - set(SPSS_WORDS.split()) - columns(files) - made_by_spss(commands) == set()


def test_spss_commands_have_balanced_quotes_and_brackets_and_no_comment_opens_a_string(files):
    text = files["program_sav"].read_text(encoding="utf-8")
    for command in spss_commands(text):
        bare = without_strings(command)
        assert bare.replace("''", "").count("'") == 0, command
        assert bare.count("(") == bare.count(")"), command
    comments = [line for line in text.splitlines() if line.startswith("*")]
    assert [line for line in comments if "'" in line or not line.endswith(".")] == []


def test_spss_compares_with_the_reference_level_even_if_its_code_is_not_the_first(files):
    text = files["program_sav"].read_text(encoding="utf-8")
    assert "RECODE ARMN (2=-1)." in text
    assert "/CONTRAST(ARMN)=INDICATOR(1)" in text


def test_spss_program_says_where_its_interval_or_its_ties_are_not_those_of_the_report(tmp_path):
    other = settings()["statistics"] | {"median_interval": "log", "ties": "efron"}
    text = exported(tmp_path, statistics=other)["program_sav"].read_text(encoding="utf-8")
    assert "by Brookmeyer and Crowley (log)" in text
    assert "Efron’s method; COXREG knows Breslow’s only" in text


# ── SAS ──────────────────────────────────────────────────────────────────────────────────────


def sas_code(files):
    """The program without what stands in quotes and in comments."""
    text = without_strings(files["program_xpt"].read_text(encoding="utf-8"))
    assert "'" not in text.replace("''", "")
    assert text.count("/*") == text.count("*/")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_sas_program_names_only_columns_that_are_there(files):
    """What is the study's own stands in capitals; words of SAS do not."""
    words = set(re.findall(r"\b[A-Z][A-Z0-9]+\b", sas_code(files)))
    arguments = set(re.findall(r"%persons_of\((\w+)\)", sas_code(files)))
    assert words - columns(files) - arguments == set()
    assert arguments == {"OS", "PFS"}


def test_sas_steps_macros_and_brackets_are_closed(files):
    code = sas_code(files)
    opened = len(re.findall(r"\b(?:proc (?!sql)|data (?!=))\w", code))
    assert opened == len(re.findall(r"\brun;", code))
    assert code.count("proc sql") == code.count("quit;") > 1
    assert len(re.findall(r"%macro (\w+)", code)) == code.count("%mend;") == 3
    assert len(re.findall(r"\bdo;", code)) == len(re.findall(r"\bend;", code))
    assert code.count("(") == code.count(")")


def test_sas_formats_are_defined_before_they_are_used_and_do_not_end_in_a_digit(files):
    code = sas_code(files)
    used = set(re.findall(r"format \w+ (\w+)\.", code))
    assert used
    assert used <= set(re.findall(r"value (\w+) ", code))
    assert all(name[-1].isalpha() for name in used)


@pytest.mark.parametrize(("interval", "expected"), [("log-log", "conftype=loglog"), ("plain", "conftype=linear"),
                                                     ("spss", "%spss_median(")])  # fmt: skip
def test_sas_uses_the_convention_in_force(tmp_path, interval, expected):
    chosen = settings()["statistics"] | {"median_interval": interval, "survival_interval": "log"}
    assert expected in exported(tmp_path, statistics=chosen)["program_xpt"].read_text(encoding="utf-8")


# ── what they share ──────────────────────────────────────────────────────────────────────────


def test_quotes_are_doubled_and_line_breaks_become_spaces():
    assert spss_text(AWKWARD) == sas_text(AWKWARD) == "'It''s 100 % \"öyle\"; */ İğneli ilaç.'"
    assert r_text('a "b" \\ c') == r'"a \"b\" \\ c"'


def test_programs_name_no_folder(files):
    text = "".join(files[f"program_{suffix}"].read_text(encoding="utf-8") for suffix in ("csv", "sav", "xpt"))
    assert not re.search(r"(?:^|[\s'\"])(?:/\w+/|[A-Za-z]:\\|~/)", text)


def test_a_field_that_nothing_fills_is_an_error_and_not_a_gap(files):
    with pytest.raises(KeyError, match="no_such_field"):
        program("csv", "{{no_such_field}}", settings(), plan_of(settings(), deaths=True))


@pytest.mark.needs("R with survival")
def test_r_reads_what_others_wrote_and_knows_what_cannot_be_estimated(tmp_path):
    """Four persons of whom two died, a level without persons in the model, a grade that is not recorded."""
    for name, file in exported(tmp_path).items():
        suffix = {"program_csv": "tables.R"}.get(name, name.replace("_csv", ".csv"))
        file.rename(tmp_path / suffix)
    subprocess.run(["Rscript", "tables.R"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    found = pd.read_csv(tmp_path / "tables_from_R.csv", index_col="key")["value"]
    known = {
        "os.events": 2, "os.km.median": 61 / 30.4375, "baseline.arm.missing": 1, "baseline.arm=a.age.median": 60.25,
        "response.orr.percent": 25, "safety.term.rash.n": 2, "safety.treatment_related_deaths.n": None,
        "safety.grade_3_or_4.n": 1, "os.cox.univariable.arm.a.hr": None, "os.cox.multivariable.n": 2,
    }  # fmt: skip
    assert {key: None if pd.isna(found[key]) else found[key] for key in known} == pytest.approx(known)
