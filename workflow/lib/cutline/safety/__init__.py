"""Adverse events under treatment: which count, how many persons had them, how often in time, and between groups."""
