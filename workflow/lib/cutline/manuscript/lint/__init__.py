"""What a text must not say: numbers typed by hand, results that are missing, and words that promise too much."""
