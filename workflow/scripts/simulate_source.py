"""The synthetic hospital database, and the truth that the pipeline never reads."""

from cutline.job import run
from cutline.simulate import simulate_source

run(snakemake, simulate_source)
