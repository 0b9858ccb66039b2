"""Lines of therapy for metastatic disease, from records of drugs."""

from cutline.job import run
from cutline.lines import derive_lines
from cutline.persons import by_number
from cutline.tables import lines, queries

run(snakemake, by_number(derive_lines), tables=[lines, queries], person_by_person=True)
