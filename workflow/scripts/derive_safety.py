"""Adverse events of the included persons that begin under the study drugs."""

from cutline.job import run
from cutline.persons import by_number
from cutline.safety import derive_safety
from cutline.tables import cohort, safety

run(snakemake, by_number(derive_safety), tables=[cohort, safety])
