"""The analysis data sets for other programs, and the programs that make the tables from them."""
