"""The attack: what somebody who knows the rules, two cuts and every relation between counts can work out.

Each count is an integer variable. The published numbers bound variables, or sums of them; the relations bind them. For
each variable the least and the largest value that fit everything are found by integer programming (HiGHS).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

Terms = Mapping[str, int]
LARGEST = 10_000


@dataclass
class Attack:
    """What is known: rows `lowest <= sum of coefficient x count <= highest`."""

    names: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)

    def know(self, terms: Terms, lowest: float = -np.inf, highest: float = np.inf) -> None:
        for name in terms:
            self.names.setdefault(name, len(self.names))
        self.rows.append((terms, lowest, highest))

    def equal(self, whole: str, parts: Iterable[str]) -> None:
        self.know({whole: -1} | dict.fromkeys(parts, 1), 0, 0)

    def at_most(self, small: str, large: str) -> None:
        self.know({large: 1, small: -1}, 0)

    def interval(self, name: str) -> tuple[int, int]:
        """The least and the largest value of one count."""
        constraint = self._constraint()
        return self._extreme(name, 1, constraint), self._extreme(name, -1, constraint)

    def narrow(self, least: int, *, tries: int = 12) -> dict[str, tuple[int, int]]:
        """The counts that are left fewer than `least` possible values, each with the first and the last of them.

        A few solutions far apart show of most counts that they are wide; the others are searched to the end. Raises
        ValueError if nothing fits, that is, if a published number breaks the rules.
        """
        constraint = self._constraint()
        aims = np.random.default_rng(1).normal(size=(tries, len(self.names)))
        found = np.array([self._solved(aim, constraint) for aim in aims])
        narrow = [name for name, place in self.names.items() if np.ptp(found[:, place]) < least - 1]
        limits = {name: (self._extreme(name, 1, constraint), self._extreme(name, -1, constraint)) for name in narrow}
        return {name: (low, high) for name, (low, high) in limits.items() if high - low < least - 1}

    def _constraint(self) -> LinearConstraint:
        return LinearConstraint(self._matrix(), [low for _, low, _ in self.rows], [high for *_, high in self.rows])

    def _matrix(self) -> csr_matrix:
        cells = [(number, self.names[name], value) for number, (terms, *_) in enumerate(self.rows)
                 for name, value in terms.items()]  # fmt: skip
        lines, columns, values = zip(*cells, strict=True)
        return csr_matrix((values, (lines, columns)), shape=(len(self.rows), len(self.names)))

    def _extreme(self, name: str, sign: int, constraint: LinearConstraint) -> int:
        aim = np.zeros(len(self.names))
        aim[self.names[name]] = sign
        return int(self._solved(aim, constraint)[self.names[name]])

    def _solved(self, aim: np.ndarray, constraint: LinearConstraint) -> np.ndarray:
        """The best whole numbers; nearly always those of the linear program without asking for whole ones."""
        for whole in (0, 1):
            found = milp(aim, constraints=constraint, integrality=np.full(len(aim), whole), bounds=Bounds(0, LARGEST))
            if not found.success:
                raise ValueError(f"nothing fits what is published: {found.message}")
            if np.allclose(found.x, np.rint(found.x), atol=1e-6):
                break
        return np.rint(found.x)
