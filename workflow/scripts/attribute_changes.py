"""What changed between two cuts, and why: records, persons, and what moved each headline result."""

from cutline.changes.attribute import attribute_changes
from cutline.job import run
from cutline.tables import changes, cohort, corrections, covariates, endpoints, response, results, safety

run(
    snakemake,
    attribute_changes,
    tables=[changes, cohort, corrections, covariates, endpoints, response, results, safety],
)
