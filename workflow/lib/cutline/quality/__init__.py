"""The quality of the records: what is checked, what was found, what is asked, and what came back as a correction."""
