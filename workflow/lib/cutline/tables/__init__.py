"""Column specs of every table that crosses a step: the data dictionary as code.

One module per dataset, so that an edit reruns only the rules that use it. Each module lists its
specs in `TABLES`; a file is matched to its spec by its stem (`cohort.parquet` is `cohort`).
"""
