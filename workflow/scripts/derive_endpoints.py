"""Times to event of the included persons, in days, with the record that ends each."""

from cutline.endpoints.derive import derive_endpoints
from cutline.job import run
from cutline.tables import cohort, endpoints, lines, response

run(snakemake, derive_endpoints, tables=[cohort, endpoints, lines, response])
