"""Best overall response of the included persons."""

from cutline.job import run
from cutline.response import derive_response
from cutline.tables import cohort, queries, response

run(snakemake, derive_response, tables=[cohort, queries, response])
