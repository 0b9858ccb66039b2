"""Errors for the reader: what is wrong, where, found, expected, what to do next.

Each class is one kind of mistake and has its own exit code, so that a scheduler or a script can tell a
misspelt key from a hand-edited result. `job` and `common.smk` turn them into one readable line; every
other exception is a bug of ours and keeps its traceback.
"""

from __future__ import annotations


class StudyError(Exception):
    """A mistake in the study's configuration, source or files that its user can mend."""

    exit_code = 10


class ConfigError(StudyError):
    """The configuration is wrong: unknown study or key, bad date, unknown variable."""

    exit_code = 11


class SourceError(StudyError):
    """The source cannot be read as described: missing file, table or column, wrong encoding."""

    exit_code = 12


class RecordError(StudyError):
    """The records contradict themselves in a way no rule may decide: a patient listed twice."""

    exit_code = 13


class CohortError(StudyError):
    """The question has no answer on these records: an included person has no index date."""

    exit_code = 14


class ProvenanceError(StudyError):
    """A file is not what its record says: edited by hand, or its record is missing."""

    exit_code = 15


class ReportError(StudyError):
    """The manuscript cannot be rendered: an unknown result key, a missing figure."""

    exit_code = 16


class SetupError(StudyError):
    """This machine lacks something that was asked for: Quarto, a package, a right to write."""

    exit_code = 17


class SealedError(StudyError):
    """The cut was sealed, and the run would change it."""

    exit_code = 18
