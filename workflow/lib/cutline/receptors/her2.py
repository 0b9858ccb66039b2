"""HER2 status of one sample from its IHC and ISH texts (ASCO/CAP 2018, affirmed 2023)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from cutline.receptors.reading import (
    EQUIVOCAL,
    LOW,
    NEGATIVE,
    NO_ISH,
    NOT_TESTED,
    POSITIVE,
    ZERO,
    Reading,
    conflict,
    unresolved,
)
from cutline.receptors.texts import NUMBER, STATUS_WORDS, Vocabulary, any_of, parted

UNCLEAR = "unclear"
Result = int | str | None
"""An IHC score 0 to 3; or positive, negative or the number of the group of an ISH; `UNCLEAR`; None if not tested."""


@dataclass(frozen=True)
class Test:
    """One test of a sample: its result, and the words beside it that say what HER2 is."""

    result: Result
    words: frozenset[str] = field(default=frozenset())


# ── immunohistochemistry ─────────────────────────────────────────────────────────────────────

_GENE = ("her2", "her-2", "her 2", "her2/neu", "her-2/neu", "her 2/neu", "her2neu", "cerbb2", "c-erbb2", "c-erbb-2",
         "c-erb-b2", "cerb-b2", "c erb b2", "erbb2", "gen", "geni", "gene")  # fmt: skip
IHC_NAMES = any_of((*_GENE, "ihc", "ihk", "immunohistochemistry", "immunhistochemie", "immünohistokimya",
                    "immunohistokimya", "score", "skor", "skoru", "dako", "herceptest", "fish", "ish", "sish", "cish",
                    "dish"))  # fmt: skip
_AMPLIFIED = {
    "amplified": POSITIVE, "amplification positive": POSITIVE, "amplifiye": POSITIVE, "amplifikasyon var": POSITIVE,
    "amplifikasyon pozitif": POSITIVE, "amplifikasyon izlendi": POSITIVE, "amplifikasyon saptandı": POSITIVE,
    "amplifiziert": POSITIVE,
    "not amplified": NEGATIVE, "non-amplified": NEGATIVE, "non amplified": NEGATIVE, "nonamplified": NEGATIVE,
    "unamplified": NEGATIVE, "no amplification": NEGATIVE, "amplification negative": NEGATIVE,
    "amplifiye değil": NEGATIVE, "amplifikasyon yok": NEGATIVE, "amplifikasyon negatif": NEGATIVE,
    "amplifikasyon izlenmedi": NEGATIVE, "amplifikasyon saptanmadı": NEGATIVE,
    "nicht amplifiziert": NEGATIVE, "keine amplifikation": NEGATIVE,
}  # fmt: skip
_WORDS = Vocabulary.of(STATUS_WORDS | _AMPLIFIED)
_SCORES = {f"{before}{score}{after}": score for score in range(4) for before, after in (("", ""), ("", "+"), ("+", ""))}
_SCORES |= {"++": 2, "+++": 3}
_ANY_SCORE = re.compile(r"(?<!\d)(?<!\d\.)[0-3] ?\+|\+ ?[0-3](?![\d.])|\+{2,3}|(?<!\d)(?<!\d\.)[0-3](?![\d.])")


def ihc_score(text: str) -> Result:
    """The IHC score 0 to 3; None if it was not tested; "unclear" for "1-2+" and whatever else is not one score."""
    return _ihc(text).result


@lru_cache(maxsize=1 << 16)
def _ihc(text: str) -> Test:
    """Score and words of an IHC text; a score in a remark may repeat the result but not be another one."""
    written = parted(text, IHC_NAMES, _WORDS)
    if written.empty:
        return Test(None)
    result = written.result or written.remark
    score: Result = _SCORES.get(result.replace(" ", ""), UNCLEAR)
    beside = {_SCORES[found.replace(" ", "")] for found in _ANY_SCORE.findall(written.remark)}
    return Test(score if beside <= {score} else UNCLEAR, written.words)


# ── in situ hybridisation ────────────────────────────────────────────────────────────────────

ISH_NAMES = any_of((*_GENE, "fish", "ish", "sish", "cish", "dish", "result", "sonuç", "ergebnis", "average", "mean",
                    "ortalama", "mittlere", "per cell", "/cell", "/ cell", "per nucleus"))  # fmt: skip
_COPY_WORDS = "copies|copy number|copy|kopya sayisi|kopya|kopien|genkopien|genkopiezahl|signals|signal|sinyal"
_CENTROMERE = re.compile(rf"(?:cep|chr) ?-?17 ?(?:{_COPY_WORDS})?[ :=]*{NUMBER}")
_RATIO = re.compile(rf"(?:ratio|rasyo|orani|oran|quotient)[ :=]*{NUMBER}")
_COPIES = re.compile(rf"(?:{_COPY_WORDS})[ :=]*{NUMBER}|{NUMBER} (?:{_COPY_WORDS})")
_PAIR = re.compile(rf"{NUMBER} ?/ ?{NUMBER}")
_GROUP = re.compile(r"(?:group|grup|gruppe) ?([1-5])(?![\d.])")
_AGAINST = re.compile(r"[/:]? ?(?:cep|chr) ?-?17")
AMPLIFIED_RATIO, FEW_COPIES, MANY_COPIES = 2.0, 4.0, 6.0


def ish_group(ratio: float, copies: float) -> int:
    """The group 1 to 5 of a dual-probe ISH from the ratio HER2/CEP17 and the HER2 copies per cell (ASCO/CAP 2018)."""
    if ratio >= AMPLIFIED_RATIO:
        return 1 if copies >= FEW_COPIES else 2
    if copies >= MANY_COPIES:
        return 3
    return 4 if copies >= FEW_COPIES else 5


def ish_result(text: str) -> Result:
    """The ISH result, positive (group 1) or negative (group 5), or the group 2, 3 or 4, which the IHC resolves.

    None if it was not tested; "unclear" for anything else: a ratio without copies, numbers that cannot be both.
    """
    return _ish(text).result


@lru_cache(maxsize=1 << 16)
def _ish(text: str) -> Test:
    """Result and words of an ISH text; without the numbers, the word is the result."""
    written = parted(text, ISH_NAMES, _WORDS)
    if written.empty:
        return Test(None)
    result, remark = _counted(written.result), _counted(written.remark)
    if not result.rest and (group := _group(result, remark)):
        return Test({1: POSITIVE, 5: NEGATIVE}.get(group, group), written.words)
    definite = len(written.words) == 1 and EQUIVOCAL not in written.words
    contradictory = len([*result.ratios, *remark.ratios]) > 1 or len([*result.copies, *remark.copies]) > 1
    return Test(next(iter(written.words)) if definite and not result.rest and not contradictory else UNCLEAR)


@dataclass(frozen=True)
class Counted:
    """The numbers of an ISH text, and what else it says."""

    ratios: list[float]
    copies: list[float]
    groups: list[int]
    rest: str


def _counted(text: str) -> Counted:
    _, rest = _taken(_CENTROMERE, text)
    groups, rest = _taken(_GROUP, rest)
    ratios, rest = _taken(_RATIO, _AGAINST.sub(" ", rest))
    copies, rest = _taken(_COPIES, rest)
    if pair := _PAIR.fullmatch(rest):
        ratios, copies, rest = [*ratios, float(pair[1])], [*copies, float(pair[2])], ""
    return Counted(ratios, copies, [int(group) for group in groups], rest)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[list[float], str]:
    """The numbers a pattern finds, and the text without them."""
    found = [float(next(filter(None, match.groups()))) for match in pattern.finditer(text)]
    return found, " ".join(pattern.sub(" ", text).split()).strip(" ,;:/=.")


def _group(*parts: Counted) -> int | None:
    """The one group that the numbers of a text say; None if they say none, or several.

    HER2 copies below the ratio would mean less than one chromosome 17 in a cell: then the numbers are others.
    """
    ratios = [ratio for part in parts for ratio in part.ratios]
    copies = [count for part in parts for count in part.copies]
    groups = {group for part in parts for group in part.groups}
    if len(ratios) == len(copies) == 1 and 0 < ratios[0] <= copies[0]:
        groups.add(ish_group(ratios[0], copies[0]))
    return groups.pop() if len(groups) == 1 and len(ratios) < 2 and len(copies) < 2 else None


# ── both together ────────────────────────────────────────────────────────────────────────────


def read_her2(ihc_text: str, ish_text: str, levels: Collection[str] = ()) -> Reading:
    """HER2 status of one sample from its IHC and ISH texts: zero, low, positive, or unknown with the reason.

    IHC 2+ needs an ISH; without one it is unresolved, never low (ASCO/CAP 2018), and `equivocal` if `levels` has that.
    An ISH that contradicts an IHC of 0, 1+ or 3+, and a word that contradicts the result, leave the status open.
    """
    return read_tests(*tests_of(ihc_text, ish_text), levels)


def tests_of(ihc_text: str, ish_text: str) -> tuple[Test, Test]:
    """The IHC and the ISH of a sample."""
    return _ihc(ihc_text), _ish(ish_text)


def read_tests(ihc: Test, ish: Test, levels: Collection[str]) -> Reading:
    """HER2 status from the two tests of a sample."""
    if ihc.result is None and ish.result is None:
        return NOT_TESTED
    if UNCLEAR in (ihc.result, ish.result):
        return unresolved(f"{'IHC' if ihc.result == UNCLEAR else 'ISH'} as written is not one result")
    reading = _together(ihc.result, ish.result)
    if not _agree(ihc.words | ish.words, reading.status, ihc.result):
        return conflict(f"{reading.reason}, and a word beside it says otherwise")
    if reading.status == EQUIVOCAL and EQUIVOCAL not in levels:
        return Reading(None, reading.reason, query=NO_ISH)
    return reading


def _agree(words: Collection[str], status: str | None, score: Result) -> bool:
    """Whether the words say what the results say. Nothing but "equivocal" may stand beside IHC 2+ without ISH."""
    meant = {POSITIVE: {POSITIVE}, LOW: {NEGATIVE}, ZERO: {NEGATIVE}}
    fitting = meant.get(str(status), set()) | ({EQUIVOCAL} if score == 2 else set())
    return status is None or set(words) <= fitting


_BY_SCORE: dict[Result, Reading] = {
    0: Reading(ZERO, "IHC 0"),
    1: Reading(LOW, "IHC 1+"),
    2: Reading(EQUIVOCAL, "IHC 2+ without ISH is unresolved", query=NO_ISH),
    3: Reading(POSITIVE, "IHC 3+"),
}
_BY_BOTH: dict[tuple[Result, Result], Reading] = {
    (None, POSITIVE): Reading(POSITIVE, "ISH positive"),
    (None, NEGATIVE): unresolved("ISH negative without IHC: zero and low cannot be told apart"),
    (0, POSITIVE): conflict("IHC 0 and ISH positive contradict each other"),
    (1, POSITIVE): conflict("IHC 1+ and ISH positive contradict each other"),
    (2, NEGATIVE): Reading(LOW, "IHC 2+ and ISH negative"),
    (2, POSITIVE): Reading(POSITIVE, "IHC 2+ and ISH positive"),
    (3, NEGATIVE): conflict("IHC 3+ and ISH negative contradict each other"),
}
_GROUP_WITH_2: dict[Result, str] = {2: LOW, 3: POSITIVE, 4: LOW}
"""ISH group → HER2 status with IHC 2+ (ASCO/CAP 2018, after a second count)."""


def _together(score: Result, ish: Result) -> Reading:
    """What a score and an ISH result say. IHC 0, 1+ and 3+ decide alone, and in groups 2 to 4 too (ASCO/CAP 2018)."""
    if ish in _GROUP_WITH_2:
        if score is None:
            return unresolved(f"ISH group {ish} without IHC, which resolves it")
        status = _GROUP_WITH_2[ish] if score == 2 else _BY_SCORE[score].status
        return Reading(status, f"IHC {score}{'+' if score else ''} and ISH group {ish}")
    return _BY_BOTH.get((score, ish)) or _BY_SCORE[score]
