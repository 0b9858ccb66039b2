"""Times to event of the included persons, in days, with the record that ends each."""

from cutline.endpoints.derive import derive_endpoints
from cutline.job import run
from cutline.persons import by_number
from cutline.tables import cohort, endpoints, lines, response

run(snakemake, by_number(derive_endpoints), tables=[cohort, endpoints, lines, response], person_by_person=True)
