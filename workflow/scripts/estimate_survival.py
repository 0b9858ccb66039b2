from cutline.job import run
from cutline.survival.estimate import estimate_survival
from cutline.tables import covariates, endpoints, results

run(snakemake, estimate_survival, tables=[endpoints, covariates, results])
