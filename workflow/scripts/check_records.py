"""Records that pass every check, and the quarantine of those that do not."""

from cutline.job import run
from cutline.quality.check import check_records
from cutline.tables import corrections, quarantine

run(snakemake, check_records, tables=[corrections, quarantine])
