"""Records extracted, accepted and set aside, as results."""

from cutline.job import run
from cutline.quality import summarise_quality
from cutline.tables import quarantine, results

run(snakemake, summarise_quality, tables=[quarantine, results])
