"""The source's records as they were known at the data cut-off, with pseudonyms."""

from cutline.job import run
from cutline.sources import extract_snapshot

run(snakemake, extract_snapshot)
