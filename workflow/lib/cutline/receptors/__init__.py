"""Receptor status from what pathology reports say.

ER and PR: ASCO/CAP 2020, at least 1 % of nuclei is positive, 1 to 10 % of ER "low positive". HER2: ASCO/CAP 2018,
affirmed 2023; HER2-low (IHC 1+, or 2+ with a negative ISH) is a treatment category within HER2-negative, not a result
class of the guideline. A text that admits two readings is unknown, with its reason and a question: no side is chosen.
"""

from cutline.receptors.her2 import read_her2
from cutline.receptors.hormone import percent_range, read_hormone_receptor
from cutline.receptors.reading import Reading
from cutline.receptors.samples import RECEPTORS, counted_samples, dated_samples, samples_that_differ

__all__ = [
    "RECEPTORS",
    "Reading",
    "counted_samples",
    "dated_samples",
    "percent_range",
    "read_her2",
    "read_hormone_receptor",
    "samples_that_differ",
]
