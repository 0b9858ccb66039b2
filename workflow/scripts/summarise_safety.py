"""Persons with adverse events, by term, grade and consequence."""

from cutline.job import run
from cutline.safety import summarise_safety
from cutline.tables import cohort, results, safety

run(snakemake, summarise_safety, tables=[cohort, safety, results])
