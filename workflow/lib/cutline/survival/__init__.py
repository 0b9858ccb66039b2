"""Kaplan-Meier estimates, their intervals, tests between groups and follow-up, as results and curves."""
