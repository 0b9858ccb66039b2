"""Whether this machine's Cutline gives the numbers that other software gave."""

from cutline.certification.agreement import Agreement, agreements

__all__ = ["Agreement", "agreements"]
