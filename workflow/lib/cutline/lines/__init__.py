"""Lines of therapy for metastatic disease, from records of drugs with start and stop.

A line is begun by a drug. Drugs that start within `regimen_days` of its start are its regimen, as are drugs begun
earlier that go on beyond that window. A drug that is not of the regimen starts the next line, unless it replaces one of
its class (`substitutions`). A drug of the regimen that is dropped, resumed or given at another dose does not; doses are
not even read. Supportive drugs take no part.
"""

from cutline.lines.derive import derive_lines

__all__ = ["derive_lines"]
