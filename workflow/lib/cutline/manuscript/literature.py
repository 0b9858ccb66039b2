"""Published values beside ours, and published trials beside the study: what that shows and what it does not."""

from __future__ import annotations

from cutline.display.captions import endpoint_label
from cutline.display.trial_words import number_text
from cutline.errors import ReportError
from cutline.manuscript.context import Context, nearest
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import escaped, in_text, listed, paragraphs, sentences
from cutline.manuscript.shortcodes import Handler, Shortcode
from cutline.trials import Value, values_of

SHOWS = (
    "Agreement shows that the definitions, the counting of days, the estimators and the rounding of this program lead "
    "from single records to the printed numbers. It does not show that the publication is right, that its patients "
    "were like these records, or that the treatment works: the program that drew the records and the one that analyses "
    "them share their assumptions, other records print the same values, and what the publication does not print is not "
    "tested."
)
CALIBRATED = (
    "The records of this analysis are synthetic and were drawn so that these values recompute at the data cut-off that "
    "the study is configured with."
)
NOT_CALIBRATED = (
    "The records of this analysis are synthetic and were not drawn to reproduce these values, so agreement is not to "
    "be expected, and neither agreement nor difference says anything about the publication."
)
OF_REAL_RECORDS = (
    "Agreement shows that this analysis arrives at the printed numbers, not that either is right; a difference may lie "
    "in the records, in the data cut-off or in a definition."
)


# ── published values ─────────────────────────────────────────────────────────────────────────


def concordance(context: Context) -> str:
    """What is printed of the cohort beside ours, under its heading; nothing where nothing is published."""
    table = find("table", context, "concordance")
    if table is None or context.disagreeing is None:
        return ""
    said = (
        "Every one of them agrees with ours as closely as it was printed."
        if context.disagreeing == 0
        else "Not every one of them agrees with ours; the table says which ones do not, and by how much. At another "
        "data cut-off, or under other definitions than those of the publication, that is to be expected."
    )
    beside = f"The values that a publication prints of a cohort like this one stand beside ours in {reference(table)}."
    heading = "## Agreement with published values {#sec-agreement}"
    return paragraphs([heading, sentences([beside, said, *_meaning(context)])])


def _meaning(context: Context) -> list[str]:
    if not context.settings.get("synthetic"):
        return [OF_REAL_RECORDS]
    calibrated = context.settings.get("simulate", {}).get("calibrate", True)
    return [CALIBRATED, SHOWS] if calibrated else [NOT_CALIBRATED]


# ── published trials ─────────────────────────────────────────────────────────────────────────


def trials(context: Context) -> str:
    """The trials that stand beside the study, and why that compares nothing; nothing where the study names none."""
    if "literature" not in context.settings:
        return ""
    literature = context.settings["literature"]
    names = [escaped(trial["label"]) for trial in literature["trials"].values()]
    cited = "; ".join(f"@{source}" for source in literature["sources"])
    figure = find("figure", context, "context", literature["endpoint"])
    table = find("table", context, "trials")
    shown = " and ".join(reference(exhibit) for exhibit in (figure, table) if exhibit)
    name = in_text(endpoint_label(context.settings, literature["endpoint"]))
    return sentences(
        [
            f"For orientation, {shown} set median {name} and what else is reported beside published trials: "
            f"{listed(names)} [{cited}].",
            "This is not a head-to-head comparison. Patients, earlier treatment, calendar years, the schedule of "
            "assessments and the assessor differ, nothing is adjusted for that, and a difference between the medians "
            "of two studies is not an effect of a treatment. Of one trial several values are shown where it was "
            "analysed at several data cuts or assessed by several parties; they do not contradict each other.",
            _events(context),
        ]
    )


def _events(context: Context) -> str:
    table = find("table", context, "trial_events")
    if table is None:
        return ""
    chosen = context.settings["literature"]["adverse_events"]
    label = escaped(context.settings["literature"]["trials"][chosen["trial"]]["label"])
    return (
        f"{reference(table)} sets adverse events beside those of {label}, which is no comparison either: a trial asks "
        "for adverse events at every visit and grades them, and records hold what somebody wrote down."
    )


# ── a number of a trial in the text ──────────────────────────────────────────────────────────


def trial_handler(context: Context) -> Handler:
    """The handler of `trial`: a published number by trial, arm, endpoint, data cut and assessor.

    `statistic` and `population`, and of adverse events `term` and `grade`, may be given as options; without them it is
    the median of all patients of the arm.
    """

    def handle(shortcode: Shortcode) -> str:
        shortcode.only("statistic", "population", "term", "grade", arguments=(5,))
        found = _named(shortcode, context)
        if len(found) != 1:
            raise ReportError(
                f"{shortcode.place}: trial {' '.join(shortcode.arguments)!r}: expected one value in "
                f"config/literature/trials.yaml that was read somewhere, found {len(found)}"
            )
        return escaped(number_text(found[0]))

    return handle


def _named(shortcode: Shortcode, context: Context) -> list[Value]:
    trial, *rest = shortcode.arguments
    known = context.settings.get("literature", {}).get("trials", {})
    if trial not in known:
        raise ReportError(f"{shortcode.place}: literature.trials has no {trial!r}{nearest(trial, known)}")
    wanted = dict(zip(("arm", "endpoint", "cut", "assessor"), rest, strict=True)) | {"statistic": "median"}
    options = wanted | dict(shortcode.options)
    values = [value for _, value in values_of({"trials": {trial: known[trial]}}, **options)]
    return [value for value in values if ("population" in value) == ("population" in options)]


GENERATED = {"results.concordance": concordance, "discussion.trials": trials}
