"""Who is in: the ordered criteria give cohort, attrition and ledger."""

from cutline.cohort import select_cohort, variables_asked
from cutline.job import run
from cutline.persons import by_number
from cutline.tables import cohort, covariates, lines, queries

TABLES = [cohort, covariates, lines, queries]
run(snakemake, by_number(select_cohort), tables=TABLES, variables=variables_asked)
