"""What the schema cannot see of a synthetic trial: names that nothing defines, rates that cannot be."""

from __future__ import annotations

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Part, Study


def unfit_trial(study: Study) -> Faults:
    """Every contradiction in `simulate.trial`, each with its place."""
    trial = study.get("simulate", {}).get("trial")
    if trial is None:
        return
    if "window" not in study:
        yield "window: missing; a synthetic trial is randomised within it"
    elif study["window"]["end"] >= study["default_cutoff"]:
        yield "window: it ends on or after the data cut-off; a synthetic trial is randomised before it"
    for check in (_unfit_names, _unfit_arms, _unfit_rates):
        yield from (f"simulate.trial.{fault}" for fault in check(study, trial))


def _unfit_names(study: Study, trial: Part) -> Faults:
    for key, known in (("arm", study["variables"]), ("endpoint", study["endpoints"]), ("control", trial["arms"])):
        if trial[key] not in known:
            yield f"{key}: found {trial[key]!r}{nearest(trial[key], list(known))}"
    levels = list(study["variables"].get(trial["arm"], {}).get("levels", {}))
    if levels and sorted(levels) != sorted(trial["arms"]):
        yield f"arms: found {', '.join(trial['arms'])}; expected the levels of {trial['arm']}: {', '.join(levels)}"


def _unfit_arms(study: Study, trial: Part) -> Faults:
    for name, arm in trial["arms"].items():
        for drug in arm["drugs"]:
            if drug not in trial["drugs"]:
                yield f"arms.{name}.drugs: unknown drug {drug!r}{nearest(drug, list(trial['drugs']))}"
        if sum(arm["best_response"].values()) > 100:
            yield f"arms.{name}.best_response: more than 100 percent together"
    if 2 * trial["scans"]["window_days"] >= trial["scans"]["every_days"]:
        yield "scans.window_days: expected less than half of every_days; otherwise scans would change places"


def _unfit_rates(study: Study, trial: Part) -> Faults:
    for name, event in trial["adverse_events"].items():
        place = f"adverse_events.{name}.percent"
        if sorted(event["percent"]) != sorted(trial["arms"]):
            yield f"{place}: found {', '.join(event['percent'])}; expected every arm: {', '.join(trial['arms'])}"
        for arm, rates in event["percent"].items():
            if rates["grade_3_or_4"] > rates["any"]:
                yield f"{place}.{arm}: more events of grade 3 or 4 than events of any grade"
