from cutline.display.tables import present_tables
from cutline.job import run
from cutline.tables import concordance, results

run(snakemake, present_tables, tables=[concordance, results])
