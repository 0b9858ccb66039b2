"""Adverse events of the included persons that begin under the study drugs."""

from cutline.job import run
from cutline.safety import derive_safety
from cutline.tables import cohort, safety

run(snakemake, derive_safety, tables=[cohort, safety])
