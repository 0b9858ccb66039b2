"""Two cuts of a study compared: which records changed, who moved, and what moved each result."""
