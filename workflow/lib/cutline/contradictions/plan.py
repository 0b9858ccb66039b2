"""What a study says of when its analyses were planned."""

from __future__ import annotations

from cutline.analysis_plan import ANALYSES, SECTION, found
from cutline.contradictions.parts import Faults, Study


def unfit_plan(study: Study) -> Faults:
    """An analysis that is marked post hoc and that the study does not have."""
    for path in study.get(SECTION, {}).get("post_hoc", {}):
        if not found(study, path):
            yield (
                f"{SECTION}.post_hoc: the study has no analysis {path!r}; expected a path such as models.os or "
                f"what_if.<id>, within {', '.join(each for each in ANALYSES if each in study)}"
            )
