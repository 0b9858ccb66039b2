"""From results to what a reader sees: numbers, labels, tables, figures."""
