"""Response of each assessment by RECIST 1.1, and best overall response of the included persons."""

from cutline.job import run
from cutline.persons import by_number
from cutline.response.derive import derive_response, variables_asked
from cutline.tables import cohort, covariates, imaging, queries, response

TABLES = [cohort, covariates, imaging, queries, response]
run(snakemake, by_number(derive_response), tables=TABLES, person_by_person=True, variables=variables_asked)
