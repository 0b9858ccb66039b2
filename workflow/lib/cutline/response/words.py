"""The words of response, in the orders that matter."""

from __future__ import annotations

WORST_OF_A_DAY = ["NE", "CR", "PR", "SD", "NON-CR/NON-PD", "PD"]
"""From best to worst, for several assessments of one day: what cannot be evaluated yields to what can."""

BEST_FIRST = ["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"]
"""The order in which the best overall response is looked for."""

RESPONDING = ["CR", "PR"]
CONTROLLED = ["CR", "PR", "SD", "NON-CR/NON-PD"]
"""Not progressive; stable disease and neither-nor count from a minimum duration on."""

SLUGS = {"CR": "complete", "PR": "partial", "SD": "stable", "NON-CR/NON-PD": "non_cr_non_pd", "PD": "progressive",
         "NE": "not_evaluable", "MISSING": "missing"}  # fmt: skip
