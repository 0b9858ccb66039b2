"""Every variable of the study for every screened person, with the record behind it."""

from cutline.covariates import derive_covariates
from cutline.job import run
from cutline.tables import covariates, lines, queries

run(snakemake, derive_covariates, tables=[covariates, lines, queries], person_by_person=True)
