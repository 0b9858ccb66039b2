"""Results in sentences: the wording is chosen by the data, every number is a look-up."""

from __future__ import annotations

from cutline.manuscript.findings import abstract, baseline, flow, response, safety, survival

GENERATED = {
    "results.flow": flow.flow,
    "results.baseline": baseline.baseline,
    "results.follow_up": survival.follow_up,
    "results.survival": survival.survival,
    "results.response": response.response,
    "results.safety": safety.safety,
    "results.summary": abstract.summary,
    "results.main": abstract.main,
    "results.evidence": abstract.evidence,
    "results.any_adverse_event": abstract.any_adverse_event,
}
