"""Persons with adverse events, by term, organ class, grade and consequence, in time, and between groups."""

from cutline.job import run
from cutline.safety.summarise import summarise_safety
from cutline.tables import cohort, covariates, results, safety

run(snakemake, summarise_safety, tables=[cohort, covariates, safety, results])
