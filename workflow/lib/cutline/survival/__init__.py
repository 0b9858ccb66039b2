"""Kaplan-Meier estimates, their intervals, the log-rank test and follow-up, as results and curves."""

from cutline.survival.estimate import estimate_survival

__all__ = ["estimate_survival"]
