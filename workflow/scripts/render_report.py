"""The manuscript in every format, from released results alone."""

from cutline.job import run
from cutline.manuscript import render_report
from cutline.tables import concordance, consistency, results

run(snakemake, render_report, tables=[concordance, consistency, results])
