"""The study's variables: one value per screened person and variable, with the record behind it.

Each kind of derivation (`derive` in study.yaml) is one function of `cutline.covariates.derive.DERIVATIONS`. They work
on whole columns: a variable is a frame with one row per screened person (index patient_id, sorted), unknown ones with
their reason.
"""

from cutline.covariates.derive import derive_covariates

__all__ = ["derive_covariates"]
