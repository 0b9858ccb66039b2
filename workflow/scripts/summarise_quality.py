"""Records extracted, accepted and set aside, as results, and the query list."""

from cutline.job import run
from cutline.quality import summarise_quality
from cutline.tables import quarantine, queries, results

run(snakemake, summarise_quality, tables=[quarantine, queries, results])
