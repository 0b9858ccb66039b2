"""The verbs of the `cutline` command, one module each."""
