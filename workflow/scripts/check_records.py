"""Records that pass every check, and the quarantine of those that do not."""

from cutline.job import run
from cutline.quality import check_records
from cutline.tables import quarantine

run(snakemake, check_records, tables=[quarantine])
