from cutline.display.tables import present_tables
from cutline.job import run
from cutline.tables import results

run(snakemake, present_tables, tables=[results])
