from cutline.cox import fit_cox
from cutline.job import run
from cutline.tables import covariates, endpoints, results

run(snakemake, fit_cox, tables=[endpoints, covariates, results])
