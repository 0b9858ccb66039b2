from cutline.disclosure.release import release_results
from cutline.job import run
from cutline.tables import concordance, results

run(snakemake, release_results, tables=[concordance, results])
