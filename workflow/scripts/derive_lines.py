"""Lines of therapy for metastatic disease, from records of drugs."""

from cutline.job import run
from cutline.lines import derive_lines
from cutline.tables import lines, queries

run(snakemake, derive_lines, tables=[lines, queries])
