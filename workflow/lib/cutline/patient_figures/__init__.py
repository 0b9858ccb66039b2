"""Figures with a mark per person. They are made and kept at patient level, and no report shows them."""

from cutline.patient_figures.draw import draw_patients

__all__ = ["draw_patients"]
