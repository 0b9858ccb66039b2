"""The flow of persons and their baseline characteristics."""

from cutline.baseline import summarise_baseline
from cutline.job import run
from cutline.tables import cohort, covariates, results

run(snakemake, summarise_baseline, tables=[cohort, covariates, results])
