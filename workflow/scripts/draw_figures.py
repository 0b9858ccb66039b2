from functools import partial

from cutline.display.figures import draw_figures
from cutline.job import run
from cutline.tables import results

run(snakemake, partial(draw_figures, processes=snakemake.threads), tables=[results])
