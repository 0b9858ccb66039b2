"""A small cohort that every textbook has, for comparisons with other packages."""

import numpy as np

# Freireich and others 1963, weeks of remission: 21 children under 6-mercaptopurine, 21 under placebo.
TIMES = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
                  1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])  # fmt: skip
EVENTS = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, *[1] * 21], dtype=bool)
ARM = np.repeat(["mercaptopurine", "placebo"], 21)
