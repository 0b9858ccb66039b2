from cutline.display.figures import draw_figures
from cutline.job import run
from cutline.tables import results

run(snakemake, draw_figures, tables=[results])
