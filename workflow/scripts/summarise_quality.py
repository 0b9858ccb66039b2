"""Records extracted, accepted and set aside, their completeness and plausibility, and the query list."""

from cutline.job import run
from cutline.quality.summarise import summarise_quality
from cutline.tables import cohort, corrections, findings, quarantine, queries, results

run(snakemake, summarise_quality, tables=[cohort, corrections, findings, quarantine, queries, results])
