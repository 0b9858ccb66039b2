"""What changed between two cuts, from their released results and the three tables of their patient level."""

from cutline.changes.report import compare_cuts
from cutline.job import run
from cutline.tables import changes, differences, results

run(snakemake, compare_cuts, tables=[results, changes, differences])
