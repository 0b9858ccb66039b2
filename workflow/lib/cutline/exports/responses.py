"""The words of response, for the modules beside this one."""

from cutline.response import BEST_FIRST, SLUGS
from cutline.response import DISEASE_CONTROL as CONTROLLED
from cutline.response import OBJECTIVE_RESPONSE as RESPONDING

__all__ = ["BEST_FIRST", "CONTROLLED", "RESPONDING", "SLUGS"]
