"""The included persons as data sets for other programs, and the programs that make the tables from them."""

from cutline.exports.write import write_exports
from cutline.job import run
from cutline.tables import cohort, covariates, endpoints, response, safety

run(snakemake, write_exports, tables=[cohort, covariates, endpoints, response, safety])
