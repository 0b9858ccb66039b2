"""Best overall response and its relatives: pure functions of a plain table of assessments.

The rules are those of pharmaverse admiralonco 1.0.0, whose answers they reproduce: RECIST 1.1 (Eisenhauer and others
2009, sections 4.4 and 4.6) read as an ordered list of events, of which the first that a person has counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cutline.records import only
from cutline.response.words import CONTROLLED, RESPONDING, WORST_OF_A_DAY, numbered

Truncate = Literal["all_records", "counted_days"]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
YES, NO = "Y", "N"
PLACES = {response: place for place, response in enumerate(WORST_OF_A_DAY)}


@dataclass(frozen=True)
class Rules:
    """The parameters of response. Durations are whole days from the reference date, or from the first response.

    `minimum_stable_days`: stable disease and NON-CR/NON-PD count from that day on (42 is six weeks);
    `confirmation_days`: a response is confirmed by one at least so much later; `max_not_evaluable`: NE tolerated
    between the two; `accept_stable`: whether one SD is tolerated between a PR and what confirms it;
    `missing_as_not_evaluable`: whether no assessment is NE instead of MISSING; `clinical_benefit_days`: the same as
    `minimum_stable_days` for clinical benefit (168 is 24 weeks), by default the same number; `truncate`: what is cut
    off after progression, see `response_parameters`.
    """

    minimum_stable_days: int = 42
    confirmation_days: int = 28
    max_not_evaluable: int = 1
    accept_stable: bool = False
    missing_as_not_evaluable: bool = False
    clinical_benefit_days: int | None = None
    truncate: Truncate = "all_records"


# ── what an outside caller needs ─────────────────────────────────────────────────────────────


def response_parameters(
    visits: pd.DataFrame,
    reference: pd.Series,
    *,
    minimum_stable_days: int = 42,
    confirmation_days: int = 28,
    max_not_evaluable: int = 1,
    accept_stable: bool = False,
    missing_as_not_evaluable: bool = False,
    clinical_benefit_days: int | None = None,
    truncate: Truncate = "all_records",
    new_therapy: pd.Series | None = None,
    deaths: pd.Series | None = None,
) -> pd.DataFrame:
    """Every response parameter of every person of `reference`, one row each: in its order, then in that of the list.

    `visits`: columns patient_id, date (datetime64, or text as `assessment_dates` reads it), response, sequence (what
    can be sorted; orders the assessments of one day); further columns, other persons, other words than CR, PR, SD,
    NON-CR/NON-PD, PD, NE, and blank dates are ignored; row order does not matter. `reference` (randomisation, first
    dose or index date), `new_therapy` (start of the next anticancer therapy) and `deaths`: dates by patient_id, each
    person once; the last two may lack persons.

    1. Of the assessments on or after the reference date the worst of each day counts, in the rising order
       NE, CR, PR, SD, NON-CR/NON-PD, PD; of equals the last in sequence.
    2. Of these days the ones up to and including the first PD count. With `truncate="all_records"` (the order of
       admiralonco) that is the first PD in date and sequence among all records, so that one before the reference date
       leaves nothing, and of a day with two PD, whose second one counts, nothing is left either. With
       `"counted_days"` it is the first PD among the days of step 1, so that earlier lines of therapy do not matter.
    3. Days on or after the new therapy do not count, where one is given.

    On the days that are left, events are tried in the order given here; the first that a person has counts, at its
    earliest day. A window is fulfilled at reference date + days or later.

    | parameter | value |
    |---|---|
    | PD | Y at the first PD of step 1, else N |
    | RSP | Y at the first CR or PR, else N |
    | CB | Y at the first CR or PR, or CR, PR, SD, NON-CR/NON-PD at `clinical_benefit_days` or later; else N |
    | BOR | CR; PR; SD: any of CR, PR, SD at `minimum_stable_days` or later; NON-CR/NON-PD likewise; PD;
      NE: any of CR, PR, SD, NON-CR/NON-PD, NE; else MISSING |
    | BCP | Y if BOR is CR or PR, at its date, else N |
    | CRSP | Y at the first confirmed CR or PR, else N |
    | CBOR | confirmed CR, confirmed PR, then as BOR from SD on, so that an unconfirmed response in the window is SD |
    | CCB | Y at the first confirmed CR or PR, or as CB in the window; else N |
    | CBCP | Y if CBOR is CR or PR, at its date, else N |
    | DEATH | Y at the date in `deaths`, else N; only where `deaths` is given |
    | LSTA | the response of the last day of step 1, PD or not; blank without any |

    A CR is confirmed by the first later CR at least `confirmation_days` after it, if everything in between is CR or NE.
    A PR is confirmed by the first later CR or PR at least so much after it, if everything in between is CR, PR, NE, or
    one SD where `accept_stable`, and no PR comes after a CR from behind the first PR up to the confirming visit.
    In both, `max_not_evaluable` NE are tolerated.

    Returns patient_id, parameter, value, date, sequence (of the assessment it rests on; blank for N and MISSING) and
    reason (of BOR and CBOR).
    """
    rules = Rules(minimum_stable_days, confirmation_days, max_not_evaluable, accept_stable, missing_as_not_evaluable,
                  clinical_benefit_days, truncate)  # fmt: skip
    assessed = Assessed.of(visits, reference, rules, new_therapy)
    found = {name: picked(assessed, name, rules) for name in ("PD", "RSP", "CB", "BOR", "CRSP", "CBOR", "CCB", "LSTA")}
    found |= {"BCP": _is_response(found["BOR"]), "CBCP": _is_response(found["CBOR"])}
    if deaths is not None:
        found["DEATH"] = _deaths(reference, deaths)
    listed = [found[name].assign(parameter=name) for name in ORDER if name in found]
    table = pd.concat([part.rename_axis("patient_id").reset_index() for part in listed], ignore_index=True)
    place = np.argsort(np.tile(np.arange(len(reference)), len(listed)), kind="stable")
    return table.loc[place, ["patient_id", "parameter", "value", "date", "sequence", "reason"]].reset_index(drop=True)


ORDER = ("PD", "RSP", "CB", "BOR", "BCP", "CRSP", "CBOR", "CCB", "CBCP", "DEATH", "LSTA")


def best_overall_response(
    visits: pd.DataFrame,
    reference: pd.Series,
    *,
    minimum_stable_days: int,
    confirmed: bool = False,
    confirmation_days: int = 28,
    max_not_evaluable: int = 1,
    accept_stable: bool = False,
    missing_as_not_evaluable: bool = False,
    truncate: Truncate = "all_records",
    new_therapy: pd.Series | None = None,
) -> pd.DataFrame:
    """The best overall response of each person of `reference`, in its order, unconfirmed or `confirmed`.

    The rules are those of BOR and CBOR in `response_parameters`, which describes the input. Returns columns patient_id,
    best_response, reason, date, sequence; the last two are blank where there is no assessment.
    """
    rules = Rules(minimum_stable_days, confirmation_days, max_not_evaluable, accept_stable, missing_as_not_evaluable,
                  truncate=truncate)  # fmt: skip
    assessed = Assessed.of(visits, reference, rules, new_therapy)
    best = picked(assessed, "CBOR" if confirmed else "BOR", rules)
    table = best.rename_axis("patient_id").reset_index().rename(columns={"value": "best_response"})
    return table[["patient_id", "best_response", "reason", "date", "sequence"]]


def assessment_dates(written: pd.Series) -> pd.Series:
    """Dates as datetime64 from ISO texts; a month without a day (2024-02) is its last day, anything else is blank."""
    texts = written.astype("string").str.strip()
    whole = pd.to_datetime(texts.where(texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}")), format="%Y-%m-%d", errors="coerce")
    month = pd.to_datetime(texts.where(texts.str.fullmatch(r"\d{4}-\d{2}")), format="%Y-%m", errors="coerce")
    return whole.fillna(month + pd.offsets.MonthEnd(0)).astype("datetime64[ns]")


def _as_dates(values: pd.Series) -> pd.Series:
    """Dates as they are; texts as `assessment_dates` reads them."""
    written = pd.api.types.infer_dtype(values, skipna=True) == "string"
    return assessment_dates(values) if written else pd.to_datetime(values)


# ── the assessments that count ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Assessed:
    """One row per person and day on or after the reference date, by person and day; `counts` marks steps 2 and 3.

    `person` is the place of the person in `persons`, `days` the time from the reference date, `response` the place in
    `WORST_OF_A_DAY`.
    """

    persons: pd.Index
    rows: pd.DataFrame
    person: Numbers
    days: Numbers
    response: Numbers
    counts: Flags

    @classmethod
    def of(
        cls, visits: pd.DataFrame, reference: pd.Series, rules: Rules, new_therapy: pd.Series | None = None
    ) -> Assessed:
        """The assessments of the persons of `reference`, by steps 1 to 3 of `response_parameters`."""
        rows = _in_order(visits, reference)
        rows = _worst_of_days(rows.assign(counts=_until_progression(rows))[rows["days"] >= 0])
        if rules.truncate == "counted_days":
            rows["counts"] = _until_progression(rows)
        if new_therapy is not None:
            started = pd.to_datetime(new_therapy.reindex(reference.index)).to_numpy("datetime64[ns]")
            rows["counts"] &= ~(rows["date"].to_numpy() >= started[rows["person"]])
        person, days, response = (rows[name].to_numpy("int64") for name in ("person", "days", "response"))
        return cls(reference.index, rows, person, days, response, rows["counts"].to_numpy(bool))

    def is_evaluable(self) -> Flags:
        """The rows that count and are not NE."""
        holds: Flags = self.counts & (self.response != PLACES["NE"])
        return holds

    def is_one_of(self, responses: list[str]) -> Flags:
        """The rows that count and have one of the responses."""
        holds: Flags = self.counts & np.isin(self.response, [PLACES[response] for response in responses])
        return holds


def _in_order(visits: pd.DataFrame, reference: pd.Series) -> pd.DataFrame:
    """The usable records of the persons asked about, by person, day and sequence.

    `person` and `response` are places in the lists, `days` counts from the reference date.
    """
    person = reference.index.get_indexer(pd.Index(visits["patient_id"]))
    start = np.append(_as_dates(reference).to_numpy("datetime64[ns]"), np.datetime64("NaT"))[person]
    date = _as_dates(visits["date"]).to_numpy("datetime64[ns]")
    response = numbered(visits["response"].astype("category"), PLACES, -1)
    usable = ~np.isnat(date) & ~np.isnat(start) & (response >= 0)
    days = ((date - start)[usable] // np.timedelta64(1, "D")).astype("int64")
    rows = pd.DataFrame({"person": person[usable], "days": days, "date": date[usable],
                         "response": response[usable],
                         "sequence": visits["sequence"].to_numpy()[usable]})  # fmt: skip
    # Sequences are compared within a day only: few days have two records, and texts are slow to sort.
    tied = rows.duplicated(["person", "days"], keep=False).to_numpy()
    place = np.zeros(len(rows), dtype="int64")
    place[tied] = pd.factorize(rows["sequence"][tied], sort=True)[0]
    return rows.iloc[np.lexsort((rows["response"], place, rows["days"], rows["person"]))]


def _until_progression(rows: pd.DataFrame) -> pd.Series:
    """The rows up to and including each person's first progression; rows are in the order of time."""
    progressed = (rows["response"] == PLACES["PD"]).astype("int64")
    return (progressed.groupby(rows["person"]).cumsum() - progressed) == 0


def _worst_of_days(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per person and day: the worst, of equals the last."""
    order = np.lexsort((rows["response"], rows["days"], rows["person"]))
    return rows.iloc[order].drop_duplicates(["person", "days"], keep="last")


# ── events ───────────────────────────────────────────────────────────────────────────────────

Event = tuple[str, Flags, str | npt.NDArray[np.object_]]
"""What a person is who has such a row, which rows those are, and why in words: of all of them, or of each."""


def picked(assessed: Assessed, parameter: str, rules: Rules) -> pd.DataFrame:
    """One parameter of `response_parameters` by its name: index patient_id, columns value, date, sequence, reason."""
    if parameter == "LSTA":
        return _last(assessed)
    events, otherwise, reason = _events(assessed, parameter, rules)
    size = len(assessed.persons)
    row, value, why = np.full(size, -1), np.full(size, otherwise, dtype=object), np.full(size, reason, dtype=object)
    for name, holds, words in events:
        places = np.flatnonzero(holds)
        who, first = np.unique(assessed.person[places], return_index=True)
        new = row[who] < 0
        row[who[new]], value[who[new]] = places[first[new]], name
        why[who[new]] = np.broadcast_to(words, len(holds))[places[first[new]]]
    return _with_assessments(assessed, row).assign(value=value, reason=why)


def _with_assessments(assessed: Assessed, row: Numbers) -> pd.DataFrame:
    """Date and sequence of each person's row; blank at -1."""
    date = np.append(assessed.rows["date"].to_numpy("datetime64[ns]"), np.datetime64("NaT"))[row]
    sequence = np.append(assessed.rows["sequence"].to_numpy(object), np.array([None]))[row]
    return pd.DataFrame({"date": date, "sequence": sequence}, index=assessed.persons)


def _events(assessed: Assessed, parameter: str, rules: Rules) -> tuple[list[Event], str, str]:
    """The events of a parameter in their order, and what a person without any of them is."""
    window = rules.minimum_stable_days if rules.clinical_benefit_days is None else rules.clinical_benefit_days
    benefit = assessed.is_one_of(CONTROLLED) & (assessed.days >= window)
    match parameter:
        case "PD":
            return [(YES, assessed.response == PLACES["PD"], "")], NO, ""
        case "RSP":
            return [(YES, assessed.is_one_of(RESPONDING), "")], NO, ""
        case "CB":
            return [(YES, assessed.is_one_of(RESPONDING) | benefit, "")], NO, ""
        case "CRSP":
            return [(YES, _confirmed_complete(assessed, rules) | _confirmed_partial(assessed, rules), "")], NO, ""
        case "CCB":
            confirmed = _confirmed_complete(assessed, rules) | _confirmed_partial(assessed, rules)
            return [(YES, confirmed | benefit, "")], NO, ""
    nothing = "NE" if rules.missing_as_not_evaluable else "MISSING"
    events = _best_if_confirmed(assessed, rules) if parameter == "CBOR" else _best(assessed)
    return [*events, *_best_without_response(assessed, rules)], nothing, "no assessment on or after the index date"


def _best(assessed: Assessed) -> list[Event]:
    return [("CR", assessed.is_one_of(["CR"]), "complete response before any progression"),
            ("PR", assessed.is_one_of(["PR"]), "partial response before any progression")]  # fmt: skip


def _best_if_confirmed(assessed: Assessed, rules: Rules) -> list[Event]:
    later = f"confirmed {rules.confirmation_days} days later or more"
    return [("CR", _confirmed_complete(assessed, rules), f"complete response, {later}"),
            ("PR", _confirmed_partial(assessed, rules), f"partial response, {later}")]  # fmt: skip


def _best_without_response(assessed: Assessed, rules: Rules) -> list[Event]:
    """From stable disease on; what is left for NE was seen too early, or was NE."""
    late = assessed.days >= rules.minimum_stable_days
    early = assessed.is_one_of(CONTROLLED)
    short = f"stable for less than {rules.minimum_stable_days} days and nothing later"
    of_who = np.isin(assessed.person, assessed.person[early])
    return [
        ("SD", assessed.is_one_of([*RESPONDING, "SD"]) & late, "stable for the minimum duration"),
        ("NON-CR/NON-PD", assessed.is_one_of(["NON-CR/NON-PD"]) & late,
         "neither response nor progression for the minimum duration"),
        ("PD", assessed.is_one_of(["PD"]), "progression without a better response before"),
        ("NE", early | assessed.is_one_of(["NE"]), np.where(of_who, short, "no evaluable assessment").astype(object)),
    ]  # fmt: skip


def _is_response(best: pd.DataFrame) -> pd.DataFrame:
    responds = best["value"].isin(RESPONDING)
    none = only(best["sequence"], responds)
    return best.assign(value=np.where(responds, YES, NO), date=best["date"].where(responds), sequence=none, reason="")


def _last(assessed: Assessed) -> pd.DataFrame:
    """The last day of step 1, which may be after progression."""
    row = np.full(len(assessed.persons), -1)
    row[assessed.person] = np.arange(len(assessed.person))
    words = np.array([*WORST_OF_A_DAY, None], dtype=object)
    value = words[np.append(assessed.response, -1)[row]]
    return _with_assessments(assessed, row).assign(value=value, reason="")


def _deaths(reference: pd.Series, deaths: pd.Series) -> pd.DataFrame:
    dates = pd.to_datetime(deaths.reindex(reference.index))
    died = np.where(dates.notna(), YES, NO)
    return pd.DataFrame({"value": died, "date": dates, "sequence": None, "reason": ""}, index=reference.index)


# ── confirmation ─────────────────────────────────────────────────────────────────────────────


def _confirmed_complete(assessed: Assessed, rules: Rules) -> Flags:
    """The rows whose complete response is confirmed."""
    last = _confirming(assessed, ["CR"], rules.confirmation_days)
    between = _Between(assessed, last)
    tolerated = between.count(["NE"]) <= rules.max_not_evaluable
    return assessed.is_one_of(["CR"]) & (last >= 0) & tolerated & between.all_in(["CR", "NE"])


def _confirmed_partial(assessed: Assessed, rules: Rules) -> Flags:
    """The rows whose partial response is confirmed."""
    last = _confirming(assessed, RESPONDING, rules.confirmation_days)
    between = _Between(assessed, last)
    tolerated = (between.count(["NE"]) <= rules.max_not_evaluable) & (between.count(["SD"]) <= rules.accept_stable)
    only = between.all_in([*RESPONDING, "SD", "NE"])
    return assessed.is_one_of(["PR"]) & (last >= 0) & tolerated & only & ~between.partial_after_complete()


def _confirming(assessed: Assessed, responses: list[str], confirmation_days: int) -> Numbers:
    """For every row that of the same person's first later such response at least so many days after it; -1 if none."""
    confirming = np.flatnonzero(assessed.is_one_of(responses))
    if not len(confirming):
        return np.full(len(assessed.person), -1)
    # One number orders persons and days alike, so that one binary search serves everybody.
    room = int(assessed.days.max()) + confirmation_days + 2
    when = assessed.person * room + assessed.days
    wanted = when + max(confirmation_days, 1)
    place = np.searchsorted(when[confirming], wanted)
    found = confirming[np.minimum(place, len(confirming) - 1)]
    there = (place < len(confirming)) & (assessed.person[found] == assessed.person)
    return np.where(there, found, -1)


class _Between:
    """What lies behind each row up to and including the row `last` of the same person; meaningless where that is -1."""

    def __init__(self, assessed: Assessed, last: Numbers) -> None:
        self.assessed, self.last, self.size = assessed, last, len(last)

    def count(self, responses: list[str]) -> Numbers:
        up_to = np.cumsum(self.assessed.is_one_of(responses))
        difference: Numbers = up_to[self.last] - up_to
        return difference

    def all_in(self, responses: list[str]) -> Flags:
        return np.asarray(self.count(responses) == self.last - np.arange(self.size))

    def partial_after_complete(self) -> Flags:
        """Whether both are there and not every partial response comes before the first complete one."""
        rows = np.arange(self.size)
        complete, partial = (self.assessed.is_one_of([name]) for name in RESPONDING)
        at_or_after = np.where(complete, rows, self.size)[::-1]
        next_complete = np.append(np.minimum.accumulate(at_or_after)[::-1], self.size)[1:]
        last_partial = np.maximum.accumulate(np.where(partial, rows, -1))[self.last]
        both = (next_complete <= self.last) & (last_partial > rows)
        return np.asarray(both & (last_partial > next_complete))
