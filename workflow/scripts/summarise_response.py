"""Best overall responses, response and disease control rates."""

from cutline.job import run
from cutline.response import summarise_response
from cutline.tables import cohort, response, results

run(snakemake, summarise_response, tables=[cohort, response, results])
