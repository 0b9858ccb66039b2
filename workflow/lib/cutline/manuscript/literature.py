"""Published values beside ours, and published trials beside the study: what that shows and what it does not."""

from __future__ import annotations

from cutline.display.captions import endpoint_label
from cutline.display.trial_words import number_text
from cutline.errors import ReportError
from cutline.languages import marked, tell
from cutline.manuscript.context import Context, nearest
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import escaped, heading, in_text, listed, paragraphs, sentences
from cutline.manuscript.shortcodes import Handler, Shortcode
from cutline.trials import Value, values_of

SHOWS = marked(
    "Agreement shows that the definitions, the counting of days, the estimators and the rounding of this program lead "
    "from single records to the printed numbers. It does not show that the publication is right, that its patients "
    "were like these records, or that the treatment works: the program that drew the records and the one that analyses "
    "them share their assumptions, other records print the same values, and what the publication does not print is not "
    "tested."
)
CALIBRATED = marked(
    "The records of this analysis are synthetic and were drawn so that these values recompute at the data cut-off that "
    "the study is configured with."
)
NOT_CALIBRATED = marked(
    "The records of this analysis are synthetic and were not drawn to reproduce these values, so agreement is not to "
    "be expected, and neither agreement nor difference says anything about the publication."
)
OF_REAL_RECORDS = marked(
    "Agreement shows that this analysis arrives at the printed numbers, not that either is right; a difference may lie "
    "in the records, in the data cut-off or in a definition."
)


# ── published values ─────────────────────────────────────────────────────────────────────────


def concordance(context: Context) -> str:
    """What is printed of the cohort beside ours, under its heading; nothing where nothing is published."""
    table = find("table", context, "concordance")
    if table is None or context.disagreeing is None:
        return ""
    title = tell("Agreement with published values")
    beside = tell(
        "Values that were published of this cohort, or of one like it, stand beside ours in {table}.",
        table=reference(table),
    )
    said = sentences([beside, _agreement(context.disagreeing), *map(tell, _meaning(context))])
    return paragraphs([heading(title, "sec-agreement"), said])


def _agreement(disagreeing: int) -> str:
    if disagreeing == 0:
        return tell("Every one of them agrees with ours as closely as it was printed.")
    return tell(
        "Not every one of them agrees with ours; the table says which ones do not, and by how much. At another data "
        "cut-off, or under other definitions than those of the publication, that is to be expected."
    )


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
    cited = "; ".join(f"@{source}" for source in literature["sources"])
    lead = tell(
        "For orientation, {exhibits} set median {endpoint} and what else is reported beside published trials: {trials} "
        "[{cited}].",
        exhibits=_exhibits(context),
        endpoint=in_text(endpoint_label(context.settings, literature["endpoint"])),
        trials=listed([escaped(trial["label"]) for trial in literature["trials"].values()]),
        cited=cited,
    )
    return sentences([lead, tell(NO_COMPARISON), _events(context)])


NO_COMPARISON = marked(
    "This is not a head-to-head comparison. Patients, earlier treatment, calendar years, the schedule of assessments "
    "and the assessor differ, nothing is adjusted for that, and a difference between the medians of two studies is not "
    "an effect of a treatment. Of one trial several values are shown where it was analysed at several data cuts or "
    "assessed by several parties; they do not contradict each other."
)


def _exhibits(context: Context) -> str:
    """The figure of medians and the table of trials."""
    figure = find("figure", context, "context", context.settings["literature"]["endpoint"])
    table = find("table", context, "trials")
    return listed([reference(exhibit) for exhibit in (figure, table) if exhibit])


def _events(context: Context) -> str:
    table = find("table", context, "trial_events")
    if table is None:
        return ""
    chosen = context.settings["literature"]["adverse_events"]
    label = escaped(context.settings["literature"]["trials"][chosen["trial"]]["label"])
    return tell(
        "{table} sets adverse events beside those of {trial}, which is no comparison either: a trial asks for adverse "
        "events at every visit and grades them, and records hold what somebody wrote down.",
        table=reference(table),
        trial=label,
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
