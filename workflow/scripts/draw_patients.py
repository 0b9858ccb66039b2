"""Waterfall and swimmer plot of the included persons."""

from cutline.job import run
from cutline.patient_figures import draw_patients
from cutline.tables import cohort, follow_up, response, treatments

run(snakemake, draw_patients, tables=[cohort, follow_up, response, treatments])
