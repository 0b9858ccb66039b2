"""What each line is: regimen, class, start, end and maintenance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cutline.lines.courses import FOREVER, TABLE, Courses, DrugGroups, Rules
from cutline.lines.numbering import Numbered
from cutline.records import joined, only, places_of

SETTING = "metastatic"
NEXT_LINE = "next line"
OTHER = "other"
DRUG_SEPARATOR = " + "
RECORD_SEPARATOR = ";"


def described(courses: Courses, numbers: Numbered, rules: Rules) -> pd.DataFrame:
    """One row per line, in the columns of `LINES`, by person and line."""
    parts = _parts(courses, numbers, rules)
    lines = _first_records(parts)
    lines["recorded_line"] = _recorded(parts)
    lines["next_start"] = lines.groupby("person")["start"].shift(-1, fill_value=FOREVER)
    lines["stop"] = np.minimum(parts.groupby("id")["stop"].max(), lines["next_start"] - 1)
    lines.loc[lines["next_start"] == FOREVER, "stop"] = parts.groupby("id")["stop"].max()
    lines["stop_reason"] = _stop_reasons(parts, lines, rules)
    lines["regimen"], lines["atc"] = (_distinct(parts, column) for column in ("drug_id", "atc"))
    lines["class"] = _classes(parts, lines, rules)
    lines["records"] = joined(parts[parts["starts"]].set_index("id")["record_id"], RECORD_SEPARATOR)
    lines = lines.join(_maintenance(parts, lines, rules))
    start, stop, maintained = (_dates(lines[name]) for name in ("start", "stop", "maintained"))
    return lines.assign(
        setting=SETTING, start_date=start, stop_date=stop, maintenance_start=maintained,
        source_table=TABLE, source_record_id=lines["record_id"], source_date=start,
    )  # fmt: skip


def _parts(courses: Courses, numbers: Numbered, rules: Rules) -> pd.DataFrame:
    """One row per line and course in it, by line and start; `starts`: the course began in this line."""
    rows = np.concatenate([np.arange(courses.size), numbers.carried])
    line = np.concatenate([numbers.line, numbers.carried_into])
    table = courses.table[["record_id", "patient_id", "setting_basis", "line", "atc", "drug_id", "stop_reason"]]
    parts = table.rename(columns={"line": "recorded_line"}).iloc[rows].reset_index(drop=True)
    parts = parts.assign(person=courses.person[rows], number=line, start=courses.start[rows], stop=courses.stop[rows],
                         starts=np.arange(len(rows)) < courses.size)  # fmt: skip
    # A drug that replaced another of its class is the same part of the regimen.
    parts["part"] = np.where(courses.switch[rows] >= 0, -1 - courses.switch[rows], courses.drug[rows])
    groups = DrugGroups(parts.rename(columns={"drug_id": "drug"}), rules["drugs"])
    for name in _groups_of_classes(rules):
        parts[_column(name)] = groups.of(name)
    parts["id"] = np.unique(parts["person"] * (line.max() + 1) + line, return_inverse=True)[1]
    return parts.sort_values("id", kind="stable", ignore_index=True)


def _first_records(parts: pd.DataFrame) -> pd.DataFrame:
    """One row per line, index id: the record that starts it."""
    first = parts[parts["starts"]].drop_duplicates("id").set_index("id")
    return first[["record_id", "patient_id", "setting_basis", "person", "start", "number"]].rename(
        columns={"number": "line"}
    )


def _recorded(parts: pd.DataFrame) -> pd.Series:
    """The first recorded number of each line that differs from the derived one, else the first."""
    named = parts[parts["starts"] & parts["recorded_line"].notna()]
    differs = (named["recorded_line"] != named["number"]).astype(bool)
    return pd.concat([named[differs], named[~differs]]).drop_duplicates("id").set_index("id")["recorded_line"]


def _stop_reasons(parts: pd.DataFrame, lines: pd.DataFrame, rules: Rules) -> pd.Series:
    """The recorded reason of the drug that stopped last, of those that ended with the line and did not go on."""
    end = parts["id"].map(lines["next_start"]) + rules["regimen_days"]
    stopped = parts[(parts["stop"] < FOREVER) & (parts["stop"] < end)]
    last = stopped[stopped["stop"] == stopped.groupby("id")["stop"].transform("max")].drop_duplicates("id")
    found = last.set_index("id")["stop_reason"].reindex(lines.index)
    unsaid = ~lines.index.isin(last["id"]) & (lines["next_start"] < FOREVER)
    return only(found.where(~unsaid, NEXT_LINE), found.notna() & (lines["stop"] < FOREVER) | unsaid)


def _distinct(parts: pd.DataFrame, column: str) -> pd.Series:
    """The distinct values of each line in alphabetical order, joined."""
    places, distinct = places_of(parts[column])
    known, texts = places >= 0, distinct.sort_values()
    ranks = texts.get_indexer(distinct)[places[known]]
    # The lines and texts as one number each, which sorts by both.
    held = np.sort(pd.unique(parts["id"].to_numpy()[known] * len(texts) + ranks))
    line, rank = np.divmod(held, max(len(texts), 1))
    return joined(pd.Series(texts.to_numpy(dtype=object)[rank], index=pd.Index(line, name="id")), DRUG_SEPARATOR)


# ── class ────────────────────────────────────────────────────────────────────────────────────


def _groups_of_classes(rules: Rules) -> list[str]:
    return sorted({name for names in rules.get("classes", {}).values() for name in names})


def _column(group: str) -> str:
    return f"of_{group}"


def _classes(parts: pd.DataFrame, lines: pd.DataFrame, rules: Rules) -> pd.Series:
    """The first class all of whose groups have a drug in the line."""
    classes = rules.get("classes", {})
    present = parts.groupby("id")[[_column(name) for name in _groups_of_classes(rules)]].any()
    found = pd.Series(OTHER, index=lines.index, dtype=object)
    for name, groups in reversed(classes.items()):
        found[present[[_column(group) for group in groups]].all(axis="columns")] = name
    return found


# ── maintenance ──────────────────────────────────────────────────────────────────────────────


def _maintenance(parts: pd.DataFrame, lines: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """From when (FOREVER if never) each line went on, beyond the window, without a drug of its regimen; with which."""
    last = parts.groupby(["id", "part"])["stop"].max()
    dropped = last.groupby("id").min()
    is_maintained = lines["stop"] - dropped > rules["regimen_days"]
    began = (dropped + 1).where(is_maintained, FOREVER).rename("maintained")
    going_on = parts["stop"] > parts["id"].map(began) - 1 + rules["regimen_days"]
    return pd.DataFrame(began).assign(maintenance_regimen=_distinct(parts[going_on], "drug_id"))


def _dates(days: pd.Series) -> pd.Series:
    """Days from 1970 as dates; missing where FOREVER."""
    dates = days.to_numpy("datetime64[D]").astype("datetime64[ns]")
    return pd.Series(np.where(days < FOREVER, dates, np.datetime64("NaT")), index=days.index)
