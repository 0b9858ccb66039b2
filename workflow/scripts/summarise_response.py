"""Best overall responses, response and disease control rates."""

from cutline.job import run
from cutline.response import summarise_response
from cutline.tables import cohort, covariates, response, results

run(snakemake, summarise_response, tables=[cohort, covariates, response, results])
