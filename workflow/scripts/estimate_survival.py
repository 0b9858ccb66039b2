from cutline.job import run
from cutline.survival import estimate_survival
from cutline.tables import covariates, endpoints, results

run(snakemake, estimate_survival, tables=[endpoints, covariates, results])
