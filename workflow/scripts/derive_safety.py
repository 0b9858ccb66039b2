"""Adverse events of the included persons that begin under the study drugs."""

from cutline.job import run
from cutline.persons import by_number
from cutline.safety.derive import derive_safety
from cutline.tables import cohort, lines, queries, safety

run(snakemake, by_number(derive_safety), tables=[cohort, lines, queries, safety])
