"""Whether numbers and statements agree: of the publication a study recomputes, and of the pipeline's own report.

Both are brought into one form (`account`), which every check reads. A check knows no study: what a publication states
is data (`publication.yaml`), what the report states is read from its results and its composed text.
"""
