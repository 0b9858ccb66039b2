from cutline.job import run
from cutline.sensitivity import estimate_sensitivity
from cutline.tables import cohort, covariates, endpoints, results

run(snakemake, estimate_sensitivity, tables=[cohort, covariates, endpoints, results])
