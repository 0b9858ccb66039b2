"""Response parameters of one person in plain loops, rule by rule, to hold the library's arrays against."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

RANK = {"NE": 1, "CR": 2, "PR": 3, "SD": 4, "NON-CR/NON-PD": 5, "PD": 6}
Answer = tuple[str | None, date | None]


class Visit(NamedTuple):
    day: date
    sequence: int
    response: str


class Parameters(NamedTuple):
    stable: int = 42
    confirmation: int = 28
    not_evaluable: int = 1
    accept_stable: bool = False
    missing_as_not_evaluable: bool = False
    benefit: int | None = None
    truncate: str = "all_records"


def answers(
    visits: list[Visit], reference: date, given: Parameters, new_therapy: date | None, death: date | None
) -> dict[str, Answer]:
    """Every parameter with its date."""
    known = sorted(visit for visit in visits if visit.response in RANK)
    worst = worst_of_days([visit for visit in known if visit.day >= reference])
    reached = up_to_first_progression(known if given.truncate == "all_records" else worst)
    ours = [visit for visit in worst if visit in reached and not (new_therapy and visit.day >= new_therapy)]
    unconfirmed = [(visit, visit.response) for visit in ours if visit.response in ("CR", "PR")]
    confirmed = [(visit, visit.response) for visit in ours if is_confirmed(visit, ours, given)]
    benefit_from = reference + timedelta(days=given.stable if given.benefit is None else given.benefit)
    benefit = [visit for visit in ours if visit.response not in ("PD", "NE") and visit.day >= benefit_from]
    best, confirmed_best = (best_of(found, ours, reference, given) for found in (unconfirmed, confirmed))
    return {
        "PD": first([visit for visit in worst if visit.response == "PD"]),
        "RSP": first([visit for visit, _ in unconfirmed]),
        "CB": first([visit for visit, _ in unconfirmed] + benefit),
        "BOR": best,
        "BCP": ("Y", best[1]) if best[0] in ("CR", "PR") else ("N", None),
        "CRSP": first([visit for visit, _ in confirmed]),
        "CBOR": confirmed_best,
        "CCB": first([visit for visit, _ in confirmed] + benefit),
        "CBCP": ("Y", confirmed_best[1]) if confirmed_best[0] in ("CR", "PR") else ("N", None),
        "DEATH": ("Y", death) if death else ("N", None),
        "LSTA": (worst[-1].response, worst[-1].day) if worst else (None, None),
    }


def worst_of_days(visits: list[Visit]) -> list[Visit]:
    chosen: list[Visit] = []
    for day in sorted({visit.day for visit in visits}):
        of_day = [visit for visit in visits if visit.day == day]
        chosen.append(max(of_day, key=lambda visit: (RANK[visit.response], visit.sequence)))
    return chosen


def up_to_first_progression(visits: list[Visit]) -> list[Visit]:
    reached: list[Visit] = []
    for visit in visits:
        reached.append(visit)
        if visit.response == "PD":
            break
    return reached


def first(visits: list[Visit]) -> Answer:
    return ("Y", min(visit.day for visit in visits)) if visits else ("N", None)


def is_confirmed(visit: Visit, visits: list[Visit], given: Parameters) -> bool:
    confirming = {"CR": ("CR",), "PR": ("CR", "PR")}.get(visit.response)
    if confirming is None:
        return False
    between: list[Visit] = []
    for later in visits:
        if later.day <= visit.day:
            continue
        between.append(later)
        if later.response in confirming and (later.day - visit.day).days >= given.confirmation:
            break
    else:
        return False
    found = [later.response for later in between]
    tolerated = ("NE", "CR") if visit.response == "CR" else ("NE", "CR", "PR", "SD")
    if any(response not in tolerated for response in found) or found.count("NE") > given.not_evaluable:
        return False
    if found.count("SD") > (1 if given.accept_stable else 0):
        return False
    complete = [later.day for later in between if later.response == "CR"]
    partial = [later.day for later in between if later.response == "PR"]
    return not complete or not partial or min(complete) > max(partial)


def best_of(responses: list[tuple[Visit, str]], ours: list[Visit], reference: date, given: Parameters) -> Answer:
    late = reference + timedelta(days=given.stable)
    tried = [
        ("CR", [visit for visit, response in responses if response == "CR"]),
        ("PR", [visit for visit, response in responses if response == "PR"]),
        ("SD", [visit for visit in ours if visit.response in ("CR", "PR", "SD") and visit.day >= late]),
        ("NON-CR/NON-PD", [visit for visit in ours if visit.response == "NON-CR/NON-PD" and visit.day >= late]),
        ("PD", [visit for visit in ours if visit.response == "PD"]),
        ("NE", [visit for visit in ours if visit.response != "PD"]),
    ]
    for name, found in tried:
        if found:
            return name, min(visit.day for visit in found)
    return ("NE" if given.missing_as_not_evaluable else "MISSING"), None
