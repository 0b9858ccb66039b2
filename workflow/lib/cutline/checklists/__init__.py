"""Guidelines of reporting as data, and which of their items a composed report meets."""
