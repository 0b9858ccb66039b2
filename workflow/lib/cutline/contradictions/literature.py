"""The trials that a study shows beside its own results."""

from __future__ import annotations

from pathlib import Path

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Part, Study
from cutline.literature import load_trials
from cutline.trials import ADVERSE_EVENT


def unfit_literature(study: Study, root: Path) -> Faults:
    """Trials, an endpoint, arms, cuts and terms that nobody defines. Raises ConfigError for a faulty file."""
    if "literature" not in study:
        return
    section, found = study["literature"], load_trials(root)
    for name in section["trials"]:
        if name not in found["trials"]:
            yield f"literature.trials: unknown trial {name!r}{nearest(name, list(found['trials']))}"
    endpoint = section["endpoint"]
    curves = [name for name, spec in study["endpoints"].items() if not spec.get("descriptive")]
    known = [name for name in curves if name in found["endpoints"]]
    if endpoint not in known:
        yield (
            f"literature.endpoint: {endpoint!r} is no endpoint with a median in both the study and the trials"
            f"{nearest(endpoint, known)}"
        )
    if "adverse_events" in section:
        yield from _unfit_reference(study, section, found["trials"])


def _unfit_reference(study: Study, section: Part, trials: Part) -> Faults:
    """The trial whose adverse events stand beside the study's."""
    chosen, place = section["adverse_events"], "literature.adverse_events"
    if "safety" not in study:
        yield f"{place}: the study has no section safety, so there is nothing to set beside"
        return
    if chosen["trial"] not in section["trials"]:
        hint = nearest(chosen["trial"], section["trials"])
        yield f"{place}.trial: {chosen['trial']!r} is none of literature.trials{hint}"
        return
    trial = trials.get(chosen["trial"], {"arms": {}, "cuts": {}, "values": []})
    for key, known in (("arm", trial["arms"]), ("cut", trial["cuts"])):
        if chosen[key] not in known:
            yield f"{place}.{key}: unknown {key} {chosen[key]!r}{nearest(chosen[key], list(known))}"
    reported = [value["term"] for value in trial["values"] if value["endpoint"] == ADVERSE_EVENT
                and (value["arm"], value["cut"]) == (chosen["arm"], chosen["cut"])]  # fmt: skip
    ours = list(study["safety"]["terms"])
    for term, theirs in chosen["terms"].items():
        if term not in ours:
            yield f"{place}.terms: {term!r} is none of safety.terms{nearest(term, ours)}"
        if theirs not in reported:
            hint = nearest(theirs, reported)
            yield f"{place}.terms.{term}: the trial reports no {theirs!r} of that arm and cut{hint}"
