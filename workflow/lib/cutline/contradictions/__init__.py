"""What the schema of a study cannot see: names that nothing defines, parts that do not fit together.

Each check is a generator of sentences: the place, what was found, what was expected. They all run before the first
job, so that a mistake costs a second and not the time until the rule that stumbles over it. Every run of Snakemake
waits for them, so nothing here needs pandas.
"""

from __future__ import annotations

from pathlib import Path

from cutline.contradictions.criteria import unfit_criteria
from cutline.contradictions.endpoints import unfit_endpoints
from cutline.contradictions.files import absent_files
from cutline.contradictions.lines import unfit_lines, unfit_queries
from cutline.contradictions.literature import unfit_literature
from cutline.contradictions.models import immortal_time, unfit_sensitivity
from cutline.contradictions.names import unfit_kinds, unfit_models, unfit_tests, unknown_names
from cutline.contradictions.parts import Study
from cutline.contradictions.plan import unfit_plan
from cutline.contradictions.records import unfit_partial_dates, unfit_records
from cutline.contradictions.sections import (
    impossible_dates,
    time_only_limits,
    unfit_quality,
    unfit_report,
    unfit_response,
    unfit_safety,
    unfit_statistics,
)
from cutline.contradictions.trial import unfit_trial
from cutline.contradictions.variables import unfit_text, unfit_variables, untimed


def contradictions(study: Study, root: Path) -> list[str]:
    """Every contradiction in a study that fits its schema, one sentence each; `root` is the project's folder."""
    checks = (unknown_names, unfit_kinds, unfit_models, unfit_tests, unfit_lines, unfit_variables, unfit_text, untimed,
              immortal_time, unfit_sensitivity, unfit_queries, unfit_criteria, unfit_endpoints, unfit_records,
              unfit_partial_dates, impossible_dates, time_only_limits, unfit_response, unfit_safety,
              unfit_statistics, unfit_quality, unfit_trial, unfit_report, unfit_plan)  # fmt: skip
    of_files = (absent_files, unfit_literature)
    return [*(fault for check in checks for fault in check(study)),
            *(fault for check in of_files for fault in check(study, root))]  # fmt: skip
